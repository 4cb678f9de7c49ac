"""The demo's annotators meet the pages as people do: guideline first, then pairs until nothing is left."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from annotation import memberships
from annotation.models import Role
from preferences.choices import Track
from preferences.models import Judgment
from tests import factories
from webapp.demo import browser as browsers
from webapp.demo.browser import Browser

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_simulated_annotator_reads_the_guideline_and_judges_what_there_is(live_server: Any) -> None:
    campaign = factories.campaign(slug="simulated", track=Track.SAFETY)
    for number in (1, 2):
        factories.comparison(campaign, text=f"Question {number}?", text_a=f"- **A** {number}", text_b=f"1. B {number}")
    newcomer = factories.user("newcomer", password="a long password")
    memberships.add(user=newcomer, campaign=campaign, role=Role.ANNOTATOR, by=None)
    with Browser(live_server.url, "newcomer", "a long password") as browser:
        page = browser.start("simulated")
        seen = []
        while page is not None:
            seen.append((page.prompt, set(page.texts), page.safety))
            page = browser.submit(page, {"verdict": 2, "safety_left": 4, "safety_right": 4})
    assert seen == [(f"Question {n}?", {f"- **A** {n}", f"1. B {n}"}, True) for n in (1, 2)]
    assert Judgment.objects.count() == 2


def test_who_is_told_that_too_many_sign_in_waits_and_tries_again(
    live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.user("newcomer", password="a long password")
    request, told, waited = httpx.Client.request, list[str](), list[float]()

    def crowded(client: httpx.Client, method: str, path: str, **options: Any) -> httpx.Response:
        told.append(method)
        if told.count("POST") == 1 and method == "POST":
            return httpx.Response(429, request=httpx.Request(method, live_server.url + path))
        return request(client, method, path, **options)

    monkeypatch.setattr(httpx.Client, "request", crowded)
    monkeypatch.setattr(browsers.time, "sleep", waited.append)
    with Browser(live_server.url, "newcomer", "a long password"):
        assert told == ["GET", "POST", "POST"] and waited == [browsers.PAUSE]
