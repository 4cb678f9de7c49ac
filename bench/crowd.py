"""Annotators who work at once over real HTTP, each in a closed loop: look at a pair, send a verdict, look at the next.

Where an answer does not come, they send the same again, as a browser's retry does, and to the next of the addresses, as
a balancer would. What was answered with success is remembered, so that afterwards nothing of it may be missing.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx
from django.db import connections

from bench.visitors import Pair
from preferences.choices import SlotStatus
from preferences.models import Campaign

SKIPS = 0.01
LOOKS_AGAIN_AFTER = 0.5
SENDS_AGAIN_AFTER = 0.05
AWAY = (502, 503)  # a balancer's word for a server that is away, and Margin's for a database that is


@dataclass
class Crowd:
    addresses: Sequence[str]
    campaign: Campaign
    sessions: Sequence[str]
    deadline: float  # on the monotonic clock
    is_endless: bool = False  # nobody expects the work to be done by then
    answered: set[str] = field(default_factory=set)
    # Of each verdict: when it was sent first, on the monotonic clock, and the seconds until it was answered.
    waits: list[tuple[float, float]] = field(default_factory=list)
    sent_again: int = 0
    errors: list[str] = field(default_factory=list)

    def work(self) -> None:
        threads = [
            threading.Thread(target=self._guarded, args=(place, session), daemon=True)
            for place, session in enumerate(self.sessions)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _guarded(self, place: int, session: str) -> None:
        try:
            with httpx.Client(cookies={"sessionid": session}, timeout=20) as browser:
                self._annotate(Annotator(self, browser, place), random.Random(session))
        except Exception as error:
            self.errors.append(f"An annotator stopped: {error!r}.")
        finally:
            connections.close_all()

    def _annotate(self, annotator: Annotator, dice: random.Random) -> None:
        while time.monotonic() < self.deadline:
            page = annotator.send("GET", f"/campaigns/{self.campaign.slug}/next/")
            if 'id="compare"' not in page.text:
                if not self.is_endless and self._over():
                    return
                time.sleep(LOOKS_AGAIN_AFTER)  # others hold what is left
                continue
            while 'id="compare"' in page.text and not (self.is_endless and time.monotonic() > self.deadline):
                page = self._judge(annotator, Pair.of(page.text), dice)
        if not self.is_endless:
            self.errors.append("The time was over before the work was.")

    def _judge(self, annotator: Annotator, pair: Pair, dice: random.Random) -> httpx.Response:
        if dice.random() < SKIPS:
            skip = {"csrfmiddlewaretoken": pair.token, "reason": "other", "note": ""}
            return annotator.send("POST", f"{pair.path}skip/", skip)
        answer = {**pair.answer(), "verdict": str(dice.randint(1, 8))}
        begun = time.monotonic()
        page = annotator.send("POST", pair.path, answer)
        self.waits.append((begun, time.monotonic() - begun))
        self.answered.add(pair.path.split("/")[2])
        return page

    def _over(self) -> bool:
        return not self.campaign.slots.exclude(status=SlotStatus.FILLED).exists()


class Annotator:
    """A browser that stays with one server until that is away."""

    def __init__(self, crowd: Crowd, browser: httpx.Client, place: int) -> None:
        self._crowd, self._browser, self._place = crowd, browser, place

    def send(self, method: str, path: str, data: dict[str, str] | None = None) -> httpx.Response:
        """The answer that succeeded; a web process that dies takes the connection with it."""
        while True:
            try:
                answer = self._ask(method, path, data)
                if answer.status_code == 204 and "HX-Redirect" in answer.headers:
                    return self.send("GET", answer.headers["HX-Redirect"])
                if answer.status_code < 400:
                    return answer
                if answer.status_code not in AWAY:
                    raise RuntimeError(f"{method} {path} answered {answer.status_code}: {_sentence(answer.text)}")
            except httpx.TransportError:
                if time.monotonic() > self._crowd.deadline + 60:
                    raise
            self._crowd.sent_again += 1
            self._place += 1
            time.sleep(SENDS_AGAIN_AFTER)

    def _ask(self, method: str, path: str, data: dict[str, str] | None) -> httpx.Response:
        address = self._crowd.addresses[self._place % len(self._crowd.addresses)]
        headers = {"HX-Request": "true"} if method == "POST" else {}
        return self._browser.request(
            method, f"{address}{path}", data=data, headers=headers, follow_redirects=method == "GET"
        )


def _sentence(html: str) -> str:
    return " ".join(html.split())[-400:]
