"""Pairs that were made elsewhere, brought in by a manager's program: one by one, and many as a stream of lines."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest
from django.test import Client
from gunicorn.http.errors import InvalidChunkSize, NoMoreData

from preferences.choices import Kind, Track
from preferences.models import Campaign, Comparison, Judgment
from tests import factories
from tests.annotation.hidden import made_gold
from tests.webapp.api.clients import program, refused
from webapp.api import loading, reading
from webapp.api.v1 import comparisons

pytestmark = pytest.mark.django_db
COMPARISONS, MANY = "/api/v1/comparisons/", "/api/v1/campaigns/helpful/comparisons/"
JSON = {"content_type": "application/json"}


def send(client: Client, lines: list[Any], **headers: str) -> Any:
    body = b"\n".join(line if isinstance(line, bytes) else orjson.dumps(line) for line in lines)
    return client.post(MANY, body, content_type="application/x-ndjson", headers=headers)


def test_a_pair_is_brought_in_once_and_judged_here(campaign: Campaign, client: Client) -> None:
    line = {"campaign": "helpful", **factories.line(id="p-1", variant_a="quokka", category="factual")}
    made = client.post(COMPARISONS, line, **JSON)
    assert made.status_code == 201 and made.json()["external_id"] == "p-1" and made.json()["status"] == "open"
    again = client.post(COMPARISONS, line, **JSON)
    assert again.status_code == 200 and again.json() == made.json()
    comparison = Comparison.objects.get()
    assert comparison.turn.prompt.category == "factual" and comparison.response_a.variant.name == "quokka"
    key = made.json()["id"]
    assert client.get(f"{COMPARISONS}{key}/").json()["responses"] is None, "whoever reads them could still judge them"
    factories.judge(comparison, factories.annotator(campaign), score=-3, rationale="Why")
    whole = client.get(f"{COMPARISONS}{key}/").json()
    assert [one["variant"] for one in whole["responses"]] == ["quokka", "unknown b"]
    assert whole["messages"] == line["prompt"] and whole["responses"][0]["text"] == line["response_a"]
    judged = whole["judgments"][0]
    assert (judged["chosen"], judged["score"], judged["rationale"]) == ("a", -3, "Why")
    assert judged["annotator"] == Judgment.objects.get().annotator.pseudonym


def test_a_pair_comes_with_its_votes(campaign: Campaign, client: Client) -> None:
    line = {"campaign": "helpful", **factories.line(votes=[factories.vote()])}
    assert client.post(COMPARISONS, line, **JSON).json()["status"] == "judged"
    assert client.get(f"{COMPARISONS}?status=judged").json()["results"][0]["finished_at"]


@pytest.mark.parametrize(
    ("changed", "status", "fields"),
    [
        ({"colour": "red"}, 400, ["colour"]),
        ({"prompt": "words"}, 400, ["prompt"]),
        ({"prompt": [{"role": "robot", "content": "x"}]}, 400, ["prompt.0.role"]),
        ({"category": "none"}, 400, ["category"]),
        ({"prompt": []}, 422, []),
        ({"response_b": None}, 400, ["response_b"]),
        ({"response_a": "Same.", "response_b": "Same."}, 422, []),
        ({"votes": [{"annotator": "x", "chosen": "c"}]}, 422, []),
        ({"status": "sealed", "split": "test"}, 400, ["split", "status"]),
        ({"campaign": "none"}, 404, []),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_stored(
    client: Client, changed: dict[str, Any], status: int, fields: list[str]
) -> None:
    answer = client.post(COMPARISONS, {"campaign": "helpful", **factories.line(), **changed}, **JSON)
    assert answer.status_code == status, answer.content
    assert sorted(answer.json()["fields"]) == fields and answer.json()["message"].endswith(".")
    assert not Comparison.objects.exists()


def test_many_come_as_lines_and_what_cannot_be_used_is_said_with_its_number(client: Client) -> None:
    lines = [factories.line(id="a"), b"not json", b"", factories.line(id="b"), {"id": "c"}, factories.line(id="a")]
    told = send(client, lines).json()
    assert {name: told[name] for name in ("stored", "skipped", "failed")} == {"stored": 2, "skipped": 1, "failed": 2}
    assert [one["line"] for one in told["lines"]] == [2, 5] and "not JSON" in told["lines"][0]["reason"]
    assert send(client, lines).json()["stored"] == 0 and Comparison.objects.count() == 2
    listed = client.get(f"{COMPARISONS}?campaign=helpful&external_id=b").json()["results"]
    assert [one["external_id"] for one in listed] == ["b"]


def test_many_are_stored_part_by_part_and_go_on_where_they_were_cut_off(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparisons, "CHUNK", 2)
    lines = [factories.line(id=str(number)) for number in range(5)]
    monkeypatch.setattr(reading, "LARGEST_STREAM", sum(len(orjson.dumps(line)) + 1 for line in lines[:3]))
    refused(send(client, lines), 413, "too_large")
    assert Comparison.objects.count() == 2
    monkeypatch.undo()
    assert send(client, lines).json() == {"stored": 3, "skipped": 2, "failed": 0, "lines": [], "stopped_after": None}


def test_after_many_that_failed_no_more_are_read_and_what_was_good_is_kept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "MOST_FAILED", 3)
    lines = [factories.line(id="a"), b"x", b"", b"x", factories.line(id="b"), b"x", b"x", factories.line(id="c")]
    key = {"Idempotency-Key": "load-2"}
    told = send(client, lines, **key).json()
    assert (told["stored"], told["failed"], told["stopped_after"], len(told["lines"])) == (2, 3, 6, 3)
    assert set(Comparison.objects.values_list("external_id", flat=True)) == {"a", "b"}
    refused(send(client, lines[:-1], **key), 422, "key_reused")  # what was not read belongs to the request all the same


def test_lines_with_nothing_in_them_are_no_way_past_the_limit(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_STREAM", 640)
    assert send(client, [b""] * 9).status_code == 200
    refused(send(client, [b""] * 12), 413, "too_large")


def test_many_with_a_key_are_answered_as_the_first_time(client: Client) -> None:
    lines = [factories.line(), b"broken"]
    key = {"Idempotency-Key": "load-1"}
    first, again = send(client, lines, **key), send(client, lines, **key)
    assert first.content == again.content and again["Idempotency-Replayed"] == "true"
    refused(send(client, [factories.line()], **key), 422, "key_reused")
    assert Comparison.objects.count() == 1


def test_only_lines_of_json_are_read_as_many(client: Client) -> None:
    refused(client.post(MANY, factories.line(), **JSON), 415, "unsupported_media_type")
    answer = client.post(MANY, b"x", content_type="application/x-ndjson", headers={"Transfer-Encoding": "chunked"})
    refused(answer, 411, "length_required")  # this server does not say where a body ends


class Broken(io.BytesIO):
    """What a server gives of a body that breaks off, or whose chunks are none."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def readline(self, *_limit: Any) -> bytes:
        raise self.error

    read = readline


