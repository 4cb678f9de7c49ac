"""Every action is one transaction with its event: the event tells of it, and without the event nothing is stored."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from preferences import actions
from preferences.actions import (
    batches,
    campaigns,
    comparisons,
    demonstrations,
    dialogues,
    erasures,
    evaluation_sets,
    events,
    flags,
    guidelines,
    holdout,
    imports,
    judgments,
    pools,
    prompts,
    red_team,
    replays,
    responses,
    rulings,
    sampling_plans,
    variants,
)
from preferences.choices import Category
from preferences.errors import Conflict
from preferences.models import Event
from preferences.scales import Scale
from preferences.weeks import week_of
from tests import factories
from tests.preferences import (
    acts_of_comparisons,
    acts_of_demonstrations,
    acts_of_erasures,
    acts_of_red_team,
    acts_of_the_plan,
    acts_of_the_queue,
)
from tests.preferences.refusals import check_deferred, everything

pytestmark = pytest.mark.django_db

Act = Callable[[], Any]


def create_campaign() -> Act:
    return lambda: campaigns.create(slug="new", name="New", track="safety", by=None)


def open_for_work() -> Act:
    campaign = factories.draft_campaign()
    guidelines.publish(campaign=campaign, text="Be fair.", by=None)
    return lambda: campaigns.open_for_work(campaign=campaign, by=None)


def pause() -> Act:
    campaign = factories.campaign()
    return lambda: campaigns.pause(campaign=campaign, by=None)


def publish() -> Act:
    campaign = factories.campaign()
    return lambda: guidelines.publish(campaign=campaign, text="Be fairer.", by=None)


def submit() -> Act:
    campaign = factories.campaign()
    return lambda: prompts.submit(campaign=campaign, text="Why?", category=Category.FACTUAL, by=None)


def retire_prompt() -> Act:
    turn = factories.turn()
    return lambda: prompts.retire(prompt=turn.prompt, by=None)


def record_response() -> Act:
    turn, variant = factories.turn(), factories.variant()
    return lambda: factories.response(turn, variant=variant)


def record_judgment() -> Act:
    author = factories.user()
    comparison = factories.comparison(factories.campaign(max_turns=2), by=author)
    slot, guideline = factories.leased_slot(comparison), guidelines.current(comparison.campaign)
    assert guideline is not None
    verdict = factories.verdict(Scale.EIGHT_POINT, -3)
    return lambda: factories.record(slot, by=author, verdict=verdict, guideline=guideline)


def revise_judgment() -> Act:
    author = factories.user()
    made = factories.judge(factories.comparison(factories.campaign(max_turns=2), by=author), author)
    opinion = judgments.Opinion(factories.verdict(Scale.EIGHT_POINT, 4), rationale="On reflection.")

    def act() -> None:
        with transaction.atomic():
            held = factories.held(made.comparison)
            judgments.revise(judgment=made, comparison=held, by=author, opinion=opinion, guideline=made.guideline)

    return act


def edit_chosen() -> Act:
    made = factories.judge(factories.comparison())

    def act() -> None:
        with transaction.atomic():
            held = factories.held(made.comparison)
            judgments.edit_chosen(judgment=made, comparison=held, by=made.annotator, text="Better said.")

    return act


def correct() -> Act:
    rating, reviewer = factories.judge(factories.comparison()), factories.user()
    return lambda: factories.correct(rating, reviewer)


def adjudicate() -> Act:
    comparison = factories.judged_comparison(factories.campaign(raters_per_item=2), scores=[-3, 3])
    reviewer = factories.user()
    return lambda: factories.adjudicate(comparison, reviewer)


def raise_flag() -> Act:
    comparison, annotator = factories.comparison(), factories.user()
    return lambda: flags.raise_flag(comparison=comparison, by=annotator, reason="broken", note="Half of it is missing.")


def continue_with() -> Act:
    author = factories.user()
    comparison = factories.comparison(factories.campaign(max_turns=2), by=author)
    factories.judge(comparison, author)
    return lambda: dialogues.continue_with(dialogue=comparison.turn.dialogue, text="And?", by=author)


def end() -> Act:
    author = factories.user()
    dialogue = factories.turn(by=author).dialogue
    return lambda: dialogues.end(dialogue=dialogue, by=author)


def seal() -> Act:
    campaign = factories.campaign()
    factories.judged_comparison(campaign)
    week = week_of(timezone.now())
    return lambda: batches.seal(week=week, campaigns=[campaign], by=None)


def register_evaluation_set() -> Act:
    return lambda: factories.evaluation_set("Eggs")


def retire_evaluation_set() -> Act:
    registered = factories.evaluation_set()
    return lambda: evaluation_sets.retire(evaluation_set=registered, by=None)


ACTIONS: list[tuple[Any, Callable[[], Act], list[str]]] = [
    (campaigns.create, create_campaign, ["campaign.created"]),
    (campaigns.open_for_work, open_for_work, ["campaign.opened"]),
    (campaigns.pause, pause, ["campaign.paused"]),
    (campaigns.close, acts_of_the_plan.close, ["campaign.closed"]),
    (campaigns.arrange_queue, acts_of_the_queue.arrange_queue, ["campaign.queue_arranged"]),
    (campaigns.plan, acts_of_the_queue.plan, ["campaign.planned"]),
    (campaigns.keep_ready, acts_of_the_queue.keep_ready, ["campaign.kept_ready"]),
    (comparisons.copy, acts_of_the_queue.copy, ["comparison.copied"]),
    (pools.create, acts_of_the_queue.create, ["pool.created"]),
    (pools.keep, acts_of_the_queue.keep, ["pool.filled"]),
    (pools.give_back, acts_of_the_queue.give_back, ["pool.given_back"]),
    (guidelines.publish, publish, ["guideline.published"]),
    (variants.register, acts_of_the_plan.register, ["variant.registered"]),
    (variants.change_limits, acts_of_the_plan.change_limits, ["variant.limited"]),
    (variants.adopt, acts_of_the_plan.adopt, ["variant.adopted"]),
    (variants.retire, acts_of_the_plan.retire, ["variant.retired"]),
    (sampling_plans.add, acts_of_the_plan.add, ["campaign.sampling_planned"]),
    (sampling_plans.change, acts_of_the_plan.change, ["campaign.sampling_changed"]),
    (sampling_plans.pause, acts_of_the_plan.pause, ["campaign.sampling_paused"]),
    (sampling_plans.resume, acts_of_the_plan.resume, ["campaign.sampling_resumed"]),
    (sampling_plans.remove, acts_of_the_plan.remove, ["campaign.sampling_removed"]),
    (sampling_plans.replace, acts_of_the_plan.replace, ["campaign.sampling_removed", "campaign.sampling_planned"]),
    (sampling_plans.spread, acts_of_the_plan.spread, ["campaign.temperatures_spread"]),
    (sampling_plans.tune, acts_of_the_plan.tune, ["campaign.temperature_tuned"]),
    (prompts.submit, submit, ["prompt.submitted"]),
    (prompts.retire, retire_prompt, ["turn.failed", "prompt.retired"]),
    (responses.record, record_response, ["response.recorded"]),
    (responses.record_all, acts_of_comparisons.record_all, ["response.recorded", "response.recorded"]),
    (comparisons.open_all, acts_of_comparisons.open_all, ["comparison.opened", "comparison.opened"]),
    (comparisons.open_pair, acts_of_comparisons.open_pair, ["comparison.opened"]),
    (comparisons.open_ratings, acts_of_comparisons.open_ratings, ["comparison.opened", "comparison.opened"]),
    (comparisons.fail_turn, acts_of_comparisons.fail_turn, ["turn.failed"]),
    (comparisons.retry_turn, acts_of_comparisons.retry_turn, ["turn.retried"]),
    (judgments.record, record_judgment, ["judgment.recorded", "comparison.judged"]),
    (judgments.revise, revise_judgment, ["judgment.revised"]),
    (judgments.edit_chosen, edit_chosen, ["judgment.edited"]),
    (rulings.correct, correct, ["judgment.corrected"]),
    (rulings.adjudicate, adjudicate, ["comparison.adjudicated"]),
    (flags.raise_flag, raise_flag, ["comparison.flagged"]),
    (dialogues.continue_with, continue_with, ["dialogue.continued"]),
    (dialogues.end, end, ["dialogue.ended"]),
    (dialogues.answer, acts_of_red_team.answer, ["turn.answered"]),
    (red_team.report, acts_of_red_team.report, ["dialogue.reported"]),
    (replays.open_all, acts_of_red_team.open_replays, ["replays.opened"]),
    (replays.judge, acts_of_red_team.judge_replay, ["replay.judged"]),
    (demonstrations.submit, acts_of_demonstrations.submit, ["demonstration.submitted"]),
    (demonstrations.rewrite, acts_of_demonstrations.rewrite, ["demonstration.rewritten"]),
    (demonstrations.approve, acts_of_demonstrations.approve, ["demonstration.approved"]),
    (demonstrations.send_back, acts_of_demonstrations.send_back, ["demonstration.returned"]),
    (evaluation_sets.register, register_evaluation_set, ["evaluation_set.registered"]),
    (evaluation_sets.retire, retire_evaluation_set, ["evaluation_set.retired"]),
    (batches.seal, seal, ["batch.sealed"]),
    (holdout.keep_for_training, acts_of_demonstrations.keep_for_training, ["prompts.kept_for_training"]),
    (erasures.erase_person, acts_of_erasures.person, ["batch.renewed", "erasure.made"]),
    (erasures.erase_dialogue, acts_of_erasures.dialogue, ["erasure.made"]),
    (imports.add_chunk, acts_of_comparisons.add_chunk, ["comparison.imported", "comparison.imported"]),
    (imports.add_prompts, acts_of_comparisons.add_prompts, ["prompt.imported"]),
]
NAMES = [f"{action.__module__.rpartition('.')[2]}.{action.__name__}" for action, _, _ in ACTIONS]


def test_every_action_of_the_record_is_tried_here() -> None:
    modules = [
        importlib.import_module(f"{actions.__name__}.{name}") for _, name, _ in pkgutil.iter_modules(actions.__path__)
    ]
    in_a_transaction = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and hasattr(function, "__wrapped__") and module is not events
        if not name.startswith("_")  # a part of an action
    }
    assert in_a_transaction == set(NAMES)


@pytest.mark.parametrize(("arrange", "verbs"), [case[1:] for case in ACTIONS], ids=NAMES)
def test_an_action_tells_of_itself_in_its_events(arrange: Callable[[], Act], verbs: list[str]) -> None:
    act = arrange()
    before = Event.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    act()
    assert list(Event.objects.filter(pk__gt=before).order_by("pk").values_list("verb", flat=True)) == verbs


@pytest.mark.parametrize("arrange", [case[1] for case in ACTIONS], ids=NAMES)
def test_an_action_stores_nothing_where_its_event_cannot_be_written(arrange: Callable[[], Act]) -> None:
    act = arrange()
    check_deferred()
    before = everything()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE preferences_event ADD CONSTRAINT refused_by_the_test CHECK (false) NOT VALID")
    with pytest.raises(DatabaseError, match="refused_by_the_test"):
        act()
    assert everything() == before


@pytest.mark.parametrize("arrange", [case[1] for case in ACTIONS], ids=NAMES)
def test_the_events_of_an_action_go_with_it_when_its_transaction_is_rolled_back(arrange: Callable[[], Act]) -> None:
    act = arrange()
    before = everything()
    with pytest.raises(InterruptedError), transaction.atomic():
        act()
        assert everything() != before
        raise InterruptedError
    assert everything() == before


def test_an_event_says_who_did_what_to_what() -> None:
    campaign, person = factories.campaign(), factories.user()
    campaigns.pause(campaign=campaign, by=person)
    event = Event.objects.latest("pk")
    assert (event.actor, event.campaign, event.subject) == (person, campaign, f"campaign:{campaign.pk}")


def test_registering_a_variant_again_finds_it_and_tells_nothing() -> None:
    variant = factories.variant("late")
    before = Event.objects.count()
    assert variants.register(name="late", engine="tiny", by=None) == variant
    assert Event.objects.count() == before


def test_a_variants_name_is_not_taken_for_another_model() -> None:
    factories.variant("late", engine="tiny", location="here")
    for other in ({"engine": "imported"}, {"engine": "tiny", "location": "elsewhere"}):
        with pytest.raises(Conflict, match="“late” is the name of another variant"):
            variants.register(name="late", by=None, **other)
