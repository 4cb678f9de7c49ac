"""Batches and exports through the API, as an engineer's program and a manager's use it."""

from __future__ import annotations

import hashlib
import inspect
import uuid
from base64 import b64encode
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command, load_command_class
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from margin_client import Margin

from annotation import memberships, sealing_orders
from annotation.models import Role
from exports import actions, tasks
from exports.models import Export
from preferences.margins import DEFAULT, MARGINS
from preferences.models import Batch, Campaign
from preferences.weeks import week_of
from tests import factories
from tests.webapp.api.clients import program, refused
from webapp.accounts.models import Scope, User
from webapp.pages import export_form

pytestmark = pytest.mark.django_db
BATCHES = "/api/v1/batches/"
POSITIONS = ("abc", "", "9999-99-99", "%00", "2026-11-26 15:00:00%2B99:99")


@pytest.fixture
def batch(campaign: Campaign) -> Batch:
    for _ in range(3):
        factories.judged_comparison(campaign)
    return factories.batch(campaign)


@pytest.fixture
def engineer(campaign: Campaign) -> User:
    user = factories.user()
    memberships.add(user=user, campaign=campaign, role=Role.ENGINEER, by=None)
    return user


@pytest.fixture
def client(engineer: User) -> Client:
    return program(engineer, Scope.EXPORT)


def test_an_engineer_finds_a_batch_asks_for_it_and_takes_its_files(
    batch: Batch, client: Client, tmp_path: Path, settings: Any
) -> None:
    settings.EXPORTS_DIR = tmp_path
    [found] = client.get(BATCHES, {"week": batch.week}).json()["results"]
    assert (found["id"], found["sha256"], found["train"] + found["test"]) == (str(batch.pk), batch.sha256, 5)
    assert client.get(f"{BATCHES}{batch.pk}/").json() == found
    assert client.get(BATCHES, {"week": "2020-W01"}).json()["results"] == []

    asked = client.post(
        f"{BATCHES}{batch.pk}/exports/", {"format": "trl", "margin": "small"}, content_type="application/json"
    )
    assert asked.status_code == 202 and asked.json()["status"] == "pending" and asked.json()["files"] == []
    tasks.write(asked.json()["id"])
    export = client.get(f"/api/v1/exports/{asked.json()['id']}/").json()
    assert export["status"] == "ready" and export["rows"] == 5 and export["margin"] == "small"
    for file in export["files"]:
        address = f"/api/v1/exports/{export['id']}/files/{file['name']}"
        content = b"".join(client.get(address).streaming_content)  # type: ignore[attr-defined]
        assert hashlib.sha256(content).hexdigest() == file["sha256"] and len(content) == file["bytes"]
    part = client.get(address, headers={"Range": "bytes=1-3"})
    assert part.status_code == 206
    assert b"".join(part.streaming_content) == content[1:4]  # type: ignore[attr-defined]
    whole = client.get(f"/api/v1/exports/{export['id']}/files/{export['archive']}")
    assert whole.status_code == 200 and len(b"".join(whole.streaming_content)) == int(whole["Content-Length"])  # type: ignore[attr-defined]
    assert [one["id"] for one in client.get(f"{BATCHES}{batch.pk}/exports/").json()["results"]] == [export["id"]]


def test_the_statistics_are_there_once_they_are_counted(batch: Batch, client: Client) -> None:
    address = f"{BATCHES}{batch.pk}/statistics/"
    refused(client.get(address), 404, "not_found")
    told = actions.describe(batch=batch)
    assert client.get(address).json() == orjson.loads(orjson.dumps(told))


def test_a_manager_seals_and_an_engineer_does_not(campaign: Campaign, client: Client) -> None:
    factories.judged_comparison(campaign)
    asked = {"campaign": "helpful", "week": week_of(timezone.now())}
    manager = program(factories.manager(campaign), Scope.MANAGE, Scope.EXPORT)
    refused(client.post(BATCHES, asked, content_type="application/json"), 403, "missing_scope")
    sealed = manager.post(BATCHES, asked, content_type="application/json")
    assert sealed.status_code == 201 and Batch.objects.get().sha256 == sealed.json()["sha256"]
    refused(manager.post(BATCHES, asked, content_type="application/json"), 409, "conflict")


