"""Margin, as a program sees it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

import httpx

from margin_client import files
from margin_client.errors import ExportFailed, MarginError, NotReady
from margin_client.lines import push
from margin_client.results import (
    Agreement,
    Batch,
    Campaign,
    Comparison,
    Event,
    Export,
    Order,
    Person,
    Progress,
    Prompt,
    Pushed,
    RewardModel,
    SamplingRequest,
    Variant,
    made,
)
from margin_client.transport import Transport

POLL = 2.0  # seconds between two looks at what is in the making
PATIENCE = 3600.0  # seconds


class Margin:
    """A server and what the token may do there; close it, or use it in a `with`.

    Parameters
    ----------
    url : str
        Such as "https://margin.example"; without TLS only this machine.
    token : str
        Made under Account, Access tokens, with the scopes that the calls take.
    attempts : int
        How often a request is sent before it is given up.
    timeout : float
        Seconds without a sign of life after which a request is sent again.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        attempts: int = 6,
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._api = Transport(url, token, attempts=attempts, timeout=timeout, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        self._api.close()

    # Batches and exports

    def seal(self, campaign: str, week: str, *, anyway: str = "", patience: float = PATIENCE) -> Batch:
        """Seals what the campaign finished by the end of the ISO week; a large week is waited for."""
        told = {"campaign": campaign, "week": week} | ({"anyway": anyway} if anyway else {})
        answer = self._api.send("POST", "batches/", told)
        if answer.status_code == 201:
            return made(Batch, answer.json())
        order = made(Order, answer.json())
        deadline = time.monotonic() + patience
        while order.batch is None and not order.refused:
            self._wait(deadline, f"{week} of {campaign} is still being sealed.")
            order = made(Order, self._api.get(f"sealing-orders/{order.id}/"))
        if order.batch is None:
            raise MarginError(order.refused)
        return self.batch(order.batch)

    def batches(self, *, week: str | None = None) -> Iterator[Batch]:
        """The sealed batches, newest first."""
        return (made(Batch, row) for row in self._api.pages("batches/", {"week": week}))

    def batch(self, id: str) -> Batch:
        return made(Batch, self._api.get(f"batches/{id}/"))

    def statistics(self, batch: Batch) -> Mapping[str, Any]:
        """What the batch holds, as in Table 26 of the Llama 2 paper."""
        return dict(self._api.get(f"batches/{batch.id}/statistics/"))

    def exports(self, batch: Batch) -> Iterator[Export]:
        """Those of the batch, newest first."""
        return (made(Export, row) for row in self._api.pages(f"batches/{batch.id}/exports/"))

    def export(
        self,
        batch: Batch,
        format: str,
        *,
        margin: str = "small",
        mix: str = "",
        public: Sequence[str] = (),
        stop: bool = False,
        patience: float = PATIENCE,
    ) -> Export:
        """Has the batch written in a format and waits until it is.

        A mix may draw from the server's public sets, by name; with `stop` it fails at an entry that cannot be read.
        """
        told = {"format": format, "margin": margin, "mix": mix, "public": list(public), "stop": stop}
        asked = made(Export, self._api.send("POST", f"batches/{batch.id}/exports/", told).json())
        return self.ready(asked, patience=patience)

    def ready(self, export: Export, *, patience: float = PATIENCE) -> Export:
        """The export once it is written; NotReady where that takes longer than one's patience."""
        deadline = time.monotonic() + patience
        while export.status in ("pending", "running"):
            self._wait(deadline, f"Export {export.id} is still being written.")
            export = made(Export, self._api.get(f"exports/{export.id}/"))
        if export.status != "ready":
            raise ExportFailed(f"Export {export.id} is {export.status}. {export.reason}".strip())
        return export

    def download(self, export: Export, folder: str | Path) -> Path:
        """All files of an export, each checked; called again it goes on where it broke off.

        The manifest comes last: a folder that has it is whole. DownloadFailed where something of another export lies
        there, which would be loaded with this one.
        """
        into = Path(folder)
        files.check_is_of(export, into)
        for file in sorted(export.files, key=lambda one: one.name == files.MANIFEST):
            files.take(self._api, f"exports/{export.id}/files/{file.name}", file, into)
        return into

    # Campaigns

    def campaigns(self, **where: str) -> Iterator[Campaign]:
        """Those that the person manages; by `status`, `kind`, `track`."""
        return (made(Campaign, row) for row in self._api.pages("campaigns/", where))

    def campaign(self, slug: str) -> Campaign:
        return made(Campaign, self._api.get(f"campaigns/{slug}/"))

    def change(self, campaign: str, **settings: Any) -> Campaign:
        """Changes what is told, all of it or nothing: `status`, `priority`, `agreement_gate`, …"""
        told = {name: value.isoformat() if isinstance(value, date) else value for name, value in settings.items()}
        return made(Campaign, self._api.send("PATCH", f"campaigns/{campaign}/", told).json())

    def progress(self, campaign: str) -> Progress:
        return made(Progress, self._api.get(f"campaigns/{campaign}/progress/"))

    def agreement(self, campaign: str, *, by: str | None = None) -> Agreement:
        """Gwet's AC2; `by` tells parts apart: week, batch, guideline, category, risk_category, turn, variants, …"""
        return made(Agreement, self._api.get(f"campaigns/{campaign}/agreement/", {"by": by}))

    def publish_guideline(self, campaign: str, text: str) -> int:
        """The version that the Markdown became."""
        return int(self._api.send("POST", f"campaigns/{campaign}/guidelines/", {"text": text}).json()["version"])

    def prompts(self, **where: str) -> Iterator[Prompt]:
        """Those of one's campaigns, newest first; by `campaign`, `category`, `author`, `external_id`, …"""
        return (made(Prompt, row) for row in self._api.pages("prompts/", where))

    def push_prompts(self, campaign: str, prompts: Iterable[Mapping[str, Any]]) -> Pushed:
        """Brings prompts in, to be answered by the campaign's variants; one whose id is there already is skipped."""
        return push(self._api, f"campaigns/{campaign}/prompts/", prompts)

    def retire_prompt(self, id: int) -> Prompt:
        """It is asked no more, nor judged by anybody who has not begun; what is judged and sealed stays."""
        return made(Prompt, self._api.send("POST", f"prompts/{id}/retire/", {}).json())

    def push(self, campaign: str, pairs: Iterable[Mapping[str, Any]]) -> Pushed:
        """Brings comparisons in, with votes or to be judged; one whose id is there already is skipped.

        They are sent in parts as they come, so that they may be as many as one likes, and what broke off may be pushed
        again as a whole. docs/imports.md says what a pair may have.
        """
        return push(self._api, f"campaigns/{campaign}/comparisons/", pairs)

    def comparisons(self, **where: str) -> Iterator[Comparison]:
        """Those of one's campaigns, newest first; by `campaign`, `status`, `external_id`."""
        return (made(Comparison, row) for row in self._api.pages("comparisons/", where))

    # What is asked of the models

    def sampling_requests(self, **where: str) -> Iterator[SamplingRequest]:
        """Those of one's campaigns, newest first; by `campaign`, `variant`, `status`, `turn`."""
        return (made(SamplingRequest, row) for row in self._api.pages("sampling-requests/", where))

    def ask(self, prompt: int) -> tuple[SamplingRequest, ...]:
        """Has a prompt of a set answered now that waits its turn; the same pair however often it is asked for."""
        told = self._api.send("POST", "sampling-requests/", {"prompt": prompt}).json()
        return tuple(made(SamplingRequest, row) for row in told["requests"])

    def cancel(self, request: SamplingRequest) -> SamplingRequest:
        """Takes it back, with the other one of its pair where that is not answered yet."""
        return made(SamplingRequest, self._api.send("POST", f"sampling-requests/{request.id}/cancel/", {}).json())

    def retry(self, request: SamplingRequest) -> SamplingRequest:
        """Asks once more for what failed or was taken back of its pair."""
        return made(SamplingRequest, self._api.send("POST", f"sampling-requests/{request.id}/retry/", {}).json())

    # What stands around

    def variants(self, **where: str) -> Iterator[Variant]:
        """The models, newest first; by `status`, `name`, `iteration`."""
        return (made(Variant, row) for row in self._api.pages("variants/", where))

    def reward_models(self, **where: str) -> Iterator[RewardModel]:
        """Newest first; by `track`, `status`."""
        return (made(RewardModel, row) for row in self._api.pages("reward-models/", where))

    def score(
        self, model: RewardModel, items: Sequence[Mapping[str, Any]], *, patience: float = PATIENCE
    ) -> list[float]:
        """Scores by a trained reward model, of at most 256 answers: each has `messages` and a `response`."""
        told = self._api.send("POST", f"reward-models/{model.id}/scores/", {"items": list(items)}).json()
        deadline = time.monotonic() + patience
        while told["finished_at"] is None:
            self._wait(deadline, f"Order {told['id']} is still to be scored.")
            told = self._api.get(f"reward-scores/{told['id']}/")
        if told["scores"] is None:
            raise MarginError(told["problem"])
        return [one["score"] for one in told["scores"]]

    def people(self, **where: str) -> Iterator[Person]:
        """The people of one's campaigns; by `campaign`, `role`, and `q` for words of a name."""
        return (made(Person, row) for row in self._api.pages("people/", where))

    def events(self, *, since: datetime | None = None, until: datetime | None = None, **where: str) -> Iterator[Event]:
        """What was done, newest first; by `campaign`, `verb`, `subject`, `person`, `request`."""
        times = {name: at.isoformat() for name, at in (("since", since), ("until", until)) if at}
        return (made(Event, row) for row in self._api.pages("events/", {**where, **times}))

    def _wait(self, deadline: float, sentence: str) -> None:
        if time.monotonic() > deadline:
            raise NotReady(sentence)
        self._api.rest(POLL)
