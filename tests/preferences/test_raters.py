from __future__ import annotations

from collections import defaultdict

import pytest

from preferences.counting import Scope
from preferences.cuts import Cut
from preferences.models import Batch
from preferences.raters import raters_by, raters_of
from tests import factories
from tests.preferences.counted_by_hand import keys_of, rated, record

pytestmark = pytest.mark.django_db


def test_the_raters_of_every_part_of_every_cut_are_those_counted_by_hand() -> None:
    campaigns = record()
    for scope in (Scope((campaigns[0],)), Scope(tuple(campaigns)), Scope(tuple(campaigns), (Batch.objects.get(),))):
        rows = list(rated(scope))
        assert raters_of(scope) == len({judgment.annotator_id for judgment, _comparison in rows}) > 0
        for cut in Cut:
            found = defaultdict(set)
            for judgment, comparison in rows:
                for key in keys_of(cut, judgment, comparison):
                    found["" if key is None else str(key)].add(judgment.annotator_id)
            assert raters_by(scope, cut) == {key: len(people) for key, people in found.items()}, cut


def test_nobody_rated_what_nobody_rated() -> None:
    for scope in (Scope(()), Scope((factories.campaign(),))):
        assert (raters_of(scope), raters_by(scope, Cut.TURN)) == (0, {})
