"""What managers do with webhooks: each tells of itself, and none tells a secret."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exports.webhooks import actions
from exports.webhooks.models import Delivery, Kind, Webhook, WebhookSecret
from preferences import lifecycle
from preferences.choices import DeliveryStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Event
from tests import factories
from tests.exports.webhooks.helpers import SITE, URL, told, webhook
from tests.exports.webhooks.receiver import LOOPBACK

pytestmark = pytest.mark.django_db


def register(url: str = URL, kinds: Collection[str] = ("batch.sealed",)) -> tuple[Webhook, str]:
    return actions.register(campaign=None, url=url, kinds=kinds, site=SITE, by=None)


def given_up() -> Delivery:
    actions.ping(webhook=webhook(), by=None)
    (delivery,) = told()
    lifecycle.advance(delivery, DeliveryStatus.FAILED, due_at=None)
    return delivery


def off() -> Webhook:
    hook = webhook()
    actions.turn_off(webhook=hook, by=None)
    return hook


ACTS: dict[str, tuple[Callable[[], Any], Callable[[Any], Any], list[str]]] = {
    "register": (lambda: None, lambda _none: register(), ["webhook.registered", "webhook.pinged"]),
    "rotate": (webhook, lambda hook: actions.rotate(webhook=hook, by=None), ["webhook.secret_rotated"]),
    "ping": (webhook, lambda hook: actions.ping(webhook=hook, by=None), ["webhook.pinged"]),
    "turn_off": (webhook, lambda hook: actions.turn_off(webhook=hook, by=None), ["webhook.turned_off"]),
    "turn_on": (off, lambda hook: actions.turn_on(webhook=hook, by=None), ["webhook.turned_on", "webhook.pinged"]),
    "send_again": (given_up, lambda one: actions.send_again(delivery=one, by=None), ["delivery.asked_again"]),
}


@pytest.mark.parametrize("name", ACTS)
def test_each_act_tells_of_itself(name: str) -> None:
    arrange, act, verbs = ACTS[name]
    arranged = arrange()
    before = Event.objects.count()
    act(arranged)
    assert list(Event.objects.order_by("pk").values_list("verb", flat=True))[before:] == verbs


def test_no_event_and_no_column_holds_a_secret_nor_an_event_the_path_of_a_url() -> None:
    hook, secret = register("https://hooks.example/T012/key-in-the-path")
    again = actions.rotate(webhook=hook, by=None)
    stored = [*Event.objects.values_list("data", flat=True), *WebhookSecret.objects.values_list("encrypted", flat=True)]
    assert not any(one.removeprefix("whsec_") in str(stored) for one in (secret, again))
    assert "key-in-the-path" not in str(stored)
    assert Event.objects.get(verb="webhook.registered").data == {"host": "hooks.example", "kinds": ["batch.sealed"]}


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "reads alike"),
        ("hooks.example", "https://"),
        ("http://hooks.example/", "Without TLS"),
        ("https://user:word@hooks.example/", "a name or a password"),
        ("https://127.0.0.1/", "not on the public internet"),
        ("https://[::ffff:169.254.169.254]/", "not on the public internet"),
        ("https://2130706433/", "usual form"),
        ("https://hooks.example:22/", "port 443"),
        ("https://例え.example/", "reads alike"),
        ("https://hooks.example/" + "x" * 1_000_000, "reads alike"),
        ("https://hooks.example/\x00", "reads alike"),
    ],
    ids=["none", "bare", "plain", "credentials", "loopback", "mapped", "decimal", "port", "unicode", "long", "nul"],
)
def test_an_address_that_cannot_be_sent_to_is_refused_with_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        register(url)
    assert refused.value.field == "url"
    assert not Webhook.objects.exists()


def test_allowed_networks_may_be_named_without_tls(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = LOOPBACK
    assert register("  http://127.0.0.1:8000/in  ")[0].url == "http://127.0.0.1:8000/in"
    with pytest.raises(InvalidInput, match="not on the public internet"):
        register("http://10.0.0.1/in")


@pytest.mark.parametrize("kinds", [[], ["ping"], ["batch.sealed", "judgment.recorded"]], ids=["none", "ping", "other"])
def test_kinds_are_chosen_among_those_that_there_are(kinds: list[str]) -> None:
    with pytest.raises(InvalidInput, match="at least one kind"):
        register(kinds=kinds)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.text(), st.text(max_size=60).map("https://{}/".format), st.ip_addresses().map("https://{}/".format))
)
def test_any_address_at_all_is_taken_or_refused_with_a_sentence(url: str) -> None:
    try:
        actions.checked_url(url)
    except InvalidInput as error:
        assert str(error).endswith((".", "://."))


def test_no_more_are_on_than_somebody_can_look_after() -> None:
    for _ in range(actions.MOST):
        webhook()
    with pytest.raises(Conflict, match="At most 20"):
        register()
    webhook(factories.campaign())
    hook = Webhook.objects.filter(campaign=None)[0]
    actions.turn_off(webhook=hook, by=None)
    register()
    with pytest.raises(Conflict, match="At most 20"):
        actions.turn_on(webhook=hook, by=None)


def test_what_was_delivered_or_given_up_is_sent_again_and_what_is_on_its_way_once() -> None:
    delivery = given_up()
    actions.send_again(delivery=delivery, by=None)
    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.WAITING
    before = Event.objects.count()
    actions.send_again(delivery=delivery, by=None)
    assert Event.objects.count() == before
    lifecycle.advance(delivery, DeliveryStatus.DELIVERED, due_at=None)
    actions.send_again(delivery=delivery, by=None)
    assert Delivery.objects.get().status == DeliveryStatus.WAITING


def test_a_webhook_that_is_off_is_sent_nothing_and_says_so() -> None:
    delivery = given_up()
    actions.turn_off(webhook=delivery.webhook, by=None)
    for act in (
        lambda: actions.send_again(delivery=delivery, by=None),
        lambda: actions.ping(webhook=delivery.webhook, by=None),
    ):
        with pytest.raises(Conflict, match="Turn it on first"):
            act()


def test_turning_off_or_on_twice_is_no_error() -> None:
    hook = off()
    actions.turn_off(webhook=hook, by=None)
    actions.turn_on(webhook=hook, by=None)
    actions.turn_on(webhook=hook, by=None)
    assert [event.verb for event in Event.objects.filter(verb__startswith="webhook.turned")] == [
        "webhook.turned_off",
        "webhook.turned_on",
    ]


def test_every_kind_that_can_be_chosen_is_offered() -> None:
    assert set(webhook().kinds) == set(Kind) - {Kind.PING}
