from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import orjson
import pytest

from preferences.choices import Chosen, Degree
from preferences.errors import InvalidInput
from preferences.importing import ImportedComparison, ImportedResponse, parse, parse_prompt
from preferences.scales import Scale, Verdict
from tests.factories.imports import line, vote

NO_LABELS = dict.fromkeys(("category", "second_category", "risk_category", "attack_vector"), "")
USER = {"role": "user", "content": "Hello?"}
BAD_LINES: dict[str, tuple[Any, str]] = {
    "a list": ([1], "not a JSON object"),
    "a field nobody knows": (
        line(response_c="x"),
        "unknown field “response_c”; known are attack_vector, category, id, prompt, response_a",
    ),
    "no id": ({"prompt": [USER], "response_a": "x", "response_b": "y"}, "“id” is missing"),
    "an id that is a number": (line(id=7), "“id” must be a text"),
    "an empty id": (line(id=""), "“id” is empty"),
    "a long id": (line(id="x" * 201), "“id” has 201 characters; the limit is 200"),
    "an id with NUL": (line(id="a\x00b"), "“id” contains a NUL character"),
    "no prompt": ({"id": "1", "response_a": "x", "response_b": "y"}, "“prompt” must be a list of messages that ends"),
    "a prompt that is a text": (line(prompt="Hello?"), "“prompt” must be a list"),
    "an empty prompt": (line(prompt=[]), "“prompt” must be a list of messages that ends with the user's"),
    "a prompt that ends with the model": (
        line(prompt=[USER, {"role": "assistant", "content": "Hi."}]),
        "ends with the user's",
    ),
    "a prompt whose last message is empty": (
        line(prompt=[{"role": "user", "content": ""}]),
        "last message .* is empty",
    ),
    "a message that is a text": (line(prompt=["Hello?"]), "each message of “prompt” needs a role"),
    "a message of an unknown role": (line(prompt=[{"role": "bot", "content": "x"}]), "one of system, user, assistant"),
    "a message without content": (line(prompt=[{"role": "user"}]), "“content” is missing"),
    "a message with NUL": (line(prompt=[{"role": "user", "content": "\x00"}]), "“content” contains a NUL character"),
    "no response a": ({"id": "1", "prompt": [USER], "response_b": "y"}, "“response_a” is missing"),
    "a response that is null": (line(response_b=None), "“response_b” must be a text"),
    "a response with NUL": (line(response_b="\x00"), "“response_b” contains a NUL character"),
    "a response too long": (line(response_a="x" * 1_000_001), "“response_a” has 1,000,001 characters"),
    "equal responses": (line(response_a="same", response_b="same"), "the two responses are the same text"),
    "an empty variant": (line(variant_a=""), "“variant_a” is empty"),
    "a long variant": (line(variant_b="v" * 121), "“variant_b” has 121 characters; the limit is 120"),
    "a system prompt that is a list": (line(system_prompt_a=[]), "“system_prompt_a” must be a text"),
    "an unknown category": (line(category="coding"), "“category” is 'coding'; write one of factual, writing"),
    "a category that is a list": (line(category=["factual"]), "“category” is"),
    "a second category alone": (line(second_category="writing"), "needs another “category” beside it"),
    "the same category twice": (line(category="writing", second_category="writing"), "needs another “category”"),
    "an unknown risk": (line(risk_category="boredom"), "“risk_category” is 'boredom'; write one of illicit_and_crim"),
    "an unknown attack": (line(attack_vector="charm"), "“attack_vector” is 'charm'; write one of psychological"),
    "one response": (line(response="x"), "unknown field “response”"),
    "a rating of two responses": (line(votes=[{"annotator": "x", "rating": 3}]), "unknown vote field “rating”"),
    "votes that are an object": (line(votes={}), "“votes” must be a list"),
    "a vote that is a text": (line(votes=["a"]), "each vote must be an object"),
    "a vote field nobody knows": (line(votes=[vote(score=3)]), "unknown vote field “score”"),
    "a vote without an annotator": (line(votes=[{"chosen": "a", "degree": "better"}]), "“annotator” is missing"),
    "an annotator with a long name": (line(votes=[vote("n" * 61)]), "“annotator” has 61 characters; the limit is 60"),
    "a vote without a choice": (line(votes=[{"annotator": "x"}]), "“chosen” is None; write a, b or tie"),
    "a vote for the left": (line(votes=[vote(chosen="left")]), "“chosen” is 'left'; write a, b or tie"),
    "a vote for a list": (line(votes=[vote(chosen=["a"])]), "write a, b or tie"),
    "an unknown degree": (line(votes=[vote(degree="much")]), "“degree” is 'much'; write one of significantly_better"),
    "a degree that is a list": (line(votes=[vote(degree=["better"])]), "“degree” is"),
    "a vote without a degree": (line(votes=[vote(degree=None)]), "off the campaign's scale: .* give a degree"),
    "a tie": (line(votes=[vote(chosen="tie", degree=None)]), "off the campaign's scale: This scale has no tie"),
    "a rationale that is a number": (line(votes=[vote(rationale=5)]), "“rationale” must be a text"),
    "a rationale with NUL": (line(votes=[vote(rationale="\x00")]), "“rationale” contains a NUL character"),
    "seconds that are a text": (line(votes=[vote(seconds="5")]), "“seconds” must be a number from 0 up"),
    "seconds that are true": (line(votes=[vote(seconds=True)]), "“seconds” must be a number from 0 up"),
    "seconds below zero": (line(votes=[vote(seconds=-1)]), "“seconds” must be a number from 0 up"),
    "endless seconds": (line(votes=[vote(seconds=1e300)]), "“seconds” must be a number from 0 up"),
    "a time that is none": (line(votes=[vote(at="yesterday")]), "“at” is 'yesterday'; write an ISO 8601 time"),
    "a time that is a number": (line(votes=[vote(at=1700000000)]), "“at” is 1700000000; write an ISO 8601 time"),
    "a time before the calendar": (line(votes=[vote(at="0001-01-01T00:00:00+14:00")]), "“at” is"),
    "a time after the calendar": (line(votes=[vote(at="9999-12-31T23:59:59-12:00")]), "“at” is"),
    "two votes of one annotator": (line(votes=[vote("x"), vote("x", "b")]), "two votes of one annotator"),
    "more votes than wanted": (
        line(votes=[vote(f"n{i}") for i in range(4)]),
        "has 4 votes; the campaign wants at most 3 a comparison",
    ),
}