def test_a_body_that_breaks_off_is_told_as_that(client: Client) -> None:
    cut, lines = {"wsgi.input": Broken(OSError())}, {"content_type": "application/x-ndjson"}
    refused(client.post(COMPARISONS, b"x", **JSON, **cut), 400, "broken_off")
    refused(client.post(MANY, b"x", **lines, **cut), 400, "broken_off")
    in_chunks = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    for error in (NoMoreData(), InvalidChunkSize(b"zz")):
        refused(client.post(MANY, b"x", **lines, **in_chunks, **{"wsgi.input": Broken(error)}), 400, "broken_off")


def test_pairs_are_brought_in_by_who_manages_and_where_pairs_are_judged(campaign: Campaign) -> None:
    line = factories.line()
    comparison = factories.comparison(campaign)
    for other in (factories.annotator(campaign), factories.manager(factories.campaign())):
        stranger = program(other)
        refused(stranger.post(COMPARISONS, {"campaign": "helpful", **line}, **JSON), 403, "not_allowed")
        refused(send(stranger, [line]), 403, "not_allowed")
        assert not stranger.get(COMPARISONS).json().get("results")
        assert stranger.get(f"{COMPARISONS}{comparison.key}/").status_code in (403, 404)
    writing = factories.campaign(slug="writing", kind=Kind.DEMONSTRATION, track=Track.HELPFULNESS)
    manager = program(factories.manager(writing))
    refused(manager.post(COMPARISONS, {"campaign": "writing", **line}, **JSON), 409, "conflict")


def test_hidden_work_is_not_listed(campaign: Campaign, client: Client) -> None:
    known = made_gold(campaign, original=factories.comparison(campaign), by=factories.manager(campaign))
    assert str(known.comparison.key) not in client.get(COMPARISONS).content.decode()
    refused(client.get(f"{COMPARISONS}{known.comparison.key}/"), 404, "not_found")
    assert len(client.get(COMPARISONS).json()["results"]) == 1
