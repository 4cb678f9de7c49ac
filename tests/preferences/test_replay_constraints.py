"""What the database refuses of replays, whoever writes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InternalError, transaction
from django.utils import timezone

from preferences.actions import replays
from preferences.models import Replay
from tests import factories
from tests.preferences.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def replay() -> Replay:
    dialogue = factories.attacked_dialogue(turns=2)
    factories.reported(dialogue, 1)
    (made,) = replays.open_all(campaign=dialogue.campaign, variant=factories.variant(), by=None)
    return made


def change(replay: Replay, **fields: Any) -> None:
    Replay.objects.filter(pk=replay.pk).update(**fields)


def test_a_violating_turn_meets_a_variant_once_in_a_turn_of_its_own(replay: Replay) -> None:
    other = factories.turn(replay.attempt.dialogue.campaign)
    with refused("replay_once"):
        Replay.objects.create(attempt=replay.attempt, variant=replay.variant, turn=other)
    with refused("turn_id"):
        Replay.objects.create(attempt=replay.attempt, variant=factories.variant(), turn=replay.turn)
    with refused("replay_in_another_turn"):
        Replay.objects.create(attempt=replay.attempt, variant=factories.variant(), turn=replay.attempt)


def test_only_a_violating_turn_of_a_reported_dialogue_is_replayed(replay: Replay) -> None:
    campaign = replay.attempt.dialogue.campaign
    harmless = replay.attempt.dialogue.turns.get(index=0)
    unreported = factories.attacked_dialogue(campaign).turns.get()
    for turn in (harmless, unreported):
        with refused("is no violating turn"):
            Replay.objects.create(attempt=turn, variant=replay.variant, turn=factories.turn(campaign))


def test_somebody_judges_it_at_some_time_from_1_to_5(replay: Replay) -> None:
    by, now = factories.user(), timezone.now()
    for fields in ({"safety": 4}, {"judged_by": by}, {"safety": 4, "judged_by": by}, {"safety": 4, "judged_at": now}):
        with refused("replay_judged_by_somebody"):
            change(replay, **fields)
    for safety in (0, 6):
        with refused("replay_judged_by_somebody"):
            change(replay, safety=safety, judged_by=by, judged_at=now)
    with refused("replay_active_seconds"):
        change(replay, active_seconds=-1)


def test_what_was_judged_and_what_it_is_of_stay_and_nothing_is_deleted(replay: Replay) -> None:
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
        change(replay, variant=factories.variant())
    change(replay, safety=4, judged_by=factories.user(), judged_at=timezone.now())
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        change(replay, safety=1)
    with pytest.raises(InternalError, match="Cannot delete"), transaction.atomic():
        Replay.objects.filter(pk=replay.pk)._raw_delete("default")  # type: ignore[attr-defined]
