"""What the database has of people's work is what the arrays say."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from annotation import gold
from annotation.models import Repeat, SignalName
from annotation.quality.measures import measure
from annotation.quality.rows import DECIDING, LONG, read
from annotation.quality.windows import Window, recent, week
from annotation.quality.work import Signal
from preferences.actions import comparisons, prompts, slots
from preferences.choices import Chosen, Position, Purpose
from preferences.errors import InvalidInput
from preferences.models import Comparison, Judgment, Prompt
from preferences.scales import Scale
from preferences.weeks import week_of
from tests import factories
from tests.annotation.quality.at_work import always_left, campaign_of, careful, hasty, judgment_of
from tests.factories.dialogues import PromptFactory
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ALL = Window()


def named(found: list[Signal], name: SignalName) -> Signal:
    return next(signal for signal in found if signal.name == name)


def test_every_verdict_stands_at_its_place_as_judged_and_as_shown() -> None:
    campaign, (person,), pairs = campaign_of(careful, pairs=16)
    work = read(campaign, ALL)
    scores = campaign.the_scale.scores
    for entry, pk in enumerate(work.verdicts.judgment.tolist()):
        judgment = Judgment.objects.get(pk=pk)
        place = scores.index(judgment.score or 0)
        assert work.verdicts.category[entry] == place
        assert work.verdicts.shown[entry] == (place if judgment.shown_left == Position.A else 7 - place)
        texts = judgment.comparison.response_a.text + judgment.comparison.response_b.text
        read_too = texts + judgment.comparison.turn.prompt.text
        pace = np.log((judgment.active_seconds or 0) / (len(read_too) + DECIDING))
        assert work.verdicts.pace[entry] == pytest.approx(pace)
    assert work.verdicts.person.tolist() == [person.pk] * len(pairs)


def test_left_and_longer_are_counted_as_they_were_chosen() -> None:
    campaign, _people, _pairs = campaign_of(careful, always_left, pairs=24)
    work = read(campaign, ALL)
    for name, happened in (
        (SignalName.SIDES, lambda one: one.chosen == one.shown_left),
        (SignalName.LENGTH, lambda one: len(one.comparison.response_at(Position(one.chosen)).text) > 120),
    ):
        trials = work.trials[name]
        assert trials.subject.size == 48
        for pk, hit in zip(trials.subject.tolist(), trials.hit.tolist(), strict=True):
            assert hit == happened(Judgment.objects.get(pk=pk)), name


def test_who_always_chooses_the_left_is_unusual_and_the_others_are_not() -> None:
    campaign, people, _pairs = campaign_of(careful, careful, careful, always_left, hasty, pairs=40)
    found = measure(read(campaign, ALL))
    unusual = {person: {signal.name for signal in found[person.pk] if signal.unusual} for person in people}
    assert SignalName.SIDES in unusual[people[3]]
    assert unusual[people[4]] == {SignalName.PACE}
    assert [unusual[person] for person in people[:3]] == [set()] * 3


def test_a_verdict_for_neither_is_no_rating_and_chooses_no_side() -> None:
    campaign, (person,), pairs = campaign_of(careful, pairs=3)
    neither = judgment_of(person, pairs[0])
    Judgment.objects.filter(pk=neither.pk).update(chosen=Chosen.NEITHER, degree="")
    work = read(campaign, ALL)
    assert work.verdicts.category.tolist().count(-1) == work.verdicts.shown.tolist().count(-1) == 1
    assert work.trials[SignalName.SIDES].subject.size == work.trials[SignalName.LENGTH].subject.size == 2


def test_a_tie_chooses_no_side_either() -> None:
    campaign = factories.campaign(scale=Scale.SEVEN_POINT)
    for score in (0, -2, 3):
        factories.judge(factories.comparison(campaign, text_a="long " * 9), score=score)
    work = read(campaign, ALL)
    assert sorted(work.verdicts.category.tolist()) == [2, 3, 5]
    assert work.trials[SignalName.SIDES].subject.size == work.trials[SignalName.LENGTH].subject.size == 2


def test_what_a_reviewer_said_is_no_rating() -> None:
    campaign, (person,), pairs = campaign_of(careful, pairs=2)
    factories.correct(judgment_of(person, pairs[0]))
    assert Judgment.objects.count() == 3
    assert read(campaign, ALL).verdicts.person.tolist() == [person.pk] * 2


def test_a_window_has_what_was_judged_in_it_and_its_peers_beside_it() -> None:
    campaign, (early, late), pairs = campaign_of(careful, careful, pairs=10)
    before = timezone.now() - timedelta(days=9)
    Judgment.objects.filter(annotator=early).update(created_at=before)
    seen = read(campaign, recent())
    assert set(seen.verdicts.person[seen.verdicts.inside].tolist()) == {late.pk}
    assert set(seen.verdicts.person[~seen.verdicts.inside].tolist()) == {early.pk}
    found = measure(seen)
    assert set(found) == {late.pk}
    assert named(found[late.pk], SignalName.AGREEMENT).n == len(pairs)
    last_week = read(campaign, week(week_of(before), campaign))
    assert set(last_week.verdicts.person[last_week.verdicts.inside].tolist()) == {early.pk}


def test_a_window_of_a_batch_has_its_comparisons_only() -> None:
    campaign, (person,), pairs = campaign_of(careful, pairs=4)
    batch = factories.batch(campaign, comparisons=0)
    later = factories.comparison(campaign)
    factories.judge(later, person)
    inside = read(campaign, Window(batch=batch))
    assert set(inside.verdicts.comparison.tolist()) == {pair.pk for pair in pairs}
    assert inside.verdicts.inside.all()
    assert Window(batch=batch).prompts(campaign).count() == 0  # they have no author
    assert judgment_of(person, later).pk in read(campaign, ALL).verdicts.judgment.tolist()


def test_a_week_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not an ISO week"):
        week("2026-W99", factories.campaign())


def test_a_copied_prompt_counts_for_who_wrote_it_later() -> None:
    campaign = factories.campaign()
    ann, ben = factories.user(), factories.user()
    for text in ("Which three books would you take along?", "How do bees find their way home in autumn?"):
        factories.turn(campaign, text=text, by=ann)
        factories.turn(campaign, text=text, by=ben)
    factories.turn(campaign, text="What is a lease, and who holds it?", by=ben)
    found = measure(read(campaign, ALL))
    assert named(found[ann.pk], SignalName.COPIED).value == 0
    assert named(found[ben.pk], SignalName.COPIED).value == pytest.approx(2 / 3)


def wrote(author: User, length: int, pasted: int | None) -> None:
    campaign = Prompt.objects.get(author=author, text="Begin.").campaign
    words = {"category": "factual", "pasted": pasted, "by": author}
    prompts.submit(campaign=campaign, text=f"{Prompt.objects.count():x<{length}}", **words)


def test_long_answers_that_were_half_pasted_count_and_short_or_unknown_ones_do_not() -> None:
    campaign, (person,), pairs = campaign_of(careful, pairs=5)
    PromptFactory(campaign=campaign, author=person, text="Begin.")
    for length, pasted in ((LONG, LONG // 2), (LONG, 0), (LONG - 1, LONG - 1), (500, None)):
        wrote(person, length, pasted)
    ids = [judgment_of(person, pair).pk for pair in pairs]
    for pk, (length, pasted) in zip(ids, ((LONG, LONG), (LONG, 1), (10, 10)), strict=False):
        Judgment.objects.filter(pk=pk).update(rationale="x" * length, pasted_rationale=pasted)
    edited = factories.response(pairs[4].turn, "x" * 200)
    Judgment.objects.filter(pk=ids[4]).update(edited_response=edited, pasted_edit=200)
    trials = read(campaign, ALL).trials[SignalName.PASTED]
    assert sorted(trials.hit.tolist()) == [False, False, True, True, True]
    assert set(trials.subject[trials.hit].tolist()) == {0, ids[0], ids[4]}


def test_known_verdicts_and_repeats_count_apart_and_are_no_collection() -> None:
    campaign, (person, _other), pairs = campaign_of(careful, careful, pairs=4)
    verdict = factories.verdict(Scale.EIGHT_POINT, -3)
    manager = factories.manager(campaign)
    made = [gold.make(original=pair, verdict=verdict, reason="It is so.", by=manager) for pair in pairs[:2]]
    for known, score in zip(made, (-1, 2), strict=True):
        spare(known.comparison, person, score)
    for pair, changes in zip(pairs[2:], (False, True), strict=True):
        copy = comparisons.copy(original=pair, purpose=Purpose.REPEAT)
        Repeat.objects.create(comparison=copy, original=pair, annotator=person)
        was = judgment_of(person, pair).score or 0
        spare(copy, person, -was if changes else was)
    for window in (ALL, recent()):
        work = read(campaign, window)
        assert work.verdicts.judgment.size == 8
        for name in (SignalName.GOLD, SignalName.CONSISTENCY):
            assert work.trials[name].person.tolist() == [person.pk] * 2
            assert work.trials[name].hit.tolist() == [True, False]
    batch = factories.batch(campaign, comparisons=0)
    assert read(campaign, Window(batch=batch)).trials[SignalName.GOLD].hit.tolist() == [True, False]


def spare(comparison: Comparison, person: User, score: int) -> None:
    slots.spare(comparison)
    factories.judge(comparison, person, score=score)


def test_the_campaigns_bar_is_what_known_verdicts_are_held_to() -> None:
    assert read(factories.campaign(gold_bar=0.85), ALL).least_gold == 0.85
    assert read(factories.campaign(), ALL).least_gold == 0.7


def test_the_people_of_a_large_campaign_are_read_in_a_fixed_number_of_queries(django_assert_num_queries) -> None:
    for habits in ((careful,), (careful, careful, careful)):
        campaign, _people, _pairs = campaign_of(*habits, pairs=3)
        with django_assert_num_queries(11):
            measure(read(campaign, recent()))
