"""Finds the sentences in Python source that a person would read in English whatever their language."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

# Where the sentence of each call stands. The errors' subclasses are found in the sources. An engine's error is not
# among them: engines know no Django, and what they raise is for managers and logs.
ERRORS = {"DomainError", "ValidationError"}
SENTENCE_AT = {"say": 1, "say_without_database": 0}
CHOICES = {"TextChoices", "IntegerChoices", "Choices"}
PLAIN = {"gettext", "ngettext", "pgettext", "npgettext"}
LAZY = {f"{name}_lazy" for name in PLAIN}
TEXTS_AT = {"gettext": (0,), "ngettext": (0, 1), "pgettext": (0, 1), "npgettext": (0, 1, 2)}


def bases_in(source: str) -> dict[str, set[str]]:
    """The classes of a module and the names of what each is derived from."""
    return {
        node.name: {_name(base) for base in node.bases}
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    }


def errors_among(bases: Mapping[str, set[str]]) -> set[str]:
    """The names of DomainError and of all classes derived from it."""
    known = set(ERRORS)
    while more := {name for name, above in bases.items() if above & known} - known:
        known |= more
    return known


def untranslated(source: str, errors: set[str]) -> list[str]:
    """“line: what” for each."""
    tree = ast.parse(source)
    gettexts = _gettexts(tree)
    return [f"{line}: {what}" for node in ast.walk(tree) for line, what in _found(node, errors, gettexts)]


def _gettexts(tree: ast.Module) -> dict[str, str]:
    """The names in this module that translate, and what they are called in Django."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
    }


def _found(node: ast.AST, errors: set[str], gettexts: dict[str, str]) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.ClassDef) and {_name(base) for base in node.bases} & CHOICES:
        for line in node.body:
            if isinstance(line, ast.Assign) and not _lazy_label(line.value, gettexts):
                yield line.lineno, f"a label of {node.name} that is not lazily translated"
    if not isinstance(node, ast.Call):
        return
    called = _name(node.func)
    place = 0 if called in errors else SENTENCE_AT.get(called)
    if place is not None and len(node.args) > place and _literal(node.args[place]):
        yield node.lineno, f"{called}(…) with a sentence that is not translated"
    for keyword in node.keywords:
        if keyword.arg in ({"sentence", "what"} if place is not None else {"what"}) and _literal(keyword.value):
            yield node.lineno, f"{called}({keyword.arg}=…) that is not translated"
    translates = gettexts.get(called, "").removesuffix("_lazy").removesuffix("_noop")
    for place in TEXTS_AT.get(translates, ()):
        if len(node.args) > place and not _whole(node.args[place]):
            yield node.lineno, f"{called}(…) of a text that is put together, which no catalogue can hold"


def _lazy_label(value: ast.expr, gettexts: dict[str, str]) -> bool:
    label = value.elts[-1] if isinstance(value, ast.Tuple) and len(value.elts) > 1 else None
    return isinstance(label, ast.Call) and gettexts.get(_name(label.func)) in LAZY


def _literal(node: ast.expr) -> bool:
    """Whether some of the text is written here, outside of a call that translates it."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and any(letter.isalpha() for letter in node.value)
    if isinstance(node, ast.JoinedStr):
        return any(_literal(value) for value in node.values)
    if isinstance(node, ast.BinOp):
        return _literal(node.left) or (isinstance(node.op, ast.Add) and _literal(node.right))
    if isinstance(node, ast.IfExp):
        return _literal(node.body) or _literal(node.orelse)
    if isinstance(node, ast.BoolOp):
        return any(_literal(value) for value in node.values)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _literal(node.func.value)


def _whole(node: ast.expr) -> bool:
    """Whether a catalogue can hold it: one literal; or a variable, whose text is found where it was written."""
    return not isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.Call)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
