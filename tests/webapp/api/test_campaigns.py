"""Campaigns, their guidelines, prompts and agreement through the API, as a manager's program uses them."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest
from django.test import Client

from preferences.agreement import agreement_of
from preferences.choices import CampaignStatus, Category
from preferences.counting import Scope as Counted
from preferences.models import Campaign, Event, Prompt
from preferences.precision import precision_of
from tests import factories
from tests.clock import Clock
from tests.webapp.api.clients import program, refused
from webapp.accounts.models import Scope, User
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db
CAMPAIGNS = "/api/v1/campaigns/"
HELPFUL = f"{CAMPAIGNS}helpful/"
PROMPTS = "/api/v1/prompts/"
JSON = "application/json"


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign(slug="helpful", raters_per_item=2)


def slugs(answer: Any) -> list[str]:
    return [one["slug"] for one in answer.json()["results"]]


def test_a_manager_lists_those_that_they_manage(campaign: Campaign, boss: User, client: Client) -> None:
    factories.campaign(slug="elsewhere")
    administrator = program(factories.user(is_superuser=True))
    assert slugs(client.get(CAMPAIGNS)) == ["helpful"]
    assert slugs(administrator.get(CAMPAIGNS)) == ["elsewhere", "helpful"]
    assert slugs(client.get(CAMPAIGNS, {"status": "draft"})) == []
    assert set(refused(client.get(CAMPAIGNS, {"memberships__user": boss.pk}), 400, "invalid")) == {"memberships__user"}
    told = client.get(HELPFUL).json()
    assert (told["name"], told["status"], told["guideline"]) == (campaign.name, "open", 1)
    for address in (f"{CAMPAIGNS}elsewhere/", f"{CAMPAIGNS}nowhere/", f"{CAMPAIGNS}elsewhere/agreement/"):
        refused(client.get(address), 404, "not_found")
    refused(program(factories.annotator(campaign)).get(CAMPAIGNS), 403, "not_allowed")
    refused(program(boss, Scope.EXPORT).get(CAMPAIGNS), 403, "missing_scope")


def test_an_administrator_makes_one_and_a_manager_does_not(client: Client) -> None:
    sent = {"slug": "safe", "name": "Safety", "track": "safety", "kind": "safety_rating"}
    refused(client.post(CAMPAIGNS, sent, content_type=JSON), 403, "not_allowed")
    administrator = program(factories.user(is_superuser=True))
    made = administrator.post(CAMPAIGNS, sent, content_type=JSON)
    assert made.status_code == 201 and made.json()["status"] == "draft" and made.json()["raters_per_item"] == 3
    refused(administrator.post(CAMPAIGNS, sent, content_type=JSON), 422, "invalid")
    assert Campaign.objects.filter(slug="safe").count() == 1


def test_what_is_changed_is_changed_whole_or_not_at_all(campaign: Campaign, client: Client) -> None:
    sent = {"priority": 7, "most_per_day": 50, "planned_until": None, "agreement_gate": 0.4, "ready_ahead": 9}
    changed = client.patch(HELPFUL, sent | {"status": "paused"}, content_type=JSON).json()
    assert {name: changed[name] for name in sent} == sent and changed["status"] == "paused"
    campaign.refresh_from_db()
    assert campaign.status == CampaignStatus.PAUSED
    kept = {"most_per_day": None, "gold_share": 0.9}
    assert set(refused(client.patch(HELPFUL, kept, content_type=JSON), 422, "invalid")) == {"gold_share"}
    refused(client.patch(HELPFUL, {"priority": 1, "kind": "evaluation"}, content_type=JSON), 400, "invalid")
    client.patch(HELPFUL, {"status": "closed"}, content_type=JSON)
    refused(client.patch(HELPFUL, {"priority": 1, "status": "open"}, content_type=JSON), 409, "invalid_transition")
    campaign.refresh_from_db()
    assert (campaign.priority, campaign.most_per_day) == (7, 50)


def test_how_far_it_is(campaign: Campaign, client: Client) -> None:
    factories.judged_comparison(campaign)
    factories.comparison(campaign)
    told = client.get(f"{HELPFUL}progress/").json()
    assert (told["comparisons"], told["finished"], told["wanted"], told["judged"]) == (2, 1, 4, 2)
    factories.manager(factories.demonstrations_campaign(slug="written"))
    administrator = program(factories.user(is_superuser=True))
    refused(administrator.get(f"{CAMPAIGNS}written/progress/"), 404, "not_found")


def test_each_guideline_is_a_version_that_stays(campaign: Campaign, boss: User, client: Client) -> None:
    address = f"{HELPFUL}guidelines/"
    made = client.post(address, {"text": "# Guideline\n\n- Be kind. \n"}, content_type=JSON)
    assert made.status_code == 201 and made.json()["version"] == 2
    listed = client.get(address).json()["results"]
    assert [(one["version"], one["published_by"]) for one in listed] == [(2, boss.pseudonym), (1, None)]
    assert "text" not in listed[0] and client.get(f"{address}2/").json() == made.json()
    refused(client.get(f"{address}3/"), 404, "not_found")
    assert set(refused(client.post(address, {"text": " \n"}, content_type=JSON), 422, "invalid")) == {"text"}


def test_a_prompt_is_brought_in_once_and_asked_of_the_models(campaign: Campaign, client: Client) -> None:
    factories.sampling_plan(campaign)
    sent = {"campaign": "helpful", "id": "p-17", "prompt": [{"role": "user", "content": " Why? "}]}
    sent["category"] = Category.FACTUAL
    first, again = (client.post(PROMPTS, sent, content_type=JSON) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200) and first.json() == again.json()
    assert Prompt.objects.get().text == " Why? " and SamplingRun.objects.count() == 2
    assert client.get(f"{PROMPTS}{first.json()['id']}/").json() == first.json()
    written = factories.turn(campaign, by=factories.annotator(campaign)).prompt
    factories.turn(factories.campaign(slug="elsewhere"))
    assert [one["id"] for one in client.get(PROMPTS).json()["results"]] == [written.pk, first.json()["id"]]
    assert written.author is not None
    by_author = client.get(PROMPTS, {"author": written.author.pseudonym}).json()["results"]
    assert [one["author"] for one in by_author] == [written.author.pseudonym]
    assert [one["external_id"] for one in client.get(PROMPTS, {"external_id": "p-17"}).json()["results"]] == ["p-17"]
    backwards = [{"role": "assistant", "content": "Hi."}, {"role": "user", "content": "Hello."}]
    refused(client.post(PROMPTS, sent | {"id": "p-18", "prompt": backwards}, content_type=JSON), 422, "invalid")
    refused(client.post(PROMPTS, sent | {"campaign": "elsewhere"}, content_type=JSON), 403, "not_allowed")


def test_prompts_come_as_lines(campaign: Campaign, client: Client) -> None:
    factories.sampling_plan(campaign)
    lines = [{"id": name, "prompt": [{"role": "user", "content": f"{name}?"}]} for name in ("p-1", "p-2", "p-1")]
    body = b"\n".join([*map(orjson.dumps, lines), b"{}"])
    address = f"{HELPFUL}prompts/"
    loaded = client.post(address, body, content_type="application/x-ndjson").json()
    assert (loaded["stored"], loaded["skipped"], loaded["asked_again"], loaded["failed"]) == (2, 1, 0, 1)
    assert [one["line"] for one in loaded["lines"]] == [4] and SamplingRun.objects.count() == 4
    refused(client.post(address, lines[0], content_type=JSON), 415, "unsupported_media_type")
    elsewhere = f"{CAMPAIGNS}{factories.campaign(slug='elsewhere').slug}/prompts/"
    refused(client.post(elsewhere, body, content_type="application/x-ndjson"), 403, "not_allowed")


def test_agreement_is_what_its_page_says(campaign: Campaign, client: Client, clock: Clock) -> None:
    for scores in ([-3, -3], [2, 3], [-1, 2]):
        factories.judged_comparison(campaign, scores=scores)
    told = client.get(f"{HELPFUL}agreement/", {"by": "week"}).json()
    expected = agreement_of(Counted((campaign,)))
    assert expected.value is not None and math.isclose(told["whole"]["value"], expected.value)
    assert (told["whole"]["comparisons"], told["whole"]["pairs"], told["whole"]["ratings"]) == (3, 3, 6)
    assert told["coefficient"] == "AC2" and told["raters"] == 6
    held = precision_of(Counted((campaign,))).held
    assert (told["held"]["low"], told["held"]["high"]) == (held.low, held.high)
    [week] = told["parts"]
    assert week["label"] == f"{clock.now:%G-W%V}" and week["value"] == told["whole"]["value"]
    assert client.get(f"{HELPFUL}agreement/").json()["parts"] == []
    assert set(refused(client.get(f"{HELPFUL}agreement/", {"by": "author"}), 400, "invalid")) == {"by"}


def test_a_paused_manager_is_told_that_they_are(campaign: Campaign, boss: User, client: Client) -> None:
    User.objects.filter(pk=boss.pk).update(paused_at=campaign.created_at, paused_reason="Away.")
    refused(client.get(CAMPAIGNS), 403, "work_paused")
    refused(client.patch(HELPFUL, {"priority": 1}, content_type=JSON), 403, "work_paused")
    assert not Event.objects.filter(verb="campaign.queue_arranged").exists()
