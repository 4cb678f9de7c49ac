"""What managers do with webhooks. Who may is the page's to check: a campaign's managers; for all campaigns an admin."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from exports.webhooks import signing
from exports.webhooks.models import CHOSEN, Delivery, Failure, OffReason, Webhook, WebhookSecret
from preferences import lifecycle, outbound
from preferences.actions import events
from preferences.choices import DeliveryStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Campaign
from preferences.outbound import OutboundRefused

if TYPE_CHECKING:
    from webapp.accounts.models import User

OVERLAP = timedelta(hours=24)
MOST = 20  # webhooks of a campaign that are on


@transaction.atomic
def register(
    *, campaign: Campaign | None, url: str, kinds: Collection[str], site: str, by: User | None
) -> tuple[Webhook, str]:
    """The webhook and its secret, which nobody can ask for a second time. It is sent a ping."""
    checked, now = checked_url(url), timezone.now()
    wanted = [kind.value for kind in CHOSEN if kind.value in kinds]
    if not wanted or len(wanted) != len(set(kinds)):
        raise InvalidInput(_("Choose at least one kind of message among those that are shown."), field="kinds")
    _check_room(campaign)
    made = Webhook.objects.create(campaign=campaign, url=checked, site=site, kinds=wanted, since=now, created_by=by)
    secret = _add_secret(made)
    host = outbound.target_of(checked).host  # the rest of a URL may be a secret, and events stay
    events.record("webhook.registered", made, by=by, campaign=campaign, host=host, kinds=wanted)
    events.record("webhook.pinged", made, by=by, campaign=campaign)
    return made, secret


@transaction.atomic
def rotate(*, webhook: Webhook, by: User | None) -> str:
    """The new secret. What was the secret until now signs for another day beside it."""
    held = _held(webhook)
    now = timezone.now()
    held.secrets.filter(ends_at__lte=now).delete()
    held.secrets.filter(ends_at__isnull=True).update(ends_at=now + OVERLAP)
    secret = _add_secret(held)
    events.record("webhook.secret_rotated", held, by=by, campaign=held.campaign)
    return secret


@transaction.atomic
def ping(*, webhook: Webhook, by: User | None) -> None:
    held = _held(webhook)
    _check_on(held)
    events.record("webhook.pinged", held, by=by, campaign=held.campaign)


@transaction.atomic
def turn_off(*, webhook: Webhook, by: User | None, reason: OffReason = OffReason.MANAGER) -> None:
    """What is on its way is given up, and can be sent again. Turning off twice is no error."""
    held = _held(webhook)
    if not held.is_on:
        return
    held.off_at, held.off_reason = timezone.now(), reason
    held.save(update_fields=["off_at", "off_reason"])
    lifecycle.advance_many(
        held.deliveries.all(), DeliveryStatus.WAITING, DeliveryStatus.FAILED, due_at=None, leased_until=None
    )
    events.record("webhook.turned_off", held, by=by, campaign=held.campaign, reason=str(reason))


@transaction.atomic
def turn_on(*, webhook: Webhook, by: User | None) -> None:
    """From now on; what happened meanwhile is not told. A ping is sent."""
    held = _held(webhook)
    if held.is_on:
        return
    _check_room(held.campaign)
    held.off_at, held.off_reason, held.since = None, "", timezone.now()
    held.save(update_fields=["off_at", "off_reason", "since"])
    events.record("webhook.turned_on", held, by=by, campaign=held.campaign)
    events.record("webhook.pinged", held, by=by, campaign=held.campaign)


@transaction.atomic
def send_again(*, delivery: Delivery, by: User | None) -> None:
    """At once, and then as often as a new one. What is on its way already stays as it is."""
    webhook = _held(delivery.webhook)
    _check_on(webhook)
    held = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if held.status == DeliveryStatus.WAITING:
        return
    now = timezone.now()
    lifecycle.advance(held, DeliveryStatus.WAITING, asked_at=now, due_at=now)
    events.record("delivery.asked_again", held, by=by, campaign=webhook.campaign)


def checked_url(url: str) -> str:
    """InvalidInput with what is wrong with it, as far as that can be told without looking the name up."""
    url = url.strip()
    try:
        outbound.check_form(outbound.target_of(url), settings.OUTBOUND_ALLOW)
    except OutboundRefused as error:
        raise InvalidInput(str(Failure(error.refusal.value).label), field="url") from None
    return url


def _held(webhook: Webhook) -> Webhook:
    """Locked: before its deliveries, wherever both are."""
    return Webhook.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=webhook.pk)


def _check_on(webhook: Webhook) -> None:
    if not webhook.is_on:
        raise Conflict(_("This webhook is off, and nothing is sent to it. Turn it on first."))


def _check_room(campaign: Campaign | None) -> None:
    if Webhook.objects.filter(campaign=campaign, off_at__isnull=True).count() >= MOST:
        raise Conflict(_("At most %(most)d webhooks are on at once. Turn one off that nobody needs.") % {"most": MOST})


def _add_secret(webhook: Webhook) -> str:
    secret = signing.new_secret()
    WebhookSecret.objects.create(webhook=webhook, encrypted=signing.encrypted(secret))
    return secret
