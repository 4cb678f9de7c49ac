"""The three stories of the client's README, run as they stand there against a live server."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exports import tasks
from exports.models import Export
from preferences.models import Batch, Campaign
from tests import factories
from tests.client.stories import run
from tests.clock import Clock
from webapp.accounts import tokens
from webapp.accounts.models import Scope, User
from webapp.api.v1 import batches

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a day of 2026-W47


@pytest.fixture
def campaign(transactional_db: None, clock: Clock) -> Campaign:
    clock.now = NOW
    return factories.campaign(slug="helpful", raters_per_item=2)


@pytest.fixture
def boss(campaign: Campaign, live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """A manager, whose programs find the server and their token where the README says."""
    boss = factories.manager(campaign)
    _token, plain = tokens.issue(user=boss, name="stories", scopes=list(Scope), days=1, by=boss)
    monkeypatch.setenv("MARGIN_URL", live_server.url)
    monkeypatch.setenv("MARGIN_TOKEN", plain)
    monkeypatch.chdir(tmp_path)
    return boss


def test_load_a_batch(
    campaign: Campaign,
    boss: User,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings.EXPORTS_DIR = tmp_path / "exports"
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    # What a worker does, as soon as it is asked for.
    monkeypatch.setattr(batches, "call", lambda wanted: tasks.write(str(wanted.pk)))
    for _ in range(3):
        factories.judged_comparison(campaign, scores=[-3, -2], finished_at=NOW)
    names = run("Load a batch")
    batch, export = Batch.objects.get(), Export.objects.get()
    assert (names["batch"].id, names["export"].id) == (str(batch.pk), str(export.pk))
    assert {"chosen", "rejected", "margin"} <= set(names["pairs"].column_names)
    assert len(names["pairs"]) == names["batch"].train > 0
    folder = tmp_path / "2026-W47-helpful"
    assert (folder / "manifest.json").exists() and not list(folder.rglob("*.part"))
    assert f"SHA-256 {batch.sha256}" in capsys.readouterr().out


def test_push_pairs(campaign: Campaign, boss: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = [json.dumps(factories.line(id=f"p-{number}", votes=[])) for number in range(3)]
    (tmp_path / "pairs.jsonl").write_text("\n".join([pairs[0], pairs[1], pairs[0], '{"id": "p-9"}', pairs[2]]))
    run("Push pairs")
    assert campaign.comparisons.count() == 3
    told, failed, waiting = capsys.readouterr().out.splitlines()
    assert told == "3 stored, 1 there already, 1 failed" and waiting == "3 wait to be judged"
    assert failed.startswith("line 4: ")


def test_watch_agreement(campaign: Campaign, boss: User, capsys: pytest.CaptureFixture[str]) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(agreement_gate=0.99)
    for scores in [[-3, 3], [2, -4], [-1, -2]] * 2:
        factories.judged_comparison(campaign, scores=scores, finished_at=NOW)
    run("Watch agreement")
    week, gate = capsys.readouterr().out.splitlines()
    assert week.startswith("helpful 2026-W47: AC2 ") and week.endswith(", 6 pairs")
    assert gate.startswith("helpful is below its gate of 0.99")
