"""What the database refuses of verdicts, edits, leases, care, drafts and readings, whoever writes it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import InternalError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from annotation.models import Assignment, Care, Draft, GuidelineReading
from annotation.models.care import MOST_BREAK_MINUTES
from preferences.choices import (
    AssignmentStatus,
    Category,
    Chosen,
    Degree,
    FlagReason,
    Position,
    RationalePolicy,
    ResponseSource,
    RiskCategory,
    SkipReason,
)
from preferences.models import Flag, Judgment, Response
from tests.factories.assignments import AssignmentFactory
from tests.factories.campaigns import CampaignFactory, GuidelineFactory
from tests.factories.comparisons import ComparisonFactory, SlotFactory
from tests.factories.dialogues import PromptFactory
from tests.factories.judgments import JudgmentFactory
from tests.factories.people import UserFactory
from tests.factories.responses import ResponseFactory
from tests.preferences.refusals import refused

pytestmark = pytest.mark.django_db

UNSAMPLED = dict.fromkeys(("temperature", "top_p", "seed", "prompt_tokens", "completion_tokens", "latency_ms"))


@pytest.mark.parametrize("word", ["", "maybe", "REQUIRED"])
def test_a_campaign_asks_for_rationales_by_one_of_our_policies(word: str) -> None:
    with refused("campaign_rationale"):
        CampaignFactory(rationale=word)
    for policy in RationalePolicy:
        assert CampaignFactory(rationale=policy).pk


def test_a_second_category_is_one_of_our_words() -> None:
    campaign = CampaignFactory()
    with refused("prompt_second_category"):
        PromptFactory(campaign=campaign, second_category="cooking")
    assert PromptFactory(campaign=campaign, second_category=Category.WRITING).pk


@pytest.mark.parametrize("words", [(Category.WRITING, Category.WRITING), ("", Category.WRITING)], ids=str)
def test_a_prompt_of_two_categories_has_two_different_ones(words: tuple[str, str]) -> None:
    campaign = CampaignFactory()
    with refused("prompt_two_categories_differ"):
        PromptFactory(campaign=campaign, category=words[0], second_category=words[1])


def test_a_form_stores_one_prompt() -> None:
    key = uuid.uuid4()
    first = PromptFactory(key=key)
    with refused("preferences_prompt_key"):
        PromptFactory(key=key, campaign=first.campaign)
    assert PromptFactory(campaign=first.campaign).key != key


@pytest.mark.parametrize("word", ["", "written", "EDITED"])
def test_a_response_comes_from_one_of_our_sources(word: str) -> None:
    response = ResponseFactory()
    with refused("response_source"):
        ResponseFactory(turn=response.turn, variant=response.variant, source=word)


def test_an_edited_response_has_no_provenance_of_a_sampling_and_a_sampled_one_has() -> None:
    sampled = ResponseFactory()
    with refused("response_has_provenance"):
        ResponseFactory(turn=sampled.turn, variant=sampled.variant, **UNSAMPLED)
    edited = ResponseFactory(
        turn=sampled.turn, variant=sampled.variant, source=ResponseSource.EDITED, text="Better.", **UNSAMPLED
    )
    assert edited.pk


def test_an_edited_response_is_not_empty() -> None:
    sampled = ResponseFactory()
    with refused("response_not_empty"):
        ResponseFactory(turn=sampled.turn, variant=sampled.variant, source=ResponseSource.EDITED, text="")


def edited(judgment: Judgment) -> Response:
    """An edited text to the judgment's own turn."""
    comparison = judgment.comparison
    fields = {"variant": comparison.response_a.variant, "source": ResponseSource.EDITED, **UNSAMPLED}
    response: Response = ResponseFactory(turn=comparison.turn, text="Better.", **fields)
    return response


@pytest.mark.parametrize("chosen", [Chosen.TIE, Chosen.NEITHER])
def test_only_a_chosen_response_is_edited(chosen: Chosen) -> None:
    judgment = JudgmentFactory(chosen=chosen, degree="")
    response = edited(judgment)
    with refused("judgment_edits_a_chosen_response"):
        Judgment.objects.filter(pk=judgment.pk).update(edited_response=response)
    Judgment.objects.filter(pk=judgment.pk).update(chosen=Chosen.B, edited_response=response)
    with refused("judgment_edits_a_chosen_response"):
        Judgment.objects.filter(pk=judgment.pk).update(chosen=chosen)


@pytest.mark.parametrize("revision", [{"revision": 1}, {"revised_at": timezone.now()}], ids=["no time", "no number"])
def test_a_revised_judgment_says_how_often_and_when(revision: dict[str, Any]) -> None:
    judgment = JudgmentFactory()
    with refused("judgment_revised_when"):
        Judgment.objects.filter(pk=judgment.pk).update(**revision)
    assert Judgment.objects.filter(pk=judgment.pk).update(revision=1, revised_at=timezone.now()) == 1


@pytest.mark.parametrize("degree", Degree)
def test_a_vote_that_neither_is_valid_has_no_degree(degree: Degree) -> None:
    judgment = JudgmentFactory(chosen=Chosen.NEITHER, degree="")
    with refused("judgment_tie_has_no_degree"):
        Judgment.objects.filter(pk=judgment.pk).update(degree=degree)


def test_a_vote_that_neither_is_valid_has_no_score() -> None:
    judgment = JudgmentFactory(chosen=Chosen.NEITHER, degree="")
    judgment.refresh_from_db()
    assert judgment.score is None