def test_a_large_week_is_sealed_by_a_worker(
    campaign: Campaign, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing_orders, "AT_ONCE", 0)
    factories.judged_comparison(campaign)
    manager = program(factories.manager(campaign), Scope.MANAGE)
    sent = {"campaign": "helpful", "week": week_of(timezone.now())}
    ordered = manager.post(BATCHES, sent, content_type="application/json")
    assert ordered.status_code == 202 and ordered.json()["batch"] is None
    again = manager.post(BATCHES, sent, content_type="application/json")
    assert again.json() == ordered.json()
    address = f"/api/v1/sealing-orders/{ordered.json()['id']}/"
    sealing_orders.carry_out(order_id=uuid.UUID(ordered.json()["id"]))
    assert manager.get(address).json()["batch"] == str(Batch.objects.get().pk)
    other = program(factories.manager(factories.campaign(slug="elsewhere")))
    refused(other.get(address), 404, "not_found")
    refused(client.get(address), 403, "missing_scope")


def test_a_token_gives_no_role_that_its_person_has_not(campaign: Campaign, engineer: User) -> None:
    factories.judged_comparison(campaign)
    asked = {"campaign": "helpful", "week": week_of(timezone.now())}
    refused(program(engineer).post(BATCHES, asked, content_type="application/json"), 403, "not_allowed")
    refused(program(factories.user()).get(BATCHES), 403, "not_allowed")
    assert not Batch.objects.exists()


def test_what_is_not_for_the_person_is_not_there(batch: Batch, tmp_path: Path, settings: Any) -> None:
    settings.EXPORTS_DIR = tmp_path
    export = factories.export(batch)
    tasks.write(str(export.pk))
    elsewhere = program(factories.manager(factories.campaign(slug="elsewhere")))
    for address in (
        f"{BATCHES}{batch.pk}/",
        f"{BATCHES}{batch.pk}/statistics/",
        f"{BATCHES}{batch.pk}/exports/",
        f"/api/v1/exports/{export.pk}/",
        f"/api/v1/exports/{export.pk}/files/manifest.json",
        f"{BATCHES}{uuid.uuid4()}/",
    ):
        refused(elsewhere.get(address), 404, "not_found")
    posted = elsewhere.post(f"{BATCHES}{batch.pk}/exports/", {"format": "trl"}, content_type="application/json")
    refused(posted, 404, "not_found")
    assert elsewhere.get(BATCHES).json()["results"] == []


@pytest.mark.parametrize("name", ["../secret", "..%2Fsecret", "data", "nothing.parquet", "/etc/passwd", "a" * 5000])
def test_no_name_leads_out_of_an_export(batch: Batch, client: Client, tmp_path: Path, settings: Any, name: str) -> None:
    settings.EXPORTS_DIR = tmp_path
    (tmp_path / "secret").write_text("secret")
    export = factories.export(batch)
    tasks.write(str(export.pk))
    refused(client.get(f"/api/v1/exports/{export.pk}/files/{name}"), 404, "not_found")


def test_of_a_batch_that_an_erasure_changed_the_newest_version_comes_first(batch: Batch, client: Client) -> None:
    export, erased = factories.export(batch), batch.items.order_by("place")[0].comparison
    call_command("erase", "--comparison", str(erased.key), "--reason", "It names somebody.", stdout=StringIO())
    listed = client.get(BATCHES).json()["results"]
    assert [(one["name"], one["version"], one["superseded"]) for one in listed] == [
        (batch.name, 2, False),
        (batch.name, 1, True),
    ]
    [following] = client.get(client.get(BATCHES, {"limit": 1}).json()["next"]).json()["results"]
    assert following == listed[1]
    assert client.get(f"/api/v1/exports/{export.pk}/").json()["status"] == "withdrawn"
    asked = client.post(f"{BATCHES}{batch.pk}/exports/", {"format": "trl"}, content_type="application/json")
    refused(asked, 409, "conflict")


