"""The manager's page of a red-team campaign."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation.ledger import Grouping, Tally, Work, ledger
from preferences.choices import AttackVector
from preferences.models import Campaign
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

PAGE = "/campaigns/attacked/red-team/"


@pytest.fixture
def campaign() -> Campaign:
    return factories.red_team_campaign(slug="attacked")


def seen(user: User, page: str = PAGE) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(page)


def test_it_shows_gamma_by_variant_and_what_the_attempts_are_about(campaign: Campaign) -> None:
    tuned = factories.variant("tuned", iteration="RLHF-V2")
    dialogue = factories.attacked_dialogue(campaign, turns=2, variant=tuned)
    factories.reported(dialogue, 1, attack_vectors=[AttackVector.NON_ENGLISH], degree=5)
    boss = factories.manager(campaign)
    page = seen(boss).content.decode()
    assert '<td>RLHF-V2</td><th scope="row">tuned</th><td class="num">1</td><td class="num">2</td>' in page
    for line in ("Unqualified advice", "Another language than English", "Severe: ", "2 turns"):
        assert any(line in part and "<b>1</b> · 1 with a violation" in part for part in page.split("<li>")), line
    assert "Logic manipulation, such as a false premise · <b>0</b>" in page
    assert f'href="{PAGE}"' in seen(boss, "/overview/").content.decode()


def test_before_the_first_report_it_says_so(campaign: Campaign) -> None:
    factories.attacked_dialogue(campaign)
    assert "No dialogue has been reported yet." in seen(factories.manager(campaign)).content.decode()


def test_only_managers_of_the_campaign_see_it_since_it_names_variants(campaign: Campaign) -> None:
    others = [factories.annotator(campaign), factories.reviewer(campaign), factories.manager(factories.campaign())]
    assert [seen(person).status_code for person in others] == [403, 403, 403]
    compared = factories.campaign()
    assert seen(factories.manager(compared), f"/campaigns/{compared.slug}/red-team/").status_code == 404


def test_reports_are_items_of_the_ledger(campaign: Campaign) -> None:
    made = factories.reported(factories.attacked_dialogue(campaign))
    (line,) = ledger(campaign, Grouping.WEEK)
    assert line.work[Work.REPORTED] == Tally(1, made.active_seconds)
    assert line.work[Work.WRITTEN].items == 1
