"""Hugging Face's libraries ask and tell the hub, unless they are told not to before they are imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from webapp.paths import BASE_DIR

LIBRARIES = {"transformers", "datasets", "trl", "huggingface_hub", "peft", "accelerate"}
SAID = ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY")


def imports(path: Path) -> set[str]:
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and node.level == 0]
    return {name.split(".")[0] for name in names} & LIBRARIES


def test_only_what_is_told_so_first_imports_them() -> None:
    folders = ("preferences", "annotation", "workers", "exports", "webapp", "client")
    modules = {
        str(path.relative_to(BASE_DIR))
        for folder in folders
        for path in (BASE_DIR / folder).rglob("*.py")
        if imports(path)
    }
    assert "workers/engines/transformers_engine.py" in modules
    assert {module for module in modules if not module.startswith("workers/")} == {"exports/loading.py"}
    text = (BASE_DIR / "exports/loading.py").read_text()
    assert all(text.index(name) < text.index("from datasets import") for name in SAID)


@pytest.mark.parametrize("given", ["", "0"], ids=["not said", "said otherwise"])
def test_whoever_imports_a_module_of_the_workers_is_told(given: str) -> None:
    code = (
        "import workers; from huggingface_hub import constants, is_offline_mode; "
        "print(is_offline_mode(), constants.HF_HUB_DISABLE_TELEMETRY)"
    )
    environment = {"PATH": "/usr/bin:/bin"} | (dict.fromkeys(SAID, given) if given else {})
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == ["True", "True"], run.stderr
