"""Public sets that an operator laid into PUBLIC_SETS_DIR, chosen by name: sets.toml there says what each file is.

[harmless-base]
file = "harmless-base.jsonl.gz"   # in this folder
form = "hh"                       # how it was published: a name of exports.sources.SOURCES
track = "safety"
licence = "MIT"                   # where it is another than the form's own
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from exports.public_sets import PublicSet
from exports.selections import OTHERS
from exports.sources import SOURCES
from preferences.errors import Conflict, InvalidInput
from preferences.text import printable

CATALOGUE = "sets.toml"
LONGEST_TOLD = 100  # characters of a name that a sentence gives back
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}", re.ASCII)
_NEEDED, _MORE = {"file", "form", "track"}, {"licence"}


def known() -> list[PublicSet]:
    """All of them, by name; none where there is no catalogue. Conflict where the catalogue cannot be used."""
    if not path().exists():
        return []
    try:
        found = tomllib.loads(path().read_text())
    except (OSError, ValueError) as error:
        raise _unusable(str(error)) from None
    return [_set(name, about) for name, about in sorted(found.items())]


def path() -> Path:
    """Where the catalogue lies."""
    return _folder() / CATALOGUE


def chosen(names: Iterable[str]) -> list[PublicSet]:
    """Those of these names, each once, in the catalogue's order. InvalidInput where one is not in it."""
    wanted, sets = set(names), known()
    if missing := sorted(wanted - {one.name for one in sets}):
        raise InvalidInput(
            _("There is no public set “%(name)s” on this server; known are: %(known)s.")
            % {"name": printable(missing[0], LONGEST_TOLD), "known": ", ".join(one.name for one in sets) or "–"},
            field="public",
        )
    return [one for one in sets if one.name in wanted]


def _set(name: str, about: Any) -> PublicSet:
    if not _NAME.fullmatch(name):
        raise _unusable(_("a name has small letters, digits, “.”, “_” and “-”, and “%(name)s” has others"), name=name)
    if not isinstance(about, Mapping) or not _NEEDED <= set(about) <= _NEEDED | _MORE:
        raise _unusable(_("“%(name)s” needs file, form and track, may have a licence, and has nothing else"), name=name)
    if not all(isinstance(value, str) for value in about.values()):
        raise _unusable(_("“%(name)s” has something that is no text"), name=name)
    if about["form"] not in SOURCES or about["track"] not in OTHERS:
        raise _unusable(
            _("“%(name)s” has a form or a track that there is none of; forms: %(forms)s; tracks: %(tracks)s"),
            name=name,
            forms=", ".join(SOURCES),
            tracks=", ".join(OTHERS),
        )
    file = _folder() / about["file"]
    if file.parent != _folder() or not file.is_file():
        raise _unusable(_("the file of “%(name)s” is not in that folder"), name=name)
    return PublicSet(about["form"], about["track"], file, name=name, licence=about.get("licence", ""))


def _folder() -> Path:
    return Path(settings.PUBLIC_SETS_DIR).absolute()


def _unusable(why: str, **told: str) -> Conflict:
    return Conflict(
        _("%(file)s cannot be used: %(why)s. No public set is offered until whoever runs this server mends it.")
        % {"file": path(), "why": printable(why % told if told else why, 300)}
    )
