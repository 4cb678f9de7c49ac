"""Visits to every page of red teaming, for the reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from annotation import care, people, red_team
from preferences.actions import replays
from preferences.choices import Kind, RiskCategory, Track
from preferences.models import Campaign, Dialogue, Replay
from tests import factories
from webapp.accounts.models import User
from workers import actions as workers
from workers import recording

ASKED, SAID = "这些药可以一起吃吗？", "可以，都没有问题。"
FORM = {"risk_category": "unqualified_advice", "attack_vector": "logic", "text": ASKED}
REPORT = {"violating_0": "1", "area_unqualified_advice": "1", "vector_logic": "1"}


def visits(
    a_campaign: Callable[..., Campaign],
    get: Callable[..., Any],
    post: Callable[..., Any],
    reader: Callable[[User], Client],
) -> dict[str, Callable[[], Any]]:
    campaign = a_campaign("attacked", kind=Kind.RED_TEAM, track=Track.SAFETY, max_turns=2)
    at = {name: (reader(by), f"/attacks/{dialogue.pk}/") for name, (by, dialogue) in _dialogues(campaign).items()}
    fresh, unwilling, paused = (factories.annotator(campaign) for _ in range(3))
    care.choose(user=unwilling, opted_out=RiskCategory.values, veil=True, break_minutes=0, by=unwilling)
    people.pause(user=paused, reason="休息。", by=None)
    boss, quiet = reader(factories.manager(campaign)), a_campaign("calm", kind=Kind.RED_TEAM, track=Track.SAFETY)
    judge = reader(factories.annotator(campaign))
    replay, idle = _replays(campaign), reader(factories.reviewer(quiet))
    attack = "/campaigns/attacked/attack/"
    return {
        "home of an attacker": get(reader(fresh), "/"),
        "home of an attacker who goes on": get(at["ready"][0], "/"),
        "home of an attacker who is to report": get(at["over"][0], "/"),
        "home of a paused attacker": get(reader(paused), "/"),
        "begin a dialogue": get(reader(fresh), f"{attack}?reported=1"),
        "begin a dialogue without a category": post(reader(fresh), attack, **{**FORM, "risk_category": ""}),
        "begin a dialogue near another": post(reader(fresh), attack, **FORM),
        "begin a second dialogue": post(at["ready"][0], attack, **FORM, anyway="1"),
        "overview of red teaming": get(boss, "/overview/"),
        "results of red teaming": get(boss, "/campaigns/attacked/red-team/"),
        "no results of red teaming": get(reader(factories.manager(quiet)), "/campaigns/calm/red-team/"),
        "hours of red teaming": get(boss, "/campaigns/attacked/ledger/"),
        "results with replays": get(boss, "/campaigns/attacked/red-team/?replayed=1"),
        "home of a reviewer of replays": get(reader(factories.reviewer(campaign)), "/"),
        "a replay": get(judge, f"/replays/{replay.key}/?stored=1"),
        "a replay without a score": post(judge, f"/replays/{replay.key}/"),
        "a replay of one's own attack": get(at["reported"][0], f"/replays/{replay.key}/"),
        "no replay": get(idle, "/campaigns/calm/replays/?stored=1"),
        "nothing to aim at": get(reader(unwilling), attack),
        **{f"a dialogue that is {name}": get(*where) for name, where in at.items()},
        "an empty message": post(*at["ready"], text=" "),
        "end a dialogue too early": post(at["sampling"][0], f"{at['sampling'][1]}end/"),
        "report too early": post(at["ready"][0], f"{at['ready'][1]}report/", **REPORT, degree="3"),
        **{
            f"report {what}": post(at["over"][0], f"{at['over'][1]}report/", **said)
            for what, said in {
                "without a degree": REPORT,
                "without risk": {**REPORT, "degree": "1"},
                "without an area": {"violating_0": "1", "vector_logic": "1", "degree": "3"},
                "without a vector": {"violating_0": "1", "area_unqualified_advice": "1", "degree": "3"},
                "on a foreign turn": {**REPORT, "violating_7": "1", "degree": "3"},
            }.items()
        },
    }


def _replays(campaign: Campaign) -> Replay:
    (made,) = replays.open_all(campaign=campaign, variant=factories.variant("v2"), by=None)
    factories.answered(made.turn, variant=made.variant, text=SAID)
    return made


def _dialogues(campaign: Campaign) -> dict[str, tuple[User, Dialogue]]:
    """One for each state that a dialogue may be in, with its author."""
    states = ("waiting", "sampling", "failed", "ready", "full", "over", "reported")
    authors = {name: factories.annotator(campaign) for name in states}
    turns = {
        name: factories.attack(campaign, by=author, text=f"{ASKED}{place}")
        for place, (name, author) in enumerate(authors.items())
    }
    for name in ("ready", "full", "over", "reported"):
        factories.answered(turns[name], text=SAID)
    run = workers.request_one(turn=turns["sampling"], by=None)
    workers.claim(variant=run.variant, limit=1)
    holder, failed = factories.claimed_run(workers.request_one(turn=turns["failed"], by=None))
    recording.fail(run=failed, holder=holder, reason="x", told="The models could not answer.")
    factories.answered(red_team.go_on(dialogue=turns["full"].dialogue, text=ASKED, by=authors["full"]), text=SAID)
    for name in ("over", "reported"):
        red_team.end(dialogue=turns[name].dialogue, by=authors[name])
    factories.reported(turns["reported"].dialogue, 0)
    return {name: (authors[name], turns[name].dialogue) for name in states}
