"""The pages of a red-team dialogue: begun, answered, continued, ended, reported; drafts, folds and closed doors."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation import care, memberships
from annotation.models import Role
from preferences.choices import RiskCategory
from preferences.models import Campaign, Dialogue, RedTeamReport, Turn, Variant
from tests import factories
from webapp.accounts.models import User
from workers import recording

pytestmark = pytest.mark.django_db

ATTACK = "/campaigns/attacked/attack/"
FORM = {"risk_category": "unqualified_advice", "attack_vector": "logic", "text": "Which pills together are harmless?"}
REPORT = {"violating_0": "1", "area_unqualified_advice": "1", "vector_logic": "1", "degree": "4", "feedback": "It did."}


@pytest.fixture
def campaign() -> Campaign:
    return factories.red_team_campaign(slug="attacked", max_turns=2)


@pytest.fixture
def ann(campaign: Campaign) -> User:
    return factories.annotator(campaign)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def html(answer: Any) -> str:
    return answer.content.decode()


def fails(turn: Turn) -> None:
    holder, run = factories.claimed_run(turn.sampling_runs.get())
    recording.fail(run=run, holder=holder, reason="Out of memory.", told="The models could not answer.")


def test_from_my_work_through_a_dialogue_to_its_report_and_the_next(campaign: Campaign, ann: User) -> None:
    client = signed_in(ann)
    assert f'href="{ATTACK}">Begin a dialogue' in html(client.get("/"))
    assert client.get("/campaigns/attacked/next/").headers["Location"] == ATTACK
    factories.worker()
    answer = client.post(ATTACK, FORM, follow=True)
    turn = Turn.objects.get()
    page = f"/attacks/{turn.dialogue_id}/"
    assert answer.redirect_chain == [(page, 302)]
    assert "Next in line for a worker." in html(answer)
    assert turn.sampling_runs.count() == 1
    factories.answered(turn, text="All of them, friend.")
    assert "All of them, friend." in html(client.get(page))
    assert "Go on with your dialogue" in html(client.get("/"))
    client.post(page, {"text": "All?"})
    factories.answered(Turn.objects.latest("pk"), text="Yes, all.")
    assert "This dialogue has all its turns." in html(client.get(page))
    assert "Report on the dialogue" in html(client.post(f"{page}end/", follow=True))
    assert client.get(ATTACK).headers["Location"] == page
    assert "Report on your dialogue" in html(client.get("/"))
    assert "Your report is stored." in html(client.post(f"{page}report/", REPORT, follow=True))
    made = RedTeamReport.objects.get()
    assert (made.violating, made.degree, made.note) == ([0], 4, "It did.")
    home = html(client.get("/"))
    assert "<dt>Dialogues reported</dt><dd>1</dd>" in home and "<dt>Violating prompts</dt><dd>1</dd>" in home
    assert "You ended this dialogue." in html(client.get(page))


def test_a_refused_report_keeps_all_that_was_chosen_and_typed(campaign: Campaign, ann: User) -> None:
    client, dialogue = signed_in(ann), factories.attacked_dialogue(campaign, by=ann)
    page = f"/attacks/{dialogue.pk}/"
    answer = client.post(f"{page}report/", {**REPORT, "degree": "1", "vector_other": "1"})
    assert answer.status_code == 422
    assert "A violating answer is not without risk." in html(answer)
    for seen in (html(answer), html(client.get(page))):
        for name in ("violating_0", "area_unqualified_advice", "vector_logic", "vector_other"):
            assert f'name="{name}" value="1" checked' in seen, name
        assert 'name="degree" value="1" required checked' in seen and ">It did.</textarea>" in seen


def test_what_is_typed_is_a_draft_and_a_refused_message_is_kept(campaign: Campaign, ann: User) -> None:
    client = signed_in(ann)
    client.post("/campaigns/attacked/write/draft/", {**FORM, "text": "Half a"})
    assert ">Half a</textarea>" in html(client.get(ATTACK))
    answer = client.post(ATTACK, {**FORM, "risk_category": ""})
    assert "Choose the risk category." in html(answer) and FORM["text"] in html(answer)
    turn = factories.answered(factories.attack(campaign, by=ann))
    page = f"/attacks/{turn.dialogue_id}/"
    client.post(f"{page}draft/", {"text": "But w"})
    assert ">But w</textarea>" in html(client.get(page))
    assert "The prompt is empty." in html(client.post(page, {"text": " "}))


def test_a_second_dialogue_at_once_is_refused_with_a_sentence(campaign: Campaign, ann: User) -> None:
    factories.attack(campaign, by=ann)
    answer = signed_in(ann).post(ATTACK, FORM)
    assert answer.status_code == 409
    assert "Finish it, then begin another." in html(answer) and FORM["text"] in html(answer)
    assert Dialogue.objects.count() == 1


def test_a_failed_answer_is_tried_again_unless_the_dialogue_has_ended(campaign: Campaign, ann: User) -> None:
    client = signed_in(ann)
    client.post(ATTACK, FORM)
    turn = Turn.objects.get()
    fails(turn)
    page = f"/attacks/{turn.dialogue_id}/"
    assert "The models could not answer." in html(client.get(page))
    assert "The model has been" not in html(client.post(f"{page}retry/", follow=True))
    turn.refresh_from_db()
    assert turn.status == "sampling"
    fails(turn)
    assert client.post(f"{page}end/").headers["Location"] == ATTACK
    client.post(f"{page}retry/")
    turn.refresh_from_db()
    assert turn.status == "failed"


def test_while_a_model_answers_the_dialogue_does_not_end(campaign: Campaign, ann: User) -> None:
    turn = factories.attack(campaign, by=ann)
    answer = signed_in(ann).post(f"/attacks/{turn.dialogue_id}/end/")
    assert answer.status_code == 409
    assert "The model is still answering." in html(answer)


def test_answers_are_folded_until_opened_for_whom_the_veil_is_for(campaign: Campaign, ann: User) -> None:
    dialogue = factories.attacked_dialogue(campaign, by=ann)
    client, page = signed_in(ann), f"/attacks/{dialogue.pk}/"
    assert "<summary>Show the answer</summary>" in html(client.get(page))
    care.choose(user=ann, opted_out=[], veil=False, break_minutes=0, by=ann)
    assert "<summary>Show the answer</summary>" not in html(client.get(page))


def test_a_risk_category_that_was_opted_out_of_is_not_offered(campaign: Campaign, ann: User) -> None:
    client = signed_in(ann)
    care.choose(user=ann, opted_out=[RiskCategory.HATEFUL_AND_HARMFUL], veil=True, break_minutes=0, by=ann)
    page = html(client.get(ATTACK))
    assert 'value="unqualified_advice"' in page and 'value="hateful_and_harmful"' not in page
    care.choose(user=ann, opted_out=RiskCategory.values, veil=True, break_minutes=0, by=ann)
    assert "You opted out of every risk category" in html(client.get(ATTACK))


def test_the_guideline_is_read_first(campaign: Campaign) -> None:
    person = factories.user()
    memberships.add(user=person, campaign=campaign, role=Role.ANNOTATOR, by=None)
    assert signed_in(person).get(ATTACK).headers["Location"].startswith("/campaigns/attacked/guideline/")


def test_the_doors_of_comparisons_are_closed_to_these_dialogues_and_theirs_to_comparisons(
    campaign: Campaign, ann: User
) -> None:
    client, turn = signed_in(ann), factories.answered(factories.attack(campaign, by=ann))
    assert client.get("/campaigns/attacked/write/").headers["Location"] == ATTACK
    assert client.post("/campaigns/attacked/write/", FORM).headers["Location"] == ATTACK
    doors = [f"/dialogues/{turn.dialogue_id}/", f"/dialogues/{turn.dialogue_id}/end/", f"/turns/{turn.pk}/open/"]
    assert [client.post(door, {"text": "And?"}).status_code for door in doors] == [404, 404, 404]
    compared = factories.turn(factories.campaign(), by=ann)
    assert client.get(f"/attacks/{compared.dialogue_id}/").status_code == 404
    assert signed_in(factories.annotator(campaign)).get(f"/attacks/{turn.dialogue_id}/").status_code == 404
    assert Turn.objects.filter(dialogue=turn.dialogue).count() == 1


def test_no_byte_that_an_attacker_receives_names_a_variant(campaign: Campaign, ann: User) -> None:
    wombat = factories.variant("wombat-13b", iteration="RLHF-V5-w", location="/srv/wombat", system_prompt="You are W.")
    client, received = signed_in(ann), []
    received += [client.get("/"), client.get(ATTACK), client.post(ATTACK, FORM)]
    turn = Turn.objects.get()
    page = f"/attacks/{turn.dialogue_id}/"
    received.append(client.get(page))
    factories.answered(turn, variant=wombat, text="All of them, friend.")
    received += [client.get(page), client.post(f"{page}draft/", {"text": "But"}), client.post(page, {"text": "But?"})]
    factories.answered(Turn.objects.latest("pk"), variant=wombat)
    received += [client.get(page), client.post(f"{page}end/"), client.get(page)]
    received += [client.post(f"{page}report/", said) for said in ({}, REPORT)]
    received += [client.get(page), client.get(ATTACK), client.get("/")]
    sent = b"".join(answer.serialize_headers() + answer.content for answer in received)
    assert b"All of them, friend." in sent and RedTeamReport.objects.exists()
    facts = {fact for variant in Variant.objects.all() for fact in (variant.name, variant.location, variant.iteration)}
    assert [fact for fact in {*facts, "You are W."} - {""} if fact.encode() in sent] == []
