from __future__ import annotations

import pytest

from tests.webapp.rendered_html import faults, page
from webapp.rendering import render
from webapp.rendering.document import MOST_FORMULAS, MOST_LATEX
from webapp.rendering.formula import DEEPEST_BRACES, LONGEST


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("so $x^2$ is", "inline"),
        ("so \\(x^2\\) is", "inline"),
        ("so $$x^2$$ is", "block"),
        ("so \\[x^2\\] is", "block"),
        ("so\n$$\nx^2\n$$\nis", "block"),
        ("so\n\\[\nx^2\n= y\n- z\n\\]\nis", "block"),
        ("> $$\n> x^2\n> $$", "block"),
        ("- a\n  \\[\n  x^2\n  \\]", "block"),
        ("|$x^2$|\n|-|", "inline"),
        ("the $n^2$th, $x$-axis.", "inline"),
    ],
)
def test_latex_between_its_delimiters_is_drawn(text: str, display: str) -> None:
    read = page(text)
    assert {attributes["display"] for attributes in read.all("math")} == {display}
    assert "msup" in read.tags()
    assert "$" not in read.words and "\\" not in read.words


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10",
        "from $5-$10, or $5/$10",
        "US$5 and A$6",
        "$5 and $10 and $x",
        "it costs 5$ and 6$",
        "\\$x\\$",
        "$ x $",
        "$",
        "$$",
        "$$$$",
        "\\(\\)",
        "\\[ never closed",
        "$x\n\ny$",
        "$$ $$",
        "`$x$`",
        "```\n$$\nx\n$$\n```",
        "\\\\(x)",
    ],
)
def test_prices_and_other_dollars_stay_words(text: str) -> None:
    assert not page(text).tags() & {"math", "div"}
    assert "math-source" not in render(text)


def test_a_formula_after_prices_is_drawn() -> None:
    read = page("It costs $5 and $10, where $x$ is one.")
    assert len(read.all("math")) == 1
    assert read.words.strip() == "It costs $5 and $10, where x is one."


@pytest.mark.parametrize(
    ("latex", "html"),
    [
        (r"\frac{a}{b}", "<mfrac><mrow><mi>a</mi></mrow><mrow><mi>b</mi></mrow></mfrac>"),
        (r"a < b", "<mo>&lt;</mo>"),
        (r"\boxed{42}", '<menclose notation="box">'),
        (r"\mathbf{AB}", "<mi>𝐀</mi><mi>𝐁</mi>"),
        (r"\mathbb{RN}", "<mi>ℝ</mi><mi>ℕ</mi>"),
        (r"\mathfrak{CD}", "<mi>ℭ</mi><mi>𝔇</mi>"),
        (r"\boldsymbol{\alpha}", "<mi>𝜶</mi>"),
        (r"\mathrm{ab}", '<mi mathvariant="normal">a</mi>'),
        (r"\text{if } x", "<mtext>if&nbsp;</mtext>"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", '<mtd columnalign="right"><mi>c</mi></mtd>'),
        (r"\begin{gather*} a \\ b \end{gather*}", "</mtr><mtr><mtd><mi>b</mi></mtd></mtr>"),
        (r"\label{eq:1} \mathop{x}", '<math display="inline"><mrow><mrow><mrow><mi>x</mi></mrow></mrow></mrow></math>'),
        (r"\begin{cases} 1 & x \\ 2 & y \end{cases}", '<mtd columnalign="left">'),
    ],
)
def test_usual_latex_becomes_mathml(latex: str, html: str) -> None:
    assert html in render(f"${latex}$")


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{a}",
        r"\left( x",
        r"x_",
        r"\begin{matrix} a",
        r"\skew{2}",
        r"\skew{" + "9" * 400 + "}{x}",
        r"\verb",
        r"\rule{a}",
        r"\phantom{hidden}",
        r"\ce{H2O}",
        r"a & b",
        r"a \\ b",
        r"\def\a{\a}\a",
        r"\newcommand{\a}{b}\a",
        r"\unicode{x202e}",
        r"\unicode{d800}",
        r"\unicode{ffffffff}",
        "a\u202eb",
        "a" * (LONGEST + 1),
        "{" * (DEEPEST_BRACES + 1) + "a" + "}" * (DEEPEST_BRACES + 1),
        "\\sqrt" * 300 + "a",
        "x^" * 900 + "x",
        "\\left(" * 300,
        "{" * 10_000,
    ],
)
def test_what_cannot_be_drawn_stays_as_its_source(latex: str) -> None:
    for opening, closing in (("$", "$"), ("$$\n", "\n$$")):
        read = page(f"{opening}{latex}{closing}")
        assert read.classes() - {"ctl"} == {"math-source"}
        assert "math" not in read.tags()
        assert read.words.strip() == f"{opening}{latex}{closing}".replace("\u202e", "U+202E")


@pytest.mark.parametrize("latex", ["\\frac{" * 10_000, "\\left(" * 5_000, "x^{" * 10_000, "^" * 20_000, "\\(" * 20_000])
def test_a_bomb_beyond_every_bound_stays_as_words(latex: str) -> None:
    for text in (f"${latex}$", f"$$\n{latex}\n$$", f"\\({latex}\\)", f"\\[{latex}\\]"):
        assert "math" not in page(text).tags()


def test_the_two_hundred_first_formula_stays_as_its_source() -> None:
    read = page("$x$ " * (MOST_FORMULAS + 1))
    assert len(read.all("math")) == MOST_FORMULAS
    assert read.words.strip().endswith("$x$")


def test_a_text_has_so_much_latex_drawn_and_no_more() -> None:
    read = page(("$" + "x" * 1_000 + "$\n\n") * (MOST_LATEX // 1_000 + 3))
    assert len(read.all("math")) == MOST_LATEX // 1_000


@pytest.mark.parametrize(
    "latex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\href{https://a.example}{x}",
        r"\includegraphics{https://a.example/b.png}",
        r"\htmlStyle{color:red}{x}",
        r"\style{position:fixed}{x}",
        r"\class{sheet}{x}",
        r"\htmlId{main}{x}",
        r"\color{red}{x}",
        r"\textcolor{white}{x}",
        r"\colorbox{url(https://a.example)}{x}",
        r"\text{<img src=x onerror=alert(1)>}",
        r"\text{&#x3c;img src=x onerror=alert(1)&#x3e;}",
        r"\text{</mtext></math><script>alert(1)</script>}",
        r"\operatorname{<script>}",
        r"\unicode{3c}script\unicode{3e}",
        r"\hspace{-100em}x",
        r"\raise{500em}{x}",
        r'\rule{9"onload=1}{2em}',
        r"\tag{<b>x</b>}",
    ],
)
def test_no_command_makes_a_link_an_image_an_attribute_or_markup(latex: str) -> None:
    for text in (f"${latex}$", f"$$\n{latex}\n$$", f"\\[{latex}\\]"):
        html = render(text)
        assert list(faults(html)) == []
        assert not page(text).tags() & {"a", "b", "script", "img"}
        assert not any(big in html for big in ("00em", 'sheet"', 'url(https://a.example)"'))


def test_display_mathematics_and_long_lines_can_be_scrolled_by_keyboard() -> None:
    assert page("$$\nx\n$$").all("div") == [{"class": "math", "tabindex": "0"}]
    assert page("a $$x$$").all("span") == [{"class": "math", "tabindex": "0"}]
    assert page("a $" + "x+" * 50 + "x$").all("span") == [{"class": "long-math", "tabindex": "0"}]
    assert page("a $x$").all("span") == []
