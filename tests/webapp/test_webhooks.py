"""The pages of webhooks: for whom they are, what they show once, and what they make of anything at all."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from exports.webhooks import actions, delivering, signing
from exports.webhooks.models import Delivery, OffReason, Webhook, WebhookSecret
from exports.webhooks.posting import Answer
from preferences.choices import DeliveryStatus
from preferences.models import Campaign
from tests import factories
from tests.exports.webhooks.helpers import told, webhook
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

FORM = {"url": "https://hooks.example/in", "kind": ["batch.sealed", "export.ready"]}


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def boss(campaign: Campaign) -> User:
    return factories.manager(campaign)


@pytest.fixture
def client(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def address(campaign: Campaign) -> str:
    return f"/campaigns/{campaign.slug}/webhooks/"


def delivered(hook: Webhook, answer: Answer) -> Delivery:
    actions.ping(webhook=hook, by=None)
    told()
    (claimed,) = delivering.claim()
    delivering.record(delivery=claimed, answer=answer, at=timezone.now())
    return claimed


def test_a_manager_registers_a_webhook_and_sees_its_secret_this_once(campaign: Campaign, client: Client) -> None:
    answer = client.post(address(campaign), FORM)
    hook = Webhook.objects.get()
    assert (hook.campaign, hook.url, hook.kinds, hook.site) == (
        campaign,
        FORM["url"],
        FORM["kind"],
        "http://testserver",
    )
    secret = signing.decrypted(WebhookSecret.objects.get().encrypted)
    assert secret in answer.content.decode() and answer["Cache-Control"] == "no-store"
    for page in (address(campaign), f"/webhooks/{hook.pk}/"):
        assert secret not in client.get(page).content.decode()


def test_a_new_secret_is_shown_this_once_too(campaign: Campaign, client: Client) -> None:
    hook = webhook(campaign)
    html = client.post(f"/webhooks/{hook.pk}/secret/").content.decode()
    newest = signing.decrypted(WebhookSecret.objects.order_by("-pk")[0].encrypted)
    assert newest in html and "For 24 hours" in html
    assert newest not in client.get(f"/webhooks/{hook.pk}/").content.decode()


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "reads alike"),
        ({"url": "https://hooks.example/in"}, "at least one kind"),
        ({"url": "http://127.0.0.1/", "kind": "batch.sealed"}, "not on the public internet"),
        ({"url": "http://hooks.example/", "kind": "batch.sealed"}, "Without TLS nothing is sent"),
        ({"url": "https://例え.example/", "kind": "batch.sealed"}, "reads alike"),
        ({"url": "https://hooks.example/\x00", "kind": "batch.sealed"}, "reads alike"),
        ({"url": "https://hooks.example/" + "x" * 1_000_000, "kind": "batch.sealed"}, "reads alike"),
        ({"url": "https://hooks.example/in", "kind": "\x00"}, "at least one kind"),
        ({"url": "https://hooks.example/in", "kind": "ping"}, "at least one kind"),
    ],
    ids=["nothing", "no kind", "inside", "plain", "unicode", "nul", "megabyte", "nul kind", "ping"],
)
def test_what_cannot_be_registered_is_told_in_a_sentence_and_stays_in_the_form(
    campaign: Campaign, client: Client, form: dict[str, str], sentence: str
) -> None:
    answer = client.post(address(campaign), form)
    html = answer.content.decode()
    assert answer.status_code == 422 and sentence in html
    if "\x00" not in form.get("url", "\x00"):
        assert f'value="{form["url"]}"' in html
    assert not Webhook.objects.exists()


def test_only_the_campaigns_managers_see_and_change_its_webhooks(campaign: Campaign, boss: User) -> None:
    hook = webhook(campaign)
    delivery = delivered(hook, Answer(5, code=200))
    pages = [address(campaign), f"/webhooks/{hook.pk}/", f"/webhooks/deliveries/{delivery.pk}/"]
    acts = [f"/webhooks/{hook.pk}/{act}/" for act in ("ping", "secret", "on", "off")]
    acts += [address(campaign), f"/webhooks/deliveries/{delivery.pk}/again/"]
    before = (Webhook.objects.count(), WebhookSecret.objects.count(), Delivery.objects.count())
    for other in (factories.annotator(campaign), factories.manager(factories.campaign())):
        client = Client()
        client.force_login(other)
        assert {client.get(page).status_code for page in pages} == {403}
        assert {client.post(act, FORM).status_code for act in acts} == {403}
    hook.refresh_from_db()
    assert hook.is_on
    assert (Webhook.objects.count(), WebhookSecret.objects.count(), Delivery.objects.count()) == before
    assert Client().get(pages[0]).status_code == 302


def test_webhooks_of_all_campaigns_are_for_administrators(client: Client) -> None:
    hook = webhook(None)
    answers = [client.get("/webhooks/"), client.post("/webhooks/", FORM), client.get(f"/webhooks/{hook.pk}/")]
    assert {answer.status_code for answer in answers} == {403}
    assert "for administrators" in answers[0].content.decode()
    admin = Client()
    admin.force_login(factories.user(is_superuser=True))
    assert "whsec_" in admin.post("/webhooks/", FORM).content.decode()
    assert Webhook.objects.filter(campaign=None).count() == 2
    assert "/webhooks/" in admin.get("/batches/").content.decode()


def test_a_webhook_is_pinged_turned_off_and_on(campaign: Campaign, client: Client) -> None:
    hook = webhook(campaign)
    assert client.post(f"/webhooks/{hook.pk}/ping/").headers["Location"] == f"/webhooks/{hook.pk}/"
    told()
    assert "On its way" in client.get(f"/webhooks/{hook.pk}/").content.decode()
    assert "A manager turned it off." in client.post(f"/webhooks/{hook.pk}/off/", follow=True).content.decode()
    refused = client.post(f"/webhooks/{hook.pk}/ping/")
    assert refused.status_code == 409 and "Turn it on first" in refused.content.decode()
    assert "Send a ping" in client.post(f"/webhooks/{hook.pk}/on/", follow=True).content.decode()


def test_the_log_tells_of_each_attempt_and_shows_an_answer_as_the_text_that_it_is(
    campaign: Campaign, client: Client
) -> None:
    hook = webhook(campaign)
    delivery = delivered(hook, Answer(35, code=500, body="<script>alert(1)</script>"))
    html = client.get(f"/webhooks/{hook.pk}/").content.decode()
    assert re.search(r"Ping</a>.*500 in 35 ms", html, re.DOTALL)
    page = client.get(f"/webhooks/deliveries/{delivery.pk}/").content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "<script>alert" not in page
    assert f"msg_{delivery.message_id.hex}" in page


def test_what_was_given_up_is_sent_again_from_the_log(campaign: Campaign, client: Client) -> None:
    delivery = delivered(webhook(campaign), Answer(5, code=200))
    client.post(f"/webhooks/deliveries/{delivery.pk}/again/")
    delivery.refresh_from_db()
    assert delivery.status == DeliveryStatus.WAITING


def test_managers_see_on_the_page_of_batches_why_a_webhook_of_theirs_went_off(
    campaign: Campaign, client: Client
) -> None:
    webhook(factories.campaign())
    for hook, reason in ((webhook(campaign), OffReason.FAILING), (webhook(campaign), OffReason.MANAGER)):
        actions.turn_off(webhook=hook, by=None, reason=reason)
    actions.turn_off(webhook=webhook(None), by=None, reason=OffReason.GONE)
    html = client.get("/batches/").content.decode()
    assert html.count("a webhook is off.") == 1 and "for three days" in html
    assert "410 Gone" not in html


def test_a_long_log_has_pages(campaign: Campaign, client: Client) -> None:
    hook = webhook(campaign)
    for _ in range(31):
        actions.ping(webhook=hook, by=None)
    told()
    assert client.get(f"/webhooks/{hook.pk}/").content.decode().count("Ping</a>") == 30
    last = client.get(f"/webhooks/{hook.pk}/?page=2").content.decode()
    assert last.count("Ping</a>") == 1 and "Page 2 of 2" in last
    assert client.get(f"/webhooks/{hook.pk}/?page=x").status_code == 200


def test_what_is_not_there_is_not_found(client: Client) -> None:
    for name in ("webhook", "delivery"):
        assert client.get(reverse(name, args=[999_999])).status_code == 404
    assert client.get("/campaigns/nowhere/webhooks/").status_code == 404
