"""Many annotators at once over real HTTP while web processes and workers are killed; `make load` is the long form."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench import load
from bench.server import free_port
from bench.visitors import HOST, session_of
from preferences.choices import ComparisonStatus
from tests import factories
from tests.conftest import Worker
from webapp.paths import BASE_DIR

ANNOTATORS, COMPARISONS, OVERLAP = 16, 30, 3


@pytest.mark.timeout(300)
def test_a_crowd_judges_exactly_what_was_asked_for_whatever_dies(transactional_db: None, tmp_path: Path) -> None:
    campaign = factories.campaign(raters_per_item=OVERLAP, slug="crowd")
    made = [factories.comparison(campaign) for _ in range(COMPARISONS)]
    people = [factories.reads(factories.annotator(campaign), campaign) for _ in range(ANNOTATORS)]
    environment, port = Worker.environment(), free_port()
    collect = [sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"]
    subprocess.run(collect, cwd=BASE_DIR, env=environment, check=True)

    with load.processes(environment, port, tmp_path / "load.log") as victims:
        outcome = load.run(
            address=f"http://{HOST}:{port}",
            campaign=campaign,
            sessions=[session_of(person) for person in people],
            victims=victims,
            minutes=4,
            seed=7,
        )

    assert outcome.defects() == []
    assert (outcome.judgments, outcome.wanted) == (COMPARISONS * OVERLAP, COMPARISONS * OVERLAP)
    assert outcome.most_on_one == OVERLAP
    assert outcome.answered == COMPARISONS * OVERLAP
    assert outcome.killed.total() > 0
    for comparison in made:
        comparison.refresh_from_db()
        assert comparison.status == ComparisonStatus.JUDGED
