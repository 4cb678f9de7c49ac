"""Texts as an annotator reads them: Markdown, code, mathematics, other scripts, the themes and the languages."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.steps import go

MARKDOWN = r"""# The three ways

| way | cost |
|-----|-----:|
| bus | 3 |

```python
def fare(zones: int) -> float:
    return 1.5 * zones
```

It is \(\frac{a}{b}\) in all.

![a map](https://elsewhere.example/map.png)
"""
ARABIC = "السماء زرقاء لأن الهواء يبعثر الضوء الأزرق أكثر من غيره."
CHINESE = "天空是蓝色的，因为空气散射蓝光最多。"


def open_pair(open_page: Callable[..., Page], text_a: str, text_b: str = "An answer in English.") -> Page:
    campaign = factories.campaign()
    assignment = factories.assignment(
        campaign, comparison=factories.comparison(campaign, text="A question?", text_a=text_a, text_b=text_b)
    )
    page = open_page(assignment.annotator)
    page.requested = []
    page.on("request", lambda request: page.requested.append(request.url))
    go(page, assignment)
    return page


def test_markdown_code_and_mathematics_are_drawn(open_page: Callable[..., Page], transactional_db: None) -> None:
    page = open_pair(open_page, MARKDOWN)
    pane = page.locator(".pane .prose", has_text="The three ways")
    expect(pane.get_by_role("heading", name="The three ways", level=3)).to_be_visible()
    expect(pane.get_by_role("columnheader", name="cost")).to_be_visible()
    expect(pane.get_by_role("cell", name="bus")).to_be_visible()
    expect(pane.locator("pre[data-language=python] .k").first).to_have_text("def")
    fraction = pane.locator("math mfrac")
    expect(fraction).to_be_visible()
    assert fraction.evaluate("(fraction) => fraction.namespaceURI") == "http://www.w3.org/1998/Math/MathML"
    above, below = fraction.locator("mi").first.bounding_box(), fraction.locator("mi").last.bounding_box()
    assert above and below and above["y"] + above["height"] <= below["y"] + 1  # drawn, and not only there


def test_a_remote_image_is_never_asked_for(open_page: Callable[..., Page], transactional_db: None) -> None:
    page = open_pair(open_page, MARKDOWN)
    expect(page.locator(".pane .prose").get_by_text("a map")).to_be_visible()
    expect(page.locator(".pane img")).to_have_count(0)
    assert [url for url in page.requested if not url.startswith(page.url.split("/compare/")[0])] == []


def test_arabic_runs_from_the_right_and_chinese_from_the_left(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    page = open_pair(open_page, ARABIC, CHINESE)
    for text, direction in ((ARABIC, "rtl"), (CHINESE, "ltr")):
        paragraph = page.locator(".pane .prose p").get_by_text(text)
        pane = page.locator(".pane", has_text=text)
        assert paragraph.evaluate("(element) => getComputedStyle(element).direction") == direction
        line = paragraph.evaluate(
            """(element) => {
              const words = document.createRange();
              words.selectNodeContents(element);
              const [text, box] = [words.getBoundingClientRect(), element.getBoundingClientRect()];
              return { left: text.left - box.left, right: box.right - text.right };
            }"""
        )
        assert (line["right"] < line["left"]) == (direction == "rtl"), (text, line)
        expect(pane.locator(".raw")).to_have_attribute("dir", "auto")


def test_the_theme_that_was_chosen_holds_on_the_next_page(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    assignment = factories.assignment(factories.campaign())
    page = open_page(assignment.annotator, theme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    page.goto("/settings/")
    light = page.evaluate(paper)
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    go(page, assignment)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate(paper) != light
    page.goto("/settings/")
    expect(page.get_by_label("Dark")).to_be_checked()
    page.get_by_label("As the system").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html:not([data-theme])")).to_be_attached()
    assert page.evaluate(paper) == light


def test_the_language_that_was_chosen_holds_on_every_page_and_device(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    assignment = factories.assignment(factories.campaign())
    page = open_page(assignment.annotator)
    page.goto("/settings/")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    go(page, assignment)
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    other = open_page(assignment.annotator)
    go(other, assignment)
    expect(other.locator("html")).to_have_attribute("lang", "zh-hans")


def test_the_language_can_be_chosen_before_signing_in(open_page: Callable[..., Page], transactional_db: None) -> None:
    page = open_page(None)
    page.goto("/sign-in/")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page).to_have_url("/sign-in/")
    expect(page.get_by_label("Password")).to_have_count(0)
