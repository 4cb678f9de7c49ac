from __future__ import annotations

from datetime import UTC, datetime

import pytest

from preferences.actions import imports, variants
from preferences.choices import Chosen, ComparisonStatus, Degree, SlotStatus, Source, TurnStatus
from preferences.models import Comparison, Event, Judgment, Slot, Variant
from tests import factories
from tests.preferences.refusals import everything
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ROUNDS = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello?"},
    {"role": "assistant", "content": "Hi."},
    {"role": "user", "content": "Why?"},
]


def votes(*names: str) -> list[dict[str, object]]:
    return [factories.vote(name) for name in names]


def statuses(comparison: Comparison) -> list[str]:
    return list(comparison.slots.order_by("number").values_list("status", flat=True))


def test_a_line_becomes_a_comparison_of_a_dialogue_with_its_context() -> None:
    comparison = factories.imported_comparison(
        factories.campaign(), id="hh-1", prompt=ROUNDS, response_a="Yes.", response_b="", variant_a="one"
    )
    assert (comparison.source, comparison.external_id) == (Source.IMPORTED, "hh-1")
    assert comparison.turn.messages() == ROUNDS
    assert (comparison.turn.index, comparison.turn.status) == (0, TurnStatus.READY)
    assert (comparison.response_a.text, comparison.response_b.text) == ("Yes.", "")
    assert (comparison.response_a.variant.name, comparison.response_b.variant.name) == ("one", "unknown b")
    assert comparison.response_a.source == Source.IMPORTED


def test_without_votes_one_slot_is_open_and_the_others_wait_for_the_one_before() -> None:
    comparison = factories.imported_comparison(factories.campaign(raters_per_item=3))
    assert statuses(comparison) == [SlotStatus.OPEN, SlotStatus.WAITING, SlotStatus.WAITING]
    assert (comparison.status, comparison.finished_at) == (ComparisonStatus.OPEN, None)


def test_some_votes_fill_as_many_slots_and_the_others_are_for_our_annotators() -> None:
    campaign = factories.campaign(raters_per_item=3)
    comparison = factories.imported_comparison(campaign, votes=votes("x", "y"))
    assert statuses(comparison) == [SlotStatus.FILLED, SlotStatus.FILLED, SlotStatus.OPEN]
    assert comparison.status == ComparisonStatus.OPEN
    factories.judge(comparison)
    comparison.refresh_from_db()
    assert comparison.status == ComparisonStatus.JUDGED


def test_as_many_votes_as_wanted_finish_the_comparison() -> None:
    comparison = factories.imported_comparison(factories.campaign(raters_per_item=2), votes=votes("x", "y"))
    assert statuses(comparison) == [SlotStatus.FILLED] * 2
    assert comparison.status == ComparisonStatus.JUDGED
    assert comparison.finished_at is not None
    assert comparison.judgments.count() == 2


def test_a_vote_is_stored_as_it_was_told() -> None:
    at = "2024-05-06T07:08:09+00:00"
    told = factories.vote("ann", "b", "slightly_better", rationale="Clearer.", seconds=4, at=at)
    comparison = factories.imported_comparison(factories.campaign(), votes=[told])
    judgment = comparison.judgments.get()
    assert (judgment.chosen, judgment.degree, judgment.score) == (Chosen.B, Degree.SLIGHTLY_BETTER, 2)
    assert (judgment.rationale, judgment.active_seconds) == ("Clearer.", 4.0)
    assert judgment.created_at == datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    assert (judgment.source, judgment.shown_left, judgment.guideline) == (Source.IMPORTED, "", None)


def test_an_annotator_is_one_account_in_a_campaign_and_another_in_the_next() -> None:
    one, two = factories.campaign(), factories.campaign()
    for campaign in (one, one, two):
        factories.imported_comparison(campaign, votes=votes("ann"))
    annotators = Judgment.objects.values_list("annotator", flat=True)
    assert len(annotators) == 3 and len(set(annotators)) == 2


def test_a_second_run_skips_everything_and_stores_nothing() -> None:
    campaign = factories.campaign(raters_per_item=2)
    lines = [factories.line(votes=votes("x", "y")[:count]) for count in (0, 1, 2)]
    first = factories.import_lines(campaign, lines)
    before = everything()
    second = factories.import_lines(campaign, lines)
    ids = [line["id"] for line in lines]
    assert (first.stored, first.skipped) == (ids, [])
    assert (second.stored, second.skipped) == ([], ids)
    assert everything() == before


def test_only_the_new_lines_of_a_chunk_are_stored() -> None:
    campaign = factories.campaign()
    known, new = factories.line(id="known"), factories.line(id="new")
    factories.import_lines(campaign, [known])
    result = factories.import_lines(campaign, [known, new, new])
    assert (result.stored, result.skipped) == (["new"], ["known", "new"])
    assert sorted(Comparison.objects.values_list("external_id", flat=True)) == ["known", "new"]


