"""Which tables hold something of a person, and what of it they get.

Columns are named one by one, so that a new one is left out until somebody thought of it. What tells who wrote which
response, whose answer is secret or who somebody else is stands in none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Model, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotation import models as work
from preferences import models as record
from webapp.accounts.models import AccessToken, User
from webapp.personal import blinding


@dataclass(frozen=True)
class Part:
    """A file of rows. `mine` is the path from a row to its person."""

    name: str
    model: type[Model]
    mine: str
    columns: tuple[str, ...]
    about: str | Promise
    further: Callable[[User], Q] | None = None  # rows that tell of the person without naming them by a key
    seen: Callable[[dict[str, Any]], dict[str, Any]] = dict  # what of a row they get

    def rows(self, person: User) -> QuerySet[Model]:
        found = Q(**{self.mine: person.pk}) if self.further is None else self.further(person)
        return self.model._default_manager.filter(found).order_by("pk")


def _told_of(person: User) -> Q:
    """Events that others caused, about the person."""
    memberships = [f"membership:{pk}" for pk in person.memberships.values_list("pk", flat=True)]
    about = Q(subject__in=[f"user:{person.pk}", *memberships]) | Q(data__user=person.pk) | Q(data__person=person.pk)
    return about & (Q(actor=None) | ~Q(actor=person.pk))


PARTS = (
    Part(
        "account", User, "pk",
        ("username", "pseudonym", "first_name", "last_name", "email", "vendor", "locale", "language", "date_joined",
         "last_login", "is_active", "is_staff", "is_superuser", "paused_at", "paused_reason"),
        _("Your account"),
    ),
    Part("addresses", EmailAddress, "user", ("email", "verified", "primary"), _("Your e-mail addresses")),
    Part(
        "ways_to_sign_in", Authenticator, "user", ("type", "created_at", "last_used_at"),
        _("Passkeys, codes of an app and recovery codes, without their secrets"),
    ),
    Part(
        "signed_in", UserSession, "user", ("created_at", "last_seen_at", "ip", "user_agent"),
        _("Where you are signed in"),
    ),
    Part(
        "access_tokens", AccessToken, "user",
        ("name", "hint", "scopes", "created_at", "expires_at", "revoked_at", "used_at"),
        _("Access tokens, without their secrets"),
    ),
    Part(
        "roles", work.Membership, "user", ("campaign__slug", "role", "paused_at", "paused_reason"),
        _("Your roles in campaigns"),
    ),
    Part("pools", work.PoolMember, "annotator", ("pool__campaign__slug", "pool__name"), _("Pools that you work in")),
    Part(
        "invitation", work.Invitation, "accepted_by", ("email", "vendor", "locale", "invited_at", "accepted_at"),
        _("How you were invited"),
    ),
    Part(
        "invitations_sent", work.Invitation, "invited_by", ("invited_at", "expires_at", "accepted_at", "withdrawn_at"),
        _("Invitations that you made, without whom they were for"),
    ),
    Part("care", work.Care, "annotator", ("opted_out", "veil", "break_minutes"), _("What you chose not to see")),
    Part(
        "guidelines_read", work.GuidelineReading, "annotator",
        ("guideline__campaign__slug", "guideline__version", "read_at"), _("Guidelines that you said you had read"),
    ),
    Part(
        "exams", work.Attempt, "person",
        ("exam__slug", "exam__version", "number", "status", "started_at", "finished_at", "valid_until"),
        _("Exams that you took"),
    ),
    Part(
        "exam_parts", work.Sitting, "attempt__person",
        ("attempt__exam__slug", "attempt__number", "part__number", "started_at", "ends_at", "handed_in_at"),
        _("Parts of exams, with their times"),
    ),
    Part(
        "exam_answers", work.ExamAnswer, "sitting__attempt__person",
        ("sitting__attempt__exam__slug", "sitting__attempt__number", "part__number", "question__number", "value",
         "late_value", "score", "remark"),
        _("Your answers in exams, and what was said of them"),
    ),
    Part(
        "exam_attempts_granted", work.AttemptGrant, "person", ("exam__slug", "granted_at"),
        _("Further attempts that you were given"),
    ),
    Part("exam_answers_scored", work.ExamAnswer, "scored_by", ("score", "remark"), _("Answers that you scored")),
    Part(
        "prompts", record.Prompt, "author",
        ("key", "campaign__slug", "text", "category", "second_category", "risk_category", "attack_vector", "pasted",
         "active_seconds", "created_at"),
        _("Prompts that you wrote"),
    ),
    Part(
        "dialogues", record.Dialogue, "author", ("id", "campaign__slug", "context", "status", "created_at"),
        _("Dialogues that you began"),
    ),
    Part(
        "red_team_reports", record.RedTeamReport, "dialogue__author",
        ("dialogue", "violating", "risk_categories", "attack_vectors", "degree", "note", "active_seconds",
         "created_at"),
        _("Your reports of adversarial dialogues"),
    ),
    Part(
        "demonstrations", record.Demonstration, "author",
        ("key", "campaign__slug", "status", "sent_at", "reviewed_at", "feedback", "unmet"),
        _("Demonstrations that you wrote, and what was said of them"),
    ),
    Part(
        "demonstration_wordings", record.DemonstrationVersion, "by",
        ("demonstration__key", "number", "messages", "pasted", "active_seconds", "created_at"),
        _("Their wordings, and those that you corrected"),
    ),
    Part(
        "demonstrations_reviewed", record.Demonstration, "reviewer",
        ("key", "campaign__slug", "status", "reviewed_at", "review_seconds", "feedback"),
        _("Demonstrations that you reviewed"),
    ),
    Part(
        "judgments", record.Judgment, "annotator",
        ("comparison__key", "comparison__campaign__slug", "role", "shown_left", "chosen", "degree", "safety_a",
         "safety_b", "rationale", "edited_response__text", "pasted_rationale", "pasted_edit", "active_seconds",
         "guideline__version", "created_at", "revision", "revised_at"),
        _("Your verdicts, with reasons and improved responses"), seen=blinding.verdict,
    ),
    Part(
        "flags", record.Flag, "annotator", ("comparison__key", "reason", "note", "created_at"),
        _("What you reported of comparisons"),
    ),
    Part(
        "replays_judged", record.Replay, "judged_by", ("key", "safety", "judged_at", "active_seconds"),
        _("Answers to attacks that you judged"),
    ),
    Part(
        "claims", work.Assignment, "annotator",
        ("key", "comparison__key", "status", "created_at", "leased_until", "active_seconds", "skip_reason",
         "skip_note"),
        _("Comparisons that were given to you"),
    ),
    Part(
        "drafts", work.Draft, "annotator", ("subject", "fields", "updated_at"), _("What you began and did not send"),
        seen=blinding.about,
    ),
    Part(
        "hours", work.WorkSession, "annotator",
        ("campaign__slug", "started_at", "last_beat_at", "active_seconds", "is_running"), _("Your hours"),
    ),
    Part(
        "writing_times", work.WritingTime, "annotator", ("subject", "active_seconds", "updated_at"),
        _("Time on texts that are not sent yet"), seen=blinding.about,
    ),
    Part(
        "reviews_of_your_work", work.Review, "judgment__annotator",
        ("key", "campaign__slug", "comparison__key", "status", "feedback", "answer", "created_at", "decided_at"),
        _("Reviews of your verdicts"),
    ),
    Part(
        "reviews", work.Review, "reviewer",
        ("key", "campaign__slug", "comparison__key", "status", "feedback", "taken_at", "decided_at"),
        _("Reviews that you decided"),
    ),
    Part(
        "reviews_returned", work.Review, "returned_by", ("key", "campaign__slug", "comparison__key", "feedback"),
        _("Work that you sent back"),
    ),
    Part(
        "concerns", work.Concern, "person",
        ("campaign__slug", "signal", "evidence", "opened_at", "decision", "note", "decided_at"),
        _("What was noticed about your work, and what was decided"),
    ),
    Part(
        "events", record.Event, "actor",
        ("at", "verb", "subject", "campaign__slug", "data", "request_id", "door", "through", "address"),
        _("What you did, as the record of events has it"), seen=blinding.event,
    ),
    Part(
        "events_about_you", record.Event, "actor", ("at", "verb", "subject", "campaign__slug", "data"),
        _("What others did about your account"), _told_of, seen=blinding.event,
    ),
)  # fmt: skip

_ACT = "an act in a role: its event is among the person's events"

# Keys to a person that bring nothing into the files, and why.
EXCEPTIONS: Mapping[str, str] = {
    "preferences.Erasure.by": _ACT,
    "preferences.Batch.sealed_by": _ACT,
    "preferences.Guideline.published_by": _ACT,
    "preferences.EvaluationSet.registered_by": _ACT,
    "preferences.EvaluationSet.retired_by": _ACT,
    "preferences.RetiredPrompt.by": _ACT,
    "annotation.CampaignExam.required_by": _ACT,
    "annotation.AttemptGrant.granted_by": _ACT,
    "annotation.SealingOrder.ordered_by": _ACT,
    "workers.HealthCheck.requested_by": _ACT,
    "workers.RewardModel.requested_by": _ACT,
    "workers.ScoringOrder.requested_by": _ACT,
    "workers.Round.opened_by": _ACT,
    "workers.TemperatureSweep.requested_by": _ACT,
    "exports.Webhook.created_by": _ACT,
    "exports.Export.requested_by": _ACT,
    "annotation.Concern.decided_by": "about somebody else's work; its event is among the person's events",
    "annotation.Gold.created_by": "known answers, which stay secret from annotators; its event is among the events",
    "annotation.Repeat.annotator": "which pairs came twice would tell how work is checked; the verdicts are there",
    "api.StoredAnswer.user": "what the API answered, for a day: what was done by it is in the other files",
    "accounts.User_groups.user": "no part of Margin uses Django's groups",
    "accounts.User_user_permissions.user": "no part of Margin uses Django's permissions",
}