def test_a_flag_gives_one_of_our_reasons_and_each_once_for_each_annotator() -> None:
    comparison, ann, bob = ComparisonFactory(), UserFactory(), UserFactory()
    with refused("flag_reason"):
        Flag.objects.create(comparison=comparison, annotator=ann, reason="boring")
    Flag.objects.create(comparison=comparison, annotator=ann, reason=FlagReason.BROKEN)
    with refused("flag_once_per_reason"):
        Flag.objects.create(comparison=comparison, annotator=ann, reason=FlagReason.BROKEN, note="Again.")
    assert Flag.objects.create(comparison=comparison, annotator=ann, reason=FlagReason.OTHER).pk
    assert Flag.objects.create(comparison=comparison, annotator=bob, reason=FlagReason.BROKEN).pk


def test_a_lease_is_skipped_for_one_of_our_reasons() -> None:
    slot, ann = SlotFactory(), UserFactory()
    with refused("assignment_skip_reason"):
        AssignmentFactory(slot=slot, annotator=ann, status=AssignmentStatus.RELEASED, skip_reason="lunch")
    released = {"status": AssignmentStatus.RELEASED, "skip_reason": SkipReason.OTHER, "skip_note": "Lunch."}
    assert AssignmentFactory(slot=slot, annotator=ann, **released).pk


@pytest.mark.parametrize("status", [AssignmentStatus.ACTIVE, AssignmentStatus.EXPIRED])
@pytest.mark.parametrize("word", [{"skip_reason": SkipReason.OTHER}, {"skip_note": "Lunch."}], ids=str)
def test_only_a_lease_given_back_says_why(status: AssignmentStatus, word: dict[str, str]) -> None:
    slot, ann = SlotFactory(), UserFactory()
    with refused("assignment_skipped_when_released"):
        AssignmentFactory(slot=slot, annotator=ann, status=status, **word)


def test_nobody_works_for_less_than_no_time() -> None:
    lease = AssignmentFactory()
    with refused("assignment_active_seconds"):
        Assignment.objects.filter(pk=lease.pk).update(active_seconds=-0.5)


@pytest.mark.parametrize("words", [["cooking"], [RiskCategory.UNQUALIFIED_ADVICE, ""]], ids=str)
def test_a_person_opts_out_of_risk_categories_only(words: list[str]) -> None:
    ann = UserFactory()
    with refused("care_opted_out_of_risk_categories"):
        Care.objects.create(annotator=ann, opted_out=words)
    assert Care.objects.create(annotator=ann, opted_out=RiskCategory.values).pk


def test_a_break_comes_within_four_hours_or_never() -> None:
    ann = UserFactory()
    with refused("care_break_minutes"):
        Care.objects.create(annotator=ann, break_minutes=MOST_BREAK_MINUTES + 1)
    with refused("break_minutes"):
        Care.objects.create(annotator=ann, break_minutes=-1)
    assert Care.objects.create(annotator=ann, break_minutes=MOST_BREAK_MINUTES).pk
    assert Care.objects.create(annotator=UserFactory(), break_minutes=0).pk


def test_a_person_has_one_draft_on_a_subject() -> None:
    ann = UserFactory()
    Draft.objects.create(annotator=ann, subject="comparison:1")
    with refused("draft_once"):
        Draft.objects.create(annotator=ann, subject="comparison:1", fields={"rationale": "Again."})
    assert Draft.objects.create(annotator=ann, subject="comparison:2").pk
    assert Draft.objects.create(annotator=UserFactory(), subject="comparison:1").pk


def test_a_person_reads_a_version_once() -> None:
    guideline, ann = GuidelineFactory(), UserFactory()
    GuidelineReading.objects.create(annotator=ann, guideline=guideline)
    with refused("guideline_read_once"):
        GuidelineReading.objects.create(annotator=ann, guideline=guideline)
    assert GuidelineReading.objects.create(annotator=UserFactory(), guideline=guideline).pk


def a_flag() -> Flag:
    return Flag.objects.create(comparison=ComparisonFactory(), annotator=UserFactory(), reason=FlagReason.BROKEN)


def a_reading() -> GuidelineReading:
    return GuidelineReading.objects.create(annotator=UserFactory(), guideline=GuidelineFactory())


def an_edited_response() -> Response:
    return edited(JudgmentFactory())


KEPT: list[tuple[Callable[[], Any], dict[str, Any]]] = [
    (a_flag, {"note": "Changed."}),
    (a_reading, {"read_at": timezone.now()}),
    (an_edited_response, {"text": "Changed."}),
]


@pytest.mark.parametrize(("make", "change"), KEPT, ids=["Flag", "GuidelineReading", "an edited Response"])
def test_what_was_said_once_is_never_changed_and_never_deleted(make: Callable[[], Any], change: dict[str, Any]) -> None:
    row = make()
    model: type[Model] = type(row)
    before = model._default_manager.filter(pk=row.pk).values().get()
    table = connection.ops.quote_name(model._meta.db_table)
    attempts: list[Callable[[], Any]] = [
        lambda: model._default_manager.filter(pk=row.pk).update(**change),
        lambda: model._default_manager.filter(pk=row.pk)._raw_delete("default"),  # type: ignore[attr-defined]
        lambda: connection.cursor().execute(f"UPDATE {table} SET id = id"),
        lambda: connection.cursor().execute(f"DELETE FROM {table} WHERE id = %s", [row.pk]),
    ]
    for attempt in attempts:
        with pytest.raises(InternalError, match="Cannot update or delete rows"), transaction.atomic():
            attempt()
    assert model._default_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("chosen", Position)
def test_an_edit_belongs_to_either_response(chosen: Position) -> None:
    judgment = JudgmentFactory(chosen=chosen)
    assert Judgment.objects.filter(pk=judgment.pk).update(edited_response=edited(judgment)) == 1
