"""A sealed batch says which models, which guidelines and which code it is made of, and never anything else."""

from __future__ import annotations

import hashlib

import pytest
from django.db import InternalError, transaction

from preferences.actions import comparisons, guidelines
from preferences.models import Batch
from preferences.versions import code_version
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_batch_keeps_each_model_as_it_answered_and_each_guideline_that_was_judged_by() -> None:
    campaign = factories.campaign()
    early, late = factories.variant("early"), factories.variant("late")
    for weights in ("a" * 64, "a" * 64, "b" * 64):
        turn = factories.turn(campaign)
        one, other = (
            factories.response(turn, variant=early),
            factories.response(turn, variant=late, weights_hash=weights),
        )
        factories.judge(comparisons.open_pair(turn=turn, response_a=one, response_b=other))
    second = guidelines.publish(campaign=campaign, text="Be fairer.", by=None)
    factories.judged_comparison(campaign)
    factories.judged_comparison(factories.campaign())

    batch = factories.batch(campaign, comparisons=0)

    of_models = [(one["name"], one["weights_hash"][:1], one["responses"]) for one in batch.made_of["variants"]]
    assert of_models[:3] == [("early", "0", 3), ("late", "a", 2), ("late", "b", 1)]
    assert sum(one["responses"] for one in batch.made_of["variants"]) == 8
    assert [(one["campaign"], one["version"], one["judgments"]) for one in batch.made_of["guidelines"]] == [
        (campaign.slug, 1, 3),
        (campaign.slug, 2, 1),
    ]
    assert batch.made_of["guidelines"][1]["sha256"] == hashlib.sha256(second.text.encode()).hexdigest()
    assert batch.made_of["code_version"] == code_version()


def test_what_it_is_made_of_stays() -> None:
    batch = factories.batch(comparisons=1)
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        Batch.objects.update(made_of={})
    batch.refresh_from_db()
    assert batch.made_of["variants"]
