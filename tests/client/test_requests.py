"""What the client does when Margin is away, busy, or says no."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from margin_client import Batch, Margin, MarginError, NotReady, Refused, RewardModel, Unreachable, lines, transport
from margin_client.results import made

CAMPAIGN = {
    "slug": "helpful",
    "name": "Helpfulness",
    "kind": "preference",
    "track": "helpfulness",
    "scale": "eight_point",
    "question": "Which is better?",
    "status": "open",
    "raters_per_item": 1,
    "max_turns": 1,
    "guideline": None,
    "priority": 0,
    "planned_comparisons": None,
    "planned_until": "2026-12-31",
    "agreement_gate": None,
    "created_at": "2026-11-02T08:00:00Z",
    "a field of a newer server": True,
}
BUSY = {"code": "throttled", "message": "Too many requests.", "fields": {}}
Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers one after the other with what it was told; remembers what was asked and how long the client rested."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked, self.rests = iter(answers), list[httpx.Request](), list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = next(self.answers)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer) if isinstance(answer, int) else answer


@pytest.fixture
def margin(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Server], Margin]]:
    opened: list[Margin] = []

    def talk_to(server: Server) -> Margin:
        monkeypatch.setattr(transport.time, "sleep", server.rests.append)
        opened.append(Margin("https://margin.example", "margin_x", transport=httpx.MockTransport(server)))
        return opened[-1]

    yield talk_to
    for one in opened:
        one.close()


def told(**fields: Any) -> httpx.Response:
    return httpx.Response(200, json={**CAMPAIGN, **fields})


def test_what_is_away_is_asked_again_and_rested_between(margin: Callable[[Server], Margin]) -> None:
    server = Server(httpx.ConnectError("refused"), 503, httpx.ReadTimeout("slow"), told())
    found = margin(server).campaign("helpful")
    assert found.slug == "helpful" and found.created_at.tzinfo and f"{found.planned_until:%d.%m.}" == "31.12."
    assert len(server.asked) == 4 and server.asked[0].headers["Authorization"] == "Bearer margin_x"
    assert [0.5 <= rest / 0.5 / 2**number <= 1 for number, rest in enumerate(server.rests)] == [True] * 3


def test_it_rests_as_long_as_margin_asks_for(margin: Callable[[Server], Margin]) -> None:
    server = Server(httpx.Response(429, json=BUSY, headers={"Retry-After": "17"}), told())
    margin(server).campaign("helpful")
    assert server.rests == [17.0]
    with pytest.raises(Refused, match="Too many requests"):
        margin(Server(httpx.Response(429, json=BUSY, headers={"Retry-After": "3600"}))).campaign("helpful")


def test_a_write_that_is_sent_again_has_the_same_key_and_another_write_another(
    margin: Callable[[Server], Margin],
) -> None:
    in_flight = httpx.Response(409, json={**BUSY, "code": "in_flight"})
    server = Server(httpx.ReadTimeout("slow"), in_flight, told(priority=5), told(priority=6))
    client = margin(server)
    assert client.change("helpful", priority=5).priority == 5
    client.change("helpful", priority=6)
    keys = [request.headers["Idempotency-Key"] for request in server.asked]
    assert len(set(keys[:3])) == 1 and keys[3] != keys[0]


def test_what_is_refused_is_not_asked_again(margin: Callable[[Server], Margin]) -> None:
    body = {"code": "invalid", "message": "No.", "fields": {"priority": ["No."], "gold_share": ["Less."]}}
    server = Server(httpx.Response(422, json=body))
    with pytest.raises(Refused) as refusal:
        margin(server).change("helpful", priority=10**9)
    assert (refusal.value.status, refusal.value.code) == (422, "invalid")
    assert refusal.value.fields["gold_share"] == ["Less."] and "gold_share: Less." in str(refusal.value)
    assert len(server.asked) == 1


def test_after_so_many_tries_it_is_given_up(margin: Callable[[Server], Margin]) -> None:
    server = Server(*[httpx.ConnectError("refused")] * 6)
    with pytest.raises(Unreachable, match="did not answer GET campaigns/helpful/"):
        margin(server).campaign("helpful")
    assert len(server.asked) == 6
    with pytest.raises(Refused, match="not Margin's"):
        margin(Server(*[httpx.Response(502, text="<html>")] * 6)).campaign("helpful")


def test_pages_are_asked_for_as_they_are_needed(margin: Callable[[Server], Margin]) -> None:
    first = {"results": [CAMPAIGN], "next": "http://inside:8000/api/v1/campaigns/?cursor=abc%3D&status=open"}
    last = {"results": [{**CAMPAIGN, "slug": "safe"}], "next": None}
    server = Server(httpx.Response(200, json=first), httpx.Response(200, json=last))
    found = margin(server).campaigns(status="open")
    assert next(found).slug == "helpful" and len(server.asked) == 1
    assert [one.slug for one in found] == ["safe"]
    assert str(server.asked[1].url) == "https://margin.example/api/v1/campaigns/?cursor=abc%3D&status=open"


def test_a_large_week_is_waited_for(margin: Callable[[Server], Margin]) -> None:
    order = {"id": "o", "campaign": "helpful", "week": "2026-W47", "ordered_at": "2026-11-23T00:00:00Z"}
    waits, over = {**order, "batch": None, "refused": ""}, {**order, "batch": None, "refused": "There is nothing."}
    server = Server(httpx.Response(202, json=waits), httpx.Response(200, json=waits), httpx.Response(200, json=over))
    with pytest.raises(MarginError, match="There is nothing"):
        margin(server).seal("helpful", "2026-W47")
    assert [request.url.path[-3:] for request in server.asked[1:]] == ["/o/", "/o/"]
    with pytest.raises(NotReady):
        margin(Server(httpx.Response(202, json=waits))).seal("helpful", "2026-W47", patience=-1)


def test_what_is_pushed_is_sent_in_parts_and_counted_through(
    margin: Callable[[Server], Margin], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 2)
    failed = {"stored": 1, "skipped": 0, "failed": 1, "lines": [{"line": 2, "reason": "has no id"}]}
    server = Server(httpx.Response(200, json=failed), httpx.ReadTimeout("slow"), httpx.Response(200, json=failed))
    pushed = margin(server).push("helpful", ({"id": str(number)} for number in range(4)))
    assert (pushed.stored, pushed.skipped, pushed.failed) == (2, 0, 2)
    assert [(one.line, one.reason) for one in pushed.lines] == [(2, "has no id"), (4, "has no id")]
    sent = [request.content for request in server.asked]
    assert sent == [b'{"id": "0"}\n{"id": "1"}\n', *[b'{"id": "2"}\n{"id": "3"}\n'] * 2]
    keys = [request.headers["Idempotency-Key"] for request in server.asked]
    assert keys[0] != keys[1] == keys[2]


def test_scores_are_waited_for(margin: Callable[[Server], Margin]) -> None:
    order = {"id": "s", "scores": None, "problem": "", "finished_at": None}
    over = {**order, "finished_at": "2026-11-23T00:00:00Z"}
    scored = {**over, "scores": [{"score": 1.5, "reward": 0.8}]}
    row = {name: "" for name in ("id", "track", "base", "margin", "status", "weights_sha256")}
    model = made(RewardModel, {**row, "created_at": "2026-11-23T00:00:00Z", "finished_at": None})
    server = Server(httpx.Response(202, json=order), httpx.Response(200, json=order), httpx.Response(200, json=scored))
    assert margin(server).score(model, [{"messages": [], "response": "Yes."}]) == [1.5]
    broken = Server(httpx.Response(202, json={**over, "problem": "It has no weights."}))
    with pytest.raises(MarginError, match="no weights"):
        margin(broken).score(model, [])


@pytest.mark.parametrize("url", ["http://margin.example", "http://localhost.example", "margin.example"])
def test_no_token_is_sent_in_the_clear(url: str) -> None:
    with pytest.raises(MarginError, match="in the clear"):
        Margin(url, "margin_x")


def test_a_mix_names_its_public_sets(margin: Callable[[Server], Margin]) -> None:
    no = {"code": "invalid", "message": "There is no public set “harmless” on this server.", "fields": {}}
    server = Server(httpx.Response(400, json=no))
    about = {"id": "b1", "name": "w", "version": 1, "superseded": False, "week": "2026-W48", "sha256": "", "seed": ""}
    batch = made(Batch, {**about, "train": 1, "test": 1, "sealed_at": "2026-11-23T00:00:00Z"})
    with pytest.raises(Refused, match="There is no public set"):
        margin(server).export(batch, "trl", mix="safety", public=["harmless"], stop=True)
    told = {"format": "trl", "margin": "small", "mix": "safety", "public": ["harmless"], "stop": True}
    assert json.loads(server.asked[0].content) == told


ASKED = {
    "id": 7,
    "campaign": "helpful",
    "prompt": 5,
    "turn": 4,
    "position": "a",
    "variant": "sft",
    "temperature": 0.9,
    "top_p": 1.0,
    "seed": 1,
    "ahead": True,
    "status": "pending",
    "attempts": 0,
    "reason": "",
    "response": None,
    "created_at": "2026-11-02T08:00:00Z",
    "ended_at": None,
}


def test_what_is_asked_of_the_models_is_taken_back_and_asked_once_more(margin: Callable[[Server], Margin]) -> None:
    pair = httpx.Response(201, json={"requests": [ASKED, {**ASKED, "id": 8, "position": "b"}]})
    taken_back = httpx.Response(200, json={**ASKED, "status": "cancelled", "ended_at": "2026-11-02T08:01:00Z"})
    server = Server(pair, taken_back, httpx.Response(200, json=ASKED))
    client = margin(server)
    first, second = client.ask(5)
    assert (first.id, second.position) == (7, "b") and json.loads(server.asked[0].content) == {"prompt": 5}
    assert client.cancel(first).status == "cancelled" and client.retry(first) == first
    assert [request.url.path.removeprefix("/api/v1/") for request in server.asked] == [
        "sampling-requests/",
        "sampling-requests/7/cancel/",
        "sampling-requests/7/retry/",
    ]
    assert len({request.headers["Idempotency-Key"] for request in server.asked}) == 3


def test_a_prompt_is_retired(margin: Callable[[Server], Margin]) -> None:
    prompt = {
        **dict.fromkeys(("category", "second_category", "risk_category", "attack_vector"), ""),
        "id": 5,
        "campaign": "helpful",
        "external_id": "p-5",
        "text": "Why?",
        "author": None,
        "created_at": "2026-11-02T08:00:00Z",
        "retired_at": "2026-11-03T08:00:00Z",
    }
    server = Server(httpx.Response(200, json=prompt))
    retired = margin(server).retire_prompt(5)
    assert retired.retired_at is not None and server.asked[0].url.path == "/api/v1/prompts/5/retire/"
