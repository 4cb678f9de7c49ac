from __future__ import annotations

import pytest
from django.test import Client

from annotation import memberships
from annotation.models import Role
from exports.proofs import check
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_manager_takes_the_proof_of_a_row_from_the_page_of_its_comparison() -> None:
    campaign = factories.campaign()
    batch = factories.batch(campaign, comparisons=3)
    item = batch.items.get(place=1)
    client = signed_in(factories.manager(campaign))
    address = f"/batches/{batch.pk}/rows/{item.comparison.key}.proof.json"

    page = client.get(f"/campaigns/{campaign.slug}/agreement/comparisons/{item.comparison_id}/").content.decode()
    assert f'href="{address}"' in page
    assert check(client.get(address).content, root=batch.sha256).startswith(
        f"The comparison {item.comparison.key} is row 2 of 3"
    )


def test_nobody_else_gets_it_and_what_the_batch_does_not_hold_is_not_found() -> None:
    campaign = factories.campaign()
    batch = factories.batch(campaign, comparisons=1)
    key = batch.items.get().comparison.key
    engineer = factories.user()
    memberships.add(user=engineer, campaign=campaign, role=Role.ENGINEER, by=None)
    assert signed_in(engineer).get(f"/batches/{batch.pk}/rows/{key}.proof.json").status_code == 403

    other = factories.batch(campaign, comparisons=1, name="another")
    manager = signed_in(factories.manager(campaign))
    assert manager.get(f"/batches/{other.pk}/rows/{key}.proof.json").status_code == 404
