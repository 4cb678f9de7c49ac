"""The manager's pages of reward models: a training is started and watched, and what came of it is shown."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exports import actions as exports
from exports.models import Export
from preferences.choices import RewardStatus, Track
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User
from workers.models import RewardModel
from workers.rewards import actions, tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def boss(campaign: Campaign) -> User:
    return factories.manager(campaign)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that a trainer was called for."""
    found: list[str] = []
    monkeypatch.setattr(tasks.train, "apply_async", lambda arguments, expires: found.extend(arguments))
    return found


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def seen(user: User, address: str) -> str:
    answer = client(user).get(address)
    assert answer.status_code == 200
    return words(answer)


def ready_export(campaign: Campaign, out: Path) -> Export:
    return exports.write(export=factories.export(factories.batch(campaign)), out=out)


def form(export: Export, **changes: Any) -> dict[str, Any]:
    return {"dataset": [str(export.pk)], "track": "safety", "margin": "large", "base": "/models/chat", **changes}


def test_a_manager_starts_a_training_on_exported_batches(
    campaign: Campaign, boss: User, tmp_path: Path, called: list[str]
) -> None:
    export = ready_export(campaign, tmp_path / "out")
    assert export.batch.name in seen(boss, "/rewards/")
    answer = client(boss).post("/rewards/", form(export, learning_rate="1e-3", pairs_per_step="12", epochs="2"))
    model = RewardModel.objects.get()
    assert answer.headers["Location"] == f"/rewards/{model.pk}/" and called == [str(model.pk)]
    assert (model.track, model.margin, model.base, model.requested_by) == ("safety", "large", "/models/chat", boss)
    assert model.datasets == [str(tmp_path / "out")]
    settings = {"learning_rate": 1e-3, "pairs_per_step": 12, "pairs_at_once": 4, "epochs": 2, "seed": 7}
    assert settings.items() <= model.recipe.items()
    assert "It starts as soon as a worker of the gpu queue is free." in seen(boss, f"/rewards/{model.pk}/")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"dataset": []}, "Choose at least one exported batch"),
        ({"dataset": ["nonsense"]}, "Choose at least one exported batch"),
        ({"base": " "}, "Name the chat checkpoint"),
        ({"track": "speed"}, "Choose the track"),
        ({"margin": "huge"}, "There is no margin “huge”"),
        ({"epochs": "0"}, "“0” is no whole number from 1 up."),
        ({"pairs_per_step": "many"}, "“many” is no whole number from 1 up."),
        ({"seed": "-1"}, "“-1” is no whole number from 0 up."),
        ({"learning_rate": "fast"}, "A learning rate is a number between 0 and 1"),
        ({"learning_rate": "nan"}, "A learning rate is a number between 0 and 1"),
    ],
    ids=["none", "unknown", "base", "track", "margin", "epochs", "pairs", "seed", "rate", "no number"],
)
def test_what_cannot_be_trained_is_refused_and_what_was_typed_stays(
    campaign: Campaign, boss: User, tmp_path: Path, called: list[str], changes: dict[str, Any], sentence: str
) -> None:
    export = ready_export(campaign, tmp_path / "out")
    answer = client(boss).post("/rewards/", form(export, **{"base": "/models/typed", **changes}))
    assert answer.status_code == 422 and sentence in words(answer)
    if "base" not in changes:
        assert 'value="/models/typed"' in answer.content.decode()
    assert not RewardModel.objects.exists() and called == []


def test_a_batch_of_a_campaign_that_one_does_not_manage_cannot_be_trained_on(
    boss: User, tmp_path: Path, called: list[str]
) -> None:
    export = ready_export(factories.campaign(), tmp_path / "out")
    assert export.batch.name not in seen(boss, "/rewards/")
    answer = client(boss).post("/rewards/", form(export))
    assert answer.status_code == 422 and not RewardModel.objects.exists()


def test_the_pages_are_for_managers(campaign: Campaign) -> None:
    model = factories.trained_reward_model()
    for address in ("/rewards/", f"/rewards/{model.pk}/"):
        assert client(factories.annotator(campaign)).get(address).status_code == 403
    assert client(factories.annotator(campaign)).post(f"/rewards/{model.pk}/retry/").status_code == 403


def test_a_training_can_be_watched(boss: User) -> None:
    model = factories.reward_model()
    holder = actions.take(model=model)
    assert holder is not None
    assert "The model and the pairs are being loaded." in seen(boss, f"/rewards/{model.pk}/")
    actions.note(model=model, holder=holder, progress={"step": 30, "steps": 120, "loss": 0.5123})
    RewardModel.objects.update(started_at=timezone.now() - timedelta(minutes=10))
    page = seen(boss, f"/rewards/{model.pk}/")
    assert "Step 30 of 120, loss 0.5123." in page and "About 30 min to go." in page
    assert 'hx-trigger="every 3s"' in client(boss).get(f"/rewards/{model.pk}/").content.decode()
    assert "step 30 of 120" in seen(boss, "/rewards/")