def test_a_margin_may_be_numbers_of_ones_own(batch: Batch, client: Client) -> None:
    address = f"{BATCHES}{batch.pk}/exports/"
    sent = {"format": "trl", "margin": "better=0.66, significantly=1, slightly=0.33, negligibly=0"}
    asked = client.post(address, sent, content_type="application/json")
    assert asked.json()["margin"] == "significantly=1.0,better=0.66,slightly=0.33,negligibly=0.0"
    sent["margin"] = "significantly=1"
    assert set(refused(client.post(address, sent, content_type="application/json"), 400, "invalid")) == {"margin"}


def test_the_margin_that_nobody_names_is_the_same_by_every_door(batch: Batch, client: Client) -> None:
    address = f"{BATCHES}{batch.pk}/exports/"
    asked = client.post(address, {"format": "trl"}, content_type="application/json")
    by_command = load_command_class("webapp", "export_batch").create_parser("manage.py", "export_batch")
    by_client = inspect.signature(Margin.export).parameters["margin"]
    by_page = export_form.asked(QueryDict("format=trl"))
    told = {asked.json()["margin"], by_command.get_default("margin"), by_client.default, by_page["margin"]}
    assert told == {next(iter(MARGINS))} == {DEFAULT}  # the first is what a page's list shows unless one chooses


def test_what_it_does_not_know_is_refused_by_name(batch: Batch, client: Client) -> None:
    assert set(refused(client.get(BATCHES, {"items__comparison": "1"}), 400, "invalid")) == {"items__comparison"}
    assert set(refused(client.get(BATCHES, {"week": "47"}), 400, "invalid")) == {"week"}
    assert set(refused(client.get(BATCHES, {"limit": "many"}), 400, "invalid")) == {"limit"}
    for cursor in ("%%%", "x", "é", *(b64encode(f"p={position}".encode()).decode() for position in POSITIONS)):
        assert set(refused(client.get(BATCHES, {"cursor": cursor}), 400, "invalid")) == {"cursor"}
    address = f"{BATCHES}{batch.pk}/exports/"
    sent = {"format": "xls", "margin": "huge", "path": "/tmp"}
    fields = refused(client.post(address, sent, content_type="application/json"), 400, "invalid")
    assert set(fields) == {"format", "margin", "path"}
    refused(client.post(address, b"{", content_type="application/json"), 400, "parse_error")
    for unreadable in (b"[" * 100_000, b'{"a":' * 100_000, b'{"\\ud800": 1}', b"\xff", b'{"margin": NaN}'):
        refused(client.post(address, unreadable, content_type="application/json"), 400, "parse_error")
    refused(client.post(address, b" " * 6_000_000 + b"{}", content_type="application/json"), 413, "too_large")
    refused(client.post(address, b"[1]", content_type="application/json"), 400, "invalid")
    refused(client.post(address, {"format": "trl"}), 415, "unsupported_media_type")
    refused(client.delete(address), 405, "method_not_allowed")
    refused(client.get("/api/v1/nothing/"), 404, "not_found")
    mixed = {"format": "votes", "mix": "safety"}
    assert set(refused(client.post(address, mixed, content_type="application/json"), 422, "invalid")) == {"mix"}
    assert not Export.objects.exists()


def test_pages_follow_each_other_without_a_gap(campaign: Campaign, client: Client) -> None:
    for _ in range(5):
        factories.judged_comparison(campaign)
        factories.batch(campaign)
    seen: list[str] = []
    address = f"{BATCHES}?limit=2"
    while address:
        page = client.get(address).json()
        seen += [one["id"] for one in page["results"]]
        address = page["next"]
    assert seen == [str(pk) for pk in Batch.objects.order_by("-sealed_at").values_list("pk", flat=True)]
