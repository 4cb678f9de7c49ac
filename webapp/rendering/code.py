"""Code with its words coloured by CSS classes, where its author said which language it is."""

from __future__ import annotations

import re
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

MOST_HIGHLIGHTED = 20_000  # characters of one text; the rest stays plain
CLASSES = frozenset(name for name in STANDARD_TYPES.values() if name)
LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")
# Pygments knows five hundred languages, and the patterns of some take minutes for what an adversary writes.
# fmt: off
LANGUAGES = frozenset({
    "bash", "sh", "shell", "zsh", "c", "cpp", "c++", "csharp", "c#", "css", "dart", "diff",
    "dockerfile", "go", "golang", "graphql", "haskell", "html", "http", "ini", "java", "javascript", "js",
    "jsx", "json", "julia", "kotlin", "latex", "tex", "lua", "markdown", "md", "matlab", "nginx",
    "objective-c", "perl", "php", "powershell", "ps1", "python", "py", "python3", "pycon", "r", "ruby", "rb",
    "rust", "rs", "scala", "sql", "swift", "toml", "ts", "typescript", "xml", "yaml", "yml",
})
# fmt: on
# Nor do the patterns of these languages like long lines, or long stretches without a single sign.
_TANGLED = re.compile(r"[^\n]{501}|[\w\s]{1001}")

_formatter = HtmlFormatter(nowrap=True)


def block(source: str, info: str, *, budget: int) -> str:
    """A block of code; `budget` is how many characters may still be highlighted."""
    words = info.split()
    language = words[0] if words and LANGUAGE.fullmatch(words[0]) else ""
    label = f' data-language="{language}"' if language else ""
    inside = _highlighted(source, language.lower()) if len(source) <= budget else escape(source)
    return f'<pre dir="ltr" tabindex="0"{label}><code>{inside}</code></pre>\n'


def _highlighted(source: str, language: str) -> str:
    if language not in LANGUAGES or _TANGLED.search(source):
        return escape(source)
    lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    html: str = highlight(source, lexer, _formatter)
    return html
