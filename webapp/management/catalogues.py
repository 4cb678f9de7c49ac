"""Message catalogues: what the sources say, what django.po holds and the django.mo that Django reads.

Babel does the work, so that nobody needs the gettext programs. Only commands import this module; the web reads .mo.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.core.management.base import CommandError
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

PACKAGES = ("preferences", "annotation", "workers", "exports", "webapp")
# preferences.stats knows no Django: the sentences among its constants are messages as they stand.
PLAIN = Path("preferences/stats")

_SINGLE, _PLURAL, _CONTEXT, _CONTEXT_PLURAL = None, (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
KEYWORDS = {
    "_": _SINGLE,
    **{f"gettext{lazy}": _SINGLE for lazy in ("", "_lazy", "_noop")},
    **{f"ngettext{lazy}": _PLURAL for lazy in ("", "_lazy")},
    **{f"pgettext{lazy}": _CONTEXT for lazy in ("", "_lazy")},
    **{f"npgettext{lazy}": _CONTEXT_PLURAL for lazy in ("", "_lazy")},
}
# “Translators: …” above a message, in Python or in {% comment %}, reaches whoever translates it.
COMMENT_TAGS = ("Translators:",)

_NAMED = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-z]")
_BRACED = re.compile(r"\{\w*\}")

Text: TypeAlias = str | list[str] | tuple[str, ...] | None
Key: TypeAlias = tuple[str | None, tuple[str, ...]]


class Catalogue(Catalog):
    """Babel's catalogue with a header that holds neither dates nor versions, so that a diff shows messages only."""

    def _headers(self) -> list[tuple[str, str]]:
        return [
            ("Project-Id-Version", "Margin"),
            ("Language", str(self.locale_identifier)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit\n"),  # the last line of the header
        ]

    mime_headers = property(_headers)  # read only here, written as well in Babel

    def messages(self) -> dict[Key, Message]:
        return {key(message): message for message in self if message.id}

    def put(self, message: Message, string: Text = None, *, fuzzy: bool = False) -> None:
        self.add(
            message.id,
            string or None,
            flags=["fuzzy"] if fuzzy else [],
            auto_comments=message.auto_comments,
            user_comments=message.user_comments,
            context=message.context,
        )


def key(message: Message) -> Key:
    return message.context, forms(message.id)


def forms(text: Text) -> tuple[str, ...]:
    """A message or translation as its forms: one, or one for each plural."""
    return (text or "",) if isinstance(text, str) or text is None else tuple(text)


def extracted(root: Path) -> Catalogue:
    """All messages of the sources under `root`."""
    found = Catalogue(charset="utf-8", fuzzy=False)
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*.py")):
        if "migrations" not in path.parts:
            _read_source(path.read_text(encoding="utf-8"), found)
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("templates/**/*.html")):
        # In brackets, because what templatize leaves of the indentation is no Python.
        _read_source(f"({templatize(path.read_text(encoding='utf-8'), origin=str(path))}\n)", found)
    for path in sorted((root / PLAIN).glob("*.py")):
        for sentence in sentences(path.read_text(encoding="utf-8")):
            found.add(sentence)
    return found


def _read_source(source: str, found: Catalogue) -> None:
    file = io.BytesIO(source.encode())
    for _, message, comments, context in extract("python", file, KEYWORDS, COMMENT_TAGS, {"encoding": "utf-8"}):
        found.add(message, auto_comments=comments, context=context)


def sentences(source: str) -> Iterator[str]:
    """The constants of a module that are sentences."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            sentence = node.value.value
            if " " in sentence and sentence.endswith("."):
                yield sentence


def po_path(directory: Path, language: str) -> Path:
    return directory / to_locale(language) / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalogue:
    """The catalogue of a .po file as it stands; an empty one where there is none."""
    catalogue = Catalogue(locale=to_locale(language), charset="utf-8", fuzzy=False, header_comment="# Margin")
    if not path.exists():
        return catalogue
    try:
        with path.open("rb") as file:
            stored = read_po(file, locale=to_locale(language), abort_invalid=True)
    except (PoFileError, UnicodeDecodeError) as error:
        raise CommandError(f"{path.name} cannot be read: {error}") from None
    catalogue.header_comment = stored.header_comment
    for message in stored:
        if message.id:
            catalogue.put(message, message.string, fuzzy=message.fuzzy)
    return catalogue


def updated(found: Catalogue, stored: Catalogue) -> Catalogue:
    """The messages of the sources with the translations that are stored; what is new has none, and no guess."""
    catalogue = Catalogue(
        locale=stored.locale_identifier, charset="utf-8", fuzzy=False, header_comment=stored.header_comment
    )
    known = stored.messages()
    for each, message in found.messages().items():
        old = known.get(each)
        # Comments for translators come from the sources, notes of translators from the file.
        message.user_comments = old.user_comments if old else []
        catalogue.put(message, old.string if old else None, fuzzy=bool(old and old.fuzzy))
    return catalogue


def po(catalogue: Catalogue) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=0, no_location=True, sort_output=True, ignore_obsolete=True)
    return file.getvalue().rstrip(b"\n") + b"\n"


def mo(catalogue: Catalogue) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


def write(root: Path, directory: Path, language: str) -> Catalogue:
    """Brings a language's .po up to date with the sources and compiles its .mo."""
    path = po_path(directory, language)
    catalogue = updated(extracted(root), read(path, language))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(po(catalogue))
    path.with_suffix(".mo").write_bytes(mo(catalogue))
    return catalogue


def problems(root: Path, directory: Path, language: str) -> list[str]:
    """What is wrong with a language's catalogue, a line each; nothing is written."""
    path = po_path(directory, language)
    if not path.exists():
        return [f"{language}: there is no catalogue; “manage.py messages” begins one."]
    found, stored = extracted(root), read(path, language)
    sources, known = found.messages(), stored.messages()
    said = [f"missing in the catalogue: {_shown(each)}" for each in sources if each not in known]
    said += [f"no longer in the sources: {_shown(each)}" for each in known if each not in sources]
    for each, message in known.items():
        said += [f"{wrong}: {_shown(each)}" for wrong in _wrong(message, stored.num_plurals)]
    if not said and path.read_bytes() != po(updated(found, stored)):
        said = [f"{path.name} is not as “manage.py messages” writes it"]
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != mo(stored):
        said.append(f"{compiled.name} is not what {path.name} compiles to")
    return [f"{language}: {sentence}" for sentence in said]


def _wrong(message: Message, plurals: int) -> Iterator[str]:
    translated, wanted = forms(message.string), plurals if message.pluralizable else 1
    if not all(translated) or len(translated) != wanted:
        yield "not translated"
        return
    if message.fuzzy:
        yield "marked as fuzzy"
    *others, last = (placeholders(form) for form in forms(message.id))
    allowed = last.union(*others)  # a form of the singular may leave its number out
    if any(not placeholders(form) <= allowed for form in translated) or placeholders(translated[-1]) != last:
        yield "other placeholders than in the source"
    if any(_NAMED.search(form) for form in forms(message.id)) and any(_half_placeholder(form) for form in translated):
        yield "a percent sign that should be doubled"


def placeholders(text: str) -> set[str]:
    text = text.replace("%%", "")
    return {match[0] for pattern in (_NAMED, _BRACED) for match in pattern.finditer(text)}


def _half_placeholder(text: str) -> bool:
    return "%" in _NAMED.sub("", text.replace("%%", ""))


def _shown(each: Key) -> str:
    context, texts = each
    return f"“{texts[0]}”" + (f" ({context})" if context else "")
