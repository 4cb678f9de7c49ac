"""The pages of red teaming, of who attacks and of who manages it."""

from __future__ import annotations

from annotation import red_team
from preferences.actions import replays
from preferences.models import Campaign, Replay
from tests import factories
from webapp.accounts.models import User

UNBROKEN = "A long word: " + "x" * 300


def red_teamers(author: User) -> list[str]:
    campaigns = {name: _campaign(name, author) for name in ("fresh", "sampling", "going", "over", "reported")}
    turns = {
        name: factories.attack(campaign, by=author, text=UNBROKEN)
        for name, campaign in campaigns.items()
        if name != "fresh"
    }
    for name in ("going", "over", "reported"):
        factories.answered(turns[name], text=UNBROKEN)
    for name in ("over", "reported"):
        red_team.end(dialogue=turns[name].dialogue, by=author)
    factories.reported(turns["reported"].dialogue, 0)
    (foreign,) = _replayed(_campaign("replayed", author))
    return [
        "/",
        "/overview/",
        "/campaigns/fresh/red-team/",
        "/campaigns/reported/red-team/",
        "/campaigns/fresh/attack/?reported=1",
        "/campaigns/replayed/red-team/?replayed=1",
        "/campaigns/fresh/replays/?stored=1",
        f"/replays/{foreign.key}/",
        *(f"/attacks/{turn.dialogue_id}/" for turn in turns.values()),
    ]


def _replayed(campaign: Campaign) -> list[Replay]:
    dialogue = factories.attacked_dialogue(campaign)
    factories.reported(dialogue, 0)
    made = replays.open_all(campaign=campaign, variant=factories.variant(), by=None)
    for replay in made:
        factories.answered(replay.turn, variant=replay.variant, text=UNBROKEN)
    return made


def _campaign(slug: str, author: User) -> Campaign:
    made = factories.red_team_campaign(slug=slug)
    factories.reads(author, made)
    return made
