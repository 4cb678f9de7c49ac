"""The forms say how much was pasted, and the server stores it with what they send."""

from __future__ import annotations

import pytest
from django.test import Client

from annotation import drafts
from preferences.models import Judgment, Prompt
from tests import factories
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


@pytest.mark.parametrize(
    ("sent", "stored"),
    [({"pasted": "7"}, 7), ({"pasted": ""}, 0), ({"pasted": "many"}, 0), ({"pasted": "99999"}, 12), ({}, None)],
    ids=str,
)
def test_a_verdict_brings_the_count_of_its_rationale(sent: dict[str, str], stored: int | None) -> None:
    assignment = factories.assignment(factories.campaign())
    answer = {"verdict": "2", "rationale": "It is right.", **sent}
    client(assignment.annotator).post(f"/compare/{assignment.key}/", answer)
    assert Judgment.objects.get().pasted_rationale == stored


def test_a_prompt_and_an_edit_bring_theirs() -> None:
    campaign = factories.campaign(asks_edit=True)
    factories.sampling_plan(campaign)
    assignment = factories.submitted_assignment(campaign)
    browser = client(assignment.annotator)
    browser.post(f"/compare/{assignment.key}/edit/", {"text": "It is a far better answer.", "pasted": "11"})
    assert Judgment.objects.get().pasted_edit == 11
    browser.post(f"/campaigns/{campaign.slug}/write/", {"text": "Why so?", "category": "factual", "pasted": "3"})
    assert Prompt.objects.get(text="Why so?").pasted == 3


def test_a_refused_form_keeps_its_count() -> None:
    campaign = factories.campaign()
    author = factories.annotator(campaign)
    page = client(author).post(f"/campaigns/{campaign.slug}/write/", {"text": "Why so?", "pasted": "3"})
    assert page.status_code == 422
    assert 'name="pasted" value="3"' in page.content.decode()


def test_a_count_alone_is_no_draft() -> None:
    campaign = factories.campaign()
    author = factories.annotator(campaign)
    assert drafts.keep(about=campaign, fields={"text": "Why", "pasted": "3"}, by=author)
    assert drafts.find(about=campaign, by=author).fields == {"text": "Why", "pasted": "3"}
    assert drafts.keep(about=campaign, fields={"text": " ", "pasted": "3"}, by=author) == ""
    assert drafts.find(about=campaign, by=author).fields == {}
