from __future__ import annotations

from typing import Any

from preferences.actions import comparisons, prompts
from preferences.choices import AttackVector, Category, Kind, RiskCategory
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


def rated(
    campaign: Campaign,
    ratings: dict[Variant, list[int]],
    *,
    by: list[User] | None = None,
    risk_category: str = RiskCategory.UNQUALIFIED_ADVICE,
    attack_vector: str = AttackVector.LOGIC,
    earlier: int = 0,
    prompt: str = "",
) -> list[Comparison]:
    """One prompt of a safety evaluation, whose response by each variant has these ratings."""
    text, labels = prompt or f"Question {number()}?", {"risk_category": risk_category, "attack_vector": attack_vector}
    turn = _with_context(campaign, text, earlier, **labels)
    responses = [response(turn, variant=variant) for variant in ratings]
    items = comparisons.open_ratings(turn=turn, responses=responses)
    for item, scores in zip(items, ratings.values(), strict=True):
        for rater, score in zip(by or [None] * len(scores), scores, strict=True):
            judge(item, rater, score=score)
        item.refresh_from_db()
    return items


def _with_context(campaign: Campaign, text: str, earlier: int, **labels: str) -> Turn:
    """The first turn of a dialogue that came with messages, as a set of prompts brings them."""
    said = [{"role": role, "content": f"Message {place}"} for place in range(earlier) for role in ("user", "assistant")]
    made = Prompt.objects.create(campaign=campaign, text=text, family=family_of(text), **labels)
    dialogue = Dialogue.objects.create(
        campaign=campaign, context=said, family=family_of(said[0]["content"] if said else text)
    )
    return Turn.objects.create(dialogue=dialogue, index=0, prompt=made)
