from __future__ import annotations

import json
from pathlib import Path

import pytest

from preferences.choices import Degree, Split, Track
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, sealed, written
from tests.workers.rewards import made
from workers.rewards.dataset import mixed, read
from workers.rewards.errors import RewardError


@pytest.mark.django_db
def test_an_export_is_read_as_it_was_written(tmp_path: Path) -> None:
    campaign = open_campaign(track=Track.SAFETY, raters_per_item=3)
    for n in range(12):
        judged(campaign, [-4, -3, 2], text=f"Question {n}?", safety=[(4, 1), (5, 2), (4, 3)])
    batch = sealed(campaign)
    written(batch, tmp_path / "out")
    found = read(tmp_path / "out")
    assert (found.source.batch, found.source.week, found.source.batch_sha256) == (batch.name, batch.week, batch.sha256)
    assert len(found.train) == batch.items.filter(group__split=Split.TRAIN).count()
    assert len(found.test) == batch.items.filter(group__split=Split.TEST).count() > 0
    pair = found.train[0]
    assert (pair.track, pair.degree, pair.votes_for, pair.votes_against) == (Track.SAFETY, Degree.BETTER, 2, 1)
    assert pair.prompt[-1]["role"] == "user" and pair.prompt[-1]["content"].startswith("Question")
    assert (pair.chosen_safe, pair.rejected_safe) == (True, False)  # means of 4.3 and 2.0; up to 2 is a violation
    assert {name: pair.margin(name) for name in ("small", "large", "none")} == {
        "small": 2 / 3,
        "large": 2.0,
        "none": None,
    }


def test_a_pair_without_a_degree_has_the_margin_0(tmp_path: Path) -> None:
    out = made.export(tmp_path / "out", [made.row(0, degree="")], [])
    assert read(out).train[0].margin("large") == 0.0


def test_nobody_scored_the_safety_of_helpfulness_pairs(tmp_path: Path) -> None:
    pair = read(made.export(tmp_path / "out", [made.row(0)], [])).train[0]
    assert (pair.chosen_safe, pair.rejected_safe) == (None, None)


def test_a_changed_file_a_lost_one_and_no_export_at_all_are_refused(tmp_path: Path) -> None:
    out = made.export(tmp_path / "out", [made.row(0)], [made.row(1)])
    with (out / "data" / "train.parquet").open("ab") as handle:
        handle.write(b"more")
    with pytest.raises(RewardError, match=r"train\.parquet is not the file that the manifest names"):
        read(out)
    (out / "data" / "train.parquet").unlink()
    with pytest.raises(RewardError, match="it was changed or lost"):
        read(out)
    (out / "manifest.json").write_text(json.dumps({"files": {}}))
    with pytest.raises(RewardError, match="is not the manifest of an exported batch"):
        read(out)
    (out / "manifest.json").write_text("{")
    with pytest.raises(RewardError, match="is not JSON"):
        read(out)
    with pytest.raises(RewardError, match="There is no manifest"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("track", "own", "others", "taken"),
    [
        (Track.HELPFULNESS, 30, 90, 30),  # as many others as own ones
        (Track.HELPFULNESS, 30, 10, 10),
        (Track.SAFETY, 90, 90, 10),  # a tenth of all
        (Track.SAFETY, 90, 4, 4),
        (Track.SAFETY, 90, 0, 0),
    ],
)
def test_the_tracks_are_mixed_as_in_the_paper(tmp_path: Path, track: Track, own: int, others: int, taken: int) -> None:
    other = next(one for one in Track if one != track)
    rows = [made.row(n, track) for n in range(own)] + [made.row(n, other) for n in range(others)]
    pairs = read(made.export(tmp_path / "out", rows, [])).train
    found = mixed(pairs, track, seed=7)
    assert sum(pair.track == track for pair in found) == own
    drawn = [pair.comparison for pair in found if pair.track == other]
    assert len(set(drawn)) == len(drawn) == taken
    assert mixed(pairs, track, seed=7) == found
    if 0 < taken < others:
        assert mixed(pairs, track, seed=8) != found


def test_a_batch_without_pairs_of_the_track_trains_no_model_of_it(tmp_path: Path) -> None:
    pairs = read(made.export(tmp_path / "out", [made.row(0)], [])).train
    with pytest.raises(RewardError, match="None of the 1 training pairs is of the safety track"):
        mixed(pairs, Track.SAFETY, seed=7)
