"""Import files that nobody should have sent: each line is told in a line, and the rest goes on."""

from __future__ import annotations

import io
import os
from functools import partial
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from preferences.errors import DomainError
from preferences.importing import parse, parse_prompt
from preferences.models import Campaign, Comparison
from preferences.scales import Scale
from tests import factories
from webapp.management import line_files
from webapp.management.line_files import LineFile

GOOD = {"id": "good", "prompt": [{"role": "user", "content": "Why?"}], "response_a": "One.", "response_b": "Two."}
DEEP = b"[" * 900 + b"]" * 900
BROKEN = {
    "no JSON": b"{",
    "NaN": b'{"id": NaN}',
    "a lone surrogate": b'{"id": "\\ud800"}',
    "not UTF-8": b'{"id": "\xff"}',
    "UTF-16": '{"id": "1"}'.encode("utf-16-le"),
    "a NUL": orjson.dumps(GOOD | {"response_a": "\x00"}),
    "a list": b"[1]",
    "too deep for the parser": b"[" * 100_000,
    "too deep to be shown": b'{"id": "x", "prompt": [], "votes": [{"chosen": %s}]}' % DEEP,
    "a deep category": b'{"id": "x", "prompt": [{"role": "user", "content": "y"}], "category": %s}' % DEEP,
    "a deep role": b'{"id": "x", "prompt": [{"role": %s, "content": "y"}]}' % DEEP,
    "a field of a megabyte": b'{"%s": 1}' % (b"x" * 2**20),
    "a field that moves the cursor": b'{"\\u001b[2J\\nline 1: stored\\r": 1}',
    "an id that is too long": orjson.dumps(GOOD | {"id": "x" * 201}),
}


def imported(campaign: Campaign, path: Path, command: str = "import_comparisons") -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(SystemExit):
        call_command(command, str(path), campaign=campaign.slug, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["import_comparisons", "import_prompts"])
def test_each_line_is_told_in_one_short_line_and_the_good_ones_are_stored(command: str, tmp_path: Path) -> None:
    campaign, path = factories.campaign(), tmp_path / 'it\'s "one"\n.jsonl'
    factories.sampling_plan(campaign)
    good = GOOD if command == "import_comparisons" else {name: GOOD[name] for name in ("id", "prompt")}
    first, last = orjson.dumps(good), orjson.dumps(good | {"id": "last"})
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join([first, b"", *BROKEN.values(), last]))
    out, err = imported(campaign, path, command)
    told = err.splitlines()
    assert [line.partition(": ")[0] for line in told] == [f"line {number}" for number in range(3, 3 + len(BROKEN))]
    assert all(len(line) < 350 and line.isprintable() for line in told)
    assert f"Done: 2 stored, 0 already there, {'0 of these asked for again, ' * (good is not GOOD)}{len(BROKEN)}" in out


@pytest.mark.django_db
def test_a_line_without_end_is_passed_over_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_files, "LONGEST_LINE", 1000)
    campaign, path = factories.campaign(), tmp_path / "set.jsonl"
    path.write_bytes(b"x" * 10_500 + b"\n" + orjson.dumps(GOOD))
    out, err = imported(campaign, path)
    assert err == "line 1: longer than 1,000 bytes\n" and "1 stored" in out
    assert Comparison.objects.count() == 1


@pytest.mark.django_db
def test_an_empty_file_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_bytes(b"")
    out = io.StringIO()
    call_command("import_comparisons", str(tmp_path / "set.jsonl"), campaign=factories.campaign().slug, stdout=out)
    assert out.getvalue() == "Done: 0 stored, 0 already there, 0 failed.\n"


COMMANDS = {
    "import_comparisons": ["--campaign", "any"],
    "import_prompts": ["--campaign", "any"],
    "convert_comparisons": ["hh"],
    "register_evaluation_set": ["--name", "Any"],
    "contamination": ["--against", ".", "--eval"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_file_is_refused_before_it_is_opened(command: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("", "pipe", "loop", "missing\n\x1b[2J", "x" * 300, "loop/x"):
        with pytest.raises(CommandError, match="there is no file") as refused:
            call_command(command, *COMMANDS[command], str(tmp_path / name))
        assert str(refused.value).isprintable()
    with pytest.raises(CommandError, match="there is no file /dev/zero"):
        call_command(command, *COMMANDS[command], "/dev/zero")


def test_a_file_that_is_gone_when_it_is_opened_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"cannot be opened: No such file or directory\. Nothing was stored\."):
        list(LineFile(tmp_path / "gone", parse_prompt, print).chunks(1))


WORD = st.sampled_from(["", "a", "\x00", "better", "factual", "2026-11-23T10:00:00Z", "0001-01-01T00:00:00+23:59"])
ANYTHING = st.recursive(
    st.sampled_from([None, True, 0, 1, -3, 2**63, 0.5, 1e300]) | WORD,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORD, inner, max_size=2),
    max_leaves=4,
)
MESSAGE = st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "system", ""]) | ANYTHING}) | ANYTHING
VOTE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["annotator", "chosen", "degree", "rating", "rationale", "seconds", "at"], ANYTHING)
)
LINE = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(["id", "category", "risk_category", "response_a", "response_b", "variant_a"], ANYTHING)
    | {"prompt": st.lists(MESSAGE, max_size=2) | ANYTHING, "votes": st.lists(VOTE | ANYTHING, max_size=2) | ANYTHING},
)


@given(LINE, st.sampled_from(Scale))
def test_whatever_a_line_holds_it_is_a_comparison_or_a_reason(line: dict[str, object], scale: Scale) -> None:
    content = orjson.dumps(line)
    for read in (partial(parse, scale=scale, most_votes=3), parse_prompt):
        try:
            read(content)
        except DomainError as error:
            assert str(error)


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    asked = "\n\nHuman: Hi\n\nAssistant: "
    path = tmp_path / "set.jsonl"
    path.write_bytes(orjson.dumps({"chosen": f"{asked}A", "rejected": f"{asked}B"}))
    with pytest.raises(CommandError, match=r"/dev/full cannot be written: No space left on device\."):
        call_command("convert_comparisons", "hh", str(path), out=Path("/dev/full"))
