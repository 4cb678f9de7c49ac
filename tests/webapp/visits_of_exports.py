"""Visits to the exports of a batch, by a reader of another language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.utils import timezone

from annotation import memberships, sealing
from annotation.models import Role, SealingOrder
from exports import actions
from exports.models import Export
from preferences import lifecycle
from preferences.actions import batches, flags
from preferences.choices import ExportStatus
from preferences.models import Campaign
from preferences.progress import Progress
from preferences.weeks import week_of
from tests import factories
from tests.webapp.visiting import TEXTS, Answer, Visits, get, post, reader
from webapp.accounts.models import User
from webapp.pages import downloads


def visits(campaign: Campaign, directory: Path) -> Visits:
    """Of one in each state, and of downloads that are refused."""
    for _ in range(2):
        factories.judged_comparison(campaign, **TEXTS)
    batch = factories.batch(campaign, comparisons=0, name="水果三")
    manager, stranger = factories.manager(campaign), factories.manager(factories.campaign())
    ready = actions.write(export=factories.export(batch), out=directory / "out")
    lost = actions.write(export=factories.export(batch), out=directory / "lost")
    (directory / "lost" / "README.md").unlink()
    begun = [running(factories.export(batch)) for _ in range(3)]
    lifecycle.advance(running(factories.export(batch)), ExportStatus.FAILED, reason="磁盘已满。")
    client, html = reader(manager), {"Accept": "text/html", "Accept-Language": "zh-hans"}
    name = downloads.archive_name(ready)
    orders = ordered(campaign, manager)

    def while_told(address: str) -> Answer:  # what is told is kept for a minute
        for expected, export in ((0, begun[0]), (500_000, begun[1])):
            told = Progress(actions.progress_of(export), expected=expected)
            told._began -= 60
            told._told = 0
            told.add(100_000)
        return get(client, address)()

    return {
        "orders": get(client, "/batches/"),
        "orders alone": orders,
        "seal what is flagged": to_seal(),
        "exports": lambda: while_told(f"/batches/{batch.pk}/"),
        "older exports": get(client, f"/batches/{batch.pk}/?page=2"),
        "exports alone": lambda: while_told(f"/batches/{batch.pk}/exports/"),
        "refused": post(client, f"/batches/{batch.pk}/export/", format="trl", margin="custom", mix="safety"),
        "written twice": post(client, f"/exports/{ready.pk}/again/"),
        "lost file": get(client, f"/exports/{lost.pk}/README.md"),
        "link of a stranger": get(client, downloads.link(ready, stranger, name), **html),
        "no link": get(client, "/downloads/x/README.md", **html),
    }


def to_seal() -> Callable[[], Answer]:
    """The page that asks whether a week is sealed of which something is flagged and something not blind."""
    campaign = factories.campaign(name="水果")
    for _ in range(2):
        pair = factories.judged_comparison(campaign, **TEXTS)
        flags.raise_flag(comparison=pair, by=factories.user(), reason="other")
    factories.judged_comparison(campaign, **TEXTS | {"text_a": "我是ChatGPT，由OpenAI训练的语言模型。"})
    boss = factories.manager(campaign)
    settings = {"least": 9, "agreement": None, "reviewed_flags": True, "by_the_clock": False}
    sealing.change_rule(campaign=campaign, by=boss, **settings)
    return get(reader(boss), f"/campaigns/{campaign.slug}/sealing/{week_of(timezone.now())}/")


def ordered(campaign: Campaign, manager: User) -> Callable[[], Answer]:
    """Orders of one that nobody is at, of one that somebody is at, of a sealed and a refused one."""
    campaigns = [campaign, *(factories.campaign(name="水果") for _ in range(3))]
    for one in campaigns[1:]:
        memberships.add(user=manager, campaign=one, role=Role.MANAGER, by=None)
    made = [SealingOrder(campaign=one, week="2026-W40", ordered_by=manager) for one in campaigns]
    made[2].refused, made[3].batch = "没有可封存的比较。", factories.batch(name="水果四")
    SealingOrder.objects.bulk_create(made)
    told = Progress(batches.progress_of("2026-W40", [campaigns[1]]), expected=500)
    told.add(100)
    return get(reader(manager), "/batches/orders/")


def running(export: Export) -> Export:
    lifecycle.advance(export, ExportStatus.RUNNING)
    return export
