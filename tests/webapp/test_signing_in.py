"""Signing in: throttled, with a second step that no other door passes by, on devices that can be signed out."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from annotation import invitations
from annotation.models import Role
from preferences.models import Event
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "a heron by the river"
WRONG = "do not belong together"


@pytest.fixture
def ann() -> User:
    ann = factories.user("ann", password=PASSWORD)
    User.objects.filter(pk=ann.pk).update(email="ann@example.org")
    ann.refresh_from_db()
    return ann


def page(answer: Any) -> str:
    html: str = answer.content.decode()
    return html


def sign_in(client: Client, password: str = PASSWORD, login: str = "ann", **more: str) -> Any:
    return client.post("/sign-in/", {"login": login, "password": password, **more})


def signed_in() -> Client:
    client = Client()
    assert sign_in(client).url == "/"
    return client


def is_in(client: Client) -> bool:
    return client.get("/settings/").status_code == 200


def code_for(secret: str, later: int = 0) -> str:
    counter = next(iter(yield_hotp_counters_from_time())) + later
    return str(format_hotp_value(hotp_value(secret, counter)))


def confirmed() -> Client:
    """Signed in, and asked once more for the password."""
    client = signed_in()
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def with_codes(client: Client) -> str:
    """Sets up the code of an app; returns its secret."""
    form = page(client.get("/account/app/"))
    found = re.search(r"<code>([A-Z2-7]{32})</code>", form)
    assert found is not None
    answer = client.post("/account/app/", {"code": code_for(found[1])})
    assert answer.url == "/account/codes/"
    cache.clear()  # as if the time of this code had passed
    return found[1]


def test_the_right_password_signs_in_and_leads_on(ann: User) -> None:
    client = Client()
    assert sign_in(client, next="/settings/").url == "/settings/"
    assert is_in(client)
    assert Client().get("/settings/").url == "/sign-in/?next=/settings/"


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_it_leads_nowhere_else(ann: User, address: str) -> None:
    assert sign_in(Client(), next=address).url == "/"


@pytest.mark.parametrize("login", ["ann", "nobody", "x" * 100_000, "a\x00b", "‮nna", "' OR 1=1 --"])
def test_a_refusal_says_the_same_whoever_it_is(ann: User, login: str) -> None:
    answer = sign_in(Client(), "wrong", login)
    assert answer.status_code == 200 and WRONG in page(answer)


def test_guesses_on_one_account_are_stopped_whoever_counts_them(ann: User) -> None:
    for number in range(5):
        assert WRONG in page(
            Client(REMOTE_ADDR=f"10.0.0.{number}").post("/sign-in/", {"login": "ann", "password": "no"})
        )
    stopped = sign_in(Client(REMOTE_ADDR="10.0.0.9"))
    assert "Too many attempts with a wrong password" in page(stopped)
    assert "attempts:" in str(list(cache._cache.get_client().scan_iter("attempts:*")))  # type: ignore[attr-defined]


def test_guesses_on_many_accounts_from_one_address_are_stopped() -> None:
    said = [page(sign_in(Client(), "wrong", f"person-{number}")) for number in range(11)]
    assert all(WRONG in text for text in said[:10]) and "Too many attempts" in said[10]


def test_a_flood_of_sign_ins_gets_a_page_of_its_own() -> None:
    answers = [Client().post("/sign-in/", {"login": "", "password": ""}) for _ in range(121)]
    assert answers[119].status_code == 200
    assert answers[120].status_code == 429 and "nothing was changed" in page(answers[120])


@pytest.mark.parametrize(
    "address",
    ["/sign-up/", "/accounts/signup/", "/accounts/login/", "/account/signup/", "/account/password/set/", "/password/",
     "/password/sent/", "/password/done/", "/password/1-abc/", "/login/", "/admin/login/", "/account/email/"],
)  # fmt: skip
def test_there_is_no_other_door(ann: User, address: str) -> None:
    for client in (Client(), signed_in()):
        for call in (client.get, client.post):
            answer = call(address, {"username": "eve", "password1": PASSWORD, "email": "ann@example.org"})
            assert answer.status_code == 404, address
    assert User.objects.count() == 1 and not mail.outbox


def test_the_code_of_an_app_is_asked_for_and_works_once(ann: User) -> None:
    secret = with_codes(confirmed())
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))
    client = Client()
    assert sign_in(client).url == "/sign-in/code/"
    assert not is_in(client)
    wrong = client.post("/sign-in/code/", {"code": "000000"})
    assert wrong.status_code == 200 and "This code is not right" in page(wrong) and not is_in(client)
    code = code_for(secret)
    assert client.post("/sign-in/code/", {"code": code}).url == "/" and is_in(client)
    again = Client()
    sign_in(again)
    replayed = again.post("/sign-in/code/", {"code": code})
    assert "it was used already" in page(replayed) and not is_in(again)


def test_guesses_of_the_code_are_stopped(ann: User) -> None:
    secret = with_codes(confirmed())
    client = Client()
    sign_in(client)
    said = [page(client.post("/sign-in/code/", {"code": f"{number:06d}"})) for number in range(12)]
    assert "Too many attempts" in said[-1]
    client.post("/sign-in/code/", {"code": code_for(secret)})
    assert not is_in(client)


def test_a_recovery_code_signs_in_once(ann: User) -> None:
    client = confirmed()
    with_codes(client)
    shown = re.search(r"<pre[^>]*>([\s\d]+)</pre>", page(client.get("/account/codes/")))
    assert shown is not None
    codes = shown[1].split()
    assert len(codes) == 10
    for expected in (True, False):
        other = Client()
        sign_in(other)
        other.post("/sign-in/code/", {"code": codes[0]})
        assert is_in(other) is expected
    assert client.post("/account/codes/new/").url == "/account/codes/"
    last = Client()
    sign_in(last)
    last.post("/sign-in/code/", {"code": codes[1]})
    assert not is_in(last)


def test_how_one_signs_in_is_changed_only_after_a_fresh_confirmation(ann: User) -> None:
    client = signed_in()
    for address in ("/account/app/", "/account/passkeys/add/", "/account/codes/new/"):
        for call in (client.get, client.post):
            assert call(address).url.startswith("/account/confirm/"), address
    assert "not your password" in page(client.post("/account/confirm/", {"password": "wrong"}))
    back = client.post("/account/confirm/", {"password": PASSWORD, "next": "/account/app/"})
    assert back.url == "/account/app/" and client.get(back.url).status_code == 200
    session = client.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**record, "at": time.time() - 3600} for record in records]
    session.save()
    assert client.get("/account/app/").url.startswith("/account/confirm/")


def test_a_new_password_signs_every_other_device_out(ann: User) -> None:
    here, there = signed_in(), signed_in()
    new = "a plover on the shore"
    wrong = here.post("/account/password/", {"oldpassword": "no", "password1": new, "password2": new})
    assert "This is not your password" in page(wrong)
    weak = here.post("/account/password/", {"oldpassword": PASSWORD, "password1": "short", "password2": "short"})
    assert "at least 12 characters" in page(weak)
    answer = here.post("/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.url == "/account/"
    assert is_in(here) and not is_in(there)
    assert not is_in(Client()) and sign_in(Client(), new).url == "/"
    assert Event.objects.filter(verb="user.password_changed", actor=ann).count() == 1


def test_the_other_devices_are_listed_and_signed_out(ann: User) -> None:
    here, there = signed_in(), signed_in()
    stranger = Client()
    factories.user("bob", password=PASSWORD)
    sign_in(stranger, login="bob")
    listed = page(here.get("/account/sessions/"))
    assert listed.count("127.0.0.1") == 2 and "This one" in listed
    assert here.post("/account/sessions/").url == "/account/sessions/"
    assert is_in(here) and not is_in(there) and is_in(stranger)
    assert Event.objects.filter(verb="user.sessions_ended", actor=ann, subject=f"user:{ann.pk}").count() == 1


def test_a_forgotten_password_tells_nothing_and_passes_no_second_step(ann: User, settings: Any) -> None:
    settings.SENDS_EMAIL = True
    secret = with_codes(confirmed())
    answers = [Client().post("/password/", {"email": email}) for email in ("ann@example.org", "nobody@example.org")]
    assert [answer.url for answer in answers] == ["/password/sent/"] * 2
    assert [len(sent.to) for sent in mail.outbox] == [1, 1] and "belongs to no account" in mail.outbox[1].body
    found = re.search(r"http://testserver(/password/\S+)", str(mail.outbox[0].body))
    assert found is not None
    client, new = Client(), "a plover on the shore"
    form = client.get(found[1])
    done = client.post(form.url, {"password1": new, "password2": new})
    assert done.url == "/password/done/" and not is_in(client)
    assert sign_in(client, new).url == "/sign-in/code/" and not is_in(client)
    assert client.post("/sign-in/code/", {"code": code_for(secret)}).url == "/"
    used = Client().get(found[1], follow=True)
    assert "used already" in page(used)


def test_an_old_invitation_is_no_way_around_the_second_step(ann: User) -> None:
    with_codes(confirmed())
    campaign = factories.campaign()
    token = invitations.invite(roles=[(campaign, Role.ANNOTATOR)], by=None)[1]
    invitations.accept(token=token, user=ann)
    client = Client()
    client.post(f"/invitations/{token}/", {"username": "ann", "password": PASSWORD})
    assert not is_in(client)


def test_another_persons_passkey_does_not_exist(ann: User) -> None:
    bob = factories.user("bob", password=PASSWORD)
    theirs = Authenticator.objects.create(user=bob, type=Authenticator.Type.WEBAUTHN, data={"name": "Bob's"})
    client = confirmed()
    for call in (client.get, client.post):
        assert call(reverse("mfa_remove_webauthn", args=[theirs.pk])).status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


NO_PASSKEYS = [
    "",
    "{}",
    "null",
    "[]",
    "1",
    "\x00",
    '{"id": "x"}',
    '{"id": 1, "rawId": [], "response": 2}',
    "x" * 100_000,
]


@pytest.mark.parametrize("credential", NO_PASSKEYS)
def test_no_passkey_is_stored_or_believed_that_is_damaged(ann: User, credential: str) -> None:
    client = confirmed()
    refused = client.post("/account/passkeys/add/", {"name": "x", "credential": credential})
    assert '<div class="note bad" role="alert"><p>' in page(refused)
    assert not Authenticator.objects.exists()
    assert client.post("/account/confirm/passkey/", {"credential": credential}).status_code == 302


@pytest.mark.parametrize("credential", NO_PASSKEYS)
def test_a_passkey_that_is_none_signs_nobody_in(credential: str) -> None:
    client = Client()
    client.get("/sign-in/passkey/", headers={"accept": "application/json"})
    assert client.post("/sign-in/passkey/", {"credential": credential}).url == "/sign-in/"
    assert not is_in(client)


def test_signing_out_ends_the_session(ann: User) -> None:
    client = signed_in()
    kept = Client()
    kept.cookies["sessionid"] = client.cookies["sessionid"].value
    assert client.get("/sign-out/").status_code == 405 and is_in(client)
    assert client.post("/sign-out/").url == "/sign-in/"
    assert not is_in(client) and not is_in(kept)


@pytest.mark.parametrize("address", ["sign-in/", "account/password/", "account/confirm/", "account/codes/new/"])
def test_a_form_is_sent_by_post_and_by_no_other_method(ann: User, address: str) -> None:
    for call in (confirmed().put, Client().put, Client().delete):
        assert call(f"/{address}").status_code == 405
