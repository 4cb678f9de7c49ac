"""Nothing that came from elsewhere is unpickled, and no code comes with a model.

Label Studio's backend loaded weights by torch.load (CVE-2025-5173), FastChat's deltas likewise (CVE-2025-3677).
"""

from __future__ import annotations

import ast
from pathlib import Path

from tests.rules.repository import files
from webapp.celery import app
from webapp.paths import BASE_DIR

FORBIDDEN = {
    ("pickle", "load"),
    ("pickle", "loads"),
    ("torch", "load"),
    ("joblib", "load"),
    ("marshal", "loads"),
    ("shelve", "open"),
    ("yaml", "load"),
    ("yaml", "unsafe_load"),
}

# What a process that was forked off hands to its parent, by a pipe and a memory that nobody else can open.
OWN = {BASE_DIR / "exports" / "beside.py": "pickle.loads"}


def calls(path: Path) -> list[str]:
    """The calls of the file that make objects of bytes, or that allow code of a checkpoint's own."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = tuple(ast.unparse(node.func).split("."))
        words = {word.arg: ast.unparse(word.value) for word in node.keywords}
        found += [f"{path}: {'.'.join(name)}"] if name in FORBIDDEN else []
        found += [f"{path}: trust_remote_code"] if words.get("trust_remote_code", "False") != "False" else []
    return found


def test_no_code_of_ours_unpickles_or_trusts_the_code_of_a_model(tmp_path: Path) -> None:
    ours = [path for path in files("*.py") if not path.is_relative_to(BASE_DIR / "tests")]
    assert len(ours) > 300
    found = [(path, call.rpartition(" ")[2]) for path in ours for call in calls(path)]
    assert set(found) == set(OWN.items())
    bad = tmp_path / "bad.py"
    bad.write_text("import torch\ntorch.load(f)\nload(x, trust_remote_code=True)\nload(x, trust_remote_code=False)\n")
    assert [call.rpartition(" ")[2] for call in calls(bad)] == ["torch.load", "trust_remote_code"]


def test_messages_between_processes_are_json() -> None:
    assert set(app.conf.accept_content) == {"json"}
    assert app.conf.task_serializer == app.conf.result_serializer == "json"
