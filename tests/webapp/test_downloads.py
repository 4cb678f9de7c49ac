"""Files of an export: whole and in parts, by a session and by a link, and only to whoever may have them right now."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from annotation import memberships, people
from annotation.models import Role
from exports import archive, storage
from exports.models import Export
from preferences.models import Campaign, Event
from tests import factories
from tests.exports.helpers import bytes_of, ready
from webapp.accounts.models import User
from webapp.pages import downloads

pytestmark = pytest.mark.django_db


@pytest.fixture
def export(tmp_path: Path, settings: Any) -> Export:
    settings.EXPORTS_DIR = tmp_path
    return ready()


@pytest.fixture
def engineer(export: Export) -> User:
    user = factories.user()
    memberships.add(user=user, campaign=Campaign.objects.get(), role=Role.ENGINEER, by=None)
    return user


@pytest.fixture
def client(engineer: User) -> Client:
    client = Client()
    client.force_login(engineer)
    return client


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def address_of(export: Export, name: str = "") -> str:
    return f"/exports/{export.pk}/{name or downloads.archive_name(export)}"


def link_of(export: Export, user: User, name: str = "") -> str:
    return downloads.link(export, user, name or downloads.archive_name(export))


def test_each_file_and_the_archive_of_them_all_come_as_they_were_written(export: Export, client: Client) -> None:
    stored = bytes_of(Path(export.path))

    for file in storage.files_of(export):
        response = client.get(address_of(export, file.name), headers={"Accept-Encoding": "gzip"})
        assert body(response) == stored[file.name]
        assert response["ETag"] == f'"{hashlib.sha256(stored[file.name]).hexdigest()}"'
        assert response["Content-Length"] == str(file.bytes)

    response = client.get(address_of(export))
    whole = body(response)
    assert response["Content-Length"] == str(len(whole))
    with tarfile.open(fileobj=io.BytesIO(whole)) as opened:
        found = {about.name: opened.extractfile(about).read() for about in opened}  # type: ignore[union-attr]
    assert found == {f"{archive.folder(export)}/{name}": content for name, content in stored.items()}


def test_a_download_that_was_cut_off_goes_on(export: Export, client: Client) -> None:
    first = client.get(address_of(export))
    whole = body(first)

    rest = client.get(address_of(export), headers={"Range": "bytes=1000-", "If-Range": first["ETag"]})

    assert rest.status_code == 206
    assert rest["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    assert rest["Content-Length"] == str(len(whole) - 1000)
    assert body(rest) == whole[1000:]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=5-9", 5, 10),
        ("bytes=-7", -7, None),
        ("bytes=-9999999", 0, None),
        ("bytes=10-9999999", 10, None),
    ],
)
def test_a_part_is_that_part(export: Export, client: Client, asked: str, start: int, stop: int | None) -> None:
    stored = bytes_of(Path(export.path))["manifest.json"]
    response = client.get(address_of(export, "manifest.json"), headers={"Range": asked})
    assert (response.status_code, body(response)) == (206, stored[start:stop])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Range": "bytes=9-5"}, 200),
        ({"Range": "bytes=0-1,4-5"}, 200),
        ({"Range": "lines=1-2"}, 200),
        ({"Range": "bytes=١-٢"}, 200),
        ({"Range": "bytes=0-1", "If-Range": '"another"'}, 200),
        ({"Range": "bytes=99999999-"}, 416),
        ({"If-None-Match": "*"}, 200),
    ],
)
def test_what_is_no_part_of_it_is_answered_as_http_says(
    export: Export, client: Client, headers: dict[str, str], status: int
) -> None:
    response = client.get(address_of(export, "manifest.json"), headers=headers)
    assert response.status_code == status
    if status == 416:
        assert response["Content-Range"] == f"bytes */{len(export.manifest.encode())}"


def test_what_curl_has_whole_already_is_no_failure(export: Export, client: Client) -> None:
    size = len(export.manifest.encode())
    response = client.get(address_of(export, "manifest.json"), headers={"Range": f"bytes={size}-"})
    assert response.status_code == 416
    # With “bytes */SIZE” curl takes it for a failure (22), without for what it has (0).
    assert "Content-Range" not in response


def test_whoever_has_it_is_not_sent_it_again_and_head_sends_nothing(export: Export, client: Client) -> None:
    etag = client.head(address_of(export))["ETag"]

    assert client.get(address_of(export), headers={"If-None-Match": etag}).status_code == 304
    head = client.head(address_of(export))
    assert head.content == b""
    assert int(head["Content-Length"]) > 1000
    assert not Event.objects.filter(verb="export.downloaded").exists()


def test_every_download_is_an_event(export: Export, client: Client, engineer: User) -> None:
    body(client.get(address_of(export, "README.md")))
    body(Client().get(link_of(export, engineer), headers={"Range": "bytes=0-9"}))

    told = Event.objects.filter(verb="export.downloaded", subject=f"export:{export.pk}").order_by("pk")
    assert [event.actor for event in told] == [engineer] * 2
    assert [event.data["name"] for event in told] == ["README.md", downloads.archive_name(export)]
    assert told[1].data["part"].startswith("bytes 0-9/")


def test_a_link_needs_no_session(export: Export, engineer: User) -> None:
    stored = bytes_of(Path(export.path))
    assert body(Client().get(link_of(export, engineer, "README.md"))) == stored["README.md"]
    assert Client().get(address_of(export)).status_code == 302  # to signing in


def withdrawn(user: User) -> None:
    for membership in user.memberships.all():
        memberships.remove(membership=membership, by=factories.user(is_superuser=True))


def deactivated(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def paused_here(user: User) -> None:
    memberships.pause(membership=user.memberships.get(), reason="They left.", by=None)


def paused_everywhere(user: User) -> None:
    people.pause(user=user, reason="They left.", by=None)


@pytest.mark.parametrize("happens", [withdrawn, deactivated, paused_here, paused_everywhere])
def test_a_link_ends_with_the_permission(export: Export, engineer: User, happens: Any) -> None:
    link = link_of(export, engineer)
    assert Client().head(link).status_code == 200

    happens(engineer)

    response = Client().get(link)
    assert response.status_code == 403
    assert response["Content-Type"].startswith("text/plain")
    told = ("for managers and engineers", "may not have these files any more", "Ask a manager")
    assert any(sentence in response.text for sentence in told)


@pytest.mark.parametrize("happens", [withdrawn, paused_here, paused_everywhere])
def test_a_session_ends_with_the_permission(export: Export, client: Client, engineer: User, happens: Any) -> None:
    happens(engineer)
    assert client.get(address_of(export)).status_code == 403


def test_an_administrator_who_is_paused_takes_nothing(export: Export) -> None:
    admin = factories.user(is_superuser=True)
    link = link_of(export, admin)
    assert Client().head(link).status_code == 200
    paused_everywhere(admin)
    assert Client().head(link).status_code == 403


def test_somebody_of_another_campaign_gets_nothing(export: Export) -> None:
    stranger = factories.manager(factories.campaign())
    client = Client()
    client.force_login(stranger)
    assert client.get(address_of(export)).status_code == 404
    assert "Nothing was sent" in Client().get(link_of(export, stranger)).text


def test_a_link_lasts_an_hour(export: Export, engineer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_of(export, engineer)
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + downloads.LINK_SECONDS + 1)

    response = Client().get(link)

    assert (response.status_code, response.text) == (
        410,
        "This link has expired: links last an hour. Take a new one from the batch's page.\n",
    )
    assert "<main" in Client().get(link, headers={"Accept": "text/html"}).content.decode()


def test_a_link_that_was_changed_is_refused(export: Export, engineer: User) -> None:
    token = link_of(export, engineer).split("/")[2]
    other = signing.dumps([export.pk.hex, str(engineer.pk)], salt="another")
    for forged in (token[:-1], other, "x"):
        assert Client().get(f"/downloads/{forged}/README.md").status_code == 403


@pytest.mark.parametrize("name", ["../../secret_key", "nothing.txt", "data", "manifest.json/"])
def test_no_other_file_is_sent(export: Export, client: Client, engineer: User, name: str) -> None:
    assert client.get(address_of(export, name)).status_code == 404
    assert Client().get(link_of(export, engineer, "README.md").replace("README.md", name)).status_code == 404


@pytest.mark.parametrize("happens", [lambda path: path.unlink(), lambda path: path.write_text("shorter")])
def test_a_file_that_was_lost_or_changed_is_told_and_not_sent(export: Export, client: Client, happens: Any) -> None:
    happens(Path(export.path) / "README.md")

    for address in (address_of(export), address_of(export, "README.md")):
        response = client.get(address)
        assert response.status_code == 409
        assert "README.md of this export is gone or was changed" in response.content.decode()
    assert "Write it again" in client.get(f"/batches/{export.batch_id}/").content.decode()
