"""A request goes to an address that was judged a moment before: public, by HTTPS, or in a network of the operator's.

Who may register a variant types where its server is, and a server of Margin's own network could be typed. The name is
looked up here and one of its addresses connected to, with TLS checked against the name; it is not looked up again, so
that a name cannot lead elsewhere after it was judged.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import httpx

from preferences import outbound
from preferences.outbound import Network, OutboundRefused, Refusal
from workers.engines.base import EngineError

ALLOW = "MARGIN_OUTBOUND_ALLOW"  # in the environment: 10.0.0.0/8,127.0.0.1

_OURS = f"Where it is a server of yours, write its network into {ALLOW} in the worker's environment."
SENTENCES = {
    Refusal.PRIVATE: f"%s is not on the public internet, and nothing was sent to it. {_OURS}",
    Refusal.PLAIN: f"%s has no TLS, and nothing was sent to it: write https://. {_OURS}",
    Refusal.PORT: f"%s is a port of services of another kind, and nothing was sent to it. {_OURS}",
    Refusal.UNKNOWN: "No address is known for the host of %s.",
}


class Guarded(httpx.BaseTransport):
    """What httpx sends by, pinned to judged addresses; `resolve` is the system's resolver unless told."""

    def __init__(self, inner: httpx.BaseTransport, *, resolve: Callable[[str, int], list[str]] | None = None) -> None:
        self._inner, self._resolve = inner, resolve

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        failed: httpx.TransportError | None = None
        for address in self._addresses(request):
            try:
                return self._inner.handle_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        assert failed is not None  # there is an address, or a refusal
        raise failed

    def close(self) -> None:
        self._inner.close()

    def _addresses(self, request: httpx.Request) -> Sequence[str]:
        url = str(request.url)
        try:
            return outbound.addresses_of(outbound.target_of(url), allowed(), resolve=self._resolve)
        except OutboundRefused as error:
            where = f"{request.url.scheme}://{request.url.netloc.decode()}"
            if error.refusal == Refusal.UNKNOWN:
                raise httpx.ConnectError(SENTENCES[error.refusal] % where) from error
            sentence = SENTENCES.get(error.refusal, "%s is no address that every program reads alike.")
            raise EngineError(sentence % where) from error


def allowed() -> list[Network]:
    """Networks that are not of the internet and may be asked all the same; EngineError where they cannot be read."""
    try:
        return outbound.networks_of(os.environ.get(ALLOW, ""))
    except ValueError as error:
        raise EngineError(f"{ALLOW}: {error}. Write networks such as 10.0.0.0/8,127.0.0.1/32.") from None


def _to(address: str, request: httpx.Request) -> httpx.Request:
    """The same request, for this address; the server is still told, and asked to prove, the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,  # Host among them
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )
