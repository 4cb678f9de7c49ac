"""What stands in the files of each format, to the letter that its consumer reads."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from exports.formats import FORMATS, load_command
from exports.formats.hh import SYSTEM_MESSAGE
from exports.formats.ratings import NOT_RATED
from exports.formats.sft import VIOLATION
from exports.formats.verl import ASKED_BEFORE
from exports.rows import NO_MAJORITY
from exports.sources import read
from preferences.actions import judgments
from preferences.choices import Track
from preferences.errors import Conflict
from preferences.models import Batch
from tests import factories
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import bytes_of, judged, manifest_of, rows_of, sealed, written

pytestmark = pytest.mark.django_db

QUESTION = "How do I boil an egg?"
ASKED = [{"role": "user", "content": QUESTION}]


def one(score: int = -3, **settings: Any) -> Batch:
    """A batch of one comparison whose A is preferred for a score below zero; alone it is trained on."""
    campaign = open_campaign(**settings)
    safety = [(5, 2)] if settings.get("track") == Track.SAFETY else ()
    judged(campaign, [score], text=QUESTION, safety=safety)
    return sealed(campaign)


def texts(batch: Batch) -> tuple[str, str]:
    """Of the response preferred with a score below zero, and of the other."""
    pair = batch.items.get().comparison
    assert pair.response_b is not None
    return pair.response_a.text, pair.response_b.text


def lines_of(out: Path, split: str = "train") -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in (out / "data" / f"{split}.jsonl").read_bytes().splitlines()]


def text_of(path: Path) -> str:
    return path.read_text() if path.suffix == ".jsonl" else str(pq.read_table(path).to_pylist())


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "assistant", "content": text}]


def test_kto_has_each_response_on_its_own(tmp_path: Path) -> None:
    batch = one()
    good, bad = texts(batch)
    written(batch, tmp_path / "out", format="kto")
    rows = rows_of(tmp_path / "out", "train")
    assert [(row["prompt"], row["completion"], row["label"]) for row in rows] == [
        (ASKED, said(good), True),
        (ASKED, said(bad), False),
    ]


def test_sft_has_the_preferred_response_or_what_its_annotator_made_of_it(tmp_path: Path) -> None:
    campaign = open_campaign(asks_edit=True)
    for number in range(2):
        pair = judged(campaign, [3], text=f"{QUESTION} {number}")
    judgment = pair.judgments.get()
    judgments.edit_chosen(
        judgment=judgment, comparison=pair, by=judgment.annotator, text="An answer that an annotator improved."
    )
    written(sealed(campaign), tmp_path / "out", format="sft")
    rows = sorted(rows_of(tmp_path / "out"), key=lambda row: row["prompt"][0]["content"])
    assert [(row["completion"], row["edited"]) for row in rows] == [
        (said(f"Answer B to {QUESTION} 0"), False),
        (said("An answer that an annotator improved."), True),
    ]


def test_nobody_learns_to_write_a_violation_that_was_the_better_of_two(tmp_path: Path) -> None:
    campaign = open_campaign(track=Track.SAFETY)
    for safety in ((2, 1), (5, 1)):
        judged(campaign, [-3], safety=[safety])
    written(sealed(campaign), tmp_path / "out", format="sft")
    assert len(rows_of(tmp_path / "out")) == 1
    assert manifest_of(tmp_path / "out")["excluded"] == {VIOLATION: 1}


def test_a_hub_directory_has_every_form_of_the_batch(tmp_path: Path) -> None:
    campaign = open_campaign(track=Track.SAFETY, raters_per_item=2)
    judged(campaign, [-3, 2], safety=[(5, 4), (5, 4)])  # as many votes on either side: no verdict
    for safety in ((2, 1), (5, 1), (4, 2)):
        judged(campaign, [-3, -2], safety=[safety, safety])
    batch = sealed(campaign)
    written(batch, tmp_path / "hub", format="hub")
    for name in ("preference", "kto", "sft", "ratings", "votes"):
        alone = tmp_path / name
        written(batch, alone, format="trl" if name == "preference" else name)
        assert bytes_of(tmp_path / "hub" / name) == bytes_of(alone / "data") != {}
    written(batch, tmp_path / "none", format="hub", margin="none")
    bare = bytes_of(tmp_path / "none" / "preference")
    assert bytes_of(tmp_path / "hub" / "preference-without-margin") == bare != {}
    assert not (tmp_path / "none" / "preference-without-margin").exists()
    assert manifest_of(tmp_path / "hub")["excluded"] == {NO_MAJORITY: 1, f"sft: {VIOLATION}": 1}


def test_hh_has_two_transcripts_that_its_reader_takes_apart_again(tmp_path: Path) -> None:
    batch = one(3)
    bad, good = texts(batch)
    written(batch, tmp_path / "out", format="hh")
    assert lines_of(tmp_path / "out") == [
        {
            "chosen": f"\n\nHuman: {QUESTION}\n\nAssistant: {good}",
            "rejected": f"\n\nHuman: {QUESTION}\n\nAssistant: {bad}",
        }
    ]
    [line] = list(read("hh", tmp_path / "out" / "data" / "train.jsonl"))
    assert isinstance(line, dict)
    assert (line["prompt"], line["response_a"], line["response_b"]) == (ASKED, good, bad)


def test_hh_leaves_out_what_has_a_system_message_and_says_so(tmp_path: Path) -> None:
    campaign = open_campaign()
    judged(campaign)
    prompt = [{"role": "system", "content": "Be brief."}, *ASKED]
    factories.import_lines(campaign, [factories.line(prompt=prompt, votes=[factories.vote()])])
    written(sealed(campaign), tmp_path / "out", format="hh")
    assert manifest_of(tmp_path / "out")["excluded"] == {SYSTEM_MESSAGE: 1}


def test_openai_has_one_message_on_each_side(tmp_path: Path) -> None:
    batch = one()
    good, bad = texts(batch)
    written(batch, tmp_path / "out", format="openai")
    assert lines_of(tmp_path / "out") == [
        {
            "input": {"messages": ASKED, "tools": [], "parallel_tool_calls": True},
            "preferred_output": said(good),
            "non_preferred_output": said(bad),
        }
    ]


@pytest.mark.parametrize(("margin", "number"), [("small", 2 / 3), ("large", 2.0), ("none", None)])
def test_openrlhf_has_the_margin_where_there_is_one(tmp_path: Path, margin: str, number: float | None) -> None:
    batch = one()
    good, bad = texts(batch)
    written(batch, tmp_path / "out", format="openrlhf", margin=margin)
    wanted = {"prompt": ASKED, "chosen": said(good), "rejected": said(bad)}
    assert lines_of(tmp_path / "out") == [wanted | ({"margin": number} if number is not None else {})]


def test_axolotl_has_messages_and_a_message_on_each_side(tmp_path: Path) -> None:
    batch = one()
    good, bad = texts(batch)
    written(batch, tmp_path / "out", format="axolotl")
    assert lines_of(tmp_path / "out") == [{"messages": ASKED, "chosen": said(good)[0], "rejected": said(bad)[0]}]


def test_llama_factory_finds_its_files_by_the_directorys_own_list(tmp_path: Path) -> None:
    batch = one()
    good, bad = texts(batch)
    written(batch, tmp_path / "out", format="llama-factory")
    info = orjson.loads((tmp_path / "out" / "dataset_info.json").read_bytes())
    assert list(info) == ["margin_train"]
    assert (info["margin_train"]["file_name"], info["margin_train"]["ranking"]) == ("data/train.jsonl", True)
    [row] = lines_of(tmp_path / "out")
    assert set(info["margin_train"]["columns"].values()) == set(row)
    assert row == {
        "conversations": [{"from": "human", "value": QUESTION}],
        "system": "",
        "chosen": {"from": "gpt", "value": good},
        "rejected": {"from": "gpt", "value": bad},
    }
    assert "dataset_info.json" in manifest_of(tmp_path / "out")["files"]


def test_verl_has_each_prompt_once(tmp_path: Path) -> None:
    campaign = open_campaign()
    for _ in range(2):
        judged(campaign, text=QUESTION)
    written(sealed(campaign), tmp_path / "out", format="verl")
    [row] = rows_of(tmp_path / "out")
    assert row["prompt"] == ASKED
    assert (row["data_source"], row["ability"]) == ("margin/helpfulness", "factual")
    assert row["reward_model"] == {"style": "model", "ground_truth": ""}
    assert (row["extra_info"]["split"], row["extra_info"]["index"]) == ("train", 0)
    assert manifest_of(tmp_path / "out")["excluded"] == {ASKED_BEFORE: 1}


def test_ratings_have_a_row_a_response_with_every_raters_score(tmp_path: Path) -> None:
    campaign = open_campaign(track=Track.SAFETY, raters_per_item=2)
    pair = judged(campaign, [-3, -2], text=QUESTION, safety=[(5, 2), (4, 1)])
    written(sealed(campaign), tmp_path / "out", format="ratings")
    rows = rows_of(tmp_path / "out", "train")
    assert pair.response_b is not None
    assert [(row["response"], row["safety"], row["ratings"]) for row in rows] == [
        (pair.response_a.text, 4.5, [5, 4]),
        (pair.response_b.text, 1.5, [2, 1]),
    ]


def test_a_batch_without_ratings_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Conflict, match=NOT_RATED):
        written(one(), tmp_path / "out", format="ratings")
    assert not (tmp_path / "out").exists()


def test_votes_are_single_and_keep_what_a_verdict_leaves_out(tmp_path: Path) -> None:
    campaign = open_campaign(raters_per_item=2)
    judged(campaign, [-3, 2])  # as many votes on either side: no verdict
    judged(campaign, [-4, -1])
    export = written(sealed(campaign), tmp_path / "out", format="votes")
    votes = rows_of(tmp_path / "out")
    assert export.rows == len(votes) == 4  # votes.csv has the same ones
    assert sorted(vote["score"] for vote in votes) == [-4, -3, -1, 2]
    assert {vote["role"] for vote in votes} == {"rating"}
    with (tmp_path / "out" / "votes.csv").open(encoding="utf-8", newline="") as file:
        assert [int(line["score"]) for line in csv.DictReader(file)] == [vote["score"] for vote in votes]


def test_an_annotator_has_one_name_in_an_export_and_another_one_in_the_next(tmp_path: Path) -> None:
    campaign = open_campaign()
    rater, names = factories.annotator(campaign), []
    for number in range(2):
        for _ in range(3):
            factories.judge(factories.comparison(campaign), rater, score=-3)
        written(sealed(campaign), tmp_path / str(number), format="votes")
        votes = rows_of(tmp_path / str(number))
        assert len(votes) == 3
        names.append({vote["annotator"] for vote in votes})
    assert [len(name) for name in names] == [1, 1]
    assert names[0] != names[1]
    assert str(rater.pk) not in "".join(names[0] | names[1]).removeprefix("rater-").split("-")
    assert rater.pseudonym not in names[0] | names[1]


def test_a_rationale_that_a_spreadsheet_would_run_is_a_text_in_the_csv(tmp_path: Path) -> None:
    campaign = open_campaign()
    typed = '=HYPERLINK("http://example.org")'
    factories.judge(factories.comparison(campaign), factories.annotator(campaign), score=-3, rationale=typed)
    written(sealed(campaign), tmp_path / "out", format="votes")
    assert rows_of(tmp_path / "out")[0]["rationale"] == typed
    with (tmp_path / "out" / "votes.csv").open(encoding="utf-8", newline="") as file:
        assert [line["rationale"] for line in csv.DictReader(file)] == [f"'{typed}"]


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_comes_out_the_same_twice_and_says_how_it_is_loaded(tmp_path: Path, format: str) -> None:
    campaign = open_campaign(track=Track.SAFETY)
    for number in range(12):
        judged(campaign, [-3], text=f"{QUESTION} {number}", safety=[(5, 2)])
    batch = sealed(campaign)
    first, _ = (written(batch, tmp_path / name, format=format) for name in ("first", "second"))
    assert bytes_of(tmp_path / "first") == bytes_of(tmp_path / "second")
    said = manifest_of(tmp_path / "first")
    votes = {name: file["rows"] for name, file in said["files"].items() if name.startswith("votes")}
    if format == "trl":  # whose rows have them
        assert [len(row["scores"]) for row in rows_of(tmp_path / "first")] == [1] * 12
    elif format != "votes":
        assert sum(votes.values()) == 12
    everything = sum(file.get("rows", 0) for file in said["files"].values())
    assert first.rows == everything - sum(votes.values())
    assert said["margin"]["name"] == ("small" if FORMATS[format].with_margin else "none")
    card = (tmp_path / "first" / "README.md").read_text()
    assert load_command(format, "this-directory") in card
    assert f"| Format | {format}: {FORMATS[format].consumer} |" in card


@pytest.mark.parametrize("format", FORMATS)
def test_no_train_file_of_any_format_holds_a_held_out_prompt(tmp_path: Path, format: str) -> None:
    campaign = open_campaign(track=Track.SAFETY)
    for number in range(12):
        judged(campaign, [-3], text=f"Prompt number {number} of twelve.", safety=[(5, 2)])
    batch = sealed(campaign)
    held_out = set(batch.items.filter(group__split="test").values_list("comparison__turn__prompt__text", flat=True))
    assert held_out
    written(batch, tmp_path / "out", format=format)
    if format == "votes":  # which has no texts, and says of each vote on which side it is
        votes = rows_of(tmp_path / "out")
        assert {vote["split"] for vote in votes} == {"train", "test"}
        return
    train = "".join(map(text_of, (tmp_path / "out").rglob("train*")))
    assert "Prompt number" in train
    assert not [text for text in held_out if text in train]
