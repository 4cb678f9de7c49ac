from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("preferences", "annotation", "workers", "exports", "webapp")


def files(*patterns: str) -> list[Path]:
    """The repository's files of these patterns, those not added yet included, migrations left out."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [ROOT / name for name in sorted(set(listed)) if "/migrations/" not in name and (ROOT / name).exists()]


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))
