"""Where the server may connect to on somebody's word: public addresses, and networks that the operator allows.

Plain functions that know neither Django nor a client of HTTP, so that every client can be guarded by them. A client
connects to an address that `addresses_of` gave and never looks the name up again: a name that led somewhere public when
it was judged may lead elsewhere when it is dialled (DNS rebinding).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

URL_LIMIT = 2_000
HTTPS_PORT = 443
FIRST_FREE_PORT = 1024  # below it listen services of another kind, which are not to be talked to by a POST

# The printable characters of ASCII, without “#” and those that a URL cannot have as they are (RFC 3986): clients do not
# agree on what such a URL means.
_READABLE = re.compile(r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")  # a last label by which resolvers read the whole as an address

_GLOBAL_IPV6 = ip_network("2000::/3")  # all that was given out; the rest is local, or holds an IPv4 address
# What the standard library takes for public, or did in some of its versions.
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "168.63.129.16/32",  # metadata of Azure
        "192.0.0.0/24",  # protocol assignments; metadata of Oracle's cloud among them
        "192.88.99.0/24",  # relays of 6to4
        "2001::/32",  # an IPv4 address inside: tunnelled by Teredo
        "2002::/16",  # and by 6to4
    )
)


class Refusal(StrEnum):
    """Why there is no connecting to a URL."""

    UNREADABLE = "unreadable"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    HOST = "host"
    PORT = "port"
    UNKNOWN = "unknown"
    PRIVATE = "private"
    PLAIN = "plain"


class OutboundRefused(Exception):
    """There is no connecting to a URL."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.value)
        self.refusal = refusal


@dataclass(frozen=True)
class Target:
    """A URL, read once: whoever connects takes these parts and does not read the URL anew."""

    scheme: Literal["http", "https"]
    host: str  # ASCII, lower case; an IPv6 address without brackets
    port: int
    path: str  # with the query; begins with a slash


def target_of(url: str) -> Target:
    """OutboundRefused where the URL is not one that every reader understands alike."""
    if len(url) > URL_LIMIT or not _READABLE.fullmatch(url):
        raise OutboundRefused(Refusal.UNREADABLE)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OutboundRefused(Refusal.UNREADABLE) from None
    if parts.scheme not in ("http", "https"):
        raise OutboundRefused(Refusal.SCHEME)
    if "@" in parts.netloc:
        raise OutboundRefused(Refusal.CREDENTIALS)
    if not _is_host(host):
        raise OutboundRefused(Refusal.HOST)
    if port == 0:
        raise OutboundRefused(Refusal.PORT)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    return Target(scheme, host, port or (HTTPS_PORT if scheme == "https" else 80), path)


def networks_of(text: str) -> list[Network]:
    """Networks as 10.0.0.0/8, or single addresses, divided by commas; ValueError where one cannot be read."""
    return [ip_network(part.strip()) for part in text.split(",") if part.strip()]


def check_form(target: Target, allowed: Sequence[Network]) -> None:
    """What can be told without looking a name up; OutboundRefused where it is told already."""
    if literal(target.host) is not None:
        addresses_of(target, allowed)
    elif not allowed:
        _check_unallowed(target)


def addresses_of(
    target: Target, allowed: Sequence[Network], *, resolve: Callable[[str, int], list[str]] | None = None
) -> list[str]:
    """The addresses of the target's host, every one of them fit to be connected to; OutboundRefused else.

    One that is not public makes the name unfit, whatever the others are. `allowed` networks may be talked to without
    TLS and on any port.
    """
    try:
        found = [ip_address(one) for one in (resolve or _looked_up)(target.host, target.port)]
    except (OSError, ValueError):  # also a scope, which no public address has, and a name too long to be looked up
        found = []
    if not found:
        raise OutboundRefused(Refusal.UNKNOWN)
    others = [address for address in found if not any(address in network for network in allowed)]
    if not all(is_public(address) for address in others):
        raise OutboundRefused(Refusal.PRIVATE)
    if others:
        _check_unallowed(target)
    return [str(address) for address in found]


def is_public(address: Address) -> bool:
    """Whether an address is one of the internet's and hides no other."""
    if address.version == 6 and address not in _GLOBAL_IPV6:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in _NOT_PUBLIC)


def literal(host: str) -> Address | None:
    """The address that a target's host is; None where it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    if ":" in host:
        return literal(host) is not None and "%" not in host
    if _NUMERIC.fullmatch(host.rpartition(".")[2]):  # 2130706433, 0177.0.0.1 and 127.1 are loopback, too
        return literal(host) is not None
    return len(host) <= 253 and _NAME.fullmatch(host) is not None


def _check_unallowed(target: Target) -> None:
    if target.scheme != "https":
        raise OutboundRefused(Refusal.PLAIN)
    if target.port != HTTPS_PORT and target.port < FIRST_FREE_PORT:
        raise OutboundRefused(Refusal.PORT)


def _looked_up(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))
