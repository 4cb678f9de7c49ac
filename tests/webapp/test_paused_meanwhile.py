"""A campaign that is paused or closed, or a membership that ends, while somebody holds a pair."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from annotation import queue
from annotation.models import Membership
from preferences.actions import campaigns
from preferences.errors import Conflict
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

PAUSED = "This campaign is paused; more comes when it is opened again."


def pause(campaign: Campaign) -> None:
    campaigns.pause(campaign=campaign, by=None)


def close(campaign: Campaign) -> None:
    campaigns.close(campaign=campaign, by=None)


def leave(campaign: Campaign) -> None:
    Membership.objects.filter(campaign=campaign).delete()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("happens", [pause, close, leave])
def test_nothing_follows_and_nothing_is_raised(happens: Callable[[Campaign], None]) -> None:
    campaign = factories.campaign()
    factories.comparison(campaign)
    ann = factories.annotator(campaign)
    held = queue.following(campaign, ann)
    assert held is not None and held == queue.claim(campaign=campaign, by=ann)
    happens(campaign)
    assert queue.following(campaign, ann) is None


def test_another_conflict_is_still_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise Conflict("Something else.")

    campaign = factories.campaign()
    monkeypatch.setattr(queue, "claim", refuse)
    with pytest.raises(Conflict, match="Something else"):
        queue.following(campaign, factories.annotator(campaign))


@pytest.mark.parametrize("part", ["start", "next"])
def test_who_asks_for_work_of_a_paused_campaign_is_told_that_more_comes(part: str) -> None:
    campaign = factories.campaign(slug="quiet")
    factories.sampling_plan(campaign)
    client = signed_in(factories.assignment(campaign).annotator)
    pause(campaign)
    address = f"/campaigns/quiet/{part}/"
    page = client.post(address, follow=True) if part == "start" else client.get(address, follow=True)
    html = page.content.decode()
    assert page.redirect_chain == [("/campaigns/quiet/done/", 302)]
    assert page.status_code == 200 and PAUSED in html
    assert "There is nothing left for you" not in html and "Write a prompt" not in html


def test_a_closed_campaign_promises_nothing() -> None:
    campaign = factories.campaign(slug="over")
    client = signed_in(factories.annotator(campaign))
    close(campaign)
    html = client.get("/campaigns/over/done/").content.decode()
    assert "This campaign is closed; nothing more comes." in html and PAUSED not in html


def test_an_open_campaign_says_nothing_of_a_pause() -> None:
    campaign = factories.campaign(slug="open")
    html = signed_in(factories.annotator(campaign)).get("/campaigns/open/done/").content.decode()
    assert "There is nothing left for you" in html and PAUSED not in html


def test_who_is_no_member_is_still_told_so() -> None:
    campaign = factories.campaign(slug="others")
    client = signed_in(factories.user())
    assert client.post("/campaigns/others/start/").status_code == 403
    assert client.get("/campaigns/others/done/").status_code == 403
    assert not Membership.objects.filter(campaign=campaign).exists()
