"""Reviewers score written answers without seeing whose they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from annotation import leases, permissions
from annotation.exam_results import decide
from annotation.models import Attempt, CampaignExam, ExamAnswer, Membership, QuestionKind, Role
from annotation.scoring import MOST_POINTS
from preferences import text as texts
from preferences.actions import events
from preferences.choices import AttemptStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed

if TYPE_CHECKING:
    from webapp.accounts.models import User

REMARK_LIMIT = 2_000
SCORING = [Role.REVIEWER, Role.MANAGER]


@dataclass(frozen=True)
class Score:
    points: int | None
    remark: str = ""


def is_scorer(user: User) -> bool:
    """Whether the person scores something now: no pause is in the way."""
    return user.paused_at is None and (user.is_superuser or _roles(user).exists())


def check_is_scorer(user: User) -> None:
    if is_scorer(user):
        return
    role = Membership.objects.select_related("campaign").filter(user=user, role__in=SCORING).first()
    sentence = permissions.paused_sentence(user, role.campaign, *SCORING) if role else ""
    if sentence := sentence or permissions.account_paused_sentence(user):
        raise permissions.WorkPaused(sentence)
    raise NotAllowed(_("Only a reviewer or manager of a campaign may score written answers."))


def waiting(by: User) -> QuerySet[Attempt]:
    """What `of_others` waits for scores; the oldest first."""
    attempts = of_others(by).filter(status=AttemptStatus.AWAITING_SCORE)
    written = Q(sittings__answers__question__kind=QuestionKind.WRITTEN, sittings__answers__value__isnull=False)
    unscored = Count("sittings__answers", filter=written & Q(sittings__answers__score__isnull=True))
    return attempts.select_related("exam").annotate(unscored=unscored).order_by(F("started_at"), "pk")


def of_others(by: User) -> QuerySet[Attempt]:
    """Attempts that ended, of annotators of the campaigns in which `by` scores, at exams that these require."""
    attempts = Attempt.objects.exclude(person=by).exclude(status=AttemptStatus.STARTED)
    if by.paused_at is not None:
        return attempts.none()
    if by.is_superuser:
        return attempts
    annotators = Membership.objects.filter(
        user=OuterRef(OuterRef("person")), campaign=OuterRef("campaign"), role=Role.ANNOTATOR
    )
    required = CampaignExam.objects.filter(
        Exists(annotators), exam__slug=OuterRef("exam__slug"), campaign__in=_roles(by).values("campaign")
    )
    return attempts.filter(Exists(required))


def _roles(by: User) -> QuerySet[Membership]:
    """The roles, none of them paused, by which the person scores."""
    return Membership.objects.filter(user=by, role__in=SCORING, paused_at__isnull=True)


def written_of(attempt: Attempt) -> QuerySet[ExamAnswer]:
    """What was written in time, in the order of the exam."""
    written = ExamAnswer.objects.filter(
        sitting__attempt=attempt, question__kind=QuestionKind.WRITTEN, value__isnull=False
    )
    return written.select_related("question__part").order_by("part__number", "question__number")


@transaction.atomic
def score(*, attempt: Attempt, scores: Mapping[int, Score], by: User) -> Attempt:
    """Stores the scores that were given, by the answer's id; the last one decides the attempt.

    The same scores sent twice are stored once; another score for a scored answer is refused, because somebody else
    gave the first.
    """
    check_is_scorer(leases.alone(by))
    held = Attempt.objects.select_for_update(no_key=True, of=("self",)).select_related("exam").get(pk=attempt.pk)
    if held.person_id == by.pk:
        raise NotAllowed(_("This attempt is your own. Another reviewer scores it."))
    if not of_others(by).filter(pk=held.pk).exists():
        raise NotAllowed(_("No campaign in which you score asks this of its people. Nothing was stored."))
    answers = {answer.pk: answer for answer in written_of(held)}
    if not scores.keys() <= answers.keys():
        raise NotAllowed(_("One of these answers belongs to another attempt. Nothing was stored; load the page again."))
    given = {pk: _checked(one) for pk, one in scores.items() if one.points is not None or one.remark.strip()}
    for pk, one in given.items():
        _store(answers[pk], one, held, by)
    if held.status == AttemptStatus.AWAITING_SCORE:
        decide(held, by=by, is_over=True)
    return held


def _checked(one: Score) -> Score:
    if one.points is None or not 1 <= one.points <= MOST_POINTS:
        raise InvalidInput(
            _("Give each answer that you score a whole number from 1 to %(most)d.") % {"most": MOST_POINTS},
            field="score",
        )
    remark = texts.checked(one.remark, what=_("The remark"), limit=REMARK_LIMIT, field="remark", empty=True)
    return Score(one.points, remark)


def _store(answer: ExamAnswer, one: Score, attempt: Attempt, by: User) -> None:
    if answer.score is not None:
        if (answer.score, answer.remark) != (one.points, one.remark):
            raise Conflict(_("Another reviewer has scored this meanwhile, and that score stands. Load the page again."))
        return
    if attempt.status != AttemptStatus.AWAITING_SCORE:
        raise Conflict(_("This attempt is decided already. Nothing was stored."))
    answer.score, answer.scored_by, answer.remark = one.points, by, one.remark
    answer.save(update_fields=["score", "scored_by", "remark"])
    events.record("exam_answer.scored", answer, by=by, score=one.points, question=answer.question.number)
