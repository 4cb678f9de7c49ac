"""Variants, sampling requests, reward models and webhooks through the API."""

from __future__ import annotations

import pytest
from django.test import Client

from exports.webhooks.models import Webhook
from preferences.models import Campaign, Variant
from tests import factories
from tests.webapp.api.clients import program, refused
from webapp.accounts.models import Scope, User
from workers import actions
from workers.models import HealthCheck, SamplingRun, ScoringOrder
from workers.rewards import scores

pytestmark = pytest.mark.django_db
VARIANTS, ASKED, REWARDS = "/api/v1/variants/", "/api/v1/sampling-requests/", "/api/v1/reward-models/"
JSON = "application/json"
SERVER = {"name": "v3", "iteration": "RLHF-V3", "engine": "openai", "location": "https://models.example/v1#llama"}


def test_a_variant_is_registered_checked_limited_and_retired(client: Client, boss: User) -> None:
    made = client.post(VARIANTS, SERVER | {"max_tokens": 1000}, content_type=JSON)
    assert made.status_code == 201 and made.json()["check"] is None
    assert {name: made.json()[name] for name in SERVER} == SERVER
    check = HealthCheck.objects.get(requested_by=boss)
    address = f"{VARIANTS}{made.json()['id']}/"
    again = client.post(f"{address}checks/")
    assert again.status_code == 202 and again.json()["id"] == check.pk and again.json()["usable"] is None
    limited = client.patch(address, {"max_tokens": 500, "queue": "big"}, content_type=JSON).json()
    assert (limited["max_tokens"], limited["queue"], limited["batch_size"]) == (500, "big", 32)
    assert set(refused(client.patch(address, {"max_tokens": 0}, content_type=JSON), 422, "invalid")) == {"max_tokens"}
    refused(client.patch(address, {"location": "elsewhere"}, content_type=JSON), 400, "invalid")
    assert client.post(f"{address}retire/").json()["status"] == "retired"
    refused(client.post(f"{address}retire/"), 409, "invalid_transition")
    refused(client.post(f"{address}checks/"), 409, "conflict")
    assert set(refused(client.post(VARIANTS, SERVER, content_type=JSON), 409, "conflict")) == {"name"}
    refused(client.get(f"{VARIANTS}{10**30}/"), 404, "not_found")


def test_variants_are_listed_with_their_last_check(client: Client) -> None:
    early, late = factories.variant("early", iteration="V1"), factories.variant("late", iteration="V2")
    factories.checked(late)
    factories.checked(late, "It does not answer.")
    listed = client.get(VARIANTS).json()["results"]
    assert [one["name"] for one in listed] == ["late", "early"] and listed[1]["check"] is None
    assert listed[0]["check"]["problems"] == ["It does not answer."]
    checks = client.get(f"{VARIANTS}{late.pk}/checks/").json()["results"]
    assert [one["usable"] for one in checks] == [False, True]
    assert [one["id"] for one in client.get(VARIANTS, {"iteration": "V1"}).json()["results"]] == [early.pk]


def test_no_token_that_judges_reads_a_variant(campaign: Campaign) -> None:
    annotator = factories.annotator(campaign)
    run = factories.sampling_run(campaign)
    for address in (VARIANTS, f"{VARIANTS}{run.variant_id}/", ASKED, f"{ASKED}{run.pk}/", REWARDS):
        refused(program(annotator, Scope.JUDGE).get(address), 403, "missing_scope")
        refused(program(annotator).get(address), 403, "not_allowed")


def test_what_failed_is_asked_for_once_more(campaign: Campaign, boss: User) -> None:
    run = factories.sampling_run(campaign)
    _holder, held = factories.claimed_run(run)
    actions.give_up(held, "Out of memory.")
    client = program(boss, Scope.WORK)
    [failed] = client.get(ASKED, {"status": "failed", "campaign": "helpful"}).json()["results"]
    assert (failed["id"], failed["reason"], failed["variant"]) == (run.pk, "Out of memory.", run.variant.name)
    assert client.get(f"{ASKED}{run.pk}/").json() == failed
    pair = client.get(ASKED, {"turn": run.turn_id}).json()["results"]
    assert {one["position"] for one in pair} == {"a", "b"}
    again = client.post(f"{ASKED}{run.pk}/retry/").json()
    assert again["status"] == "pending" and again["seed"] != failed["seed"]
    assert client.post(f"{ASKED}{run.pk}/retry/").json() == again
    other = program(factories.manager(factories.campaign(slug="elsewhere")), Scope.WORK)
    refused(other.post(f"{ASKED}{run.pk}/retry/"), 404, "not_found")
    assert other.get(ASKED).json()["results"] == [] and SamplingRun.objects.count() == 2


