"""One response, rated by several people: the record, from the first rating to the sealed batch."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from preferences.actions import batches, campaigns, comparisons, guidelines, imports, judgments
from preferences.actions.judgments import Opinion
from preferences.agreement import agreement_of
from preferences.choices import Chosen, ComparisonStatus, Degree, Kind, Position, Track
from preferences.counting import Scope
from preferences.cuts import patterns_of
from preferences.errors import Conflict, InvalidInput
from preferences.hashing import row_hash
from preferences.importing import ImportedPrompt
from preferences.models import BatchItem, Comparison, Event, Judgment
from preferences.rows import rows
from preferences.scales import Scale, Verdict
from preferences.stats import RatingPatterns, ac2
from preferences.weeks import week_of
from tests import factories

pytestmark = pytest.mark.django_db

ODD = [Verdict(Chosen.A, Degree.BETTER), Verdict(Chosen.NEITHER, None), Verdict(Chosen.RATED, None, 6)]


@pytest.fixture
def item() -> Comparison:
    return factories.comparison(factories.rating_campaign())


def test_both_responses_of_a_turn_become_items_of_their_own_with_a_slot_for_each_rater() -> None:
    turn = factories.turn(factories.rating_campaign())
    pair = factories.response_pair(turn)
    items = comparisons.open_ratings(turn=turn, responses=pair)
    assert [(item.response_a, item.response_b, item.slots.count()) for item in items] == [
        (pair[0], None, 3),
        (pair[1], None, 3),
    ]
    assert Event.objects.filter(verb="comparison.opened").count() == 2
    turn.refresh_from_db()
    assert turn.status == "ready"


def test_two_systems_that_answer_alike_are_both_rated() -> None:
    turn = factories.turn(factories.rating_campaign())
    items = comparisons.open_ratings(turn=turn, responses=factories.response_pair(turn, "I cannot.", "I cannot."))
    assert len(items) == 2


def test_a_rating_is_stored_as_the_score_of_its_response_and_the_third_finishes_the_item(item: Comparison) -> None:
    given = [factories.judge(item, score=rating) for rating in (1, 3, 5)]
    stored = Judgment.objects.filter(pk__in=[one.pk for one in given]).order_by("pk")
    facts = ("chosen", "degree", "safety_a", "safety_b", "score")
    assert list(stored.values_list(*facts)) == [("rated", "", n, None, n) for n in (1, 3, 5)]
    item.refresh_from_db()
    assert item.status == ComparisonStatus.JUDGED


@pytest.mark.parametrize("verdict", ODD, ids=str)
def test_what_is_no_rating_is_refused_and_nothing_is_stored(item: Comparison, verdict: Verdict) -> None:
    slot, guideline = factories.leased_slot(item), guidelines.current(item.campaign)
    assert guideline is not None
    with pytest.raises(InvalidInput, match="give it a score from 1 to 5") as refusal:
        factories.record(slot, by=factories.user(), verdict=verdict, guideline=guideline)
    assert (refusal.value.field, Judgment.objects.count()) == ("verdict", 0)


def test_scores_of_two_responses_are_refused_where_one_is_rated(item: Comparison) -> None:
    with pytest.raises(InvalidInput, match="No safety scores are asked for"):
        factories.judge(item, safety={Position.A: 4, Position.B: 4})


def test_second_thoughts_change_a_rating_and_the_event_keeps_the_first(item: Comparison) -> None:
    judgment, guideline = factories.judge(item, score=5), guidelines.current(item.campaign)
    assert guideline is not None
    with transaction.atomic():
        opinion = Opinion(Verdict(Chosen.RATED, None, 2))
        judgments.revise(
            judgment=judgment, comparison=factories.held(item), by=judgment.annotator, opinion=opinion,
            guideline=guideline,
        )  # fmt: skip
    judgment.refresh_from_db()
    assert (judgment.score, judgment.safety_a, judgment.revision) == (2, 2, 1)
    told = Event.objects.get(verb="judgment.revised").data
    assert (told["before"]["safety_a"], told["after"]["safety_a"]) == (5, 2)


def test_a_response_that_is_rated_is_not_improved(item: Comparison) -> None:
    judgment = factories.judge(item)
    with pytest.raises(Conflict, match="no chosen response"), transaction.atomic():
        judgments.edit_chosen(
            judgment=judgment, comparison=factories.held(item), by=judgment.annotator, text="Better still."
        )


def test_agreement_is_that_of_the_rating_table_on_five_categories() -> None:
    campaign = factories.rating_campaign()
    table = [[1, 1, 2], [5, 5, 4], [3, 3, 3], [2, 4, 1], [5, 4, 4]]
    for ratings in table:
        factories.judged_comparison(campaign, scores=ratings)
    scope = Scope((campaign,))
    expected = ac2(RatingPatterns.from_ratings([[rating - 1 for rating in row] for row in table], q=5), "quadratic")
    found = agreement_of(scope)
    assert (found.value, found.low, found.high) == pytest.approx((expected.value, expected.low, expected.high))
    assert patterns_of(scope).counts.shape[1] == 5


def test_a_batch_of_ratings_is_sealed_with_rows_whose_second_response_is_none() -> None:
    campaign = factories.rating_campaign()
    items = [factories.judged_comparison(campaign, scores=[2, 2, 5]) for _ in range(2)]
    batch = batches.seal(week=week_of(timezone.now()), campaigns=[campaign], by=None)
    hashes = dict(BatchItem.objects.filter(batch=batch).values_list("comparison", "sha256"))
    found = list(rows(Comparison.objects.filter(campaign=campaign)))
    assert hashes == {key: row_hash(row) for key, row in found}
    assert {row["response_b"] for _, row in found} == {None}
    assert [row["response_a"]["text"] for _, row in found] == [item.response_a.text for item in items]
    assert [vote["score"] for vote in found[0][1]["judgments"]] == [2, 2, 5]


def test_the_row_of_a_prompt_that_came_with_a_set_names_it() -> None:
    said = ImportedPrompt("p-17", ({"role": "user", "content": "Why?"},), {})
    campaign = factories.rating_campaign()
    _, (turn,) = imports.add_prompts(campaign=campaign, items=[said], by=None)
    factories.comparison(of=turn)
    [(_, row)] = rows(Comparison.objects.all())
    assert row["prompt_id"] == "p-17"


def test_a_row_of_two_responses_has_the_fields_that_it_had_before_one_could_be_rated() -> None:
    factories.judged_comparison(factories.campaign())
    [(_, row)] = rows(Comparison.objects.all())
    assert sorted(row) == [
        "attack_vector", "campaign", "category", "comparison", "dialogue", "external_id", "judgments", "kind",
        "messages", "response_a", "response_b", "risk_category", "scale", "source", "track", "turn",
    ]  # fmt: skip
    assert sorted(row["judgments"][0]) == [
        "active_seconds", "annotator", "at", "chosen", "degree", "guideline", "rationale", "safety_a", "safety_b",
        "score", "shown_left",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({**factories.RATING, "scale": Scale.EIGHT_POINT}, "that kind has no other scale"),
        ({"scale": Scale.SAFETY, "track": Track.SAFETY}, "it belongs to the kind “safety rating”"),
        ({**factories.RATING, "track": Track.HELPFULNESS}, "of the safety track"),
        ({**factories.RATING, "max_turns": 2}, "no dialogue to go on with"),
        ({"kind": Kind.EVALUATION, "scale": Scale.EIGHT_POINT}, "needs a scale with a tie"),
    ],
    ids=str,
)
def test_a_campaign_that_makes_no_sense_is_refused_with_a_sentence(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        factories.draft_campaign(**settings)


def test_no_share_of_repeats_is_arranged_where_one_response_is_rated() -> None:
    campaign = factories.rating_campaign()
    told: dict[str, Any] = {"priority": 0, "gold_share": 0.1, "gold_bar": 0.7, "repeat_share": 0.1}
    with pytest.raises(InvalidInput, match="One response has no sides to swap") as refusal:
        campaigns.arrange_queue(campaign=campaign, by=None, most_per_person=None, most_per_day=None, **told)
    assert refusal.value.field == "repeat_share"


def test_a_kind_comes_with_the_scale_and_the_raters_of_the_papers_study() -> None:
    evaluation = campaigns.create(slug="e", name="E", track="helpfulness", kind=Kind.EVALUATION, by=None)
    rating = campaigns.create(slug="r", name="R", track="safety", kind=Kind.SAFETY_RATING, by=None)
    assert (evaluation.scale, evaluation.raters_per_item) == (Scale.SEVEN_POINT, 3)
    assert (rating.scale, rating.raters_per_item) == (Scale.SAFETY, 3)
    assert (evaluation.question, rating.question) == (str(campaigns.DEFAULT_QUESTION), "How safe is this response?")
    told = {"kind": Kind.EVALUATION, "scale": Scale.THREE_POINT, "raters_per_item": 5}
    other = campaigns.create(slug="o", name="O", track="helpfulness", by=None, **told)
    assert (other.scale, other.raters_per_item) == (Scale.THREE_POINT, 5)
