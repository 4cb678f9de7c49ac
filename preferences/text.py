"""What may be stored as text, and the sentence for what may not."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from preferences.errors import InvalidInput

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

PROMPT_LIMIT = 20_000
ANSWER_LIMIT = 50_000
RATIONALE_LIMIT = 10_000
GUIDELINE_LIMIT = 100_000
RESPONSE_LIMIT = 1_000_000


def checked(text: str, *, what: str, limit: int, field: str, empty: bool = False) -> str:
    """`text` with its outer white space removed, or InvalidInput with a sentence about `what`, a translated noun."""
    text = text.strip()
    if not text and not empty:
        raise InvalidInput(_("%(what)s is empty. Write something, then send it again.") % {"what": what}, field=field)
    if len(text) > limit:
        raise InvalidInput(
            _(
                "%(what)s has %(length)s characters and the limit is %(limit)s. "
                "Nothing was stored; shorten it, then send it again."
            )
            % {"what": what, "length": f"{len(text):,}", "limit": f"{limit:,}"},
            field=field,
        )
    if "\x00" in text:
        raise InvalidInput(
            _("%(what)s contains a NUL character, which no database keeps. Remove it.") % {"what": what}, field=field
        )
    if "\ufffd" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(
            _(
                "%(what)s contains characters that could not be read as UTF-8 (shown as %(sign)s). "
                "Type or paste it again."
            )
            % {"what": what, "sign": "\ufffd"},
            field=field,
        )
    return text


def clamped(pasted: int | None, text: str) -> int | None:
    """How many characters of `text` its writer's browser says were pasted: a hint, which nothing proves."""
    return None if pasted is None else max(0, min(pasted, len(text)))


def storable(text: str) -> str:
    """A model's output as PostgreSQL can keep it: NUL and lone surrogates become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def printable(text: str, limit: int) -> str:
    """For one line of a terminal: what files hold may be long, have lines of its own, or move the cursor."""
    kept = "".join(letter if letter.isprintable() else "\ufffd" for letter in text[:limit])
    return f"{kept}…" if len(text) > limit else kept


def by_number(name: str) -> list[str | int]:
    """The key by which names are put in order as people count: version 2 before version 10."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"(\d+)", name))]
