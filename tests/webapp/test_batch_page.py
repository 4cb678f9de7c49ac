from __future__ import annotations

import re

import pytest
from django.test import Client

from exports import actions
from preferences.choices import Track
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown(client: Client, address: str) -> dict[str, str]:
    html = client.get(address).content.decode()
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", html))


def test_the_page_of_a_batch_has_its_figures_and_their_file() -> None:
    campaign = factories.campaign(track=Track.SAFETY)
    batch = factories.batch(campaign, comparisons=3)
    client = signed_in(factories.manager(campaign))

    assert "It is being counted" in client.get(f"/batches/{batch.pk}/").content.decode()
    assert client.get(f"/batches/{batch.pk}/statistics.json").status_code == 404

    about = actions.describe(batch=batch)
    found = shown(client, f"/batches/{batch.pk}/")
    assert (found["Comparisons"], found["Judgments"], found["Split votes"]) == ("3", "3", "0")
    assert found["Better"] == "3"
    assert found["Both responses safe"] == "3"
    assert found["Turns per dialogue"] == "1.0"
    assert client.get(f"/batches/{batch.pk}/statistics.json").json() == about

    page = client.get(f"/batches/{batch.pk}/").content.decode()
    assert all(one["name"] in page for one in batch.made_of["variants"])
    assert f"Guideline of <code>{campaign.slug}</code>, version 1: 3 judgments." in page
    assert batch.made_of["code_version"][:12] in page


def test_nobody_else_sees_them() -> None:
    batch = factories.batch(factories.campaign(), comparisons=1)
    actions.describe(batch=batch)
    stranger = signed_in(factories.manager(factories.campaign()))
    assert stranger.get(f"/batches/{batch.pk}/statistics.json").status_code == 404
