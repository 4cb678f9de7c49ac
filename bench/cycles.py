"""Closed-loop clients over real HTTP: each claims a pair, sends a verdict, and begins anew once it is answered.

A door is how somebody does that: Margin's page, Margin's API, Label Studio's API, a bare view.
"""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Protocol
from urllib.parse import urlencode

from bench.label_studio_rows import VERDICT
from bench.times import Summary
from bench.visitors import Pair

PATIENCE = 60  # seconds


class Door(Protocol):
    def open(self) -> None:
        """What comes before the first cycle."""

    def cycle(self) -> list[float]:
        """Claims and submits once; the seconds of each request."""


@dataclass
class Cycles:
    """What clients did: the seconds of each request, how many pairs were done, and what stopped somebody."""

    requests: list[float] = field(default_factory=list)
    done: int = 0
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.done / self.seconds

    def summary(self) -> Summary:
        return Summary.of(self.requests)


def run(doors: Sequence[Door], *, seconds: float, cores: Sequence[int] = ()) -> Cycles:
    """All at once, each as fast as it is answered. A cycle counts that was begun and answered in that time.

    From a process on each of `cores`, or, without, from this one: its interpreter runs one client at a time, so that
    many clients of a fast server wait for each other and not for the server.
    """
    if not cores:
        return _together(doors, seconds, threading.Barrier(len(doors)))
    forked = multiprocessing.get_context("fork")  # a client takes no connection of this process along but its copy
    ready, answers = forked.Barrier(len(doors)), []
    for place, core in enumerate(cores[: len(doors)]):
        answer, sent = forked.Pipe(duplex=False)
        share = doors[place :: len(cores)]
        forked.Process(target=_alone, args=(core, share, seconds, ready, sent), daemon=True).start()
        sent.close()  # so that one that ends without a word is an end of file
        answers.append(answer)
    found = Cycles(seconds=seconds)
    for each in [answer.recv() for answer in answers]:
        found.requests += each.requests
        found.done += each.done
        found.errors += each.errors
    return found


def _alone(core: int, doors: Sequence[Door], seconds: float, ready: threading.Barrier, sent: Connection) -> None:
    os.sched_setaffinity(0, {core})
    sent.send(_together(doors, seconds, ready))


def _together(doors: Sequence[Door], seconds: float, ready: threading.Barrier) -> Cycles:
    """What a thread for each of these did, once all clients there are have opened their doors."""
    found, lock = Cycles(seconds=seconds), threading.Lock()

    def work(door: Door) -> None:
        own: list[float] = []
        done = 0
        try:
            try:
                door.open()
                door.cycle()  # the first warms what it meets
            finally:
                ready.wait()
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                taken = door.cycle()
                if time.monotonic() <= until:
                    own += taken
                    done += 1
        except (Exception, SystemExit) as error:
            with lock:
                found.errors.append(repr(error))
        with lock:
            found.requests += own
            found.done += done

    threads = [threading.Thread(target=work, args=(door,), daemon=True) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


class Wire:
    """One kept connection."""

    def __init__(self, address: str, headers: dict[str, str]) -> None:
        self._connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=PATIENCE)
        self._headers = headers

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[bytes, float]:
        """What was answered, and after how many seconds."""
        begun = time.perf_counter()
        try:
            response = self._answer(method, path, body, {**self._headers, **(headers or {})})
        except (BrokenPipeError, http.client.RemoteDisconnected):  # the server closed what was idle, as it may
            self._connection.close()
            response = self._answer(method, path, body, {**self._headers, **(headers or {})})
        content = response.read()
        taken = time.perf_counter() - begun
        if response.status >= 300:
            raise RuntimeError(f"{method} {path} answered {response.status}: {content[:300]!r}")
        return content, taken

    def _answer(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> http.client.HTTPResponse:
        self._connection.request(method, path, body, headers)
        return self._connection.getresponse()

    def location(self, path: str) -> str:
        """Where an address leads."""
        response = self._answer("GET", path, None, self._headers)
        response.read()
        return response.headers["Location"]

    def post(self, path: str, data: Any) -> tuple[Any, float]:
        content, taken = self.send("POST", path, json.dumps(data).encode(), {"Content-Type": "application/json"})
        return json.loads(content) if content else None, taken


class Page:
    """As the annotator's browser does it: the form, and the next pair in the answer."""

    def __init__(self, address: str, session: str, campaign: str) -> None:
        self._wire, self._campaign = Wire(address, {"Cookie": f"sessionid={session}"}), campaign
        self._session = session

    def open(self) -> None:
        page, _ = self._wire.send("GET", self._wire.location(f"/campaigns/{self._campaign}/next/"))
        self._pair = Pair.of(page.decode())

    def cycle(self) -> list[float]:
        form = urlencode(self._pair.answer()).encode()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "Cookie": f"sessionid={self._session}; csrftoken={self._pair.token}",
        }
        page, taken = self._wire.send("POST", self._pair.path, form, headers)
        self._pair = Pair.of(page.decode())
        return [taken]


class Api:
    """Margin's API: the answer to a verdict has the next claim, or, `apart`, each in a request of its own."""

    def __init__(self, address: str, token: str, campaign: str, *, apart: bool = False) -> None:
        self._wire, self._campaign, self._apart = Wire(address, _bearer(token)), campaign, apart

    def open(self) -> None:
        self._held, _ = self._claimed()

    def cycle(self) -> list[float]:
        verdict = {"verdict": 3, "rationale": "", "next": not self._apart}
        answer, taken = self._wire.post(f"/api/v1/claims/{self._held}/judgment/", verdict)
        if not self._apart:
            self._held = answer["next"]["id"]
            return [taken]
        self._held, claiming = self._claimed()
        return [taken, claiming]

    def _claimed(self) -> tuple[str, float]:
        answer, taken = self._wire.post("/api/v1/claims/", {"campaign": self._campaign})
        return answer["id"], taken


class Theirs:
    """Label Studio's API, as its labelling page calls it: the next task, then its annotation."""

    def __init__(self, address: str, token: str, project: int) -> None:
        self._wire, self._project = Wire(address, {"Authorization": f"Token {token}"}), project

    def open(self) -> None:
        """A task is claimed in each cycle."""

    def cycle(self) -> list[float]:
        content, claiming = self._wire.send("GET", f"/api/projects/{self._project}/next")
        task = json.loads(content)["id"]
        annotation = {"result": VERDICT, "lead_time": 12.5}
        _, submitting = self._wire.post(f"/api/tasks/{task}/annotations/?project={self._project}", annotation)
        return [claiming, submitting]


class Bare:
    def __init__(self, address: str) -> None:
        self._wire = Wire(address, {})

    def open(self) -> None:
        answer, _ = self._wire.post("/cycle", {})
        self._pair = answer["pair"]

    def cycle(self) -> list[float]:
        answer, taken = self._wire.post("/cycle", {"pair": self._pair, "verdict": 3, "rationale": ""})
        self._pair = answer["pair"]
        return [taken]


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
