"""Takes each guard of SECURITY.md away in turn, in a copy of the tree, and runs the test that must miss it.

A test that still passes guards nothing. `python -m bench.guards [words of a guard]`; the list is bench/guarded/.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.guarded import GUARDS, Guard
from webapp.paths import BASE_DIR, VAR_DIR

FAILED = 1  # what pytest ends with where tests ran and failed; a file that cannot be read ends with another number


def main(words: list[str]) -> int:
    chosen = [guard for guard in GUARDS if not words or all(word in guard.what for word in words)]
    with tempfile.TemporaryDirectory() as made:
        tree = _copy(Path(made) / "margin")
        tests = sorted({guard.test for guard in chosen})
        print(f"{len(tests)} tests as they are ...", flush=True)
        if failed := [test for test in _by_file(tests) if _run(tree, test) != 0]:
            print("They fail while every guard stands:", *failed, sep="\n  ")
            return 1
        alive = [guard for guard in chosen if not _is_missed(tree, guard)]
    print(f"\n{len(chosen) - len(alive)} of {len(chosen)} guards were missed by their tests.")
    for guard in alive:
        print(f"NOT MISSED: {guard.what} ({guard.file}) by {guard.test}")
    return 1 if alive else 0


def _by_file(tests: list[str]) -> list[str]:
    """The same tests, those of a file at once."""
    words: dict[str, list[str]] = {}
    for test in tests:
        file, _, word = test.partition("::")
        words.setdefault(file, []).append(f"({word})" if word else "")
    return [file if "" in asked else f"{file}::{' or '.join(asked)}" for file, asked in words.items()]


def _copy(tree: Path) -> Path:
    """The tracked files, with the environment and the services of the checkout."""
    listed = subprocess.run(["git", "ls-files"], cwd=BASE_DIR, check=True, capture_output=True, text=True).stdout
    for name in listed.splitlines():
        if (BASE_DIR / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(BASE_DIR / name, tree / name)
    (tree / ".git").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    subprocess.run(["git", "add", "-A"], cwd=tree, check=True)
    return tree


def _is_missed(tree: Path, guard: Guard) -> bool:
    path, began = tree / guard.file, time.monotonic()
    standing = path.read_text(encoding="utf-8")
    path.write_text(standing.replace(guard.stands, guard.falls), encoding="utf-8")
    ended = _run(tree, guard.test)
    path.write_text(standing, encoding="utf-8")
    said = "missed" if ended == FAILED else f"NOT MISSED (pytest ended with {ended})"
    print(f"{time.monotonic() - began:5.0f} s  {said:12} {guard.what}", flush=True)
    return ended == FAILED


def _run(tree: Path, test: str) -> int:
    file, _, word = test.partition("::")
    chosen = [file, "-k", word] if word else [file]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *chosen]
    environment = {**os.environ, "MARGIN_VAR": str(VAR_DIR), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
