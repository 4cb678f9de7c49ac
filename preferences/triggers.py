"""Whether the triggers that keep the record stand in the database as the code has them, and nothing beside them.

Who owns the database can switch a trigger off, give it a condition that never holds, or put another function in its
place. Nothing of that needs a restart or leaves a trace in a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connection, transaction

SWITCHES = ("session_replication_role", "pgtrigger.ignore", "margin.erasing")  # each makes triggers let things pass
_NO_FUNCTION = "suppress_redundant_updates_trigger()"  # PostgreSQL's own: no trigger of ours is ever run with it

# A trigger as PostgreSQL prints it, without its table and its function, which are compared apart.
_FORM = r"regexp_replace(regexp_replace(pg_get_triggerdef({0}.oid), ' ON \S+', ''), ' EXECUTE FUNCTION .*', '')"


class _Standing(NamedTuple):
    """A trigger in the database."""

    enabled: str
    form: str
    function: tuple[str, str, bool, Any]  # its source, its language, whether it runs as its owner, settings of its own


def differences() -> list[str]:
    """A sentence for each thing that is not as the code has it; none where all is."""
    wanted = {
        (model._meta.db_table, trigger.get_pgid(model)): trigger.compile(model).sql
        for model in apps.get_models()
        for trigger in getattr(model._meta, "triggers", ())
    }
    tables = sorted({model._meta.db_table for model in apps.get_models() if model._meta.managed})
    return [*_of_triggers(wanted), *_beside(wanted, tables), *_switches()]


def _of_triggers(wanted: dict[tuple[str, str], Any]) -> Iterator[str]:
    standing = _standing()
    forms = _forms({place: sql for place, sql in wanted.items() if place in standing})
    sources = {sql.kwargs["ignore_func_name"] for sql in wanted.values()}
    for (table, name), sql in sorted(wanted.items()):
        found = standing.get((table, name))
        if found is None or found.enabled not in "OA":
            yield f"The trigger {name} of {table} is off or gone: rows could be changed since, and nobody refused."
        elif found.form != forms[table, name]:
            yield f"The trigger {name} of {table} is another: {found.form}."
        elif found.function != (_source(str(sql), f"{name}()"), "plpgsql", False, None):
            yield f"The trigger {name} of {table} runs another function than Margin's."
    for name in sorted(sources):
        sql = next(sql for sql in wanted.values() if sql.kwargs["ignore_func_name"] == name)
        if _function(f"{name}(name)") != (_source(str(sql), f"{name}("), "plpgsql", False, None):
            yield f"The function {name}, which every trigger asks, is not Margin's."


def _standing() -> dict[tuple[str, str], _Standing]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT relname, tgname, tgenabled, {_FORM.format("tg")}, prosrc, lanname, prosecdef, proconfig
              FROM pg_trigger tg
              JOIN pg_class ON pg_class.oid = tgrelid
              JOIN pg_proc ON pg_proc.oid = tgfoid
              JOIN pg_language ON pg_language.oid = prolang
             WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid)
            """
        )
        return {(row[0], row[1]): _Standing(row[2], row[3], tuple(row[4:])) for row in cursor.fetchall()}


def _forms(wanted: dict[tuple[str, str], Any]) -> dict[tuple[str, str], str]:
    """How PostgreSQL prints the triggers that the code has: made on empty tables beside, and taken back."""
    tables = {table: f"pg_temp.wanted_{number}" for number, table in enumerate(sorted({table for table, _ in wanted}))}
    quote = connection.ops.quote_name
    made = [f"CREATE TEMP TABLE {copy.partition('.')[2]} (LIKE {quote(table)});" for table, copy in tables.items()]
    for (table, name), sql in wanted.items():
        part = {**sql.defaults, **sql.kwargs}
        made.append(
            f"CREATE {part['constraint']} TRIGGER {name} {part['when']} {part['operation']} ON {tables[table]}"
            f" {part['timing']} {part['referencing']} FOR EACH {part['level']} {part['condition']}"
            f" EXECUTE FUNCTION {_NO_FUNCTION};"
        )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("\n".join(made))
        cursor.execute(
            f"SELECT tgname, {_FORM.format('tg')} FROM pg_trigger tg WHERE tgrelid = ANY(%s::regclass[])",
            [list(tables.values())],
        )
        forms = dict(cursor.fetchall())  # pgtrigger's names have the table's hash in them
        transaction.set_rollback(True)
    return {(table, name): forms[name] for table, name in wanted}


def _source(sql: str, function: str) -> str:
    """The body of a function in what pgtrigger has a migration run."""
    rest = sql.partition(f"CREATE OR REPLACE FUNCTION {function}")[2]
    return rest.partition("AS $$")[2].partition("$$ LANGUAGE")[0]


def _function(signature: str) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc, lanname, prosecdef, proconfig FROM pg_proc JOIN pg_language ON pg_language.oid = prolang"
            " WHERE pg_proc.oid = to_regprocedure(%s)",
            [signature],
        )
        found = cursor.fetchone()
    return tuple(found) if found else None


def _beside(wanted: dict[tuple[str, str], Any], tables: list[str]) -> Iterator[str]:
    """What the code does not have: other triggers and rules, and keys to other tables that are not watched."""
    kept = sorted({table for table, _name in wanted})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname, tgisinternal FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE pg_table_is_visible(tgrelid) AND (NOT tgisinternal AND relname = ANY(%s)"
            " OR tgisinternal AND tgenabled <> 'O' AND relname = ANY(%s)) ORDER BY 1, 2",
            [kept, tables],
        )
        triggers = cursor.fetchall()
        cursor.execute(
            "SELECT relname, rulename FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class"
            " WHERE pg_table_is_visible(ev_class) AND relname = ANY(%s) ORDER BY 1, 2",
            [tables],
        )
        rules = cursor.fetchall()
    for table, name, is_internal in triggers:
        if is_internal:
            yield f"Keys from or to {table} are not watched: {name} is off."
        elif (table, name) not in wanted:
            yield f"The trigger {name} of {table} is not Margin's."
    for table, name in rules:
        yield f"The rule {name} of {table} is not Margin's."


def _switches() -> Iterator[str]:
    """Settings that let things pass: given to a role or a database, or to all by the server's own configuration."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT split_part(setting, '=', 1) FROM pg_db_role_setting, unnest(setconfig) setting"
            " WHERE split_part(setting, '=', 1) = ANY(%s) AND setdatabase IN (0,"
            " (SELECT oid FROM pg_database WHERE datname = current_database())) ORDER BY 1",
            [list(SWITCHES)],
        )
        given = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT name FROM unnest(%s::text[]) name"
            " WHERE coalesce(current_setting(name, true), '') NOT IN ('', 'origin') ORDER BY 1",
            [list(SWITCHES)],
        )
        here = [name for (name,) in cursor.fetchall() if name not in given]
    for name in given:
        yield f"The setting {name} is given to a role or to the database: triggers let pass what they should refuse."
    for name in here:
        yield f"The setting {name} is on for this connection: triggers let pass what they should refuse."
