from __future__ import annotations

import itertools

_numbers = itertools.count(1)


def number() -> int:
    """A number that no other object of this run has."""
    return next(_numbers)
