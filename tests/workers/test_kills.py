"""A worker that dies anywhere in its loop, a database and a broker that let go of it; `make kills` is the long form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import kills
from preferences.choices import TurnStatus
from preferences.models import Turn
from tests.conftest import Worker
from webapp.services import valkey
from workers import faults


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The directory of a server of the test's own: its short name leaves room for a socket's."""
    place = tmp_path_factory.mktemp("b")
    yield place
    valkey.stop(place)


@pytest.mark.timeout(300)
def test_no_pair_is_lost_or_doubled_wherever_the_worker_dies(
    transactional_db: None, tmp_path: Path, broker: Path
) -> None:
    data = broker / "data"

    def restart() -> None:
        assert Turn.objects.filter(status=TurnStatus.SAMPLING).exists()
        valkey.stop(broker)
        valkey.ensure(data, broker)

    campaign = kills.planned(milliseconds=30, batch_size=4)
    kills.ask(campaign, requests=24)

    outcome = kills.run(
        campaign,
        points=faults.POINTS,
        terminations=2,
        restart_broker=restart,
        environment={**Worker.environment(), "REDIS_URL": valkey.ensure(data, broker)},
        directory=tmp_path,
        seed=1,
        minutes=4,
    )

    assert outcome.defects() == []
    assert outcome.requests == 24
    assert outcome.killed == Counter(faults.POINTS)
    assert outcome.let_go >= 2
