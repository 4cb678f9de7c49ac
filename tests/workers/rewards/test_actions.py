from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.conf import settings

from preferences.choices import RewardStatus, Track
from preferences.errors import Conflict, InvalidInput
from preferences.models import Event
from tests import factories
from tests.clock import Clock
from tests.factories.rewards import RewardEvaluationFactory, RewardModelFactory, report
from tests.preferences.refusals import refused
from workers.models import RewardModel
from workers.rewards import actions
from workers.rewards.recipe import Recipe

pytestmark = pytest.mark.django_db

LEASE = actions.LEASE.total_seconds()
RECIPE = Recipe(track=Track.SAFETY, margin="large")


def verbs() -> list[str]:
    found = Event.objects.filter(verb__startswith="reward_model").order_by("pk")
    return [verb.removeprefix("reward_model.") for verb in found.values_list("verb", flat=True)]


def taken(model: RewardModel) -> uuid.UUID:
    holder = actions.take(model=model)
    assert holder is not None
    return holder


def test_a_wish_is_noted_with_all_that_makes_the_model() -> None:
    person = factories.user()
    model = actions.request(base=" /models/chat ", datasets=["/exports/one"], recipe=RECIPE, by=person)
    model.refresh_from_db()
    assert (model.track, model.margin, model.base) == (Track.SAFETY, "large", "/models/chat")
    assert Recipe(**model.recipe) == RECIPE
    assert model.location == str(settings.REWARDS_DIR / str(model.pk))
    assert (model.status, model.requested_by) == (RewardStatus.WAITING, person)
    assert verbs() == ["requested"]


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [({"base": " "}, "Name the chat checkpoint"), ({"datasets": []}, "Choose at least one exported batch")],
    ids=["base", "datasets"],
)
def test_a_wish_without_a_beginning_or_data_is_refused(wish: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        actions.request(**{"base": "/models/chat", "datasets": ["/one"], "recipe": RECIPE, "by": None, **wish})
    assert not RewardModel.objects.exists()


def test_two_models_are_not_written_to_one_folder() -> None:
    options: dict[str, Any] = {"base": "/chat", "datasets": ["/one"], "recipe": RECIPE, "by": None, "location": "/here"}
    actions.request(**options)
    with pytest.raises(Conflict, match="/here is the folder of another reward model"):
        actions.request(**options)


def test_what_was_typed_wrongly_is_refused_with_the_sentence_of_the_recipe() -> None:
    with pytest.raises(InvalidInput, match="There is no margin “huge”"):
        actions.recipe_of(track=Track.SAFETY, margin="huge")


def test_a_model_is_trained_by_one_at_a_time_and_its_progress_can_be_watched() -> None:
    model = factories.reward_model()
    holder = taken(model)
    assert actions.take(model=model) is None
    assert actions.note(model=model, holder=holder, progress={"step": 3, "steps": 9, "loss": 0.5})
    model.refresh_from_db()
    assert (model.status, model.step, model.steps, model.loss, model.attempts) == (RewardStatus.TRAINING, 3, 9, 0.5, 1)
    assert verbs() == ["requested", "started"]


def test_a_training_without_a_sign_of_life_is_taken_up_and_its_late_result_refused(clock: Clock) -> None:
    model = factories.reward_model()
    lost = taken(model)
    clock.goes(seconds=LEASE - 1)
    assert actions.note(model=model, holder=lost, progress=None)  # which renews the lease
    clock.goes(seconds=LEASE - 1)
    assert actions.take(model=model) is None
    clock.goes(seconds=2)
    holder = taken(model)
    assert not actions.note(model=model, holder=lost, progress=None)
    assert not actions.finish(model=model, holder=lost, report=report(model))
    assert not actions.fail(model=model, holder=lost, reason="Late.")
    assert actions.finish(model=model, holder=holder, report=report(model))
    assert verbs() == ["requested", "started", "started", "trained"]


def test_a_training_that_kills_its_workers_ends_as_failed(clock: Clock) -> None:
    model = factories.reward_model()
    for _ in range(actions.MOST_ATTEMPTS):
        taken(model)
        clock.goes(seconds=LEASE + 1)
    assert actions.take(model=model) is None
    model.refresh_from_db()
    assert (model.status, model.reason) == (RewardStatus.FAILED, "Its training ended without a word several times.")
    assert not actions.untrained().exists()


def test_a_failed_training_waits_again_when_somebody_asks_and_a_double_click_asks_once() -> None:
    model = factories.reward_model()
    actions.fail(model=model, holder=taken(model), reason="The memory was full.")
    for _ in range(2):
        actions.retry(model=model, by=None)
    model.refresh_from_db()
    assert (model.status, model.attempts) == (RewardStatus.WAITING, 0)
    assert verbs() == ["requested", "started", "failed", "retried"]


def test_a_trained_model_has_its_report_and_its_evaluations() -> None:
    found = [factories.evaluation_of(factories.scored_pairs(6, 4), week=f"2026-W{week}") for week in (47, 48)]
    model = factories.trained_reward_model(evaluations=found)
    assert (model.status, model.weights_sha256) == (RewardStatus.TRAINED, "a" * 64)
    assert model.report is not None and "evaluations" not in model.report
    assert [one.counted.total.right for one in model.evaluations.all()] == [6, 6]
    assert verbs() == ["requested", "started", "trained", "measured", "measured"]


def test_of_two_evaluations_on_one_batch_the_first_stays() -> None:
    model = factories.trained_reward_model()
    again = factories.evaluation_of(factories.scored_pairs(1, 0))
    newer = factories.evaluation_of(factories.scored_pairs(7, 3), week="2026-W49")
    assert [one.week for one in actions.measure(model=model, found=[again, newer], by=None)] == ["2026-W49"]
    assert [one.counted.total.pairs for one in model.evaluations.all()] == [100, 10]


def test_what_is_trained_stays_as_it_is() -> None:
    model = factories.trained_reward_model()
    with refused("Cannot update"):
        RewardModel.objects.filter(pk=model.pk).update(weights_sha256="e" * 64)
    with refused("Cannot delete"):
        RewardModel.objects.filter(pk=model.pk).delete()
    with refused("Cannot update"):
        model.evaluations.update(too_long=0)


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"track": "speed", "recipe": {}}, "reward_model_track"),
        ({"status": "lost"}, "reward_model_status"),
        ({"status": RewardStatus.TRAINING}, "reward_model_leased_while_training"),
        ({"holder": uuid.UUID(int=1)}, "reward_model_leased_while_training"),
        ({"status": RewardStatus.TRAINED}, "reward_model_trained_with_weights"),
        ({"weights_sha256": "a" * 64}, "reward_model_trained_with_weights"),
    ],
    ids=["track", "status", "training without lease", "lease without training", "trained", "untrained"],
)
def test_the_database_refuses_a_reward_model_that_cannot_be(fields: dict[str, Any], constraint: str) -> None:
    with refused(constraint):
        RewardModelFactory(**fields)


def test_the_database_refuses_a_second_folder_a_second_evaluation_and_an_unknown_track() -> None:
    model = RewardModelFactory()
    with refused("reward_model_location_once"):
        RewardModelFactory(location=model.location)
    one = RewardEvaluationFactory(model=model)
    with refused("reward_evaluation_once"):
        RewardEvaluationFactory(model=model, batch_sha256=one.batch_sha256)
    with refused("reward_evaluation_track"):
        RewardEvaluationFactory(model=model, track="speed")
