from __future__ import annotations

import pytest
from django.template import Context, Template
from django.utils.safestring import SafeString

from tests.webapp.rendered_html import page
from webapp.rendering import render
from webapp.rendering.page import LONGEST_MARKDOWN, MOST_BRACKETS, MOST_LINES


def test_the_same_text_gives_the_same_harmless_html() -> None:
    text = "# One\n\n`two` $x$ **three**"
    assert render(text) == render(text)
    assert isinstance(render(text), SafeString)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one **two** *three* ~~four~~", "<strong>two</strong> <em>three</em> <s>four</s>"),
        ("one\ntwo", "one<br>\ntwo"),
        ("`a < b`", "<code>a &lt; b</code>"),
        ("> quoted", '<blockquote dir="auto">'),
        ("3. three", '<ol start="3" dir="auto">'),
        ("---", "<hr>"),
        ("|a|b|\n|-|-:|\n|1|2|", '<td dir="auto" class="right">2</td>'),
        ("|a|b|\n|-|-|\n|1|2|", '<div class="table" tabindex="0"><table dir="auto">'),
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
    ],
)
def test_markdown_is_drawn(text: str, html: str) -> None:
    assert html in render(text)


@pytest.mark.parametrize(
    ("text", "headings"),
    [
        ("# a\n## b\n### c\n#### d\n##### e\n###### f", ["h3", "h4", "h5", "h6", "h6", "h6"]),
        ("a\n===\n\nb\n---", ["h3", "h4"]),
        ("### a\n### b\n# c", ["h3", "h3", "h3"]),
        ("# a\n### b\n## c", ["h3", "h4", "h4"]),
    ],
)
def test_headings_stand_below_those_of_the_page_and_skip_no_level(text: str, headings: list[str]) -> None:
    assert [tag for tag, _ in page(text).elements if tag.startswith("h")] == headings


@pytest.mark.parametrize("address", ["http://a.example/?b=1&c=2", "https://a.example", "mailto:a@b.example"])
def test_a_link_opens_beside_the_page_and_tells_nobody_where_it_was(address: str) -> None:
    assert page(f"[words]({address})").all("a") == [
        {"href": address, "target": "_blank", "rel": "noopener noreferrer nofollow"}
    ]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "javascript&colon;alert(1)",
        "&#106;avascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "/sign-out/",
        "//other.example",
        "#main",
        "blob:https://a/b",
    ],
)
def test_a_link_elsewhere_stays_words(address: str) -> None:
    for text in (f"[words]({address})", f"[words](<{address}>)", f"[words][a]\n\n[a]: {address}", f"<{address}>"):
        assert page(text).all("a") == []
    assert "words" in page(f"[words]({address})").words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("![a cat](https://a.example/cat.png)", "a cat (https://a.example/cat.png)"),
        ("![](https://a.example/cat.png)", "https://a.example/cat.png"),
        ('![a **big** `cat`](https://a.example/cat.png "title")', "a big cat (https://a.example/cat.png)"),
        ("![a cat](cat.png)", "![a cat](cat.png)"),
        ("![a](data:image/svg+xml,x)", "![a](data:image/svg+xml,x)"),
        ("![a][b]\n\n[b]: https://a.example/c.png", "a (https://a.example/c.png)"),
        ("[![a](https://a.example/c.png)](https://b.example)", "a (https://a.example/c.png)"),
        ('<img src="https://a.example/c.png">', '<img src="https://a.example/c.png">'),
    ],
)
def test_an_image_is_words_and_its_address_and_never_loads(text: str, words: str) -> None:
    read = page(text)
    assert read.words.strip() == words
    assert not read.tags() & {"img", "picture", "object", "iframe", "video", "svg"}
    assert not any("src" in attributes for _, attributes in read.elements)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("مرحبا", "p"),
        ("# مرحبا", "h3"),
        ("- مرحبا", "li"),
        ("> مرحبا", "blockquote"),
        ("|مرحبا|\n|-|\n|a|", "th"),
        ("|a|\n|-|\n|مرحبا|", "td"),
    ],
)
def test_every_block_has_a_direction_of_its_own(text: str, tag: str) -> None:
    assert all(attributes["dir"] in {"auto", "rtl"} for attributes in page(text).all(tag))
    assert page(text).all(tag)


@pytest.mark.parametrize("text", ["- مرحبا\n\n- second", "> مرحبا\n>\n> second", "1. # مرحبا", "|مرحبا|\n|-|\n|a|"])
def test_a_list_quote_or_table_runs_in_the_direction_of_its_first_words(text: str) -> None:
    tags = ("ul", "ol", "blockquote", "table")
    assert [attributes["dir"] for attributes in page(text).all(*tags)] == ["rtl"]
    assert [attributes["dir"] for attributes in page(text.replace("مرحبا", "first")).all(*tags)] == ["auto"]


@pytest.mark.parametrize(
    "text",
    [
        "*a* " * (LONGEST_MARKDOWN // 4 + 1),
        "[" * (MOST_BRACKETS + 1),
        "- a\n" * (MOST_LINES + 1),
        "|a" * 100 + "|\n" + "|-" * 100 + "|\n" + "x\n" * 600,
    ],
)
def test_a_text_beyond_the_bounds_is_shown_as_it_is(text: str) -> None:
    read = page(text)
    assert read.elements == [("div", {"class": "plain", "dir": "auto"})]
    assert read.words == text


def test_a_text_beyond_the_bounds_is_still_escaped_and_its_hidden_characters_are_seen() -> None:
    read = page("<script>\u202e" + "a" * LONGEST_MARKDOWN)
    assert read.tags() == {"div", "span"}
    assert read.words.startswith("<script>U+202E")


def test_a_text_at_the_bound_is_parsed() -> None:
    assert "strong" in page("**a**" + " b" * ((LONGEST_MARKDOWN - 5) // 2)).tags()


@pytest.mark.parametrize(
    "text",
    [
        ">" * 50_000,
        "> " * 50_000,
        "*" * 50_000,
        "*a " * 30_000,
        "_a" * 50_000,
        "`" * 50_000,
        "![" * 9_000,
        "[a](" * 9_000,
        "".join(" " * (2 * depth) + "- a\n" for depth in range(400)),
        "- " * 50_000,
        "|a" * 20_000,
        "\\(" * 50_000,
        "$a " * 30_000,
        "\\[\n" * 9_000,
        "$$a\n" * 9_000,
        "&#x1;" * 20_000,
        "<a:" * 30_000,
        "\\" * 100_000,
    ],
)
def test_a_text_made_to_hang_the_parser_is_rendered(text: str) -> None:
    assert render(text).startswith("<")


def test_lone_surrogates_and_nulls_are_replaced() -> None:
    assert page("a\ud800b\udfffc\x00d").words.strip() == "a\ufffdb\ufffdc\ufffdd"


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\r\n"])
def test_an_empty_text_gives_nothing_to_see(text: str) -> None:
    assert page(text).words.strip() == ""


def test_the_template_filter_is_the_same_rendering() -> None:
    template = Template("{% load markdown %}{{ text|markdown }}")
    assert template.render(Context({"text": "# a <b>"})) == render("# a <b>")
