"""The demo's work: prompts in, pairs sampled by the worker, judgments over HTTP by many annotators at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from django.db import transaction

from preferences.actions import prompts as prompt_actions
from preferences.choices import ComparisonStatus, SlotStatus, TurnStatus
from preferences.models import Campaign, Comparison, Slot, Turn
from webapp.accounts.models import User
from webapp.demo.browser import Browser, ComparePage
from webapp.demo.prompts import DemoPrompt
from webapp.demo.raters import Rater
from workers import actions, tasks

PATIENCE = 300  # seconds without any progress after which the demo says so and stops


@dataclass(frozen=True)
class Counts:
    turns: int
    sampled: int
    failed: int
    wanted: int
    judged: int

    @property
    def over(self) -> bool:
        return self.sampled + self.failed == self.turns and self.judged == self.wanted


def submit_prompts(campaign: Campaign, chosen: Sequence[DemoPrompt], *, by: User) -> None:
    """Submits prompts that have no author, so that every annotator may judge them, and asks for their pairs."""
    variant_ids: set[int] = set()
    with transaction.atomic():
        for prompt in chosen:
            turn = prompt_actions.submit(
                campaign=campaign,
                text=prompt.text,
                by=None,
                category=prompt.category,
                risk_category=prompt.risk_category,
                attack_vector=prompt.attack_vector,
            )
            variant_ids |= {run.variant_id for run in actions.request_pair(turn=turn, by=by)}
        tasks.wake_after_commit(variant_ids)


def counts(campaigns: Sequence[Campaign]) -> Counts:
    turns = Turn.objects.filter(dialogue__campaign__in=campaigns)
    slots = Slot.objects.filter(campaign__in=campaigns)
    return Counts(
        turns=turns.count(),
        sampled=turns.filter(status=TurnStatus.READY).count(),
        failed=turns.filter(status=TurnStatus.FAILED).count(),
        wanted=slots.count(),
        judged=slots.filter(status=SlotStatus.FILLED).count(),
    )


def judge_all(
    address: str,
    campaigns: Sequence[Campaign],
    crew: Sequence[Rater],
    passwords: dict[str, str],
    references: dict[str, str],
    tell: Callable[[Counts], None],
) -> None:
    """Lets the crew work until every comparison of the campaigns has all its judgments."""
    over = threading.Event()
    slugs = [campaign.slug for campaign in campaigns]
    with ThreadPoolExecutor(max_workers=len(crew)) as pool:
        shifts = [pool.submit(_shift, address, slugs, rater, passwords[rater.name], references, over) for rater in crew]
        try:
            _watch(campaigns, shifts, tell)
        finally:
            over.set()
        for shift in shifts:
            shift.result()


def _watch(campaigns: Sequence[Campaign], shifts: Sequence[Future[None]], tell: Callable[[Counts], None]) -> None:
    last, moved = None, time.monotonic()
    while True:
        for shift in shifts:
            if shift.done():
                shift.result()  # raises what ended it
        now = counts(campaigns)
        tell(now)
        if now.over:
            return
        if now != last:
            last, moved = now, time.monotonic()
        if time.monotonic() - moved > PATIENCE:
            raise SystemExit(f"Nothing moved for {PATIENCE} seconds; see worker.log and web.log in var/log.")
        time.sleep(1)


def _shift(
    address: str, slugs: Sequence[str], rater: Rater, password: str, references: dict[str, str], over: threading.Event
) -> None:
    """One annotator's shift: both campaigns in turn, looking again while more is being sampled."""
    with Browser(address, rater.name, password) as browser:
        while not over.is_set():
            for slug in slugs:
                page = browser.start(slug)
                while page is not None and not over.is_set():
                    page = browser.submit(page, _verdict(rater, page, references))
            over.wait(1)


def _verdict(rater: Rater, page: ComparePage, references: dict[str, str]) -> dict[str, int]:
    left, right = page.texts
    return rater.judge(references[page.prompt], left, right, safety=page.safety)


def judged(campaigns: Sequence[Campaign]) -> int:
    finished = [ComparisonStatus.JUDGED, ComparisonStatus.SEALED]
    return Comparison.objects.filter(campaign__in=campaigns, status__in=finished).count()
