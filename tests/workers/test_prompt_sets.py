"""A fixed set of prompts: stored once, sampled by the plan, asked for again where sampling failed."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from preferences.choices import Kind, SamplingStatus, TurnStatus
from preferences.errors import Conflict
from preferences.importing import ImportedPrompt, parse_prompt
from preferences.models import Comparison, Event, Prompt, Turn
from tests import factories
from tests.preferences.refusals import everything, refused
from tests.workers.helpers import answer, claimed, planned_campaign
from workers import prompt_sets, recording
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db

EVALUATION = {"kind": Kind.EVALUATION}
SAID = [{"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hi."}]


def prompt(name: str, *, before: list[dict[str, str]] | None = None, **fields: Any) -> ImportedPrompt:
    messages = [*(before or []), {"role": "user", "content": f"Question {name}?"}]
    return parse_prompt(orjson.dumps({"id": name, "prompt": messages, **fields}))


def test_a_prompt_becomes_the_turn_of_a_dialogue_with_what_was_said_before() -> None:
    campaign = planned_campaign(**EVALUATION)
    items = [prompt("p1"), prompt("p2", before=SAID, category="writing", second_category="dialogue")]
    result = prompt_sets.bring_in(campaign=campaign, items=items, by=None)
    assert (result.stored, result.skipped, result.asked_again) == (["p1", "p2"], [], [])
    first, second = Turn.objects.order_by("pk")
    assert first.messages() == [{"role": "user", "content": "Question p1?"}]
    assert second.messages() == [*SAID, {"role": "user", "content": "Question p2?"}]
    assert (second.prompt.external_id, second.prompt.category, second.prompt.second_category) == (
        "p2",
        "writing",
        "dialogue",
    )
    assert {turn.dialogue.author for turn in (first, second)} == {None}
    assert [turn.sampling_runs.count() for turn in (first, second)] == [2, 2]
    told = Event.objects.filter(verb__in=["prompt.imported", "sampling.requested"]).order_by("pk")
    assert [event.verb for event in told] == ["prompt.imported"] * 2 + ["sampling.requested"] * 2


def test_an_id_is_brought_in_once_also_within_a_file_and_elsewhere_anew() -> None:
    campaign, other = planned_campaign(**EVALUATION), planned_campaign(**EVALUATION)
    prompt_sets.bring_in(campaign=campaign, items=[prompt("p1")], by=None)
    before = everything()
    assert prompt_sets.bring_in(campaign=campaign, items=[prompt("p1")], by=None).skipped == ["p1"]
    assert everything() == before
    again = prompt_sets.bring_in(campaign=campaign, items=[prompt("p1"), prompt("p2"), prompt("p2")], by=None)
    assert (again.stored, again.skipped) == (["p2"], ["p1", "p2"])
    assert prompt_sets.bring_in(campaign=other, items=[prompt("p1")], by=None).stored == ["p1"]
    with refused("prompt_imported_once"):
        Prompt.objects.create(campaign=campaign, text="x", family="f", external_id="p1")


def test_in_an_evaluation_both_responses_become_a_pair_and_in_a_rating_two_items() -> None:
    compared, rated = planned_campaign(**EVALUATION), planned_campaign(**factories.RATING)
    for campaign in (compared, rated):
        prompt_sets.bring_in(campaign=campaign, items=[prompt("p1", before=SAID)], by=None)
        for run in SamplingRun.objects.filter(turn__dialogue__campaign=campaign):
            assert answer(run, f"By {run.variant}.")
    assert Comparison.objects.get(campaign=compared).is_pair
    items = Comparison.objects.filter(campaign=rated)
    assert {item.response_a.variant.name for item in items} == {"early", "late"}
    assert [item.is_pair for item in items] == [False, False]


def test_what_failed_is_asked_for_once_more_by_a_second_run() -> None:
    campaign = planned_campaign(**EVALUATION)
    items = [prompt("p1"), prompt("p2")]
    prompt_sets.bring_in(campaign=campaign, items=items, by=None)
    run = SamplingRun.objects.filter(turn__prompt__external_id="p2").order_by("variant")[0]
    SamplingRun.objects.exclude(pk=run.pk).filter(variant=run.variant).update(variant=factories.variant())
    recording.fail(run=run, holder=claimed(run), reason="out of memory")
    assert Turn.objects.get(prompt__external_id="p2").status == TurnStatus.FAILED
    again = prompt_sets.bring_in(campaign=campaign, items=items, by=None)
    assert (again.stored, again.skipped, again.asked_again) == ([], ["p1", "p2"], ["p2"])
    run.refresh_from_db()
    assert (run.status, run.turn.status) == (SamplingStatus.PENDING, TurnStatus.SAMPLING)


def test_a_chunk_is_brought_in_whole_or_not_at_all() -> None:
    campaign = factories.campaign(**EVALUATION)  # which has no sampling plan
    before = everything()
    with pytest.raises(Conflict, match="has no sampling plan with active variants"):
        prompt_sets.bring_in(campaign=campaign, items=[prompt("p1")], by=None)
    assert everything() == before


def test_prompts_come_before_the_campaign_is_open_and_not_once_it_is_closed() -> None:
    draft = factories.draft_campaign(**EVALUATION)
    factories.sampling_plan(draft)
    assert prompt_sets.bring_in(campaign=draft, items=[prompt("p1")], by=None).stored == ["p1"]
    closed = planned_campaign(**EVALUATION)
    factories.made_campaigns.campaigns.close(campaign=closed, by=None)
    with pytest.raises(Conflict, match="is closed: it takes no new prompts"):
        prompt_sets.bring_in(campaign=closed, items=[prompt("p1")], by=None)


@pytest.mark.parametrize(
    "settings", [{"kind": Kind.DEMONSTRATION}, {"kind": Kind.RED_TEAM, "track": "safety"}], ids=str
)
def test_where_nothing_is_compared_or_rated_a_set_has_no_use(settings: dict[str, Any]) -> None:
    with pytest.raises(Conflict, match="nothing can be brought in for it"):
        prompt_sets.bring_in(campaign=factories.campaign(**settings), items=[prompt("p1")], by=None)
