"""The pictures of what came of the studies, from a replica of the paper's: whole for `make screenshots`, else small."""

from __future__ import annotations

import os
from collections.abc import Callable

from playwright.sync_api import Page, expect

from bench.replica import Replica
from preferences.models import Campaign
from webapp.accounts.models import User

Keep = Callable[[Page, str], None]
SIZE = {"width": 1280, "height": 1000}


def replica() -> Replica:
    return Replica(size=1.0 if "SCREENSHOTS" in os.environ else 0.02, checked=False)


def manager(of: Replica, campaign: Campaign) -> User:
    person = of.manager(campaign)
    person.pseudonym = "calm-heron-3141"
    person.save(update_fields=["pseudonym"])
    return person


def test_an_evaluation(open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep) -> None:
    made = replica()
    campaign = made.add_evaluation()
    page = open_page(manager(made, campaign), **SIZE)
    page.goto(f"/campaigns/{campaign.slug}/results/")
    expect(page.get_by_role("heading", name="Wins, ties and losses")).to_be_visible()
    keep_screenshot(page, "evaluation")


def test_a_safety_evaluation(open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep) -> None:
    made = replica()
    campaign = made.add_safety()
    page = open_page(manager(made, campaign), **SIZE)
    page.goto(f"/campaigns/{campaign.slug}/results/")
    expect(page.get_by_role("heading", name="Violations by variant")).to_be_visible()
    keep_screenshot(page, "safety-evaluation")


def test_the_models_of_a_collection(
    open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep
) -> None:
    made = replica()
    campaign = made.add_collection()
    page = open_page(manager(made, campaign), theme="dark", **SIZE)
    page.goto(f"/campaigns/{campaign.slug}/ranking/")
    expect(page.get_by_role("heading", name="Each model against the one before it")).to_be_visible()
    keep_screenshot(page, "models-dark")


def test_the_agreement_of_a_collection(
    open_page: Callable[..., Page], transactional_db: None, keep_screenshot: Keep
) -> None:
    made = replica()
    campaign = made.add_collection()
    page = open_page(manager(made, campaign), **SIZE)
    page.goto(f"/campaigns/{campaign.slug}/agreement/")
    expect(page.locator(".counting")).to_have_count(0)
    expect(page.get_by_role("heading", name="Agreement by degree")).to_be_visible()
    keep_screenshot(page, "agreement")
