"""The ledger's page and file, and the hours that an annotator sees of their own."""

from __future__ import annotations

import pytest
from django.test import Client

from annotation.models import WorkSession
from preferences.models import Prompt
from tests import factories
from tests.clock import Clock
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("grouping", ["week", "batch", "", "nonsense"])
def test_a_manager_sees_pseudonyms_hours_and_items_and_no_name(grouping: str) -> None:
    campaign = factories.campaign(slug="paid")
    done = factories.submitted_assignment(campaign)
    page = signed_in(factories.manager(campaign)).get(f"/campaigns/paid/ledger/?by={grouping}").content.decode()
    assert done.annotator.pseudonym in page and done.annotator.username not in page
    assert ">Judged</th>" in page and ">Given back</th>" not in page
    assert ("In no batch yet" in page) is (grouping == "batch")


def test_a_campaign_without_any_work_says_so() -> None:
    campaign = factories.campaign(slug="paid")
    page = signed_in(factories.manager(campaign)).get("/campaigns/paid/ledger/").content.decode()
    assert "Nobody has worked in this campaign yet." in page and "Download" not in page


def test_the_file_comes_as_one_with_a_name() -> None:
    campaign = factories.campaign(slug="paid")
    factories.submitted_assignment(campaign)
    answer = signed_in(factories.manager(campaign)).post("/campaigns/paid/ledger/file/", {"by": "batch"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ledger-paid-by-batch.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfbatch,campaign,pseudonym,name,vendor,judged items")


def test_nobody_else_sees_either() -> None:
    campaign = factories.campaign(slug="paid")
    done = factories.submitted_assignment(campaign)
    for person in (done.annotator, factories.manager(factories.campaign())):
        client = signed_in(person)
        assert client.get("/campaigns/paid/ledger/").status_code == 403
        refused = client.post("/campaigns/paid/ledger/file/", {"by": "week"})
        assert refused.status_code == 403 and done.annotator.username not in refused.content.decode()


def test_an_annotator_sees_their_own_hours_and_the_time_of_a_prompt_is_stored_with_it(clock: Clock) -> None:
    campaign = factories.campaign(slug="paid")
    factories.sampling_plan(campaign)
    client = signed_in(factories.annotator(campaign))
    for _ in range(5):
        client.post("/campaigns/paid/write/draft/", {"text": "How do bees", "category": "factual"})
        clock.goes(seconds=30)
    client.post("/campaigns/paid/write/", {"text": "How do bees find home?", "category": "factual"})

    assert Prompt.objects.get().active_seconds == 150
    assert WorkSession.objects.get().active_seconds == 150
    assert "<dd>2 min</dd>" in client.get("/").content.decode()


def test_the_next_turn_has_its_time_too(clock: Clock) -> None:
    campaign = factories.campaign(max_turns=2)
    factories.sampling_plan(campaign)
    ann = factories.annotator(campaign)
    begun = factories.comparison(campaign, by=ann)
    factories.judge(begun, ann)
    client, address = signed_in(ann), f"/dialogues/{begun.turn.dialogue_id}/"
    client.post(f"{address}draft/", {"text": "And"})
    clock.goes(seconds=25)
    client.post(f"{address}draft/", {"text": "And then"})
    client.post(address, {"text": "And then?"})
    assert Prompt.objects.latest("pk").active_seconds == 25
