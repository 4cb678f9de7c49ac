"""Why an export was not written, as a sentence that says what to do."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from billiard.exceptions import SoftTimeLimitExceeded
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from preferences.progress import Progress

LIMIT = 300
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def reason(error: BaseException, aside: Path, progress: Progress) -> str:
    """For what went wrong while `aside` was written."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return _of_room(aside, progress)[:LIMIT]
    if isinstance(error, SoftTimeLimitExceeded):
        told = _(
            "It took longer than a worker may be at it, and was ended after %(done)s comparisons. Nothing was kept. "
            "Have it written again when the machine has less to do."
        )
        return told % {"done": f"{progress.done:,}"}
    if isinstance(error, OSError) and error.strerror:
        return (_("It could not be written: %(why)s. Nothing was kept.") % {"why": error.strerror})[:LIMIT]
    return (str(error) or type(error).__name__)[:LIMIT]


def _of_room(aside: Path, progress: Progress) -> str:
    written = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file())
    told = {"written": filesizeformat(written), "free": filesizeformat(shutil.disk_usage(aside.parent).free)}
    if not progress.expected or not progress.done:
        sentence = _(
            "There was no room on the disk: %(written)s had been written, %(free)s were left. Nothing was kept. "
            "Make room and have it written again."
        )
        return sentence % told
    sentence = _(
        "There was no room on the disk: %(written)s of about %(needed)s had been written, %(free)s were left. "
        "Nothing was kept. Make room and have it written again."
    )
    return sentence % (told | {"needed": filesizeformat(written * progress.expected / progress.done)})
