"""An export that is written a second time, because its files were lost, is the same to the bit or no export at all."""

from __future__ import annotations

from pathlib import Path

import orjson
from django.utils.translation import gettext as _

from exports import manifest
from exports.models import Export
from preferences.errors import Conflict


def keep_promise(export: Export, out: Path) -> None:
    """Conflict where a file of `out` is not as it was the first time.

    Where every file is, the first manifest is put back: it differs by the version of the code at most.
    """
    if not export.manifest_sha256 or manifest.file_hash(out / manifest.NAME) == export.manifest_sha256:
        return
    changed = _changed(export.manifest, (out / manifest.NAME).read_text())
    if changed:
        raise Conflict(
            _(
                "Written again it is not what it was: %(names)s came out with other bytes, because the code, a library "
                "or a public file changed since. Nothing was kept. Ask for a new export, which has an id of its own."
            )
            % {"names": ", ".join(changed)}
        )
    (out / manifest.NAME).write_text(export.manifest)


def _changed(before: str, after: str) -> list[str]:
    """Names of the files whose bytes differ; the manifest's own where nothing is known of the others."""
    if not before:
        return [manifest.NAME]
    then, now = (orjson.loads(text)["files"] for text in (before, after))
    return sorted(name for name in {*then, *now} if then.get(name) != now.get(name))
