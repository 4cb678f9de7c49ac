"""The pages of demonstrations: write, go on with a draft, a near prompt, returned, corrected; and their review."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from annotation import drafts, memberships
from annotation.models import Role
from preferences.choices import Criterion, DemonstrationStatus, Track
from preferences.models import Campaign, Demonstration
from tests import factories
from tests.factories.demonstrations import said_in
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

FORM = {"category": "writing", "turns": "1", "prompt_1": "Name a fruit.", "answer_1": "An apple."}
TWO = {**FORM, "turns": "2", "prompt_2": "Another.", "answer_2": "A pear."}
MET = {f"met_{criterion}": "1" for criterion in Criterion}
WRITE = "/campaigns/fruit/demonstrate/"


@pytest.fixture
def campaign() -> Campaign:
    return factories.demonstrations_campaign(slug="fruit")


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(answer: Any) -> str:
    return answer.content.decode()


def test_my_work_leads_to_the_form_and_the_form_to_a_stored_demonstration(campaign: Campaign, ann: User) -> None:
    client = signed_in(ann)
    assert f'href="{WRITE}"' in html(client.get("/"))
    assert client.get("/campaigns/fruit/next/").headers["Location"] == WRITE
    answer = client.post(WRITE, TWO, follow=True)
    assert "A reviewer looks at it next." in html(answer)
    made = Demonstration.objects.get()
    assert said_in(made) == [("Name a fruit.", "An apple."), ("Another.", "A pear.")]
    assert "<dt>Sent</dt><dd>1</dd>" in html(client.get("/"))


def test_the_guideline_is_read_first(campaign: Campaign) -> None:
    person = factories.user()
    memberships.add(user=person, campaign=campaign, role=Role.ANNOTATOR, by=None)
    answer = signed_in(person).get(WRITE)
    assert answer.headers["Location"] == "/campaigns/fruit/guideline/?then=start"


def test_a_draft_is_kept_while_one_writes_and_is_there_again(campaign: Campaign, ann: User) -> None:
    client = signed_in(ann)
    client.post("/campaigns/fruit/write/draft/", {**TWO, "answer_2": "A pe"})
    page = html(client.get(WRITE))
    assert ">A pe</textarea>" in page and 'name="answer_2"' in page
    client.post(WRITE, TWO)
    assert drafts.find(about=campaign, by=ann).fields == {}


def test_a_turn_is_added_with_all_that_was_typed_and_no_more_than_the_campaign_has(
    campaign: Campaign, ann: User
) -> None:
    client = signed_in(ann)
    page = html(client.post(WRITE, {**TWO, "add": "1"}))
    assert 'name="prompt_3"' in page and ">A pear.</textarea>" in page and 'name="add"' not in page
    assert not Demonstration.objects.exists()
    client.post(WRITE, {**TWO, "turns": "3", "prompt_3": " ", "answer_3": ""})
    assert len(said_in(Demonstration.objects.get())) == 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"answer_1": ""}, "Answer 1 is empty"),
        ({"prompt_1": "a\x00b"}, "NUL"),
        ({"category": ""}, "Choose the category"),
        ({"answer_1": "x" * 60_000}, "60,000 characters"),
        ({"turns": "9" * 5000, "prompt_1": ""}, "Prompt 1 is empty"),
        ({"turns": "20", "prompt_20": "Far.", "answer_20": "Out."}, "at most 3 turns"),
        ({"turns": "minus"}, ""),
    ],
)
def test_bad_input_gets_a_sentence_and_nothing_typed_is_lost(
    campaign: Campaign, ann: User, fields: dict[str, str], sentence: str
) -> None:
    answer = signed_in(ann).post(WRITE, {**FORM, **fields})
    if not sentence:
        assert Demonstration.objects.exists()
        return
    assert answer.status_code == 422 and sentence in html(answer)
    said = {**FORM, **fields}
    assert said["prompt_1"].replace("\x00", "") in html(answer).replace("\x00", "") and said["answer_1"] in html(answer)
    assert not Demonstration.objects.exists()


def test_a_prompt_close_to_an_earlier_one_is_pointed_out_and_sent_anyway(campaign: Campaign, ann: User) -> None:
    words = "Write a short poem about the bees that live in the garden of my grandmother"
    factories.demonstration(campaign, exchanges=[(words, "There were bees.")])
    client, form = signed_in(ann), {**FORM, "prompt_1": f"{words}."}
    pointed = client.post(WRITE, form)
    assert pointed.status_code == 409 and words in html(pointed) and "Send it anyway" in html(pointed)
    client.post(WRITE, {**form, "anyway": "1"})
    assert Demonstration.objects.count() == 2


def test_a_returned_one_shows_the_comment_and_is_sent_again(campaign: Campaign, ann: User) -> None:
    made = factories.returned_demonstration(campaign, by=ann, feedback="Which <b>bees</b>?")
    client, address = signed_in(ann), f"/demonstrations/{made.pk}/"
    assert address in html(client.get(WRITE))
    page = html(client.get(address))
    assert "Which &lt;b&gt;bees&lt;/b&gt;?" in page and "Each answer does what the prompt asks for" in page
    assert f">{made.newest.messages[1]['content']}</textarea>" in page
    client.post(f"{address}draft/", {**TWO, "answer_1": "Half"})
    assert ">Half</textarea>" in html(client.get(address))
    client.post(address, TWO)
    made.refresh_from_db()
    assert made.status == DemonstrationStatus.IN_REVIEW and said_in(made)[1] == ("Another.", "A pear.")
    late = client.post(address, FORM)
    assert late.status_code == 409 and "was not returned to you" in html(late)


def test_an_approved_one_is_shown_to_its_author_as_it_stands_and_to_nobody_else(campaign: Campaign, ann: User) -> None:
    corrected = [("Name a fruit.", "A ripe apple.")]
    made = factories.approved_demonstration(
        campaign, by=ann, exchanges=[("Name a fruit.", "Apple")], corrected=corrected
    )
    page = html(signed_in(ann).get(f"/demonstrations/{made.pk}/"))
    assert "A ripe apple." in page and "The reviewer corrected something" in page and "<textarea" not in page
    assert signed_in(factories.annotator(campaign)).get(f"/demonstrations/{made.pk}/").status_code == 404


def test_a_reviewer_is_led_from_one_to_the_next_and_never_sees_who_wrote_it(campaign: Campaign, ann: User) -> None:
    first, second = factories.demonstration(campaign, by=ann), factories.demonstration(campaign, by=ann)
    client = signed_in(factories.reviewer(campaign))
    assert "2 demonstrations wait for a reviewer." in html(client.get("/"))
    page = client.get("/campaigns/fruit/demonstrations/", follow=True)
    assert page.redirect_chain[-1][0] == f"/demonstrations/{first.pk}/review/"
    for word in (ann.pseudonym, ann.username):
        assert word not in html(page)
    said = {"turns": "1", "version": "1", "prompt_1": said_in(first)[0][0], "answer_1": "There were nine bees."}
    done = client.post(f"/demonstrations/{first.pk}/review/", {**said, **MET, "decision": "approve"}, follow=True)
    assert done.redirect_chain[-1][0] == f"/demonstrations/{second.pk}/review/"
    first.refresh_from_db()
    assert first.status == DemonstrationStatus.APPROVED and said_in(first)[0][1] == "There were nine bees."
    last = client.post(
        f"/demonstrations/{second.pk}/review/",
        {"turns": "1", "version": "1", "decision": "return", "feedback": "Count them."},
        follow=True,
    )
    second.refresh_from_db()
    assert second.feedback == "Count them." and "Nothing waits for a review" in html(last)


def test_a_refused_decision_keeps_what_the_reviewer_typed(campaign: Campaign) -> None:
    made = factories.demonstration(campaign)
    client, address = signed_in(factories.reviewer(campaign)), f"/demonstrations/{made.pk}/review/"
    said = {"turns": "1", "version": "1", "prompt_1": "Name a fruit.", "answer_1": "Mine.", "feedback": "Hm."}
    refused = client.post(address, {**said, "met_harmless": "1", "decision": "approve"})
    assert refused.status_code == 422 and "only if it meets every point" in html(refused)
    assert ">Mine.</textarea>" in html(refused) and ">Hm.</textarea>" in html(refused)
    assert re.search(r'name="met_harmless" value="1" checked', html(refused))
    empty = client.post(address, {**said, "feedback": "", "decision": "return"})
    assert empty.status_code == 422 and "The comment to the author is empty" in html(empty)
    old = client.post(address, {**said, **MET, "version": "7", "decision": "approve"})
    assert old.status_code == 409 and "sent anew meanwhile" in html(old) and ">Mine.</textarea>" in html(old)


def test_ones_own_and_a_strangers_review_is_refused_by_its_address(campaign: Campaign, ann: User) -> None:
    made = factories.demonstration(campaign, by=ann)
    memberships.add(user=ann, campaign=campaign, role=Role.REVIEWER, by=None)
    address = f"/demonstrations/{made.pk}/review/"
    for call in (lambda client: client.get(address), lambda client: client.post(address, MET)):
        own = call(signed_in(ann))
        assert own.status_code == 403 and "your own work" in html(own)
        assert call(signed_in(factories.annotator(campaign))).status_code == 403
    assert signed_in(factories.annotator(campaign)).get("/campaigns/fruit/demonstrations/").status_code == 403


def test_the_form_is_only_for_campaigns_of_this_kind_and_their_annotators(campaign: Campaign) -> None:
    other = factories.campaign(slug="pairs")
    assert signed_in(factories.annotator(other)).get("/campaigns/pairs/demonstrate/").status_code == 404
    assert signed_in(factories.annotator(other)).get(WRITE).status_code == 403


def test_safety_prompts_are_folded_in_the_list(ann: User) -> None:
    safe = factories.demonstrations_campaign(slug="safe", track=Track.SAFETY)
    person = factories.annotator(safe)
    factories.demonstration(safe, by=person)
    page = html(signed_in(person).get("/campaigns/safe/demonstrate/"))
    assert "harmlessness comes before helpfulness" in page and "<summary>Show your prompt</summary>" in page
