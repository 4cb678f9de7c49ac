"""The pictures of variants and rounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from playwright.sync_api import Page, expect

from preferences.models import Variant
from tests import factories
from tests.browser.variant_pages import looped
from tests.factories.health import FOUND
from webapp.accounts.models import User

Keep = Callable[[Page, str], None]
SIZE = {"width": 1280, "height": 1000}


def test_the_rounds_of_a_campaign(
    open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep
) -> None:
    campaign = looped("Everyday questions", "everyday", comparisons=24)
    page = open_page(User.objects.get(memberships__campaign=campaign, memberships__role="manager"), **SIZE)
    page.goto("/campaigns/everyday/rounds/")
    expect(page.get_by_role("heading", name="Each round's new variant against the others it met")).to_be_visible()
    keep_screenshot(page, "rounds")


def test_a_variant_that_answers(open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep) -> None:
    campaign = looped("Everyday questions", "everyday", comparisons=2)
    variant = Variant.objects.get(name="chat-v3")
    found = replace(FOUND, weights_hash=sha256(b"weights").hexdigest(), engine_version="transformers 4.57, torch 2.9")
    factories.checked(
        variant, info=found, sample="A boat came in, and in it lay a bottle with a letter for the keeper."
    )
    page = open_page(User.objects.get(memberships__campaign=campaign, memberships__role="manager"), **SIZE)
    page.goto(f"/variants/{variant.pk}/")
    expect(page.get_by_text("for the keeper.")).to_be_visible()
    keep_screenshot(page, "variant")
