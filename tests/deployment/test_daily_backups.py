"""What makes a backup a day (ops/backup), with a command in Margin's place that says what it was asked."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from webapp.paths import BASE_DIR

MADE = 'case "$*" in "manage.py backup --out "*) mkdir "$4" && echo whole > "$4/manifest.json" ;; *) exit 2 ;; esac'


@pytest.fixture
def python(tmp_path: Path) -> Path:
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{MADE}\n")
    program.chmod(0o755)
    return program


def once(backups: Path, python: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": f"{python.parent}:/usr/bin:/bin", "BACKUPS": str(backups), **environment}
    command = ["/bin/sh", str(BASE_DIR / "ops/backup/once.sh")]
    return subprocess.run(command, env=known, capture_output=True, text=True, check=False)


def aged(path: Path, days: int) -> Path:
    path.mkdir()
    then = time.time() - days * 86_400
    os.utime(path, (then, then))
    return path


def test_the_newest_stay_with_whatever_else_lies_there_and_prometheus_reads_when(tmp_path: Path, python: Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    for day in range(1, 5):
        aged(backups / f"daily-2020-11-0{day}T021700Z", days=30 - day)
    aged(backups / "before-upgrade", days=90)
    aged(backups / ".daily-2020-11-04T021700Z.half", days=2)
    aged(backups / ".daily-2020-11-05T021700Z.going-on", days=0)
    run = once(backups, python, KEEP="3")
    assert run.returncode == 0, run.stderr
    left = sorted(path.name for path in backups.iterdir())
    (new,) = [name for name in left if name > "daily-2020-11-04T021700Z" and name.startswith("daily-")]
    assert (backups / new / "manifest.json").read_text() == "whole\n"
    assert left == [
        ".daily-2020-11-05T021700Z.going-on", "before-upgrade", "daily-2020-11-03T021700Z", "daily-2020-11-04T021700Z",
        new, "margin.prom",
    ]  # fmt: skip
    name, moment = (backups / "margin.prom").read_text().split()
    assert name == "margin_backup_last_success_seconds" and abs(int(moment) - time.time()) < 600
    assert (backups / "margin.prom").stat().st_mode & 0o044  # node_exporter is another user


def test_one_that_fails_removes_nothing_and_says_so(tmp_path: Path, python: Path) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    python.write_text("#!/bin/sh\nexit 1\n")
    old = aged(backups / "daily-2020-11-01T021700Z", days=30)
    assert once(backups, python, KEEP="0").returncode == 1
    assert list(backups.iterdir()) == [old]
