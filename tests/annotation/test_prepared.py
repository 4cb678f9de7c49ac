"""A query that is kept asks what the query built anew asks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from annotation import claimants, leases, ordering
from annotation.claimants import Claimant
from annotation.leases import first_of, prepared_lock, prepared_look, rows_to_lock
from annotation.prepared import Prepared
from preferences.models import Campaign
from tests.annotation.helpers import new_annotator, new_comparison, open_campaign
from webapp.accounts.models import User

NOTHING: dict[str, Any] = {"opted_out": [], "pools": [], "had_as_gold": [], "last_family": "", "last_category": ""}
CLAIMANTS = {
    "whose first pair it is": {},
    "after a prompt of a family": {"last_family": "sky"},
    "after a prompt of a category": {"last_family": "sky", "last_category": "factual"},
    "of two pools": {"pools": [7, 8], "last_category": "factual"},
    "who opted out": {"opted_out": ["self_harm", "violence"]},
    "who had gold": {"had_as_gold": [11], "last_category": "it's 100% new"},
}


def told(text: str, parameters: tuple[Any, ...]) -> tuple[str, list[str]]:
    """Both without what makes no difference: a value that is given stands in parentheses."""
    return text.replace("(%s)", "%s"), [repr(value) for value in parameters]


def check_same(kept: Prepared[Any], values: dict[str, Any], anew: QuerySet[Any]) -> None:
    text, parameters = anew.query.sql_with_params()
    assert told(kept.text, kept.filled(values)) == told(text, parameters)


@pytest.mark.django_db
@pytest.mark.parametrize("claimant", CLAIMANTS.values(), ids=CLAIMANTS.keys())
@pytest.mark.parametrize("raters", [1, 3])
def test_a_look_at_the_queue_asks_what_one_built_anew_asks(claimant: dict[str, Any], raters: int) -> None:
    for person, campaign in ((3, 5), (2**40, 6)):
        facts: dict[str, Any] = {**NOTHING, **claimant}
        found = list(
            ordering.looks(Campaign(pk=campaign, raters_per_item=raters), Claimant(by=User(pk=person), **facts))
        )
        assert len(found) == (2 if raters == 1 else 3) * (len(facts["pools"]) + 1)
        for look, values in found:
            check_same(prepared_look(look), values, first_of(ordering.candidates(look, values), values["by"]))
            assert {person, campaign} <= set(prepared_look(look).filled(values))


@pytest.mark.django_db
def test_the_lock_asks_what_one_built_anew_asks() -> None:
    for person in (3, 2**40):
        values = {"key": uuid.uuid4(), "by": person, "now": timezone.now()}
        check_same(prepared_lock(), values, rows_to_lock(values))


@pytest.mark.django_db
def test_what_is_known_of_who_claims_is_asked_as_one_built_anew_asks() -> None:
    for person, campaign in ((3, 5), (2**40, 6)):
        values = {"by": person, "campaign": campaign, "now": timezone.now()}
        check_same(claimants.prepared_person(), values, claimants.person_to_lock(values))
        for opted_out in ((), ("self_harm", "violence")):
            check_same(leases.prepared_mine(opted_out), values, leases.rows_held(opted_out, values))


def read(row: Model) -> Mapping[str, Any]:
    """All of a row, with the rows that were read with it."""
    related = {name: read(one) for name, one in row._state.fields_cache.items() if isinstance(one, Model)}
    return {name: value for name, value in vars(row).items() if name != "_state"} | related


@pytest.mark.django_db
def test_it_reads_the_same_rows_with_all_that_belongs_to_them() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    with transaction.atomic():
        assignment = leases.lease_next(campaign, Claimant(by=ann, **NOTHING))
    assert assignment is not None
    values = {"key": assignment.key, "by": ann.pk, "now": timezone.now()}

    kept, (anew,) = prepared_lock().first(values), rows_to_lock(values)

    assert kept is not None
    assert read(kept) == read(anew)
    assert kept.comparison.campaign == campaign
    assert prepared_lock().first({**values, "key": uuid.uuid4()}) is None


@pytest.mark.django_db(transaction=True)
def test_nothing_is_locked_outside_of_a_transaction() -> None:
    campaign = open_campaign()
    new_comparison(campaign)
    ann = new_annotator(campaign)
    look, values = next(ordering.looks(campaign, Claimant(by=ann, **NOTHING)))
    with transaction.atomic():
        assert prepared_look(look).first(values) is not None

    with pytest.raises(transaction.TransactionManagementError):
        prepared_look(look).first(values)
