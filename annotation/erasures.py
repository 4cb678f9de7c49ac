"""What people's work keeps beside the record: notes, drafts, reviews, exams and roles, taken out within an erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from annotation import leases
from annotation.models import (
    Assignment,
    Attempt,
    Care,
    Concern,
    Draft,
    ExamAnswer,
    Gold,
    Invitation,
    Membership,
    PoolMember,
    Review,
    Role,
)
from preferences import lifecycle
from preferences.actions import events
from preferences.choices import ReviewStatus
from preferences.erasing import WORDS, Erasing, without
from preferences.errors import Conflict
from preferences.models import Event

if TYPE_CHECKING:
    from webapp.accounts.models import User

# Under which names events keep what somebody wrote about a person.
ABOUT_PEOPLE = (*WORDS, "reason", "vendor", "locale")


def take_out(under_way: Erasing) -> None:
    """Of the dialogues that go and, where it is a person who is erased, of theirs."""
    _of_comparisons(under_way)
    if under_way.person is not None:
        _of_person(under_way, under_way.person)


def _of_comparisons(under_way: Erasing) -> None:
    going = under_way.removed
    leases.take_back_from(comparisons=going, by=under_way.erasure.by)
    reviews = Review.objects.filter(comparison__in=going)
    lifecycle.advance_many(reviews, ReviewStatus.RETURNED, ReviewStatus.WAITING)
    ended: dict[str, Any] = {"held_until": None, "decided_at": timezone.now()}
    lifecycle.advance_many(reviews, ReviewStatus.WAITING, ReviewStatus.WITHDRAWN, **ended)
    under_way.blank(reviews, "feedback", to="")
    under_way.blank(reviews, "answer", to="")
    assignments = Assignment.objects.filter(comparison__in=going)
    under_way.blank(assignments, "skip_note", to="")
    golds = Gold.objects.filter(Q(comparison__in=going) | Q(original__in=going))
    golds.filter(retired_at__isnull=True).update(retired_at=timezone.now())
    under_way.blank(golds, "reason")
    subjects = {
        *(f"comparison:{pk}" for pk in going),
        *(f"dialogue:{pk}" for pk in under_way.dialogues),
        *(f"review:{pk}" for pk in reviews.values_list("pk", flat=True)),
        *(f"assignment:{pk}" for pk in assignments.values_list("pk", flat=True)),
    }
    said = Event.objects.filter(subject__in=subjects, data__has_any_keys=WORDS)
    under_way.blank(said, "data", to=without(*WORDS))
    _drop_drafts(under_way, Q(subject__in=subjects))


def _of_person(under_way: Erasing, person: User) -> None:
    under_way.blank(Assignment.objects.filter(annotator=person), "skip_note", to="")
    under_way.blank(Review.objects.filter(judgment__annotator=person), "answer", to="")
    returned = Q(returned_by=person) | Q(reviewer=person) | Q(judgment__annotator=person)
    under_way.blank(Review.objects.filter(returned), "feedback")
    attempts = Attempt.objects.filter(person=person)
    answers = ExamAnswer.objects.filter(sitting__attempt__in=attempts.values("pk"))
    under_way.blank(answers, "value", to=None)
    under_way.blank(answers, "late_value", to=None)
    scored = ExamAnswer.objects.filter(Q(scored_by=person) | Q(sitting__attempt__in=attempts.values("pk")))
    under_way.blank(scored, "remark", to="")
    under_way.blank(Concern.objects.filter(Q(person=person) | Q(decided_by=person)), "note", to="")
    under_way.blank(Gold.objects.filter(created_by=person), "reason")
    invited = Q(accepted_by=person) | (Q(email__iexact=person.email) if person.email else Q(pk__in=[]))
    under_way.blank(Invitation.objects.filter(invited), "email", to="")
    _drop_drafts(under_way, Q(annotator=person))
    Care.objects.filter(annotator=person).delete()
    _of_events(under_way, person)
    _leave(under_way, person)


def _drop_drafts(under_way: Erasing, which: Q) -> None:
    drafts = Draft.objects.filter(which)
    under_way.leave({f"draft:{pk}": fields for pk, fields in drafts.values_list("pk", "fields")}, "fields")
    drafts.delete()


def _of_events(under_way: Erasing, person: User) -> None:
    memberships = Membership.objects.filter(user=person).values_list("pk", flat=True)
    subjects = [f"user:{person.pk}", *(f"membership:{pk}" for pk in memberships)]
    about = Q(subject__in=subjects) | Q(data__user=person.pk) | Q(data__person=person.pk)
    told = Event.objects.filter(about, data__has_any_keys=[*ABOUT_PEOPLE, "before", "after"])
    under_way.blank(told, "data", to=without(*ABOUT_PEOPLE))
    under_way.blank(Event.objects.filter(actor=person, verb="care.chosen"), "data", to={})
    theirs = [f"review:{pk}" for pk in Review.objects.filter(judgment__annotator=person).values_list("pk", flat=True)]
    said = Event.objects.filter(subject__in=theirs, data__has_any_keys=WORDS)
    under_way.blank(said, "data", to=without(*WORDS))


def _leave(under_way: Erasing, person: User) -> None:
    """Takes every role away; Conflict where a campaign would have no manager any more."""
    by = under_way.erasure.by
    for membership in Membership.objects.filter(user=person).select_related("campaign"):
        managers = Membership.objects.filter(campaign=membership.campaign, role=Role.MANAGER)
        if membership.role == Role.MANAGER and not managers.exclude(user=person).exists():
            raise Conflict(
                _("“%(campaign)s” would have no manager any more. Make somebody else its manager first.")
                % {"campaign": membership.campaign}
            )
        events.record(
            "membership.removed", membership, by=by, campaign=membership.campaign, user=person.pk, role=membership.role
        )
    Membership.objects.filter(user=person).delete()
    PoolMember.objects.filter(annotator=person).delete()
    leases.take_back(user=person, campaign=None, by=by)
