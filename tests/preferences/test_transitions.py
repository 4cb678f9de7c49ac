"""PostgreSQL holds lifecycle.TRANSITIONS by itself, whoever writes."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.db.models import TextChoices

from preferences.choices import ComparisonStatus
from preferences.erasing import erasing
from tests.preferences.statuses import ALLOWED, REFUSED, companions, name, row_at


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), ALLOWED, ids=name)
def test_postgresql_accepts_every_transition_of_the_table(before: TextChoices, after: TextChoices) -> None:
    row = row_at(before)
    opens: Any = (
        erasing(row, reason="It names somebody.", by=None) if before == ComparisonStatus.SEALED else nullcontext()
    )
    with opens:
        more = {} if before == ComparisonStatus.SEALED else companions(after, row)
        type(row)._default_manager.filter(pk=row.pk).update(status=after, **more)
    row.refresh_from_db()
    assert row.status == after  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "after"), REFUSED, ids=name)
def test_postgresql_refuses_every_other_transition(before: TextChoices, after: TextChoices) -> None:
    row = row_at(before)
    # What is sealed, approved or trained is held by a trigger of its own, which speaks first.
    said = r'Invalid transition of field "status"|Cannot update or delete rows from \w+_(comp|demonstr|reward|temp)'
    with pytest.raises(InternalError, match=said), transaction.atomic():
        type(row)._default_manager.filter(pk=row.pk).update(status=after, **companions(after, row))
    row.refresh_from_db()
    assert row.status == before  # type: ignore[attr-defined]
