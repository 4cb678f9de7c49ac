from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import lifecycle
from preferences import text as texts
from preferences.actions import events
from preferences.choices import VariantStatus
from preferences.errors import Conflict, InvalidInput
from preferences.models import Variant
from preferences.models.variants import MOST_BATCH, MOST_TOKENS

if TYPE_CHECKING:
    from webapp.accounts.models import User

IMPORTED = "imported"
LIMITS = ("context_tokens", "max_prompt_tokens", "max_tokens", "batch_size", "queue")
_QUEUE = re.compile(r"[A-Za-z0-9_-]{0,40}")
_SHA256 = re.compile(r"(?:[0-9a-f]{64})?")


@transaction.atomic
def register(*, name: str, engine: str, by: User | None, **settings: Any) -> Variant:
    """Registers a variant, or finds the one of this name; refuses a name that stands for another model."""
    name = checked_name(name)
    _check({"max_tokens": Variant._meta.get_field("max_tokens").default} | settings)
    variant, created = Variant.objects.get_or_create(name=name, defaults={"engine": engine, **settings})
    if variant.engine != engine or variant.location != settings.get("location", variant.location):
        raise Conflict(
            _("“%(name)s” is the name of another variant (%(engine)s); choose another name.")
            % {"name": name, "engine": variant.engine}
        )
    if created:
        events.record("variant.registered", variant, by=by, name=name, engine=engine)
    return variant


def checked_name(name: str) -> str:
    """The name without white space around it; InvalidInput where it is none."""
    return texts.checked(name, what=_("The name"), limit=120, field="name")


@transaction.atomic
def change_limits(
    *,
    variant: Variant,
    context_tokens: int | None,
    max_prompt_tokens: int | None,
    max_tokens: int,
    batch_size: int,
    queue: str,
    by: User | None,
) -> None:
    """How much of it is asked for at once, and where, from the next claim on. What it is does not change."""
    stored = Variant.objects.select_for_update(no_key=True).get(pk=variant.pk)
    settings = {
        "context_tokens": context_tokens,
        "max_prompt_tokens": max_prompt_tokens,
        "max_tokens": max_tokens,
        "batch_size": batch_size,
        "queue": queue,
    }
    _check(settings)
    before = {name: getattr(stored, name) for name in LIMITS}
    for name, value in settings.items():
        setattr(variant, name, value)
    variant.save(update_fields=LIMITS)
    if before != settings:
        events.record("variant.limited", variant, by=by, before=before, after=settings)


@transaction.atomic
def adopt(*, variant: Variant, weights_hash: str, revision: str, context_tokens: int | None, by: User | None) -> None:
    """Notes what was found where the variant lies, as far as nobody has said it before; that then stays."""
    stored = Variant.objects.select_for_update(no_key=True).get(pk=variant.pk)
    found = {"weights_hash": weights_hash, "revision": revision[:120], "context_tokens": context_tokens}
    new: dict[str, Any] = {name: value for name, value in found.items() if value and not getattr(stored, name)}
    _check({name: getattr(stored, name) for name in LIMITS} | new)
    for name, value in new.items():
        setattr(variant, name, value)
    if new:
        variant.save(update_fields=list(new))
        events.record("variant.adopted", variant, by=by, **new)


@transaction.atomic
def retire(*, variant: Variant, by: User | None) -> None:
    """It is drawn no more; what was asked of it before is still answered."""
    lifecycle.advance(variant, VariantStatus.RETIRED)
    events.record("variant.retired", variant, by=by, name=variant.name)


def _check(settings: Mapping[str, Any]) -> None:
    """A sentence about the first setting that cannot be; those that are not there are not looked at."""
    for name in ("context_tokens", "max_prompt_tokens", "max_tokens"):
        _check_whole(settings, name, MOST_TOKENS, optional=name != "max_tokens")
    _check_whole(settings, "batch_size", MOST_BATCH, optional=False)
    context, prompt = settings.get("context_tokens"), settings.get("max_prompt_tokens")
    answer = settings.get("max_tokens", 0)
    if context is not None and context < (prompt or 1) + answer:
        raise InvalidInput(
            _(
                "The longest dialogue and the longest response have %(together)s tokens together, more than the "
                "context of %(context)s. Shorten one of them."
            )
            % {"together": f"{(prompt or 1) + answer:,}", "context": f"{context:,}"},
            field="context_tokens",
        )
    if not _QUEUE.fullmatch(settings.get("queue", "")):
        raise InvalidInput(
            _("The name of a queue has at most 40 letters from a to z, digits, hyphens and underscores."), field="queue"
        )
    if not _SHA256.fullmatch(settings.get("weights_hash", "")):
        raise InvalidInput(
            _("The hash of the weights is the SHA-256 in 64 hexadecimal digits, as sha256sum prints it."),
            field="weights_hash",
        )
    _check_texts(settings)


def _check_whole(settings: Mapping[str, Any], name: str, most: int, *, optional: bool) -> None:
    if name not in settings or (optional and settings[name] is None):
        return
    if settings[name] is None or not 1 <= settings[name] <= most:
        raise InvalidInput(_("Write a whole number from 1 to %(most)s.") % {"most": f"{most:,}"}, field=name)


def _check_texts(settings: Mapping[str, Any]) -> None:
    what = {
        "iteration": (_("The iteration"), 60),
        "location": (_("The location"), 500),
        "revision": (_("The revision"), 120),
        "chat_template": (_("The chat template"), texts.GUIDELINE_LIMIT),
        "system_prompt": (_("The system prompt"), texts.PROMPT_LIMIT),
    }
    for name, (noun, limit) in what.items():
        texts.checked(settings.get(name, ""), what=noun, limit=limit, field=name, empty=True)
