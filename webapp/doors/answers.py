"""Who comes to a door, and what it says to them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum
from typing import TypeAlias


class Person(Enum):
    """Whoever asks, by the word at the head of their column. All but ELSEWHERE belong to the campaign in question."""

    NOBODY = "nobody"
    ANNOTATOR = "annotator"
    COLLEAGUE = "other annotator"
    REVIEWER = "reviewer"
    MANAGER = "manager"
    ENGINEER = "engineer"
    ELSEWHERE = "manager elsewhere"
    ADMINISTRATOR = "administrator"


class Answer(StrEnum):
    """YES is every answer but these, a form that is refused for what it says among them."""

    YES = "yes"
    NO = "no"
    HIDDEN = "hidden"
    SIGN_IN = "sign in"


Answers: TypeAlias = Mapping[Person, Answer]
Door: TypeAlias = Mapping[str, Answers]  # by method; HEAD is answered as GET
Doors: TypeAlias = Mapping[str, Door]  # by the name of the address

YES, NO, HIDDEN, SIGN_IN = Answer
NOBODY, ANNOTATOR, COLLEAGUE, REVIEWER, MANAGER, ENGINEER, ELSEWHERE, ADMINISTRATOR = Person


def only(*people: Person, hidden: tuple[Person, ...] = (), others: Answer = NO) -> Answers:
    """YES to these people; some of the others are told that there is nothing."""
    told = {**dict.fromkeys(Person, others), **dict.fromkeys(hidden, HIDDEN), **dict.fromkeys(people, YES)}
    return told if NOBODY in people or (others == HIDDEN and not people) else {**told, NOBODY: SIGN_IN}


OPEN = only(*Person)
NOWHERE = only(others=HIDDEN)  # a name that a library looks up, and nothing there
SIGNED_IN = only(*(person for person in Person if person != NOBODY))
# The work of one annotator: of the others, those who ask by a key that cannot be guessed are told no.
OWN, OWN_BY_KEY = only(ANNOTATOR, others=HIDDEN), only(ANNOTATOR)
ANNOTATORS = only(ANNOTATOR, COLLEAGUE, ADMINISTRATOR)
ANNOTATORS_OF_IT = only(ANNOTATOR, COLLEAGUE, ADMINISTRATOR, others=HIDDEN)
REVIEWERS = only(REVIEWER, MANAGER, ADMINISTRATOR)
MANAGERS = only(MANAGER, ADMINISTRATOR)
ADMINISTRATORS = only(ADMINISTRATOR)
# What belongs to several campaigns, or to none.
MANAGERS_OF_IT = only(MANAGER, ADMINISTRATOR, hidden=(ELSEWHERE,))
ANY_MANAGER = only(MANAGER, ELSEWHERE, ADMINISTRATOR)
DATA_OF_IT = only(MANAGER, ENGINEER, ADMINISTRATOR, hidden=(ELSEWHERE,))
ANY_DATA = only(MANAGER, ENGINEER, ELSEWHERE, ADMINISTRATOR)


def get(answers: Answers) -> Door:
    return {"GET": answers}


def post(answers: Answers) -> Door:
    return {"POST": answers}


def form(answers: Answers) -> Door:
    """A page whose form is sent to its own address."""
    return {"GET": answers, "POST": answers}
