"""The manager's pages of variants: registered, checked while one looks on, held to what was found, retired."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from preferences.actions import variants
from preferences.models import Campaign, Variant
from tests import factories
from webapp.accounts.models import User
from workers import health, tasks
from workers.models import HealthCheck

pytestmark = pytest.mark.django_db

NEW = {"name": "chat-v3", "engine": "transformers", "location": "/models/chat-v3", "max_tokens": "1000"}
NEW |= {"batch_size": "16", "system_prompt": "Be brief.\r\nBe kind.", "iteration": "RLHF-V3", "queue": "big"}


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def boss(campaign: Campaign) -> Client:
    return client(factories.manager(campaign))


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, str]]:
    """The checks that a worker was called for, with their queues."""
    found: list[tuple[Any, str]] = []
    monkeypatch.setattr(
        tasks.check_variant, "apply_async", lambda arguments, queue, expires: found.append((arguments[0], queue))
    )
    return found


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_new_variant_is_registered_and_checked_by_a_worker_of_its_queue(
    boss: Client, called: list[tuple[Any, str]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = boss.post("/variants/new/", NEW)
    made, check = Variant.objects.get(), HealthCheck.objects.get()
    assert answer.headers["Location"] == f"/variants/{made.pk}/"
    assert (made.name, made.engine, made.location, made.iteration) == (
        "chat-v3",
        "transformers",
        "/models/chat-v3",
        "RLHF-V3",
    )
    assert (made.max_tokens, made.batch_size, made.system_prompt) == (1000, 16, "Be brief.\nBe kind.")
    assert (made.context_tokens, made.max_prompt_tokens) == (None, None)
    assert called == [(check.pk, "sample.big")]
    page = boss.get(f"/variants/{made.pk}/")
    assert "It waits for a worker of the queue sample.big . No worker listens to it." in words(page)
    assert "celery -A webapp worker -n sample.big@%h -Q sample.big -c 1" in words(page)
    assert 'hx-trigger="every 2s"' in page.content.decode()


@pytest.mark.parametrize(
    ("wrong", "status", "sentence"),
    [
        ({"name": ""}, 422, "The name is empty."),
        ({"name": "late"}, 409, "There is a variant “late” already."),
        ({"engine": "magic"}, 422, "There is no engine “magic”"),
        ({"location": "models"}, 422, "Write the whole path on the worker&#x27;s machine"),
        ({"location": "/a\x00b"}, 422, "The location contains a NUL character"),
        ({"max_tokens": "many"}, 422, "“many” is no whole number."),
        ({"max_tokens": ""}, 422, "Write a whole number from 1 to 10,000,000."),
        ({"batch_size": "99999999999"}, 422, "Write a whole number from 1 to 4,096."),
        ({"context_tokens": "900"}, 422, "more than the context of 900"),
    ],
    ids=["no name", "taken", "engine", "relative", "NUL", "no number", "empty", "too large", "context"],
)
def test_what_cannot_be_registered_is_said_beside_its_field_and_nothing_typed_is_lost(
    boss: Client, wrong: dict[str, str], status: int, sentence: str
) -> None:
    factories.variant("late")
    answer = boss.post("/variants/new/", NEW | wrong)
    page = answer.content.decode()
    assert answer.status_code == status and sentence in page
    (field,) = wrong
    assert re.search(rf'name="{field}"[^>]*aria-invalid="true"', page)
    assert "Be brief.\nBe kind." in page and 'value="RLHF-V3"' in page
    assert Variant.objects.count() == 1 and not HealthCheck.objects.exists()


def test_the_list_says_of_each_variant_whether_it_answers_and_where_it_is_sampled(
    boss: Client, campaign: Campaign
) -> None:
    good, bad, asked, unchecked = (factories.variant(name) for name in ("good", "bad", "asked", "unchecked"))
    factories.variant("foreign", engine=variants.IMPORTED)
    retired = factories.variant("retired")
    factories.checked(good)
    factories.checked(bad, "The disk is full.")
    health.request(variant=asked, by=None)
    factories.sampling_plan(campaign, first=good, second=bad)
    factories.sampling_plan(factories.campaign(), first=good, second=unchecked)
    variants.retire(variant=retired, by=None)
    factories.response(factories.turn(campaign), variant=good)
    page = words(boss.get("/variants/"))
    for told in (
        r"good tiny Answers checked [\d: -]+ The campaign-\d+ campaign 1 campaign of others 1",
        r"bad tiny Has a problem checked [\d: -]+ The campaign-\d+ campaign 0",
        "asked tiny Being checked – 0",
        "unchecked tiny Not checked 1 campaign of others 0",
        "retired tiny Retired – 0",
    ):
        assert re.search(told, page), told
    assert "foreign" not in page


def test_a_check_shows_what_was_found_and_can_be_asked_for_again(
    boss: Client, called: list[tuple[Any, str]], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    variant = factories.variant()
    factories.checked(variant, "There is no folder /models/late.")
    factories.checked(variant, warnings=("The same seed gave two different texts.",))
    page = words(boss.get(f"/variants/{variant.pk}/"))
    assert "The lamp went out." in page and "The same seed gave two different texts." in page
    assert "a" * 64 in page and "Context, tokens 512" in page
    assert "Earlier checks" in page and "There is no folder /models/late." in page
    with django_capture_on_commit_callbacks(execute=True):
        assert boss.post(f"/variants/{variant.pk}/check/").headers["Location"] == f"/variants/{variant.pk}/#health"
    assert [queue for _check, queue in called] == ["sample"]
    holder = health.take(check=HealthCheck.objects.get(finished_at=None))
    assert holder and "A worker loads it and asks it" in words(boss.get(f"/variants/{variant.pk}/"))


def test_a_variant_is_held_to_what_its_check_found(boss: Client) -> None:
    variant = factories.variant(max_tokens=200)
    assert boss.post(f"/variants/{variant.pk}/adopt/").status_code == 302
    factories.checked(variant)
    assert "Hold it to what was found" in words(boss.get(f"/variants/{variant.pk}/"))
    boss.post(f"/variants/{variant.pk}/adopt/")
    variant.refresh_from_db()
    assert (variant.weights_hash, variant.context_tokens) == ("a" * 64, 512)
    assert "Hold it to what was found" not in words(boss.get(f"/variants/{variant.pk}/"))


def test_limits_change_and_wrong_ones_stay_to_be_mended(boss: Client) -> None:
    variant = factories.variant()
    limits = {"max_prompt_tokens": "2000", "max_tokens": "2000", "context_tokens": "", "batch_size": "8", "queue": "q"}
    assert boss.post(f"/variants/{variant.pk}/limits/", limits).status_code == 302
    variant.refresh_from_db()
    assert (variant.max_prompt_tokens, variant.max_tokens, variant.batch_size, variant.queue) == (2000, 2000, 8, "q")
    answer = boss.post(f"/variants/{variant.pk}/limits/", limits | {"queue": "two words", "batch_size": "9"})
    page = answer.content.decode()
    assert answer.status_code == 422 and 'value="two words"' in page and 'value="9"' in page
    variant.refresh_from_db()
    assert variant.batch_size == 8


def test_a_retired_variant_is_neither_checked_nor_retired_again(boss: Client) -> None:
    variant = factories.variant("gone")
    assert boss.post(f"/variants/{variant.pk}/retire/").status_code == 302
    page = words(boss.get(f"/variants/{variant.pk}/"))
    assert "Retired" in page and "Retire it for good" not in page and "Check it now" not in page
    assert boss.post(f"/variants/{variant.pk}/retire/").status_code == 409
    assert "“gone” is retired" in words(boss.post(f"/variants/{variant.pk}/check/"))


def test_the_pages_are_for_managers(campaign: Campaign) -> None:
    variant = factories.variant()
    annotator = client(factories.annotator(campaign))
    for address in ("/variants/", "/variants/new/", f"/variants/{variant.pk}/"):
        assert annotator.get(address).status_code == 403
    for act in ("check", "adopt", "limits", "retire"):
        assert annotator.post(f"/variants/{variant.pk}/{act}/").status_code == 403
    assert annotator.post("/variants/new/", NEW).status_code == 403
    assert Variant.objects.get().status == "active"
