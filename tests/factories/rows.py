from __future__ import annotations

from preferences.models import Comparison
from preferences.rows import Row, rows


def row_of(key: int | None = None) -> Row:
    """The row of one comparison; without its primary key, of the only one."""
    found = Comparison.objects.all() if key is None else Comparison.objects.filter(pk=key)
    [(_, row)] = rows(found)
    return row
