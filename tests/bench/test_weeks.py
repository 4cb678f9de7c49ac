"""The weeks of Table 26 have its lengths, and are finished comparisons that seal."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest import approx

from bench import weeks, world
from exports.batch_statistics import batch_statistics
from preferences.actions import batches
from preferences.models import Campaign
from preferences.weeks import week_of


@pytest.mark.parametrize("week", weeks.TABLE_26, ids=lambda week: str(week.comparisons))
def test_dialogues_have_the_turns_and_the_tokens_before_that_the_paper_prints(week: weeks.Week) -> None:
    single, others = weeks.lengths(week)
    whole, part = int(others), others % 1
    turns = {1: single, whole: (1 - single) * (1 - part), whole + 1: (1 - single) * part}
    mean = sum(count * share for count, share in turns.items())
    before = sum(count * (count - 1) / 2 * share for count, share in turns.items()) / mean
    assert mean == approx(week.turns)
    assert before * (week.prompt + week.response) + week.prompt + week.response == approx(week.example)


def test_the_weeks_are_those_of_the_paper() -> None:
    assert sum(week.comparisons for week in weeks.TABLE_26) == weeks.TOTAL.comparisons == 1_418_091


@pytest.mark.django_db
def test_a_week_is_what_the_database_demands_and_is_counted_as_the_paper_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(weeks, "CORPUS", 20_000)
    monkeypatch.setattr(weeks, "pass_by_triggers", lambda: None)
    weeks.corpus_of_words.cache_clear()
    world.make(annotators=3)
    weeks.fill_here(world.there(), weeks.Week(400, 4.0, 554.6, 22.4, 170.7))
    weeks.corpus_of_words.cache_clear()
    campaigns = list(Campaign.objects.all())
    batch = batches.seal(week=week_of(timezone.now()), campaigns=campaigns, by=None)
    about = batch_statistics(batch)
    assert about["comparisons"] == 400
    assert about["turns_per_dialogue"] == approx(4.0, rel=0.15)
    assert about["tokens_per_example"] == approx(554.6, rel=0.15)
    assert about["tokens_per_prompt"] == approx(22.4, rel=0.05)
    assert about["tokens_per_response"] == approx(170.7, rel=0.05)
