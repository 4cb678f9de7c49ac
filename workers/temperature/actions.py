"""Sweeps over temperatures: asked for by people and by rounds that open. What becomes of them is `holding`'s."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from preferences import lifecycle
from preferences.actions import events, variants
from preferences.choices import RewardStatus, SweepStatus, VariantStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, SamplingPair, Turn, Variant
from preferences.models.variants import MOST_TEMPERATURE
from workers.engines.base import LARGEST_SEED
from workers.models import RewardModel, Round, TemperatureSweep
from workers.models.temperatures import MOST_ANSWERS, MOST_POINTS, MOST_PROMPTS

if TYPE_CHECKING:
    from webapp.accounts.models import User

GRID = tuple(tenths / 10 for tenths in range(1, 16))  # 0.1 to 1.5, as the paper's Figure 21
ANSWERS, PROMPTS = 25, 50
BEST_OF = 10  # the least number of answers that the paper gives its best temperature for

UNFINISHED = (SweepStatus.WAITING, SweepStatus.RUNNING)


@transaction.atomic
def request(
    *,
    variant: Variant,
    campaign: Campaign,
    by: User | None,
    grid: Sequence[float] = GRID,
    answers: int = ANSWERS,
    prompts: int = PROMPTS,
    best_of: int | None = None,
    seed: int | None = None,
    of_round: Round | None = None,
) -> TemperatureSweep:
    """Notes that a variant is to be measured on the campaign's prompts, by the newest reward model of its track.

    Conflict where there is no reward model, no prompt, or a sweep that is not over yet.
    """
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)  # a double click waits, and then sees the first
    points = sorted({float(point) for point in grid})
    _check_sizes(points, answers, prompts, best_of)
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise InvalidInput(_("A seed is a whole number from 0 to %(most)d.") % {"most": LARGEST_SEED}, field="seed")
    _check_variant(variant)
    model = reward_model_of(campaign)
    if model is None:
        raise Conflict(
            _(
                "No reward model of the track “%(track)s” is trained yet: train one first. "
                "The plan's range serves until then."
            )
            % {"track": campaign.get_track_display()}
        )
    _check_alone(variant, campaign)
    seed = random.SystemRandom().randrange(2**31) if seed is None else seed
    sweep = TemperatureSweep.objects.create(
        variant=variant,
        campaign=campaign,
        round=of_round,
        reward_model=model,
        grid=points,
        answers=answers,
        best_of=min(BEST_OF, answers) if best_of is None else best_of,
        top_p=_top_p(campaign, variant),
        prompts=_drawn(campaign, prompts, seed),
        seed=seed,
        requested_by=by,
    )
    events.record(
        "temperature_sweep.requested",
        sweep,
        by=by,
        campaign=campaign,
        variant=variant.name,
        grid=points,
        answers=answers,
    )
    return sweep


def request_for_round(*, round: Round, by: User | None) -> list[TemperatureSweep]:
    """Asks for a sweep of every active variant of the plan, and of the new one.

    Those being measured already are left, and those that the newest reward model has measured.

    None, and nothing is refused, where no reward model is trained or no prompt written: the plan's range serves.
    """
    campaign = round.campaign
    model = reward_model_of(campaign)
    if model is None or not _first_prompts(campaign).exists():
        return []
    lines = SamplingPair.objects.filter(campaign=campaign, paused=False).values_list("first", "second")
    found = Variant.objects.filter(
        pk__in={round.new_id, *(pk for line in lines for pk in line)}, status=VariantStatus.ACTIVE
    ).exclude(engine=variants.IMPORTED)
    measured = TemperatureSweep.objects.filter(campaign=campaign, reward_model=model, status=SweepStatus.DONE)
    known = (unfinished().filter(campaign=campaign) | measured).values("variant")
    free = found.exclude(pk__in=known)
    return [request(variant=one, campaign=campaign, by=by, of_round=round) for one in free.order_by("pk")]


def reward_model_of(campaign: Campaign) -> RewardModel | None:
    """The newest trained one of the campaign's track."""
    trained = RewardModel.objects.filter(track=campaign.track, status=RewardStatus.TRAINED)
    return trained.order_by("-finished_at").first()


