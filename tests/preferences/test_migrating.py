"""A database with rows comes forward: what the workplace added is there for what was stored before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from preferences.models import HoldoutGroup, Judgment, Prompt
from preferences.near_duplicates import sketch, sketches
from tests import factories, states

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("preferences", "0002_belonging"), ("annotation", "0002_belonging")]


def migrate(targets: list[tuple[str, str]]) -> None:
    with states.quick():
        MigrationExecutor(connection).migrate(targets)


@pytest.fixture
def forward() -> Iterator[None]:
    yield
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def test_rows_of_before_have_keys_sketches_and_scores(forward: None) -> None:
    campaign = factories.campaign()
    pairs = [factories.judged_comparison(campaign, text=f"Why is the sky blue, part {n}?") for n in range(3)]
    factories.batch(campaign, comparisons=0)
    scores = list(Judgment.objects.order_by("pk").values_list("score", flat=True))

    migrate(BEFORE)
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

    prompts = list(Prompt.objects.order_by("pk"))
    assert [prompt.text for prompt in prompts] == [pair.turn.prompt.text for pair in pairs]
    assert len({prompt.key for prompt in prompts}) == 3
    assert all(prompt.sketch == sketch(prompt.text) for prompt in prompts)
    assert list(Judgment.objects.order_by("pk").values_list("score", flat=True)) == scores
    groups = {group.family: bytes(group.sketch) for group in HoldoutGroup.objects.all()}
    assert groups == {prompt.family: sketches([prompt.text]).tobytes() for prompt in prompts}
    assert set(HoldoutGroup.objects.values_list("dialogue", flat=True)) == {pair.turn.dialogue_id for pair in pairs}
