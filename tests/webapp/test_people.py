"""The manager's pages about people: only their own people, only their own campaigns, and nobody else sees a name."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from annotation import memberships
from annotation.models import Assignment, Membership, Role
from preferences.choices import AssignmentStatus
from preferences.models import Campaign, Event
from tests import factories
from tests.factories.people import UserFactory
from tests.preferences.refusals import refused
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign(slug="mine", name="Mine")


@pytest.fixture
def foreign() -> Campaign:
    return factories.campaign(slug="foreign", name="Foreign")


@pytest.fixture
def ann(campaign: Campaign) -> User:
    ann = factories.annotator(campaign, "ann.lee")
    User.objects.filter(pk=ann.pk).update(first_name="Ann", last_name="Lee", email="ann@example.org")
    ann.refresh_from_db()
    return ann


@pytest.fixture
def mara(campaign: Campaign) -> User:
    return factories.manager(campaign, "mara")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def role_of(user: User, campaign: Campaign, role: Role = Role.ANNOTATOR) -> Membership:
    return Membership.objects.get(user=user, campaign=campaign, role=role)


def page(answer: Any) -> str:
    html: str = answer.content.decode()
    return html


def test_a_manager_finds_their_people_by_any_word(campaign: Campaign, foreign: Campaign, ann: User, mara: User) -> None:
    bob = factories.annotator(campaign, "bob")
    stranger = factories.annotator(foreign, "stranger")
    client = signed_in(mara)
    everybody = page(client.get("/people/"))
    for seen in (ann.pseudonym, "Ann Lee", "ann@example.org", bob.pseudonym, "Mine: Annotator"):
        assert seen in everybody
    assert stranger.pseudonym not in everybody and "stranger" not in everybody
    for words in ("ann lee", "ANN@", ann.pseudonym[-4:], "  lee   ann "):
        found = page(client.get("/people/", {"q": words}))
        assert ann.pseudonym in found and bob.pseudonym not in found
    for nobody in ("nobody of this name", "\x00", "x" * 100_000, "%", "_" * 9, "‮"):
        answer = client.get("/people/", {"q": nobody, "page": "9" * 30})
        assert answer.status_code == 200 and "Nobody fits these words" in page(answer)


def test_a_person_page_shows_who_it_is_and_only_the_managers_campaigns(
    campaign: Campaign, foreign: Campaign, ann: User, mara: User
) -> None:
    memberships.add(user=ann, campaign=foreign, role=Role.REVIEWER, by=None)
    html = page(signed_in(mara).get(f"/people/{ann.pseudonym}/"))
    for seen in ("Ann Lee", "ann.lee", "ann@example.org", "Mine"):
        assert seen in html
    assert "Foreign" not in html and "Reviewer</span>" not in html
    assert "Pause everything" not in html  # it would reach into the other campaign
    assert "Foreign" in page(signed_in(factories.user(is_superuser=True)).get(f"/people/{ann.pseudonym}/"))


def test_the_pages_are_for_managers(campaign: Campaign, ann: User, mara: User) -> None:
    paused = factories.manager(campaign)
    User.objects.filter(pk=paused.pk).update(paused_at=ann.date_joined, paused_reason="Why")
    for somebody in (ann, factories.user(), paused):
        client = signed_in(somebody)
        for address in ("/people/", f"/people/{mara.pseudonym}/", f"/people/{somebody.pseudonym}/"):
            answer = client.get(address)
            assert answer.status_code == 403 and "mara" not in page(answer)
        assert client.post(f"/people/{mara.pseudonym}/pause/", {"reason": "Why"}).status_code == 403
    assert "/people/" not in page(signed_in(ann).get("/"))
    assert "/people/" in page(signed_in(mara).get("/"))


def test_no_door_leads_to_the_people_of_others(campaign: Campaign, foreign: Campaign, ann: User, mara: User) -> None:
    other = factories.annotator(foreign)
    theirs, mine = role_of(other, foreign), role_of(ann, campaign)
    shared = memberships.add(user=ann, campaign=foreign, role=Role.ANNOTATOR, by=None)
    client = signed_in(mara)
    before = list(Membership.objects.order_by("pk").values()), list(User.objects.order_by("pk").values())
    for who, role in ((other, theirs), (other, mine), (ann, theirs), (ann, shared)):
        for verb in ("remove", "pause", "resume"):
            answer = client.post(f"/people/{who.pseudonym}/roles/{role.pk}/{verb}/", {"reason": "Why"})
            assert answer.status_code == 404, (verb, who, role)
    for verb in ("pause", "resume", "details", "roles"):
        sent = {"reason": "Why", "vendor": "Taken", "campaign": "mine", "role": "annotator"}
        assert client.post(f"/people/{other.pseudonym}/{verb}/", sent).status_code == 404
    assert client.get(f"/people/{other.pseudonym}/").status_code == 404
    added = client.post(f"/people/{ann.pseudonym}/roles/", {"campaign": "foreign", "role": "manager"})
    assert added.status_code == 403 and "Only a manager of" in page(added)
    paused = client.post(f"/people/{ann.pseudonym}/pause/", {"reason": "Why"})
    assert paused.status_code == 403 and "campaigns that you do not manage" in page(paused)
    assert before == (list(Membership.objects.order_by("pk").values()), list(User.objects.order_by("pk").values()))


def test_roles_are_added_and_taken_away(campaign: Campaign, ann: User, mara: User) -> None:
    client, address = signed_in(mara), f"/people/{ann.pseudonym}/"
    for _ in range(2):  # a double click
        assert client.post(f"{address}roles/", {"campaign": "mine", "role": "reviewer"}).url == address
    role = role_of(ann, campaign, Role.REVIEWER)
    assert Event.objects.filter(verb="membership.added", actor=mara).count() == 1
    assert client.post(f"{address}roles/{role.pk}/remove/").url == address
    assert client.post(f"{address}roles/{role.pk}/remove/").status_code == 404
    wrong = client.post(f"{address}roles/", {"campaign": "mine", "role": "king"})
    assert wrong.status_code == 422 and "Choose one of the roles" in page(wrong)
    assert client.post(f"{address}roles/{role_of(ann, campaign).pk}/remove/").url == "/people/"
    assert client.get(address).status_code == 404


def test_the_last_manager_stays(campaign: Campaign, mara: User) -> None:
    role = role_of(mara, campaign, Role.MANAGER)
    answer = signed_in(mara).post(f"/people/{mara.pseudonym}/roles/{role.pk}/remove/")
    assert answer.status_code == 409 and "would have no manager any more" in page(answer)
    assert Membership.objects.filter(pk=role.pk).exists()


def test_a_pause_is_one_form_and_so_is_its_end(campaign: Campaign, ann: User, mara: User) -> None:
    held = factories.assignment(campaign, ann)
    client, address = signed_in(mara), f"/people/{ann.pseudonym}/"
    assert client.post(f"{address}pause/", {"reason": "Answers too fast."}).url == address
    held.refresh_from_db()
    assert held.status == AssignmentStatus.EXPIRED
    html = page(client.get(address))
    assert "Answers too fast." in html and "Let the work go on" in html
    assert client.post(f"{address}resume/").url == address
    role = role_of(ann, campaign)
    assert client.post(f"{address}roles/{role.pk}/pause/", {"reason": "Only here."}).url == address
    assert "Only here." in page(client.get(address))
    assert client.post(f"{address}roles/{role.pk}/resume/").url == address
    assert not Assignment.objects.filter(status=AssignmentStatus.ACTIVE).exists()
    verbs = ["user.paused", "user.resumed", "membership.paused", "membership.resumed"]
    assert list(Event.objects.filter(actor=mara, verb__in=verbs).values_list("verb", flat=True)) == verbs


@pytest.mark.parametrize("reason", ["", "x" * 100_000, "a\x00b"])
def test_a_reason_that_cannot_be_kept_is_refused_in_its_place(
    campaign: Campaign, ann: User, mara: User, reason: str
) -> None:
    client, role = signed_in(mara), role_of(ann, campaign)
    for address in ("pause/", f"roles/{role.pk}/pause/"):
        answer = client.post(f"/people/{ann.pseudonym}/{address}", {"reason": reason})
        assert answer.status_code == 422 and page(answer).count('role="alert"') == 1
        assert "The reason" in page(answer)


def test_vendor_and_locale_are_kept(ann: User, mara: User) -> None:
    client, address = signed_in(mara), f"/people/{ann.pseudonym}/"
    for _ in range(2):
        assert client.post(f"{address}details/", {"vendor": " Fair Work ‮", "locale": "zh-Hans-CN"}).url == address
    ann.refresh_from_db()
    assert (ann.vendor, ann.locale) == ("Fair Work ‮", "zh-Hans-CN")
    assert Event.objects.filter(verb="user.described", actor=mara).count() == 1
    assert "<bdi>Fair Work" in page(client.get("/people/"))
    for vendor, locale in [("x" * 100_000, ""), ("\x00", ""), ("", "English"), ("", "en_US"), ("", "e" * 36)]:
        answer = client.post(f"{address}details/", {"vendor": vendor, "locale": locale})
        assert answer.status_code == 422 and page(answer).count('role="alert"') == 1
    ann.refresh_from_db()
    assert ann.vendor == "Fair Work ‮"


def test_the_database_keeps_no_locale_that_is_no_tag() -> None:
    for locale in ("English", "en_US", "e", "en-", "zh\n"):
        with refused("user_locale_is_a_tag"):
            UserFactory(locale=locale)
    assert UserFactory(locale="zh-Hans-CN").pk and UserFactory(locale="").pk


def test_a_name_is_text_and_nothing_else(ann: User, mara: User) -> None:
    User.objects.filter(pk=ann.pk).update(first_name="<script>alert(1)</script>", paused_reason="")
    for address in ("/people/", f"/people/{ann.pseudonym}/"):
        assert "<script>alert" not in page(signed_in(mara).get(address))


def test_a_list_of_many_people_costs_as_many_queries_as_one_of_few(
    campaign: Campaign, mara: User, django_assert_num_queries: Any
) -> None:
    for _ in range(60):
        factories.annotator(campaign)
    client = signed_in(mara)
    with django_assert_num_queries(6):
        html = page(client.get("/people/"))
    assert html.count("<tr>") == 51 and "Page 1 of 2" in html
    assert page(client.get("/people/?page=2")).count("<tr>") == 12
