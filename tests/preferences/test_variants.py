"""What a variant is stays; how much of it is asked for may change."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import InternalError, transaction

from preferences.actions import variants
from preferences.choices import VariantStatus
from preferences.errors import InvalidInput, InvalidTransition
from preferences.models import Event, Variant
from tests import factories

pytestmark = pytest.mark.django_db

LIMITS: dict[str, Any] = {
    "context_tokens": 4096,
    "max_prompt_tokens": 2000,
    "max_tokens": 1000,
    "batch_size": 8,
    "queue": "big",
}


def test_a_retired_variant_stays_retired() -> None:
    variant = factories.variant()
    variants.retire(variant=variant, by=None)
    assert variant.status == VariantStatus.RETIRED
    with pytest.raises(InvalidTransition):
        variants.retire(variant=variant, by=None)


@pytest.mark.parametrize("field", ["name", "iteration", "engine", "location", "chat_template", "system_prompt"])
def test_what_answers_come_from_is_never_changed(field: str) -> None:
    variant = factories.variant()
    with pytest.raises(InternalError, match="Cannot update rows"), transaction.atomic():
        Variant.objects.filter(pk=variant.pk).update(**{field: "another"})


@pytest.mark.parametrize("field", ["weights_hash", "revision"])
def test_weights_may_become_known_once(field: str) -> None:
    found = Variant.objects.filter(pk=factories.variant().pk)
    found.update(**{field: "a" * 64})
    with pytest.raises(InternalError, match="Cannot update rows"), transaction.atomic():
        found.update(**{field: "b" * 64})
    found.update(**{field: "a" * 64})


def test_limits_change_and_the_event_says_what_they_were() -> None:
    variant, person = factories.variant(), factories.user()
    variants.change_limits(variant=variant, by=person, **LIMITS)
    stored = Variant.objects.get(pk=variant.pk)
    assert {name: getattr(stored, name) for name in LIMITS} == LIMITS
    event = Event.objects.latest("pk")
    assert (event.actor, event.data["before"]["max_tokens"], event.data["after"]) == (person, 256, LIMITS)
    before = Event.objects.count()
    variants.change_limits(variant=variant, by=person, **LIMITS)
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"iteration": "x" * 61}, "iteration"),
        ({"location": "x" * 501}, "location"),
        ({"system_prompt": "a\x00b"}, "system_prompt"),
        ({"weights_hash": "abc"}, "weights_hash"),
        ({"queue": "two words"}, "queue"),
        ({"batch_size": 0}, "batch_size"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": None}, "max_tokens"),
        ({"max_prompt_tokens": 10**8}, "max_prompt_tokens"),
        ({"context_tokens": 200}, "context_tokens"),
        ({"context_tokens": 3999, "max_prompt_tokens": 2000, "max_tokens": 2000}, "context_tokens"),
    ],
    ids=str,
)
def test_what_no_variant_can_be_is_refused_with_a_sentence(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        variants.register(**{"name": "new", "engine": "tiny", "by": None, **wrong})
    assert refused.value.field == field
    assert not Variant.objects.exists()


@pytest.mark.parametrize(
    ("settings", "longest"),
    [
        ({}, None),
        ({"max_prompt_tokens": 1000}, 1000),
        ({"context_tokens": 1500}, 500),
        ({"context_tokens": 4096, "max_prompt_tokens": 2000}, 2000),
    ],
    ids=str,
)
def test_the_longest_dialogue_leaves_room_for_the_response(settings: dict[str, Any], longest: int | None) -> None:
    assert factories.variant(max_tokens=1000, **settings).longest_prompt == longest


def test_what_a_check_found_is_adopted_where_nobody_said_it_before() -> None:
    variant = factories.variant(revision="v1")
    variants.adopt(variant=variant, weights_hash="a" * 64, revision="late", context_tokens=4096, by=None)
    stored = Variant.objects.get(pk=variant.pk)
    assert (stored.weights_hash, stored.revision, stored.context_tokens) == ("a" * 64, "v1", 4096)
    before = Event.objects.count()
    variants.adopt(variant=variant, weights_hash="b" * 64, revision="late", context_tokens=8192, by=None)
    assert Event.objects.count() == before


def test_a_context_that_the_limits_do_not_fit_into_is_not_adopted() -> None:
    variant = factories.variant(max_prompt_tokens=2000, max_tokens=2000)
    with pytest.raises(InvalidInput, match="4,000 tokens together, more than the context of 2,048"):
        variants.adopt(variant=variant, weights_hash="", revision="", context_tokens=2048, by=None)
