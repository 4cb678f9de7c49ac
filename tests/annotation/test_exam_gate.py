"""A campaign's work is for those who passed its exams, through whatever door they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from annotation import exam_rules, leases, permissions, queue, requirements
from annotation.models import Attempt, CampaignExam, Exam
from annotation.queue import Answer
from preferences.actions import guidelines
from preferences.errors import Conflict, NotAllowed
from preferences.models import Campaign, Event, Judgment
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

GOOD = Answer(place=2)
ASKED = "is for those who passed the exam “An exam”"


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign(track="helpfulness")


@pytest.fixture
def exam(campaign: Campaign) -> Exam:
    return factories.required_exam(campaign)


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


def ended(attempt: Attempt) -> None:
    """The pass ends now."""
    now = timezone.now()
    Attempt.objects.filter(pk=attempt.pk).update(finished_at=now - timedelta(days=1), valid_until=now)


def qualified_until_now(exam: Exam, ann: User) -> Callable[[], None]:
    """The person has passed; calling the answer ends the pass."""
    attempt = factories.taken(exam, ann)
    Attempt.objects.filter(pk=attempt.pk).update(finished_at=timezone.now() - timedelta(days=1))
    return lambda: ended(attempt)


def test_without_the_exam_nothing_is_claimed_and_with_it_everything(campaign: Campaign, exam: Exam, ann: User) -> None:
    factories.comparison(campaign)
    with pytest.raises(NotAllowed, match=ASKED):
        queue.claim(campaign=campaign, by=ann)
    assert queue.following(campaign, ann) is None
    factories.taken(exam, ann)
    assert queue.claim(campaign=campaign, by=ann) is not None


def test_a_failed_attempt_and_one_that_runs_open_nothing(campaign: Campaign, exam: Exam, ann: User) -> None:
    factories.taken(exam, ann, right=False)
    assert not permissions.can_judge(ann, campaign)


def test_somebody_elses_pass_and_another_campaigns_exam_count_for_nothing(
    campaign: Campaign, exam: Exam, ann: User
) -> None:
    factories.taken(exam, factories.annotator(campaign))
    elsewhere = factories.campaign()
    factories.made_people.memberships.add(user=ann, campaign=elsewhere, role="annotator", by=None)
    factories.taken(factories.required_exam(elsewhere), ann)
    assert permissions.can_judge(ann, elsewhere)
    assert not permissions.can_judge(ann, campaign)


def test_of_two_exams_both_are_asked_and_the_first_missing_one_is_named(
    campaign: Campaign, exam: Exam, ann: User
) -> None:
    second = factories.required_exam(campaign, title="The second")
    factories.taken(exam, ann)
    with pytest.raises(NotAllowed, match="The second"):
        queue.claim(campaign=campaign, by=ann)
    factories.taken(second, ann)
    permissions.check_can_judge(ann, campaign)


def test_an_author_without_the_exam_does_not_claim_their_own_turn(campaign: Campaign, exam: Exam, ann: User) -> None:
    comparison = factories.comparison(of=factories.turn(campaign, by=ann))
    with pytest.raises(NotAllowed, match=ASKED):
        queue.claim_own(comparison=comparison, by=ann)
    factories.taken(exam, ann)
    assert queue.claim_own(comparison=comparison, by=ann)


def test_who_holds_a_comparison_when_their_pass_ends_submits_it_and_gets_no_other(
    campaign: Campaign, exam: Exam, ann: User
) -> None:
    end = qualified_until_now(exam, ann)
    for _ in range(2):
        factories.comparison(campaign)
    held = queue.claim(campaign=campaign, by=ann)
    assert held is not None
    end()
    done = queue.submit_and_claim(key=held.key, by=ann, answer=GOOD)
    assert (done.judgment.annotator, done.following) == (ann, None)
    assert queue.revise(key=held.key, by=ann, answer=Answer(place=3), revision=0).revision == 1
    with pytest.raises(NotAllowed, match=ASKED):
        queue.claim(campaign=campaign, by=ann)


def test_who_holds_a_comparison_when_another_exam_is_required_submits_it(campaign: Campaign, ann: User) -> None:
    factories.comparison(campaign)
    held = queue.claim(campaign=campaign, by=ann)
    assert held is not None
    factories.required_exam(campaign)
    assert queue.submit(key=held.key, by=ann, answer=GOOD)


def test_a_lost_comparison_is_not_taken_up_again_without_a_pass(campaign: Campaign, exam: Exam, ann: User) -> None:
    end = qualified_until_now(exam, ann)
    factories.comparison(campaign)
    held = queue.claim(campaign=campaign, by=ann)
    assert held is not None
    end()
    assert queue.reclaim(key=held.key, by=ann) == held, "It is still theirs."
    factories.expire(held)
    with pytest.raises(leases.LeaseLost):
        queue.submit(key=held.key, by=ann, answer=GOOD)
    with pytest.raises(NotAllowed, match=ASKED):
        queue.reclaim(key=held.key, by=ann)
    assert not Judgment.objects.exists()


def test_work_that_was_claimed_without_the_exam_is_not_submitted(campaign: Campaign, exam: Exam, ann: User) -> None:
    """No door gives it; were there one, the last door holds."""
    comparison = factories.comparison(campaign)
    held = leases.lease_of(comparison, ann)
    assert held is not None
    with pytest.raises(NotAllowed, match=ASKED):
        queue.submit(key=held.key, by=ann, answer=GOOD)
    assert not Judgment.objects.exists()


def test_who_is_taken_out_of_the_campaign_is_told_that_and_not_of_the_exam(campaign: Campaign, exam: Exam) -> None:
    with pytest.raises(NotAllowed, match="You are not an annotator"):
        queue.claim(campaign=campaign, by=factories.user())


def second_version(exam: Exam, **fields: Any) -> Exam:
    return factories.exam(slug=exam.slug, version=2, **fields)


def test_a_pass_of_an_earlier_version_counts_unless_a_retest_is_asked(
    campaign: Campaign, exam: Exam, ann: User
) -> None:
    factories.taken(exam, ann)
    second = second_version(exam)
    exam_rules.require(campaign=campaign, exam=second, by=None)
    assert CampaignExam.objects.get().exam == second
    permissions.check_can_judge(ann, campaign)
    exam_rules.require(campaign=campaign, exam=second, by=None, retest=True)
    with pytest.raises(NotAllowed, match=ASKED):
        permissions.check_can_judge(ann, campaign)
    factories.taken(second, ann)
    permissions.check_can_judge(ann, campaign)


def test_a_newcomer_passes_the_version_that_is_required_now(campaign: Campaign, exam: Exam, ann: User) -> None:
    second = second_version(exam)
    exam_rules.require(campaign=campaign, exam=second, by=None)
    assert [row.exam for row in requirements.unmet(ann, [campaign], at=timezone.now())] == [second]
    with pytest.raises(NotAllowed, match="No campaign of yours asks"):
        factories.taken(exam, ann)


def test_an_exam_about_a_guideline_belongs_to_its_version_and_to_its_campaign(campaign: Campaign, ann: User) -> None:
    guideline = guidelines.publish(campaign=campaign, text="Newer.", by=None)
    exam = factories.exam(guideline=guideline)
    with pytest.raises(Conflict, match="cannot be required elsewhere"):
        exam_rules.require(campaign=factories.campaign(), exam=exam, by=None)
    exam_rules.require(campaign=campaign, exam=exam, by=None)
    assert not permissions.can_judge(ann, campaign)


def test_requiring_and_releasing_are_told_once_and_by_whom(campaign: Campaign, ann: User) -> None:
    exam, olga = factories.exam(), factories.manager(campaign)
    for _ in range(2):
        exam_rules.require(campaign=campaign, exam=exam, by=olga)
    assert not permissions.can_judge(ann, campaign)
    for _ in range(2):
        exam_rules.release(campaign=campaign, exam=exam, by=olga)
    assert permissions.can_judge(ann, campaign)
    told = Event.objects.filter(verb__startswith="exam.", campaign=campaign).order_by("pk")
    assert list(told.values_list("verb", "actor")) == [("exam.required", olga.pk), ("exam.released", olga.pk)]


def test_nobody_gives_themselves_another_attempt(campaign: Campaign, exam: Exam) -> None:
    both = factories.reads(factories.manager(campaign), campaign)
    with pytest.raises(NotAllowed, match="Nobody decides about themselves"):
        exam_rules.grant(exam=exam, person=both, campaign=campaign, by=both)
    assert not Event.objects.filter(verb="attempt.granted").exists()
