"""One thing after the other is worked on by processes beside this one; the results come in order.

What is large of a result, the columns of a table or a PickleBuffer, is handed over in memory that both see: through a
pipe each byte is copied four times, mostly by the one process that all others wait for.
"""

from __future__ import annotations

import gc
import mmap
import os
import pickle  # nosec B403 - of our own forks only
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from multiprocessing import Pipe, reduction
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST = 4
ALIGNED = 64  # bytes, as Arrow lays out what it computes with


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
            ready = list(islice(rest, 1))  # taken while they all work, so that none of them waits for it
            end = waiting.popleft()
            done, found = _received(end)
            if not done:
                raise found
            _give(iter(ready), end, waiting)
            yield found


def _give(rest: Iterator[Any], end: Connection[Any, Any], waiting: deque[Connection[Any, Any]]) -> None:
    for thing in islice(rest, 1):
        end.send(thing)
        waiting.append(end)


def _received(end: Connection[Any, Any]) -> tuple[bool, Any]:
    try:
        received: tuple[bool, Any] = _taken_over(end)
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
            _hand_over(end, answer)
    except (EOFError, ConnectionError):
        return  # the parent is gone, or wants no more


def _hand_over(end: Connection[Any, Any], answer: Any) -> None:
    """To `_taken_over`: the answer by the pipe, its buffers in a memory that is handed over with it."""
    buffers: list[pickle.PickleBuffer] = []
    told = pickle.dumps(answer, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
    memory = os.memfd_create("result")
    try:
        places, end_of_last = [], 0
        for buffer in buffers:
            start = -(-end_of_last // ALIGNED) * ALIGNED
            end_of_last = _laid(memory, buffer.raw(), start)
            places.append((start, end_of_last))
        os.ftruncate(memory, end_of_last)  # what is empty and comes last was not written, and has its place
        end.send((told, places))
        if end_of_last:
            reduction.send_handle(end, memory, os.getppid())
    finally:
        os.close(memory)


def _laid(memory: int, content: memoryview, start: int) -> int:
    """Where the content ends."""
    while content:
        count = os.pwrite(memory, content, start)
        content, start = content[count:], start + count
    return start


def _taken_over(end: Connection[Any, Any]) -> Any:
    told, places = end.recv()
    size = max((last for _, last in places), default=0)
    if not size:
        return pickle.loads(told, buffers=[b""] * len(places))  # nosec B301
    memory = reduction.recv_handle(end)
    try:
        seen = memoryview(mmap.mmap(memory, size, access=mmap.ACCESS_READ))  # goes with the last that is made of it
    finally:
        os.close(memory)
    return pickle.loads(told, buffers=[seen[first:last] for first, last in places])  # nosec B301