def parsed(row: Any, scale: Scale = Scale.EIGHT_POINT) -> ImportedComparison:
    return parse(orjson.dumps(row), scale, most_votes=3)


@pytest.mark.parametrize(("row", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_refused_with_its_reason(row: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        parsed(row)


@pytest.mark.parametrize(
    "line_of_bytes",
    [
        b"{",
        b"nonsense",
        b'{"id": "\xff\xfe"}',
        b'{"id": "\\ud800"}',
        b'{"id": NaN}',
        b"[" * 5000,
        b"\xef\xbb\xbf{}",
    ],
    ids=["cut off", "a word", "not UTF-8", "a lone surrogate", "not a number", "nested deeply", "byte order mark"],
)
def test_what_is_not_json_is_refused(line_of_bytes: bytes) -> None:
    with pytest.raises(InvalidInput, match="not JSON"):
        parse(line_of_bytes, Scale.EIGHT_POINT, most_votes=3)


def test_a_degree_is_refused_by_a_scale_without_degrees() -> None:
    with pytest.raises(InvalidInput, match="leave the degree out"):
        parsed(line(votes=[vote(degree="better")]), Scale.THREE_POINT)


def test_a_degree_is_refused_that_the_scale_skips() -> None:
    with pytest.raises(InvalidInput, match="not on this scale"):
        parsed(line(votes=[vote(degree="negligibly_better")]), Scale.SEVEN_POINT)


def test_a_tie_with_a_degree_is_refused() -> None:
    with pytest.raises(InvalidInput, match="tie"):
        parsed(line(votes=[vote(chosen="tie", degree="better")]), Scale.SEVEN_POINT)


@pytest.mark.parametrize("scale", [Scale.SEVEN_POINT, Scale.THREE_POINT])
def test_a_tie_is_taken_by_a_scale_that_has_one(scale: Scale) -> None:
    (found,) = parsed(line(votes=[vote(chosen="tie", degree=None)]), scale).votes
    assert found.verdict == Verdict(Chosen.TIE, None)


def test_a_whole_line_is_read_as_it_stands() -> None:
    prompt = [{"role": "system", "content": "Be brief."}, USER, {"role": "assistant", "content": ""}, USER]
    told = vote("ann", "b", "slightly_better", rationale="Clearer.", seconds=3, at="2026-11-23T10:00:00+01:00")
    more = {"category": "writing", "second_category": "dialogue", "system_prompt_a": "Be kind.", "attack_vector": None}
    row = line(id="é-1", prompt=prompt, response_a="", variant_a="one", variant_b="two", votes=[told], **more)
    found = parsed(row)
    assert (found.external_id, found.prompt.messages, found.prompt.first) == ("é-1", tuple(prompt), "Hello?")
    assert found.responses == (ImportedResponse("", "one", "Be kind."), ImportedResponse(row["response_b"], "two", ""))
    assert found.prompt.labels == {**NO_LABELS, "category": "writing", "second_category": "dialogue"}
    (read,) = found.votes
    assert (read.annotator, read.rationale, read.seconds) == ("ann", "Clearer.", 3.0)
    assert read.verdict == Verdict(Chosen.B, Degree.SLIGHTLY_BETTER)
    assert read.at == datetime(2026, 11, 23, 10, tzinfo=timezone(timedelta(hours=1)))


def test_a_bare_line_has_unknown_variants_and_no_votes() -> None:
    found = parsed(line())
    assert [response.variant for response in found.responses] == ["unknown a", "unknown b"]
    assert ([response.system_prompt for response in found.responses], found.votes) == (["", ""], ())
    assert found.prompt.labels == NO_LABELS


def test_a_time_without_a_zone_is_utc() -> None:
    (found,) = parsed(line(votes=[vote(at="2026-11-23T10:00:00")])).votes
    assert found.at == datetime(2026, 11, 23, 10, tzinfo=UTC)


def rating(**fields: Any) -> dict[str, Any]:
    return {"id": "1", "prompt": [USER], "response": "No.", **fields}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (rating(response=None), "“response” must be a text"),
        (rating(response_b="x"), "unknown field “response_b”; known are .*response, risk_category"),
        (rating(votes=[{"annotator": "x"}]), "“rating” is None; write a whole number from 1 to 5"),
        (rating(votes=[{"annotator": "x", "rating": 0}]), "“rating” is 0"),
        (rating(votes=[{"annotator": "x", "rating": 6}]), "“rating” is 6"),
        (rating(votes=[{"annotator": "x", "rating": 2.5}]), "“rating” is 2.5"),
        (rating(votes=[{"annotator": "x", "rating": True}]), "“rating” is True"),
        (rating(votes=[{"annotator": "x", "rating": [3]}]), "“rating” is"),
        (rating(votes=[{"annotator": "x", "rating": "3"}]), "“rating” is '3'"),
        (rating(votes=[vote("x")]), "unknown vote field “chosen”; known are annotator, at, rating"),
    ],
    ids=str,
)
def test_a_bad_line_of_a_rated_response_is_refused_with_its_reason(row: Any, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        parsed(row, Scale.SAFETY)


def test_a_line_of_a_rated_response_is_read() -> None:
    votes = [{"annotator": name, "rating": number} for name, number in (("ann", 1), ("bob", 5))]
    row = rating(variant="one", system_prompt="Be kind.", risk_category="unqualified_advice", votes=votes)
    found = parsed(row, Scale.SAFETY)
    assert found.responses == (ImportedResponse("No.", "one", "Be kind."),)
    assert [vote.verdict for vote in found.votes] == [Verdict(Chosen.RATED, None, n) for n in (1, 5)]
    assert found.prompt.labels["risk_category"] == "unqualified_advice"
    assert parsed(rating(), Scale.SAFETY).responses[0].variant == "unknown"


ASSISTANT = {"role": "assistant", "content": "Hi."}


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ([{"role": "system", "content": "Be kind."}, USER], "a system prompt belongs to the variant that answers"),
        ([ASSISTANT, USER], "must begin with the user's and take turns"),
        ([USER, USER], "must begin with the user's and take turns"),
        ([USER, ASSISTANT], "ends with the user's"),
        ([USER, {**ASSISTANT, "content": " "}, USER], "a message of “prompt” is empty"),
        ([{**USER, "content": "\n"}], "a message of “prompt” is empty"),
        ([{**USER, "content": "x" * 20_001}], "more than 20,000 characters"),
    ],
    ids=["system", "assistant first", "twice the user", "assistant last", "empty answer", "white space", "too long"],
)
def test_a_prompt_that_no_engine_could_be_asked_is_refused(messages: list[dict[str, str]], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        parse_prompt(orjson.dumps({"id": "1", "prompt": messages}))


def test_a_prompt_of_a_set_is_read_with_what_was_said_before_and_what_it_is_about() -> None:
    row = {"id": "p-1", "prompt": [USER, ASSISTANT, USER], "category": "factual", "attack_vector": "logic"}
    found = parse_prompt(orjson.dumps(row))
    assert (found.external_id, found.messages) == ("p-1", (USER, ASSISTANT, USER))
    assert found.labels == {**NO_LABELS, "category": "factual", "attack_vector": "logic"}
    with pytest.raises(InvalidInput, match="unknown field “response”"):
        parse_prompt(orjson.dumps({**row, "response": "x"}))
