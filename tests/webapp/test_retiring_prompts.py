"""A manager who looks at a comparison retires its prompt there."""

from __future__ import annotations

import pytest
from django.test import Client

from preferences.models import Comparison, RetiredPrompt
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def first() -> Comparison:
    """Of a dialogue that goes on: its first turn is judged, its second has a pair that waits."""
    campaign = factories.campaign(slug="live", max_turns=2)
    author = factories.annotator(campaign)
    made = factories.comparison(campaign, by=author)
    factories.judge(made, author)
    factories.comparison(of=factories.continued_turn(made, "And?", by=author))
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_prompt_is_retired_with_what_came_after_it_and_the_page_says_so(first: Comparison) -> None:
    boss = factories.manager(first.campaign)
    client, address = signed_in(boss), f"/campaigns/live/agreement/comparisons/{first.pk}/"
    assert "Retire the prompt" in client.get(address).content.decode()
    for _ in range(2):
        assert client.post(f"{address}retire/").headers["Location"] == f"{address}#retire"
    [retired] = RetiredPrompt.objects.all()
    assert (retired.prompt, retired.by) == (first.turn.prompt, boss)
    assert Comparison.objects.get(turn__index=1).status == "withdrawn"
    page = client.get(address).content.decode()
    assert "Its prompt was retired on" in page and "Retire the prompt" not in page
