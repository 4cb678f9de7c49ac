"""Public sets beside ours: each pair once, from the file as it was when the export began, read whole in any case."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports import actions, selections
from exports.public_sets import BROKEN, Pair, PublicSet, key_of
from exports.selections import OTHERS, Selection
from exports.verdicts import aggregate
from preferences.choices import Split, Track
from preferences.errors import Conflict
from preferences.models import Batch
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, manifest_of, rows_of, sealed
from tests.exports.test_mixes import hh, hh_line, publics

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch() -> Batch:
    helpful, safe = open_campaign(), open_campaign(track=Track.SAFETY)
    for number in range(6):
        judged(helpful, text=f"Helpful question {number}?")
    for number in range(3):
        judged(safe, text=f"Safety question {number}?", safety=[(5, 2)])
    return sealed(helpful, safe, name="both")


def asked(batch: Batch, *public: PublicSet, mix: str = Track.HELPFULNESS, stop: bool = False) -> Any:
    return actions.request(batch=batch, format="trl", margin="small", mix=mix, public=public, stop=stop, by=None)


def after_the_first_pass(monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]) -> None:
    """Has `change` happen when it is known which pairs are drawn, and none of them is written yet."""
    drawn = selections.drawn

    def changed(*args: Any, **options: Any) -> set[bytes]:
        chosen = drawn(*args, **options)
        change()
        return chosen

    monkeypatch.setattr(selections, "drawn", changed)


def test_a_file_that_is_replaced_meanwhile_is_read_and_hashed_as_it_was(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hh(tmp_path / "hh.jsonl", publics(30))
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    another = hh(tmp_path / "another.jsonl", [hh_line(f"Another {n}?") for n in range(30)])
    after_the_first_pass(monkeypatch, lambda: another.replace(file))
    actions.write(export=asked(batch, PublicSet("hh", Track.HELPFULNESS, file)), out=tmp_path / "out")

    public = [row["prompt"][-1]["content"] for row in rows_of(tmp_path / "out", "train") if row["dataset"]]
    assert public and all(text.startswith("Public ") for text in public)
    assert [one["sha256"] for one in manifest_of(tmp_path / "out")["mix"]["public"]] == [before]


def test_a_file_that_is_written_to_meanwhile_fails_the_export(
    batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = hh(tmp_path / "hh.jsonl", publics(30))
    after_the_first_pass(monkeypatch, lambda: file.write_bytes(file.read_bytes().replace(b"gladly", b"no, not")))
    with pytest.raises(Conflict, match=r"hh\.jsonl was written to while it was read\. Nothing was kept\."):
        actions.write(export=asked(batch, PublicSet("hh", Track.HELPFULNESS, file)), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_gone_is_a_sentence(batch: Batch, tmp_path: Path) -> None:
    export = asked(batch, PublicSet("hh", Track.HELPFULNESS, tmp_path / "gone.jsonl"))
    with pytest.raises(Conflict, match=r"gone\.jsonl cannot be opened: No such file or directory\."):
        actions.write(export=export, out=tmp_path / "out")


def test_a_file_of_which_none_is_wanted_is_read_all_the_same(batch: Batch, tmp_path: Path) -> None:
    """A tenth of three is none; what cannot be read is told or stops the export as in any other mix."""
    public = PublicSet("hh", Track.HELPFULNESS, hh(tmp_path / "hh.jsonl", [*publics(2), {"chosen": "half"}]))
    actions.write(export=asked(batch, public, mix=Track.SAFETY), out=tmp_path / "out")
    said = manifest_of(tmp_path / "out")
    assert set(said["mix"]["train"]) == {Track.SAFETY} and said["excluded"][BROKEN] == 1
    with pytest.raises(Conflict, match=r"hh\.jsonl:3 cannot be read"):
        actions.write(export=asked(batch, public, mix=Track.SAFETY, stop=True), out=tmp_path / "stopped")


def own(track: str, number: int) -> Pair:
    """A pair of ours that reads as `published` of the same number."""
    verdict = aggregate([-1], degrees=False)
    assert verdict is not None
    row = {
        "track": track,
        "messages": [{"role": "user", "content": f"Question {number}?"}],
        "response_a": {"text": "Yes, gladly."},
        "response_b": {"text": "No."},
    }
    return row, verdict


def published(path: Path, numbers: Sequence[int]) -> Path:
    return hh(path, [hh_line(f"Question {number}?") for number in numbers])


NUMBERS = st.lists(st.integers(0, 12), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mix=st.sampled_from(sorted(OTHERS)),
    ours=st.dictionaries(st.sampled_from(list(Track)), NUMBERS),
    theirs=st.lists(st.tuples(st.sampled_from(list(Track)), NUMBERS), max_size=3),
)
def test_no_mix_has_a_pair_twice_but_what_the_track_itself_has_twice(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mix: str,
    ours: dict[Track, list[int]],
    theirs: list[tuple[Track, list[int]]],
) -> None:
    rows = [own(track, number) for track, numbers in ours.items() for number in numbers]
    monkeypatch.setattr(selections, "preference_rows", lambda *_: iter(rows))
    public = tuple(
        PublicSet("hh", track, published(tmp_path / f"{place}.jsonl", numbers))
        for place, (track, numbers) in enumerate(theirs)
    )
    excluded: Counter[str] = Counter()
    mixed = [row for row, _ in Selection(Batch(seed="s"), mix, public).pairs(Split.TRAIN, excluded)]

    own_ones = Counter(key_of(row) for row, _ in rows if row["track"] == mix)
    found = Counter(map(key_of, mixed))
    assert all(count == own_ones.get(key, 1) for key, count in found.items()) and own_ones.keys() <= found.keys()
    taken_whole = {n for track, numbers in theirs for n in numbers if track == mix == Track.SAFETY}
    whole = own_ones.total() + len(taken_whole - set(ours.get(Track(mix), [])))
    everything = {n for _, numbers in (*ours.items(), *theirs) for n in numbers}
    wanted = round(whole * OTHERS[mix] / (1 - OTHERS[mix]))
    assert len(mixed) == whole + min(wanted, len(everything - taken_whole - set(ours.get(Track(mix), []))))
