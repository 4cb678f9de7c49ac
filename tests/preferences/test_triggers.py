"""Whoever owns the database and bends a trigger is told of, by its name."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from preferences.triggers import differences

pytestmark = pytest.mark.django_db

STANDS = "pgtrigger_append_only_465d0"
LETS_PASS = "RETURNS trigger AS $$ BEGIN RETURN NEW; END; $$ LANGUAGE plpgsql"
ANOTHER = f"DROP TRIGGER {STANDS} ON preferences_event; CREATE TRIGGER {STANDS}"
BENT = {
    "a body": (f"CREATE OR REPLACE FUNCTION {STANDS}() {LETS_PASS}", f"{STANDS} of preferences_event runs another"),
    "what every trigger asks": (
        "CREATE OR REPLACE FUNCTION _pgtrigger_should_ignore(trigger_name name) RETURNS boolean"
        " AS $$ BEGIN RETURN TRUE; END; $$ LANGUAGE plpgsql",
        "_pgtrigger_should_ignore, which every trigger asks, is not Margin's",
    ),
    "a setting of a function": (f"ALTER FUNCTION {STANDS}() SET margin.erasing = 'x'", f"{STANDS} of .* runs another"),
    "another function": (
        f"CREATE FUNCTION other() {LETS_PASS}; {ANOTHER} BEFORE UPDATE OR DELETE ON preferences_event"
        " FOR EACH ROW EXECUTE FUNCTION other()",
        f"{STANDS} of preferences_event runs another",
    ),
    "a condition": (
        f"{ANOTHER} BEFORE UPDATE OR DELETE ON preferences_event FOR EACH ROW WHEN (false) EXECUTE FUNCTION {STANDS}()",
        f"{STANDS} of preferences_event is another: .*WHEN",
    ),
    "an operation less": (
        f"{ANOTHER} BEFORE DELETE ON preferences_event FOR EACH ROW EXECUTE FUNCTION {STANDS}()",
        f"{STANDS} of preferences_event is another: CREATE TRIGGER {STANDS} BEFORE DELETE FOR EACH ROW",
    ),
    "gone": (f"DROP TRIGGER {STANDS} ON preferences_event", f"{STANDS} of preferences_event is off or gone"),
    "only in a replica": (
        f"ALTER TABLE preferences_event ENABLE REPLICA TRIGGER {STANDS}",
        f"{STANDS} of preferences_event is off or gone",
    ),
    "one more": (
        f"CREATE FUNCTION other() {LETS_PASS};"
        " CREATE TRIGGER more BEFORE INSERT ON preferences_event FOR EACH ROW EXECUTE FUNCTION other()",
        "The trigger more of preferences_event is not Margin's",
    ),
    "a rule": (
        "CREATE RULE less AS ON INSERT TO preferences_event WHERE NEW.verb = 'a.b' DO INSTEAD NOTHING",
        "The rule less of preferences_event is not Margin's",
    ),
    "keys that are not watched": (
        "ALTER TABLE preferences_event DISABLE TRIGGER ALL",
        "Keys from or to preferences_event are not watched",
    ),
    "a setting of the database": (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET pgtrigger.ignore = x', current_database()); END $$",
        "The setting pgtrigger.ignore is given to a role or to the database",
    ),
    "a setting of the server": (
        "SET LOCAL session_replication_role = replica",
        "The setting session_replication_role is on for this connection",
    ),
}


def test_the_triggers_stand_as_the_code_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert differences() == []
    call_command("verify_events", triggers=True)
    assert "Margin's, and on" in capsys.readouterr().out


@pytest.mark.parametrize(("statement", "told"), BENT.values(), ids=BENT.keys())
def test_what_was_bent_is_named(statement: str, told: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(CommandError, match=told):
        call_command("verify_events", triggers=True)
