"""LaTeX as MathML, drawn by the browser itself; what cannot be drawn faithfully is not drawn at all."""

from __future__ import annotations

import re
import unicodedata
from html import escape
from xml.etree.ElementTree import Element  # written here, never read from XML # nosec B405

from latex2mathml import exceptions
from latex2mathml.converter import convert_to_element

from webapp.rendering import hidden

LONGEST = 2_000
LONG = 80  # source of this length may be wider than a column
DEEPEST_BRACES = 60
DEEPEST_TREE = 120  # as deep as sixty nested fractions; below what any caller's stack leaves for recursion

# fmt: off
TAGS = frozenset({
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "msub", "msup",
    "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd", "menclose",
})
# fmt: on
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}
# Lengths are of a few letters: none may push a formula over the page around it.
_LENGTH = r"\+?\d?(?:\.\d{1,3})?(?:em|ex|px|pt|cm|mm)|-0?\.\d{1,3}(?:em|ex)|0"
_FLAG = "true|false"
ATTRIBUTES = {
    name: re.compile(pattern)
    for pattern, names in {
        _FLAG: "displaystyle stretchy fence movablelimits accent largeop separator symmetric",
        _LENGTH: "width height depth lspace rspace voffset minsize maxsize linethickness",
        r"[0-3]": "scriptlevel",
        "block|inline": "display",
        "prefix|infix|postfix": "form",
        "left|center|right": "columnalign",
        "box|(?:updiagonal|downdiagonal|horizontal)strike(?: (?:updiagonal|downdiagonal)strike)?": "notation",
        "normal|bold|italic|bold-italic|monospace|sans-serif": "mathvariant",
    }.items()
    for name in names.split()
}
# A macro can call itself, and twenty lines of them a million times.
_MACROS = re.compile(r"\\(?:def|newcommand|newenvironment|DeclareMathOperator)")
# Environments that the library does not know, as ones that it does; and labels, which name nothing here.
_KNOWN = (
    (re.compile(r"\\(begin|end)\{(?:aligned|eqnarray)\*?\}"), r"\\\1{split}"),
    (re.compile(r"\\(begin|end)\{(?:gather|gathered|multline)\*?\}"), r"\\\1{matrix}"),
    (re.compile(r"\\label\{[^{}]*\}"), ""),
)
# The library writes a command or a column mark that it does not know as a letter.
_UNKNOWN = re.compile(r"\\[A-Za-z]+|&")
_REFERENCE = re.compile(r"&#x([0-9A-Fa-f]{1,8});")


class CannotBeDrawn(Exception):
    pass


# What latex2mathml was seen to raise: exceptions of its own, without a common base, and what broken input leads it to.
_FAILURES: tuple[type[Exception], ...] = (
    *(kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)),
    CannotBeDrawn,
    StopIteration,
    IndexError,
    KeyError,
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
)


def mathml(latex: str, *, display: bool) -> str | None:
    """The formula as MathML; None where it fails or would cost too much."""
    if len(latex) > LONGEST or _depth_of_braces(latex) > DEEPEST_BRACES or _MACROS.search(latex):
        return None
    for pattern, known in _KNOWN:
        latex = pattern.sub(known, latex)
    try:
        return _written(convert_to_element(latex.strip(), display="block" if display else "inline"))
    except _FAILURES:
        return None


def _depth_of_braces(latex: str) -> int:
    depth = deepest = 0
    for character in latex:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return deepest


def _written(element: Element, depth: int = 0) -> str:
    """The element as HTML. Not by the library, which does not escape: `\\text{<img>}` would become an image."""
    text, attributes = _resolved(element.text or ""), dict(element.attrib)
    if depth > DEEPEST_TREE or not _can_be_drawn(element):
        raise CannotBeDrawn(element.tag)
    if element.tag == "mi" and (style := attributes.get("mathvariant")):
        text, changed = _letters(text, style)
        if changed:
            del attributes["mathvariant"]
    kept = "".join(
        f' {name}="{value}"'
        for name, value in attributes.items()
        if name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(value)
    )
    children = "".join(_written(child, depth + 1) for child in element)
    tag = "mrow" if element.tag == "mo" and children else element.tag  # \\mathop{x}: an operator holds words only
    return f"<{tag}{kept}>{escape(text)}{children}</{tag}>"


def _can_be_drawn(element: Element) -> bool:
    if element.tag not in TAGS or "linebreak" in element.attrib:  # no browser breaks lines in a formula
        return False
    if element.tag == "mi" and _UNKNOWN.fullmatch(element.text or ""):
        return False
    return len(element) == CHILDREN.get(element.tag, len(element))


def _resolved(text: str) -> str:
    """The library's character references as characters; none of them may be hidden."""
    text = _REFERENCE.sub(lambda match: chr(int(match[1], 16)), text)
    if hidden.holds(text) or any(unicodedata.category(character) == "Cs" for character in text):
        raise CannotBeDrawn("a hidden character")
    return text


def _letters(text: str, style: str) -> tuple[str, bool]:
    """Styled letters as characters of their own: browsers no longer read the style from the attribute."""
    if style in {"normal", "italic"}:
        return text, False
    letters = "".join(_letter(character, style.replace("bold-italic", "bold italic").upper()) for character in text)
    return letters, letters != text


def _letter(character: str, style: str) -> str:
    name = unicodedata.name(character, "").replace(" LETTER", "").partition(" ")[2]
    older = {"FRAKTUR": "BLACK-LETTER"}.get(style, style)
    for candidate in (f"MATHEMATICAL {style} {name}", f"{older} {name}"):
        try:
            return unicodedata.lookup(candidate)
        except KeyError:
            continue
    return character
