"""A person gets all that is stored of them, and neither secrets nor what is somebody else's."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client

from annotation import heartbeats, people, queue
from annotation.answers import Answer
from annotation.models import Assignment
from preferences.choices import Position, Track
from preferences.errors import Conflict
from preferences.models import Event
from tests import factories
from tests.erasing.written import SECRET, where_it_stands, world
from webapp.accounts import tokens
from webapp.accounts.models import Scope, User
from webapp.personal import files
from webapp.personal.parts import EXCEPTIONS, PARTS

pytestmark = pytest.mark.django_db


def test_every_key_to_a_person_is_in_a_file_or_left_out_for_a_reason() -> None:
    keys = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.fields
        if field.related_model is get_user_model()
    }
    given = {f"{part.model._meta.label}.{part.mine}" for part in PARTS}
    assert len(keys) > 40
    assert sorted(keys - given - EXCEPTIONS.keys()) == []
    assert sorted(EXCEPTIONS.keys() - keys) == [] and not EXCEPTIONS.keys() & given


def read(out: Path) -> dict[str, Any]:
    return {path.stem: json.loads(path.read_bytes()) for path in out.glob("*.json")}


def test_every_table_that_has_a_word_of_theirs_is_in_it(tmp_path: Path) -> None:
    made = world()
    files.write(person=made.person, out=tmp_path / "out", by=None)
    found = read(tmp_path / "out")
    told = {part.model.__name__ for part in PARTS if SECRET in json.dumps(found[part.name])}
    assert where_it_stands() - {"SealedRows", "Response"} <= told
    assert f"{SECRET} wrote this." in {row["edited_response_text"] for row in found["judgments"]}
    assert found["account"][0]["email"] == f"{SECRET}@example.org"
    assert sum(map(len, found.values())) == Event.objects.get(verb="user.data_taken").data["rows"]


def test_no_secret_is_in_it(tmp_path: Path) -> None:
    person = factories.user(password="a long pass phrase of mine")
    token, plain = tokens.issue(user=person, name="night", scopes=[Scope.JUDGE], days=1, by=person)
    Client().post("/sign-in/", {"login": person.username, "password": "a long pass phrase of mine"})
    session = UserSession.objects.get(user=person)
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "JBSWY3DP"})
    files.write(person=person, out=tmp_path / "out", by=None)
    content = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir()).decode()
    assert '"night"' in content and '"totp"' in content and session.ip in content
    for secret in (plain, token.sha256, "JBSWY3DP", session.session_key, person.password):
        assert secret not in content


@pytest.mark.parametrize("left", list(Position))
def test_a_verdict_is_told_as_left_and_right(tmp_path: Path, left: Position) -> None:
    """Whoever learns which one was A knows the model, where a set that was brought in has the same one there always."""
    campaign = factories.campaign(track=Track.SAFETY)
    factories.comparison(campaign)
    person = factories.annotator(campaign)
    assignment = queue.claim(campaign=campaign, by=person)
    assert assignment is not None
    Assignment.objects.filter(pk=assignment.pk).update(shown_left=left)
    heartbeats.beat(key=assignment.key, by=person, draft={"rationale": "Saf"})
    files.write(person=person, out=tmp_path / "early", by=None)
    [draft] = read(tmp_path / "early")["drafts"]
    assert draft["subject"] == "comparison" and draft["fields"] == {"rationale": "Saf"}
    given = Answer(place=1, safety_left=5, safety_right=4, rationale="Safer.")
    queue.submit(key=assignment.key, by=person, answer=given)
    revised = replace(given, place=8)
    queue.revise(key=assignment.key, by=person, answer=revised, revision=0)
    files.write(person=person, out=tmp_path / "out", by=None)
    found = read(tmp_path / "out")
    [row] = found["judgments"]
    assert (row["chosen"], row["safety_left"], row["safety_right"]) == ("right", 5, 4)
    assert not row.keys() & {"shown_left", "safety_a", "safety_b"}
    acts = {event["verb"]: event["data"] for event in found["events"]}
    assert acts["judgment.recorded"] == {}
    assert acts["judgment.revised"]["before"] == {"degree": "significantly_better", "rationale": "Safer."}


def test_what_a_manager_noted_of_somebody_is_that_persons_and_not_the_managers(tmp_path: Path) -> None:
    campaign = factories.campaign()
    manager, person = factories.manager(campaign), factories.annotator(campaign)
    people.pause(user=person, reason="Needs a rest.", by=manager)
    for who in (manager, person):
        files.write(person=who, out=tmp_path / who.username, by=None)
    theirs, managers = read(tmp_path / person.username), read(tmp_path / manager.username)
    [paused] = [row for row in theirs["events_about_you"] if row["verb"] == "user.paused"]
    assert paused["data"]["reason"] == "Needs a rest."
    [did] = [row for row in managers["events"] if row["verb"] == "user.paused"]
    assert "data" not in did


def test_a_directory_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person = factories.user()
    with monkeypatch.context() as broken:
        broken.setattr(files, "render_to_string", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            files.write(person=person, out=tmp_path / "out", by=None)
    assert list(tmp_path.iterdir()) == [] and not Event.objects.filter(verb="user.data_taken").exists()
    (tmp_path / "out").mkdir()
    with pytest.raises(Conflict, match="exists already"):
        files.write(person=person, out=tmp_path / "out", by=None)


def test_an_operator_writes_it_by_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person = factories.user("ada")
    call_command("export_person", user="ada", out=tmp_path / "ada")
    assert f"It is about {person.pseudonym}" in capsys.readouterr().out
    assert (tmp_path / "ada").stat().st_mode & 0o777 == 0o700
    page = (tmp_path / "ada" / "index.html").read_text()
    assert 'href="judgments.json"' in page and "<bdi>ada</bdi>" in page
    assert set(re.findall(r'href="([^"]+)"', page)) == {path.name for path in (tmp_path / "ada").iterdir()} - {
        files.INDEX
    }
    with pytest.raises(CommandError, match="nobody called “eve”"):
        call_command("export_person", user="eve", out=tmp_path / "eve")


def test_everybody_downloads_their_own(client: Client) -> None:
    person, _other = factories.user(), factories.user("somebody-else")
    assert client.post("/account/data/").status_code == 302  # to the sign-in
    client.force_login(person)
    assert client.get("/account/data/").status_code == 405
    answer = client.post("/account/data/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer))) as packed:  # type: ignore[call-overload]
        [name] = [name for name in packed.namelist() if name.endswith("/account.json")]
        [account] = json.loads(packed.read(name))
        assert name == f"margin-{person.pseudonym}/account.json" and account["username"] == person.username
        assert not any("somebody-else" in packed.read(one).decode() for one in packed.namelist())
    assert Event.objects.get(verb="user.data_taken").actor == person
    assert User.objects.count() == 2
