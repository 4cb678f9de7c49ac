"""What a sealed row was hashed from stays, so that its hash can be computed again from the record."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction

from preferences.hashing import row_hash
from preferences.models import Campaign, Comparison, Dialogue, Prompt, Turn, Variant
from preferences.rows import rows
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed() -> Comparison:
    """The sealed comparison of the second turn of a dialogue."""
    campaign, author = factories.campaign(max_turns=2), factories.user()
    _, second = factories.dialogue_turns(campaign, ["First?", "Second?"], by=author)
    comparison = factories.comparison(of=second)
    factories.judge(comparison)
    factories.batch(campaign, comparisons=0)
    comparison.refresh_from_db()
    return comparison


def another_answer_before(sealed: Comparison) -> None:
    first = sealed.turn.dialogue.turns.get(index=0)
    other = first.responses.exclude(pk=first.chosen_response_id).get()
    Turn.objects.filter(pk=first.pk).update(chosen_response=other)


def no_answer_before(sealed: Comparison) -> None:
    Turn.objects.filter(dialogue=sealed.turn.dialogue, index=0).update(chosen_response=None)


def another_prompt(sealed: Comparison) -> None:
    first = Prompt.objects.order_by("pk")[0]
    Turn.objects.filter(pk=sealed.turn_id).update(prompt=first)


def another_place(sealed: Comparison) -> None:
    Turn.objects.filter(pk=sealed.turn_id).update(index=7)


def another_context(sealed: Comparison) -> None:
    Dialogue.objects.filter(pk=sealed.turn.dialogue_id).update(context=[{"role": "system", "content": "Be rude."}])


def another_family(sealed: Comparison) -> None:
    Dialogue.objects.filter(pk=sealed.turn.dialogue_id).update(family="0" * 64)


def another_name_of_the_variant(sealed: Comparison) -> None:
    Variant.objects.filter(pk=sealed.response_a.variant_id).update(name="renamed")


def another_iteration_of_the_variant(sealed: Comparison) -> None:
    Variant.objects.filter(pk=sealed.response_a.variant_id).update(iteration="RLHF-V9")


def another_slug_of_the_campaign(sealed: Comparison) -> None:
    Campaign.objects.filter(pk=sealed.campaign_id).update(slug="renamed")


def another_scale_of_the_campaign(sealed: Comparison) -> None:
    Campaign.objects.filter(pk=sealed.campaign_id).update(scale="two_point")


CHANGES = [
    another_answer_before,
    no_answer_before,
    another_prompt,
    another_place,
    another_context,
    another_family,
    another_name_of_the_variant,
    another_iteration_of_the_variant,
    another_slug_of_the_campaign,
    another_scale_of_the_campaign,
]


@pytest.mark.parametrize("change", CHANGES)
def test_postgresql_refuses_to_change_what_a_sealed_row_says(
    sealed: Comparison, change: Callable[[Comparison], None]
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        change(sealed)
    ((_, row),) = rows(Comparison.objects.filter(pk=sealed.pk))
    assert row_hash(row) == sealed.batch_items.get().sha256
