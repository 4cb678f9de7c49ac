"""A real HTTP server on this machine whose answers the test writes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    body: bytes | str | dict[str, Any]
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None  # bytes that Content-Length says; more than there are means a broken connection
    hang: threading.Event | None = None  # waited for after the headers


def chat(
    text: str | None, *, finish: str | None = "stop", tokens: int = 20, prompt_tokens: int = 9, **more: Any
) -> dict[str, Any]:
    return {
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {"prompt_tokens": prompt_tokens, "completion_tokens": tokens},
        **more,
    }


def events(*chunks: dict[str, Any], done: bool = True) -> str:
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + ("data: [DONE]\n\n" if done else "")


@dataclass
class Served:
    base: str
    asked: list[Asked] = field(default_factory=list)  # questions only
    models: Reply = field(default_factory=lambda: Reply({"data": [{"id": "m", "owned_by": "vllm"}]}))
    looked: list[Asked] = field(default_factory=list)  # everything else
    say: Callable[[Asked], Reply] = lambda asked: Reply(chat("A text."))

    @property
    def location(self) -> str:
        return f"{self.base}#m"


@contextmanager
def serving() -> Iterator[Served]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = Asked(self.path, dict(self.headers.items()), {})
            served.looked.append(asked)
            self._send(served.models if self.path.endswith("/models") else Reply("", status=404))

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            asked = Asked(self.path, dict(self.headers.items()), json.loads(content))
            served.asked.append(asked)
            self._send(served.say(asked))

        def _send(self, reply: Reply) -> None:
            content = json.dumps(reply.body) if isinstance(reply.body, dict) else reply.body
            body = content.encode() if isinstance(content, str) else content
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.kind)
            self.send_header("Content-Length", str(reply.promised or len(body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if reply.hang:
                reply.hang.wait(30)
            self.close_connection = reply.promised is not None
            try:
                self.wfile.write(body)
            except ConnectionError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    served = Served(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
