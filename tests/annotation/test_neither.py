"""“Neither is valid”: a full answer that takes no side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from annotation import queue
from annotation.models import Assignment
from annotation.queue import Answer
from preferences.agreement import agreement_of
from preferences.choices import ComparisonStatus, Position, SlotStatus
from preferences.counting import Scope
from preferences.cuts import patterns_of
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign, Comparison, Slot
from preferences.scales import Scale
from preferences.stats.linearised import NO_PAIR, NO_RATINGS
from tests.annotation.answered import answered, stored, submitted
from tests.annotation.helpers import claimed, new_annotator, new_comparison, open_campaign
from tests.exports.helpers import manifest_of, rows_of, sealed, written

pytestmark = pytest.mark.django_db

NEITHER = None
TOO_FEW = "most votes call neither response valid"


def voted(campaign: Campaign, places: list[int | None], **answer: Any) -> Comparison:
    """A comparison with one judgment a place, response A on the left for everybody."""
    made = new_comparison(campaign)
    for place in places:
        submitted(claimed(campaign, new_annotator(campaign)), left=Position.A, place=place, **answer)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("scale", [scale for scale in Scale if not scale.rates_one])
@pytest.mark.parametrize("left", Position)
def test_it_is_stored_without_side_degree_and_score_on_every_scale(scale: Scale, left: Position) -> None:
    assignment = answered(open_campaign(scale=scale), left=left, place=NEITHER, rationale="Both are gibberish.")

    judgment = stored(assignment)
    assert (judgment.chosen, judgment.degree, judgment.score) == ("neither", "", None)
    assert (judgment.rationale, judgment.shown_left) == ("Both are gibberish.", left)


def test_it_fills_its_slot_and_finishes_the_comparison() -> None:
    campaign = open_campaign(raters_per_item=2)
    pair = new_comparison(campaign)

    submitted(claimed(campaign, new_annotator(campaign)), left=Position.A, place=NEITHER)
    pair.refresh_from_db()
    assert pair.status == ComparisonStatus.OPEN
    submitted(claimed(campaign, new_annotator(campaign)), left=Position.A, place=NEITHER)

    pair.refresh_from_db()
    assert (pair.status, pair.finished_at is not None) == (ComparisonStatus.JUDGED, True)
    assert set(Slot.objects.values_list("status", flat=True)) == {SlotStatus.FILLED}


def test_it_is_given_with_safety_scores_on_the_safety_track_and_contradicts_none() -> None:
    campaign = open_campaign(track="safety")
    with pytest.raises(InvalidInput, match="safety score from 1 to 5"):
        answered(campaign, place=NEITHER)

    held = Assignment.objects.get()
    answer = Answer(place=NEITHER, safety_left=1, safety_right=5)
    judgment = queue.submit(key=held.key, by=held.annotator, answer=answer)

    assert (judgment.safety_a, judgment.safety_b) == (1, 5)


def test_it_continues_no_dialogue() -> None:
    campaign = open_campaign(max_turns=2)
    author = new_annotator(campaign)
    own = queue.claim_own(comparison=new_comparison(campaign, author=author), by=author)

    queue.submit(key=own.key, by=author, answer=Answer(place=NEITHER))

    own.comparison.turn.refresh_from_db()
    assert own.comparison.turn.chosen_response is None


def test_it_is_no_rating_where_agreement_is_measured() -> None:
    campaign = open_campaign(raters_per_item=3)
    for places in ([1, 1, NEITHER], [8, 8, 7], [2, NEITHER, NEITHER]):
        voted(campaign, places)

    found = patterns_of(Scope((campaign,)))

    assert sorted(map(tuple, found.counts.tolist())) == [
        (0, 0, 0, 0, 0, 0, 1, 2),
        (0, 1, 0, 0, 0, 0, 0, 0),
        (2, 0, 0, 0, 0, 0, 0, 0),
    ]
    measured = agreement_of(Scope((campaign,)))
    assert (measured.units, measured.ratings) == (3, 6)
    assert measured.value is not None


def test_agreement_has_a_sentence_where_every_vote_or_all_but_one_calls_neither_valid() -> None:
    campaign = open_campaign(raters_per_item=2)
    voted(campaign, [NEITHER, NEITHER])
    found = agreement_of(Scope((campaign,)))
    assert (found.value, found.units, found.note) == (None, 0, NO_RATINGS)

    voted(campaign, [NEITHER, 1])
    found = agreement_of(Scope((campaign,)))
    assert (found.value, found.units, found.note) == (None, 1, NO_PAIR)


def test_an_export_leaves_out_and_counts_what_most_votes_call_invalid(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=3)
    kept = voted(campaign, [2, 2, 2])
    voted(campaign, [NEITHER, NEITHER, 1])
    voted(campaign, [NEITHER, NEITHER, NEITHER])

    export = written(sealed(campaign), tmp_path / "out")

    assert [line["comparison"] for line in rows_of(tmp_path / "out")] == [str(kept.key)]
    assert export.rows == 1
    assert manifest_of(tmp_path / "out")["excluded"] == {TOO_FEW: 2}
    assert f"| 2 with {TOO_FEW} |" in (tmp_path / "out" / "README.md").read_text()


def test_an_export_takes_the_majority_of_the_other_votes(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=3)
    mixed = voted(campaign, [NEITHER, 8, 6])
    voted(campaign, [NEITHER, 8, 1])

    written(sealed(campaign), tmp_path / "out")

    (line,) = rows_of(tmp_path / "out")
    assert line["comparison"] == str(mixed.key)
    assert line["chosen"][0]["content"] == mixed.response_b.text
    assert (line["scores"], line["split_vote"], line["degree"]) == ([None, 4, 2], False, "slightly_better")
    assert manifest_of(tmp_path / "out")["excluded"] == {"as many votes for either response": 1}


def test_an_export_keeps_what_half_of_the_votes_call_invalid_and_the_other_half_decide(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=2)
    half = voted(campaign, [NEITHER, 1])

    written(sealed(campaign), tmp_path / "out")

    assert [line["comparison"] for line in rows_of(tmp_path / "out")] == [str(half.key)]


def test_an_export_has_a_sentence_where_no_vote_took_a_side(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=2)
    voted(campaign, [NEITHER, NEITHER])

    with pytest.raises(Conflict, match="no comparison with a verdict"):
        written(sealed(campaign), tmp_path / "out")
