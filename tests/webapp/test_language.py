"""The language of the pages: the account's choice, else the browser's cookie, else what the browser asks for."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import middleware
from django.db import connection
from django.db.utils import OperationalError
from django.template import engines
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from preferences.models import Event
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

NOTHING_HERE = {"en": "There is nothing at this address.", "zh-hans": "此地址下没有内容。"}


@pytest.fixture
def alice() -> User:
    return factories.user("alice")


def signed_in(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def language_of(client: Client, address: str = "/nowhere/") -> str:
    """The language in which a page that is not there says so; its header must say the same."""
    answer = client.get(address)
    (language,) = [code for code, sentence in NOTHING_HERE.items() if sentence in answer.content.decode()]
    assert answer.headers["Content-Language"] == language
    return language


def test_pages_speak_english_unless_somebody_asks_otherwise() -> None:
    assert language_of(Client()) == "en"
    assert language_of(Client(headers={"accept-language": "de-CH"})) == "en"


@pytest.mark.parametrize("asked", ["zh-CN,zh;q=0.9", "zh-Hans", "zh", "fr, zh-Hans-CN;q=0.5"])
def test_a_browser_gets_the_language_that_it_asks_for(asked: str) -> None:
    assert language_of(Client(headers={"accept-language": asked})) == "zh-hans"


def test_a_choice_before_signing_in_is_kept_in_a_cookie() -> None:
    client = Client(headers={"accept-language": "zh-CN"})
    answer = client.post("/language/", {"language": "en", "next": "/sign-in/"})
    assert (answer.status_code, answer.url) == (302, "/sign-in/")
    cookie = answer.cookies["language"]
    assert (cookie.value, cookie["samesite"], cookie["httponly"]) == ("en", "Lax", True)
    assert language_of(client) == "en"


def test_a_choice_follows_the_person_to_another_browser(alice: User) -> None:
    signed_in(alice).post("/language/", {"language": "zh-hans"})
    alice.refresh_from_db()
    assert alice.language == "zh-hans"
    assert language_of(signed_in(alice, headers={"accept-language": "en"})) == "zh-hans"


def test_the_account_counts_more_than_the_cookie_of_a_shared_browser(alice: User) -> None:
    client = Client()
    client.post("/language/", {"language": "zh-hans"})
    assert language_of(client) == "zh-hans"
    alice.language = "en"
    alice.save()
    client.force_login(alice)
    assert language_of(client) == "en"


def test_choosing_tells_of_itself_once(alice: User) -> None:
    for _ in range(2):
        signed_in(alice).post("/language/", {"language": "zh-hans"})
    (event,) = Event.objects.filter(verb="user.language_chosen")
    assert (event.actor, event.subject, event.data) == (alice, f"user:{alice.pk}", {"before": "", "after": "zh-hans"})


@pytest.mark.parametrize("language", ["", "xx", "de", "zh_Hans", "EN", "en\x00", "z" * 5000])
def test_a_language_without_a_translation_is_refused_with_a_sentence(alice: User, language: str) -> None:
    for client in (Client(), signed_in(alice)):
        answer = client.post("/language/", {"language": language})
        assert answer.status_code == 422
        assert "There is no translation into" in answer.content.decode()
        assert "English, 简体中文" in answer.content.decode()
        assert "language" not in answer.cookies
    alice.refresh_from_db()
    assert alice.language == ""


def test_an_account_with_a_language_that_is_no_longer_offered_still_gets_pages(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="tlh")
    assert language_of(signed_in(alice)) == "en"


@pytest.mark.parametrize("address", ["/overview/?page=2", "/batches/"])
def test_the_answer_leads_back_to_the_page_of_the_choice(address: str) -> None:
    assert Client().post("/language/", {"language": "en", "next": address}).url == address


@pytest.mark.parametrize(
    "address",
    ["", "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "\x00/"],
)
def test_the_answer_leads_nowhere_else(address: str) -> None:
    assert Client().post("/language/", {"language": "en", "next": address}).url == "/"


def test_a_choice_is_made_by_posting_only() -> None:
    assert Client().get("/language/").status_code == 405


def test_a_persons_language_costs_no_query_of_its_own(alice: User) -> None:
    client = signed_in(alice)
    with CaptureQueriesContext(connection) as without:
        client.get("/")
    client.post("/language/", {"language": "zh-hans"})
    with CaptureQueriesContext(connection) as chosen:
        client.get("/")
    assert len(chosen) == len(without) > 0
    assert sum("accounts_user" in query["sql"] for query in chosen) == 1


def test_a_lost_database_is_met_by_the_page_and_not_by_its_language(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(request: object) -> None:
        raise OperationalError

    client = signed_in(alice, headers={"accept-language": "zh-CN"})
    monkeypatch.setattr(middleware, "get_user", lost)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "暂时无法连接数据库" in answer.content.decode()


def test_the_form_names_each_language_in_itself_and_marks_the_one_in_use() -> None:
    request = RequestFactory().get("/batches/?week=2026-W48")
    with translation.override("zh-hans"):
        page = engines["django"].get_template("language.html").render({}, request)
    assert 'value="en" lang="en">English</button>' in page
    assert 'value="zh-hans" lang="zh-hans" aria-current="true">简体中文</button>' in page
    assert 'name="next" value="/batches/?week=2026-W48"' in page


def test_the_form_does_not_lead_back_to_an_address_that_takes_posts_only() -> None:
    page = engines["django"].get_template("language.html").render({}, RequestFactory().post("/campaigns/words/start/"))
    assert 'name="next"' not in page
