"""What the database refuses of campaigns, variants, prompts, dialogues, responses and comparisons."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from preferences.choices import ComparisonStatus, Source, Split
from tests.factories.batches import FollowUpFactory, HoldoutGroupFactory, SealedRowsFactory
from tests.factories.campaigns import CampaignFactory, GuidelineFactory
from tests.factories.comparisons import ComparisonFactory, SlotFactory
from tests.factories.dialogues import DialogueFactory, PromptFactory, TurnFactory
from tests.factories.exports import ExportFactory
from tests.factories.responses import ResponseFactory
from tests.factories.variants import SamplingPairFactory, VariantFactory

pytestmark = pytest.mark.django_db

REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (CampaignFactory, {"kind": "quiz"}, "campaign_kind"),
    (CampaignFactory, {"verdict_rule": "loudest"}, "campaign_verdict_rule"),
    (CampaignFactory, {"agreement_gate": 1.1}, "campaign_plan"),
    (CampaignFactory, {"planned_comparisons": 0}, "campaign_plan"),
    (CampaignFactory, {"track": "speed"}, "campaign_track"),
    (CampaignFactory, {"scale": "nine_point"}, "campaign_scale"),
    (CampaignFactory, {"status": "halted"}, "campaign_status"),
    (CampaignFactory, {"raters_per_item": 0}, "campaign_counts_positive"),
    (CampaignFactory, {"max_turns": 0}, "campaign_counts_positive"),
    (CampaignFactory, {"lease_seconds": 0}, "campaign_counts_positive"),
    (VariantFactory, {"status": "lost"}, "variant_status"),
    (VariantFactory, {"max_tokens": 0}, "variant_max_tokens_positive"),
    (VariantFactory, {"batch_size": 0}, "variant_batch_size_positive"),
    (VariantFactory, {"context_tokens": 0}, "variant_lengths_positive"),
    (VariantFactory, {"max_prompt_tokens": 0}, "variant_lengths_positive"),
    (CampaignFactory, {"temperature_spread": -0.1}, "campaign_temperature_spread"),
    (CampaignFactory, {"temperature_spread": float("nan")}, "campaign_temperature_spread"),
    (SamplingPairFactory, {"first_temperature": -0.1}, "sampling_pair_ranges"),
    (SamplingPairFactory, {"second_temperature": -0.1}, "sampling_pair_ranges"),
    (SamplingPairFactory, {"first_temperature": float("nan")}, "sampling_pair_ranges"),
    (SamplingPairFactory, {"second_temperature": float("inf")}, "sampling_pair_ranges"),
    (SamplingPairFactory, {"weight": 0}, "sampling_pair_ranges"),
    (SamplingPairFactory, {"weight": float("nan")}, "sampling_pair_ranges"),
    (SamplingPairFactory, {"top_p": 0}, "sampling_pair_ranges"),
    (SamplingPairFactory, {"top_p": 1.01}, "sampling_pair_ranges"),
    (PromptFactory, {"text": ""}, "prompt_not_empty"),
    (PromptFactory, {"category": "cooking"}, "prompt_category"),
    (PromptFactory, {"risk_category": "cooking"}, "prompt_risk_category"),
    (PromptFactory, {"attack_vector": "cooking"}, "prompt_attack_vector"),
    (DialogueFactory, {"status": "paused"}, "dialogue_status"),
    (TurnFactory, {"status": "lost"}, "turn_status"),
    (ResponseFactory, {"source": "dreamt"}, "response_source"),
    (ResponseFactory, {"text": ""}, "response_not_empty"),
    (ResponseFactory, {"temperature": None}, "response_has_provenance"),
    (ResponseFactory, {"top_p": None}, "response_has_provenance"),
    (ResponseFactory, {"seed": None}, "response_has_provenance"),
    (ResponseFactory, {"completion_tokens": None}, "response_has_provenance"),
    (ComparisonFactory, {"status": "done"}, "comparison_status|comparison_finished_when_judged"),
    (ComparisonFactory, {"source": "dreamt"}, "comparison_source"),
    (ComparisonFactory, {"status": ComparisonStatus.JUDGED}, "comparison_finished_when_judged"),
    (ComparisonFactory, {"status": ComparisonStatus.SEALED}, "comparison_finished_when_judged"),
    (ComparisonFactory, {"finished_at": datetime(2026, 11, 26, tzinfo=UTC)}, "comparison_finished_when_judged"),
    (SlotFactory, {"status": "lost"}, "slot_status"),
    (HoldoutGroupFactory, {"split": "both"}, "holdout_split"),
    (FollowUpFactory, {"split": "both"}, "follow_up_split"),
    (SealedRowsFactory, {"split": "both"}, "sealed_rows_split"),
    (ExportFactory, {"status": "lost"}, "export_status"),
    (ExportFactory, {"status": "ready", "path": "somewhere"}, "export_ready_with_files"),
    (ExportFactory, {"status": "ready", "manifest_sha256": "0" * 64}, "export_ready_with_files"),
]


@pytest.mark.parametrize(
    ("make", "fields", "constraint"),
    REFUSED,
    ids=[f"{make.__name__.removesuffix('Factory')}-{fields}" for make, fields, _ in REFUSED],
)
def test_postgresql_refuses(make: Any, fields: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make(**fields)


def test_a_pair_of_the_sampling_plan_has_two_variants() -> None:
    variant = VariantFactory()
    with pytest.raises(IntegrityError, match="sampling_pair_two_variants"), transaction.atomic():
        SamplingPairFactory(first=variant, second=variant)


def test_a_dialogue_has_each_turn_once() -> None:
    turn = TurnFactory()
    with pytest.raises(IntegrityError, match="turn_once"), transaction.atomic():
        TurnFactory(dialogue=turn.dialogue)


def test_a_follow_up_is_on_each_side_once() -> None:
    found = FollowUpFactory()
    FollowUpFactory(family=found.family, split=Split.TEST)
    with pytest.raises(IntegrityError, match="follow_up_once"), transaction.atomic():
        FollowUpFactory(family=found.family)


def test_a_campaign_has_each_guideline_version_once() -> None:
    guideline = GuidelineFactory()
    with pytest.raises(IntegrityError, match="guideline_version_once"), transaction.atomic():
        GuidelineFactory(campaign=guideline.campaign)


def test_an_imported_id_is_in_a_campaign_once_and_in_another_again() -> None:
    comparison = ComparisonFactory(external_id="hh-1")
    with pytest.raises(IntegrityError, match="comparison_imported_once"), transaction.atomic():
        ComparisonFactory(campaign=comparison.campaign, external_id="hh-1")
    assert ComparisonFactory(external_id="hh-1").campaign != comparison.campaign


def test_comparisons_of_our_own_need_no_external_id() -> None:
    campaign = CampaignFactory()
    assert [ComparisonFactory(campaign=campaign).external_id for _ in range(2)] == [None, None]


def test_an_imported_response_may_be_empty_and_without_provenance() -> None:
    imported = ResponseFactory(
        source=Source.IMPORTED, text="", temperature=None, top_p=None, seed=None, completion_tokens=None
    )
    assert imported.pk
