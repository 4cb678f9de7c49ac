"""Any number of open comparisons in seconds: the first row of each table, again and again, copied inside PostgreSQL."""

from __future__ import annotations

from django.db import connection
from django.db.backends.utils import CursorWrapper

from preferences.models import Campaign

FIRST = 100_000_000  # above every number that the rows copied have
OTHER = 1_000_000_000

TEXT = "n || '. ' || first.text"  # of its own: what was rendered once is not rendered again

# Of the first row of each table, with what is another in each copy, by n.
COPIES = [
    ("preferences_prompt", {"id": "n", "key": "gen_random_uuid()", "family": "md5(n::text)"}),
    ("preferences_dialogue", {"id": "n", "family": "md5(n::text)"}),
    ("preferences_turn", {"id": "n", "dialogue_id": "n", "prompt_id": "n"}),
    ("preferences_response", {"id": "n", "turn_id": "n", "text": TEXT}),
    ("preferences_response", {"id": f"n + {OTHER}", "turn_id": "n", "text": f"'Or: ' || {TEXT}"}),
    (
        "preferences_comparison",
        {
            "id": "n",
            "key": "gen_random_uuid()",
            "turn_id": "n",
            "response_a_id": "n",
            "response_b_id": f"n + {OTHER}",
        },
    ),
]
# Of every eight comparisons two have had their first judgment, whoever gave it.
SLOT = {"comparison_id": "n"}
SLOTS = [
    {"id": "n", "number": "0", "status": "CASE WHEN n % 8 < 2 THEN 'filled' ELSE 'open' END", **SLOT},
    {"id": f"n + {OTHER}", "number": "1", "status": "CASE WHEN n % 8 < 2 THEN 'open' ELSE 'waiting' END", **SLOT},
]
LARGE = {table for table, _ in COPIES} | {"preferences_slot"}


def fill(campaign: Campaign, count: int) -> None:
    """So many comparisons beside the campaign's first, each of its own dialogue; the campaign asks for two raters."""
    first = campaign.comparisons.order_by("pk")[0]
    of_first = {
        "preferences_prompt": first.turn.prompt_id,
        "preferences_dialogue": first.turn.dialogue_id,
        "preferences_turn": first.turn_id,
        "preferences_response": first.response_a_id,
        "preferences_comparison": first.pk,
        "preferences_slot": first.slots.order_by("number")[0].pk,
    }
    slots = [("preferences_slot", changed) for changed in SLOTS]
    with connection.cursor() as cursor:
        numbers = f"generate_series({FIRST}, {FIRST + count - 1}) AS n"
        for table, changed in [*COPIES, *slots]:
            copied(cursor, table, of_first[table], changed, numbers)
        cursor.execute("ANALYZE")


def copied(
    cursor: CursorWrapper,
    table: str,
    first: int,
    changed: dict[str, str],
    numbers: str,
    parameters: dict[str, int] | None = None,
) -> None:
    """A copy of the row `first` for each row of the SQL `numbers`, with other SQL in the columns `changed`."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'", [table]
    )
    columns = [name for (name,) in cursor.fetchall()]
    values = ", ".join(changed.get(name, f'first."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} AS first, {numbers} WHERE first.id = {first}",
        parameters,
    )
