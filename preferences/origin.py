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
from dataclasses import dataclass

WELL_FORMED = re.compile(r"[0-9A-Za-z_-]{8,64}")  # a UUID, a ULID, a hash; nothing that a log or a query would read


@dataclass(frozen=True)
class Origin:
    request_id: str = ""
    door: str = ""  # "web", "api", "task exports.tasks.write", "command seal_batch"; empty: a shell, a test
    address: str = ""  # of the client, where there is one


current: ContextVar[Origin] = ContextVar("where this work comes from", default=Origin())  # noqa: B039 (it is frozen)


@contextmanager
def coming(*, request_id: str = "", door: str, address: str = "") -> Iterator[Origin]:
    """The work of the block comes from there; without a well-formed id of its request it gets one."""
    if not WELL_FORMED.fullmatch(request_id):
        request_id = uuid.uuid4().hex
    token = current.set(Origin(request_id, door, address))
    try:
        yield current.get()
    finally:
        current.reset(token)
