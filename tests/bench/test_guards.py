"""The list of guards is of the code as it is: each stands where it says, and the test that must miss it is there."""

from __future__ import annotations

import pytest

from bench.guarded import GUARDS, Guard
from webapp.paths import BASE_DIR


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.what)
def test_a_guard_stands_where_the_list_says(guard: Guard) -> None:
    assert (BASE_DIR / guard.file).read_text(encoding="utf-8").count(guard.stands) == 1
    file, _, word = guard.test.partition("::")
    assert word in (BASE_DIR / file).read_text(encoding="utf-8")


def test_no_guard_is_listed_twice() -> None:
    assert len({guard.what for guard in GUARDS}) == len({(guard.file, guard.stands) for guard in GUARDS}) == len(GUARDS)
