"""What a simulated annotator's browser does: sign in, start, read the page, submit, over real HTTP."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

import httpx

HTMX = {"HX-Request": "true"}
TRIES = 20
PAUSE = 5.0  # seconds


@dataclass
class ComparePage(HTMLParser):
    """The texts and the form's address of a compare page, or the guideline that must be read before it."""

    action: str = ""
    version: str = ""
    prompt: str = ""
    texts: list[str] = field(default_factory=list)
    safety: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        self._roles: list[str] = []
        self._inside: list[str] = []

    @classmethod
    def read(cls, html: str) -> Self:
        page = cls()
        page.feed(html)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        classes = values.get("class", "").split()
        if tag == "form" and values.get("id") == "compare":
            self.action = values["action"]
        if {"message", "response"} & set(classes):  # and no list item of a rendered text
            self._roles = classes
        if tag == "fieldset" and "likert" in classes:
            self.safety = True
        if tag == "input" and values.get("name") == "version":
            self.version = values["value"]
        if tag == "div" and "raw" in classes:
            self._inside = []
            self._reading = True

    _reading = False

    def handle_data(self, data: str) -> None:
        if self._reading:
            self._inside.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag != "div" or not self._reading:
            return
        self._reading = False
        text = "".join(self._inside)
        if "response" in self._roles:
            self.texts.append(text)
        elif "user" in self._roles:
            self.prompt = text  # the last one is the one answered


class Browser:
    """One signed-in session."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=30, follow_redirects=True)
        self._send("GET", "/sign-in/")
        answer = self._send("POST", "/sign-in/", {"login": username, "password": password})
        if str(answer.url).endswith("/sign-in/"):
            raise RuntimeError(f"{username} could not sign in.")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def start(self, campaign: str) -> ComparePage | None:
        """The next pair of the campaign, None where nothing is left at this moment."""
        answer = self._send("POST", f"/campaigns/{campaign}/start/")
        if "/guideline/" in str(answer.url):
            read = {"version": ComparePage.read(answer.text).version, "then": "start"}
            answer = self._send("POST", f"/campaigns/{campaign}/guideline/", read)
        return self._page(answer)

    def submit(self, page: ComparePage, fields: dict[str, int]) -> ComparePage | None:
        """Sends the verdict; the next pair comes back in the same answer."""
        answer = self._send("POST", page.action, {name: str(value) for name, value in fields.items()}, HTMX)
        return self._page(answer)

    def _send(
        self, method: str, path: str, data: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Sends a request again where the connection broke: each of them may be repeated without harm."""
        token = self._http.cookies.get("csrftoken", default="")
        for attempt in range(TRIES):
            try:
                answer = self._http.request(
                    method, path, data=data, headers={"X-CSRFToken": token or "", **(headers or {})}
                )
            except httpx.TransportError:
                if attempt == TRIES - 1:
                    raise
                time.sleep(0.5)
                continue
            if answer.status_code == httpx.codes.TOO_MANY_REQUESTS and attempt < TRIES - 1:
                time.sleep(PAUSE)  # many sign in at once from one address
                continue
            answer.raise_for_status()
            return answer
        raise AssertionError("unreachable")

    @staticmethod
    def _page(answer: httpx.Response) -> ComparePage | None:
        page = ComparePage.read(answer.text)
        return page if page.action else None
