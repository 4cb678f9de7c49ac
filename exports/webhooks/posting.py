"""One POST to an address that somebody else named: guarded, pinned, within limits, and no exception out of it.

httpcore knows neither redirects nor proxies from the environment. The name is looked up here, the addresses judged
(preferences/outbound.py) and one of them connected to; TLS is still checked against the name.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import httpcore

from exports.webhooks.models import Failure
from preferences import outbound
from preferences.outbound import Network, OutboundRefused, Target

CONNECT_SECONDS = 3.0
WHOLE_SECONDS = 10.0
ANSWER_BYTES = 500


@dataclass(frozen=True)
class Answer:
    """What came of a POST: a code and how the body begins, or a failure."""

    milliseconds: int
    code: int | None = None
    failure: Failure | None = None
    body: str = ""


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed: Sequence[Network],
    tls: ssl.SSLContext | None = None,
    whole: float = WHOLE_SECONDS,
) -> Answer:
    """`tls` is the system's trust unless told; `whole` seconds are for all of it, from the name to the last byte."""
    started = time.monotonic()
    code, failure, begins = _posted(url, body, headers, allowed, tls, started + whole)
    return Answer(round((time.monotonic() - started) * 1000), code, failure, begins)


def _posted(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    allowed: Sequence[Network],
    tls: ssl.SSLContext | None,
    deadline: float,
) -> tuple[int | None, Failure | None, str]:
    try:
        target = outbound.target_of(url)
        backend = _Pinned(target, allowed, deadline)
        with httpcore.ConnectionPool(
            ssl_context=tls or ssl.create_default_context(), network_backend=backend, max_keepalive_connections=0
        ) as pool:
            where = httpcore.URL(
                scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
            )
            with pool.stream("POST", where, headers=_headers(target, headers), content=body) as response:
                return response.status, None, _beginning(response.iter_stream())
    except OutboundRefused as error:
        return None, Failure(error.refusal.value), ""
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        return None, Failure.TLS if isinstance(error.args[0], ssl.SSLError) else Failure.CONNECTION, ""
    except httpcore.TimeoutException:
        return None, Failure.TIME, ""
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        return None, Failure.BROKEN, ""


def _headers(target: Target, headers: Mapping[str, str]) -> list[tuple[str, str]]:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = target.port == (443 if target.scheme == "https" else 80)
    return [("Host", host if usual else f"{host}:{target.port}"), *headers.items()]


def _beginning(chunks: Iterable[bytes]) -> str:
    """The first bytes as text; what comes after is not read, and what is compressed stays so."""
    found = b""
    for chunk in chunks:
        found += chunk
        if len(found) >= ANSWER_BYTES:
            break
    return found[:ANSWER_BYTES].decode(errors="replace").replace("\x00", "�")  # PostgreSQL takes no NUL


class _Pinned(httpcore.NetworkBackend):
    """Connects to the addresses that were judged, whatever name it is given."""

    def __init__(self, target: Target, allowed: Sequence[Network], deadline: float) -> None:
        self._target, self._allowed, self._deadline = target, allowed, deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = outbound.addresses_of(self._target, self._allowed)
        last: httpcore.ConnectError | httpcore.ConnectTimeout = httpcore.ConnectTimeout("There was no time to connect.")
        until = min(self._deadline, time.monotonic() + CONNECT_SECONDS)
        for address in addresses:
            if (seconds := until - time.monotonic()) <= 0:
                break
            try:
                made = self._sockets.connect_tcp(address, self._target.port, seconds)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
            else:
                return _Timed(made, self._deadline)
        raise last


class _Timed(httpcore.NetworkStream):
    """A stream whose every operation ends with the whole's deadline, so that nobody can draw it out byte by byte."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Timed(secured, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout
    return seconds
