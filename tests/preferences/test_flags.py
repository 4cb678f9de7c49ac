"""An annotator's word to the reviewers about a comparison."""

from __future__ import annotations

from functools import partial

import pytest

from preferences.actions import flags
from preferences.choices import FlagReason
from preferences.errors import Conflict, InvalidInput
from preferences.models import Event, Flag
from tests import factories
from tests.concurrency import at_once
from tests.factories.rows import row_of
from tests.preferences.refusals import everything

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("reason", FlagReason)
def test_it_is_stored_with_its_reason_and_note_and_told(reason: FlagReason) -> None:
    comparison, ann = factories.comparison(), factories.user()

    made = flags.raise_flag(comparison=comparison, by=ann, reason=reason, note="  Line 3.\n")

    stored = Flag.objects.get()
    assert stored == made
    assert (stored.comparison, stored.annotator, stored.reason, stored.note) == (comparison, ann, reason, "Line 3.")
    event = Event.objects.get(verb="comparison.flagged")
    assert (event.actor, event.campaign, event.data) == (ann, comparison.campaign, {"reason": reason})
    assert event.subject == f"comparison:{comparison.pk}"


def test_it_needs_no_note() -> None:
    assert flags.raise_flag(comparison=factories.comparison(), by=factories.user(), reason="broken").note == ""


@pytest.mark.parametrize("reason", ["", "boring", "BROKEN", "\x00"], ids=ascii)
def test_it_needs_a_reason_that_we_have(reason: str) -> None:
    comparison, ann = factories.comparison(), factories.user()
    before = everything()

    with pytest.raises(InvalidInput, match="Choose what the reviewer should look at") as refusal:
        flags.raise_flag(comparison=comparison, by=ann, reason=reason)
    assert refusal.value.field == "reason"
    assert everything() == before


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        ("a\x00b", "contains a NUL character"),
        ("\ud83d", "could not be read as UTF-8"),
        ("x" * 2_001, "has 2,001 characters and the limit is 2,000"),
        ("x" * 200_000, "has 200,000 characters"),
    ],
    ids=["NUL", "lone surrogate", "one too long", "far too long"],
)
def test_a_note_that_cannot_be_stored_gets_a_sentence_and_leaves_nothing(note: str, sentence: str) -> None:
    comparison, ann = factories.comparison(), factories.user()
    before = everything()

    with pytest.raises(InvalidInput, match=f"The note .*{sentence}") as refusal:
        flags.raise_flag(comparison=comparison, by=ann, reason=FlagReason.OTHER, note=note)
    assert refusal.value.field == "note"
    assert everything() == before


def test_the_longest_note_is_kept() -> None:
    made = flags.raise_flag(comparison=factories.comparison(), by=factories.user(), reason="other", note="é" * 2_000)

    made.refresh_from_db()
    assert made.note == "é" * 2_000


def test_the_same_reason_twice_is_one_flag_with_the_first_note() -> None:
    comparison, ann = factories.comparison(), factories.user()

    first, second = (
        flags.raise_flag(comparison=comparison, by=ann, reason=FlagReason.BROKEN, note=note)
        for note in ("One.", "One.")
    )

    assert first == second
    with pytest.raises(Conflict, match="that note stands"):
        flags.raise_flag(comparison=comparison, by=ann, reason=FlagReason.BROKEN, note="Two.")
    assert Flag.objects.get().note == "One."
    assert Event.objects.filter(verb="comparison.flagged").count() == 1


def test_another_reason_another_person_and_another_comparison_are_flags_of_their_own() -> None:
    comparison, ann = factories.comparison(), factories.user()
    told = [
        (comparison, ann, FlagReason.BROKEN),
        (comparison, ann, FlagReason.DANGEROUS),
        (comparison, factories.user(), FlagReason.BROKEN),
        (factories.comparison(), ann, FlagReason.BROKEN),
    ]

    for about, by, reason in told:
        flags.raise_flag(comparison=about, by=by, reason=reason)

    assert Flag.objects.count() == Event.objects.filter(verb="comparison.flagged").count() == 4


@pytest.mark.django_db(transaction=True)
def test_eight_clicks_at_once_are_one_flag() -> None:
    comparison, ann = factories.comparison(), factories.user()

    got = at_once([partial(flags.raise_flag, comparison=comparison, by=ann, reason=FlagReason.IDENTITY)] * 8)

    assert {getattr(outcome, "pk", outcome) for outcome in got} == {Flag.objects.get().pk}
    assert Event.objects.filter(verb="comparison.flagged").count() == 1


def test_a_flag_changes_nothing_of_the_comparison_and_may_come_after_its_batch_is_sealed() -> None:
    campaign = factories.campaign()
    made = factories.judged_comparison(campaign)
    batch = factories.batch(campaign, comparisons=0)
    made.refresh_from_db()
    before = row_of(made.pk)

    flags.raise_flag(comparison=made, by=factories.user(), reason=FlagReason.PERSONAL_DATA)

    made.refresh_from_db()
    assert row_of(made.pk) == before
    assert (made.status, batch.items.get().comparison) == ("sealed", made)
