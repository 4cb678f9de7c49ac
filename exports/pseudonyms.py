"""Annotators in what leaves: a person has one name in all that is made of the same content, and another elsewhere."""

from __future__ import annotations

import hmac
from functools import lru_cache

from django.conf import settings

DIGITS = 12  # of 16: among a million people two of one name in an export have a chance of 1 in 500


class Pseudonyms:
    """Names drawn from this installation's secret and what the export is of, so that it comes out the same again."""

    def __init__(self, salt: str) -> None:
        # The oldest that is still known: an export that was made before a change of keys comes out the same after it.
        secret = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS][-1]
        self._key = f"exports.pseudonyms:{secret}:{salt}".encode()
        self.of = lru_cache(maxsize=None)(self._of)

    def _of(self, annotator: int) -> str:
        return "rater-" + hmac.digest(self._key, str(annotator).encode(), "sha256").hex()[:DIGITS]
