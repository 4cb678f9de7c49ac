"""Exports in a bucket: a real S3 server on this machine (moto), real HTTP, real boto3."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import storages
from django.test import Client

from bench.server import free_port
from exports import actions, archive, storage, tasks
from exports.models import Export
from preferences.errors import Conflict
from tests import factories
from tests.exports.helpers import bytes_of
from webapp.accounts.models import User
from webapp.environment import exports_storage
from webapp.pages import downloads

pytestmark = pytest.mark.django_db
ADDRESS = "s3://exports/of/us"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(address, timeout=5).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def bucket(server: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    settings.EXPORTS_DIR, settings.EXPORTS_STORAGE = tmp_path, ADDRESS
    settings.STORAGES = {**settings.STORAGES, **exports_storage(ADDRESS)}
    found = storages["exports"].connection.Bucket("exports")
    found.create()
    yield found
    found.objects.delete()
    found.delete()


@pytest.fixture
def export(bucket: Any) -> Export:
    made = factories.export(factories.batch(comparisons=3))
    tasks.write(str(made.pk))
    made.refresh_from_db()
    return made


def stored(bucket: Any, export: Export) -> dict[str, bytes]:
    start = f"of/us/{export.pk}/"
    return {found.key.removeprefix(start): found.get()["Body"].read() for found in bucket.objects.filter(Prefix=start)}


def manager_of(export: Export) -> User:
    return factories.manager(export.batch.items.first().comparison.campaign)  # type: ignore[union-attr]


def test_it_lies_in_the_bucket_as_a_directory_would_hold_it_and_here_no_more(
    bucket: Any, export: Export, tmp_path: Path
) -> None:
    assert (export.status, export.path) == ("ready", f"{ADDRESS}/{export.pk}")
    assert list(tmp_path.iterdir()) == []

    same = actions.request(batch=export.batch, format="trl", margin="small", by=None)
    actions.write(export=same, out=tmp_path / "same")

    assert stored(bucket, export) == bytes_of(tmp_path / "same")
    assert same.path == str(tmp_path / "same")  # where the command was told to write


def test_it_is_downloaded_through_us_whole_and_in_parts(bucket: Any, export: Export) -> None:
    files = stored(bucket, export)
    link = downloads.link(export, manager_of(export), downloads.archive_name(export))

    whole = Client().get(link)
    content = b"".join(whole.streaming_content)  # type: ignore[attr-defined]
    rest = Client().get(link, headers={"Range": "bytes=700-", "If-Range": whole["ETag"]})

    assert int(whole["Content-Length"]) == len(content)
    assert b"".join(rest.streaming_content) == content[700:]  # type: ignore[attr-defined]
    assert all(body in content for body in files.values())
    one = Client().get(downloads.link(export, manager_of(export), "README.md"), headers={"Range": "bytes=-5"})
    assert b"".join(one.streaming_content) == files["README.md"][-5:]  # type: ignore[attr-defined]


def test_what_the_bucket_lost_is_told_and_written_again_to_the_same_bytes(bucket: Any, export: Export) -> None:
    before, link = stored(bucket, export), downloads.link(export, manager_of(export), "README.md")
    with pytest.raises(Conflict, match="where they were"):
        actions.write_again(export=export, by=factories.user())
    bucket.Object(f"of/us/{export.pk}/README.md").delete()

    answer = Client().get(link)
    assert answer.status_code == 409
    assert "README.md of this export is gone" in answer.text

    actions.write_again(export=export, by=factories.user())
    tasks.write(str(export.pk))
    assert stored(bucket, export) == before


def test_the_manifest_comes_last_and_nothing_is_ready_before_it(
    bucket: Any, export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    put: list[str] = []
    monkeypatch.setattr(type(storages["exports"]), "put", lambda self, path, name: put.append(path.name))
    other = factories.export(export.batch)

    tasks.write(str(other.pk))

    assert put[-1] == "manifest.json"
    assert len(put) == len(storage.files_of(export))


def test_a_bucket_that_does_not_answer_fails_the_export_with_a_sentence(
    bucket: Any, settings: Any, tmp_path: Path
) -> None:
    away = "s3://nowhere"
    settings.EXPORTS_STORAGE, settings.STORAGES = away, {**settings.STORAGES, **exports_storage(away)}
    export = factories.export(factories.batch(comparisons=2))

    with pytest.raises(Conflict):
        tasks.write(str(export.pk))

    export.refresh_from_db()
    assert export.status == "failed"
    assert export.reason.startswith("The storage of exports refused or did not answer: ")


def test_an_uploader_that_was_killed_is_followed_by_another(bucket: Any, tmp_path: Path) -> None:
    export = factories.export(factories.batch(comparisons=2))
    twin = actions.request(batch=export.batch, format="trl", margin="small", by=None)
    actions.write(export=twin, out=tmp_path / "twin")
    (tmp_path / "twin").rename(tmp_path / str(export.pk))
    Export.objects.filter(pk=export.pk).update(status="running")
    bucket.put_object(Key=f"of/us/{export.pk}/README.md", Body=b"half")

    tasks.write(str(export.pk))

    export.refresh_from_db()
    assert (export.status, storage.is_whole(export)) == ("ready", True)


def test_an_export_of_another_bucket_is_not_looked_for_here(export: Export, settings: Any) -> None:
    settings.EXPORTS_STORAGE = ""
    with pytest.raises(Conflict, match="keeps its exports elsewhere now"):
        storage.check_there(export, storage.files_of(export))


def test_its_page_asks_no_bucket(export: Export, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STORAGES = {name: value for name, value in settings.STORAGES.items() if name != "exports"}
    client = Client()
    client.force_login(manager_of(export))
    html = client.get(f"/batches/{export.batch_id}/").content.decode()
    assert f"{ADDRESS}/{export.pk}" in html
    assert archive.folder(export) in html


@pytest.mark.parametrize("address", ["exports", "https://bucket", "s3:///folder"])
def test_a_setting_that_names_no_bucket_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="is not s3://bucket"):
        exports_storage(address)
