from __future__ import annotations

from typing import Any

from preferences.actions import comparisons, dialogues, prompts
from preferences.actions import responses as response_actions
from preferences.choices import AttackVector, Category, RiskCategory
from preferences.models import Campaign, Comparison, Response, Turn, Variant
from tests.factories.imports import import_lines, line
from tests.factories.made_campaigns import campaign as new_campaign
from tests.factories.made_campaigns import variant as new_variant
from tests.factories.numbers import number
from webapp.accounts.models import User


def turn(campaign: Campaign | None = None, *, text: str = "", by: User | None = None) -> Turn:
    """A submitted prompt, waiting to be sampled; the category fits the campaign's track."""
    campaign = campaign or new_campaign()
    words: dict[str, str] = (
        {"risk_category": RiskCategory.UNQUALIFIED_ADVICE, "attack_vector": AttackVector.LOGIC}
        if campaign.is_safety
        else {"category": Category.FACTUAL}
    )
    return prompts.submit(campaign=campaign, text=text or f"What is {number()} times two?", by=by, **words)


def response(turn: Turn, text: str = "", *, variant: Variant | None = None, **provenance: Any) -> Response:
    sampled = {
        "temperature": 0.7,
        "top_p": 1.0,
        "seed": number(),
        "prompt_tokens": 7,
        "completion_tokens": 5,
        "finish_reason": "stop",
        "latency_ms": 12,
        "engine": "tiny",
        "engine_version": "1",
        "weights_hash": "0" * 64,
    }
    return response_actions.record(
        turn=turn,
        variant=variant or new_variant(),
        text=text or f"It is {number()}.",
        **(sampled | provenance),
    )


def response_pair(turn: Turn, text_a: str = "", text_b: str = "") -> tuple[Response, Response]:
    """Two responses of two variants to one turn; no comparison yet."""
    return response(turn, text_a), response(turn, text_b)


def comparison(
    campaign: Campaign | None = None,
    *,
    of: Turn | None = None,
    text: str = "",
    text_a: str = "",
    text_b: str = "",
    by: User | None = None,
) -> Comparison:
    """An open comparison with its slots: of the turn `of`, or of a new one with prompt `text` by author `by`.

    In a campaign that rates responses it is one response, `text_a`, to be rated.
    """
    of = of or turn(campaign, text=text, by=by)
    if of.dialogue.campaign.rates_one:
        return comparisons.open_ratings(turn=of, responses=[response(of, text_a)])[0]
    response_a, response_b = response_pair(of, text_a, text_b)
    return comparisons.open_pair(turn=of, response_a=response_a, response_b=response_b)


def imported_comparison(campaign: Campaign, **fields: Any) -> Comparison:
    """A comparison that came in by an import; `fields` are those of `line`."""
    made = line(**fields)
    import_lines(campaign, [made])
    return Comparison.objects.get(campaign=campaign, external_id=made["id"])


def continued_turn(comparison: Comparison, text: str, *, by: User) -> Turn:
    """The author's next turn, after they judged `comparison`."""
    return dialogues.continue_with(dialogue=comparison.turn.dialogue, text=text, by=by)
