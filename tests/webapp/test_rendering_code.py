from __future__ import annotations

import pytest

from tests.webapp.rendered_html import page
from webapp.rendering import render
from webapp.rendering.code import CLASSES, LANGUAGES, MOST_HIGHLIGHTED


def test_code_is_coloured_by_classes_in_the_language_that_its_author_named() -> None:
    html = render("```Python title=x\ndef f():\n    return 'a'\n```")
    assert '<span class="k">def</span>' in html
    assert "style" not in html
    assert page("```Python title=x\ndef f(): pass\n```").all("pre") == [
        {"dir": "ltr", "tabindex": "0", "data-language": "Python"}
    ]


@pytest.mark.parametrize("text", ["```\ndef f(): pass\n```", "```klingon\ndef f(): pass\n```", "    def f(): pass\n"])
def test_no_language_is_guessed(text: str) -> None:
    read = page(text)
    assert read.tags() == {"pre", "code"}
    assert read.words.strip() == "def f(): pass"


@pytest.mark.parametrize(
    "info", ['"><script>', "a b=<x>", "\u202epython", "x" * 31, "on load=1", "python'\"", "&quot;x"]
)
def test_a_language_cannot_leave_its_attribute(info: str) -> None:
    (pre,) = page(f"```{info}\nx\n```").all("pre")
    assert set(pre) <= {"dir", "tabindex", "data-language"}
    assert pre.get("data-language", "") in {"", "a", "on"}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_is_known_and_keeps_the_words(language: str) -> None:
    source = "\n  if (a < b && c > 'd') { return \"<b>\"; } # e\n\n"
    read = page(f"```{language}\n{source}```")
    assert read.words.strip("\n") == source.strip("\n")
    assert "span" in read.tags() or language in {"md", "markdown", "http"}
    assert read.classes() <= CLASSES


def test_highlighting_ends_at_its_bound_and_the_rest_is_plain() -> None:
    fence = "```python\n" + "return (1)\n" * (MOST_HIGHLIGHTED // 2 // 11) + "```\n"
    pieces = render(fence * 3).split("<pre")[1:]
    assert ["<span" in piece for piece in pieces] == [True, True, False]


@pytest.mark.parametrize("line", ["return " + "(" * 501, "return a\n" * 200, "return\n" + "\n" * 1001])
def test_code_that_would_tangle_the_highlighter_is_plain(line: str) -> None:
    assert "span" not in page(f"```java\n{line}\n```").tags()
    assert page(f"```java\n{line}\n```").words.strip() == line.strip()
