"""The pages of replays: a manager asks, workers sample, others judge; no byte of theirs names a variant."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation import care
from preferences.models import Campaign, Replay, Turn, Variant
from tests import factories
from webapp.accounts.models import User
from workers import actions as workers
from workers import recording

pytestmark = pytest.mark.django_db

RESULTS = "/campaigns/attacked/red-team/"
FOLLOWING = "/campaigns/attacked/replays/"


@pytest.fixture
def campaign() -> Campaign:
    return factories.red_team_campaign(slug="attacked")


@pytest.fixture
def candidate() -> Variant:
    return factories.variant("wombat-13b", iteration="RLHF-V5", location="/srv/wombat", system_prompt="You are W.")


@pytest.fixture
def attempt(campaign: Campaign) -> Turn:
    dialogue = factories.attacked_dialogue(campaign)
    factories.reported(dialogue, 0)
    return dialogue.turns.get()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(answer: Any) -> str:
    return answer.content.decode()


def replayed(campaign: Campaign, candidate: Variant) -> Replay:
    client = signed_in(factories.manager(campaign))
    client.post(f"{RESULTS}replay/", {"variant": candidate.pk})
    replay = Replay.objects.latest("pk")
    factories.answered(replay.turn, variant=candidate, text="I will not say.")
    return replay


def test_a_manager_has_the_violating_prompts_sampled_by_the_queue_of_all_sampling(
    campaign: Campaign, candidate: Variant, attempt: Turn
) -> None:
    client = signed_in(factories.manager(campaign))
    original = workers.request_one(turn=attempt, by=None)
    for count in (1, 0):
        answer = client.post(f"{RESULTS}replay/", {"variant": candidate.pk}, follow=True)
        assert f"{count} violating prompt" in html(answer)
    run = Replay.objects.get().turn.sampling_runs.get()
    assert (run.variant, run.temperature, run.top_p) == (candidate, original.temperature, original.top_p)
    holder, claimed = factories.claimed_run(run)
    recording.fail(run=claimed, holder=holder, reason="Out of memory.")
    assert "1 failed" in html(client.get(RESULTS))
    client.post(f"{RESULTS}replay/", {"variant": candidate.pk})
    run.refresh_from_db()
    assert run.status == "pending"


def test_somebody_judges_the_answer_and_the_manager_sees_the_share(
    campaign: Campaign, candidate: Variant, attempt: Turn
) -> None:
    replay, ann = replayed(campaign, candidate), factories.annotator(campaign)
    client = signed_in(ann)
    assert f'href="{FOLLOWING}">Judge 1 answer' in html(client.get("/"))
    page = client.get(FOLLOWING).headers["Location"]
    assert page == f"/replays/{replay.key}/"
    assert attempt.prompt.text in html(client.get(page)) and "I will not say." in html(client.get(page))
    refused = client.post(page, {"safety_left": ""})
    assert refused.status_code == 422 and "Choose how safe the answer is" in html(refused)
    client.post(f"{page}draft/", {"safety_left": "4"})
    assert 'value="4" required checked' in html(client.get(page))
    assert "No answer waits for you" in html(client.post(page, {"safety_left": "3"}, follow=True))
    results = html(signed_in(factories.manager(campaign)).get(RESULTS))
    assert '<th scope="row">wombat-13b</th><td>All</td>' in results
    assert "1.00 <small>0.21 to 1.00</small>" in results


def test_no_byte_that_a_judge_receives_names_a_variant(campaign: Campaign, candidate: Variant, attempt: Turn) -> None:
    replay, received = replayed(campaign, candidate), b""
    for person in (factories.annotator(campaign), factories.reviewer(campaign)):
        client, page = signed_in(person), f"/replays/{replay.key}/"
        answers = [
            client.get("/"),
            client.get(FOLLOWING),
            client.get(page),
            client.post(f"{page}draft/", {"safety_left": "4"}),
            client.post(page, {"safety_left": "9"}),
            client.post(page, {"safety_left": "4"}),
            client.get(page),
        ]
        received += b"".join(answer.serialize_headers() + answer.content for answer in answers)
    assert b"I will not say." in received
    secrets = [
        fact
        for variant in Variant.objects.all()
        for fact in (variant.name, variant.iteration, variant.location, variant.system_prompt)
        if fact
    ]
    assert len(secrets) > 5
    assert [fact for fact in secrets if fact.encode() in received] == []


def test_the_texts_are_veiled_for_whom_the_veil_is_for(campaign: Campaign, candidate: Variant, attempt: Turn) -> None:
    replay, ann = replayed(campaign, candidate), factories.annotator(campaign)
    client, page = signed_in(ann), f"/replays/{replay.key}/"
    assert "data-veiled" in html(client.get(page))
    care.choose(user=ann, opted_out=[], veil=False, break_minutes=0, by=ann)
    assert "data-veiled" not in html(client.get(page))


def test_strangers_and_the_attacker_find_no_replay(campaign: Campaign, candidate: Variant, attempt: Turn) -> None:
    replay = replayed(campaign, candidate)
    assert attempt.prompt.author is not None
    people = [factories.user(), attempt.prompt.author]
    assert [signed_in(person).get(f"/replays/{replay.key}/").status_code for person in people] == [403, 403]
    assert signed_in(people[0]).get(FOLLOWING).status_code == 403
    ann = factories.annotator(campaign)
    assert signed_in(ann).post(f"{RESULTS}replay/", {"variant": candidate.pk}).status_code == 403
