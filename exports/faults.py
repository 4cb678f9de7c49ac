"""Why an export was not written, as a sentence that says what to do."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from preferences.progress import Progress

LIMIT = 300
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def reason(error: BaseException, aside: Path, progress: Progress) -> str:
    """For what went wrong while `aside` was written."""
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return _of_room(aside, progress)[:LIMIT]
    return (str(error) or type(error).__name__)[:LIMIT]


def _of_room(aside: Path, progress: Progress) -> str:
    written = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file())
    told = {"written": filesizeformat(written), "free": filesizeformat(shutil.disk_usage(aside.parent).free)}
    if progress.expected and progress.done:
        told["needed"] = filesizeformat(written * progress.expected / progress.done)
        sentence = _(
            "There was no room on the disk: %(written)s of about %(needed)s had been written, %(free)s were left."
        )
    else:
        sentence = _("There was no room on the disk: %(written)s had been written, %(free)s were left.")
    return f"{sentence % told} {_('Nothing was kept. Make room and have it written again.')}"
