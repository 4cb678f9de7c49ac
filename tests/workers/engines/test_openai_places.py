"""Where an openai engine is told to ask, and which model."""

from __future__ import annotations

import pytest

from tests.workers.engines.served import Reply, Served
from workers.engines.base import EngineError
from workers.engines.openai_engine import OpenAIEngine


def test_a_server_with_one_model_needs_no_name(served: Served) -> None:
    served.models = Reply({"data": [{"id": "only", "owned_by": "vllm", "max_model_len": 4096}]})
    info = OpenAIEngine(served.base).info
    assert (info.engine, info.revision, info.context, info.weights_hash) == ("openai", "only", 4096, "")
    assert info.engine_version.startswith("vllm over httpx ")


@pytest.mark.parametrize(
    ("models", "end"),
    [
        (Reply({"data": [{"id": "a"}, {"id": "b"}]}), "#name. It has: a, b."),
        (Reply({"data": [7]}), "#name."),
        (Reply({"data": 7}), "#name."),
        (Reply("<html>", kind="text/html"), "#name."),
        (Reply("", status=404), "#name."),
    ],
    ids=["two", "odd", "odder", "web page", "none"],
)
def test_a_server_that_does_not_say_which_model_needs_a_name(served: Served, models: Reply, end: str) -> None:
    served.models = models
    with pytest.raises(EngineError) as refusal:
        OpenAIEngine(served.base)
    assert str(refusal.value).startswith("Say which model behind a #")
    assert str(refusal.value).endswith(end)


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("127.0.0.1:8000/v1#m", "is no address"),
        ("file:///etc/passwd", "is no address"),
        ("http:///v1", "is no address"),
        ("https://one\n.example/v1#m", "is no address"),
        ("https://two words.example/v1#m", "is no address"),
        ("https://①②.example/v1#m", "is no address"),
        ("https://one.example:port/v1#m", "is no address"),
        ("https://one.example:99999/v1#m", "is no address"),
        ("http://me:secret@127.0.0.1/v1#m", "Leave the key out of the address"),
        ("http://127.0.0.1/v1?steam=1#m", "an option “steam”"),
    ],
)
def test_what_is_no_location_is_a_sentence(location: str, words: str) -> None:
    with pytest.raises(EngineError, match=words):
        OpenAIEngine(location)


def test_a_chat_template_belongs_to_the_server(served: Served) -> None:
    with pytest.raises(EngineError, match="give it to the server"):
        OpenAIEngine(served.location, chat_template="{{ messages }}")
