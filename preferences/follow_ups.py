"""Later messages that tell nothing by themselves: on which sides of the split each stands (preferences.held_out).

They decide nothing until a dialogue begins with one: then it is a prompt, and goes where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection

from preferences.models import FollowUp


def sides_followed(families: Sequence[str]) -> dict[str, set[str]]:
    """The sides of each that stands on one."""
    found: dict[str, set[str]] = {}
    for family, split in FollowUp.objects.filter(family__in=families).values_list("family", "split"):
        found.setdefault(family, set()).add(split)
    return found


def keep(lines: Iterable[tuple[str, str]]) -> None:
    """Families and the sides that they stand on; those that are kept already stay."""
    if not (new := set(lines)):
        return
    families, sides = zip(*sorted(new), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {FollowUp._meta.db_table} (family, split)"
            " SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING",
            [list(families), list(map(str, sides))],
        )
