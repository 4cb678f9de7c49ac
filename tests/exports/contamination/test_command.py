from __future__ import annotations

from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from exports.contamination import counting
from tests.annotation.helpers import open_campaign
from tests.exports.contamination.test_texts import lines
from tests.exports.helpers import judged, sealed

LEAKED = "The keeper of the lighthouse found a letter in a green bottle on the morning after the great storm of March."
OTHER = "Nobody in the valley could remember when the old mill had last turned its wheel or who had built the bridge."


def told(*arguments: str | Path) -> str:
    out = StringIO()
    call_command("contamination", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_it_says_how_much_of_each_sample_stands_in_a_folder(tmp_path: Path) -> None:
    evaluation = lines(tmp_path / "e.jsonl", {"text": LEAKED, "score": 1}, {"text": OTHER, "score": 0})
    (tmp_path / "train").mkdir()
    lines(tmp_path / "train" / "a.jsonl", {"text": f"Once upon a time. {LEAKED.replace('green', 'brown')} The end."})

    found = orjson.loads(
        told("--eval", evaluation, "--against", tmp_path / "train", "--json", "--out", tmp_path / "shares.jsonl")
    )

    assert (found["samples"], found["documents"], found["tokenizer"]) == (2, 1, "words")
    assert [each["length"] for each in found["lengths"]] == [10, 20, 30, 40, 50]
    at_ten = {subset["name"]: subset["size"] for subset in found["lengths"][0]["subsets"]}
    assert at_ten == {"clean": 1, "not clean": 1, "not dirty": 1, "dirty": 1}
    shares = [orjson.loads(line)["contaminated"] for line in (tmp_path / "shares.jsonl").read_bytes().splitlines()]
    assert shares[0] == {"10": 1.0, "20": 1.0, "30": 0.0, "40": 0.0, "50": 0.0}
    assert set(shares[1].values()) == {0.0}


def test_the_table_has_a_line_for_each_subset_and_a_verdict(tmp_path: Path) -> None:
    evaluation = lines(tmp_path / "e.jsonl", {"text": LEAKED}, {"text": OTHER})
    (tmp_path / "train").mkdir()
    lines(tmp_path / "train" / "a.jsonl", {"text": LEAKED})
    said = told("--eval", evaluation, "--against", tmp_path / "train", "--lengths", "10")
    assert said.splitlines()[0] == "2 samples against 1 documents; tokens: words"
    assert [line.split()[-5:-3] for line in said.splitlines()[2:6]] == [
        ["1", "0.0%"],
        ["1", "100.0%"],
        ["1", "0.0%"],
        ["1", "100.0%"],
    ]
    assert "Without scores nothing can be said" in said


def test_scores_that_contamination_raised_are_found(tmp_path: Path) -> None:
    rows = [{"text": f"{LEAKED} {number}", "score": int(number % 10 != 0)} for number in range(100)]
    rows += [{"text": f"{OTHER} {number}", "score": int(number % 10 == 0)} for number in range(100)]
    (tmp_path / "train").mkdir()
    lines(tmp_path / "train" / "a.jsonl", {"text": LEAKED})
    said = told("--eval", lines(tmp_path / "e.jsonl", *rows), "--against", tmp_path / "train")
    assert "The scores show it up to a length of 20: all four |Z| > 2." in said


def test_a_models_own_tokenizer_cuts_the_texts(tmp_path: Path) -> None:
    letters = Tokenizer(models.BPE())
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters.train_from_iterator([LEAKED], trainers.BpeTrainer(initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    (tmp_path / "model").mkdir()
    letters.save(str(tmp_path / "model" / "tokenizer.json"))
    evaluation = lines(tmp_path / "e.jsonl", {"text": LEAKED}, {"text": OTHER})
    (tmp_path / "train").mkdir()
    lines(tmp_path / "train" / "a.jsonl", {"text": LEAKED})

    found = orjson.loads(
        told("--eval", evaluation, "--against", tmp_path / "train", "--tokenizer", tmp_path / "model", "--json")
    )

    assert found["tokenizer"].endswith("tokenizer.json")
    assert found["lengths"][0]["share"] == 0.5


@pytest.mark.django_db
def test_a_sealed_batch_is_read_as_a_training_run_would(tmp_path: Path) -> None:
    campaign = open_campaign()
    for number in range(10):
        judged(campaign, text=f"{LEAKED} {number}")
    batch = sealed(campaign)
    held_out = batch.items.filter(group__split="test").count()
    evaluation = lines(tmp_path / "e.jsonl", {"text": LEAKED}, {"text": OTHER})

    found = orjson.loads(told("--eval", evaluation, "--against", batch.name, "--json"))

    assert found["documents"] == 2 * (10 - held_out)
    assert found["lengths"][0]["share"] == 0.5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--against", "nowhere"), "neither a folder nor the name of a sealed batch"),
        (("--against", ".", "--lengths", "ten"), "“ten” are no lengths"),
        (("--against", ".", "--tokenizer", "nowhere"), "There is no tokenizer at nowhere"),
        (("--against", ".", "--out", "pyproject.toml"), "exists already"),
    ],
    ids=["no batch", "no lengths", "no tokenizer", "file there"],
)
@pytest.mark.django_db
def test_what_is_wrong_is_a_sentence(tmp_path: Path, arguments: tuple[str, ...], sentence: str) -> None:
    evaluation = lines(tmp_path / "e.jsonl", {"text": LEAKED})
    with pytest.raises(CommandError, match=sentence):
        told("--eval", evaluation, *arguments)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("out", "sentence"),
    [("nowhere/out", "No such file or directory"), ("e.jsonl/out", "Not a directory"), ("e.jsonl", "exists already")],
)
def test_where_the_shares_cannot_go_is_known_before_anything_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, sentence: str
) -> None:
    evaluation = lines(tmp_path / "e.jsonl", {"text": LEAKED})
    monkeypatch.setattr(counting, "Matcher", None)
    with pytest.raises(CommandError, match=sentence):
        told("--eval", evaluation, "--against", tmp_path, "--out", tmp_path / out)


@pytest.mark.django_db
def test_a_count_that_fails_leaves_no_file_of_shares(tmp_path: Path) -> None:
    evaluation = lines(tmp_path / "e.jsonl", {"text": LEAKED})
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "a.jsonl").write_bytes(b"{")
    with pytest.raises(CommandError, match=r"Entry 1 of .* cannot be read"):
        told("--eval", evaluation, "--against", tmp_path / "train", "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
