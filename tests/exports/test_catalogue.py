"""Public sets that an operator laid ready: chosen by name on the page, by the API and the command, never by path."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from exports import catalogue, tasks
from exports.models import Export
from preferences.choices import Track
from preferences.errors import Conflict, InvalidInput
from preferences.models import Batch, Campaign
from tests import factories
from tests.exports.helpers import manifest_of
from tests.webapp.api.clients import program, refused
from webapp.accounts.models import Scope

READY = '[harmless]\nfile = "hh.jsonl"\nform = "hh"\ntrack = "safety"\nlicence = "of-ours"\n'


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.PUBLIC_SETS_DIR, settings.EXPORTS_DIR = tmp_path / "public", tmp_path / "exports"
    made = tmp_path / "public"
    made.mkdir()
    said = ["\n\nHuman: How?\n\nAssistant: ", "Yes.", "No."]
    lines = [{"chosen": said[0] + said[1], "rejected": said[0] + said[2]}, {"chosen": "half"}]
    (made / "hh.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    (made / "sets.toml").write_text(READY)
    return made


@pytest.fixture
def batch(db: None) -> Batch:
    return factories.batch(factories.campaign(track=Track.SAFETY), comparisons=3)


def test_what_it_lists_is_taken_by_its_name(folder: Path) -> None:
    [one] = catalogue.chosen(["harmless", "harmless"])
    assert (one.name, one.path, one.track, one.licence) == ("harmless", folder / "hh.jsonl", "safety", "of-ours")
    (folder / "sets.toml").write_text(READY.rpartition("licence")[0])
    assert [one.licence for one in catalogue.known()] == ["MIT"]
    with pytest.raises(
        InvalidInput, match=r"There is no public set “\.\./hh\.jsonl” on this server; known are: harmless"
    ):
        catalogue.chosen(["../hh.jsonl"])
    (folder / "sets.toml").unlink()
    assert catalogue.known() == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("harmless = ", "Invalid value"),
        (READY.replace("hh.jsonl", "../public/hh.jsonl"), "the file of “harmless” is not in that folder"),
        (READY.replace("hh.jsonl", "gone.jsonl"), "the file of “harmless” is not in that folder"),
        (READY.replace("[harmless]", '["../x"]'), "a name has small letters"),
        (READY.replace('"hh"', '"gossip"'), "a form or a track that there is none of"),
        (READY.replace("form", "shape"), "needs file, form and track"),
        (READY.replace('"of-ours"', "7"), "something that is no text"),
        ("harmless = 7", "needs file, form and track"),
    ],
    ids=["no TOML", "out of the folder", "no file", "no name", "no form", "another word", "a number", "no table"],
)
def test_a_catalogue_that_cannot_be_used_says_why(folder: Path, content: str, why: str) -> None:
    (folder / "sets.toml").write_text(content)
    with pytest.raises(Conflict, match=why):
        catalogue.known()


def test_the_page_offers_them_to_a_mix_and_says_what_was_left_out(folder: Path, batch: Batch) -> None:
    manager, client = factories.manager(Campaign.objects.get()), Client()
    client.force_login(manager)
    address = f"/batches/{batch.pk}/"
    assert 'name="public" value="harmless"' in client.get(address).content.decode()

    sent = {"format": "trl", "margin": "custom", "mix": "safety", "public": "harmless", "better": "half"}
    refused = client.post(f"{address}export/", sent)
    html = refused.content.decode()
    assert refused.status_code == 422 and "cannot be a margin" in html and not Export.objects.exists()
    assert 'name="better" value="half"' in html and 'value="harmless" checked' in html

    numbers = {"significantly": "2", "better": "1", "slightly": "0.5", "negligibly": "0"}
    assert client.post(f"{address}export/", sent | numbers)["Location"] == f"{address}#exports"
    export = Export.objects.get()
    tasks.write(str(export.pk))
    export.refresh_from_db()
    mixed = manifest_of(Path(export.path))
    assert mixed["margin"]["by_degree"]["better"] == 1.0 and mixed["mix"]["train"]["hh"] == 1
    assert mixed["mix"]["public"][0] | {"sha256": ""} == {
        "name": "harmless",
        "source": "hh",
        "track": "safety",
        "licence": "of-ours",
        "file": "hh.jsonl",
        "sha256": "",
    }
    html = client.get(address).content.decode()
    assert "1 entry of a public set could not be read and was left out" in html and "hh.jsonl:2: " in html
    assert f"by {manager.pseudonym}" in html and "public sets: harmless" in html

    (folder / "sets.toml").write_text("broken")
    assert "sets.toml cannot be used" in client.get(address).content.decode()
    refused_now = client.post(f"{address}export/", sent | numbers)
    assert refused_now.status_code == 409 and 'value="0.5"' in refused_now.content.decode()
    client.post(f"{address}export/", sent | numbers | {"mix": ""})
    assert Export.objects.filter(mix="", public=[]).count() == 1


def test_a_program_names_them(folder: Path, batch: Batch) -> None:
    client = program(factories.manager(Campaign.objects.get()), Scope.EXPORT)
    assert client.get("/api/v1/public-sets/").json() == [
        {"name": "harmless", "track": "safety", "form": "hh", "licence": "of-ours"}
    ]
    address = f"/api/v1/batches/{batch.pk}/exports/"
    asked = {"format": "trl", "margin": "none", "mix": "safety", "public": ["harmless"], "stop": True}
    made = client.post(address, asked, content_type="application/json").json()
    assert (made["public"], made["stop"], made["skipped"]) == (["harmless"], True, {"count": 0, "first": []})
    assert made["requested_by"] == Export.objects.get().requested_by.pseudonym  # type: ignore[union-attr]
    with pytest.raises(Conflict):
        tasks.write(made["id"])
    assert "hh.jsonl:2 cannot be read" in client.get(f"/api/v1/exports/{made['id']}/").json()["reason"]
    wrong = client.post(address, asked | {"public": ["/etc/passwd"]}, content_type="application/json")
    assert "no public set" in refused(wrong, 400, "invalid")["public"][0]
    refused(program(factories.user(), Scope.EXPORT).get("/api/v1/public-sets/"), 403, "not_allowed")


def test_the_commands_list_and_name_them(folder: Path, batch: Batch, tmp_path: Path) -> None:
    told = StringIO()
    call_command("public_sets", stdout=told)
    assert told.getvalue() == "harmless\tsafety\thh\tof-ours\thh.jsonl\n"
    options = ["--batch", batch.name, "--mix", "safety", "--out", str(tmp_path / "out"), "--public"]
    call_command("export_batch", *options, "harmless", stdout=told)
    assert manifest_of(tmp_path / "out")["mix"]["train"]["hh"] == 1
    for name, more, why in (
        ("nothing", [], "There is no public set “nothing”"),
        ("harmless", ["--stop"], "hh.jsonl:2"),
    ):
        with pytest.raises(CommandError, match=why):
            call_command("export_batch", *options, name, *more, "--out", str(tmp_path / "other"), stdout=told)
    (folder / "sets.toml").write_text("broken")
    with pytest.raises(CommandError, match=r"sets\.toml cannot be used"):
        call_command("public_sets")
