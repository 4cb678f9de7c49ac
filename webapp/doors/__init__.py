"""Who may what: every address and method, and what each kind of person is answered there.

It is declared here, told in docs/permissions.md and demanded of every address by tests/webapp/doors.
"""

from __future__ import annotations

from webapp.doors import accounts, api, data, management, work
from webapp.doors.answers import Answer, Answers, Door, Doors, Person

SECTIONS: dict[str, Doors] = {
    "Accounts": accounts.DOORS,
    "Work": work.DOORS,
    "Management": management.DOORS,
    "Data out": data.DOORS,
    "API": api.DOORS,
}
DOORS: Doors = {name: door for section in SECTIONS.values() for name, door in section.items()}

__all__ = ["DOORS", "SECTIONS", "Answer", "Answers", "Door", "Doors", "Person"]
