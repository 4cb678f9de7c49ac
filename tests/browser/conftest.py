from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Error, Page, sync_playwright

from webapp.accounts.models import User
from webapp.paths import BASE_DIR

CHROMIUM = shutil.which("chromium") or ""
SCREENSHOTS = BASE_DIR / "docs" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def provoked() -> list[str]:
    """Words of the console errors that a test brings about: a refused answer always, others where it adds them."""
    return ["422", "409"]


def _let_the_server_finish() -> None:
    """What pages sent last is stored before the database is emptied, which would wait for it and be waited for."""
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            if cursor.fetchone()[0] == 0:
                return
            time.sleep(0.05)


@pytest.fixture
def open_page(chromium: Browser, live_server: Any, provoked: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a page on a device of its own as a signed-in person; a test fails on what the console calls an error."""
    contexts, said = [], []

    def open_as(user: User | None, *, theme: str = "light", width: int = 1024, height: int = 768) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            color_scheme=theme,
            viewport={"width": width, "height": height},
            bypass_csp="SCREENSHOTS" in os.environ,  # taking a picture adds a style of its own
        )
        contexts.append(context)
        if user is not None:
            client = Client()
            client.force_login(user)
            context.add_cookies(
                [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
            )
        context.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        context.on("weberror", lambda error: said.append(str(error.error)))
        return context.new_page()

    yield open_as
    heard = list(said)
    for context in contexts:
        with suppress(Error):  # closed by the test itself
            context.set_offline(True)  # what a page sends as it goes would meet the database while it is emptied
        context.close()
    _let_the_server_finish()
    assert [line for line in heard if not any(word in line for word in provoked)] == []


@pytest.fixture
def keep_screenshot() -> Callable[[Page, str], None]:
    """Writes a picture for the documentation where `make screenshots` asked for it."""

    def keep(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            SCREENSHOTS.mkdir(exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{name}.png")

    return keep
