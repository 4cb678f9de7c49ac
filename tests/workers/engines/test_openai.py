"""The openai engine against a real HTTP server: what it sends, what it reads, and its sentence for each fault."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest

from tests.workers.engines.helpers import answered, ask
from tests.workers.engines.served import Asked, Reply, Served, chat, events, serving
from workers.engines import http_endpoint, load_engine
from workers.engines.base import Completion, EngineError, PromptTooLong
from workers.engines.openai_engine import OpenAIEngine
from workers.engines.probe import check, probe


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Nobody waits between two tries; the pauses that there would have been."""
    slept: list[float] = []
    monkeypatch.setattr(http_endpoint.time, "sleep", slept.append)
    return slept


def one(served: Served, **settings: Any) -> Completion | EngineError:
    (result,) = OpenAIEngine(served.location).generate([ask("Why?", temperature=1.0, **settings)])
    return result


def sentence(served: Served, **settings: Any) -> str:
    result = one(served, **settings)
    assert isinstance(result, EngineError), result
    return str(result)


def test_it_says_everything_that_it_wants_and_leaves_nothing_to_the_model_s_own_settings(served: Served) -> None:
    request = ask("Why?", temperature=0.7, top_p=0.9, max_tokens=40, seed=5, system="Be brief.", stop=("END",))
    completion = answered(OpenAIEngine(served.location).generate([request])[0])
    (asked,) = served.asked
    assert asked.path == "/v1/chat/completions"
    assert asked.body == {
        "model": "m",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}],
        "temperature": 0.7,
        "top_p": 0.9,
        "max_tokens": 40,
        "seed": 5,
        "stream": False,
        "stop": ["END"],
        "top_k": -1,
        "repetition_penalty": 1.0,
    }
    assert (completion.text, completion.finish_reason) == ("A text.", "stop")
    assert (completion.prompt_tokens, completion.completion_tokens, completion.seed) == (9, 20, 5)
    assert completion.unconfirmed == ("temperature", "top_p", "seed")


def test_a_server_of_an_unknown_kind_gets_nothing_that_it_may_refuse(served: Served) -> None:
    served.models = Reply({"data": [{"id": "m", "owned_by": "somebody"}]})
    one(served)
    assert set(served.asked[0].body) == {"model", "messages", "temperature", "top_p", "max_tokens", "seed", "stream"}


def test_the_requests_of_a_batch_are_under_way_at_once_and_answered_in_order(served: Served) -> None:
    all_there = threading.Barrier(8)

    def say(asked: Asked) -> Reply:
        all_there.wait(20)  # nobody is answered before everybody has asked
        return Reply(chat(f"Seed {asked.body['seed']}."))

    served.say = say
    results = OpenAIEngine(served.location).generate([ask("Why?", temperature=1.0, seed=seed) for seed in range(8)])
    assert [answered(result).text for result in results] == [f"Seed {seed}." for seed in range(8)]


