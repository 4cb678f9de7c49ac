r"""Where mathematics begins and ends in Markdown: `$…$`, `$$…$$`, `\(…\)` and `\[…\]`.

Each search ends at the next delimiter or after `FARTHEST` characters, so that a text of nothing but openings costs no
more than its length. The tokens are `math` (in a line) and `math_block`; `meta["display"]` says how it is drawn.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

FARTHEST = 20_000
CLOSING = {"$": "$", "$$": "$$", r"\[": r"\]", r"\(": r"\)"}
_INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}


def plugin(md: MarkdownIt) -> None:
    md.inline.ruler.before("escape", "math", _inline)
    md.block.ruler.before("fence", "math_block", _block, _INTERRUPTS)


def _inline(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    opening = source[start : start + 2]
    if opening in CLOSING and opening != "$":
        begin, end = start + 2, _closing(source, start, opening)
        after = end + 2
    elif opening.startswith("$"):
        begin, end = start + 1, _closing_dollar(source, start)
        after = end + 1
    else:
        return False
    if end == -1 or after > state.posMax or not source[begin:end].strip():
        return False
    if not silent:
        token = state.push("math", "", 0)
        token.content, token.markup = source[begin:end], source[start:begin]
        token.meta = {"display": opening in {"$$", r"\["}}
    state.pos = after
    return True


def _closing(source: str, start: int, opening: str) -> int:
    """The position of the closing delimiter, or -1, also where the same opens again before it."""
    again = source.find(opening, start + 2, start + FARTHEST) if opening != "$$" else -1
    return source.find(CLOSING[opening], start + 2, start + FARTHEST if again == -1 else again)


def _closing_dollar(source: str, start: int) -> int:
    """The dollar that closes the one at `start`, or -1: prices must stay prices, so only the next one is asked."""
    if source[start - 1 : start].isalnum() or not source[start + 1 : start + 2].strip():
        return -1
    end = source.find("$", start + 1, start + FARTHEST)
    while end != -1 and source[end - 1] == "\\":
        end = source.find("$", end + 1, start + FARTHEST)
    if end == -1 or source[end - 1].isspace() or source[end + 1 : end + 2].isdigit():
        return -1
    return end


def _block(state: StateBlock, first: int, end_line: int, silent: bool) -> bool:
    opening = _text(state, first)[:2]
    if opening not in {"$$", r"\["} or state.is_code_block(first):
        return False
    last = _last_line(state, first, end_line, opening)
    if last == -1:
        return False
    if not silent:
        lines = [_text(state, line) for line in range(first, last + 1)]
        token = state.push("math_block", "", 0)
        token.block, token.map = True, [first, last + 1]
        token.content, token.markup = "\n".join(lines).strip()[2:-2], opening
        token.meta = {"display": True}
    state.line = last + 1
    return True


def _last_line(state: StateBlock, first: int, end_line: int, opening: str) -> int:
    """The line that ends with the closing delimiter; -1 where an empty line or other words come first."""
    closing = CLOSING[opening]
    for line in range(first, end_line):
        text = _text(state, line)
        if not text.strip() or (line > first and state.sCount[line] < state.blkIndent):
            return -1
        rest = text[2:] if line == first else text
        if closing in rest:
            ends = rest.index(closing) + 2 == len(rest.rstrip())
            return line if ends and (line > first or rest.strip() != closing) else -1
        if opening in rest or state.eMarks[line] - state.bMarks[first] > FARTHEST:
            return -1
    return -1


def _text(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
