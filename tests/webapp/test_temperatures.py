"""The manager's page of a variant's temperatures: asked for, watched, shown with charts and files."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import numpy as np
import pytest
from django.test import Client

from preferences.choices import SweepStatus
from preferences.models import Campaign, Variant
from tests import factories
from tests.factories.temperatures import found_at, measured_sweep, planned_campaign, requested_sweep
from webapp.accounts.models import User
from workers.models import TemperatureSweep
from workers.temperature import holding, tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return planned_campaign(temperature_spread=0.1)


@pytest.fixture
def variant(campaign: Campaign) -> Variant:
    return campaign.sampling_plan.get().first


@pytest.fixture
def boss(campaign: Campaign) -> Client:
    return client(factories.manager(campaign))


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sweeps that a worker was called for."""
    found: list[int] = []
    monkeypatch.setattr(tasks.tune, "apply_async", lambda arguments, expires: found.extend(arguments))
    return found


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def page(variant: Variant) -> str:
    return f"/variants/{variant.pk}/temperatures/"


def test_a_manager_asks_for_a_sweep_and_watches_it(
    boss: Client, variant: Variant, campaign: Campaign, called: list[int]
) -> None:
    factories.trained_reward_model()
    answer = boss.post(page(variant), {"campaign": campaign.slug, "answers": "12", "prompts": "2"})
    sweep = TemperatureSweep.objects.get()
    assert answer.headers["Location"] == page(variant) and called == [sweep.pk]
    assert (sweep.answers, len(sweep.prompts), sweep.campaign) == (12, 2, campaign)
    assert "It starts as soon as a worker of the gpu queue is free." in words(boss.get(page(variant)))
    holder = holding.take(sweep=sweep)
    assert holder is not None
    assert "The model and the reward model are being loaded." in words(boss.get(page(variant)))
    holding.record(sweep=sweep, holder=holder, found=found_at(sweep, 0.1))
    holding.note(sweep=sweep, holder=holder, answered=100)
    # Two prompts and twenty questions, twelve answers each, at fifteen temperatures.
    assert "1 of 15 temperatures, 364 of 3,960 answers." in words(boss.get(page(variant)))


def test_for_who_watches_no_chart_is_drawn(boss: Client, campaign: Campaign, variant: Variant) -> None:
    measured_sweep(campaign)
    requested_sweep(campaign)
    chart = "Reward of the best answer by temperature"
    assert chart in words(boss.get(page(variant)))
    watched = words(boss.get(page(variant), headers={"HX-Request": "true"}))
    assert chart not in watched and "It starts as soon as a worker" in watched


def test_what_is_watched_is_shown_anew_when_it_is_over(boss: Client, campaign: Campaign, variant: Variant) -> None:
    requested_sweep(campaign)
    watching = {"HX-Request": "true"}
    assert "HX-Refresh" not in boss.get(page(variant), headers=watching).headers
    sweep = TemperatureSweep.objects.get()
    holder = holding.take(sweep=sweep)
    assert holder is not None
    holding.fail(sweep=sweep, holder=holder, reason="The memory was full.")
    assert boss.get(page(variant), headers=watching).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in boss.get(page(variant)).headers