def test_a_stream_is_put_together(served: Served) -> None:
    served.say = lambda asked: Reply(
        events(
            {"choices": [{"delta": {"role": "assistant"}}]},
            {"choices": [{"delta": {"content": "Two "}}]},
            {"choices": [{"delta": {"content": "parts."}, "finish_reason": "length"}]},
            {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
        ),
        kind="text/event-stream; charset=utf-8",
    )
    engine = OpenAIEngine(f"{served.base}?stream=1#m")
    completion = answered(engine.generate([ask("Why?")])[0])
    assert (completion.text, completion.finish_reason) == ("Two parts.", "length")
    assert (completion.prompt_tokens, completion.completion_tokens) == (3, 2)
    assert served.asked[0].body["stream"] is True
    assert served.asked[0].body["stream_options"] == {"include_usage": True}


def test_a_key_goes_to_its_own_server_and_to_no_other(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = served.base.removesuffix("/v1")
    monkeypatch.setenv("MARGIN_ENGINE_KEYS", f"http://127.0.0.1:1=other {origin}=se=cret")
    one(served)
    assert {asked.headers["Authorization"] for asked in served.looked + served.asked} == {"Bearer se=cret"}
    monkeypatch.setenv("MARGIN_ENGINE_KEYS", f"{origin}1=secret http://localhost={origin}")
    one(served)
    assert "Authorization" not in served.asked[-1].headers


def test_a_redirect_is_not_followed(served: Served) -> None:
    with serving() as elsewhere:
        served.say = lambda asked: Reply("", status=307, headers={"Location": f"{elsewhere.base}/chat/completions"})
        assert sentence(served).endswith("points to another address; give that one, if it is to be trusted.")
        assert elsewhere.asked == elsewhere.looked == []


def test_too_many_requests_are_asked_again_after_the_pause_that_the_server_names(
    served: Served, pauses: list[float]
) -> None:
    replies = iter([Reply("", status=429, headers={"Retry-After": "7"}), Reply("", status=429), Reply(chat("Now."))])
    served.say = lambda asked: next(replies)
    assert answered(one(served)).text == "Now."
    assert pauses[0] == 7.0
    assert 0.5 <= pauses[1] <= 1.5  # half a second, doubled once, give or take half


def test_a_pause_beyond_the_deadline_is_not_waited_for(served: Served, pauses: list[float]) -> None:
    served.say = lambda asked: Reply("", status=429, headers={"Retry-After": "3600"})
    assert sentence(served) == f"{served.base} has too many requests. It was tried once."
    assert pauses == []


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_fails_is_asked_five_times(served: Served, status: int, pauses: list[float]) -> None:
    served.say = lambda asked: Reply("worker died", status=status, kind="text/plain")
    assert sentence(served) == f"{served.base} failed with status {status} (worker died). It was tried 5 times."
    assert len(served.asked) == 5
    for pause, middle in zip(pauses, [0.5, 1, 2, 4], strict=True):
        assert middle / 2 <= pause <= middle * 1.5


def test_an_answer_that_breaks_off_is_asked_for_again(served: Served) -> None:
    replies = iter([Reply('{"choices": [', promised=5000), Reply(chat("Whole."))])
    served.say = lambda asked: next(replies)
    assert answered(one(served)).text == "Whole."


def test_an_answer_that_always_breaks_off_is_a_sentence(served: Served) -> None:
    served.say = lambda asked: Reply('{"choices": [', promised=5000)
    assert "broke off in the middle of an answer. It was tried 5 times." in sentence(served)


def test_a_server_that_hangs_is_given_up_at_the_deadline(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = OpenAIEngine(served.location)
    never = threading.Event()
    served.say = lambda asked: Reply(chat("Late."), hang=never)
    monkeypatch.setattr(http_endpoint, "DEADLINE_SECONDS", 0.3)
    (result,) = engine.generate([ask("Why?")])
    never.set()
    assert str(result) == f"{served.base} gave no answer within 0 seconds."
    assert len(served.asked) == 1


def test_more_than_anybody_could_read_is_left(served: Served) -> None:
    served.say = lambda asked: Reply(chat("x" * 4_000_001))
    assert "sent more than 4,000,000 bytes for one answer; the rest was left." in sentence(served)


def test_a_megabyte_is_read(served: Served) -> None:
    served.say = lambda asked: Reply(chat("x" * 1_000_001))
    assert len(answered(one(served)).text) == 1_000_001


def test_a_compressed_answer_is_refused_unread(served: Served) -> None:
    served.say = lambda asked: Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert "sent a compressed answer that nobody asked for." in sentence(served)


ODD: dict[str, tuple[Reply, str]] = {
    "web page": (Reply("<html>Hello</html>", kind="text/html; charset=utf-8"), "a web page instead of an answer"),
    "no JSON": (Reply("Hello"), "not JSON"),
    "half an answer": (Reply('{"choices": [{"message"'), "not JSON, or only the beginning"),
    "deep JSON": (Reply("[" * 100_000), "not JSON"),
    "a list": (Reply("[]"), "JSON of another form"),
    "another object": (Reply({"text": "Hello"}), "JSON of another form"),
    "odd choices": (Reply({"choices": ["Hello"]}), "JSON of another form"),
    "no choice": (Reply({"choices": []}), "without any choice"),
    "a number for a text": (Reply({"choices": [{"message": {"content": 7}, "finish_reason": "stop"}]}), "is not text"),
    "an error": (Reply({"error": {"message": "CUDA out of memory"}}), "reports an error: {'message': 'CUDA out of"),
    "filtered": (Reply(chat("", finish="content_filter")), "withheld the answer"),
    "a tool call": (Reply(chat(None, finish="tool_calls")), "not one of text: tool_calls"),
    "no end": (Reply(chat("Hello", finish=None)), "not one of text: None"),
    "a stream cut off": (
        Reply(events({"choices": [{"delta": {"content": "Hel"}}]}, done=False), kind="text/event-stream"),
        "stream broke off",
    ),
    "an error in a stream": (Reply(events({"error": "worker died"}), kind="text/event-stream"), "worker died"),
    "more tokens than asked for": (Reply(chat("Hello", tokens=41)), "gave 41 tokens where at most 40 were asked for"),
    "a wrong key": (Reply("", status=401), "set the right one in MARGIN_ENGINE_KEYS"),
    "an unknown model": (Reply({"message": "no model m"}, status=404), 'status 404 ({"message": "no model m"}).'),
    "a web page with a status": (Reply("<html>", status=418, kind="text/html"), "with status 418."),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_no_answer_is_a_sentence_and_not_asked_for_again(served: Served, odd: str) -> None:
    reply, expected = ODD[odd]
    served.say = lambda asked: reply
    assert expected in sentence(served)
    assert len(served.asked) == 1


def test_a_dialogue_that_the_server_finds_too_long_is_known_as_such(served: Served) -> None:
    said = {"message": "This model's maximum context length is 128 tokens."}
    served.say = lambda asked: Reply(said, status=400)
    result = one(served)
    assert isinstance(result, PromptTooLong)
    assert "maximum context length is 128" in str(result)


def test_a_limit_on_the_dialogue_is_held_by_the_server_s_count(served: Served) -> None:
    served.say = lambda asked: Reply(chat("A text.", prompt_tokens=9))
    assert answered(one(served, max_prompt_tokens=9)).text == "A text."
    assert isinstance(one(served, max_prompt_tokens=8), PromptTooLong)


def test_without_a_count_no_limit_can_be_held_and_it_says_so(served: Served) -> None:
    served.say = lambda asked: Reply({"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}]})
    assert answered(one(served)).remarks == ("The server does not count tokens.",)
    assert "no limit on a dialogue's length can be held" in sentence(served, max_prompt_tokens=5)


def test_a_server_that_leaves_what_it_stopped_at_in_the_text_is_corrected(served: Served) -> None:
    served.say = lambda asked: Reply(chat("One. END Two.", finish="length"))
    completion = answered(one(served, stop=("Two", "END")))
    assert (completion.text, completion.finish_reason) == ("One.", "stop")


def test_a_nul_and_half_a_character_are_replaced(served: Served) -> None:
    served.say = lambda asked: Reply(json.dumps(chat("a\x00b\ud800c")))
    text = answered(one(served)).text
    assert "\x00" not in text
    assert text == "a\ufffdb?c"


def test_one_bad_answer_fails_alone(served: Served) -> None:
    served.say = lambda asked: Reply("Hello" if asked.body["seed"] == 2 else chat("Good."))
    results = OpenAIEngine(served.location).generate([ask("Why?", seed=seed) for seed in (1, 2, 3)])
    assert [isinstance(result, EngineError) for result in results] == [False, True, False]


def test_equal_texts_for_two_seeds_are_remarked_on(served: Served) -> None:
    engine = OpenAIEngine(served.location)
    served.say = lambda asked: Reply(chat("The same for everybody.", tokens=30))
    first, second = engine.generate([ask("Why?", temperature=1.0, seed=seed) for seed in (1, 2)])
    remarks = answered(first).remarks + answered(second).remarks
    assert remarks == (
        "Two seeds gave the same text of 30 tokens at temperature 1: the server ignores the seed or samples greedily.",
    )


def test_equal_texts_for_one_seed_or_at_a_low_temperature_or_of_few_words_are_nothing_to_remark(served: Served) -> None:
    engine = OpenAIEngine(served.location)
    served.say = lambda asked: Reply(chat("The same for everybody.", tokens=asked.body["max_tokens"]))
    twice = [ask("Why?", temperature=1.0, seed=1), ask("Why?", temperature=1.0, seed=1)]
    cold = [ask("Why?", temperature=0.2, seed=seed) for seed in (1, 2)]
    short = [ask("Why?", temperature=1.0, max_tokens=3, seed=seed) for seed in (1, 2)]
    for result in engine.generate(twice + cold + short):
        assert answered(result).remarks == ()


def test_the_probe_finds_a_server_that_samples_greedily(served: Served) -> None:
    served.say = lambda asked: Reply(chat("The same for everybody.", tokens=4))
    health = probe(OpenAIEngine(served.location))
    assert not health.usable
    assert "4 seeds gave the same text at temperature 1" in health.problems[0]


def test_no_server_is_a_sentence_for_the_probe() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        health = check(lambda: load_engine("openai", f"{address}#m"))
    assert health.problems == (f"No server answers at {address}. It was tried 5 times.",)


def test_a_server_without_tls_is_not_trusted(served: Served) -> None:
    with pytest.raises(EngineError, match="offers no connection that can be trusted"):
        OpenAIEngine(served.location.replace("http://", "https://"))
