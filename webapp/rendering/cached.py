"""Rendered texts in Django's cache. A cache that is away costs time, never a page."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable

from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe
from redis.exceptions import RedisError

from webapp.rendering.page import VERSION, render

SECONDS = 7 * 24 * 3600
_AWAY = (RedisError, OSError)

logger = logging.getLogger(__name__)


def rendered(texts: Iterable[str]) -> dict[str, SafeString]:
    """Each text with its HTML; at most one question to the cache and one answer to it."""
    keys = {text: _key(text) for text in texts}
    if not keys:
        return {}
    cache = caches["rendered"]
    try:
        found: dict[str, str] = cache.get_many(keys.values())
    except _AWAY as error:
        logger.warning("The cache of rendered texts cannot be read, texts are rendered anew: %s", error)
        return {text: render(text) for text in keys}
    fresh = {text: render(text) for text, key in keys.items() if key not in found}
    if fresh:
        try:
            cache.set_many({keys[text]: str(html) for text, html in fresh.items()}, SECONDS)
        except _AWAY as error:
            logger.warning("The cache of rendered texts cannot be written: %s", error)
    return {text: fresh[text] if text in fresh else mark_safe(found[key]) for text, key in keys.items()}  # nosec B308


def forget(texts: Iterable[str]) -> None:
    """Of texts that were erased; where the cache is away, it forgets them when their week is over."""
    try:
        caches["rendered"].delete_many([_key(text) for text in texts])
    except _AWAY as error:
        logger.warning("Texts that were erased may stand in the cache of rendered texts for a week: %s", error)


def _key(text: str) -> str:
    return f"{VERSION}:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
