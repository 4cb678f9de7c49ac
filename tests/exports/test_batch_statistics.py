"""A batch's statistics, by a batch small enough to count by hand."""

from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import InternalError, transaction
from django.utils import timezone
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from exports import actions, tasks
from exports.batch_statistics import batch_statistics
from exports.models import BatchStatistics
from exports.tokens import tokenizer
from preferences.actions import batches
from preferences.choices import Track
from preferences.errors import Conflict
from preferences.models import Batch, Event
from preferences.weeks import week_of
from tests import factories
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import judged, manifest_of, sealed, written

pytestmark = pytest.mark.django_db


def a_batch() -> Batch:
    """Two dialogues, of two turns and of one."""
    campaign = factories.campaign(max_turns=2)
    author = factories.annotator(campaign)
    for turn in factories.dialogue_turns(campaign, ["Why is the sky blue?", "And then?"], by=author, score=-4):
        if not turn.comparisons.filter(judgments__isnull=False).exists():
            factories.judge(factories.comparison(campaign, text="One more question?"), author, score=1)
    return sealed(campaign)


def test_it_counts_what_the_paper_counts() -> None:
    batch = a_batch()
    items = list(batch.items.select_related("comparison__turn__prompt"))
    found = batch_statistics(batch)
    assert (found["comparisons"], found["train"] + found["test"]) == (len(items), len(items))
    asked: dict[int, int] = {}
    for item in items:
        turn = item.comparison.turn
        said = sum(message["role"] == "user" for message in turn.messages())
        asked[turn.dialogue_id] = max(asked.get(turn.dialogue_id, 0), said)
    assert found["dialogues"] == len(asked)
    assert found["turns_per_dialogue"] == sum(asked.values()) / len(asked)
    # Words and marks: “Why is the sky blue?” has six.
    words = [len(item.comparison.turn.prompt.text.rstrip("?").split()) + 1 for item in items]
    assert found["tokens_per_prompt"] == pytest.approx(sum(words) / len(items))
    assert found["tokenizer"] == "words"
    assert found["tokens_per_example"] >= found["tokens_per_prompt"] + found["tokens_per_response"]


def test_a_character_is_a_token_where_a_script_writes_no_spaces() -> None:
    with tokenizer(None) as words:
        assert words.counts(["天空为什么是蓝色的？", "Why blue?", "用 GPU 训练！", "なぜ"]) == [10, 3, 5, 2]


@pytest.fixture
def letters(tmp_path: Path, settings: Any) -> Path:
    """A tokenizer named “letters” by which every byte is a token."""
    settings.TOKENIZERS_DIR = tmp_path / "tokenizers"
    file = settings.TOKENIZERS_DIR / "letters" / "tokenizer.json"
    file.parent.mkdir(parents=True)
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.train_from_iterator([], trainers.BpeTrainer(initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    made.save(str(file))
    return file


def named(**described: Any) -> Batch:
    campaign = open_campaign()
    judged(campaign, text="Why?")
    return batches.seal(
        week=week_of(timezone.now()), campaigns=[campaign], by=None, described=batches.Described(**described)
    )


def test_tokens_are_those_of_the_tokenizer_that_the_batch_names(letters: Path, tmp_path: Path) -> None:
    batch = named(tokenizer="letters")
    found = actions.describe(batch=batch)
    assert (found["tokenizer"], found["tokens_per_prompt"]) == ("letters", len("Why?"))
    written(batch, tmp_path / "out")
    sha256 = hashlib.sha256(letters.read_bytes()).hexdigest()
    assert manifest_of(tmp_path / "out")["batch"]["tokenizer"] == {"name": "letters", "sha256": sha256}
    assert "Tokens are those of letters." in (tmp_path / "out" / "README.md").read_text()


def test_another_tokenizer_of_the_same_name_counts_nothing(letters: Path, caplog: pytest.LogCaptureFixture) -> None:
    batch = named(tokenizer="letters")
    own = letters.read_bytes()
    letters.write_bytes(own + b"\n")
    with pytest.raises(Conflict, match="is not the file that the batch was sealed with"):
        actions.describe(batch=batch)
    tasks.describe(str(batch.pk))
    assert "are not counted yet" in caplog.text and not BatchStatistics.objects.exists()
    letters.write_bytes(own)
    tasks.describe(str(batch.pk))
    assert BatchStatistics.objects.get().data["tokenizer"] == "letters"


def test_it_counts_degrees_votes_hours_and_who() -> None:
    campaign = open_campaign(raters_per_item=2)
    for scores in ([-4, -4], [-4, 2], [-3, -3], [1, 1]):
        judged(campaign, scores)
    found = batch_statistics(sealed(campaign))
    assert found["degrees"] == {"better": 1, "negligibly_better": 1, "no_verdict": 1, "significantly_better": 1}
    assert (found["split_votes"], found["judgments"], found["raters"]) == (1, 8, 8)
    assert found["hours"] == pytest.approx(80 / 3600)
    assert found["variants"] == {"variant-A": 4, "variant-B": 4}
    [line] = found["agreement"]
    assert (line["campaigns"], line["units"]) == ([campaign.slug], 4)
    assert line["low"] < line["ac2"] < line["high"]
    assert found["safety"] == {}


def test_it_bins_safety_as_the_paper_does() -> None:
    campaign = open_campaign(track=Track.SAFETY)
    for scores in ((5, 2), (5, 4), (4, 4), (1, 2)):
        judged(campaign, [-3], safety=[scores])
    assert batch_statistics(sealed(campaign))["safety"] == {"both_safe": 2, "both_unsafe": 1, "one_safe": 1}


def test_it_is_counted_once_and_stays() -> None:
    batch = a_batch()
    first = actions.describe(batch=batch)
    tasks.describe(str(batch.pk))
    assert actions.describe(batch=batch) == first
    assert Event.objects.filter(verb="batch.described").count() == 1
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
        BatchStatistics.objects.update(data={})


def test_the_sweep_asks_for_what_nobody_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(tasks.describe, "apply_async", lambda args, **options: asked.append(args[0]))
    counted, waiting = a_batch(), a_batch()
    actions.describe(batch=counted)
    tasks.sweep()
    assert asked == [str(waiting.pk)]


def test_an_export_says_it_in_its_manifest_and_on_its_card(tmp_path: Path) -> None:
    batch = a_batch()
    written(batch, tmp_path / "out")
    about = actions.describe(batch=batch)
    assert manifest_of(tmp_path / "out")["statistics"] == about
    card = (tmp_path / "out" / "README.md").read_text()
    assert f"| {about['comparisons']} | {about['turns_per_dialogue']:.1f} |" in card


def test_a_command_prints_a_line_a_batch() -> None:
    batch, out = a_batch(), StringIO()
    call_command("describe_batch", stdout=out)
    assert out.getvalue().splitlines()[1].split()[:2] == [batch.name, str(batch.items.count())]
    out = StringIO()
    call_command("describe_batch", batch.name, json=True, stdout=out)
    assert orjson.loads(out.getvalue())["batch"] == batch.name
    with pytest.raises(CommandError, match="There is no batch “nothing”"):
        call_command("describe_batch", "nothing")
    with pytest.raises(CommandError, match="There is no tokenizer at nowhere"):
        call_command("describe_batch", tokenizer=Path("nowhere"))
