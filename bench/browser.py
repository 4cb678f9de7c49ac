"""From the key that sends a verdict to the next pair on the screen, in a real browser."""

from __future__ import annotations

import shutil

from playwright.sync_api import Page, sync_playwright

from bench.times import Summary
from bench.visitors import session_of
from webapp.accounts.models import User

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
READING = 900  # milliseconds between two verdicts: long enough for the draft to be kept first
WARMING = 3

# From the instant of the key press to the second frame after the form of another pair stands in the page.
_WATCH = """() => {
  const before = document.getElementById("compare").action;
  window.took = new Promise((resolve) => {
    let pressed = 0;
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter") pressed = event.timeStamp;
    }, { capture: true });
    const seen = new MutationObserver(() => {
      const form = document.getElementById("compare");
      if (!form || form.action === before || !pressed) return;
      seen.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - pressed)));
    });
    seen.observe(document.body, { childList: true, subtree: true });
  });
}"""


def measure(address: str, people: dict[str, User], samples: int) -> Summary | None:
    """`people` work in the campaign of their slug, as many samples each; None where there is no Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return None
    sessions = {slug: session_of(person) for slug, person in people.items()}
    seconds: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        for slug, session in sessions.items():
            context = browser.new_context(base_url=address, viewport={"width": 1366, "height": 768})
            context.add_cookies([{"name": "sessionid", "value": session, "url": address}])
            page = context.new_page()
            page.goto(f"/campaigns/{slug}/next/")
            taken = [_one(page) for _ in range(WARMING + samples // len(people))]
            seconds += taken[WARMING:]
            context.close()
        browser.close()
    return Summary.of(seconds)


def _one(page: Page) -> float:
    page.keyboard.press("v")  # safety work is answered once it was revealed
    for _step in range(page.locator("#compare [data-step]").count()):
        page.keyboard.press("4")
    page.wait_for_timeout(READING)
    page.evaluate(_WATCH)
    page.keyboard.press("Enter")
    took: float = page.evaluate("window.took")
    return took / 1000
