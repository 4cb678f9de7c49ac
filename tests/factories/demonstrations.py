from __future__ import annotations

from annotation import demonstrations
from preferences.actions import prompts
from preferences.choices import AttackVector, Category, Criterion, Kind, RiskCategory
from preferences.models import Campaign, Demonstration
from tests.factories.made_campaigns import campaign as new_campaign
from tests.factories.made_people import annotator, manager
from tests.factories.numbers import number
from webapp.accounts.models import User


def demonstrations_campaign(**settings: object) -> Campaign:
    return new_campaign(**{"kind": Kind.DEMONSTRATION, "max_turns": 3, **settings})


def labels(campaign: Campaign) -> prompts.Labels:
    if campaign.is_safety:
        return prompts.Labels(risk_category=RiskCategory.UNQUALIFIED_ADVICE, attack_vector=AttackVector.LOGIC)
    return prompts.Labels(category=Category.WRITING)


def demonstration(
    campaign: Campaign | None = None, *, by: User | None = None, exchanges: list[tuple[str, str]] | None = None
) -> Demonstration:
    """One that waits for a reviewer: a single turn unless told."""
    campaign = campaign or demonstrations_campaign()
    made = number()
    return demonstrations.submit(
        campaign=campaign,
        exchanges=exchanges or [(f"Write a line about {made} bees.", f"There were {made} bees.")],
        labels=labels(campaign),
        by=by or annotator(campaign),
        key=None,
    )


def returned_demonstration(
    campaign: Campaign | None = None,
    *,
    by: User | None = None,
    exchanges: list[tuple[str, str]] | None = None,
    feedback: str = "Say which bees.",
) -> Demonstration:
    made = demonstration(campaign, by=by, exchanges=exchanges)
    reviewer = manager(made.campaign)
    met = set(Criterion) - {Criterion.INSTRUCTED}
    return demonstrations.send_back(demonstration=made, version=1, feedback=feedback, met=met, by=reviewer)


def approved_demonstration(
    campaign: Campaign | None = None,
    *,
    by: User | None = None,
    exchanges: list[tuple[str, str]] | None = None,
    corrected: list[tuple[str, str]] | None = None,
) -> Demonstration:
    """Approved as it was sent, or as a reviewer `corrected` it."""
    made = demonstration(campaign, by=by, exchanges=exchanges)
    said = corrected or said_in(made)
    reviewer = manager(made.campaign)
    return demonstrations.approve(demonstration=made, version=1, exchanges=said, met=set(Criterion), by=reviewer)


def said_in(demonstration: Demonstration) -> list[tuple[str, str]]:
    texts = [message["content"] for message in demonstration.newest.messages]
    return list(zip(texts[::2], texts[1::2], strict=True))
