"""What the tests of the queue start from, made through the actions, and calls that run at once."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone

from annotation import memberships, ordering, queue
from annotation.models import Assignment, Role
from preferences.actions import campaigns, comparisons, guidelines, prompts, responses, variants
from preferences.choices import Track
from preferences.models import Campaign, Comparison, Turn
from tests import factories
from webapp.accounts import actions as accounts
from webapp.accounts.models import User

PATIENCE = 120

_numbers = itertools.count(1)


def open_campaign(*, track: str = Track.HELPFULNESS, **settings: Any) -> Campaign:
    """Open for work, with a guideline; one judgment a comparison unless `settings` say otherwise."""
    slug = f"campaign-{next(_numbers)}"
    campaign = campaigns.create(slug=slug, name=slug, track=track, by=None, **settings)
    guidelines.publish(campaign=campaign, text="Choose the response that helps more.", by=None)
    campaigns.open_for_work(campaign=campaign, by=None)
    return campaign


def new_user() -> User:
    return accounts.create(username=f"person-{next(_numbers)}", password=None, by=None)


def new_annotator(campaign: Campaign) -> User:
    user = new_user()
    memberships.add(user=user, campaign=campaign, role=Role.ANNOTATOR, by=None)
    return factories.reads(user, campaign)


def new_turn(campaign: Campaign, *, author: User | None = None, text: str = "") -> Turn:
    """A submitted prompt, waiting to be sampled."""
    words = (
        {"risk_category": "unqualified_advice", "attack_vector": "logic"}
        if campaign.is_safety
        else {"category": "factual"}
    )
    return prompts.submit(campaign=campaign, text=text or f"What is {next(_numbers)} times two?", by=author, **words)


def new_comparison(campaign: Campaign, *, author: User | None = None, text: str = "") -> Comparison:
    """A pair that waits for judgments: response A reads “Answer A to …”, response B “Answer B to …”."""
    turn = new_turn(campaign, author=author, text=text)
    pair = [
        responses.record(
            turn=turn,
            variant=variants.register(name=f"variant-{side}", engine="tiny", by=None),
            text=f"Answer {side} to {turn.prompt.text}",
            temperature=temperature,
            top_p=1.0,
            seed=turn.pk,
            completion_tokens=5,
        )
        for side, temperature in (("A", 0.5), ("B", 0.9))
    ]
    return comparisons.open_pair(turn=turn, response_a=pair[0], response_b=pair[1])


def claimed(campaign: Campaign, by: User) -> Assignment:
    """What the queue gives this person, where it must have something."""
    assignment = queue.claim(campaign=campaign, by=by)
    assert assignment is not None
    return assignment


def let_lease_end(assignment: Assignment) -> None:
    """The lease ran out a second ago and nobody has looked since."""
    Assignment.objects.filter(pk=assignment.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def forgotten(comparison: Comparison) -> None:
    """As if its author had left it for longer than it is kept for them."""
    Comparison.objects.filter(pk=comparison.pk).update(created_at=timezone.now() - 2 * ordering.RESERVED_FOR_AUTHOR)
