"""Somebody signed in who sends requests: in this process through the whole middleware stack, or over real HTTP."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol, Self

import httpx
from django.conf import settings
from django.test import Client

from webapp.accounts.models import User

HOST = "127.0.0.1"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    location: str


class Visitor(Protocol):
    def send(self, method: str, path: str, data: dict[str, str] | None = None, *, htmx: bool = False) -> Answer: ...


class InProcess:
    def __init__(self, person: User) -> None:
        self._client = Client(SERVER_NAME=HOST, enforce_csrf_checks=True)
        self._client.force_login(person)

    def send(self, method: str, path: str, data: dict[str, str] | None = None, *, htmx: bool = False) -> Answer:
        headers = {"HX-Request": "true"} if htmx else {}
        call: Any = self._client.get if method == "GET" else self._client.post
        response = call(path, data, headers=headers)
        return checked(Answer(response.status_code, response.content.decode(), response.headers.get("Location", "")))


class OverHttp:
    """One kept connection, as a browser has."""

    def __init__(self, person: User, address: str) -> None:
        self._client = httpx.Client(base_url=address, cookies={"sessionid": session_of(person)})

    def send(self, method: str, path: str, data: dict[str, str] | None = None, *, htmx: bool = False) -> Answer:
        headers = {"HX-Request": "true"} if htmx else {}
        response = self._client.request(method, path, data=data, headers=headers)
        return checked(Answer(response.status_code, response.text, response.headers.get("Location", "")))


def session_of(person: User) -> str:
    client = Client(SERVER_NAME=HOST)
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def checked(answer: Answer) -> Answer:
    if answer.status >= 400:
        raise SystemExit(f"A page that is measured answered {answer.status}:\n{answer.text[:2000]}")
    return answer


@dataclass(frozen=True)
class Pair:
    """The compare page that somebody has before them."""

    path: str
    token: str
    is_safety: bool

    @classmethod
    def of(cls, page: str) -> Self:
        form = re.search(r'<form method="post" action="(/compare/[^"]+)" id="compare"', page)
        token = _TOKEN.search(page)
        if form is None or token is None:
            raise SystemExit("There is no further pair to measure with; seed more comparisons.")
        return cls(form[1], token[1], 'name="safety_left"' in page)

    def answer(self) -> dict[str, str]:
        safety = {"safety_left": "4", "safety_right": "4"} if self.is_safety else {}
        return {"csrfmiddlewaretoken": self.token, "verdict": "3", "rationale": "", **safety}


def first_pair(visitor: Visitor, slug: str) -> Pair:
    """What the queue gives when the person begins to work."""
    location = visitor.send("GET", f"/campaigns/{slug}/next/").location
    return Pair.of(visitor.send("GET", location).text)
