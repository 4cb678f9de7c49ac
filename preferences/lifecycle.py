"""What may become what. The only module that writes a status; PostgreSQL holds the same table by triggers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, TypeVar, cast

import pgtrigger
from django.db.models import Case, Field, Model, Q, QuerySet, TextChoices, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from preferences.choices import (
    AssignmentStatus,
    AttemptStatus,
    CampaignStatus,
    ComparisonStatus,
    DeliveryStatus,
    DemonstrationStatus,
    DialogueStatus,
    ExportStatus,
    ReviewStatus,
    RewardStatus,
    SamplingStatus,
    SlotStatus,
    SweepStatus,
    TurnStatus,
    VariantStatus,
)
from preferences.errors import InvalidTransition
from preferences.prepared import Given, KeptUpdate

M = TypeVar("M", bound=Model)
NOTHING: Mapping[str, Sequence[Any]] = MappingProxyType({})

TRANSITIONS: Mapping[type[TextChoices], Mapping[Any, tuple[Any, ...]]] = {
    CampaignStatus: {
        CampaignStatus.DRAFT: (CampaignStatus.OPEN,),
        CampaignStatus.OPEN: (CampaignStatus.PAUSED, CampaignStatus.CLOSED),
        CampaignStatus.PAUSED: (CampaignStatus.OPEN, CampaignStatus.CLOSED),
        CampaignStatus.CLOSED: (),
    },
    VariantStatus: {
        VariantStatus.ACTIVE: (VariantStatus.RETIRED,),
        VariantStatus.RETIRED: (),
    },
    DialogueStatus: {
        DialogueStatus.OPEN: (DialogueStatus.ENDED,),
        DialogueStatus.ENDED: (),
    },
    TurnStatus: {
        TurnStatus.SAMPLING: (TurnStatus.READY, TurnStatus.FAILED),
        TurnStatus.FAILED: (TurnStatus.SAMPLING,),
        TurnStatus.READY: (),
    },
    SamplingStatus: {
        SamplingStatus.PENDING: (SamplingStatus.RUNNING, SamplingStatus.CANCELLED),
        SamplingStatus.RUNNING: (
            SamplingStatus.DONE,
            SamplingStatus.PENDING,
            SamplingStatus.FAILED,
            SamplingStatus.CANCELLED,
        ),
        SamplingStatus.FAILED: (SamplingStatus.PENDING,),
        SamplingStatus.CANCELLED: (SamplingStatus.PENDING,),
        SamplingStatus.DONE: (),
    },
    ComparisonStatus: {
        ComparisonStatus.OPEN: (ComparisonStatus.JUDGED, ComparisonStatus.WITHDRAWN),
        ComparisonStatus.JUDGED: (ComparisonStatus.SEALED, ComparisonStatus.WITHDRAWN),
        ComparisonStatus.SEALED: (ComparisonStatus.WITHDRAWN,),  # by an erasure only: its trigger kept_when_sealed
        ComparisonStatus.WITHDRAWN: (),
    },
    SlotStatus: {
        SlotStatus.WAITING: (SlotStatus.OPEN,),
        SlotStatus.OPEN: (SlotStatus.LEASED, SlotStatus.WAITING),  # back only with its comparison withdrawn
        SlotStatus.LEASED: (SlotStatus.OPEN, SlotStatus.FILLED),
        SlotStatus.FILLED: (),
    },
    AssignmentStatus: {
        AssignmentStatus.ACTIVE: (
            AssignmentStatus.SUBMITTED,
            AssignmentStatus.EXPIRED,
            AssignmentStatus.RELEASED,
        ),
        AssignmentStatus.SUBMITTED: (),
        AssignmentStatus.EXPIRED: (),
        AssignmentStatus.RELEASED: (),
    },
    ReviewStatus: {
        ReviewStatus.WAITING: (
            ReviewStatus.APPROVED,
            ReviewStatus.CORRECTED,
            ReviewStatus.RETURNED,
            ReviewStatus.ADJUDICATED,
            ReviewStatus.WITHDRAWN,
        ),
        ReviewStatus.RETURNED: (ReviewStatus.WAITING,),
        ReviewStatus.APPROVED: (),
        ReviewStatus.CORRECTED: (),
        ReviewStatus.ADJUDICATED: (),
        ReviewStatus.WITHDRAWN: (),
    },
    AttemptStatus: {
        AttemptStatus.STARTED: (AttemptStatus.AWAITING_SCORE, AttemptStatus.PASSED, AttemptStatus.FAILED),
        AttemptStatus.AWAITING_SCORE: (AttemptStatus.PASSED, AttemptStatus.FAILED),
        AttemptStatus.PASSED: (),
        AttemptStatus.FAILED: (),
    },
    DemonstrationStatus: {
        DemonstrationStatus.IN_REVIEW: (DemonstrationStatus.APPROVED, DemonstrationStatus.RETURNED),
        DemonstrationStatus.RETURNED: (DemonstrationStatus.IN_REVIEW,),
        DemonstrationStatus.APPROVED: (),
    },
    ExportStatus: {
        ExportStatus.PENDING: (ExportStatus.RUNNING, ExportStatus.WITHDRAWN),
        ExportStatus.RUNNING: (ExportStatus.READY, ExportStatus.FAILED, ExportStatus.PENDING, ExportStatus.WITHDRAWN),
        ExportStatus.FAILED: (ExportStatus.PENDING,),
        ExportStatus.READY: (ExportStatus.PENDING, ExportStatus.WITHDRAWN),
        ExportStatus.WITHDRAWN: (),
    },
    DeliveryStatus: {
        DeliveryStatus.WAITING: (DeliveryStatus.DELIVERED, DeliveryStatus.FAILED),
        DeliveryStatus.DELIVERED: (DeliveryStatus.WAITING,),
        DeliveryStatus.FAILED: (DeliveryStatus.WAITING,),
    },
    RewardStatus: {
        RewardStatus.WAITING: (RewardStatus.TRAINING,),
        RewardStatus.TRAINING: (RewardStatus.TRAINED, RewardStatus.FAILED, RewardStatus.WAITING),
        RewardStatus.FAILED: (RewardStatus.WAITING,),
        RewardStatus.TRAINED: (),
    },
    SweepStatus: {
        SweepStatus.WAITING: (SweepStatus.RUNNING,),
        SweepStatus.RUNNING: (SweepStatus.DONE, SweepStatus.FAILED, SweepStatus.WAITING),
        SweepStatus.FAILED: (SweepStatus.WAITING,),
        SweepStatus.DONE: (),
    },
}


# What each kind of status belongs to, in a sentence.
NOUNS: Mapping[type[TextChoices], str | Promise] = {
    CampaignStatus: gettext_lazy("campaign"),
    VariantStatus: gettext_lazy("variant"),
    DialogueStatus: gettext_lazy("dialogue"),
    TurnStatus: gettext_lazy("turn"),
    SamplingStatus: gettext_lazy("sampling run"),
    ComparisonStatus: gettext_lazy("comparison"),
    SlotStatus: gettext_lazy("slot"),
    AssignmentStatus: gettext_lazy("assignment"),
    ReviewStatus: gettext_lazy("review"),
    AttemptStatus: gettext_lazy("attempt"),
    DemonstrationStatus: gettext_lazy("demonstration"),
    ExportStatus: gettext_lazy("export"),
    DeliveryStatus: gettext_lazy("delivery"),
    RewardStatus: gettext_lazy("reward model"),
    SweepStatus: gettext_lazy("temperature sweep"),
}


def advance(row: Model, to: TextChoices, **changes: Any) -> None:
    """Moves one row's status, with `changes` to other fields in the same UPDATE.

    Compare-and-set: the UPDATE names the status that `row` was read with, so that of two callers one wins and the other
    gets InvalidTransition. Call inside a transaction.
    """
    before = row.status  # type: ignore[attr-defined]
    _check(before, to)
    if _move(type(row), *changes).run({**changes, "pk": row.pk, "before": before, "to": to}) != 1:
        raise InvalidTransition(_moved_first(row, to))
    row.status = to  # type: ignore[attr-defined]
    for name, value in changes.items():
        setattr(row, name, value)


@cache
def _move(model: type[Model], *names: str) -> KeptUpdate:
    """The UPDATE of `advance`: its values are those of the fields `names`, with `pk`, `before` and `to`."""
    status = _field(model, "status")
    rows = model._default_manager.filter(pk=Given("pk", model._meta.pk), status=Given("before", status))
    return KeptUpdate(rows, status=Given("to", status), **_given(model, names))


def kept_advance(rows: QuerySet[Any], before: TextChoices, to: TextChoices, *names: str) -> KeptUpdate:
    """What moves every row of `rows` that stands at `before`, again and again; its values are those of the fields
    `names`, and those that `rows` wants."""
    _check(before, to)
    return KeptUpdate(rows.filter(status=before), status=to, **_given(rows.model, names))


def _given(model: type[Model], names: Sequence[str]) -> dict[str, Given]:
    return {name: Given(name, _field(model, name)) for name in names}


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", model._meta.get_field(name))


def advance_many(rows: QuerySet[M], before: TextChoices, to: TextChoices, **changes: Any) -> int:
    """Moves every row of `rows` that stands at `before`; returns how many moved."""
    _check(before, to)
    return rows.filter(status=before).update(status=to, **changes)


def advance_all(
    rows: Sequence[Model], to: TextChoices, *, own: Mapping[str, Sequence[Any]] = NOTHING, **changes: Any
) -> None:
    """Moves rows of one model and one status by one UPDATE; `own` are changes with a value for each row, in order.

    Compare-and-set as `advance`: either all move, or InvalidTransition is raised. Call inside a transaction.
    """
    if not rows:
        return
    manager, before = type(rows[0])._default_manager, rows[0].status  # type: ignore[attr-defined]
    _check(before, to)
    cases = {
        name: Case(*(When(pk=row.pk, then=Value(value)) for row, value in zip(rows, values, strict=True)))
        for name, values in own.items()
    }
    moved = manager.filter(pk__in=[row.pk for row in rows], status=before).update(status=to, **changes, **cases)
    if moved != len(rows):
        raise InvalidTransition(_moved_first(rows[0], to))
    for place, row in enumerate(rows):
        row.status = to  # type: ignore[attr-defined]
        for name, value in {**changes, **{name: values[place] for name, values in own.items()}}.items():
            setattr(row, name, value)


def advance_held(row: Model, to: TextChoices, *, beside: Q, along: tuple[TextChoices, TextChoices]) -> None:
    """Moves a row that is held and, in the same UPDATE, what `beside` finds of its model from one status to another.

    Call inside the transaction that locked the row.
    """
    before = row.status  # type: ignore[attr-defined]
    _check(before, to)
    _check(*along)
    rows = type(row)._default_manager.filter(Q(pk=row.pk, status=before) | beside & ~Q(pk=row.pk) & Q(status=along[0]))
    if not rows.update(status=Case(When(pk=row.pk, then=Value(str(to))), default=Value(str(along[1])))):
        raise InvalidTransition(_moved_first(row, to))
    row.status = to  # type: ignore[attr-defined]


def transition_trigger(statuses: type[TextChoices]) -> pgtrigger.FSM:
    """The trigger that refuses, in PostgreSQL, every status change that TRANSITIONS does not have."""
    return pgtrigger.FSM(
        name="transitions",
        field="status",
        transitions=[(str(before), str(to)) for before, targets in TRANSITIONS[statuses].items() for to in targets],
    )


def _moved_first(row: Model, to: TextChoices) -> str:
    return _("This %(noun)s is no longer “%(status)s”: something else moved it first. Load it again.") % {
        "noun": NOUNS[type(to)],
        "status": type(to)(row.status).label,  # type: ignore[attr-defined]
    }


def _check(before: str, to: TextChoices) -> None:
    if to not in TRANSITIONS[type(to)][before]:
        statuses = type(to)
        raise InvalidTransition(
            _("“%(before)s” cannot become “%(after)s”.") % {"before": statuses(before).label, "after": to.label}
        )
