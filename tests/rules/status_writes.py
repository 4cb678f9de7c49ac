"""Finds the places in Python source that write a status."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

WRITERS = {"update", "create", "acreate", "get_or_create", "update_or_create", "aupdate"}
IN_SQL = re.compile(r"\bset\s+\"?status\"?\s*=", re.IGNORECASE)


def status_writes(source: str) -> list[str]:
    """“line: what” for each assignment to `.status` and each write of a status by a query."""
    return [f"{line}: {what}" for node in ast.walk(ast.parse(source)) for line, what in _writes(node)]


def _writes(node: ast.AST) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Attribute) and node.attr == "status" and isinstance(node.ctx, ast.Store | ast.Del):
        yield node.lineno, "assigns .status"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and IN_SQL.search(node.value):
        yield node.lineno, "writes a status in SQL"
    if isinstance(node, ast.Call):
        yield from _call(node)


def _call(node: ast.Call) -> Iterator[tuple[int, str]]:
    called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if called in WRITERS and any(keyword.arg == "status" for keyword in node.keywords):
        yield node.lineno, f"{called}(status=…)"
    if called in WRITERS and any(_has_status(keyword.value) for keyword in node.keywords):
        yield node.lineno, f"{called}({{'status': …}})"
    if called == "setattr" and len(node.args) > 1 and _is_status(node.args[1]):
        yield node.lineno, "setattr(…, 'status', …)"
    if called == "bulk_update" and any(_lists_status(value) for value in _values(node)):
        yield node.lineno, "bulk_update(…, ['status'])"
    if called == "save" and any(
        keyword.arg == "update_fields" and _lists_status(keyword.value) for keyword in node.keywords
    ):
        yield node.lineno, "save(update_fields=['status'])"


def _values(node: ast.Call) -> list[ast.expr]:
    return [*node.args, *(keyword.value for keyword in node.keywords)]


def _is_status(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value == "status"


def _lists_status(node: ast.AST) -> bool:
    return isinstance(node, ast.List | ast.Tuple | ast.Set) and any(_is_status(item) for item in node.elts)


def _has_status(node: ast.AST) -> bool:
    return isinstance(node, ast.Dict) and any(_is_status(key) for key in node.keys)
