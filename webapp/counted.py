"""Figures that take a second to count, kept for a while: by one process at a time, and with the time they are of.

A cache that is away costs time, never a page.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar, cast

from django.core.cache import caches
from django.utils import timezone
from redis.exceptions import RedisError

T = TypeVar("T")

SECONDS = 300  # what is shown is never older
PATIENCE = 30.0  # seconds that one waits for what somebody else counts; whoever died meanwhile is not waited for longer
PAUSE = 0.05
VERSION = 1  # of what is kept: another one where its classes change
_AWAY = (RedisError, OSError)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Counted(Generic[T]):
    value: T
    at: datetime  # when the counting began


def counted(key: str, count: Callable[[], T]) -> Counted[T]:
    """What is kept under the key, else what `count` says now; whoever else asks meanwhile waits for that."""
    cache, name = caches["counted"], _name(key)
    try:
        if (found := cache.get(name)) is not None:
            return _checked(found)
        is_first = cache.add(f"{name}:held", True, PATIENCE)
        if not is_first and (found := _awaited(name)) is not None:
            return _checked(found)
    except _AWAY as error:
        logger.warning("The cache of counted figures is away, they are counted anew: %s", error)
        return Counted(count(), timezone.now())
    try:
        made = Counted(at=timezone.now(), value=count())
        _keep(name, made)
    finally:
        _let_go(name)
    return made


def known(key: str) -> Counted[Any] | None:
    """What is kept under the key, if anything; nothing is counted."""
    try:
        found = caches["counted"].get(_name(key))
    except _AWAY:
        return None
    return None if found is None else _checked(found)


def forget(keys: Iterable[str]) -> None:
    """The next who asks has them counted anew."""
    try:
        caches["counted"].delete_many([_name(key) for key in keys])
    except _AWAY as error:
        logger.warning("The cache of counted figures is away, nothing was forgotten: %s", error)


def _keep(name: str, made: Counted[Any]) -> None:
    left = SECONDS - (timezone.now() - made.at) / timedelta(seconds=1)
    try:
        if left > 0:
            caches["counted"].set(name, made, left)
    except _AWAY as error:
        logger.warning("The cache of counted figures cannot be written: %s", error)


def _let_go(name: str) -> None:
    with suppress(*_AWAY):  # else it ends by itself
        caches["counted"].delete(f"{name}:held")


def _awaited(name: str) -> Any:
    """What somebody else counts, once it is there; None where they gave up."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = caches["counted"].get(name)
        if found is not None or caches["counted"].get(f"{name}:held") is None:
            return found
        time.sleep(PAUSE)
    return None


def _checked(found: Any) -> Counted[Any]:
    return cast("Counted[Any]", found)


def _name(key: str) -> str:
    return f"{VERSION}:{key}"
