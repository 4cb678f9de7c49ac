"""What may be stored as text, and the sentence for what may not."""

from __future__ import annotations

import re

from preferences.errors import InvalidInput

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

PROMPT_LIMIT = 20_000
RATIONALE_LIMIT = 10_000
GUIDELINE_LIMIT = 100_000
RESPONSE_LIMIT = 1_000_000


def checked(text: str, *, what: str, limit: int, field: str, empty: bool = False) -> str:
    """`text` with its outer white space removed, or InvalidInput with a sentence about `what`."""
    text = text.strip()
    if not text and not empty:
        raise InvalidInput(f"{what} is empty. Write something, then send it again.", field=field)
    if len(text) > limit:
        raise InvalidInput(
            f"{what} has {len(text):,} characters and the limit is {limit:,}. "
            "Nothing was stored; shorten it, then send it again.",
            field=field,
        )
    if "\x00" in text:
        raise InvalidInput(f"{what} contains a NUL character, which no database keeps. Remove it.", field=field)
    if "\ufffd" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise InvalidInput(
            f"{what} contains characters that could not be read as UTF-8 (shown as \ufffd). Type or paste it again.",
            field=field,
        )
    return text


def storable(text: str) -> str:
    """A model's output as PostgreSQL can keep it: NUL and lone surrogates become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
