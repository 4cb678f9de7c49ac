"""Health checks of variants in the record: wanted, taken up by a worker under a lease, finished with what was found.

A check that nobody has finished is the variant's only one; `unfinished` is what the sweep calls workers for.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences import text as texts
from preferences.actions import events, variants
from preferences.choices import VariantStatus
from preferences.errors import Conflict
from preferences.models import Variant
from preferences.models.variants import MOST_TOKENS
from workers.engines.probe import Health
from workers.models import HealthCheck

if TYPE_CHECKING:
    from webapp.accounts.models import User

LEASE = timedelta(seconds=15)  # renewed while the worker lives
MOST_ATTEMPTS = 3  # checks that ended without a word: the model kills its workers
SILENT = "Its worker ended without a word several times while it loaded or probed the model; its log says more."


@transaction.atomic
def request(*, variant: Variant, by: User | None) -> HealthCheck:
    """Notes that a check is wanted; where one is wanted already, that one. `take` and `finish` are the worker's."""
    locked = Variant.objects.select_for_update(no_key=True).get(pk=variant.pk)
    if locked.status == VariantStatus.RETIRED:
        raise Conflict(_("“%(variant)s” is retired: it is sampled no more, and not checked.") % {"variant": variant})
    check_sampled_here(locked)
    if unfinished := locked.health_checks.filter(finished_at__isnull=True).first():
        return unfinished
    check = HealthCheck.objects.create(variant=locked, requested_by=by)
    events.record("health_check.requested", check, by=by, variant=locked.name)
    return check


def unfinished() -> QuerySet[HealthCheck]:
    """Checks that no living worker holds."""
    lost = Q(holder__isnull=True) | Q(leased_until__lt=timezone.now())
    return HealthCheck.objects.filter(lost, finished_at__isnull=True).order_by("pk")


@transaction.atomic
def take(*, check: HealthCheck) -> uuid.UUID | None:
    """Leases a check that nobody holds; the holder's key, or None where there is nothing to do."""
    free = unfinished().select_for_update(skip_locked=True).filter(pk=check.pk).first()
    if free is None:
        return None
    now = timezone.now()
    free.holder, free.leased_until, free.started_at = uuid.uuid4(), now + LEASE, now
    free.attempts += 1
    free.save(update_fields=["holder", "leased_until", "started_at", "attempts"])
    if free.attempts > MOST_ATTEMPTS:
        _finish(free, Health(None, "", (SILENT,), (), 0.0))
        return None
    return free.holder


def renew(*, check: HealthCheck, holder: uuid.UUID) -> bool:
    """A sign of life; False where the lease was lost."""
    held = HealthCheck.objects.filter(pk=check.pk, holder=holder)
    return held.update(leased_until=timezone.now() + LEASE) == 1


@transaction.atomic
def finish(*, check: HealthCheck, holder: uuid.UUID, health: Health) -> bool:
    """Records what was found; False, and nothing stored, where the lease was lost."""
    held = HealthCheck.objects.select_for_update().select_related("variant").get(pk=check.pk)
    if held.holder != holder:
        return False
    _finish(held, _against_the_record(held.variant, health))
    check.refresh_from_db()
    return True


@transaction.atomic
def adopt(*, check: HealthCheck, by: User | None) -> None:
    """The weights and the context that a check found become what the variant is held to, where it says nothing."""
    if not check.usable:
        raise Conflict(_("Only what a check found usable can be adopted."))
    variants.adopt(
        variant=check.variant,
        weights_hash=check.weights_hash,
        revision=check.revision,
        context_tokens=check.context_tokens,
        by=by,
    )


def latest(variant: Variant) -> HealthCheck | None:
    """The last one that was finished."""
    return latest_of([variant]).get(variant.pk)


def latest_of(wanted: Iterable[Variant]) -> dict[int, HealthCheck]:
    """The last finished check of each variant that has one, by the variant's key."""
    finished = HealthCheck.objects.filter(variant__in=[one.pk for one in wanted], finished_at__isnull=False)
    return {check.variant_id: check for check in finished.order_by("variant", "-pk").distinct("variant")}


def check_usable(wanted: Iterable[Variant], *, anyway: bool) -> None:
    """Refuses variants whose last check found problems, or that nobody checked, unless they are wanted `anyway`."""
    for variant in wanted:
        check_sampled_here(variant)
        check = latest(variant)
        if anyway or (check is not None and check.usable):
            continue
        if check is None:
            raise Conflict(
                _("Nobody has checked yet that “%(variant)s” answers. Check it first, or use it anyway.")
                % {"variant": variant},
                field="anyway",
            )
        raise Conflict(
            _("The last check of “%(variant)s” found a problem: %(problem)s Mend it, or use it anyway.")
            % {"variant": variant, "problem": check.problems[0]},
            field="anyway",
        )


def check_sampled_here(variant: Variant) -> None:
    if variant.engine == variants.IMPORTED:
        raise Conflict(
            _("The answers of “%(variant)s” were imported: there is no model here that could give more.")
            % {"variant": variant}
        )


def _against_the_record(variant: Variant, health: Health) -> Health:
    """What was found beside what the variant was registered with."""
    info, warnings = health.info, list(health.warnings)
    if info is None:
        return health
    if info.context is not None and variant.context_tokens is not None and info.context < variant.context_tokens:
        warnings.append(
            f"The variant says that it holds {variant.context_tokens} tokens; its engine says {info.context}."
        )
    needed = (variant.max_prompt_tokens or 1) + variant.max_tokens
    if info.context is not None and info.context < needed:
        warnings.append(
            f"The longest dialogue and the longest response have {needed} tokens together, and the model holds "
            f"{info.context}: longer dialogues are refused."
        )
    if variant.revision and info.revision and variant.revision != info.revision:
        warnings.append(f"It was registered as revision “{variant.revision}” and calls itself “{info.revision}”.")
    return replace(health, warnings=tuple(warnings))


def _finish(check: HealthCheck, health: Health) -> None:
    check.usable, check.finished_at, check.seconds = health.usable, timezone.now(), health.seconds
    check.problems, check.warnings = (
        [texts.storable(said) for said in found] for found in (health.problems, health.warnings)
    )
    check.sample = texts.storable(health.sample)[: texts.ANSWER_LIMIT]
    if health.info is not None:
        check.engine_version = texts.storable(health.info.engine_version)[:200]
        check.weights_hash = health.info.weights_hash
        context = health.info.context  # as a server says it
        check.context_tokens = context if context and 0 < context <= MOST_TOKENS else None
        check.revision = texts.storable(health.info.revision)[:200]
    check.holder = check.leased_until = None
    check.save()
    events.record("health_check.finished", check, by=None, variant=check.variant.name, usable=check.usable)