def test_the_same_id_in_another_campaign_is_another_comparison() -> None:
    line = factories.line(id="1")
    for campaign in (factories.campaign(), factories.campaign()):
        assert factories.import_lines(campaign, [line]).stored == ["1"]
    assert Comparison.objects.filter(external_id="1").count() == 2


def test_a_chunk_is_stored_whole_or_not_at_all() -> None:
    campaign, rater = factories.campaign(), factories.user()
    items = [factories.parsed(campaign, votes=votes(name)) for name in ("first", "second", "third")]

    def annotator_of(name: str) -> User:
        if name == "third":
            raise ConnectionError("lost in the middle")
        return rater

    before = everything()
    with pytest.raises(ConnectionError):
        imports.add_chunk(campaign=campaign, items=items, annotator_of=annotator_of, by=None)
    assert everything() == before
    result = imports.add_chunk(campaign=campaign, items=items, annotator_of=lambda name: rater, by=None)
    assert len(result.stored) == Comparison.objects.count() == 3


def test_every_comparison_of_a_chunk_has_its_event() -> None:
    campaign = factories.campaign()
    factories.import_lines(campaign, [factories.line(id=name) for name in ("x", "y")])
    told = Event.objects.filter(verb="comparison.imported")
    assert {(event.subject, event.data["external_id"]) for event in told} == {
        (f"comparison:{comparison.pk}", comparison.external_id) for comparison in Comparison.objects.all()
    }


def test_the_variants_of_a_file_are_registered_once_and_known_ones_found() -> None:
    mine = factories.variant("mine", engine=variants.IMPORTED)
    campaign = factories.campaign()
    lines = [factories.line(variant_a="mine", variant_b="theirs") for _ in range(3)]
    factories.import_lines(campaign, lines)
    assert sorted(Variant.objects.values_list("name", "engine")) == [
        (mine.name, variants.IMPORTED),
        ("theirs", variants.IMPORTED),
    ]


def test_a_chunk_of_many_lines_keeps_each_line_together() -> None:
    campaign = factories.campaign(raters_per_item=2)
    lines = [
        factories.line(
            id=str(n), votes=votes(f"x{n % 3}", f"y{n % 5}")[: n % 3], response_a=f"A{n}", response_b=f"B{n}"
        )
        for n in range(60)
    ]
    factories.import_lines(campaign, lines)
    for comparison in Comparison.objects.select_related("turn__prompt", "response_a", "response_b"):
        line = lines[int(comparison.external_id or "")]
        assert comparison.turn.prompt.text == line["prompt"][0]["content"]
        assert (comparison.response_a.text, comparison.response_b.text) == (line["response_a"], line["response_b"])
        assert comparison.judgments.count() == len(line["votes"])
    assert Slot.objects.count() == 120
    assert Comparison.objects.filter(status=ComparisonStatus.JUDGED).count() == 20


def test_imported_pairs_are_sealed_like_our_own() -> None:
    campaign = factories.campaign()
    imported = factories.imported_comparison(campaign, votes=votes("x"))
    own = factories.judged_comparison(campaign)
    batch = factories.batch(campaign, comparisons=0)
    assert set(batch.items.values_list("comparison", flat=True)) == {imported.pk, own.pk}


def test_what_a_prompt_is_about_and_the_system_prompts_are_stored_with_it() -> None:
    about = {"category": "writing", "second_category": "dialogue", "risk_category": "", "attack_vector": "logic"}
    prompts = {"system_prompt_a": "Be kind.", "system_prompt_b": None}
    comparison = factories.imported_comparison(factories.campaign(), **about, **prompts)
    assert {name: getattr(comparison.turn.prompt, name) for name in about} == about
    assert (comparison.response_a.system_prompt, comparison.response_b.system_prompt) == ("Be kind.", "")
    assert comparison.turn.prompt.external_id is None  # the line is a comparison's


def test_responses_rated_elsewhere_become_items_with_one_response() -> None:
    campaign = factories.rating_campaign()
    votes = [{"annotator": name, "rating": rating} for name, rating in (("x", 1), ("y", 2), ("z", 5))]
    asked = [{"role": "user", "content": "Hello?"}]
    line = {"prompt": asked, "response": "No.", "variant": "one", "risk_category": "unqualified_advice"}
    factories.import_lines(campaign, [{**line, "id": "1", "votes": votes}, {**line, "id": "2", "votes": votes[:1]}])
    whole, part = Comparison.objects.order_by("pk")
    assert (whole.response_a.text, whole.response_b, whole.response_a.variant.name) == ("No.", None, "one")
    assert list(whole.judgments.order_by("pk").values_list("chosen", "score")) == [
        ("rated", 1),
        ("rated", 2),
        ("rated", 5),
    ]
    assert (whole.status, part.status) == (ComparisonStatus.JUDGED, ComparisonStatus.OPEN)
    assert whole.turn.prompt.risk_category == "unqualified_advice"
    batch = factories.batch(campaign, comparisons=0)
    assert list(batch.items.values_list("comparison", flat=True)) == [whole.pk]