@pytest.mark.parametrize(
    ("typed", "sentence", "status"),
    [
        ({"campaign": "another"}, "Choose the campaign whose prompts are answered.", 422),
        ({"answers": "many"}, "Answers to a prompt are a whole number from 1 to 100.", 422),
        ({"prompts": "0"}, "Prompts are a whole number from 1 to 1000.", 422),
        ({}, "No reward model of the track “Helpfulness” is trained yet", 409),
    ],
    ids=["campaign", "answers", "prompts", "no reward model"],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(
    boss: Client, variant: Variant, campaign: Campaign, typed: dict[str, str], sentence: str, status: int
) -> None:
    answer = boss.post(page(variant), {"campaign": campaign.slug, "answers": "9", "prompts": "77", **typed})
    assert answer.status_code == status
    assert sentence in words(answer)
    assert f'value="{typed.get("prompts", "77")}"' in answer.content.decode()


def test_the_best_temperature_is_shown_with_what_it_rests_on(
    boss: Client, campaign: Campaign, variant: Variant
) -> None:
    sweep = measured_sweep(campaign)
    seen = words(boss.get(page(variant)))
    assert "Best temperature, T*, 95% interval 0.8 0.8 to 0.8" in seen
    assert "0.8 is better than every other temperature that was tried" in seen
    assert f"Measured on {sweep.finished_at:%-d %b %Y} by reward model {sweep.reward_model.short}" in seen
    assert "0.8 0.8 to 0.8 ± 0.1" in seen
    titles = (
        "Reward of the best answer by temperature",
        "Best answer by number of answers, at several temperatures",
        "Best and median answer by number of answers, at temperature 0.8",
        "How alike the answers are",
    )
    assert "a better one may lie beyond" not in seen
    assert all(title in seen for title in titles)


def test_the_variants_own_page_has_the_temperature_in_use_and_the_chart(
    boss: Client, campaign: Campaign, variant: Variant
) -> None:
    before = words(boss.get(f"/variants/{variant.pk}/"))
    assert "nothing can be measured" in before and "Reward of the best answer" not in before
    measured_sweep(campaign)
    seen = words(boss.get(f"/variants/{variant.pk}/"))
    assert "0.8 0.8 to 0.8 ± 0.1" in seen and "Reward of the best answer by temperature" in seen


def test_temperatures_that_cannot_be_told_apart_are_named(boss: Client, campaign: Campaign, variant: Variant) -> None:
    sweep = requested_sweep(campaign, prompts=3)
    holder = holding.take(sweep=sweep)
    assert holder is not None
    for temperature in sweep.grid:
        noise = np.random.default_rng(round(temperature * 10)).random((3, 4)).tolist()
        holding.record(sweep=sweep, holder=holder, found=found_at(sweep, temperature, rewards=noise))
    holding.finish(sweep=sweep, holder=holder)
    sweep.refresh_from_db()
    others = ", ".join(f"{point:g}" for point in sweep.grid if point != sweep.temperature)
    assert f"The data cannot tell {sweep.temperature:g} from {others}" in words(boss.get(page(variant)))


def test_a_best_temperature_at_the_end_of_the_grid_is_doubted(
    boss: Client, campaign: Campaign, variant: Variant
) -> None:
    measured_sweep(campaign, grid=[0.2, 0.5])
    assert "a better one may lie beyond" in words(boss.get(page(variant)))


def test_a_plan_that_does_not_follow_and_one_without_a_reward_model_say_so(boss: Client, campaign: Campaign) -> None:
    fixed = campaign.sampling_plan.get().second
    assert "no reward model of this track is trained, so that nothing can be measured" in words(boss.get(page(fixed)))
    campaign.sampling_plan.update(tuned=False)
    measured_sweep(campaign, variant=fixed)
    seen = words(boss.get(page(fixed)))
    assert "The plan's own. The best measured on" in seen and "0.9 ± 0.1" in seen


def test_an_older_measurement_can_be_looked_at(boss: Client, campaign: Campaign, variant: Variant) -> None:
    older, newer = measured_sweep(campaign, seed=11), measured_sweep(campaign, seed=22)
    assert "Seed 22" in words(boss.get(page(variant)))
    assert f'href="?sweep={older.pk}"' in boss.get(page(variant)).content.decode()
    assert "Seed 11" in words(boss.get(f"{page(variant)}?sweep={older.pk}"))
    assert "Seed 22" in words(boss.get(f"{page(variant)}?sweep=nothing")) and newer.pk


def test_a_failed_one_can_be_tried_again(boss: Client, campaign: Campaign, variant: Variant, called: list[int]) -> None:
    sweep = requested_sweep(campaign)
    holder = holding.take(sweep=sweep)
    assert holder is not None
    holding.record(sweep=sweep, holder=holder, found=found_at(sweep, 0.4))
    holding.fail(sweep=sweep, holder=holder, reason="The memory was full.")
    seen = words(boss.get(page(variant)))
    assert "The memory was full." in seen and "1 temperature is kept." in seen
    assert boss.post(f"{page(variant)}{sweep.pk}/retry/").headers["Location"] == page(variant)
    assert called == [sweep.pk] and TemperatureSweep.objects.get().status == SweepStatus.WAITING


def lines(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_each_chart_has_its_file_and_every_reward_is_in_one(boss: Client, campaign: Campaign, variant: Variant) -> None:
    sweep = measured_sweep(campaign)
    address = f"{page(variant)}{sweep.pk}"
    heads, *best = lines(boss.get(f"{address}/best.csv"))
    assert heads == [
        "temperature", "best_of", "reward", "reward_low", "reward_high", "smoothed", "best_in_share", "alike_to_best"
    ]  # fmt: skip
    assert [row[:2] for row in best] == [[t, n] for n in "1234" for t in ("0.4", "0.8", "1.2")]
    assert float(best[-2][2]) == pytest.approx(0.5 + 0.01 + 0.08 * 0.8) and best[-2][-2:] == ["1.0", "yes"]
    heads, *answers = lines(boss.get(f"{address}/answers.csv"))
    assert heads[:4] == ["answers", "best", "best_low", "best_high"]
    assert [float(row[0]) for row in answers] == [1, 2, 3, 4]
    heads, *alike = lines(boss.get(f"{address}/self-bleu.csv"))
    assert len(alike) == 6 and float(alike[0][2]) == pytest.approx(0.9 - 0.4 * 0.4 - 0.045)
    heads, *rewards = lines(boss.get(f"{address}/rewards.csv"))
    assert heads == ["temperature", "prompt", "answer", "reward", "tokens"] and len(rewards) == 3 * 3 * 4
    assert boss.get(f"{address}/nothing.csv").status_code == 404


def test_it_is_for_managers_and_shows_a_manager_the_own_campaigns_only(
    campaign: Campaign, variant: Variant, boss: Client
) -> None:
    sweep = measured_sweep(campaign)
    assert client(factories.annotator(campaign)).get(page(variant)).status_code == 403
    stranger = client(factories.manager(factories.campaign()))
    seen = words(stranger.get(page(variant)))
    assert str(campaign) not in seen and "No sampling plan of your campaigns has this variant" in seen
    assert stranger.get(f"{page(variant)}{sweep.pk}/best.csv").status_code == 404
    assert stranger.post(f"{page(variant)}{sweep.pk}/retry/").status_code == 404
    assert boss.get("/variants/999999/temperatures/").status_code == 404
