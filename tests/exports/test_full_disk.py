"""A disk that is full, really: the kernel refuses to let a file grow."""

from __future__ import annotations

import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from billiard.exceptions import SoftTimeLimitExceeded

from exports import actions, faults, tasks
from preferences import progress
from tests import factories

pytestmark = pytest.mark.django_db
MOST = 500  # bytes a file may have


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("format", ["trl", "hh"])
def test_it_says_how_much_room_was_needed_and_is_written_once_there_is_room(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    settings.EXPORTS_DIR = tmp_path
    monkeypatch.setattr(progress, "LOOK_EVERY", 1)
    export = factories.export(factories.batch(comparisons=12), format=format)

    with no_file_above(MOST), pytest.raises(OSError, match="File too large"):
        tasks.write(str(export.pk))

    export.refresh_from_db()
    assert export.status == "failed"
    assert re.match(
        r"There was no room on the disk: [\d.]+\xa0(bytes|KB) of about [\d.]+\xa0(bytes|KB) had been written, "
        r"[\d.]+\xa0[GMT]B were left\. "
        r"Nothing was kept\. Make room and have it written again\.",
        export.reason,
    )
    assert list(tmp_path.iterdir()) == []

    actions.write_again(export=export, by=factories.user())
    tasks.write(str(export.pk))
    export.refresh_from_db()
    assert export.status == "ready"


def test_a_writer_that_took_too_long_says_so(tmp_path: Path) -> None:
    told = progress.Progress("export:1", expected=10)
    told.add(1234)
    assert faults.reason(SoftTimeLimitExceeded(), tmp_path, told) == (
        "It took longer than a worker may be at it, and was ended after 1,234 comparisons. "
        "Nothing was kept. Have it written again when the machine has less to do."
    )
