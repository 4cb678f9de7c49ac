"""One process at a time does a work; a pooler that would lend its lock to others is told of."""

from __future__ import annotations

from contextlib import closing
from itertools import cycle

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection

from exports import sessions
from exports.locks import alone, number

pytestmark = pytest.mark.django_db


def test_one_at_a_time_and_free_again_after_it() -> None:
    with closing(connection.copy()) as other:
        taken = "SELECT pg_try_advisory_lock(%s)"
        with alone("a work") as first, other.cursor() as cursor:
            cursor.execute(taken, [number("a work")])
            assert first and cursor.fetchone() == (False,)
        with other.cursor() as cursor:
            cursor.execute(taken, [number("a work")])
            assert cursor.fetchone() == (True,)
        with alone("a work") as second:
            assert not second


def test_a_lock_that_another_session_was_asked_to_give_back_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with alone("a work"), connection.cursor() as cursor:
        assert caplog.text == ""
        cursor.execute("SELECT pg_advisory_unlock_all()")  # as if it were in the session lent before
    assert "The lock a work was lost on the way" in caplog.text


def test_the_database_itself_has_sessions() -> None:
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


@pytest.mark.parametrize(
    "lent",
    [[1, 1], [1, 2, 3], [1, 2, 1, 1], [1, 2, 1, 3, 4]],
    ids=["one for both", "another", "one for both later", "another later"],
)
def test_a_pooler_that_lends_sessions_is_refused(lent: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """`lent` are the sessions that the statements are run in, one after the other."""
    left = cycle(lent)
    monkeypatch.setattr(sessions, "_session", lambda _connection: next(left))
    [told] = run_checks(tags=[Tags.database], databases=["default"])
    assert told.id == "margin.E001" and "a session for a transaction only" in told.msg
