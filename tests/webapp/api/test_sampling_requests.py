"""What is asked of the models through the API: asked for out of turn, taken back, and prompts that are retired."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation import memberships
from annotation.models import Role
from preferences.actions import campaigns, comparisons
from preferences.models import Campaign, Prompt, Replay, Turn
from tests import factories
from tests.webapp.api.clients import program, refused
from tests.workers.test_prompt_sets import prompt
from webapp.accounts.models import Scope, User
from workers import prompt_sets
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db
ASKED, PROMPTS, JSON = "/api/v1/sampling-requests/", "/api/v1/prompts/", "application/json"


@pytest.fixture
def campaign() -> Campaign:
    """With a prompt that is asked about and one that waits."""
    made = factories.campaign(slug="helpful", ready_ahead=1)
    factories.sampling_plan(made)
    prompt_sets.bring_in(campaign=made, items=[prompt("p1"), prompt("p2")], by=None)
    return made


@pytest.fixture
def client(boss: User) -> Client:
    return program(boss, Scope.WORK)


def waiting() -> Prompt:
    return Prompt.objects.get(external_id="p2")


def ask(client: Client, key: Any, **headers: str) -> Any:
    return client.post(ASKED, {"prompt": key}, content_type=JSON, headers=headers)


def test_a_prompt_is_asked_for_out_of_turn_and_once(client: Client) -> None:
    made = ask(client, waiting().pk)
    assert made.status_code == 201
    pair = made.json()["requests"]
    assert [(one["position"], one["status"], one["prompt"]) for one in pair] == [
        ("a", "pending", waiting().pk),
        ("b", "pending", waiting().pk),
    ]
    again = ask(client, waiting().pk)
    assert again.status_code == 200 and again.json() == made.json() and SamplingRun.objects.count() == 4


def test_what_is_sent_again_with_its_key_is_asked_for_once(client: Client) -> None:
    answers = [ask(client, waiting().pk, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert answers[0].content == answers[1].content and answers[1]["Idempotency-Replayed"] == "true"


def test_a_request_is_taken_back_with_its_pair_and_asked_for_once_more(client: Client) -> None:
    first, _ = SamplingRun.objects.order_by("pk")
    for _ in range(2):
        told = client.post(f"{ASKED}{first.pk}/cancel/").json()
        assert (told["status"], told["reason"]) == ("cancelled", "A manager took this request back.")
    assert {one["status"] for one in client.get(ASKED, {"turn": first.turn_id}).json()["results"]} == {"cancelled"}
    assert len(client.get(ASKED, {"status": "cancelled"}).json()["results"]) == 2
    assert client.post(f"{ASKED}{first.pk}/retry/").json()["status"] == "pending"


def test_nothing_is_asked_again_in_a_campaign_that_is_closed(client: Client, campaign: Campaign) -> None:
    run = SamplingRun.objects.order_by("pk")[0]
    client.post(f"{ASKED}{run.pk}/cancel/")
    campaigns.close(campaign=campaign, by=None)
    refused(client.post(f"{ASKED}{run.pk}/retry/"), 409, "conflict")
    assert {one.status for one in SamplingRun.objects.filter(turn=run.turn_id)} == {"cancelled"}


def test_what_is_answered_is_not_taken_back(client: Client, campaign: Campaign) -> None:
    run = factories.sampling_run(campaign)
    factories.comparison(of=run.turn)
    refused(client.post(f"{ASKED}{run.pk}/cancel/"), 409, "conflict")


def test_a_retired_prompt_is_told_of_and_asked_no_more(client: Client, boss: User) -> None:
    managing = program(boss, Scope.MANAGE)
    address = f"{PROMPTS}{waiting().pk}/"
    assert managing.get(address).json()["retired_at"] is None
    told = managing.post(f"{address}retire/")
    assert told.status_code == 200 and told.json()["retired_at"] and managing.get(address).json() == told.json()
    assert managing.post(f"{address}retire/").json() == told.json()
    [retired] = managing.get(PROMPTS, {"retired": "true"}).json()["results"]
    assert retired == told.json() and len(managing.get(PROMPTS, {"retired": "false"}).json()["results"]) == 1
    refused(ask(client, waiting().pk), 409, "conflict")
    assert Turn.objects.get(prompt=waiting()).status == "failed"


@pytest.mark.parametrize("key", ["7", None, 0, -1, 2**70, [], {}], ids=str)
def test_only_a_number_names_a_prompt(client: Client, key: Any) -> None:
    assert set(refused(ask(client, key), 400, "invalid")) == {"prompt"}


def test_what_is_of_other_campaigns_is_not_there(campaign: Campaign) -> None:
    other = program(factories.manager(factories.campaign(slug="elsewhere")))
    first = SamplingRun.objects.order_by("pk")[0]
    refused(ask(other, waiting().pk), 404, "not_found")
    refused(ask(other, 2**62), 404, "not_found")
    refused(other.post(f"{ASKED}{first.pk}/cancel/"), 404, "not_found")
    refused(other.post(f"{PROMPTS}{waiting().pk}/retire/"), 404, "not_found")
    annotator = program(factories.annotator(campaign))
    for address in (f"{ASKED}{first.pk}/cancel/", f"{PROMPTS}{waiting().pk}/retire/"):
        refused(annotator.post(address), 403, "not_allowed")
    refused(program(factories.manager(campaign), Scope.JUDGE).post(f"{ASKED}{first.pk}/cancel/"), 403, "missing_scope")
    assert SamplingRun.objects.filter(status="pending").count() == 2


def test_a_variant_is_asked_what_others_answered_unsafely(client: Client, boss: User) -> None:
    attacked = factories.red_team_campaign()
    memberships.add(user=boss, campaign=attacked, role=Role.MANAGER, by=None)
    ann = factories.annotator(attacked)
    for _ in range(2):
        dialogue = factories.attacked_dialogue(attacked, by=ann)
        factories.reported(dialogue, 0)
    prompt_sets.retire(prompt=dialogue.turns.get(index=0).prompt, by=None)
    address, variant = f"/api/v1/campaigns/{attacked.slug}/replays/", {"variant": factories.variant().pk}
    asked = [client.post(address, variant, content_type=JSON).json() for _ in range(2)]
    assert asked == [{"asked": 1, "asked_again": 0}, {"asked": 0, "asked_again": 0}]
    comparisons.fail_turn(turn=Replay.objects.get().turn, reason="It is out of memory.")
    assert client.post(address, variant, content_type=JSON).json() == {"asked": 0, "asked_again": 1}
    refused(client.post("/api/v1/campaigns/helpful/replays/", variant, content_type=JSON), 404, "not_found")
    refused(client.post(address, {"variant": 2**62}, content_type=JSON), 404, "not_found")
    other = program(factories.manager(factories.red_team_campaign()))
    refused(other.post(address, variant, content_type=JSON), 404, "not_found")
