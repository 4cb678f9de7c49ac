"""The manager's page of the queue and of its gold."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation import gold, memberships
from annotation.models import Gold, PoolMember, Role
from preferences.actions import pools, slots
from preferences.choices import Chosen, Degree, Purpose
from preferences.models import Campaign, Comparison, Pool, Prompt
from preferences.scales import Verdict
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

ARRANGED = {
    "priority": "-3",
    "most_per_person": "500",
    "most_per_day": "",
    "gold_share": "5",
    "gold_bar": "70",
    "repeat_share": "2,5",
}


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign(slug="queued", raters_per_item=2)


@pytest.fixture
def manager(campaign: Campaign) -> User:
    mia = factories.user("mia")
    factories.made_people.memberships.add(user=mia, campaign=campaign, role="manager", by=None)
    return mia


@pytest.fixture
def browser(manager: User) -> Client:
    client = Client()
    client.force_login(manager)
    return client


def test_a_manager_arranges_how_work_is_handed_out(browser: Client, campaign: Campaign) -> None:
    assert browser.post("/campaigns/queued/queue/arrange/", ARRANGED).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.priority, campaign.most_per_person, campaign.most_per_day) == (-3, 500, None)
    assert (campaign.gold_share, campaign.gold_bar, campaign.repeat_share) == (0.05, 0.7, 0.025)
    page = browser.get("/campaigns/queued/queue/").content.decode()
    assert 'name="repeat_share" value="2.5"' in page
    assert 'name="most_per_day" value=""' in page


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("priority", "high", "“high” is no whole number."),
        ("priority", "5000", "A priority is a whole number"),
        ("most_per_person", "0", "A limit is a whole number"),
        ("most_per_day", "9" * 100_000, "is no whole number."),
        ("gold_share", "60", "A share is a percentage from 0 to 50."),
        ("repeat_share", "nan", "A share is a percentage from 0 to 50."),
        ("gold_bar", "-1", "The bar is a percentage"),
        ("gold_bar", "\x00", "is no percentage."),
    ],
)
def test_what_cannot_be_is_refused_and_stays_in_the_form(
    browser: Client, campaign: Campaign, field: str, typed: str, sentence: str
) -> None:
    answer = browser.post("/campaigns/queued/queue/arrange/", {**ARRANGED, field: typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert f'name="{field}" value="{typed}"'.replace("\x00", "") in page.replace("\x00", "")
    campaign.refresh_from_db()
    assert campaign.priority == 0


def test_a_pool_is_made_filled_joined_left_and_given_back(browser: Client, campaign: Campaign) -> None:
    factories.comparison(campaign)
    ann = factories.annotator(campaign)
    browser.post("/campaigns/queued/queue/pools/", {"name": "Nurses"})
    pool = Pool.objects.get()
    address = f"/campaigns/queued/queue/pools/{pool.pk}"
    browser.post(f"{address}/add/", {"person": ann.pseudonym})
    browser.post(f"{address}/keep/", {"count": "5", "category": ""})
    page = browser.get("/campaigns/queued/queue/").content.decode()
    assert ann.pseudonym in page
    assert "2 judgments still wanted" in page
    assert "0 from everybody, 2 from certain people" in page

    refused = browser.post(f"{address}/keep/", {"count": "five", "category": ""})
    assert (refused.status_code, "as a whole number from 1" in refused.content.decode()) == (422, True)
    refused = browser.post(f"{address}/add/", {"person": "nobody-at-all\x00"})
    assert (refused.status_code, "Choose one of the campaign" in refused.content.decode()) == (422, True)

    browser.post(f"{address}/remove/", {"person": ann.pseudonym})
    browser.post(f"{address}/give-back/")
    assert not PoolMember.objects.exists()
    assert "2 from everybody, 0 from certain people" in browser.get("/campaigns/queued/queue/").content.decode()


def test_a_manager_makes_gold_of_what_raters_agree_on_and_retires_it(browser: Client, campaign: Campaign) -> None:
    pair = factories.judged_comparison(campaign, scores=[-4, -3], text="What is agreed?")
    factories.judged_comparison(campaign, scores=[-4, 3], text="What is split?")
    page = browser.get("/campaigns/queued/gold/").content.decode()
    assert "What is agreed?" in page
    assert "What is split?" not in page
    assert "Make this pair gold" in browser.get(f"/campaigns/queued/gold/?pair={pair.pk}").content.decode()

    made = {"pair": pair.pk, "chosen": "a", "degree": "better", "reason": "Only A answers."}
    refused = browser.post("/campaigns/queued/gold/", {**made, "chosen": ""})
    assert (refused.status_code, "Say which of the two" in refused.content.decode()) == (422, True)
    assert "Only A answers." in refused.content.decode()
    assert browser.post("/campaigns/queued/gold/", made).status_code == 302

    gold = Gold.objects.get()
    assert (gold.original, gold.comparison.purpose, gold.chosen) == (pair, Purpose.GOLD, "a")
    assert "Only A answers." in browser.get("/campaigns/queued/gold/").content.decode()
    browser.post(f"/campaigns/queued/gold/{gold.pk}/retire/")
    gold.refresh_from_db()
    assert gold.retired_at
    for pair_typed in ("", "x", "9" * 30, str(gold.comparison_id)):
        refused = browser.post("/campaigns/queued/gold/", {**made, "pair": pair_typed})
        assert (refused.status_code, "Choose the pair" in refused.content.decode()) == (422, True)


def test_gold_of_the_safety_track_asks_for_its_scores(manager: User, browser: Client) -> None:
    campaign = factories.campaign(slug="safe", track="safety", raters_per_item=2)
    factories.made_people.memberships.add(user=manager, campaign=campaign, role="manager", by=None)
    pair = factories.judged_comparison(campaign, scores=[4, 4])
    made = {"pair": pair.pk, "chosen": "b", "degree": "better", "reason": "B declines kindly."}
    assert browser.post("/campaigns/safe/gold/", made).status_code == 422
    assert browser.post("/campaigns/safe/gold/", {**made, "safety_a": "2", "safety_b": "5"}).status_code == 302
    assert (Gold.objects.get().safety_a, Gold.objects.get().safety_b) == (2, 5)


def test_only_managers_of_the_campaign_come_in(campaign: Campaign) -> None:
    other, pool = factories.campaign(slug="other"), Pool.objects.create(campaign=campaign, name="One")
    factories.comparison(campaign)
    stranger = Client()
    person = factories.user("of-another")
    factories.made_people.memberships.add(user=person, campaign=other, role="manager", by=None)
    stranger.force_login(person)
    reads: list[Any] = ["queue/", "gold/"]
    writes = ["queue/arrange/", "queue/pools/", "gold/", *(f"queue/pools/{pool.pk}/{do}/" for do in ("add", "keep"))]
    for path in reads:
        assert stranger.get(f"/campaigns/queued/{path}").status_code == 403
    for path in writes:
        assert stranger.post(f"/campaigns/queued/{path}", {**ARRANGED, "count": "1", "name": "x"}).status_code == 403
    assert stranger.post(f"/campaigns/other/queue/pools/{pool.pk}/keep/", {"count": "1"}).status_code == 404
    assert Comparison.objects.filter(purpose=Purpose.GOLD).count() == 0


def test_done_says_that_the_days_share_is_done_and_where_to_go_on(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(most_per_day=1)
    other = factories.campaign(slug="elsewhere")
    factories.comparison(other)
    ann = factories.annotator(campaign)
    factories.made_people.memberships.add(user=ann, campaign=other, role="annotator", by=None)
    for _ in range(2):
        factories.comparison(campaign)
    client = Client()
    client.force_login(ann)
    address = client.post("/campaigns/queued/start/").headers["Location"]
    answer = client.post(address, {"verdict": "1"}, headers={"HX-Request": "true"})
    page = client.get(answer.headers["HX-Redirect"]).content.decode()
    assert "You have judged today&#x27;s one comparison" in page
    assert f"Go on with {other.name}" in page


def test_done_leads_to_no_campaign_that_has_nothing_but_gold(campaign: Campaign) -> None:
    other = factories.campaign()
    ann = factories.annotator(campaign)
    memberships.add(user=ann, campaign=other, role=Role.ANNOTATOR, by=None)
    original = factories.comparison(other)
    factories.judge(original)
    made = gold.make(original=original, verdict=Verdict(Chosen.A, Degree.BETTER), reason="It is right.", by=None)
    slots.spare(made.comparison)
    client = Client()
    client.force_login(ann)
    assert "Go on with" not in client.get("/campaigns/queued/done/").content.decode()


def test_who_has_had_their_share_writes_no_prompt_either_and_keeps_what_they_wrote(campaign: Campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(most_per_person=1)
    ann = factories.annotator(campaign)
    factories.submitted_assignment(campaign, ann)
    client = Client()
    client.force_login(ann)
    answer = client.post("/campaigns/queued/write/", {"text": "What is a quince?", "category": "factual"})
    assert answer.status_code == 409
    assert "all the comparisons" in answer.content.decode()
    assert "What is a quince?" in answer.content.decode()
    assert not Prompt.objects.filter(author=ann).exists()


def test_a_category_that_there_is_not_is_refused(browser: Client, campaign: Campaign) -> None:
    factories.comparison(campaign)
    pool = pools.create(campaign=campaign, name="Doctors", by=None)
    for category in ("\x00", "no such category"):
        answer = browser.post(f"/campaigns/queued/queue/pools/{pool.pk}/keep/", {"count": "1", "category": category})
        assert answer.status_code == 422
    assert not pool.slots.exists()


def test_reviewers_are_told_whose_work_gold_has_paused(manager: User, browser: Client, campaign: Campaign) -> None:
    ann = factories.annotator(campaign)
    reason = "Of 3 gold comparisons 0 were judged as known; the bar is 70%."
    memberships.pause(membership=ann.memberships.get(), reason=reason, by=None)
    reviewer = Client()
    reviewer.force_login(factories.reviewer(campaign))
    for client, path in ((browser, "quality/"), (browser, "review/"), (reviewer, "review/")):
        page = client.get(f"/campaigns/queued/{path}").content.decode()
        assert ann.pseudonym in page
        assert reason in page


def test_a_manager_says_how_many_comparisons_are_kept_ready(browser: Client, campaign: Campaign) -> None:
    factories.comparison(campaign)
    page = browser.get("/campaigns/queued/queue/").content.decode()
    assert "1 comparison is ready and not yet judged, or being sampled." in page
    assert 'name="ready_ahead" value="100"' in page

    assert browser.post("/campaigns/queued/queue/ahead/", {"ready_ahead": "7"}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.ready_ahead == 7

    for typed in ("", "-1", "a lot", "1000001"):
        refused = browser.post("/campaigns/queued/queue/ahead/", {"ready_ahead": typed})
        assert refused.status_code == 422
        assert f'name="ready_ahead" value="{typed}"' in refused.content.decode()
    campaign.refresh_from_db()
    assert campaign.ready_ahead == 7
