"""The database's score column and the code's Verdict.score are one number."""

from __future__ import annotations

import pytest

from preferences.choices import Chosen, Degree
from preferences.models import Judgment
from preferences.scales import Verdict
from tests import factories
from tests.factories.judgments import JudgmentFactory

VERDICTS = [
    Verdict(Chosen.TIE, None),
    *[Verdict(chosen, degree) for chosen in (Chosen.A, Chosen.B) for degree in (*Degree, None)],
]


@pytest.mark.django_db
def test_the_score_of_one_response_is_its_rating() -> None:
    item = factories.comparison(factories.rating_campaign(raters_per_item=5))
    given = [factories.judge(item, score=rating) for rating in (5, 1, 2)]
    assert [Judgment.objects.get(pk=judgment.pk).score for judgment in given] == [5, 1, 2]


@pytest.mark.django_db
@pytest.mark.parametrize("verdict", VERDICTS, ids=lambda verdict: f"{verdict.chosen}-{verdict.degree}")
def test_the_generated_score_is_the_verdicts_score(verdict: Verdict) -> None:
    judgment = JudgmentFactory(chosen=verdict.chosen, degree=verdict.degree or "")
    judgment.refresh_from_db()
    assert judgment.score == verdict.score


def test_every_verdict_but_the_undegreed_pair_has_a_score_of_its_own() -> None:
    scores = [verdict.score for verdict in VERDICTS if verdict.degree or verdict.chosen is Chosen.TIE]
    assert sorted(scores) == [-4, -3, -2, -1, 0, 1, 2, 3, 4]
