"""What has a verdict and makes no pair all the same: flagged comparisons, and those that were not blind."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from exports.exclusions import FLAGGED, NOT_BLIND
from exports.rows import preference_rows
from preferences.actions import flags
from preferences.choices import ReviewStatus, Split
from preferences.models import Batch, Comparison
from tests import factories
from tests.annotation.helpers import open_campaign
from tests.exports.helpers import manifest_of, sealed, written
from tests.factories.reviews import ReviewFactory

pytestmark = pytest.mark.django_db


def exported(batch: Batch) -> tuple[set[str], Counter[str]]:
    """The comparisons that pairs are made of, and what was left out."""
    excluded: Counter[str] = Counter()
    return {row["comparison"] for split in Split for row, _ in preference_rows(batch, split, excluded)}, excluded


def flag(comparison: Comparison) -> None:
    flags.raise_flag(comparison=comparison, by=factories.user(), reason="other")


def looked_at(comparison: Comparison, *, hours_from_now: int = 0) -> None:
    """A reviewer approved its judgment."""
    ReviewFactory(
        judgment=comparison.judgments.get(),
        status=ReviewStatus.APPROVED,
        reviewer=factories.user(),
        decided_at=timezone.now() + timedelta(hours=hours_from_now),
    )


def test_a_flag_leaves_a_comparison_out_until_a_reviewer_has_looked_at_it() -> None:
    campaign = open_campaign()
    plain, flagged, reviewed, again, late, ended = (factories.judged_comparison(campaign) for _ in range(6))
    looked_at(again, hours_from_now=-1)  # before anybody flagged it
    for comparison in (flagged, reviewed, again, late, ended):
        flag(comparison)
    looked_at(reviewed)
    looked_at(late, hours_from_now=1)
    ReviewFactory(judgment=ended.judgments.get(), status=ReviewStatus.WITHDRAWN, decided_at=timezone.now())
    found, excluded = exported(sealed(campaign))
    assert found == {str(plain.key), str(reviewed.key)}
    assert excluded == {FLAGGED: 4}


def test_a_flag_that_is_raised_after_the_sealing_changes_no_export(tmp_path: Path) -> None:
    campaign = open_campaign()
    comparison = factories.judged_comparison(campaign)
    batch = sealed(campaign)
    before = written(batch, tmp_path / "before")
    flag(comparison)
    assert written(batch, tmp_path / "after").manifest_sha256 == before.manifest_sha256


@pytest.mark.parametrize("side", ["text_a", "text_b"])
def test_a_response_that_says_which_model_wrote_it_makes_no_pair(side: str, tmp_path: Path) -> None:
    campaign = open_campaign()
    factories.judged_comparison(campaign)
    factories.judged_comparison(campaign, **{side: "I am ChatGPT, a language model trained by OpenAI."})
    written(sealed(campaign), tmp_path / "out")
    assert manifest_of(tmp_path / "out")["excluded"] == {NOT_BLIND: 1}
