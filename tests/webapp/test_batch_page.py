from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotation import memberships
from annotation.models import Role
from exports import actions, storage, tasks
from exports.batch_statistics import progress_of
from exports.models import Export
from preferences import lifecycle
from preferences.actions import batches
from preferences.choices import ExportStatus, Track
from preferences.progress import Progress
from preferences.weeks import week_of
from tests import factories
from webapp.accounts.models import User
from webapp.pages import exports as pages

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown(client: Client, address: str) -> dict[str, str]:
    html = client.get(address).content.decode()
    return dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", html))


def test_the_page_of_a_batch_has_its_figures_and_their_file() -> None:
    campaign = factories.campaign(track=Track.SAFETY)
    batch = factories.batch(campaign, comparisons=3)
    client = signed_in(factories.manager(campaign))

    assert "It is being counted" in client.get(f"/batches/{batch.pk}/").content.decode()
    assert client.get(f"/batches/{batch.pk}/statistics.json").status_code == 404

    Progress(progress_of(batch), expected=250_000)
    html = client.get(f"/batches/{batch.pk}/figures/").content.decode()
    assert "It is being counted: 0 of 250,000 comparisons" in html
    assert f'hx-get="/batches/{batch.pk}/figures/"' in html

    about = actions.describe(batch=batch)
    assert "hx-get" not in client.get(f"/batches/{batch.pk}/figures/").content.decode()
    found = shown(client, f"/batches/{batch.pk}/")
    assert (found["Comparisons"], found["Judgments"], found["Split votes"]) == ("3", "3", "0")
    assert found["Better"] == "3"
    assert found["Both responses safe"] == "3"
    assert found["Turns per dialogue"] == "1.0"
    assert client.get(f"/batches/{batch.pk}/statistics.json").json() == about

    page = client.get(f"/batches/{batch.pk}/").content.decode()
    assert all(one["name"] in page for one in batch.made_of["variants"])
    assert f"Guideline of <code>{campaign.slug}</code>, version 1: 3 judgments." in page
    assert batch.made_of["code_version"][:12] in page
    assert "small · 1, 0.67, 0.33, 0</option>" in page and "none</option>" in page


def test_the_newest_batch_stands_first() -> None:
    campaign = factories.campaign()
    sealed = [factories.batch(campaign, comparisons=1, name=f"batch {number}") for number in range(5)]
    page = signed_in(factories.manager(campaign)).get("/batches/").content.decode()
    assert re.findall(r">(batch \d)</a>", page) == [one.name for one in reversed(sealed)]


def test_nobody_else_sees_them() -> None:
    batch = factories.batch(factories.campaign(), comparisons=1)
    actions.describe(batch=batch)
    stranger = signed_in(factories.manager(factories.campaign()))
    for part in ("statistics.json", "figures/", "exports/"):
        assert stranger.get(f"/batches/{batch.pk}/{part}").status_code == 404


def test_a_batch_of_two_campaigns_is_for_whoever_leads_both() -> None:
    first, second = factories.campaign(), factories.campaign()
    for campaign in (first, second):
        factories.judged_comparison(campaign)
    batch = batches.seal(week=week_of(timezone.now()), campaigns=[first, second], by=None)
    boss = factories.manager(first)
    assert signed_in(boss).get(f"/batches/{batch.pk}/").status_code == 404

    memberships.add(user=boss, campaign=second, role=Role.ENGINEER, by=None)
    assert signed_in(boss).get(f"/batches/{batch.pk}/").status_code == 200


def page_of(client: Client, export: Export) -> str:
    return client.get(f"/batches/{export.batch_id}/").content.decode()


def test_the_page_of_an_export_that_is_being_written_says_how_far_it_is_and_renews_itself() -> None:
    campaign = factories.campaign()
    export = factories.export(factories.batch(campaign))
    client = signed_in(factories.manager(campaign))
    part = f"/batches/{export.batch_id}/exports/"
    assert "as soon as a worker" in page_of(client, export)

    lifecycle.advance(export, ExportStatus.RUNNING)
    assert "It is being written." in page_of(client, export)

    told = Progress(actions.progress_of(export), expected=250_000)
    told._told = 0
    told.add(120_000)
    for html in (page_of(client, export), client.get(part).content.decode()):
        assert "120,000 of 250,000 comparisons" in html
        assert '<progress max="250000" value="120000"' in html
        assert f'hx-get="{part}"' in html