def test_a_failed_training_says_why_and_is_asked_for_again(boss: User, called: list[str]) -> None:
    model = factories.reward_model()
    holder = actions.take(model=model)
    assert holder is not None
    actions.fail(model=model, holder=holder, reason="There is no config.json in /models/chat.")
    assert "There is no config.json in /models/chat." in seen(boss, f"/rewards/{model.pk}/")
    client(boss).post(f"/rewards/{model.pk}/retry/")
    model.refresh_from_db()
    assert model.status == RewardStatus.WAITING and called == [str(model.pk)]


def test_a_trained_model_shows_accuracy_by_degree_calibration_and_where_it_comes_from(boss: User) -> None:
    both = [
        factories.evaluation_of(factories.scored_pairs(75, 25, safety=True), track=Track.SAFETY),
        factories.evaluation_of(factories.scored_pairs(30, 20)),
    ]
    model = factories.trained_reward_model(Track.SAFETY, evaluations=both)
    page = seen(boss, f"/rewards/{model.pk}/")
    assert "75.0% 65.7% to 82.5%" in page  # Wilson's interval of 75 of 100
    assert "Accuracy by degree: Safety" in page and "Accuracy by degree: Helpfulness" in page
    assert "60.0% (46.2% to 72.4%) 50" in page  # 30 of 50
    assert "Unsafe responses below 0.5 (recall) 75.0% (65.7% to 82.5%) 100" in page
    assert "Pairs: safe chosen, unsafe rejected 75.0%" in page and "Pairs: both safe –" in page
    assert "Expected calibration error" in page and "Distribution of rewards" in page
    assert "a" * 64 in page and "b" * 64 in page and "trl 1.16.0" in page


def test_a_model_without_held_out_pairs_says_so(boss: User) -> None:
    model = factories.trained_reward_model(evaluations=[])
    assert "its accuracy is not known" in seen(boss, f"/rewards/{model.pk}/")
    assert "Trained models" in seen(boss, "/rewards/")


def test_the_surest_disagreements_lead_to_a_judgment_where_one_manages_the_campaign(
    campaign: Campaign, boss: User
) -> None:
    mine = factories.judged_comparison(campaign, text="Why is the sky blue?")
    foreign = factories.judged_comparison(factories.campaign(), text="A secret question?")
    pairs = factories.scored_pairs(4, 3, comparisons=[str(mine.key), str(foreign.key)])
    model = factories.trained_reward_model(evaluations=[factories.evaluation_of(pairs)])
    answer = client(boss).get(f"/rewards/{model.pk}/")
    page = answer.content.decode()
    judgment = mine.judgments.get()
    assert f"/campaigns/{campaign.slug}/quality/judgments/{judgment.pk}/" in page
    assert "Why is the sky blue?" in page and "A secret question?" not in page
    assert words(answer).count("of another campaign") == 2  # a foreign one and one that is not here
    assert "2 to 1" in words(answer)


def falling() -> RewardModel:
    weeks = {"2026-W47": factories.scored_pairs(650, 350), "2026-W48": factories.scored_pairs(560, 440)}
    found = [factories.evaluation_of(pairs, week=week) for week, pairs in weeks.items()]
    return factories.trained_reward_model(evaluations=found)


ALARM = "Helpfulness: accuracy falls from 65.0% on 2026-W47 to 56.0% on 2026-W48"


def test_accuracy_that_falls_on_the_newest_batch_raises_an_alarm_wherever_one_would_act(boss: User) -> None:
    model = falling()
    for address in ("/rewards/", "/batches/", f"/rewards/{model.pk}/"):
        assert ALARM in seen(boss, address), address


def test_the_alarm_ends_when_a_newer_batch_is_measured_without_a_fall(boss: User) -> None:
    model = falling()
    again = factories.evaluation_of(factories.scored_pairs(560, 440), week="2026-W49")
    actions.measure(model=model, found=[again], by=None)
    for address in ("/rewards/", "/batches/"):
        assert "accuracy falls" not in seen(boss, address), address


def test_an_alarm_of_a_batch_that_is_no_longer_the_newest_is_over(boss: User) -> None:
    falling()
    newer = factories.evaluation_of(factories.scored_pairs(6, 4), week="2026-W49")
    factories.trained_reward_model(evaluations=[newer], seed=8)
    assert "accuracy falls" not in seen(boss, "/rewards/")
