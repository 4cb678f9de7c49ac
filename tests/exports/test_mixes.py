"""The paper's mixes: all of a track's own, an equal part or a tenth from elsewhere, nothing held out, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.plugin import DjangoDbBlocker

from exports import actions
from exports.public_sets import BROKEN, HELD_OUT, OURS, PublicSet, drawn, is_drawn, skipped
from exports.verdicts import aggregate
from preferences.choices import Track
from preferences.errors import Conflict, InvalidInput
from preferences.models import Batch
from tests import snapshots
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import bytes_of, judged, manifest_of, rows_of, sealed
from tests.factories.exports import ExportFactory

OWN = 20  # comparisons of each track in a batch


@pytest.fixture(scope="module")
def stored(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[int]:
    with snapshots.of_a_module(django_db_blocker):
        helpful, safe = open_campaign(), open_campaign(track=Track.SAFETY)
        for number in range(OWN):
            judged(helpful, text=f"Helpful question {number}?")
            judged(safe, text=f"Safety question {number}?", safety=[(5, 2)])
        yield sealed(helpful, safe, name="both").pk


@pytest.fixture
def batch(stored: int, db: None) -> Batch:
    return Batch.objects.get(pk=stored)


def hh_line(question: str, good: str = "Yes, gladly.", bad: str = "No.") -> dict[str, str]:
    asked = f"\n\nHuman: {question}\n\nAssistant: "
    return {"chosen": asked + good, "rejected": asked + bad}


def publics(count: int) -> list[dict[str, str]]:
    return [hh_line(f"Public {number}?") for number in range(count)]


def hh(path: Path, lines: list[dict[str, str]]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return path


def mixed(batch: Batch, out: Path, mix: str, *public: PublicSet, format: str = "trl") -> list[dict[str, Any]]:
    export = actions.request(batch=batch, format=format, margin="small", mix=mix, public=public, by=None)
    actions.write(export=export, out=out)
    return rows_of(out, "train")


def counts(batch: Batch, track: str) -> tuple[int, int]:
    """Train and test comparisons of a track."""
    items = batch.items.filter(comparison__campaign__track=track)
    return items.filter(group__split="train").count(), items.filter(group__split="test").count()


def test_helpfulness_takes_as_many_others_as_it_has_own(batch: Batch, tmp_path: Path) -> None:
    own, held_out = counts(batch, Track.HELPFULNESS)
    public = PublicSet("hh", Track.HELPFULNESS, hh(tmp_path / "hh.jsonl", publics(200)))
    rows = mixed(batch, tmp_path / "out", Track.HELPFULNESS, public)
    ours = [row for row in rows if row["track"] == Track.HELPFULNESS and not row["dataset"]]
    assert (len(ours), len(rows)) == (own, 2 * own)
    test = rows_of(tmp_path / "out", "test")
    assert [row["track"] for row in test] == [Track.HELPFULNESS] * held_out
    said = manifest_of(tmp_path / "out")["mix"]
    assert said["name"] == Track.HELPFULNESS and sum(said["train"].values()) == len(rows)
    assert said["train"][Track.HELPFULNESS] == own
    assert said["public"][0]["licence"] == "MIT" and str(tmp_path) not in str(said)


def test_safety_takes_its_public_set_whole_and_a_tenth_of_the_rest(batch: Batch, tmp_path: Path) -> None:
    own, _ = counts(batch, Track.SAFETY)
    harmless = PublicSet("hh", Track.SAFETY, hh(tmp_path / "hh.jsonl", publics(34)))
    rows = mixed(batch, tmp_path / "out", Track.SAFETY, harmless)
    said = manifest_of(tmp_path / "out")["mix"]["train"]
    assert said == {"safety": own, "hh": 34, "helpfulness": round((own + 34) / 9)}
    assert {(row["dataset"], row["licence"]) for row in rows} == {("", ""), ("hh", "MIT")}


@pytest.mark.parametrize(("format", "rows_a_pair"), [("kto", 2), ("sft", 1)])
def test_each_row_says_where_it_is_from(batch: Batch, tmp_path: Path, format: str, rows_a_pair: int) -> None:
    harmless = PublicSet("hh", Track.SAFETY, hh(tmp_path / "hh.jsonl", publics(34)))
    rows = mixed(batch, tmp_path / "out", Track.SAFETY, harmless, format=format)
    assert sum((row["dataset"], row["licence"]) == ("hh", "MIT") for row in rows) == 34 * rows_a_pair
    assert {row["dataset"] for row in rows} == {"", "hh"}


def test_a_mix_comes_out_the_same_twice(batch: Batch, tmp_path: Path) -> None:
    public = PublicSet("hh", Track.HELPFULNESS, hh(tmp_path / "hh.jsonl", publics(99)))
    for name in ("first", "second"):
        mixed(batch, tmp_path / name, Track.HELPFULNESS, public)
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")


def test_nothing_held_out_nothing_twice_and_nothing_broken_is_drawn(batch: Batch, tmp_path: Path) -> None:
    held = batch.items.filter(group__split="test", comparison__campaign__track=Track.HELPFULNESS).first()
    own = batch.items.filter(group__split="train", comparison__campaign__track=Track.HELPFULNESS).first()
    assert held is not None and own is not None and own.comparison.response_b is not None
    lines = publics(5)
    lines += [lines[0], {"chosen": "half"}]
    lines.append(hh_line(f" {held.comparison.turn.prompt.text.upper()} "))
    pair = own.comparison
    lines.append(hh_line(pair.turn.prompt.text, pair.response_b.text, pair.response_a.text))
    public = PublicSet("hh", Track.HELPFULNESS, hh(tmp_path / "hh.jsonl", lines))
    rows = mixed(batch, tmp_path / "out", Track.HELPFULNESS, public)
    excluded = manifest_of(tmp_path / "out")["excluded"]
    assert {reason: excluded[reason] for reason in (BROKEN, HELD_OUT, OURS)} == {BROKEN: 1, HELD_OUT: 1, OURS: 2}
    [told] = manifest_of(tmp_path / "out")["mix"]["unreadable"]
    assert told.startswith("hh.jsonl:7: ")
    questions = [row["prompt"][-1]["content"] for row in rows]
    assert not [text for text in questions if text.strip().lower() == held.comparison.turn.prompt.text.lower()]
    assert questions.count(pair.turn.prompt.text) == 1


def test_a_public_set_that_has_a_pair_of_our_other_track_gives_it_once(batch: Batch, tmp_path: Path) -> None:
    pairs = [
        item.comparison
        for item in batch.items.filter(group__split="train", comparison__campaign__track=Track.SAFETY)
        if item.comparison.response_b is not None
    ]
    lines = [hh_line(one.turn.prompt.text, one.response_a.text, one.response_b.text) for one in pairs]
    public = PublicSet("hh", Track.HELPFULNESS, hh(tmp_path / "hh.jsonl", lines))
    rows = mixed(batch, tmp_path / "out", Track.HELPFULNESS, public)
    drawn_from_elsewhere = [row["prompt"][-1]["content"] for row in rows if row["track"] == "safety" or row["dataset"]]
    assert len(drawn_from_elsewhere) == len(set(drawn_from_elsewhere)) == len(pairs)
    assert manifest_of(tmp_path / "out")["excluded"][OURS] == len(pairs)


def test_what_cannot_be_read_stops_the_export_where_that_is_asked(batch: Batch, tmp_path: Path) -> None:
    lines = [*publics(2), {"chosen": "half"}, hh_line("Nothing?", good="\x00")]
    public = PublicSet("hh", Track.SAFETY, hh(tmp_path / "hh.jsonl", lines))
    options = {"batch": batch, "format": "hh", "margin": "none", "mix": "safety", "public": [public], "by": None}
    stopped = actions.request(**options, stop=True)
    with pytest.raises(Conflict, match=r"hh\.jsonl:3 cannot be read: .+ The export stopped there\."):
        actions.write(export=stopped, out=tmp_path / "stopped")
    assert (stopped.status, "hh.jsonl:3" in stopped.reason) == ("failed", True)

    made = actions.write(export=actions.request(**options), out=tmp_path / "out")
    left_out = skipped(made.manifest)
    assert (left_out.count, [line.split(": ")[0] for line in left_out.first]) == (2, ["hh.jsonl:3", "hh.jsonl:4"])


def test_where_there_are_fewer_others_all_are_taken(batch: Batch, tmp_path: Path) -> None:
    rows = mixed(batch, tmp_path / "out", Track.HELPFULNESS)
    assert len(rows) == counts(batch, Track.HELPFULNESS)[0] + min(
        counts(batch, Track.HELPFULNESS)[0], counts(batch, Track.SAFETY)[0]
    )


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"mix": "kindness"}, "There is no mix “kindness”"),
        ({"mix": "safety", "format": "votes"}, "is not of pairs"),
        ({"public": [PublicSet("hh", "safety", Path("x"))]}, "Public sets are drawn from by a mix"),
    ],
    ids=["no mix", "no pairs", "no mix for the set"],
)
def test_what_is_no_mix_is_a_sentence(batch: Batch, settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        actions.request(**{"batch": batch, "format": "trl", "margin": "small", "by": None, **settings})


def test_the_command_names_public_sets_by_track_source_and_file(batch: Batch, tmp_path: Path) -> None:
    file = hh(tmp_path / "hh.jsonl", [hh_line(f"Harmless {n}?") for n in range(10)])
    options = ["--batch", batch.name, "--out", str(tmp_path / "out"), "--mix", "safety"]
    call_command("export_batch", *options, "--public", f"safety:hh={file}")
    assert manifest_of(tmp_path / "out")["mix"]["train"]["hh"] == 10
    for wrong in (f"kindness:hh={file}", f"safety:gossip={file}", "safety:hh=nowhere", "hh"):
        with pytest.raises(CommandError, match="--public"):
            call_command("export_batch", *options, "--public", wrong)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "constraint"),
    [({"mix": "kindness"}, "export_mix"), ({"public": [{"source": "hh"}]}, "export_public_sets_in_a_mix")],
    ids=["no mix", "public without one"],
)
def test_postgresql_refuses(fields: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        ExportFactory(**fields)


def pairs(numbers: list[int]) -> Callable[[], Any]:
    verdict = aggregate([-1], degrees=False)
    rows = [
        {"messages": [{"role": "user", "content": str(n)}], "response_a": {"text": "a"}, "response_b": {"text": "b"}}
        for n in numbers
    ]
    return lambda: ((row, verdict) for row in rows)


@given(
    numbers=st.lists(st.integers(0, 10_000), unique=True, max_size=60), wanted=st.integers(0, 70), order=st.randoms()
)
def test_a_draw_takes_so_many_whatever_their_order(numbers: list[int], wanted: int, order: Any) -> None:
    shuffled = list(numbers)
    order.shuffle(shuffled)
    first, second = (drawn(pairs(some)(), wanted, seed="s") for some in (numbers, shuffled))
    assert first == second
    assert sum(is_drawn(row, first, seed="s") for row, _ in pairs(numbers)()) == min(wanted, len(numbers))


def test_every_pair_is_drawn_as_often_as_another() -> None:
    often = [0] * 10
    for seed in range(2000):
        chosen = drawn(pairs(list(range(10)))(), 3, seed=str(seed))
        for place, (row, _) in enumerate(pairs(list(range(10)))()):
            often[place] += is_drawn(row, chosen, seed=str(seed))
    # 600 each, by a fixed list of seeds; four standard deviations are 82.
    assert all(abs(count - 600) < 82 for count in often)
