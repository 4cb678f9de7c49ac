"""Sets for fine-tuning, made by sampling: asked for, sampled beside this process, and recorded."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction

from preferences.actions import events
from preferences.choices import SweepStatus, TuningSetKind
from preferences.models import Campaign, Variant
from workers import plans
from workers.engines.base import InvalidRequest, SamplingParams
from workers.models import RewardModel, TemperatureSweep, TuningSet
from workers.rewards import running
from workers.rewards.errors import RewardError
from workers.temperature.actions import reward_model_of
from workers.tuning import folders
from workers.tuning.candidates import Speaker
from workers.tuning.prompts import Wanted
from workers.tuning.recipe import Recipe

if TYPE_CHECKING:
    from webapp.accounts.models import User

REJECTION, GHOSTS = "workers.tuning.rejection", "workers.tuning.ghost_attention"
TUNING, REPORT = "workers.tuning.training", "tuning.json"
SEED = 7

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where prompts come from: sealed batches of campaigns, or a file."""

    campaigns: Sequence[Campaign] = ()
    file: Path | None = None

    def rows(self, wanted: Wanted) -> Iterator[dict[str, Any]]:
        yield from wanted.of_campaigns(self.campaigns) if self.file is None else wanted.of_file(self.file)


def speaker(variant: Variant, *, campaigns: Sequence[Campaign], temperature: float | None, top_p: float) -> Speaker:
    """A variant as it is asked, at T* of its newest sweep unless told otherwise, or as the campaigns' plans have it.

    RewardError where the temperature or top-p is none.
    """
    if temperature is None:
        temperature = temperature_of(variant, campaigns)
    try:
        SamplingParams(temperature=temperature, top_p=top_p, max_tokens=variant.max_tokens, seed=SEED)
    except InvalidRequest as error:
        raise RewardError(str(error)) from None
    return Speaker(
        variant=variant.name,
        engine=variant.engine,
        location=variant.location,
        temperature=temperature,
        top_p=top_p,
        max_tokens=variant.max_tokens,
        chat_template=variant.chat_template,
        system_prompt=variant.system_prompt,
        max_prompt_tokens=variant.longest_prompt,
        weights_sha256=variant.weights_hash,
    )


def temperature_of(variant: Variant, campaigns: Sequence[Campaign]) -> float:
    """T* of the newest sweep, of these campaigns if there are any; else the plan's."""
    sweeps = TemperatureSweep.objects.filter(variant=variant, status=SweepStatus.DONE)
    if campaigns:
        sweeps = sweeps.filter(campaign__in=campaigns)
    newest = sweeps.order_by("-finished_at").first()
    if newest is not None and newest.temperature is not None:
        return newest.temperature
    return plans.temperature_of(campaigns[0], variant) if campaigns else plans.TEMPERATURE


def rewards_of(campaigns: Sequence[Campaign]) -> list[RewardModel]:
    """The newest reward model of each of the campaigns' tracks."""
    by_track = {campaign.track: reward_model_of(campaign) for campaign in campaigns}
    return [model for model in by_track.values() if model is not None]


def earlier_of(campaigns: Sequence[Campaign]) -> list[str]:
    """The directories of the campaigns' earlier rejection sampling, the oldest first."""
    slugs = [campaign.slug for campaign in campaigns]
    found = TuningSet.objects.filter(kind=TuningSetKind.REJECTION_SAMPLING, campaigns__overlap=slugs)
    return list(found.values_list("location", flat=True))


def sample_best(
    *,
    speakers: Sequence[Speaker],
    source: Source,
    answers: int,
    rewards: Sequence[str],
    earlier: Sequence[str],
    out: Path,
    by: User | None,
    seed: int = SEED,
    tell: Tell = lambda progress: None,
) -> TuningSet:
    """K answers to each prompt by each variant, and of all candidates, earlier ones too, the best by reward.

    RewardError where it cannot be done; what was sampled until then is kept, and the same call goes on.
    """
    if answers < 1:
        raise RewardError(f"Answers to a prompt are a whole number from 1 up, not {answers}.")
    _check_names(speakers)
    order = {
        "speakers": [asdict(one) for one in speakers],
        "answers": answers,
        "seed": seed,
        "rewards": list(rewards),
        "earlier": list(earlier),
    }
    return _made(TuningSetKind.REJECTION_SAMPLING, REJECTION, order, source, out, by=by, tell=tell)


def sample_dialogues(
    *,
    speaker: Speaker,
    source: Source,
    dialogues: int,
    turns: int,
    out: Path,
    by: User | None,
    seed: int = SEED,
    tell: Tell = lambda progress: None,
) -> TuningSet:
    """Dialogues for ghost attention. RewardError as in `sample_best`."""
    if dialogues < 1 or turns < 2:
        raise RewardError("There is at least one dialogue, and of at least two turns: a first one, and one after it.")
    order = {"speakers": [asdict(speaker)], "dialogues": dialogues, "turns": turns, "seed": seed}
    return _made(TuningSetKind.GHOST_ATTENTION, GHOSTS, order, source, out, by=by, tell=tell)


def fine_tune(
    *, data: Sequence[Path], base: Path, out: Path, recipe: Recipe, tell: Tell = lambda progress: None
) -> dict[str, Any]:
    """Trains in a process of its own; what it wrote to tuning.json. RewardError where it cannot."""
    order = {"data": [str(one) for one in data], "base": str(base), "out": str(out), "recipe": recipe.as_json()}
    running.run(TUNING, order, watch=_watching(tell))
    report: dict[str, Any] = json.loads((out / REPORT).read_text())
    return report


def _check_names(speakers: Sequence[Speaker]) -> None:
    doubled = [name for name, times in Counter(one.variant for one in speakers).items() if times > 1]
    if doubled or not speakers:
        raise RewardError(f"Name each variant once{f', not {doubled[0]} twice' if doubled else ''}.")


def _made(
    kind: TuningSetKind,
    module: str,
    order: dict[str, Any],
    source: Source,
    out: Path,
    *,
    by: User | None,
    tell: Tell,
) -> TuningSet:
    if TuningSet.objects.filter(location=str(out)).exists():
        raise RewardError(f"{out} is the name of a set that was made already. Name another directory.")
    wanted = Wanted()
    work = folders.begin(out, order, source.rows(wanted), wanted.left_out)
    if work is not None:  # else all is done but the record: it was killed there, or the database was away
        running.run(module, {"work": str(work), "out": str(out)}, watch=_watching(tell))
    return record(kind=kind, directory=out, campaigns=source.campaigns, by=by)


@transaction.atomic
def record(*, kind: TuningSetKind, directory: Path, campaigns: Iterable[Campaign], by: User | None) -> TuningSet:
    """Notes a finished set, for the rounds after it."""
    found = folders.manifest_of(directory)
    made = TuningSet.objects.create(
        kind=kind,
        location=str(directory),
        campaigns=[campaign.slug for campaign in campaigns],
        manifest_sha256=folders.sha256(directory / folders.MANIFEST),
        rows=found["files"][folders.TRAIN]["rows"],
    )
    events.record("tuning_set.recorded", made, by=by, kind=kind, location=made.location, rows=made.rows)
    return made


def _watching(tell: Tell) -> running.Watch:
    told: list[dict[str, Any]] = []

    def watch(progress: dict[str, Any] | None) -> bool:
        if progress is not None and [progress] != told:
            told[:] = [progress]
            tell(progress)
        return True

    return watch