def test_a_reward_model_tells_how_often_it_agrees_with_people(client: Client) -> None:
    model = factories.trained_reward_model()
    waits = factories.reward_model("safety")
    assert [one["id"] for one in client.get(REWARDS).json()["results"]] == [str(waits.pk), str(model.pk)]
    assert [one["id"] for one in client.get(REWARDS, {"status": "trained"}).json()["results"]] == [str(model.pk)]
    assert client.get(f"{REWARDS}{model.pk}/").json()["weights_sha256"] == model.weights_sha256
    [measured] = client.get(f"{REWARDS}{model.pk}/accuracies/").json()["results"]
    assert (measured["pairs"], measured["accuracy"]["value"]) == (100, 0.6)
    assert measured["by_degree"][0]["degree"] == "significantly_better"
    assert sum(one["pairs"] for one in measured["by_degree"]) == 100


def test_answers_are_scored_by_a_worker(client: Client, boss: User, campaign: Campaign) -> None:
    model = factories.trained_reward_model()
    address = f"{REWARDS}{model.pk}/scores/"
    item = {"messages": [{"role": "user", "content": " Why? "}], "response": ""}
    asked = client.post(address, {"items": [item]}, content_type=JSON)
    assert asked.status_code == 202 and asked.json()["scores"] is None
    order = ScoringOrder.objects.get()
    assert order.items == [item]
    holder = scores.take(order=order)
    assert holder is not None and scores.finish(order=order, holder=holder, scores=[-800.0])
    told = client.get(f"/api/v1/reward-scores/{order.pk}/").json()
    assert told["scores"] == [{"score": -800.0, "reward": 0.0}] and told["finished_at"]
    assert client.get(address).json()["results"] == [told]
    other = program(factories.manager(campaign))
    refused(other.get(f"/api/v1/reward-scores/{order.pk}/"), 404, "not_found")
    system = {"items": [{**item, "messages": [{"role": "system", "content": "x"}]}]}
    assert set(refused(client.post(address, system, content_type=JSON), 400, "invalid")) == {"items.0.messages.0.role"}
    assert set(refused(client.post(address, {"items": []}, content_type=JSON), 422, "invalid")) == {"items"}
    untrained = f"{REWARDS}{factories.reward_model('safety').pk}/scores/"
    refused(client.post(untrained, {"items": [item]}, content_type=JSON), 409, "conflict")


def test_a_webhook_tells_its_secret_once_and_never_its_address(campaign: Campaign, client: Client) -> None:
    address = f"/api/v1/campaigns/{campaign.slug}/webhooks/"
    sent = {"url": "https://hooks.example/in?key=quiet", "kinds": ["batch.sealed"]}
    made = client.post(address, sent, content_type=JSON)
    assert made.status_code == 201 and made.json()["secret"]
    [listed] = client.get(address).json()["results"]
    assert listed["host"] == "hooks.example" and "secret" not in listed and "quiet" not in str(listed)
    hook = f"/api/v1/webhooks/{listed['id']}/"
    assert client.get(f"{hook}deliveries/").json()["results"] == []
    assert client.delete(hook).status_code == 204 and client.get(hook).json()["is_on"] is False
    plain = {"url": "http://hooks.example/in", "kinds": ["batch.sealed"]}
    assert set(refused(client.post(address, plain, content_type=JSON), 422, "invalid")) == {"url"}
    other = program(factories.manager(factories.campaign(slug="elsewhere")))
    refused(other.get(hook), 404, "not_found")
    refused(other.delete(hook), 404, "not_found")
    assert Webhook.objects.count() == 1 and Variant.objects.count() == 0
