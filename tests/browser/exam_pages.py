"""The pages of exams, each with something on it."""

from __future__ import annotations

import contextlib
from typing import Any

from annotation import memberships, qualification
from annotation.models import Attempt, Exam, Role
from preferences.models import Campaign
from tests import factories
from tests.factories import answers, part
from tests.factories.exams import CHOICE, WRITTEN
from webapp.accounts.models import User

LONG = "A long word: " + "x" * 200
RANKING = {
    "kind": "ranking",
    "text": "**Prompt:** When does the library close today? Rank the answers; 1 is the best.",
    "options": {
        "a": "At eight; the reading room already at seven.",
        "b": f"Libraries close in the evening. {LONG}",
        "c": "At eight.",
    },
    "key": ["a", "c", "b"],
    "by": "pairs",
}
PAIRWISE = {
    "kind": "pairwise",
    "text": "**Prompt:** When do I plant tulips? Which answer is better?",
    "options": {
        "a": "In autumn, six to eight weeks before the ground freezes, three times as deep as the bulb is high.",
        "b": "In autumn.",
    },
    "key": "a",
    "degree": "better",
}
LIKERT = {
    "kind": "likert",
    "text": "**Prompt:** How many legs does a spider have?\n\n**Answer:** Eight.\n\nHow good is the answer?",
    "options": ["Useless or wrong", "Poor", "Fair", "Good", "As good as it gets"],
    "key": 5,
}
AVERAGE = [{"parts": [1], "measure": "average", "at_least": 4}]


def of_every_kind(campaign: Campaign, **fields: Any) -> Exam:
    kinds = part({**CHOICE, "text": f"Which is right? {LONG}"}, RANKING, PAIRWISE, LIKERT, WRITTEN, title="Every kind")
    made: Exam = factories.required_exam(campaign, kinds, marks=AVERAGE, title="Judgment", **fields)
    return made


def exams(person: User) -> list[str]:
    """The pages of somebody who takes exams, from a campaign's card to each result."""
    campaign = factories.campaign()
    memberships.add(user=person, campaign=campaign, role=Role.ANNOTATOR, by=None)
    running = qualification.start(exam=of_every_kind(campaign), by=person)
    rest = qualification.start(exam=factories.required_exam(campaign, part(), part()), by=person)
    qualification.hand_in(key=rest.key, part=1, by=person, fields=answers(_1="b", _2="b"))
    passed = factories.taken(factories.required_exam(campaign), person)
    late = qualification.start(exam=factories.required_exam(campaign), by=person)
    factories.time_over(late)
    with contextlib.suppress(qualification.TimeOver):
        qualification.save(key=late.key, part=1, by=person, fields=answers(_1="b"))
    waiting = written(campaign, person)
    return [
        "/",
        *(f"/exams/{one.exam.slug}/{one.exam.version}/" for one in (running, passed, late, waiting)),
        *(f"/exams/attempts/{one.key}/" for one in (running, rest, passed, late, waiting)),
    ]


def written(campaign: Campaign, by: User) -> Attempt:
    """An attempt that waits for a reviewer."""
    exam = factories.required_exam(campaign, part(WRITTEN, {**WRITTEN, "text": "Another."}), marks=AVERAGE)
    attempt = qualification.start(exam=exam, by=by)
    return qualification.hand_in(key=attempt.key, part=1, by=by, fields=answers(_1="A good answer.", _2=LONG))


def managed(campaign: Campaign) -> list[str]:
    """The pages of reviewers and managers: answers that wait, and a campaign's exams."""
    exam = of_every_kind(campaign, attempts=1)
    failed, passed = factories.annotator(campaign), factories.annotator(campaign)
    simple = factories.required_exam(campaign, attempts=1, valid_days=None)
    missed = factories.taken(simple, failed, right=False)
    factories.taken(simple, passed)
    factories.exam(slug=exam.slug, version=2, title="Judgment, for a new guideline")
    key = written(campaign, failed).key
    bare = factories.campaign()
    return [
        "/exams/scoring/",
        f"/exams/scoring/{key}/",
        f"/campaigns/{campaign.slug}/exams/",
        f"/campaigns/{bare.slug}/exams/",
        f"/campaigns/{campaign.slug}/exams/attempts/{missed.key}/",
    ]
