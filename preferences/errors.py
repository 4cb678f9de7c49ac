"""What goes wrong in the domain. The text of each error is a sentence for the person who meets it."""

from __future__ import annotations


class DomainError(Exception):
    """A request that the rules refuse; str(error) says what happened and what to do."""

    code = "refused"

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.field = field


class InvalidInput(DomainError):
    """What was typed or sent cannot be stored as it is."""

    code = "invalid"


class Conflict(DomainError):
    """Somebody, or an earlier click, was there first."""

    code = "conflict"


class InvalidTransition(Conflict):
    """A status would have moved along an edge that lifecycle.TRANSITIONS does not have, or had moved already."""

    code = "invalid_transition"


class NotAllowed(DomainError):
    """This person may not do this."""

    code = "not_allowed"
