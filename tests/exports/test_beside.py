"""Several processes make the rows of a large batch; what they make is what one would have made."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from pickle import PickleBuffer

import pyarrow as pa
import pytest

from exports import beside, manifest
from exports.formats import FORMATS, files, load_format
from exports.selections import Selection
from preferences import sealed_rows
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, sealed


def test_results_come_in_order_from_other_processes() -> None:
    found = list(beside.in_order(lambda thing: (thing * 2, os.getpid()), range(20), processes=2))
    assert [double for double, _ in found] == [2 * thing for thing in range(20)]
    assert len({process for _, process in found} - {os.getpid()}) == 2


def open_files() -> set[str]:
    found = set()
    for handle in list(Path("/proc/self/fd").iterdir()):
        with suppress(FileNotFoundError):  # the one that this directory was read by
            found.add(str(handle.readlink()))
    return found


def test_what_is_large_of_a_result_outlasts_the_results_after_it_and_leaves_nothing_open() -> None:
    def work(thing: int) -> tuple[int, PickleBuffer, pa.Table]:
        return thing, PickleBuffer(bytes([thing]) * 100_003 * (thing % 3)), pa.table({"text": [str(thing)] * 1000})

    open_before = open_files()
    found = list(beside.in_order(work, range(20), processes=2))
    for thing, (number, content, table) in enumerate(found):
        assert (number, bytes(content)) == (thing, bytes([thing]) * 100_003 * (thing % 3))
        assert table["text"].unique().to_pylist() == [str(thing)]
    del found, content, table
    assert open_files() <= open_before  # what others left may have been closed meanwhile


def test_what_goes_wrong_there_is_raised_here() -> None:
    def halve(thing: int) -> float:
        return 1 / thing

    results = beside.in_order(halve, [2, 0, 1], processes=2)
    assert next(results) == 0.5
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_a_process_that_is_killed_stops_the_work_with_a_sentence() -> None:
    with pytest.raises(ChildProcessError, match="was ended"):
        list(beside.in_order(lambda _thing: os.kill(os.getpid(), signal.SIGKILL), [1], processes=2))


def test_the_processes_end_with_the_work_also_where_it_is_broken_off() -> None:
    results = beside.in_order(lambda _thing: os.getpid(), range(10), processes=2)
    processes = {next(results), next(results)}
    assert isinstance(results, Generator)
    results.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


@pytest.mark.parametrize("number", [0, 5], ids=["none", "five"])
def test_what_is_empty_at_the_end_of_a_result_is_empty_here(number: int) -> None:
    def work(_thing: int) -> pa.Table:
        return pa.table({"text": ["said"] * number, "degree": pa.array([""] * number, pa.string())})

    assert list(beside.in_order(work, [1, 2], processes=2)) == [work(1), work(2)]


@pytest.mark.django_db
def test_several_processes_write_the_bytes_that_one_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_rows, "ROWS", 2)
    monkeypatch.setattr(files, "LEAST_PARTS", 1)
    campaign = open_campaign(raters_per_item=2)
    for scores in [(-3, -1), (3, 2), (-3, 3), (2, 2), (1, 1), (-2, -2), (3, -3)]:
        judged(campaign, scores)
    batch = sealed(campaign)
    written = {}
    for cores in (1, 2):
        monkeypatch.setattr(files, "cores", lambda cores=cores: cores)
        for format in FORMATS:
            out, excluded = tmp_path / f"{format}-{cores}", Counter[str]()
            out.mkdir()
            rows = load_format(format)(Selection(batch), out, margin="small", excluded=excluded)
            hashes = {str(path.relative_to(out)): manifest.file_hash(path) for path in out.rglob("*") if path.is_file()}
            written[format, cores] = rows, hashes, excluded
    assert [format for format in FORMATS if written[format, 1] != written[format, 2]] == []
    assert written["trl", 2][2] == {"as many votes for either response": 2}
