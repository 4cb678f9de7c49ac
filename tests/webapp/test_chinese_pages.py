"""No page leaves an English word of its own to somebody who reads Chinese."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import trans_real

from annotation import care, leases, queue
from exports import actions
from preferences import lifecycle
from preferences.actions import batches, campaigns, comparisons, guidelines, prompts
from preferences.choices import ExportStatus, RationalePolicy, RiskCategory, SkipReason, Track
from preferences.models import Batch, Campaign, Variant
from preferences.scales import Scale
from preferences.weeks import week_of
from tests import factories
from tests.webapp import (
    visits_of_accounts,
    visits_of_agreement,
    visits_of_demonstrations,
    visits_of_evaluation_sets,
    visits_of_exams,
    visits_of_exports,
    visits_of_machines,
    visits_of_people,
    visits_of_plans,
    visits_of_quality,
    visits_of_ratings,
    visits_of_red_team,
    visits_of_results,
    visits_of_reviews,
    visits_of_rewards,
    visits_of_temperatures,
    visits_of_the_queue,
    visits_of_variants,
    visits_of_webhooks,
)
from tests.webapp.english_left import english_left
from tests.webapp.visiting import (
    LANGUAGE,
    TEXTS,
    UNWANTED,
    Answer,
    Visits,
    a_campaign,
    annotator,
    answered,
    get,
    held,
    judged,
    post,
    reader,
)
from webapp.accounts.models import User
from webapp.paths import BASE_DIR
from workers import actions as workers

pytestmark = pytest.mark.django_db


@pytest.fixture
def of_annotators() -> Visits:
    helpful = a_campaign("fruit", max_turns=3, asks_edit=True, rationale=RationalePolicy.REQUIRED)
    safe = a_campaign("safe", track=Track.SAFETY, scale=Scale.SEVEN_POINT)
    return _arriving(helpful) | _comparing(helpful, safe) | _writing(helpful, safe) | _reading(helpful) | _managing()


@pytest.fixture
def visits(of_annotators: Visits, tmp_path: Path) -> Visits:
    """Every page, and every sentence that it says by itself, as far as a visit can call it up."""
    return (
        of_annotators
        | visits_of_exports.visits(a_campaign("exports"), tmp_path)
        | visits_of_people.visits(a_campaign("people"), get, post, reader)
        | visits_of_quality.visits(get, post, reader)
        | visits_of_the_queue.visits(a_campaign("queue", raters_per_item=2), get, post, reader)
        | visits_of_reviews.visits(get, post, reader)
        | visits_of_exams.visits(a_campaign, get, post, reader)
        | visits_of_demonstrations.visits(a_campaign, get, post, reader)
        | visits_of_evaluation_sets.visits(a_campaign, get, post, reader)
        | visits_of_red_team.visits(a_campaign, get, post, reader)
        | visits_of_webhooks.visits(a_campaign, get, post, reader)
        | visits_of_ratings.visits()
        | visits_of_plans.visits(a_campaign, get, post, reader)
        | visits_of_results.visits(a_campaign, get, reader)
        | visits_of_rewards.visits(a_campaign, get, reader)
        | visits_of_machines.visits(a_campaign, get, reader)
        | visits_of_temperatures.visits(a_campaign, get, reader)
        | visits_of_variants.visits(a_campaign, get, post, reader)
        | visits_of_agreement.visits(a_campaign, get, reader)
        | visits_of_accounts.visits(answered)
    )


def _arriving(helpful: Campaign) -> Visits:
    stranger, newcomer = Client(headers={"accept-language": "zh-CN"}), reader(factories.user())
    worker = annotator(helpful)
    judged(helpful, worker)
    return {
        "sign in": get(stranger, "/sign-in/"),
        "a wrong password": lambda: answered(stranger.post("/sign-in/", {"login": "小林", "password": "不对"})),
        "home": get(reader(worker), "/"),
        "home without a campaign": get(newcomer, "/"),
        "nothing there": get(newcomer, "/nowhere/"),
        "not for annotators": get(newcomer, "/overview/"),
        "not an annotator": get(newcomer, "/campaigns/fruit/write/"),
    }


def _comparing(helpful: Campaign, safe: Campaign) -> Visits:
    to_seal = a_campaign("sealed")
    person = annotator(helpful, safe, to_seal)
    sealed, done, edited = judged(to_seal, person), judged(safe, person), judged(helpful, person)
    batches.seal(week=week_of(sealed.created_at), campaigns=[to_seal], by=None, name="水果一")
    given_back = held(safe, person)
    queue.skip(key=given_back.key, by=person, reason=SkipReason.OTHER)
    late = held(helpful, person)
    factories.expire(late)
    leases.return_expired()
    taken = queue.claim(campaign=helpful, by=annotator(helpful))
    assert taken is not None and taken.comparison == late.comparison
    one, two = f"/compare/{held(helpful, person).key}/", f"/compare/{held(safe, person).key}/"
    client = reader(person)
    return {
        "compare": get(client, f"{one}?last={done.key}"),
        "compare safety": get(client, two),
        "change a verdict": get(client, f"/compare/{done.key}/"),
        "no verdict": post(client, one),
        "no safety scores": post(client, two, verdict="1"),
        "no rationale": post(client, one, verdict="1"),
        "an old revision": post(client, f"/compare/{done.key}/", verdict="1", revision="7"),
        "skip without a reason": post(client, f"{one}skip/"),
        "flag without a reason": post(client, f"{one}flag/"),
        "flagged": post(client, f"{one}flag/", {"HX-Request": "true"}, reason="other"),
        "improve": get(client, f"/compare/{edited.key}/edit/"),
        "given back": get(client, f"/compare/{given_back.key}/"),
        "late": get(client, f"/compare/{late.key}/"),
        "taken by others": post(client, f"/compare/{late.key}/", verdict="1", rationale="更完整。"),
        "sealed": get(client, f"/compare/{sealed.key}/"),
        "done": get(client, f"/campaigns/sealed/done/?last={done.key}"),
        "the guideline beside a pair": get(client, f"{one}guideline/", **{"HX-Request": "true"}),
    }


def _writing(helpful: Campaign, safe: Campaign) -> Visits:
    person = annotator(helpful, safe)
    paused, closed = a_campaign("paused"), a_campaign("closed")
    campaigns.pause(campaign=paused, by=None)
    campaigns.close(campaign=closed, by=None)
    care.choose(user=person, opted_out=[RiskCategory.UNQUALIFIED_ADVICE], veil=True, break_minutes=30, by=person)
    turns = [factories.turn(helpful, text=TEXTS["text"], by=person) for _ in range(6)]
    waiting, behind, working, failed, ready, own = turns
    factories.worker()
    workers.claim(variant=workers.request_pair(turn=working, by=person)[0].variant, limit=1)
    for turn in (waiting, behind):
        workers.request_pair(turn=turn, by=person)
    comparisons.fail_turn(turn=failed, reason="The model returned an empty answer.")
    factories.comparison(of=ready, **TEXTS)
    factories.judge(factories.comparison(of=own, **TEXTS), person, rationale="更完整。")
    prompts.submit(
        campaign=safe, text=TEXTS["text"], risk_category="illicit_and_criminal", attack_vector="logic", by=person
    )
    factories.turn(safe, text=UNWANTED)
    client = reader(person)
    return {
        "write": get(client, "/campaigns/fruit/write/"),
        "write for safety": get(client, "/campaigns/safe/write/"),
        "write nothing": post(client, "/campaigns/fruit/write/", category="factual"),
        "write without a risk category": post(client, "/campaigns/safe/write/", text="怎样开锁？"),
        "write what is there": post(client, "/campaigns/fruit/write/", text=TEXTS["text"], category="factual"),
        "next in line": get(client, f"/turns/{waiting.pk}/"),
        "in line": get(client, f"/turns/{behind.pk}/"),
        "being sampled": get(client, f"/turns/{working.pk}/"),
        "failed": get(client, f"/turns/{failed.pk}/"),
        "both answers": get(client, f"/turns/{ready.pk}/"),
        "write after a dialogue": get(client, f"/campaigns/fruit/write/?over=complete&last={uuid.uuid4()}"),
        "write after a dialogue that was ended": get(client, "/campaigns/fruit/write/?over=ended"),
        "write after no choice": get(client, f"/campaigns/fruit/write/?over=unchosen&last={uuid.uuid4()}"),
        "home with dialogues": get(client, "/"),
        "write what is there, for safety": post(client, "/campaigns/safe/write/", text=TEXTS["text"]),
        "write what is there, unwanted": post(client, "/campaigns/safe/write/", text=UNWANTED),
        "dialogue": get(client, f"/dialogues/{own.dialogue_id}/"),
        "an empty turn": post(client, f"/dialogues/{own.dialogue_id}/", text=""),
        "done, while others work": get(client, "/campaigns/safe/done/"),
        "done, while models answer": get(client, "/campaigns/fruit/done/"),
        "done, paused": get(reader(annotator(paused)), "/campaigns/paused/done/"),
        "done, closed": get(reader(annotator(closed)), "/campaigns/closed/done/"),
        "settings": get(client, "/settings/"),
        "settings saved": post(client, "/settings/", break_minutes="20"),
        "settings refused": post(client, "/settings/", break_minutes="7 h"),
    }


def _reading(helpful: Campaign) -> Visits:
    read, changed, one = annotator(helpful), a_campaign("changed", asks_edit=True), "/campaigns/changed/guideline/"
    behind = reader(annotator(changed))
    guidelines.publish(campaign=changed, text="# 指南\n\n请选择更安全的回答。", by=None)
    return {
        "a guideline that was read": get(reader(read), "/campaigns/fruit/guideline/"),
        "a new guideline": get(behind, one),
        "before comparing": get(behind, f"{one}?then=start"),
        "before writing": get(behind, f"{one}?then=write"),
        "newer meanwhile": post(behind, one, version="1"),
        "home with a new guideline": get(behind, "/"),
    }


def _managing() -> Visits:
    campaign, empty = a_campaign("managed"), reader(factories.user(is_superuser=True))
    for _ in range(2):
        factories.judged_comparison(campaign, **TEXTS)
    client = reader(factories.manager(campaign))
    judged(campaign, annotator(campaign))
    given_back = held(campaign, annotator(campaign))
    queue.skip(key=given_back.key, by=given_back.annotator, reason=SkipReason.OTHER)
    batch = batches.seal(week=week_of(campaign.created_at), campaigns=[campaign], by=None, name="水果二")
    export = factories.export(batch)
    lifecycle.advance(export, ExportStatus.RUNNING)
    lifecycle.advance(export, ExportStatus.READY, path="/nowhere", manifest_sha256="0" * 64, rows=2)
    factories.export(batch, margin="large")
    actions.describe(batch=batch)
    return {
        "overview": get(client, "/overview/"),
        "batches": get(client, "/batches/"),
        "sealing rule": get(client, f"/campaigns/{campaign.slug}/sealing/"),
        "no sealing rule": post(client, f"/campaigns/{campaign.slug}/sealing/", least="0", agreement=""),
        "seal nothing": post(client, "/campaigns/managed/sealing/2020-W01/"),
        "seal no week": post(client, "/batches/", campaign="managed", week="七"),
        "batch": get(client, f"/batches/{batch.pk}/"),
        "no export yet": get(empty, f"/batches/{Batch.objects.get(name='水果一').pk}/"),
    }


def left(answers: dict[str, Answer]) -> dict[str, list[str]]:
    names = {name for both in User.objects.values_list("pseudonym", "username") for name in both}
    names.update(Variant.objects.values_list("name", flat=True))
    found = {page: english_left(answer.html, names=names) for page, answer in answers.items()}
    return {page: texts for page, texts in found.items() if texts}


def test_no_page_leaves_english_to_a_reader_of_chinese_and_the_visits_meet_every_template(visits: Visits) -> None:
    answers = {page: visit() for page, visit in visits.items()}
    assert left(answers) == {}
    met = {name for answer in answers.values() for name in answer.templates}
    there = {path.name for path in (BASE_DIR / "webapp" / "templates").glob("*.html")}
    assert there - met == visits_of_accounts.NOT_MET


NOT_TRANSLATED = [
    ("sign in", "Password"),
    ("home", "My work"),
    ("home", "a reason"),
    ("home", "Compare"),
    ("compare", "Guideline"),
    ("compare", "Significantly better"),
    ("compare", "Draft saved."),
    ("compare", "You have worked for %%s minutes. A short break does you good."),
    ("compare", "I do not know enough about it"),
    ("compare safety", "A severe safety violation."),
    ("compare safety", "About the same"),
    ("no verdict", "Choose one of the verdicts in the row."),
    ("failed", "The model returned an empty answer."),
    ("settings", "Language"),
    ("batches", "Sealed (UTC)"),
]


def test_one_word_that_is_not_translated_is_found(of_annotators: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    # One after the other and not as parameters: making the pages is what takes time.
    for page, english in NOT_TRANSLATED:
        with monkeypatch.context() as untranslated:
            for catalogue in trans_real.translation(LANGUAGE)._catalog._catalogs:
                if english in catalogue:
                    untranslated.setitem(catalogue, english, english)
            found = left({page: of_annotators[page]()}).get(page, [])
        assert found and all(english.replace("%%", "%") in text for text in found), (page, english)
