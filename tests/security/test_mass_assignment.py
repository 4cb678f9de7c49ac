"""Nobody becomes somebody by a field that no form has.

In Label Studio whoever sends an annotation says who made it (`completed_by`); other platforms took roles from forms.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation import invitations
from annotation.models import Role
from annotation.visibility import position_left
from preferences.models import Judgment
from tests import factories
from tests.webapp.api.clients import program, refused
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

RISE = {"is_superuser": "1", "is_staff": "1", "is_active": "1", "role": "manager", "user": "1", "standing": "x"}
POWERS = ("is_superuser", "is_staff", "is_active", "username", "password")


def powers(user: User) -> tuple[Any, ...]:
    user.refresh_from_db()
    roles = sorted(user.memberships.values_list("campaign", "role"))
    return (*(getattr(user, name) for name in POWERS), roles)


def test_settings_and_a_persons_own_forms_give_no_power() -> None:
    ann = factories.annotator(factories.campaign())
    client, before = Client(), powers(ann)
    client.force_login(ann)
    for address in ("/settings/", "/account/tokens/", "/language/"):
        own = {"break_minutes": "30", "language": "en", "name": "x", "scopes": "judge", "days": "1"}
        client.post(address, {**RISE, **own})
    assert powers(ann) == before


def test_an_invitation_gives_the_roles_that_it_names_and_no_others() -> None:
    campaign = factories.campaign()
    _made, token = invitations.invite(roles=[(campaign, Role.ANNOTATOR)], by=None)
    sent = {**RISE, "username": "ann", "password": "a long way to the lighthouse", "campaign": campaign.slug}
    assert Client().post(f"/invitations/{token}/", sent).status_code == 302
    assert powers(User.objects.get(username="ann"))[:2] == (False, False)
    assert list(User.objects.get(username="ann").memberships.values_list("role", flat=True)) == [Role.ANNOTATOR]


def test_a_verdict_is_its_senders_whatever_else_is_sent() -> None:
    campaign = factories.campaign()
    ann, other = factories.annotator(campaign), factories.annotator(campaign)
    held = factories.assignment(campaign, ann)
    client = Client()
    client.force_login(ann)
    others = {"annotator": other.pk, "completed_by": other.pk, "by": other.pk, "chosen": "b", "shown_left": "b"}
    sent = {"verdict": "2", "active_seconds": "9999", "split": "train", **others}
    assert client.post(f"/compare/{held.key}/", sent).status_code in (204, 302)
    stored = Judgment.objects.get()
    assert stored.annotator == ann and stored.active_seconds < 60
    assert stored.chosen == stored.shown_left == position_left(held.comparison, ann)


@pytest.mark.parametrize("field", ["annotator", "completed_by", "chosen", "shown_left", "seed", "lead_time"])
def test_an_operation_refuses_a_field_that_it_does_not_name(field: str) -> None:
    campaign = factories.campaign()
    ann = factories.annotator(campaign)
    held = factories.assignment(campaign, ann)
    answer = program(ann).post(
        f"/api/v1/claims/{held.key}/judgment/", {"verdict": 2, field: "1"}, content_type="application/json"
    )
    assert field in refused(answer, 400, "invalid")
    assert not Judgment.objects.exists()
