"""From finished comparisons to verified files, by commands alone."""

from __future__ import annotations

import json
import re
import resource
import shlex
from contextlib import nullcontext
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from exports import actions
from exports.formats import FORMATS, load_command
from exports.models import Export
from preferences.models import Batch
from preferences.weeks import week_of
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, manifest_of, rows_of

pytestmark = pytest.mark.django_db


def said(command: str, *arguments: str | Path) -> str:
    out = StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def this_week() -> str:
    return week_of(timezone.now())


def test_a_week_is_sealed_exported_and_verified(tmp_path: Path) -> None:
    campaign, other = open_campaign(), open_campaign()
    for _ in range(11):
        judged(campaign)
    judged(other)

    told = said("seal_batch", "--week", this_week(), "--campaign", campaign.slug)

    batch = Batch.objects.get()
    assert told.startswith(
        f"{this_week()}-{campaign.slug}: 10 comparisons to train on, 1 held out. SHA-256 {batch.sha256}"
    )
    told = said("export_batch", "--batch", batch.name, "--margin", "large", "--out", tmp_path / "out")
    assert "11 rows" in told and f'load_dataset("{tmp_path / "out"}")' in told
    assert manifest_of(tmp_path / "out")["margin"]["name"] == "large"
    assert len(rows_of(tmp_path / "out", "train")) == 10
    assert "every file is as it was written" in said("verify_export", tmp_path / "out")


def test_all_campaigns_are_sealed_together_unless_one_is_named() -> None:
    for _ in range(2):
        judged(open_campaign())
    assert said("seal_batch", "--week", this_week(), "--name", "both").startswith("both: 1 comparisons to train on, 1")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("seal_batch", "--week", "2026-48"), "is not an ISO week"),
        (("seal_batch", "--week", "2026-W48", "--campaign", "nobody"), "There is no campaign “nobody”"),
        (("seal_batch", "--week", "2020-W01"), "No finished comparison waits"),
        (("export_batch", "--batch", "nothing", "--out", "somewhere"), "There is no batch “nothing”"),
    ],
    ids=["no week", "no campaign", "nothing finished", "no batch"],
)
def test_what_cannot_be_done_is_a_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    open_campaign()
    with pytest.raises(CommandError, match=sentence):
        said(*arguments)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    judged(open_campaign())
    said("seal_batch", "--week", this_week(), "--name", "one")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("kept")
    with pytest.raises(CommandError, match="exists already"):
        said("export_batch", "--batch", "one", "--out", tmp_path / "out")
    assert (tmp_path / "out" / "mine").read_text() == "kept"


def test_what_a_killed_command_left_goes_when_it_runs_again_and_nothing_else_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged(open_campaign())
    said("seal_batch", "--week", this_week(), "--name", "one")
    half, other, mine = (tmp_path / f".{name}" for name in (f"out.{'0a' * 16}", f"outer.{'0a' * 16}", "out.mine"))
    for one in (half, other, mine):
        one.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(actions, "alone", lambda name: nullcontext(enter_result=False))
        with pytest.raises(CommandError, match="Another process writes"):
            said("export_batch", "--batch", "one", "--out", tmp_path / "out")
    assert half.exists()
    said("export_batch", "--batch", "one", "--out", tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == sorted([other, mine, tmp_path / "out"])


NAME = 'it\'s "one" $(touch x)\n\\{set}'


@pytest.mark.parametrize("format", FORMATS)
def test_the_command_that_loads_an_export_takes_any_name(format: str) -> None:
    """Copied into a program, a file of settings or a shell, it names the directory and does nothing else."""
    command = load_command(format, NAME)
    if string := re.search(r'"(?:[^"\\]|\\.)*"', FORMATS[format].load) and re.search(r'"(?:[^"\\]|\\.)*"', command):
        assert json.loads(string[0]).startswith(NAME)
    else:
        assert shlex.quote(NAME) in command and NAME not in command.replace(shlex.quote(NAME), "")


def test_an_export_goes_where_it_is_told_and_its_batch_may_be_called_anything(tmp_path: Path) -> None:
    judged(open_campaign())
    judged(open_campaign())
    name = "../climbs 'out'\n\"of\" it"
    said("seal_batch", "--week", this_week(), "--name", name)
    out = tmp_path / 'it\'s "one"\n{set}'
    said("export_batch", "--batch", name, "--out", out)
    assert [path.name for path in tmp_path.iterdir()] == [out.name]
    assert manifest_of(out)["batch"]["name"] == name
    assert "every file is as it was written" in said("verify_export", out)


@pytest.mark.parametrize("where", ["/dev/null/out", "/proc/out", "x" * 300], ids=["a device", "no disk", "a long name"])
def test_where_nothing_can_be_written_is_a_sentence(where: str, tmp_path: Path) -> None:
    judged(open_campaign())
    judged(open_campaign())
    said("seal_batch", "--week", this_week(), "--name", "one")
    with pytest.raises(CommandError, match=r"^It could not be written: .+\. Nothing was kept\.$"):
        said("export_batch", "--batch", "one", "--out", tmp_path / where)


@pytest.mark.parametrize(
    "name", ["/", "a\udcff", "a\0b", "long/" * 120], ids=["root", "bytes", "a zero byte", "a long path"]
)
def test_what_cannot_name_a_directory_is_refused_before_anything_is_written(name: str, tmp_path: Path) -> None:
    judged(open_campaign())
    said("seal_batch", "--week", this_week(), "--name", "one")
    with pytest.raises(CommandError, match="cannot be a directory's name"):
        said("export_batch", "--batch", "one", "--out", f"{tmp_path}/{name}" if name != "/" else name)
    assert list(tmp_path.iterdir()) == [] and not Export.objects.exists()


def test_a_name_that_climbs_leads_where_it_says(tmp_path: Path) -> None:
    judged(open_campaign())
    judged(open_campaign())
    said("seal_batch", "--week", this_week(), "--name", "one")
    said("export_batch", "--batch", "one", "--out", f"{tmp_path}/nothing/../out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert Export.objects.get().path == str(tmp_path / "out")


def test_a_disk_that_is_full_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    """The system itself refuses to let a file grow, in the midst of the first shard."""
    judged(open_campaign(), text="A long question. " * 500)
    judged(open_campaign())
    said("seal_batch", "--week", this_week(), "--name", "one")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(CommandError, match=r"^There was no room on the disk: .+ have it written again\.$"):
            said("export_batch", "--batch", "one", "--out", tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
