from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from annotation import sealing, sealing_orders, tasks
from annotation.models import SealingOrder, SealingRule
from preferences.actions import batches, flags
from preferences.models import Batch, Campaign, Comparison
from preferences.progress import Progress
from preferences.weeks import week_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    made = factories.campaign()
    factories.judged_comparison(made, finished_at=timezone.now() - timedelta(days=7))
    return made


@pytest.fixture
def boss(campaign: Campaign) -> Client:
    client = Client()
    client.force_login(factories.manager(campaign))
    return client


def page_of(campaign: Campaign, week: str = "") -> str:
    """Where one is asked whether a week shall be sealed; the last one, if none is named."""
    return f"/campaigns/{campaign.slug}/sealing/{week or sealing.last_week(campaign)}/"


def test_a_manager_writes_the_rule_and_sees_what_it_holds_back(campaign: Campaign, boss: Client) -> None:
    address = f"/campaigns/{campaign.slug}/sealing/"
    typed = {"least": "5", "agreement": "0,3", "by_the_clock": "1", "language": "en", "licence": "cc-by-4.0"}
    answer = boss.post(address, typed, follow=True)
    assert answer.redirect_chain == [(f"{address}?saved=1", 302)]
    stored = SealingRule.objects.get()
    assert (stored.least, stored.agreement, stored.reviewed_flags, stored.by_the_clock) == (5, 0.3, False, True)
    assert (stored.language, stored.licence, stored.tokenizer) == ("en", "cc-by-4.0", "")
    html = answer.content.decode()
    assert "1 comparison is finished and the rule wants 5." in html
    assert "Why it is sealed anyway" in boss.get(page_of(campaign)).content.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"least": "many", "agreement": ""}, "as a whole number from 1"),
        ({"least": "1", "agreement": "high"}, "“high” is no number"),
        ({"least": "1", "agreement": "7"}, "a number from 0 to 1"),
        ({"least": "1", "agreement": "", "language": "English"}, "“English” is not the tag of a language"),
    ],
    ids=["no number", "no decimal", "no share", "no language"],
)
def test_what_cannot_be_is_told_and_stays_typed(
    campaign: Campaign, boss: Client, typed: dict[str, str], told: str
) -> None:
    answer = boss.post(f"/campaigns/{campaign.slug}/sealing/", typed | {"by_the_clock": "1"})
    html = answer.content.decode()
    assert answer.status_code == 422 and told in html
    assert f'value="{typed["least"]}"' in html and f'value="{typed["agreement"]}"' in html
    assert 'name="by_the_clock" value="1" checked' in html
    assert f'name="language" value="{typed.get("language", "")}"' in html
    assert not SealingRule.objects.exists()


def test_a_week_that_is_over_is_sealed_from_its_proposal(campaign: Campaign, boss: Client) -> None:
    html = boss.get("/batches/").content.decode()
    week = sealing.last_week(campaign)
    assert f"{week}: 1 comparison is finished" in html
    assert f'href="{page_of(campaign)}"' in html
    asked = boss.get(page_of(campaign)).content.decode()
    assert "This cannot be undone" in asked and not Batch.objects.exists()
    answer = boss.post(page_of(campaign))
    assert Batch.objects.get().week == week
    assert answer["Location"] == f"/batches/{Batch.objects.get().pk}/"
    assert "Weeks that are over" not in boss.get("/batches/").content.decode()


def test_a_week_that_is_held_back_is_sealed_with_a_reason_only(campaign: Campaign, boss: Client) -> None:
    sealing.change_rule(
        campaign=campaign,
        by=factories.manager(campaign),
        least=9,
        agreement=None,
        reviewed_flags=False,
        by_the_clock=False,
    )
    answer = boss.post(page_of(campaign), {"anyway": " "})
    assert answer.status_code == 409
    assert "the rule wants 9. Nothing was sealed." in answer.content.decode()
    assert not Batch.objects.exists()
    assert boss.post(page_of(campaign), {"anyway": "The last week."}).status_code == 302
    assert Batch.objects.exists()


def test_before_a_week_is_sealed_it_is_told_what_goes_in_what_waits_and_what_no_export_will_have() -> None:
    campaign = factories.campaign(time_zone="Asia/Tokyo")
    before = timezone.now() - timedelta(days=7)
    pairs = [factories.judged_comparison(campaign, finished_at=before) for _ in range(19)]
    factories.judged_comparison(campaign, finished_at=before, text_a="I am ChatGPT, trained by OpenAI.")
    flags.raise_flag(comparison=pairs[0], by=factories.user(), reason="other")
    Comparison.objects.filter(pk=pairs[1].pk).update(held=True)
    factories.comparison(campaign)
    boss = Client()
    boss.force_login(factories.manager(campaign))
    html = boss.get(page_of(campaign)).content.decode()
    told = [strip_tags(one).split()[0] for one in re.findall(r"<dd>(.*?)</dd>", html)]
    assert told[:4] == ["19", "2", "1", "1"]  # in, held out, with a reviewer, unfinished
    assert "1 comparison with a flag that no reviewer has looked at." in html
    assert "1 comparison with a response that says which model wrote it." in html
    assert f"{sealing.last_week(campaign)}-{campaign.slug}" in html
    assert "(Asia/Tokyo)" in html and "is not over" not in html
    assert "is not over" in boss.get(page_of(campaign, week_of(timezone.now(), campaign.time_zone))).content.decode()


def test_a_week_in_which_nothing_was_finished_has_no_button(campaign: Campaign, boss: Client) -> None:
    html = boss.get(page_of(campaign, "2020-W01")).content.decode()
    assert "There is nothing to seal" in html and "for good" not in html
    assert boss.post(page_of(campaign, "2020-W01")).status_code == 409
    assert boss.get(page_of(campaign, "soon")).status_code == 422


def test_the_rule_is_for_managers(campaign: Campaign) -> None:
    client = Client()
    client.force_login(factories.annotator(campaign))
    assert client.get(f"/campaigns/{campaign.slug}/sealing/").status_code == 403


def test_a_large_week_is_ordered_and_its_page_says_how_far_it_is_and_what_became_of_it(
    campaign: Campaign, boss: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing_orders, "AT_ONCE", 0)
    week = sealing.last_week(campaign)

    answer = boss.post(page_of(campaign))
    assert answer["Location"] == "/batches/#orders"
    assert "It is being sealed already" in boss.get(page_of(campaign)).content.decode()
    html = boss.get("/batches/").content.decode()
    assert "as soon as a worker of the export queue is free" in html
    assert 'hx-get="/batches/orders/"' in html
    assert "Weeks that are over" not in html  # it is ordered already

    told = Progress(batches.progress_of(week, [campaign]), expected=250_000)
    told._told = 0
    told.add(120_000)
    assert "120,000 of 250,000 comparisons" in boss.get("/batches/orders/").content.decode()

    tasks.seal_ordered(str(SealingOrder.objects.get().pk))
    html = boss.get("/batches/orders/").content.decode()
    assert f'href="/batches/{Batch.objects.get().pk}/"' in html
    assert "hx-get" not in html


def test_the_orders_are_for_the_managers_of_the_campaign(campaign: Campaign) -> None:
    SealingOrder.objects.create(campaign=campaign, week="2026-W01", ordered_by=factories.manager(campaign))
    client = Client()
    client.force_login(factories.manager(factories.campaign()))
    assert "2026-W01" not in client.get("/batches/orders/").content.decode()
