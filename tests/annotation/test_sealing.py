"""A week is sealed where the campaign's rule lets it, or where somebody says why else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation import reviews, sealing
from annotation.models import SealingRule
from preferences import tokenizers
from preferences.actions import flags
from preferences.choices import ComparisonStatus, FlagReason, ReviewStatus
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Batch, Campaign, Comparison, Event
from preferences.weeks import week_of
from tests import factories
from tests.factories.reviews import ReviewFactory

pytestmark = pytest.mark.django_db

NOTHING: dict[str, Any] = {"least": 1, "agreement": None, "reviewed_flags": False, "by_the_clock": False}


@pytest.fixture
def a_tokenizer(tmp_path: Path, settings: Any) -> str:
    """The name of the only one that is there."""
    settings.TOKENIZERS_DIR = tmp_path
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "tokenizer.json").write_text("{}")
    return "small"


def rule(campaign: Campaign, **wanted: Any) -> SealingRule:
    return sealing.change_rule(campaign=campaign, by=factories.manager(campaign), **(NOTHING | wanted))


def last_weeks(campaign: Campaign, *scores: list[int]) -> list[Comparison]:
    """Comparisons that were finished in the week before this one."""
    ended = timezone.now() - timedelta(days=7)
    return [
        factories.judged_comparison(campaign, scores=some, finished_at=ended)
        for some in (scores or ([-3] * campaign.raters_per_item,))
    ]


def week(campaign: Campaign) -> str:
    return sealing.last_week(campaign)


def test_without_a_rule_what_is_finished_is_sealed() -> None:
    campaign = factories.campaign()
    last_weeks(campaign)
    factories.judged_comparison(campaign)  # of this week, which is not over
    found = sealing.proposal(campaign, week(campaign))
    assert (found.ready, found.held, found.reasons) == (1, 0, ())
    batch = sealing.seal(campaigns=[campaign], week=week(campaign), by=factories.manager(campaign))
    assert batch.items.count() == 1
    assert not Event.objects.filter(verb="batch.sealed_anyway").exists()


def test_too_few_comparisons_hold_a_week_back() -> None:
    campaign = factories.campaign()
    rule(campaign, least=3)
    last_weeks(campaign, [-3], [-2])
    with pytest.raises(Conflict, match=r"2 comparisons are finished and the rule wants 3\. Nothing was sealed"):
        sealing.seal(campaigns=[campaign], week=week(campaign), by=None)
    assert not Batch.objects.exists()
    last_weeks(campaign, [-1])
    assert sealing.seal(campaigns=[campaign], week=week(campaign), by=None).items.count() == 3


@pytest.mark.parametrize(
    ("scores", "told"),
    [([[-4, 4], [3, -3], [-2, 2]], "The lower limit of the week's AC2 is -"), ([[-3, -3]] * 3, "")],
    ids=["they disagree", "they agree"],
)
def test_the_weeks_agreement_holds_it_back(scores: list[list[int]], told: str) -> None:
    campaign = factories.campaign(raters_per_item=2)
    rule(campaign, agreement=0.2)
    last_weeks(campaign, *scores)
    reasons = sealing.proposal(campaign, week(campaign)).reasons
    assert bool(reasons) is bool(told)
    assert all(reason.startswith(told) for reason in reasons)


def test_agreement_that_nobody_can_tell_holds_it_back() -> None:
    campaign = factories.campaign()
    rule(campaign, agreement=0.2)
    last_weeks(campaign)
    [reason] = sealing.proposal(campaign, week(campaign)).reasons
    assert "cannot be told" in reason


def test_what_was_flagged_must_have_been_reviewed() -> None:
    campaign = factories.campaign()
    rule(campaign, reviewed_flags=True)
    [made] = last_weeks(campaign)
    judgment = made.judgments.get()
    flags.raise_flag(comparison=made, by=judgment.annotator, reason=FlagReason.BROKEN)
    [reason] = sealing.proposal(campaign, week(campaign)).reasons
    assert reason == "1 comparison was flagged and no reviewer has looked at it."
    reviewer = factories.reviewer(campaign)
    review = factories.taken_review(judgment, reviewer)
    reviews.approve(key=review.key, by=reviewer, revision=judgment.revision)
    assert sealing.proposal(campaign, week(campaign)).reasons == ()


@pytest.mark.parametrize(
    ("status", "hours"),
    [(ReviewStatus.APPROVED, -1), (ReviewStatus.WITHDRAWN, 1)],
    ids=["a look before the flag", "a review that ended without a look"],
)
def test_no_other_review_is_a_look_at_what_was_flagged(status: ReviewStatus, hours: int) -> None:
    campaign = factories.campaign()
    rule(campaign, reviewed_flags=True)
    [made] = last_weeks(campaign)
    judgment = made.judgments.get()
    decided = timezone.now() + timedelta(hours=hours)
    by = {"reviewer": factories.user()} if status == ReviewStatus.APPROVED else {}
    ReviewFactory(judgment=judgment, status=status, decided_at=decided, **by)
    flags.raise_flag(comparison=made, by=judgment.annotator, reason=FlagReason.BROKEN)
    assert len(sealing.proposal(campaign, week(campaign)).reasons) == 1


def test_somebody_may_seal_it_anyway_and_says_why() -> None:
    campaign = factories.campaign()
    rule(campaign, least=5)
    last_weeks(campaign)
    boss = factories.manager(campaign)
    batch = sealing.seal(campaigns=[campaign], week=week(campaign), by=boss, anyway=" The campaign ends. ")
    event = Event.objects.get(verb="batch.sealed_anyway")
    assert (event.actor, event.campaign) == (boss, campaign)
    assert event.subject == f"batch:{batch.pk}"
    assert event.data["reason"] == "The campaign ends."
    assert event.data["held_back_by"] == ["1 comparison is finished and the rule wants 5."]


def test_the_clock_seals_what_nothing_holds_back_once() -> None:
    good, few, by_hand, empty = (factories.campaign() for _ in range(4))
    rule(good, by_the_clock=True)
    rule(few, by_the_clock=True, least=9)
    rule(empty, by_the_clock=True)
    for campaign in (good, few, by_hand):
        last_weeks(campaign)
    [batch] = sealing.seal_by_the_clock()
    assert {item.comparison.campaign for item in batch.items.all()} == {good}
    assert (batch.week, batch.sealed_by) == (week(good), None)
    assert sealing.seal_by_the_clock() == []
    assert Comparison.objects.filter(status=ComparisonStatus.JUDGED).count() == 2


def test_a_campaign_whose_sealing_fails_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = factories.campaign(), factories.campaign()
    for campaign in (first, second):
        rule(campaign, by_the_clock=True)
        last_weeks(campaign)
    seal = sealing.batches.seal

    def late(**wanted: Any) -> Batch:
        if wanted["campaigns"] == [first]:
            raise Conflict("Somebody was faster.")
        return seal(**wanted)

    monkeypatch.setattr(sealing.batches, "seal", late)
    assert [batch.items.get().comparison.campaign for batch in sealing.seal_by_the_clock()] == [second]


def test_the_last_week_ends_where_the_campaign_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 22, 20, 0, tzinfo=UTC))  # a Sunday evening
    assert week_of(timezone.now()) == "2026-W47"
    assert sealing.last_week(factories.campaign(time_zone="UTC")) == "2026-W46"
    assert sealing.last_week(factories.campaign(time_zone="Asia/Tokyo")) == "2026-W47"


def test_proposals_are_of_campaigns_with_something_to_seal() -> None:
    waiting, nothing = factories.campaign(), factories.campaign()
    last_weeks(waiting)
    assert [one.campaign for one in sealing.proposals([waiting, nothing])] == [waiting]


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"least": 0}, "least"),
        ({"least": None}, "least"),
        ({"agreement": 1.5}, "agreement"),
        ({"language": "English"}, "language"),
        ({"licence": "CC BY 4.0"}, "licence"),
        ({"tokenizer": "../../etc"}, "tokenizer"),
    ],
    ids=["none", "no number", "no share", "no language", "no licence", "no tokenizer"],
)
def test_a_rule_that_cannot_be_is_a_sentence_by_its_field(wanted: dict[str, Any], field: str) -> None:
    campaign = factories.campaign()
    with pytest.raises(InvalidInput) as told:
        rule(campaign, **wanted)
    assert told.value.field == field
    assert not SealingRule.objects.exists()


def test_a_rule_is_its_managers_and_its_change_an_event() -> None:
    campaign = factories.campaign()
    with pytest.raises(NotAllowed):
        sealing.change_rule(campaign=campaign, by=factories.annotator(campaign), **NOTHING)
    rule(campaign, least=7)
    event = Event.objects.get(verb="sealing_rule.changed")
    assert (event.campaign, event.data["after"]["least"]) == (campaign, 7)


@pytest.mark.parametrize("wrong", [{"least": 0}, {"agreement": 1.1}], ids=["none", "no share"])
def test_postgresql_refuses(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="sealing_rule_ranges"), transaction.atomic():
        SealingRule.objects.create(campaign=factories.campaign(), **wrong)


def test_a_batch_says_of_itself_what_the_rules_of_its_campaigns_say(a_tokenizer: str) -> None:
    english, german, silent = factories.campaign(), factories.campaign(), factories.campaign()
    for campaign in (english, german, silent):
        last_weeks(campaign)
    rule(english, language="en", licence="cc-by-4.0", tokenizer=a_tokenizer)
    rule(german, language="de", licence="cc-by-4.0")
    batch = sealing.seal(campaigns=[english, german, silent], week=week(english), by=None)
    batch.refresh_from_db()
    assert (batch.languages, batch.licences) == (["de", "en"], ["cc-by-4.0"])
    assert (batch.tokenizer, batch.tokenizer_sha256) == (a_tokenizer, tokenizers.sha256_of(a_tokenizer))


def test_a_batch_has_one_tokenizer_and_it_must_be_there(a_tokenizer: str) -> None:
    one, other = factories.campaign(), factories.campaign()
    for campaign, name in ((one, a_tokenizer), (other, "another")):
        last_weeks(campaign)
        SealingRule.objects.create(campaign=campaign, reviewed_flags=False, tokenizer=name)
    with pytest.raises(Conflict, match="several tokenizers, another, small, and a batch has one"):
        sealing.seal(campaigns=[one, other], week=week(one), by=None)
    with pytest.raises(Conflict, match="There is no tokenizer “another”"):
        sealing.seal(campaigns=[other], week=week(other), by=None)
    assert not Batch.objects.exists()
