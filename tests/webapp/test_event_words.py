"""Every verb that the code writes is said in words."""

from __future__ import annotations

import re

from preferences.choices import AttemptStatus, DeliveryStatus, ReviewStatus
from tests.rules.repository import PACKAGES, ROOT
from webapp.accounts.adapters import VERBS
from webapp.accounts.step_events import ADDED, REMOVED
from webapp.event_words import WORDS

CALLED = re.compile(r"(?:events\.(?:record|event)|_end)\(\s*(?:\w+, )?\"([a-z_]+\.[a-z_]+)\"")
CHOSEN = re.compile(r"verb = (.*)$", re.MULTILINE)
MADE_OF_A_STATUS = {
    *(f"attempt.{status}" for status in (AttemptStatus.PASSED, AttemptStatus.FAILED)),
    *(f"delivery.{status}" for status in (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)),
    *(f"review.{status}" for status in ReviewStatus if status != ReviewStatus.WAITING),
}


def test_every_verb_that_is_written_has_words() -> None:
    verbs = {*VERBS.values(), *ADDED.values(), *REMOVED.values(), *MADE_OF_A_STATUS}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            code = path.read_text(encoding="utf-8")
            verbs.update(CALLED.findall(code))
            verbs.update(re.findall(r"\"([a-z_]+\.[a-z_]+)\"", " ".join(CHOSEN.findall(code))))
    assert len(verbs) > 140
    assert sorted(verbs - set(WORDS)) == []
