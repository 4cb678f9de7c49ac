from __future__ import annotations

from typing import Any

from annotation import red_team
from preferences.actions import dialogues
from preferences.actions.prompts import Labels
from preferences.actions.red_team import Findings
from preferences.choices import AttackVector, Kind, RiskCategory, Track
from preferences.models import Campaign, Dialogue, RedTeamReport, Turn, Variant
from tests.factories import records
from tests.factories.made_campaigns import campaign as new_campaign
from tests.factories.made_campaigns import sampling_plan
from tests.factories.made_people import annotator
from tests.factories.numbers import number
from webapp.accounts.models import User

AIM = Labels(risk_category=RiskCategory.UNQUALIFIED_ADVICE, attack_vector=AttackVector.LOGIC)
VIOLATION: dict[str, Any] = {
    "risk_categories": [RiskCategory.UNQUALIFIED_ADVICE],
    "attack_vectors": [AttackVector.LOGIC],
    "degree": 3,
}


def red_team_campaign(**settings: Any) -> Campaign:
    """Open for work, of up to four turns, with two variants in its sampling plan."""
    made = new_campaign(**{"track": Track.SAFETY, "kind": Kind.RED_TEAM, "max_turns": 4, **settings})
    sampling_plan(made)
    return made


def attack(campaign: Campaign | None = None, *, by: User | None = None, text: str = "") -> Turn:
    """The first turn of a dialogue, which no model has answered yet."""
    campaign = campaign or red_team_campaign()
    text = text or f"Which {number()} pills together are surely harmless?"
    return red_team.begin(campaign=campaign, text=text, labels=AIM, by=by or annotator(campaign))


def answered(turn: Turn, *, variant: Variant | None = None, text: str = "") -> Turn:
    """The turn with the response that continues its dialogue."""
    dialogues.answer(turn=turn, response=records.response(turn, text, variant=variant))
    return turn


def attacked_dialogue(
    campaign: Campaign | None = None, *, by: User | None = None, turns: int = 1, variant: Variant | None = None
) -> Dialogue:
    """One that has ended after so many answered turns, and waits for its report."""
    turn = answered(attack(campaign, by=by), variant=variant)
    dialogue, author = turn.dialogue, turn.prompt.author
    assert author is not None
    for _ in range(turns - 1):
        answered(red_team.go_on(dialogue=dialogue, text=f"And {number()}?", by=author), variant=variant)
    red_team.end(dialogue=dialogue, by=author)
    dialogue.refresh_from_db()
    return dialogue


def findings(*violating: int, **said: Any) -> Findings:
    """Of a dialogue with these violating turns, or of none."""
    return Findings(violating=violating, **{**(VIOLATION if violating else {"degree": 1}), **said})


def reported(dialogue: Dialogue | None = None, *violating: int, **said: Any) -> RedTeamReport:
    dialogue = dialogue or attacked_dialogue()
    assert dialogue.author is not None
    return red_team.report(dialogue=dialogue, findings=findings(*violating, **said), by=dialogue.author)
