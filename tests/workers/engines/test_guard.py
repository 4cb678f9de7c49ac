"""A person types where a model's server is: it leads to the internet or to networks of the operator's, nowhere else."""

from __future__ import annotations

import httpx
import pytest

from tests.workers.engines.served import Served
from workers.engines.base import EngineError
from workers.engines.http_endpoint import Endpoint
from workers.engines.http_guard import Guarded

METADATA = "169.254.169.254"


class Sockets(httpx.BaseTransport):
    """Notes where a request went; a server listens at some of the addresses."""

    def __init__(self, *listening: str) -> None:
        self.listening, self.asked = listening, []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.host)
        if request.url.host not in self.listening:
            raise httpx.ConnectError("refused")
        self.last = request
        return httpx.Response(200)


def ask(sockets: Sockets, url: str, *answers: list[str]) -> httpx.Response:
    """A request to the URL, while its name is looked up with these answers, one after the other."""
    told = iter(answers)
    with httpx.Client(transport=Guarded(sockets, resolve=lambda _host, _port: next(told))) as client:
        return client.get(url)


def test_the_address_that_was_judged_is_asked_under_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARGIN_OUTBOUND_ALLOW")
    sockets = Sockets("93.184.216.34")
    # A second look would lead to the cloud's metadata: there is none.
    assert ask(sockets, "https://llm.example.org/v1/models", ["93.184.216.34"], [METADATA]).status_code == 200
    assert sockets.asked == ["93.184.216.34"]
    assert sockets.last.headers["Host"] == "llm.example.org"
    assert sockets.last.extensions["sni_hostname"] == "llm.example.org"


def test_of_several_addresses_the_one_that_answers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MARGIN_OUTBOUND_ALLOW")
    sockets = Sockets("1.1.1.1")
    assert ask(sockets, "https://llm.example.org/", ["8.8.8.8", "1.1.1.1"]).status_code == 200
    assert sockets.asked == ["8.8.8.8", "1.1.1.1"]
    with pytest.raises(httpx.ConnectError):
        ask(Sockets(), "https://llm.example.org/", ["8.8.8.8"])


@pytest.mark.parametrize(
    "url, addresses, sentence",
    [
        ("https://llm.example.org/", [METADATA], "is not on the public internet"),
        ("https://llm.example.org/", ["93.184.216.34", "10.0.0.7"], "is not on the public internet"),
        ("http://169.254.169.254/latest/meta-data/", [METADATA], "is not on the public internet"),
        ("http://[::ffff:127.0.0.1]:8000/", ["::ffff:127.0.0.1"], "is not on the public internet"),
        ("http://2130706433/", ["127.0.0.1"], "is no address that every program reads alike"),
        ("http://llm.example.org/", ["93.184.216.34"], "has no TLS"),
        ("https://llm.example.org:25/", ["93.184.216.34"], "is a port of services of another kind"),
    ],
)
def test_what_is_neither_is_refused_before_anything_is_sent(
    url: str, addresses: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MARGIN_OUTBOUND_ALLOW")
    sockets = Sockets(*addresses)
    with pytest.raises(EngineError, match=sentence):
        ask(sockets, url, addresses)
    assert sockets.asked == []


def test_a_network_of_the_operators_is_asked_without_tls_and_the_engine_goes_by_the_guard(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Endpoint(served.base).get(f"{served.base}/models").status in (200, 404)
    monkeypatch.delenv("MARGIN_OUTBOUND_ALLOW")
    with pytest.raises(EngineError, match="MARGIN_OUTBOUND_ALLOW in the worker's environment"):
        Endpoint(served.base).get(f"{served.base}/models")
    monkeypatch.setenv("MARGIN_OUTBOUND_ALLOW", "inside")
    with pytest.raises(EngineError, match="Write networks such as"):
        Endpoint(served.base).get(f"{served.base}/models")
