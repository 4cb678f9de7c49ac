from __future__ import annotations

from typing import Any

import pytest

from preferences.actions import campaigns
from preferences.choices import CampaignStatus, Track
from preferences.errors import Conflict, InvalidInput, InvalidTransition
from preferences.models import Campaign
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_new_campaign_is_a_draft_with_a_question() -> None:
    campaign = campaigns.create(slug="new", name="New", track=Track.SAFETY, by=None)
    campaign.refresh_from_db()
    assert (campaign.status, campaign.is_safety) == (CampaignStatus.DRAFT, True)
    assert campaign.question == campaigns.DEFAULT_QUESTION


@pytest.mark.parametrize(
    "wanted",
    [
        {"slug": "not a slug"},
        {"slug": ""},
        {"name": ""},
        {"name": "x" * 121},
        {"track": "speed"},
        {"scale": "nine_point"},
        {"time_zone": "Mars/Olympus_Mons"},
        {"raters_per_item": 0},
        {"raters_per_item": -1},
        {"max_turns": 0},
        {"lease_seconds": 0},
        {"question": ""},
    ],
    ids=str,
)
def test_a_campaign_that_cannot_be_is_refused_with_a_sentence(wanted: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        campaigns.create(**({"slug": "new", "name": "New", "track": "safety", "by": None} | wanted))
    assert Campaign.objects.count() == 0


def test_a_slug_is_given_once() -> None:
    factories.campaign(slug="first")
    with pytest.raises(InvalidInput, match="slug"):
        factories.campaign(slug="first")


def test_a_campaign_without_a_guideline_does_not_open() -> None:
    campaign = factories.draft_campaign()
    with pytest.raises(Conflict, match="has no guideline yet"):
        campaigns.open_for_work(campaign=campaign, by=None)
    assert Campaign.objects.get().status == CampaignStatus.DRAFT


def test_a_campaign_rests_opens_again_and_closes_for_good() -> None:
    campaign = factories.campaign()
    campaigns.pause(campaign=campaign, by=None)
    campaigns.open_for_work(campaign=campaign, by=None)
    campaigns.close(campaign=campaign, by=None)
    with pytest.raises(InvalidTransition, match="“Closed” cannot become “Open”"):
        campaigns.open_for_work(campaign=campaign, by=None)
    assert Campaign.objects.get().status == CampaignStatus.CLOSED
