"""Where a round works: its campaigns, its variants, its folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from annotation import memberships
from annotation.models import Role
from exports import actions as exports
from preferences.actions import batches, campaigns, guidelines, sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.choices import Track
from preferences.models import Batch, Campaign, Prompt, Variant
from preferences.weeks import week_of
from webapp.accounts.models import User
from webapp.demo import prompts, setting, work
from webapp.demo.raters import Rater, raters
from webapp.demo.setting import MAX_TOKENS, Accounts
from webapp.demo.stages import ANNOTATORS, SEED
from webapp.round.wordings import in_words
from workers.rewards.errors import RewardError

BASE, FIRST = "tiny-late", "tiny-early"  # the demo's variants
FRIENDLY, FRIENDLY_PROMPT = "tiny-late-friendly", "You are a friendly helper."
TEMPERATURE = 0.7  # until it is tuned
SPREAD = 0.3  # of temperatures: a reward model that sees no rambling answers does not know that they are worse


@dataclass(frozen=True)
class People:
    manager: User
    crew: list[Rater]
    accounts: Accounts


def people() -> People:
    crew = raters(ANNOTATORS, seed=SEED)
    accounts = setting.load_accounts(crew)
    return People(accounts.user("manager"), crew, accounts)


def folder(number: int) -> Path:
    return Path(settings.VAR_DIR) / "rounds" / str(number)


def demo_variants() -> dict[str, Variant]:
    found = Variant.objects.in_bulk([BASE, FIRST], field_name="name")
    if len(found) < 2 or not Batch.objects.exists():
        raise RewardError("The demo has not run here yet: run “make demo” first, then “make round”.")
    return found


def friendly(base: Variant) -> Variant:
    """The same weights under a system prompt: what the base variant is compared with before the first round."""
    return variants.register(
        name=FRIENDLY,
        engine=base.engine,
        location=base.location,
        iteration=base.iteration,
        system_prompt=FRIENDLY_PROMPT,
        max_tokens=MAX_TOKENS,
        by=None,
    )


def campaigns_of_the_loop(at_work: People) -> list[Campaign]:
    """One a track, for all rounds; made where they are not there yet."""
    return [_found_or_opened(track, at_work) for track in Track]


def _found_or_opened(track: Track, at_work: People) -> Campaign:
    slug = f"loop-{track}"
    if found := Campaign.objects.filter(slug=slug).first():
        return found
    manager = at_work.manager
    campaign = campaigns.create(
        slug=slug, name=f"{track.label} loop", track=track, temperature_spread=SPREAD, by=manager
    )
    guidelines.publish(campaign=campaign, text=prompts.guideline(track), by=manager)
    base = Variant.objects.get(name=BASE)
    terms = Terms(first_temperature=TEMPERATURE, second_temperature=TEMPERATURE, tuned=True)
    sampling_plans.add(campaign=campaign, first=base, second=friendly(base), terms=terms, by=manager)
    campaigns.open_for_work(campaign=campaign, by=manager)
    memberships.add(user=manager, campaign=campaign, role=Role.MANAGER, by=manager)
    for rater in at_work.crew:
        memberships.add(user=at_work.accounts.user(rater.name), campaign=campaign, role=Role.ANNOTATOR, by=manager)
    return campaign


def ask(found: Sequence[Campaign], wordings: Sequence[str], *, by: User) -> None:
    """Submits the prompts in these wordings, each campaign those of its track, and asks for their pairs; once."""
    for campaign in found:
        wanted = in_words(wordings, campaign.track)
        known = set(Prompt.objects.filter(campaign=campaign).values_list("text", flat=True))
        work.submit_prompts(campaign, [prompt for prompt in wanted if prompt.text not in known], by=by)


def seal_and_export(name: str, found: Sequence[Campaign], *, by: User) -> Path:
    """The directory of the exported batch, which is sealed where it is not yet."""
    batch = Batch.objects.filter(name=name).first() or batches.seal(
        week=week_of(timezone.now()), campaigns=found, by=by, name=name
    )
    path = Path(settings.EXPORTS_DIR) / f"{batch.name}-{batch.sha256[:8]}"
    if not path.exists():
        exports.write(export=exports.request(batch=batch, format="trl", margin="small", by=by), out=path)
    return path


def exported() -> list[Path]:
    """All batches that the demo and the rounds before exported, the oldest first."""
    paths = [Path(settings.EXPORTS_DIR) / f"{one.name}-{one.sha256[:8]}" for one in Batch.objects.order_by("sealed_at")]
    return [path for path in paths if path.is_dir()]
