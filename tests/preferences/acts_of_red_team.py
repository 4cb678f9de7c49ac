"""The actions of red teaming, each ready to be called, for the test that every action tells of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from preferences.actions import dialogues, guidelines, red_team, replays
from tests import factories
from tests.factories import red_team as made

Act = Callable[[], Any]


def answer() -> Act:
    turn = factories.attack()
    response = factories.response(turn)
    return lambda: dialogues.answer(turn=turn, response=response)


def report() -> Act:
    dialogue = factories.attacked_dialogue()
    how = {"guideline": guidelines.current(dialogue.campaign), "active_seconds": 9.5, "by": dialogue.author}
    return lambda: red_team.report(dialogue=dialogue, findings=made.findings(0), **how)


def open_replays() -> Act:
    dialogue = factories.attacked_dialogue()
    factories.reported(dialogue, 0)
    variant = factories.variant()
    return lambda: replays.open_all(campaign=dialogue.campaign, variant=variant, by=None)


def judge_replay() -> Act:
    (replay,) = open_replays()()
    factories.answered(replay.turn, variant=replay.variant)
    by = factories.user()
    return lambda: replays.judge(replay=replay, safety=4, active_seconds=9.5, by=by)