def campaigns_of(variant: Variant) -> QuerySet[Campaign]:
    """Those whose sampling plan has the variant."""
    lines = SamplingPair.objects.filter(Q(first=variant) | Q(second=variant))
    return Campaign.objects.filter(pk__in=lines.values("campaign")).order_by("name")


def unfinished() -> QuerySet[TemperatureSweep]:
    return TemperatureSweep.objects.filter(status__in=UNFINISHED)


@transaction.atomic
def retry(*, sweep: TemperatureSweep, by: User | None) -> None:
    """A failed sweep waits for a worker once more; the temperatures that are done stay."""
    Campaign.objects.select_for_update(no_key=True).get(pk=sweep.campaign_id)
    held = TemperatureSweep.objects.select_for_update().get(pk=sweep.pk)
    if held.status != SweepStatus.FAILED:  # a double click
        return
    _check_alone(held.variant, held.campaign)
    lifecycle.advance(held, SweepStatus.WAITING, attempts=0, finished_at=None)
    events.record("temperature_sweep.retried", held, by=by, campaign=held.campaign)


def _check_sizes(points: Sequence[float], answers: int, prompts: int, best_of: int | None) -> None:
    if not points or len(points) > MOST_POINTS or not all(0 < point <= MOST_TEMPERATURE for point in points):
        raise InvalidInput(
            _("Name from 1 to %(points)d temperatures, each above 0 and at most %(most)s.")
            % {"points": MOST_POINTS, "most": f"{MOST_TEMPERATURE:g}"},
            field="grid",
        )
    if not 1 <= answers <= MOST_ANSWERS:
        raise InvalidInput(
            _("Answers to a prompt are a whole number from 1 to %(most)d.") % {"most": MOST_ANSWERS}, field="answers"
        )
    if not 1 <= prompts <= MOST_PROMPTS:
        raise InvalidInput(
            _("Prompts are a whole number from 1 to %(most)d.") % {"most": MOST_PROMPTS}, field="prompts"
        )
    if best_of is not None and not 1 <= best_of <= answers:
        raise InvalidInput(
            _("The best is picked of 1 to %(answers)d answers: no more are sampled.") % {"answers": answers},
            field="best_of",
        )


def _check_variant(variant: Variant) -> None:
    if variant.engine == variants.IMPORTED or variant.status != VariantStatus.ACTIVE:
        raise Conflict(_("“%(variant)s” cannot be sampled: it is imported or retired.") % {"variant": variant})


def _check_alone(variant: Variant, campaign: Campaign) -> None:
    if unfinished().filter(variant=variant, campaign=campaign).exists():
        raise Conflict(_("“%(variant)s” is being measured already; wait for it to end.") % {"variant": variant})


def _top_p(campaign: Campaign, variant: Variant) -> float:
    """As the campaign's plan samples the variant; a line that follows the sweeps comes first."""
    lines = campaign.sampling_plan.filter(Q(first=variant) | Q(second=variant)).order_by("-tuned", "pk")
    line = lines.first()
    return 1.0 if line is None else line.top_p


def _first_prompts(campaign: Campaign) -> QuerySet[Turn]:
    """Turns that begin a dialogue from nothing: what a later prompt means depends on the answers before it."""
    return Turn.objects.filter(dialogue__campaign=campaign, index=0, dialogue__context=[])


def _drawn(campaign: Campaign, number: int, seed: int) -> list[int]:
    """Prompts of the campaign, of those that are the same but for case and white space one."""
    found = _first_prompts(campaign).order_by("-prompt_id").values_list("prompt__family", "prompt_id")
    by_family = sorted(dict(found).values())  # of a family the first prompt
    if not by_family:
        raise Conflict(
            _("“%(campaign)s” has no prompts yet: temperatures are measured on what people ask.")
            % {"campaign": campaign}
        )
    return random.Random(seed).sample(by_family, min(number, len(by_family)))
