"""The openai engine: any server with the common HTTP interface for chat, such as vLLM, SGLang or TGI.

A location is the base address with the model behind it: http://127.0.0.1:8000/v1#name. Each answer is a request of its
own, with its own seed; `n` is never sent, because the answers of one call share a seed and a count of tokens. Servers
do not say what they made of a temperature or a seed: both are reported as unconfirmed, and equal texts for two seeds
are remarked on.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from workers.engines.base import Completion, EngineError, EngineInfo, PromptTooLong, Request, cut_at
from workers.engines.http_answers import Said, read
from workers.engines.http_endpoint import CONCURRENT, Endpoint
from workers.engines.http_places import find_place

UNCONFIRMED = ("temperature", "top_p", "seed")
LONG_ENOUGH = 16  # tokens: two draws of fewer may well agree
WARM_ENOUGH = 0.5  # temperature from which they hardly do
REMEMBERED = 1000  # questions


@dataclass(frozen=True)
class Server:
    """What is known of a server before it is asked for an answer."""

    software: str  # "vllm", "sglang", "transformers", or "" where it does not say
    models: tuple[str, ...]
    context: int | None

    @property
    def concurrent(self) -> int:
        # `transformers serve` seeds one generator for all requests at once.
        return 1 if self.software == "transformers" else CONCURRENT

    def further(self, request: Request) -> dict[str, Any]:
        """What must be said so that the server samples as it is asked, and not as the model's own settings would."""
        params = request.params
        if self.software in ("vllm", "sglang"):
            return {"top_k": -1, "repetition_penalty": 1.0}
        if self.software == "transformers":  # without do_sample it is greedy at any temperature, and top_k is 50
            chosen = {"do_sample": True, "temperature": params.temperature, "top_p": params.top_p, "top_k": 0}
            settings = chosen if params.temperature else {"do_sample": False}
            return {"generation_config": json.dumps({**settings, "max_new_tokens": params.max_tokens})}
        return {}


class OpenAIEngine:
    def __init__(self, location: str, *, chat_template: str = "") -> None:
        if chat_template:
            raise EngineError(
                "A server applies its own chat template: leave the variant's empty and give it to the server."
            )
        place = find_place(location)
        self.endpoint, self.stream = Endpoint(place.base), place.stream
        self.server = _server(self.endpoint)
        self.model = place.model or self._only_model()
        self.info = EngineInfo(
            engine="openai",
            engine_version=f"{self.server.software or 'unnamed server'} over httpx {httpx.__version__}",
            weights_hash="",
            revision=self.model,
            context=self.server.context,
        )
        self._seen = _Seen()

    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        with ThreadPoolExecutor(max_workers=self.server.concurrent) as pool:
            return list(pool.map(self._answer, requests))

    def _answer(self, request: Request) -> Completion | EngineError:
        started = time.perf_counter()
        try:
            said = read(self.endpoint.post("/chat/completions", self._body(request)))
            _check_length(request, said)
        except EngineError as error:
            return error
        params = request.params
        remarks = [] if said.completion_tokens is not None else ["The server does not count tokens."]
        remarks += self._seen.remarks(request, said)
        text = cut_at(said.text, params.stop).strip()  # some servers leave what they stopped at in the text
        return Completion(
            text=text,
            prompt_tokens=said.prompt_tokens or 0,
            completion_tokens=said.completion_tokens or 0,
            finish_reason=said.finish if text == said.text else "stop",
            latency_ms=round((time.perf_counter() - started) * 1000),
            seed=params.seed,
            temperature=params.temperature,
            top_p=params.top_p,
            unconfirmed=UNCONFIRMED,
            remarks=tuple(remarks),
        )

    def _body(self, request: Request) -> dict[str, Any]:
        params = request.params
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [dict(message) for message in request.messages],
            "temperature": params.temperature,
            "top_p": params.top_p,
            "max_tokens": params.max_tokens,
            "seed": params.seed,
            "stream": self.stream,
            **self.server.further(request),
        }
        if params.stop:
            body["stop"] = list(params.stop)
        if self.stream and self.server.software != "transformers":  # that one counts unasked and refuses the option
            body["stream_options"] = {"include_usage": True}
        return body

    def _only_model(self) -> str:
        if len(self.server.models) == 1:
            return self.server.models[0]
        known = f" It has: {', '.join(self.server.models[:10])}." if self.server.models else ""
        raise EngineError(f"Say which model behind a #, as in {self.endpoint.base}#name.{known}")


class _Seen:
    """The texts that came lately, by question: the same one for another seed means that the seed is ignored."""

    def __init__(self) -> None:
        self._texts: OrderedDict[int, tuple[int, str]] = OrderedDict()  # question -> seed, text
        self._lock = threading.Lock()  # answers come in many threads

    def remarks(self, request: Request, said: Said) -> list[str]:
        params, tokens = request.params, said.completion_tokens or 0
        if params.temperature < WARM_ENOUGH or tokens < LONG_ENOUGH:
            return []
        question = hash((json.dumps(request.messages), params.temperature, params.top_p, params.max_tokens))
        with self._lock:
            seed, text = self._texts.setdefault(question, (params.seed, said.text))
            if len(self._texts) > REMEMBERED:
                self._texts.popitem(last=False)
        if seed == params.seed or text != said.text:
            return []
        return [
            f"Two seeds gave the same text of {tokens} tokens at temperature {params.temperature:g}: "
            "the server ignores the seed or samples greedily."
        ]


def _check_length(request: Request, said: Said) -> None:
    """Holds the limits that the server may not know or not keep."""
    params = request.params
    if params.max_prompt_tokens is not None:
        if said.prompt_tokens is None:
            raise EngineError("The server does not count tokens, so that no limit on a dialogue's length can be held.")
        if said.prompt_tokens > params.max_prompt_tokens:
            raise PromptTooLong(
                f"The dialogue has {said.prompt_tokens} tokens, and at most {params.max_prompt_tokens} are allowed."
            )
    if said.completion_tokens is not None and said.completion_tokens > params.max_tokens:
        raise EngineError(
            f"The server gave {said.completion_tokens} tokens where at most {params.max_tokens} were asked for."
        )


def _server(endpoint: Endpoint) -> Server:
    """Asks for the list of models, which says whose server it is; what a server does not tell stays unknown."""
    listed = _listed(endpoint)
    owner = str(listed[0].get("owned_by", "")).lower() if listed else ""
    lengths = [model.get("max_model_len") for model in listed]
    length = lengths[0] if len(lengths) == 1 and isinstance(lengths[0], int) else None
    software = owner if owner in ("vllm", "sglang") else ""
    if not software and _is_transformers(endpoint):
        software = "transformers"
    return Server(software, tuple(str(model.get("id", "")) for model in listed), length)


def _listed(endpoint: Endpoint) -> list[dict[str, Any]]:
    content = _content(endpoint, f"{endpoint.base}/models")
    models = content.get("data")
    return [model for model in models if isinstance(model, dict)] if isinstance(models, list) else []


def _is_transformers(endpoint: Endpoint) -> bool:
    parts = urlsplit(endpoint.base)
    paths = _content(endpoint, f"{parts.scheme}://{parts.netloc}/openapi.json").get("paths")
    return isinstance(paths, dict) and {"/load_model", "/v1/chat/completions"} <= set(paths)


def _content(endpoint: Endpoint, url: str) -> dict[str, Any]:
    """A JSON object, empty where the server has none there; EngineError where there is no server."""
    answer = endpoint.get(url)
    try:
        content = json.loads(answer.body) if answer.status == 200 else {}
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
