from __future__ import annotations

from typing import Any

from preferences.actions import comparisons, prompts
from preferences.choices import Category, Kind
from preferences.models import Campaign, Comparison, Dialogue, Prompt, Turn, Variant
from preferences.models.prompts import family_of
from preferences.scales import Scale
from tests.factories.made_campaigns import campaign as new_campaign
from tests.factories.numbers import number
from tests.factories.records import response
from tests.factories.work import judge
from webapp.accounts.models import User


def evaluation(**settings: Any) -> Campaign:
    """A helpfulness evaluation: seven points with a tie, three raters."""
    return new_campaign(
        **{"kind": Kind.EVALUATION, "scale": Scale.SEVEN_POINT, "raters_per_item": 3, "max_turns": 2, **settings}
    )


def evaluated(
    campaign: Campaign,
    a: Variant,
    b: Variant,
    scores: list[int],
    *,
    by: list[User] | None = None,
    category: str = Category.FACTUAL,
    second_category: str = "",
    earlier: int = 0,
    prompt: str = "",
    text_a: str = "",
    text_b: str = "",
) -> Comparison:
    """A pair judged with these scores, below zero for `a`; `earlier` user messages stand before its prompt."""
    text = prompt or f"Question {number()}?"
    if earlier:
        turn = _with_context(campaign, text, earlier, category=category, second_category=second_category)
    else:
        turn = prompts.submit(campaign=campaign, text=text, by=None, category=category, second_category=second_category)
    made = comparisons.open_pair(
        turn=turn, response_a=response(turn, text_a, variant=a), response_b=response(turn, text_b, variant=b)
    )
    for rater, score in zip(by or [None] * len(scores), scores, strict=True):
        judge(made, rater, score=score)
    made.refresh_from_db()
    return made


def _with_context(campaign: Campaign, text: str, earlier: int, **labels: str) -> Turn:
    """The first turn of a dialogue that came with messages, as a set of prompts brings them."""
    said = [{"role": role, "content": f"Message {number()}"} for _ in range(earlier) for role in ("user", "assistant")]
    made = Prompt.objects.create(campaign=campaign, text=text, family=family_of(text), **labels)
    dialogue = Dialogue.objects.create(campaign=campaign, context=said, family=family_of(said[0]["content"]))
    return Turn.objects.create(dialogue=dialogue, index=0, prompt=made)
