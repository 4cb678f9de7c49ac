"""The Markdown parser: raw HTML is text, nothing remote is loaded, code and mathematics are drawn here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from webapp.rendering import blocks, code, delimiters, formula

# Of one text. Drawing takes some forty microseconds for a character of LaTeX: this much, a second.
MOST_FORMULAS = 200
MOST_LATEX = 20_000
_HARMLESS = re.compile(r"(?:https?|mailto):", re.IGNORECASE)


@cache
def parser() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    md.validateLink = lambda url: _HARMLESS.match(url) is not None  # type: ignore[method-assign]
    delimiters.plugin(md)
    md.core.ruler.push("shape", blocks.shape)
    for name, rule in {
        "image": _image,
        "link_open": _link,
        "fence": _code,
        "code_block": _code,
        "table_open": _table,
        "table_close": _table,
        "math": _math,
        "math_block": _math,
    }.items():
        md.add_render_rule(name, rule)
    return md


def _image(self: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """What the image is said to show, and its address, as words."""
    said, address = _words(tokens[at].children or []), str(tokens[at].attrs["src"])
    return escape(f"{said} ({address})" if said else address)


def _words(tokens: Sequence[Token]) -> str:
    return "".join(
        _words(token.children) if token.children else " " if token.type.endswith("break") else token.content
        for token in tokens
    )


def _link(self: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    return f'<a href="{escape(str(tokens[at].attrs["href"]))}">'


def _code(self: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    source = tokens[at].content
    left = env.get("code_left", code.MOST_HIGHLIGHTED)
    env["code_left"] = max(0, left - len(source))
    return code.block(source, tokens[at].info, budget=left)


def _table(self: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    """A table scrolls in a box of its own, which the keyboard must reach."""
    if tokens[at].nesting == 1:
        return f'<div class="table" tabindex="0"><table dir="{tokens[at].attrs["dir"]}">\n'
    return "</table></div>\n"


def _math(self: RendererProtocol, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[at]
    drawn = formula.mathml(token.content, display=token.meta["display"]) if _may_be_drawn(token, env) else None
    if drawn is None:
        source = f"{token.markup}{token.content}{delimiters.CLOSING[token.markup]}"
        drawn = f'<code class="math-source">{escape(source)}</code>'
    elif token.meta["display"] or len(token.content) > formula.LONG:
        tag = "div" if token.block else "span"
        kind = "math" if token.meta["display"] else "long-math"
        drawn = f'<{tag} class="{kind}" tabindex="0">{drawn}</{tag}>'
    return f"{drawn}\n" if token.block else drawn


def _may_be_drawn(token: Token, env: EnvType) -> bool:
    env["formulas"] = env.get("formulas", 0) + 1
    env["latex"] = env.get("latex", 0) + len(token.content)
    return bool(env["formulas"] <= MOST_FORMULAS and env["latex"] <= MOST_LATEX)
