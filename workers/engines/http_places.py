"""Where a server is asked, as a location says it. Light processes import this: no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from preferences import outbound
from preferences.outbound import OutboundRefused
from workers.engines.base import EngineError

KEYS = "MARGIN_ENGINE_KEYS"  # in the environment: “https://host:port=key”, several by spaces
OPTIONS = {"stream"}


@dataclass(frozen=True)
class Place:
    """A location taken apart: http://host:port/v1?stream=1#model."""

    base: str
    model: str  # "" leaves it to a server that has only one
    stream: bool


def find_place(location: str) -> Place:
    try:
        parts = urlsplit(location)
    except ValueError:  # half an address of IPv6
        parts = urlsplit("")
    if parts.username or parts.password:
        raise EngineError(f"Leave the key out of the address; the worker reads it from {KEYS} in its environment.")
    try:
        outbound.target_of(location.partition("#")[0])  # what a client of HTTP would trip over, or read otherwise
    except OutboundRefused:
        raise EngineError(f"“{location}” is no address; one looks like http://127.0.0.1:8000/v1#model.") from None
    options = parse_qs(parts.query)
    if unknown := sorted(set(options) - OPTIONS):
        raise EngineError(f"The address has an option “{unknown[0]}”; the only one is stream.")
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return Place(base, parts.fragment, options.get("stream", ["0"])[-1] == "1")
