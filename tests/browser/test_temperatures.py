"""A measurement is watched in the browser until its charts are there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests import factories
from tests.factories.temperatures import found_at, planned_campaign, requested_sweep
from workers.temperature import holding


def test_a_measurement_is_watched_until_its_charts_are_there(
    transactional_db: None, open_page: Callable[..., Page]
) -> None:
    campaign = planned_campaign()
    sweep = requested_sweep(campaign)
    page = open_page(factories.manager(campaign))
    page.goto(f"/variants/{sweep.variant_id}/temperatures/")
    expect(page.get_by_role("status")).to_contain_text("It starts as soon as a worker")

    holder = holding.take(sweep=sweep)
    assert holder is not None
    holding.record(sweep=sweep, holder=holder, found=found_at(sweep, sweep.grid[0]))
    expect(page.get_by_role("status")).to_contain_text("1 of 3 temperatures", timeout=10_000)

    for temperature in sweep.grid[1:]:
        holding.record(sweep=sweep, holder=holder, found=found_at(sweep, temperature))
    holding.finish(sweep=sweep, holder=holder)
    expect(page.get_by_role("img", name="The mean reward of the best of several answers")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("Being measured")).to_have_count(0)
