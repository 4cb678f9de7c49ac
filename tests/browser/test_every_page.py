"""Every page in both themes: no accessibility violation, and nothing wider than the screen from 320 px on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from annotation import queue
from preferences.actions import comparisons
from preferences.choices import Track
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

WIDTHS = (320, 1024, 2560)


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    campaign = factories.campaign(track=Track.SAFETY, slug="pages", raters_per_item=2, max_turns=3)
    factories.sampling_plan(campaign)
    return campaign


@pytest.fixture
def olga(campaign: Campaign) -> User:
    return factories.user("olga", is_superuser=True)


@pytest.fixture
def addresses(campaign: Campaign, olga: User) -> list[str]:
    """One address of each page, with something on it."""
    for _ in range(4):
        factories.judged_comparison(campaign)
    batch = factories.batch(campaign)
    factories.export(batch)
    factories.comparison(campaign, text="A long word: " + "x" * 300)
    key = queue.claim(campaign=campaign, by=olga).key
    given_back = queue.claim(campaign=campaign, by=factories.annotator(campaign)).key
    own = factories.turn(campaign, by=olga)
    failed = factories.turn(campaign, by=olga)
    comparisons.fail_turn(turn=failed, reason="The model returned an empty answer. Try again, or write another.")
    assert given_back != key
    return [
        "/",
        "/sign-in/",
        f"/compare/{key}/",
        f"/compare/{key}/guideline/",
        "/campaigns/pages/write/",
        "/campaigns/pages/done/",
        f"/turns/{own.pk}/",
        f"/turns/{failed.pk}/",
        f"/dialogues/{own.dialogue_id}/",
        "/overview/",
        "/batches/",
        f"/batches/{batch.pk}/",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_accessible_and_fits(
    open_page: Callable[..., Page], addresses: list[str], olga: User, theme: str
) -> None:
    page = open_page(olga, theme=theme)
    found = []
    for address in addresses:
        answer = page.goto(address)
        assert answer is not None and answer.status == 200, address
        for violation in Axe().run(page).response["violations"]:
            found.append((address, violation["id"], [node["html"] for node in violation["nodes"]][:2]))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            if page.evaluate("document.documentElement.scrollWidth") > width:
                found.append((address, f"wider than {width}", []))
    assert found == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_page_is_accessible(open_page: Callable[..., Page], transactional_db: None, theme: str) -> None:
    page = open_page(None, theme=theme)
    page.goto("/sign-in/")
    assert Axe().run(page).response["violations"] == []
