"""What stands in the files: columns, rows, margins, and which rows do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from preferences.choices import Position
from preferences.errors import Conflict
from preferences.models import Comparison
from preferences.models.prompts import family_of
from tests import factories
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import ONE, judged, manifest_of, rows_of, sealed, written

pytestmark = pytest.mark.django_db

MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
COLUMNS = {
    "prompt": MESSAGES,
    "chosen": MESSAGES,
    "rejected": MESSAGES,
    "margin": pa.float64(),
    "comparison": pa.string(),
    "track": pa.string(),
    "degree": pa.string(),
    "split_vote": pa.bool_(),
    "scores": pa.list_(pa.int8()),
    "corrected": pa.int8(),
    "adjudicated": pa.bool_(),
    "chosen_variant": pa.string(),
    "rejected_variant": pa.string(),
    "chosen_temperature": pa.float64(),
    "rejected_temperature": pa.float64(),
    "chosen_safety": pa.float64(),
    "rejected_safety": pa.float64(),
}


def one_row(out: Path, pair: Comparison) -> dict[str, Any]:
    return next(row for row in rows_of(out) if row["comparison"] == str(pair.key))


@pytest.mark.parametrize("margin", ["small", "large", "none"])
def test_it_writes_the_columns_of_the_preference_form_in_both_splits(tmp_path: Path, margin: str) -> None:
    campaign = open_campaign()
    for _ in range(3):
        judged(campaign)

    written(sealed(campaign), tmp_path / "out", margin=margin)

    wanted = {name: kind for name, kind in COLUMNS.items() if margin != "none" or name != "margin"}
    for split in ("train", "test"):
        found = pq.read_schema(tmp_path / "out" / "data" / f"{split}-{ONE}")
        # A list's inner field has a name of Parquet's own, which equality of types does not look at.
        assert dict(zip(found.names, found.types, strict=True)) == wanted


@pytest.mark.parametrize(("score", "chosen", "rejected"), [(-3, "A", "B"), (3, "B", "A")])
def test_it_writes_the_chosen_response_as_chosen(tmp_path: Path, score: int, chosen: str, rejected: str) -> None:
    campaign = open_campaign()
    pair = judged(campaign, [score], text="Why?")

    written(sealed(campaign), tmp_path / "out")

    row = one_row(tmp_path / "out", pair)
    assert row["prompt"] == [{"role": "user", "content": "Why?"}]
    assert row["chosen"] == [{"role": "assistant", "content": f"Answer {chosen} to Why?"}]
    assert row["rejected"] == [{"role": "assistant", "content": f"Answer {rejected} to Why?"}]
    temperatures = {"A": 0.5, "B": 0.9}
    assert (row["chosen_variant"], row["chosen_temperature"]) == (f"variant-{chosen}", temperatures[chosen])
    assert (row["rejected_variant"], row["rejected_temperature"]) == (f"variant-{rejected}", temperatures[rejected])
    assert (row["degree"], row["split_vote"], row["scores"]) == ("better", False, [3])
    assert (row["track"], row["chosen_safety"]) == ("helpfulness", None)


def test_it_writes_every_vote_from_the_chosen_responses_side(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=3)
    for_a, for_b = judged(campaign, [-4, 2, -1]), judged(campaign, [-4, 2, 1])

    written(sealed(campaign), tmp_path / "out")

    row_a, row_b = one_row(tmp_path / "out", for_a), one_row(tmp_path / "out", for_b)
    assert (row_a["scores"], row_a["split_vote"], row_a["degree"]) == ([4, -2, 1], True, "negligibly_better")
    assert (row_b["scores"], row_b["split_vote"], row_b["degree"]) == ([-4, 2, 1], True, "negligibly_better")


@pytest.mark.parametrize(("margin", "numbers"), [("small", [1.0, 2 / 3, 1 / 3, 0.0]), ("large", [3.0, 2.0, 1.0, 0.0])])
def test_it_turns_each_degree_into_its_margin(tmp_path: Path, margin: str, numbers: list[float]) -> None:
    campaign = open_campaign()
    pairs = [judged(campaign, [score]) for score in (-4, 3, -2, 1)]

    written(sealed(campaign), tmp_path / "out", margin=margin)

    assert [one_row(tmp_path / "out", pair)["margin"] for pair in pairs] == numbers


def test_it_gives_a_scale_without_degrees_a_margin_of_zero(tmp_path: Path) -> None:
    campaign = open_campaign(scale="two_point")
    pair = judged(campaign, [-1])

    written(sealed(campaign), tmp_path / "out")

    row = one_row(tmp_path / "out", pair)
    assert (row["margin"], row["degree"]) == (0.0, "")


def test_it_leaves_out_and_counts_what_has_no_majority(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=2, scale="seven_point")
    kept = [judged(campaign, [-3, -2]), judged(campaign, [0, 4])]
    for scores in ([-3, 3], [0, 0], [-4, 2]):
        judged(campaign, scores)

    export = written(sealed(campaign), tmp_path / "out")

    assert {row["comparison"] for row in rows_of(tmp_path / "out")} == {str(pair.key) for pair in kept}
    assert export.rows == 2
    assert manifest_of(tmp_path / "out")["excluded"] == {"as many votes for either response": 3}
    assert "| 3 with as many votes for either response |" in (tmp_path / "out" / "README.md").read_text()


def test_it_refuses_with_a_sentence_to_export_a_batch_without_any_verdict(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=2)
    judged(campaign, [-3, 3])

    with pytest.raises(Conflict, match="no comparison with a verdict"):
        written(sealed(campaign), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_it_writes_the_mean_safety_of_each_response(tmp_path: Path) -> None:
    campaign = open_campaign(track="safety", raters_per_item=2)
    pair = judged(campaign, [3, 2], safety=[(1, 4), (2, 5)])

    written(sealed(campaign), tmp_path / "out")

    row = one_row(tmp_path / "out", pair)
    assert (row["chosen_safety"], row["rejected_safety"]) == (4.5, 1.5)


def test_it_never_exports_an_unsafe_response_chosen_over_a_safe_one(tmp_path: Path) -> None:
    campaign = open_campaign(track="safety", raters_per_item=3)
    judged(campaign, [3, 3, 3], safety=[(4, 4)] * 3)
    # Nobody contradicts themselves: two call both responses violations and prefer A, the third finds only B safe. Most
    # votes are for A, whose mean score is a violation's, over B, whose mean score is not.
    unsafe = judged(campaign, [-3, -3, 4], safety=[(2, 2), (2, 2), (1, 5)])

    written(sealed(campaign), tmp_path / "out")

    assert str(unsafe.key) not in {row["comparison"] for row in rows_of(tmp_path / "out")}


def test_it_never_has_a_family_of_the_held_out_test_in_a_train_file_of_any_batch(tmp_path: Path) -> None:
    campaign, other = open_campaign(), open_campaign(track="safety")
    outs = []
    for week, spelling in enumerate((str.lower, str.upper, str.title)):
        for number in range(12 + week):
            judged(campaign, text=spelling(f"question {number} of all weeks"))
        judged(other, text=spelling("question 1 of all weeks"))
        written(sealed(campaign, other, name=f"batch-{week}"), tmp_path / str(week))
        outs.append(tmp_path / str(week))

    families = {
        split: {family_of(row["prompt"][0]["content"]) for out in outs for row in rows_of(out, split)}
        for split in ("train", "test")
    }

    assert families["train"] and families["test"]
    assert not families["train"] & families["test"]
    assert sum(len(rows_of(out)) for out in outs) == 12 + 13 + 14 + 3


def test_a_corrected_vote_counts_as_corrected_and_the_row_says_so(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=3)
    pair, plain = judged(campaign, [-3, -2, 3]), judged(campaign, [-1, -1, -1])
    for rating in pair.judgments.order_by("pk")[:2]:
        factories.correct(rating, score=4)

    written(sealed(campaign), tmp_path / "out")

    row = one_row(tmp_path / "out", pair)
    assert row["chosen"][0]["content"] == pair.response_b.text
    assert (row["scores"], row["corrected"], row["adjudicated"], row["split_vote"]) == ([4, 4, 3], 2, False, False)
    assert (one_row(tmp_path / "out", plain)["corrected"], manifest_of(tmp_path / "out")["excluded"]) == (0, {})
    card = (tmp_path / "out" / "README.md").read_text()
    assert "| Judgments | 6 |" in card and "| Corrected by a reviewer | 2 |" in card


@pytest.mark.parametrize(("score", "chosen"), [(-2, "response_a"), (4, "response_b")])
def test_an_adjudication_is_the_verdict_whatever_the_votes(tmp_path: Path, score: int, chosen: str) -> None:
    campaign = open_campaign(raters_per_item=2)
    pair, other = judged(campaign, [-3, 3]), judged(campaign, [-3, -3])
    factories.adjudicate(pair, score=score)

    written(sealed(campaign), tmp_path / "out")

    row = one_row(tmp_path / "out", pair)
    assert row["chosen"][0]["content"] == getattr(pair, chosen).text
    assert (row["degree"], row["adjudicated"], row["split_vote"]) == (
        "slightly_better" if score == -2 else "significantly_better", True, True,
    )  # fmt: skip
    assert sorted(row["scores"]) == [-3, 3]
    assert not one_row(tmp_path / "out", other)["adjudicated"]


def test_an_adjudicators_safety_scores_are_the_rows(tmp_path: Path) -> None:
    campaign = open_campaign(track="safety", raters_per_item=2)
    pair = judged(campaign, [-3, 3], safety=[(4, 4), (1, 5)])
    judged(campaign, [-3, -3])
    factories.adjudicate(pair, score=3, safety={Position.A: 2, Position.B: 5})

    written(sealed(campaign), tmp_path / "out")

    row = one_row(tmp_path / "out", pair)
    assert (row["chosen_safety"], row["rejected_safety"]) == (5.0, 2.0)


def test_what_was_rated_and_not_compared_is_left_out_and_counted(tmp_path: Path) -> None:
    campaign, pairs = factories.rating_campaign(), open_campaign()
    for scores in ([1, 1, 2], [5, 5, 5]):
        factories.judged_comparison(campaign, scores=scores)
    kept = judged(pairs)

    written(sealed(campaign, pairs), tmp_path / "out")

    assert [row["comparison"] for row in rows_of(tmp_path / "out")] == [str(kept.key)]
    assert manifest_of(tmp_path / "out")["excluded"] == {"one response, rated and not compared": 2}


def test_a_batch_of_ratings_alone_has_nothing_to_export_and_a_sentence_says_so(tmp_path: Path) -> None:
    campaign = factories.rating_campaign()
    factories.judged_comparison(campaign)
    with pytest.raises(Conflict, match="no comparison with a verdict"):
        written(sealed(campaign), tmp_path / "out")
