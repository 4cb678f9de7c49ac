"""A manager registers a variant by keyboard and looks on while a worker checks it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from preferences.models import Variant
from tests import factories
from tests.browser.steps import press
from tests.factories.health import FOUND
from workers import health
from workers.engines.probe import Health


def test_a_variant_is_registered_and_its_check_is_watched(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    page = open_page(factories.manager(factories.campaign()))
    page.goto("/variants/new/")
    page.get_by_label("Name").focus()
    page.keyboard.type("chat-v3")
    press(page, "Tab Tab Tab")
    page.keyboard.type("models/chat-v3")
    press(page, "Enter")
    refused = page.get_by_label("Location")
    expect(page.get_by_text("Write the whole path on the worker's machine")).to_be_visible()
    expect(refused).to_have_value("models/chat-v3")
    expect(page.get_by_label("Name")).to_have_value("chat-v3")
    refused.fill("/models/chat-v3")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(r"/variants/\d+/$"))
    expect(page.get_by_text("It waits for a worker of the queue sample.")).to_be_visible()
    check = Variant.objects.get().health_checks.get()
    holder = health.take(check=check)
    assert holder is not None
    expect(page.get_by_text("A worker loads it and asks it")).to_be_visible()
    health.finish(check=check, holder=holder, health=Health(FOUND, "The lamp went out.", (), (), 2.5))
    expect(page.get_by_text("The lamp went out.")).to_be_visible()
    page.get_by_role("button", name="Hold it to what was found").press("Enter")
    expect(page.get_by_role("button", name="Hold it to what was found")).to_have_count(0)
    expect(page.locator("#limits").get_by_label("Context, tokens")).to_have_value("512")
