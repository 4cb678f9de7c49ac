"""Files that nobody should have sent: each is told in a line, whatever it holds, and holds no more than an entry."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.sources import SOURCES, arrays, hh, read, reading
from exports.sources.arrays import SplitError, elements
from exports.sources.reading import Broken, entries
from preferences.errors import DomainError
from preferences.importing import parse
from preferences.scales import Scale
from tests.exports.sources.test_sources import ENTRIES, written

DEEP = 900  # as deep as the parser goes, and deeper than Python compares, prints or copies


def of(path: Path, content: bytes) -> list[Any]:
    path.write_bytes(content)
    return [entry for _number, entry in entries(path)]


def reasons(found: list[Any]) -> list[str]:
    return [f"{entry.number}: {entry.reason}" for entry in found if isinstance(entry, Broken)]


@pytest.mark.parametrize("name", ["set.jsonl", "set.json"])
@pytest.mark.parametrize(
    "line",
    [
        b'{"text": "\\ud800"}',
        b'{"score": NaN}',
        b'{"score": -Infinity}',
        b'{"a": 1} {"b": 2}',
        b'{"a": \xff\xfe}',
        b'\x00{"a": 1}',
        '{"a": 1}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a": ' * 5_000,
        b"'a'",
    ],
    ids=["surrogate", "NaN", "infinity", "two objects", "not UTF-8", "NUL", "UTF-16", "brackets", "braces", "quotes"],
)
def test_a_line_that_is_no_json_is_told_and_the_rest_goes_on(name: str, line: bytes, tmp_path: Path) -> None:
    before, broken, after = of(tmp_path / name, b'{"n": 1}\n' + line.replace(b"\n", b" ") + b'\n{"n": 3}\n')
    assert (before, after) == ({"n": 1}, {"n": 3})
    assert broken.number == 2 and broken.reason.startswith("not JSON (")


def test_a_mark_at_the_beginning_and_ends_of_lines_of_another_system_are_no_matter(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    lines = b'\r\n\r\n{"n": 1}\r\n\n{"n": 2}\r\n'
    assert of(tmp_path / "lines.jsonl", mark + lines) == [{"n": 1}, {"n": 2}]
    assert of(tmp_path / "lines.jsonl.gz", gzip.compress(mark + lines)) == [{"n": 1}, {"n": 2}]
    assert of(tmp_path / "array.json", mark + b'\r\n[{"n": 1},\r\n{"n": 2}]\r\n') == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("name", ["empty.jsonl", "empty.json", "blank.jsonl", "array.json"])
def test_a_file_with_nothing_in_it_has_no_entries(name: str, tmp_path: Path) -> None:
    assert of(tmp_path / name, {"blank": b"\n \n", "array": b" [ ]\n"}.get(name.partition(".")[0], b"")) == []


def test_of_two_fields_of_one_name_the_last_counts(tmp_path: Path) -> None:
    assert of(tmp_path / "set.jsonl", b'{"a": 1, "a": 2}') == [{"a": 2}]


def test_a_broken_element_of_an_array_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = of(tmp_path / "set.json", b'[{"n": 1}, {"n": tru}, 3, {"n": "],[\\""}, , {"n": {"m": [5]}}]')
    assert [entry for entry in found if isinstance(entry, dict)] == [{"n": 1}, {"n": '],["'}, {"n": {"m": [5]}}]
    assert [line.partition(" (")[0] for line in reasons(found)] == [
        "2: not JSON",
        "3: not a JSON object",
        "5: not JSON",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[{"n": 1}, {"n": 2}', "2: the array does not end"),
        (b'[{"n": 1}, {"n": "2}]', "2: the array does not end"),
        (b'[{"n": 1}\n] {"n": 2}', "2: something stands behind the array"),
    ],
    ids=["cut off", "an open quote", "more behind it"],
)
def test_an_array_that_does_not_end_as_it_should_gives_what_came_before(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    found = of(tmp_path / "set.json", content)
    assert found[0] == {"n": 1} and reasons(found) == [reason]


KEYS = st.text('a"\\,', max_size=3)


@given(
    st.lists(
        st.recursive(
            st.none() | st.integers(0, 9) | st.text('a"\\[]{},é\n', max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\,', max_size=3), inner, max_size=3)
            ),
        ),
        max_size=4,
    ),
    st.integers(1, 9),
    st.booleans(),
)
def test_the_elements_of_an_array_are_those_of_the_parser(array: list[Any], at_once: int, indented: bool) -> None:
    content = orjson.dumps(array, option=orjson.OPT_INDENT_2 if indented else None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "AT_ONCE", at_once)
        assert [orjson.loads(element) for element in elements(io.BytesIO(content), 10**6)] == array


@given(st.binary(max_size=60).map(lambda content: b"[" + content), st.integers(1, 9))
def test_the_splitter_ends_whatever_it_is_given(content: bytes, at_once: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "AT_ONCE", at_once)
        try:
            list(elements(io.BytesIO(content), 20))
        except SplitError as error:
            assert str(error)


class Endless(io.RawIOBase):
    """A bomb: bytes without end, of which the reader may take some."""

    def __init__(self, begin: bytes, most: int) -> None:
        self._begin, self._left = begin, most

    def read(self, size: int = -1) -> bytes:
        assert 0 < size <= self._left, "more was taken than an entry may have"
        self._left -= size
        given, self._begin = self._begin[:size], self._begin[size:]
        return given.ljust(size, b"0")

    def readline(self, size: int | None = -1) -> bytes:
        return self.read(size or -1)

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0


@pytest.mark.parametrize(("name", "begin"), [("bomb.jsonl.gz", b'{"a": "'), ("bomb.json.gz", b"[1, ")])
def test_no_more_of_a_bomb_is_unpacked_than_a_few_entries(
    name: str, begin: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONGEST", 10_000)
    monkeypatch.setattr(arrays, "AT_ONCE", 1_000)
    monkeypatch.setattr(reading, "_opened", lambda *_: Endless(begin, 40_000))
    found = [entry for _number, entry in entries(tmp_path / name)]
    assert "longer than 10,000 bytes; nothing after it was read" in reasons(found)[-1]


def test_what_stands_behind_a_gzip_is_told(tmp_path: Path) -> None:
    whole = gzip.compress(b'{"n": 1}\n')
    found = of(tmp_path / "set.jsonl.gz", whole + b"garbage")
    assert found[0] == {"n": 1} and "2: the file cannot be read further" in reasons(found)[0]
    flipped = bytearray(gzip.compress(b'{"n": 1}\n' * 1000))
    flipped[-8] ^= 1  # its checksum
    assert "cannot be read further" in reasons(of(tmp_path / "set.jsonl.gz", bytes(flipped)))[-1]


def loop(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "why"),
    [(lambda path: None, "No such file"), (Path.mkdir, "Is a directory"), (loop, "Too many levels of symbolic links")],
    ids=["nothing", "folder", "loop"],
)
@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "parquet"])
def test_what_is_no_file_is_told(make: Callable[[Path], None], why: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"set.{ending}"
    make(path)
    [(number, found)] = entries(path)
    assert number == 1 and isinstance(found, Broken)
    assert why in found.reason or ending == "parquet"


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"\xff" * 100 + b"PAR1", b'{"n": 1}'], ids=repr)
def test_a_parquet_file_that_is_none_is_told(content: bytes, tmp_path: Path) -> None:
    [reason] = reasons(of(tmp_path / "set.parquet", content))
    assert reason.startswith("1: the file cannot be read further")


def test_a_reason_is_one_short_line_whatever_the_entry_held() -> None:
    told = Broken(1, "it has no “\x1b[2J\nall is well\r" + "x" * 10**6).reason
    assert len(told) <= 201 and told.isprintable() and "all is well" in told


@pytest.mark.parametrize("name", SOURCES)
def test_no_source_takes_something_else_for_a_text(name: str, tmp_path: Path) -> None:
    """Whatever an entry has in one of its fields, its lines hold texts where a text belongs, or it is told."""
    entry, _ = ENTRIES[name]
    changed = [entry | {field: value} for field in entry for value in ([], {}, 7, 0.5, True, None, "", [[]], {"a": 1})]
    for line in read(name, written(tmp_path / "set.jsonl", *changed)):
        if not isinstance(line, Broken):
            with suppress(DomainError):
                parse(orjson.dumps(line), Scale.SEVEN_POINT, most_votes=9)


@pytest.mark.parametrize("name", SOURCES)
def test_no_source_meets_a_list_that_is_too_deep_for_python(name: str, tmp_path: Path) -> None:
    entry, _ = ENTRIES[name]
    deep = b"[" * DEEP + b"]" * DEEP
    path = tmp_path / "set.jsonl"
    whole = orjson.dumps(entry)
    path.write_bytes(b"".join(b"{%s: %s, %s\n" % (orjson.dumps(field), deep, whole[1:]) for field in entry))
    assert not reasons([line for line in read(name, path)]), "of two fields of one name the last counts"
    path.write_bytes(b"".join(b"%s, %s: %s}\n" % (whole[:-1], orjson.dumps(field), deep) for field in entry))
    for line in read(name, path):
        assert isinstance(line, Broken) or orjson.dumps(line)


def test_a_transcript_of_many_markers_takes_no_longer_than_it_is_long() -> None:
    """Each marker looked back over the whole text before it: a megabyte took hours."""
    said = "\n\nHuman: \n\nAssistant: " * 20_000
    prompt, chosen, rejected = hh.split(f"{said}yes", f"{said}no")
    assert len(prompt) == 39_999 and (chosen, rejected) == ("yes", "no")


def test_a_name_with_quotes_and_lines_of_its_own_is_a_name_like_another(tmp_path: Path) -> None:
    path = tmp_path / 'it\'s "one"\n{set}.jsonl'
    path.write_bytes(
        orjson.dumps({"chosen": "\n\nHuman: Hi\n\nAssistant: A", "rejected": "\n\nHuman: Hi\n\nAssistant: B"})
    )
    [line] = read("hh", path)
    assert isinstance(line, dict) and line["id"] == f"{os.fspath(path.name)}:1"
