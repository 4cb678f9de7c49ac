"""What the database refuses of demonstrations, whoever writes it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InternalError, transaction
from django.utils import timezone

from preferences.choices import Criterion, DemonstrationStatus
from preferences.models import Demonstration, DemonstrationVersion
from tests import factories
from tests.preferences.refusals import refused

pytestmark = pytest.mark.django_db


def change(made: Demonstration, **fields: Any) -> None:
    Demonstration.objects.filter(pk=made.pk).update(**fields)


def version(made: Demonstration, **fields: Any) -> DemonstrationVersion:
    before = made.newest
    told = {
        "demonstration": made, "number": before.number + 1, "by": made.author, "prompt": before.prompt,
        "messages": before.messages, "guideline": before.guideline, "active_seconds": 0, "created_at": timezone.now(),
    }  # fmt: skip
    return DemonstrationVersion.objects.create(**(told | fields))


def test_its_status_is_one_of_ours() -> None:
    now, campaign = timezone.now(), factories.demonstrations_campaign()
    told = {"sent_at": now, "reviewer": factories.user(), "reviewed_at": now}
    with refused("demonstration_status"):
        Demonstration.objects.create(campaign=campaign, author=factories.user(), status="lost", **told)


def test_nobody_reviews_their_own() -> None:
    made = factories.demonstration()
    with refused("demonstration_reviewed_by_another"):
        change(made, reviewer=made.author)
    change(made, reviewer=factories.user())


@pytest.mark.parametrize("status", [DemonstrationStatus.APPROVED, DemonstrationStatus.RETURNED])
def test_somebody_decides_at_some_time(status: DemonstrationStatus) -> None:
    made = factories.demonstration()
    for fields in ({}, {"reviewer": factories.user()}, {"reviewed_at": timezone.now()}):
        with refused("demonstration_decided_by_somebody"):
            change(made, status=status, feedback="Why.", **fields)


def test_it_is_returned_with_a_comment_and_approved_with_nothing_unmet() -> None:
    made = factories.demonstration()
    decided = {"reviewer": factories.user(), "reviewed_at": timezone.now()}
    with refused("demonstration_returned_with_feedback"):
        change(made, status=DemonstrationStatus.RETURNED, **decided)
    with refused("demonstration_approved_meets_all"):
        change(made, status=DemonstrationStatus.APPROVED, unmet=[Criterion.HARMLESS], **decided)
    with refused("demonstration_unmet_criteria"):
        change(made, unmet=["boring"])
    with refused("demonstration_review_seconds"):
        change(made, review_seconds=-1)


def test_an_approved_one_never_changes_and_gets_no_further_version() -> None:
    made = factories.approved_demonstration()
    rows = Demonstration.objects.filter(pk=made.pk)
    for act in (lambda: change(made, feedback="Changed."), lambda: rows._raw_delete("default")):
        with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
            act()
    with pytest.raises(InternalError, match="is approved"), transaction.atomic():
        version(made)


def test_a_version_stands_once_and_is_never_changed() -> None:
    made = factories.demonstration()
    with refused("demonstration_version_once"):
        version(made, number=1)
    with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
        made.versions.update(active_seconds=1)
    with refused("demonstration_active_seconds"):
        version(made, active_seconds=-1)


@pytest.mark.parametrize("roles", [[], ["user"], ["assistant", "user"], ["user", "user"]], ids=str)
def test_it_begins_with_a_prompt_and_its_answer(roles: list[str]) -> None:
    made = factories.demonstration()
    with refused("demonstration_prompt_then_answer"):
        version(made, messages=[{"role": role, "content": "Words."} for role in roles])