def test_what_can_be_used_has_an_id_by_which_the_focus_outlasts_a_renewal(tmp_path: Path) -> None:
    batch = factories.batch()
    actions.write(export=factories.export(batch), out=tmp_path / "out")
    lost = factories.export(batch)
    for status in (ExportStatus.RUNNING, ExportStatus.FAILED):
        lifecycle.advance(lost, status)
    html = signed_in(factories.user(is_superuser=True)).get(f"/batches/{batch.pk}/exports/").content.decode()
    renewed = re.sub(r"<details [^>]*hx-preserve.*?</details>", "", html, flags=re.DOTALL)
    used = re.findall(r"<(?:a|button|pre|summary|input)\b[^>]*>", renewed.replace('type="hidden"', ""))
    used = [tag for tag in used if "csrfmiddlewaretoken" not in tag]
    assert len(used) == 6
    assert [tag for tag in used if " id=" not in tag] == []


def test_older_exports_stand_on_further_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "ON_A_PAGE", 2)
    campaign = factories.campaign()
    batch = factories.batch(campaign, comparisons=1)
    made = [factories.export(batch) for _ in range(3)]
    client, address = signed_in(factories.manager(campaign)), f"/batches/{batch.pk}/"
    found = [client.get(f"{address}?page={number}").content.decode() for number in (1, 2)]
    assert [re.findall(r'aria-labelledby="export-([^"]+)"', html) for html in found] == [
        [str(made[2].pk), str(made[1].pk)],
        [str(made[0].pk)],
    ]
    assert f'href="{address}?page=2#exports"' in found[0] and "1 to 2 of 3" in found[0]
    assert f'hx-get="{address}exports/?page=2"' in found[1]


def test_a_failed_export_is_written_again_by_its_button(tmp_path: Path, settings: Any) -> None:
    settings.EXPORTS_DIR = tmp_path
    campaign = factories.campaign()
    export = factories.export(factories.batch(campaign))
    lifecycle.advance(export, ExportStatus.RUNNING)
    lifecycle.advance(export, ExportStatus.FAILED, reason="There was no room on the disk.")
    client = signed_in(factories.manager(campaign))
    assert "There was no room on the disk." in page_of(client, export)

    assert signed_in(factories.manager(factories.campaign())).post(f"/exports/{export.pk}/again/").status_code == 404
    assert client.post(f"/exports/{export.pk}/again/").status_code == 302

    export.refresh_from_db()
    assert export.status == "pending"


def test_a_ready_export_shows_sizes_and_the_commands_that_get_and_load_it(tmp_path: Path, settings: Any) -> None:
    settings.EXPORTS_DIR = tmp_path
    campaign = factories.campaign()
    export = factories.export(factories.batch(campaign, name="week 48"))
    tasks.write(str(export.pk))
    export.refresh_from_db()

    html = page_of(signed_in(factories.manager(campaign)), export)

    for file in storage.files_of(export):
        assert f"<code>{file.name}</code>" in html
        assert file.sha256 in html
    get, load = re.findall(r'<code id="(?:get|load)-[^"]+">([^<]+)</code>', html)
    folder = f"week-48-trl-small-{str(export.pk)[:8]}"
    assert unescape(load) == f'from datasets import load_dataset\ndataset = load_dataset("{folder}")'
    address = shlex.split(unescape(get))[6]
    assert shlex.split(unescape(get))[7:] == ["&&", "tar", "-xf", f"{folder}.tar"]
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200
    assert "hx-get" not in html


def test_the_page_says_what_is_held_out_and_what_is_on_neither_side() -> None:
    campaign = factories.campaign()
    batch = factories.batch(campaign, comparisons=20)
    client = signed_in(factories.manager(campaign))
    page = client.get(f"/batches/{batch.pk}/").content.decode()
    assert "2 comparisons, 10.0% of the batch. Their dialogues begin with 2 different messages." in page
    assert "On neither side" not in page

    held_out, trained = (batch.items.filter(group__split=split)[0].comparison.turn for split in ("test", "train"))
    before = [{"role": "user", "content": held_out.prompt.text}, {"role": "assistant", "content": "Yes."}]
    longer = f"{trained.prompt.text} I would like to know it in some detail."
    for said in ([{"role": "user", "content": longer}], [*before, {"role": "user", "content": longer}]):
        factories.imported_comparison(campaign, prompt=said, votes=[factories.vote()])
        later = factories.batch(campaign, comparisons=0)
    page = client.get(f"/batches/{later.pk}/").content.decode()
    assert "1 comparison is on neither side: its dialogue comes near held-out prompts" in page
    about = actions.describe(batch=later)
    assert (about["comparisons"], about["on_neither_side"], about["agreement"][0]["units"]) == (0, 1, 1)
    said = client.get(f"/batches/{later.pk}/").content.decode()
    assert "AC2 counts 1 comparison on neither side, too" in said
