"""Rows of every model with a status, in any status, for what PostgreSQL itself must hold."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db.models import Model, TextChoices
from django.utils import timezone

from preferences.choices import (
    AssignmentStatus,
    AttemptStatus,
    CampaignStatus,
    ComparisonStatus,
    DeliveryStatus,
    DemonstrationStatus,
    DialogueStatus,
    ExportStatus,
    JudgmentRole,
    ReviewStatus,
    RewardStatus,
    SamplingStatus,
    SlotStatus,
    SweepStatus,
    TurnStatus,
    VariantStatus,
)
from preferences.lifecycle import TRANSITIONS
from preferences.models import Demonstration, Slot
from tests.factories.assignments import AssignmentFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.comparisons import ComparisonFactory, SlotFactory
from tests.factories.dialogues import DialogueFactory, TurnFactory
from tests.factories.exams import AttemptFactory
from tests.factories.exports import ExportFactory
from tests.factories.judgments import JudgmentFactory
from tests.factories.people import UserFactory
from tests.factories.responses import ResponseFactory
from tests.factories.reviews import ReviewFactory
from tests.factories.rewards import RewardModelFactory
from tests.factories.sampling import SamplingRunFactory
from tests.factories.temperatures import TemperatureSweepFactory
from tests.factories.variants import VariantFactory
from tests.factories.webhooks import DeliveryFactory

OVER = (SamplingStatus.DONE, SamplingStatus.FAILED, SamplingStatus.CANCELLED)
OURS = ("preferences", "annotation", "workers", "exports", "accounts")


def demonstration(**fields: Any) -> Demonstration:
    return Demonstration.objects.create(
        campaign=CampaignFactory(), author=UserFactory(), sent_at=timezone.now(), **fields
    )


MAKERS: dict[type[TextChoices], Callable[..., Any]] = {
    CampaignStatus: CampaignFactory,
    VariantStatus: VariantFactory,
    DialogueStatus: DialogueFactory,
    TurnStatus: TurnFactory,
    SamplingStatus: SamplingRunFactory,
    ComparisonStatus: ComparisonFactory,
    SlotStatus: SlotFactory,
    AssignmentStatus: AssignmentFactory,
    AttemptStatus: AttemptFactory,
    DemonstrationStatus: demonstration,
    DeliveryStatus: DeliveryFactory,
    ExportStatus: ExportFactory,
    ReviewStatus: ReviewFactory,
    RewardStatus: RewardModelFactory,
    SweepStatus: TemperatureSweepFactory,
}
PAIRS = [
    (before, after) for statuses in TRANSITIONS for before in statuses for after in statuses if before is not after
]
ALLOWED = [(before, after) for before, after in PAIRS if after in TRANSITIONS[type(before)][before]]
REFUSED = [(before, after) for before, after in PAIRS if after not in TRANSITIONS[type(before)][before]]


def row_at(status: TextChoices) -> Model:
    """A fresh row that stands at this status, written past the lifecycle."""
    row: Model = MAKERS[type(status)](status=status, **companions(status))
    return row


def companions(status: TextChoices, row: Model | None = None) -> dict[str, Any]:
    """What the check constraints want in the row's other fields at this status."""
    if isinstance(status, ComparisonStatus):
        finished = status in (ComparisonStatus.JUDGED, ComparisonStatus.SEALED)
        return {"finished_at": timezone.now() if finished else None}
    if isinstance(status, SamplingStatus):
        held = status is SamplingStatus.RUNNING
        return {
            "holder": uuid.uuid4() if held else None,
            "leased_until": timezone.now() if held else None,
            "response": ResponseFactory() if status is SamplingStatus.DONE else None,
            "ended_at": timezone.now() if status in OVER else None,
        }
    if isinstance(status, AssignmentStatus):
        slot: Slot = row.slot if row else SlotFactory(status=SlotStatus.FILLED)  # type: ignore[attr-defined]
        submitted = status is AssignmentStatus.SUBMITTED
        return {"judgment": JudgmentFactory(slot=slot) if submitted else None, **({} if row else {"slot": slot})}
    if isinstance(status, ReviewStatus):
        return review_companions(status, row)
    if isinstance(status, AttemptStatus):
        closed = status in (AttemptStatus.PASSED, AttemptStatus.FAILED)
        return {"finished_at": timezone.now() if closed else None}
    if isinstance(status, DemonstrationStatus):
        decided = {"reviewer": UserFactory(), "reviewed_at": timezone.now()}
        feedback = "Read the question again." if status is DemonstrationStatus.RETURNED else ""
        return decided | {"feedback": feedback}
    if isinstance(status, DeliveryStatus):
        return {"due_at": timezone.now() if status is DeliveryStatus.WAITING else None}
    if isinstance(status, RewardStatus):
        held, trained = status is RewardStatus.TRAINING, status is RewardStatus.TRAINED
        return {
            "holder": uuid.uuid4() if held else None,
            "leased_until": timezone.now() if held else None,
            "finished_at": timezone.now() if trained else None,
            "weights_sha256": "0" * 64 if trained else "",
            "report": {} if trained else None,
        }
    if isinstance(status, SweepStatus):
        held, done = status is SweepStatus.RUNNING, status is SweepStatus.DONE
        return {
            "holder": uuid.uuid4() if held else None,
            "leased_until": timezone.now() if held else None,
            "temperature": 1.0 if done else None,
            "finished_at": timezone.now() if done else None,
        }
    if status is ExportStatus.READY:
        return {"path": "var/exports/somewhere", "manifest_sha256": "0" * 64}
    return {}


def review_companions(status: ReviewStatus, row: Model | None) -> dict[str, Any]:
    rating = getattr(row, "judgment", None) or JudgmentFactory()
    of = {"comparison": rating.comparison, "judgment": rating}
    decided = {"reviewer": UserFactory(), "decided_at": timezone.now()}
    ruling = {"comparison": rating.comparison, "guideline": rating.guideline, "slot": None}
    match status:
        case ReviewStatus.APPROVED:
            return of | decided
        case ReviewStatus.RETURNED:
            return of | {"feedback": "Read the second answer again.", "returned_by": UserFactory()}
        case ReviewStatus.CORRECTED:
            made = JudgmentFactory(role=JudgmentRole.CORRECTION, corrects=rating, **ruling)
            return of | decided | {"ruling": made}
        case ReviewStatus.ADJUDICATED:
            return (
                of | decided | {"judgment": None, "ruling": JudgmentFactory(role=JudgmentRole.ADJUDICATION, **ruling)}
            )
        case _:
            return of


def models_with_a_status() -> list[type[Model]]:
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in OURS and any(field.name == "status" for field in model._meta.fields)
    ]


def name(status: TextChoices) -> str:
    return f"{type(status).__name__}.{status.name}"
