"""The machines as managers see them, and what an annotator is told when there are none."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from preferences.choices import TurnStatus
from preferences.models import Campaign, Turn
from tests import factories
from tests.clock import Clock
from tests.workers.helpers import planned_campaign, sampled_turn
from webapp.accounts.models import User
from workers import actions, failures, recording
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return planned_campaign()


@pytest.fixture
def boss(campaign: Campaign) -> Client:
    return signed_in(factories.manager(campaign))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def fails(turn: Turn, reason: str) -> None:
    for run in turn.sampling_runs.all():
        holder, claimed = actions.claim(variant=run.variant, limit=1)
        recording.fail(run=claimed[0], holder=holder, reason=reason, told="The models could not answer.")


def test_only_managers_see_the_machines(campaign: Campaign, boss: Client) -> None:
    assert boss.get("/machines/").status_code == 200
    assert 'href="/machines/"' in html(boss.get("/overview/"))
    other = signed_in(factories.annotator(campaign))
    assert other.get("/machines/").status_code == 403
    assert other.post("/machines/again/", {"reason": "x"}).status_code == 403
    assert 'href="/machines/"' not in html(other.get("/"))


def test_a_queue_without_a_worker_is_named_with_what_starts_one(campaign: Campaign, boss: Client) -> None:
    sampled_turn(campaign)
    page = html(boss.get("/machines/"))
    assert "No worker listens to the queue <code>sample</code>." in page
    assert "2 requests wait there and are kept." in page
    assert "<code>celery -A webapp worker -n sample@%h -Q sample -c 1</code>" in page
    factories.worker()
    assert "No worker listens" not in html(boss.get("/machines/"))


def test_what_a_worker_does_and_holds(campaign: Campaign, boss: Client, clock: Clock) -> None:
    early, late = (pair.variant for pair in sampled_turn(campaign)[1:])
    model = factories.reward_model()
    factories.worker(name="gpu0@a", task="workers.tasks.sample", variant=early, runs=3, loaded=[early.pk, late.pk])
    factories.worker(name="gpu1@a", reward_model=model, device="H100", memory_used=3 * 2**30, memory_total=80 * 2**30)
    factories.worker(name="files@a", task="exports.tasks.write")
    factories.worker(name="other@a", task="annotation.tasks.draw_reviews")
    factories.worker(name="lazy@a")
    clock.goes(seconds=4.25)
    page = html(boss.get("/machines/"))
    assert f"Samples 3 answers of {early.name}, for 4.2 s" in page
    assert ", ".join(sorted([early.name, late.name])) in page
    assert f'href="/rewards/{model.pk}/"' in page and "GPU memory: 3.0 GiB of 80.0 GiB" in page
    assert "At work on <code>annotation.tasks.draw_reviews</code>" in page and "Writes an export" in page
    assert "Idle for" in page


def test_a_worker_is_away_after_half_a_minute_and_forgotten_after_a_day(boss: Client, clock: Clock) -> None:
    factories.worker(name="gpu0@a")
    assert "away" not in html(boss.get("/machines/"))
    clock.goes(seconds=31)
    assert "Not seen for 31 s." in html(boss.get("/machines/"))
    clock.goes(days=1)
    assert "No worker has been seen within a day." in html(boss.get("/machines/"))


def test_all_that_failed_by_a_cause_is_asked_for_again(campaign: Campaign, boss: Client) -> None:
    turns = [sampled_turn(campaign)[0] for _ in range(2)]
    other = sampled_turn(campaign)[0]
    for turn in turns:
        fails(turn, "The server is away.")
    fails(other, "The dialogue is too long.")
    page = html(boss.get("/machines/"))
    assert "The server is away." in page and "4 requests to early, late" in page and "Ask again for 2 prompts" in page

    answer = boss.post("/machines/again/", {"reason": "The server is away."}, follow=True)

    assert answer.redirect_chain == [("/machines/?again=2", 302)]
    assert "2 prompts wait for their answers once more." in html(answer)
    assert {Turn.objects.get(pk=turn.pk).status for turn in turns} == {TurnStatus.SAMPLING}
    assert set(SamplingRun.objects.filter(turn__in=turns).values_list("status", "reason")) == {("pending", "")}
    assert Turn.objects.get(pk=other.pk).status == TurnStatus.FAILED
    assert "The dialogue is too long." in html(answer)


def test_a_cause_that_no_request_failed_by_is_asked_for_again_in_vain(boss: Client) -> None:
    for reason in ("", "Nobody has this.", "half a \x00", "x" * 2_000_000):
        answer = boss.post("/machines/again/", {"reason": reason})
        assert (answer.status_code, answer.headers["Location"]) == (302, "/machines/?again=0")


def test_no_more_causes_are_listed_than_can_be_read(
    campaign: Campaign, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MOST_CAUSES", 2)
    for number in range(3):
        fails(sampled_turn(campaign)[0], f"Cause {number}.")
    page = html(boss.get("/machines/"))
    assert page.count("Ask again for") == 2 and 'value="Cause 2."' in page and 'value="Cause 0."' not in page


def test_what_failed_in_a_campaign_of_others_is_neither_shown_nor_asked_for_again(campaign: Campaign) -> None:
    turn = sampled_turn(campaign)[0]
    fails(turn, "The server is away.")
    client = signed_in(factories.manager(factories.campaign()))
    assert "Ask again" not in html(client.get("/machines/"))
    client.post("/machines/again/", {"reason": "The server is away."})
    assert Turn.objects.get(pk=turn.pk).status == TurnStatus.FAILED


@pytest.mark.parametrize("again", ["", "x", "-1", "9" * 40])
def test_a_count_that_is_none_says_nothing(boss: Client, again: str) -> None:
    assert "once more" not in html(boss.get("/machines/", {"again": again}))


class Waiting:
    """An annotator whose prompt waits for both models."""

    def __init__(self, campaign: Campaign) -> None:
        ann = factories.annotator(campaign)
        self.turn = factories.turn(campaign, text="Is anybody there?", by=ann)
        self.runs = actions.request_pair(turn=self.turn, by=ann)
        self.client = signed_in(ann)

    def page(self) -> str:
        return html(self.client.get(f"/turns/{self.turn.pk}/"))


def test_an_annotator_is_told_that_the_models_are_away_and_what_was_kept(campaign: Campaign, clock: Clock) -> None:
    waiting = Waiting(campaign)
    factories.worker()
    assert "Next in line for a worker." in waiting.page()
    clock.goes(seconds=31)
    page = waiting.page()
    assert "The models are away" in page and "Your prompt is kept and stays in line" in page
    assert "Go on judging" in page and "Is anybody there?" in page
    factories.worker()
    assert "The models are away" not in waiting.page()


def test_the_models_are_away_where_only_one_of_them_has_a_worker(campaign: Campaign) -> None:
    waiting = Waiting(campaign)
    alone = waiting.runs[0].variant
    type(alone).objects.filter(pk=alone.pk).update(queue="big")
    factories.worker()
    assert "The models are away" in waiting.page()
    factories.worker(queues=["sample.big"])
    assert "The models are away" not in waiting.page()


def test_a_worker_that_died_over_a_prompt_leaves_the_models_away(campaign: Campaign, clock: Clock) -> None:
    waiting = Waiting(campaign)
    for run in waiting.runs:
        actions.claim(variant=run.variant, limit=1)
    assert "Being sampled for" in waiting.page()
    clock.goes(seconds=31)
    assert "The models are away" in waiting.page()


def test_how_the_latest_responses_of_a_variant_were_made_is_shown_without_their_texts(campaign: Campaign) -> None:
    variant = factories.variant("served")
    doubtful = {"revision": "rlhf-v3, fp_1", "unconfirmed": ["seed"], "remarks": ["Two seeds, one text."]}
    factories.response(factories.turn(campaign), "A text.", variant=variant, seed=4711, temperature=0.875, **doubtful)
    address = f"/variants/{variant.pk}/responses/"

    page = html(signed_in(factories.manager(campaign)).get(address))

    for said in ("4711", "0.875", "rlhf-v3, fp_1", "<code>seed</code>", "Two seeds, one text."):
        assert said in page
    assert "A text." not in page
    elsewhere = factories.manager(factories.campaign())
    assert "It has answered nothing in your campaigns yet." in html(signed_in(elsewhere).get(address))
    assert signed_in(factories.annotator(campaign)).get(address).status_code == 403
    assert signed_in(elsewhere).get("/variants/0/responses/").status_code == 404
