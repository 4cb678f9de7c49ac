"""What of a batch was written out of an evaluation set: counted in its statistics, card and page, by key."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from exports import actions
from exports.overlaps import overlaps
from preferences.models import Comparison
from tests import factories
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, manifest_of, sealed, written
from tests.factories import QUESTION

pytestmark = pytest.mark.django_db


def keys(*comparisons: Comparison) -> list[str]:
    return [str(one.key) for one in comparisons]


def test_a_comparison_counts_with_its_own_prompt_and_with_those_before_it(tmp_path: Path) -> None:
    factories.evaluation_set("Eggs <1>")
    factories.evaluation_set("Nothing of it", "Nobody has written these words here, nor will anybody ever write them.")
    campaign = open_campaign(max_turns=3)
    author = factories.annotator(campaign)
    factories.dialogue_turns(campaign, ["Hello there.", QUESTION, "And then?"], by=author, score=-4)
    judged(campaign, text="How do bees find their way home?")
    factories.judge(factories.comparison(of=campaign.dialogues.earliest("pk").turns.latest("index")))
    first, second, third, other = campaign.comparisons.order_by("turn__dialogue", "turn__index")

    batch = sealed(campaign)

    assert first.turn.prompt.text == "Hello there." and other.turn.index == 0
    assert overlaps(batch) == {"Eggs <1>": keys(second, third)}
    written(batch, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text()
    assert "| Written out of evaluation sets | 2 of Eggs <1>: " in card
    assert manifest_of(tmp_path / "out")["statistics"]["evaluation_sets"] == {"Eggs <1>": keys(second, third)}

    boss = Client()
    boss.force_login(factories.manager(campaign))
    html = boss.get(f"/batches/{batch.pk}/").content.decode()
    assert "<dt>Written out of Eggs &lt;1&gt;</dt><dd>2</dd>" in html


def test_where_nothing_was_noted_the_card_says_so_and_the_page_is_silent() -> None:
    batch = factories.batch()
    assert actions.describe(batch=batch)["evaluation_sets"] == {}
