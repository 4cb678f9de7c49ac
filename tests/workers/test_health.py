"""Health checks: wanted once, taken up by one worker, finished for good, and what they say of a plan."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from preferences.actions import variants
from preferences.errors import Conflict, InvalidInput
from preferences.models import Event, Variant
from tests import factories
from tests.clock import Clock
from tests.factories.health import FOUND, HealthCheckFactory
from tests.workers.helpers import script
from workers import checking, health, sampling, tasks
from workers.engines.base import EngineError
from workers.engines.probe import Health
from workers.models import HealthCheck

pytestmark = pytest.mark.django_db

GOOD = Health(FOUND, "Once.", (), (), 1.0)
LEASE = health.LEASE.total_seconds()


def verbs() -> list[str]:
    found = Event.objects.filter(verb__startswith="health_check").order_by("pk").values_list("verb", flat=True)
    return [verb.removeprefix("health_check.") for verb in found]


def taken(check: HealthCheck) -> uuid.UUID:
    holder = health.take(check=check)
    assert holder is not None
    return holder


def test_a_check_is_wanted_once_however_often_it_is_asked_for() -> None:
    variant, person = factories.variant(), factories.user()
    check = health.request(variant=variant, by=person)
    assert health.request(variant=variant, by=None) == check
    taken(check)
    assert health.request(variant=variant, by=None) == check
    assert (check.requested_by, verbs()) == (person, ["requested"])


def test_what_is_retired_or_was_imported_is_not_checked() -> None:
    retired = factories.variant("gone")
    variants.retire(variant=retired, by=None)
    for variant, sentence in (
        (retired, "“gone” is retired"),
        (factories.variant("foreign", engine=variants.IMPORTED), "answers of “foreign” were imported"),
    ):
        with pytest.raises(Conflict, match=sentence):
            health.request(variant=variant, by=None)


def test_one_worker_checks_at_a_time_and_a_dead_ones_check_is_taken_up(clock: Clock) -> None:
    check = health.request(variant=factories.variant(), by=None)
    first = taken(check)
    assert health.take(check=check) is None
    clock.goes(seconds=LEASE - 1)
    assert health.renew(check=check, holder=first)
    clock.goes(seconds=LEASE - 1)
    assert not health.unfinished().exists()
    clock.goes(seconds=2)
    second = taken(check)
    assert not health.finish(check=check, holder=first, health=GOOD)
    assert not health.renew(check=check, holder=first)
    assert health.finish(check=check, holder=second, health=GOOD)
    assert (check.usable, verbs()) == (True, ["requested", "finished"])


def test_a_check_that_kills_its_workers_ends_as_a_problem(clock: Clock) -> None:
    check = health.request(variant=factories.variant(), by=None)
    for _ in range(health.MOST_ATTEMPTS):
        taken(check)
        clock.goes(seconds=LEASE + 1)
    assert health.take(check=check) is None
    check.refresh_from_db()
    assert (check.usable, check.problems) == (False, [health.SILENT])


def test_what_a_check_found_is_stored_and_then_stays() -> None:
    check = factories.checked(factories.variant(), warnings=("It \x00 stammers.",))
    assert (check.usable, check.warnings, check.sample) == (True, ["It \ufffd stammers."], "The lamp went out.")
    assert (check.weights_hash, check.revision, check.context_tokens) == ("a" * 64, "late", 512)
    for act in (lambda: HealthCheck.objects.update(usable=False), lambda: HealthCheck.objects.all().delete()):
        with pytest.raises(InternalError, match="Cannot update or delete rows"), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"holder": uuid.uuid4()}, "health_check_leased_while_held"),
        ({"usable": True}, "health_check_finished_with_a_verdict"),
        ({"finished_at": timezone.now()}, "health_check_finished_with_a_verdict"),
    ],
    ids=["held without a lease", "unfinished verdict", "no verdict"],
)
def test_the_database_refuses_a_check_that_contradicts_itself(wrong: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        HealthCheckFactory(**wrong)


def test_the_database_knows_one_unfinished_check_of_a_variant() -> None:
    check = HealthCheckFactory()
    with pytest.raises(IntegrityError, match="health_check_one_at_a_time"), transaction.atomic():
        HealthCheckFactory(variant=check.variant)


def test_what_was_found_is_held_against_what_was_registered() -> None:
    variant = factories.variant(context_tokens=4096, max_prompt_tokens=2000, max_tokens=2000, revision="v2")
    warnings = factories.checked(variant).warnings
    assert warnings[0] == "The variant says that it holds 4096 tokens; its engine says 512."
    assert warnings[1].startswith("The longest dialogue and the longest response have 4000 tokens together")
    assert warnings[2] == "It was registered as revision “v2” and calls itself “late”."
    assert factories.checked(factories.variant(), info=replace(FOUND, context=None)).warnings == []


@pytest.mark.parametrize("context", [10**30, 0, -1])
def test_a_context_that_no_model_has_is_not_noted(context: int) -> None:
    check = factories.checked(factories.variant(), info=replace(FOUND, context=context))
    assert check.usable and check.context_tokens is None


def test_what_a_usable_check_found_is_adopted_by_its_variant() -> None:
    check = factories.checked(factories.variant())
    health.adopt(check=check, by=None)
    stored = Variant.objects.get()
    assert (stored.weights_hash, stored.revision, stored.context_tokens) == ("a" * 64, "late", 512)
    broken = factories.checked(factories.variant(), "The disk is full.")
    with pytest.raises(Conflict, match="Only what a check found usable"):
        health.adopt(check=broken, by=None)
    with pytest.raises(InvalidInput, match="more than the context of 512"):
        health.adopt(check=factories.checked(factories.variant(max_tokens=600)), by=None)


def test_a_variant_is_used_after_a_good_check_or_anyway() -> None:
    variant = factories.variant("late")
    with pytest.raises(Conflict, match="Nobody has checked yet that “late” answers"):
        health.check_usable([variant], anyway=False)
    factories.checked(variant)
    health.check_usable([variant], anyway=False)
    factories.checked(variant, "The disk is full.")
    with pytest.raises(Conflict, match=r"last check of “late” found a problem: The disk is full\."):
        health.check_usable([variant], anyway=False)
    health.check_usable([variant], anyway=True)
    with pytest.raises(Conflict, match="were imported"):
        health.check_usable([factories.variant(engine=variants.IMPORTED)], anyway=True)


def test_a_worker_checks_by_the_engine_that_it_samples_with(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = script(monkeypatch, lambda location, request: f"{request.params.seed} {request.params.temperature}")
    check = health.request(variant=factories.variant(location="/models/late"), by=None)
    tasks.check_variant(check.pk)
    check.refresh_from_db()
    assert loaded == ["/models/late"]
    assert check.engine_version == "7" and check.problems == [
        "The engine was asked for at most 4 tokens and gave 7: no limit on the length of an answer would hold."
    ]
    assert not checking.run(check)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (EngineError("There is no folder /models/late."), "There is no folder /models/late."),
        (ZeroDivisionError("by zero"), "The engine stopped: ZeroDivisionError: by zero"),
    ],
    ids=["known", "unknown"],
)
def test_what_keeps_a_model_from_loading_is_the_problem(
    monkeypatch: pytest.MonkeyPatch, error: Exception, problem: str
) -> None:
    def load(*arguments: object, **settings: object) -> None:
        raise error

    monkeypatch.setattr(sampling, "_engines", {})
    monkeypatch.setattr(sampling, "load_engine", load)
    check = health.request(variant=factories.variant(), by=None)
    assert checking.run(check)
    assert (check.usable, check.problems) == (False, [problem])


def test_the_sweep_calls_a_worker_of_the_variants_queue(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    calls: list[tuple[tuple[int], str]] = []
    monkeypatch.setattr(
        tasks.check_variant, "apply_async", lambda arguments, queue, expires: calls.append((arguments, queue))
    )
    plain, big = (health.request(variant=factories.variant(queue=queue), by=None) for queue in ("", "big"))
    tasks.wake()
    assert calls == [((plain.pk,), "sample"), ((big.pk,), "sample.big")]
    taken(plain)
    health.finish(check=big, holder=taken(big), health=GOOD)
    tasks.wake()
    assert len(calls) == 2
    clock.goes(seconds=LEASE + 1)
    tasks.wake()
    assert calls[2:] == [((plain.pk,), "sample")]
