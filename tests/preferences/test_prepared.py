"""An update that is kept does what the update built anew does."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, DateTimeField, F, FloatField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.models import Membership, Role, WorkSession
from preferences import lifecycle
from preferences.choices import CampaignStatus
from preferences.models import Campaign
from preferences.prepared import Given, Kept, KeptUpdate
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def asked(captured: CaptureQueriesContext) -> list[str]:
    return [query["sql"].replace("(", "").replace(")", "") for query in captured.captured_queries]


def test_it_sends_what_the_update_built_anew_sends() -> None:
    given, now = {"pk": 7, "seconds": 2.5, "now": timezone.now()}, DateTimeField()
    kept = KeptUpdate(
        WorkSession.objects.filter(pk=Given("pk", BigIntegerField()), is_running=True),
        active_seconds=F("active_seconds") + Given("seconds", FloatField()),
        last_beat_at=Given("now", now),
    )
    with CaptureQueriesContext(connection) as captured:
        assert kept.run(given) == 0
        changes: dict[str, Any] = {"active_seconds": F("active_seconds") + 2.5, "last_beat_at": given["now"]}
        assert WorkSession.objects.filter(pk=7, is_running=True).update(**changes) == 0
    first, second = asked(captured)
    assert first == second


def test_it_tells_how_many_rows_it_changed_and_takes_a_row_for_its_key() -> None:
    campaign = factories.campaign()
    one, other = factories.manager(campaign), factories.user("other")
    of_whom = KeptUpdate(
        Membership.objects.filter(user=Given("user", Membership._meta.get_field("user"))), role=Role.REVIEWER
    )
    assert [of_whom.run({"user": user}) for user in (one, other)] == [1, 0]
    assert Membership.objects.get(user=one).role == Role.REVIEWER
    with pytest.raises(ValueError, match="Unsaved"):
        of_whom.run({"user": User()})


def test_no_expression_is_taken_for_a_value() -> None:
    campaign = factories.campaign()
    with pytest.raises(TypeError, match="no expression"):
        lifecycle.advance(campaign, CampaignStatus.PAUSED, name=F("slug"))
    with pytest.raises(TypeError, match="multiple values"):
        lifecycle.advance(campaign, CampaignStatus.PAUSED, status=CampaignStatus.CLOSED)


def test_no_slice_is_updated() -> None:
    with pytest.raises(TypeError, match="slice"):
        KeptUpdate(Campaign.objects.all()[:1], name="One of many")


def test_a_field_that_the_model_does_not_have_is_refused_as_ever() -> None:
    with pytest.raises(FieldDoesNotExist):
        lifecycle.advance(factories.campaign(), CampaignStatus.PAUSED, nickname="The quiet one")


def test_what_fails_in_a_transaction_ends_it() -> None:
    taken, user = factories.user("taken"), factories.user("somebody")
    named = Given("username", User._meta.get_field("username"))
    renamed = KeptUpdate(User.objects.filter(pk=Given("pk", BigIntegerField())), username=named)
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            renamed.run({"pk": user.pk, "username": taken.username})
        with pytest.raises(transaction.TransactionManagementError):
            User.objects.count()
        transaction.set_rollback(True)


def test_a_kept_query_that_locks_nothing_is_sent_without_a_transaction_too() -> None:
    campaign = factories.campaign()
    kept = Kept(Campaign.objects.filter(slug=Given("slug", Campaign._meta.get_field("slug"))).order_by("pk")[:1])
    assert kept.first({"slug": campaign.slug}) == campaign
    assert kept.first({"slug": "another"}) is None
