"""The client is a package of its own: it needs httpx and nothing of Margin, least of all Django."""

from __future__ import annotations

import ast
import sys
import tomllib

from tests.rules.repository import ROOT, files, name

NEEDED = {"httpx"}


def test_it_imports_httpx_and_what_python_has() -> None:
    modules = files("client/margin_client/*.py")
    assert len(modules) > 4
    allowed = NEEDED | sys.stdlib_module_names | {"margin_client"}
    imported = {(name(path), package) for path in modules for package in _imported(path.read_text(encoding="utf-8"))}
    assert {one for one in imported if one[1] not in allowed} == set()


def test_it_asks_pip_for_nothing_else() -> None:
    told = tomllib.loads((ROOT / "client" / "pyproject.toml").read_text(encoding="utf-8"))
    assert {needed.split(">")[0] for needed in told["project"]["dependencies"]} == NEEDED


def _imported(source: str) -> set[str]:
    """The first word of each module that is imported, wherever it stands."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("margin_client" if node.level else (node.module or "").partition(".")[0])
    return found
