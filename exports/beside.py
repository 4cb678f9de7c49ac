"""One thing after the other is worked on by processes beside this one; the results come in order."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 4


def cores() -> int:
    return min(MOST, len(os.sched_getaffinity(0)))


def in_order(work: Callable[[T], R], things: Iterable[T], *, processes: int) -> Iterator[R]:
    """What `work` makes of each. Each process has one thing at a time, so that memory stays what it is.

    The processes are forks: only the things and what comes of them are sent. `work` may not touch the database, whose
    connection is this process's. What it raises is raised here. They end when this one does, however it ends.
    """
    rest = iter(things)
    with _at_work(work, processes) as ends:
        waiting: deque[Connection[Any, Any]] = deque()
        for end in ends:
            _give(rest, end, waiting)
        while waiting:
            end = waiting.popleft()
            done, found = _received(end)
            if not done:
                raise found
            _give(rest, end, waiting)
            yield found


def _give(rest: Iterator[Any], end: Connection[Any, Any], waiting: deque[Connection[Any, Any]]) -> None:
    for thing in islice(rest, 1):
        end.send(thing)
        waiting.append(end)


def _received(end: Connection[Any, Any]) -> tuple[bool, Any]:
    try:
        received: tuple[bool, Any] = end.recv()
    except (EOFError, ConnectionError):
        raise ChildProcessError("A process that worked beside this one was ended. Start the work anew.") from None
    return received


@contextmanager
def _at_work(work: Callable[[Any], Any], processes: int) -> Iterator[Sequence[Connection[Any, Any]]]:
    ends: list[Connection[Any, Any]] = []
    started: list[int] = []
    try:
        for _ in range(processes):
            here, there = Pipe()
            ends.append(here)
            started.append(_forked(work, there, ends))
            there.close()
        yield ends
    finally:
        for end in ends:
            end.close()
        for process in started:
            os.kill(process, signal.SIGKILL)  # it has nothing of its own to bring in order
            os.waitpid(process, 0)


def _forked(work: Callable[[Any], Any], end: Connection[Any, Any], of_parent: Sequence[Connection[Any, Any]]) -> int:
    """By hand: `multiprocessing` starts none from a process of Celery's, and no more than the fork is wanted of it."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    process = os.fork()
    if process == 0:
        try:
            for one in of_parent:  # else nobody would see that the parent is gone
                one.close()
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            gc.disable()
            _serve(work, end)
        finally:
            os._exit(0)  # past everything that would end the parent's connections
    return process


def _serve(work: Callable[[Any], Any], end: Connection[Any, Any]) -> None:
    try:
        while True:
            thing = end.recv()
            try:
                answer = (True, work(thing))
            except Exception as error:
                answer = (False, error)
            end.send(answer)
    except (EOFError, ConnectionError):
        return  # the parent is gone, or wants no more
