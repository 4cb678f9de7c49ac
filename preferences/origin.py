"""Where a piece of work comes from: which request, by which door. Logs and events tell of it.

It is set where work enters (a request, a task, a command) and read by whoever tells of the work, without being handed
down through every action. In a task it is that of the request that asked for the task.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address, ip_network

WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{8,64}")  # a UUID, a ULID, a hash; nothing that a log or a query would read


@dataclass(frozen=True)
class Origin:
    request_id: str = ""
    door: str = ""  # "web", "api", "task exports.tasks.write", "command seal_batch"; empty: a shell, a test
    address: str = ""  # of the client, where there is one
    through: str = ""  # "token:" with its id or "session:" with a digest of its key: by what somebody is known


current: ContextVar[Origin] = ContextVar("where this work comes from", default=Origin())  # noqa: B039 (it is frozen)


@contextmanager
def coming(*, request_id: str = "", door: str, address: str = "", through: str = "") -> Iterator[Origin]:
    """The work of the block comes from there; without a well-formed id of its request it gets one."""
    if not WELL_FORMED.fullmatch(request_id):
        request_id = uuid.uuid4().hex
    token = current.set(Origin(request_id, door, address, through))
    try:
        yield current.get()
    finally:
        current.reset(token)


def known_by(through: str) -> None:
    """From here on, until the work of `coming` is over: by what somebody is known, once that has been found out."""
    current.set(replace(current.get(), through=through))


@lru_cache(maxsize=10_000)
def network(address: str) -> str:
    """The network of an address, in which some hundred others are as well: 203.0.113.0/24, 2001:db8:5::/48."""
    if not address:
        return ""
    length = 24 if ip_address(address).version == 4 else 48
    return str(ip_network(f"{address}/{length}", strict=False))
