"""What is measured while processes die."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from bench.chaos import Death, felt
from bench.crowd import Crowd


@pytest.mark.parametrize(
    ("died", "seconds"), [(10.0, 4.0), (95.0, 3.0), (101.0, 0.0)], ids=["amid", "near the end", "after it"]
)
def test_a_death_is_felt_until_people_are_answered_again_or_leave(died: float, seconds: float) -> None:
    answered = [(float(at), 0.0) for at in (*range(0, 11), *range(14, 97), 97)]
    crowd = cast("Crowd", SimpleNamespace(waits=answered, deadline=100.0))
    assert felt([Death("worker", died, 1.0)], 0, crowd) == seconds
