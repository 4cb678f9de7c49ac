"""Each public set in its published form, by entries of our own writing, becomes lines that import_comparisons takes."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from exports.sources import SOURCES, read, reading
from exports.sources.reading import Broken
from preferences.errors import InvalidInput
from preferences.importing import parse
from preferences.scales import Scale

ASKED = "Why is the sky blue?"
GOOD, BAD = "Air scatters blue light most.", "Because of the sea."


def annotated(response: str, *ratings: str) -> dict[str, Any]:
    aspects = ("instruction_following", "honesty", "truthfulness", "helpfulness")
    return {
        "model": f"model-{len(response)}",
        "response": response,
        "custom_system_prompt": "Be kind.",
        "annotations": {aspect: {"Rating": rating} for aspect, rating in zip(aspects, ratings, strict=True)},
    }


ENTRIES: dict[str, tuple[Any, Scale]] = {
    "hh": (
        {"chosen": f"\n\nHuman: {ASKED}\n\nAssistant: {GOOD}", "rejected": f"\n\nHuman: {ASKED}\n\nAssistant: {BAD}"},
        Scale.TWO_POINT,
    ),
    "pandalm": (
        {
            "idx": 7,
            "instruction": ASKED,
            "input": "",
            "cmp_key": "one_two",
            "response1": GOOD,
            "response2": BAD,
            "annotator1": 1,
            "annotator2": 1,
            "annotator3": 0,
        },
        Scale.THREE_POINT,
    ),
    "shp": (
        {
            "post_id": "p",
            "domain": "askscience_test",
            "history": ASKED,
            "c_root_id_A": "x",
            "c_root_id_B": "y",
            "human_ref_A": GOOD,
            "human_ref_B": BAD,
            "labels": 1,
        },
        Scale.TWO_POINT,
    ),
    "webgpt": (
        {
            "question": {"full_text": ASKED},
            "answer_0": GOOD,
            "answer_1": BAD,
            "score_0": 0.5,
            "score_1": -0.5,
        },
        Scale.THREE_POINT,
    ),
    "summarize": (
        {
            "info": {"title": ASKED, "post": "A long post.", "article": None},
            "summaries": [{"text": f" {GOOD}", "policy": "sup4"}, {"text": BAD, "policy": "ref"}],
            "choice": 0,
            "worker": "w",
        },
        Scale.TWO_POINT,
    ),
    "stack-exchange": (
        {
            "qid": 3,
            "question": ASKED,
            "answers": [
                {"answer_id": 1, "pm_score": 0, "text": BAD},
                {"answer_id": 2, "pm_score": 5, "text": GOOD},
            ],
        },
        Scale.TWO_POINT,
    ),
    "helpsteer2": (
        {
            "prompt": ASKED,
            "response_1": GOOD,
            "response_2": BAD,
            "three_most_similar_preferences": [
                {"strength": -3, "statement": "The first is right.", "elaboration": "It names the cause."},
                {"strength": -2, "statement": "", "elaboration": ""},
                {"strength": 0, "statement": "", "elaboration": ""},
            ],
        },
        Scale.SEVEN_POINT,
    ),
    "helpsteer3": (
        {
            "context": [{"role": "user", "content": ASKED}],
            "response1": GOOD,
            "response2": BAD,
            "individual_preference": [{"score": -1, "reasoning": "Right."}, {"score": -3}],
        },
        Scale.SEVEN_POINT,
    ),
    "ultrafeedback": (
        {
            "instruction": ASKED,
            "completions": [annotated(BAD, "1", "2", "N/A", "1"), annotated(GOOD, "5", "4", "5", "5")],
        },
        Scale.TWO_POINT,
    ),
    "argilla": (
        {
            "id": "r",
            "fields": {"prompt": ASKED, "response1": GOOD, "response2": BAD},
            "responses": {"preference": [{"user_id": "u", "value": "response1", "status": "submitted"}]},
        },
        Scale.TWO_POINT,
    ),
    "label-studio": (
        {
            "id": 5,
            "data": {"prompt": ASKED, "answer1": GOOD, "answer2": BAD},
            "annotations": [
                {"completed_by": 1, "result": [{"type": "pairwise", "value": {"selected": "left"}}]},
                {"completed_by": {"id": 2}, "was_cancelled": True, "result": []},
            ],
        },
        Scale.TWO_POINT,
    ),
}


def written(path: Path, *entries: Any) -> Path:
    content = b"".join(orjson.dumps(entry) + b"\n" for entry in entries)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def lines(name: str, path: Path) -> list[dict[str, Any]]:
    found = list(read(name, path))
    assert not [line for line in found if isinstance(line, Broken)]
    return [line for line in found if isinstance(line, dict)]


@pytest.mark.parametrize("name", SOURCES)
def test_an_entry_becomes_a_line_that_can_be_imported(name: str, tmp_path: Path) -> None:
    entry, scale = ENTRIES[name]
    [line] = lines(name, written(tmp_path / "set.jsonl", entry))
    assert line["prompt"][-1]["role"] == "user" and ASKED in line["prompt"][-1]["content"]
    assert (line["response_a"], line["response_b"]) == (GOOD, BAD)
    assert line["votes"][0]["chosen"] == "a"
    imported = parse(orjson.dumps(line), scale, most_votes=3)
    assert len(imported.votes) == len(line["votes"])


@pytest.mark.parametrize("form", ["set.jsonl.gz", "set.json", "set.parquet"])
def test_every_form_of_file_gives_the_same_line(form: str, tmp_path: Path) -> None:
    entry, _ = ENTRIES["shp"]
    path = tmp_path / form
    if form.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist([entry]), path)
    elif form.endswith(".json"):
        path.write_bytes(orjson.dumps([entry], option=orjson.OPT_INDENT_2))
    else:
        written(path, entry)
    assert lines("shp", path) == lines("shp", written(tmp_path / "plain.jsonl", entry))


def test_webgpt_is_read_as_the_list_of_two_answers_too(tmp_path: Path) -> None:
    question = {"full_text": ASKED}
    pair = [{"question": question, "answer": BAD, "score": -1}, {"question": question, "answer": GOOD, "score": 1}]
    [line] = lines("webgpt", written(tmp_path / "set.jsonl", pair))
    assert (line["response_a"], line["response_b"], line["votes"][0]["chosen"]) == (BAD, GOOD, "b")


def test_equal_scores_of_webgpt_are_a_tie(tmp_path: Path) -> None:
    [line] = lines("webgpt", written(tmp_path / "set.jsonl", ENTRIES["webgpt"][0] | {"score_0": 0, "score_1": 0}))
    assert line["votes"][0]["chosen"] == "tie"


def test_strengths_of_helpsteer_are_degrees_and_neither_valid_is_no_vote(tmp_path: Path) -> None:
    entry = ENTRIES["helpsteer3"][0] | {"individual_preference": [{"score": score} for score in (-1, 2, -100)]}
    [line] = lines("helpsteer3", written(tmp_path / "set.jsonl", entry))
    assert [(vote["chosen"], vote["degree"]) for vote in line["votes"]] == [("a", "slightly_better"), ("b", "better")]


def test_earlier_turns_of_helpsteer_are_messages(tmp_path: Path) -> None:
    prompt = f"Hello.\n<extra_id_1>Assistant\nHi.\n<extra_id_1>User\n{ASKED}"
    [line] = lines("helpsteer2", written(tmp_path / "set.jsonl", ENTRIES["helpsteer2"][0] | {"prompt": prompt}))
    assert [(message["role"], message["content"]) for message in line["prompt"]] == [
        ("user", "Hello."),
        ("assistant", "Hi."),
        ("user", ASKED),
    ]


def test_each_answer_of_stack_exchange_is_compared_with_the_next_worse_one(tmp_path: Path) -> None:
    answers = [{"answer_id": n, "pm_score": score, "text": f"Answer {n}."} for n, score in enumerate([2, 7, 2, 0])]
    found = lines(
        "stack-exchange", written(tmp_path / "set.jsonl", ENTRIES["stack-exchange"][0] | {"answers": answers})
    )
    assert [(line["response_a"], line["response_b"]) for line in found] == [
        ("Answer 1.", "Answer 0."),
        ("Answer 2.", "Answer 3."),
    ]


def test_the_best_answer_of_ultrafeedback_is_compared_with_each_worse_one(tmp_path: Path) -> None:
    completions = [annotated(f"Text {'x' * n}", *[str(rating)] * 4) for n, rating in enumerate([3, 5, 5, 1])]
    found = lines("ultrafeedback", written(tmp_path / "set.jsonl", {"instruction": ASKED, "completions": completions}))
    assert [(line["response_a"], line["response_b"]) for line in found] == [("Text x", "Text "), ("Text x", "Text xxx")]


def test_a_binarized_edition_of_ultrafeedback_is_read(tmp_path: Path) -> None:
    asked = {"role": "user", "content": ASKED}
    entry = {
        side: [asked, {"role": "assistant", "content": text}] for side, text in (("chosen", GOOD), ("rejected", BAD))
    }
    [line] = lines("ultrafeedback", written(tmp_path / "set.jsonl", entry))
    assert (line["prompt"], line["response_a"], line["response_b"]) == ([asked], GOOD, BAD)


@pytest.mark.parametrize("name", SOURCES)
def test_a_broken_entry_is_told_by_its_number_and_the_rest_goes_on(name: str, tmp_path: Path) -> None:
    entry, _ = ENTRIES[name]
    path = written(tmp_path / "set.jsonl", entry, {}, entry)
    with path.open("ab") as file:
        file.write(b'{"half": \n\xff\xfe\n[]\n7\n')
    found = list(read(name, path))
    broken = [line for line in found if isinstance(line, Broken)]
    assert [line.number for line in broken] == [2, 4, 5, 6, 7]
    assert broken[0].reason.startswith("it has no “")
    assert len(found) - len(broken) == 2 * len(lines(name, written(tmp_path / "one.jsonl", entry)))


def test_a_line_without_end_is_given_up_and_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST", 1000)
    bomb = tmp_path / "bomb.jsonl.gz"
    bomb.write_bytes(gzip.compress(orjson.dumps(ENTRIES["shp"][0]) + b"\n" + b"0" * 1_000_000))
    good, broken = list(read("shp", bomb))
    assert isinstance(good, dict)
    assert broken == Broken(2, "longer than 1,000 bytes; nothing after it was read")


def test_a_file_that_is_cut_off_or_no_gzip_gives_what_it_can(tmp_path: Path) -> None:
    whole = written(tmp_path / "set.jsonl.gz", *[ENTRIES["shp"][0]] * 2000).read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "none.jsonl.gz").write_bytes(b"plain text")
    *good, last = list(read("shp", tmp_path / "cut.jsonl.gz"))
    assert good and isinstance(last, Broken) and "cannot be read further" in last.reason
    [only] = list(read("shp", tmp_path / "none.jsonl.gz"))
    assert isinstance(only, Broken)


def test_a_source_that_nobody_knows_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="There is no source “gossip”"):
        list(read("gossip", tmp_path / "any.jsonl"))
