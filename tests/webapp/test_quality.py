"""Pages of how people work: for managers, under pseudonyms, blind to variants; a manager decides."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from annotation import concerns, gold, memberships
from annotation.models import Concern, Role
from preferences.actions import slots
from preferences.choices import Purpose
from preferences.models import Campaign, Comparison, Judgment
from preferences.scales import Scale
from tests import factories
from tests.annotation.quality.at_work import always_left, campaign_of, careful, judgment_of
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

AtWork = tuple[Campaign, list[User], list[Comparison]]


@pytest.fixture
def at_work() -> AtWork:
    """Three careful people and, last, one who always chooses the left."""
    return campaign_of(careful, careful, careful, always_left, pairs=40)


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def seen(user: User, address: str) -> str:
    answer = client(user).get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def reviewer(campaign: Campaign) -> User:
    user = factories.user()
    memberships.add(user=user, campaign=campaign, role=Role.REVIEWER, by=None)
    return user


def rows_of(page: str) -> dict[str, str]:
    """The table's rows by pseudonym, in their order."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.split("<tbody>")[1], re.DOTALL)
    return {re.findall(r">([a-z]+-[a-z]+-\d+)<", row)[0]: row for row in rows}


def test_the_table_has_everybody_by_pseudonym_and_says_what_is_unusual(
    at_work: AtWork,
) -> None:
    campaign, people, _pairs = at_work
    page = seen(factories.manager(campaign), f"/campaigns/{campaign.slug}/quality/")
    rows = rows_of(page)
    assert next(iter(rows)) == people[3].pseudonym
    assert set(rows) == {person.pseudonym for person in people}
    assert rows[people[3].pseudonym].count("unusual</span>") == 1
    assert not any(person.username in page for person in people)
    assert [name for name, row in rows.items() if "unusual</span>" in row] == [people[3].pseudonym]


def test_every_column_with_something_in_it_sorts_both_ways(at_work: AtWork) -> None:
    campaign, _people, _pairs = at_work
    manager, address = factories.manager(campaign), f"/campaigns/{campaign.slug}/quality/?when=all&sort="
    for word in ("person", "judged", "unusual", "agreement", "sides", "length", "scale", "run", "pace"):
        down, up = (seen(manager, f"{address}{sort}{word}") for sort in ("-", ""))
        assert 'aria-sort="descending"' in down and f"sort={word}" in down
        assert 'aria-sort="ascending"' in up and f"sort=-{word}" in up
        if word == "sides":
            assert next(iter(rows_of(down))) == list(rows_of(up))[-1]
        if word == "person":
            assert list(rows_of(down)) == list(rows_of(up))[::-1] == sorted(rows_of(down), reverse=True)
    assert "sort=-pasted" not in seen(manager, address)


def test_who_has_no_figure_in_a_column_comes_last_either_way(at_work: AtWork) -> None:
    campaign, people, _pairs = at_work
    factories.turn(campaign, by=people[0])
    for sort in ("-copied", "copied"):
        page = seen(factories.manager(campaign), f"/campaigns/{campaign.slug}/quality/?sort={sort}")
        assert next(iter(rows_of(page))) == people[0].pseudonym


@pytest.mark.parametrize("word", ["all", "recent", "2026-W99", "nonsense", "%00", "2020-W01"])
def test_any_word_for_the_time_is_answered(at_work: AtWork, word: str) -> None:
    campaign, people, _pairs = at_work
    manager = factories.manager(campaign)
    for path in ("", f"{people[0].pseudonym}/"):
        seen(manager, f"/campaigns/{campaign.slug}/quality/{path}?when={word}&sort=nonsense&opened=x")


def test_a_batch_and_a_week_can_be_chosen() -> None:
    campaign, (person,), _pairs = campaign_of(careful, pairs=4)
    batch = factories.batch(campaign, comparisons=0)
    manager, address = factories.manager(campaign), f"/campaigns/{campaign.slug}/quality/"
    page = seen(manager, address)
    assert f'value="{batch.pk}"' in page and f'value="{batch.week}"' in page
    assert person.pseudonym in seen(manager, f"{address}?when={batch.pk}")
    other = factories.batch()
    assert f'value="{other.pk}"' not in page
    assert "selected>The last seven days" in seen(manager, f"{address}?when={other.pk}")


def test_a_persons_page_says_in_words_what_is_unusual_and_leads_to_the_judgments_behind_it(
    at_work: AtWork,
) -> None:
    campaign, people, _pairs = at_work
    manager = factories.manager(campaign)
    page = seen(manager, f"/campaigns/{campaign.slug}/quality/{people[3].pseudonym}/")
    assert "Chooses one side far more often than the other." in page
    assert "100%, 95% interval 91% to 100%, from 40" in page
    assert "usual: 45% to 55%" in page
    assert "Outside of what is usual, but not by more than chance can do." in page
    assert people[3].username not in page and "style=" not in page
    behind = re.findall(rf"/campaigns/{campaign.slug}/quality/judgments/(\d+)/", page)
    assert behind
    judgment = seen(manager, f"/campaigns/{campaign.slug}/quality/judgments/{behind[0]}/")
    assert re.search(r"<h1>(Left|Right): ", judgment)


def test_a_judgment_is_shown_as_its_annotator_saw_it_and_blind_to_variants(
    at_work: AtWork,
) -> None:
    campaign, people, pairs = at_work
    left_b = next(one for one in Judgment.objects.filter(annotator=people[3]) if one.shown_left == "b")
    page = seen(factories.manager(campaign), f"/campaigns/{campaign.slug}/quality/judgments/{left_b.pk}/")
    texts = [getattr(left_b.comparison, f"response_{side}").text for side in ("b", "a")]
    assert page.index(texts[0]) < page.index(texts[1])
    assert "<h1>Left: " in page
    variant = pairs[0].response_a.variant
    assert variant.name not in page and people[3].username not in page


def test_a_hidden_pair_says_its_known_verdict_to_who_looks(
    at_work: AtWork,
) -> None:
    campaign, people, pairs = at_work
    manager = factories.manager(campaign)
    made = gold.make(original=pairs[0], verdict=factories.verdict(Scale.EIGHT_POINT, 4), reason="It is so.", by=manager)
    judged = judge_copy(made.comparison, people[0])
    page = seen(manager, f"/campaigns/{campaign.slug}/quality/judgments/{judged.pk}/")
    assert judged.comparison.purpose == Purpose.GOLD
    assert "Known verdict: Right: Significantly better" in page


def judge_copy(copy: Comparison, person: User) -> Judgment:
    slots.spare(copy)
    return factories.judge(copy, person, score=-2)


def test_only_managers_look_and_nobody_at_themselves(
    at_work: AtWork,
) -> None:
    campaign, people, pairs = at_work
    base = f"/campaigns/{campaign.slug}/quality/"
    pages = [base, f"{base}{people[3].pseudonym}/", f"{base}judgments/{judgment_of(people[3], pairs[0]).pk}/"]
    # A reviewer, who sees work without its author, would find here whose it is.
    for user in (people[0], factories.manager(factories.campaign()), reviewer(campaign)):
        assert [client(user).get(page).status_code for page in pages] == [403] * 3
        assert client(user).post(f"{base}propose/").status_code == 403
    memberships.add(user=people[3], campaign=campaign, role=Role.MANAGER, by=None)
    assert [client(people[3]).get(page).status_code for page in pages] == [200, 403, 403]
    assert client(people[3]).get(f"{base}nobody-here-1/").status_code == 404


def test_a_judgment_of_another_campaign_is_not_found_under_this_one(
    at_work: AtWork,
) -> None:
    _campaign, people, pairs = at_work
    other = factories.campaign()
    address = f"/campaigns/{other.slug}/quality/judgments/{judgment_of(people[0], pairs[0]).pk}/"
    assert client(factories.manager(other)).get(address).status_code == 404


def test_concerns_are_looked_for_by_a_button_and_decided_on_the_persons_page(
    at_work: AtWork,
) -> None:
    campaign, people, _pairs = at_work
    manager = factories.manager(campaign)
    browser = client(manager)
    answer = browser.post(f"/campaigns/{campaign.slug}/quality/propose/", follow=True)
    assert "1 new concern was opened." in answer.content.decode()
    assert "to decide" in rows_of(answer.content.decode())[people[3].pseudonym]
    concern = Concern.objects.get()
    address = f"/campaigns/{campaign.slug}/quality/{people[3].pseudonym}/"
    answer = browser.post(f"/concerns/{concern.pk}/", {"decision": "talk", "note": "We talked on Monday."})
    assert answer.headers["Location"] == f"{address}#concerns"
    page = seen(manager, address)
    assert "We talked on Monday." in page and manager.pseudonym in page


def test_a_refused_decision_keeps_what_was_typed(at_work: AtWork) -> None:
    campaign, _people, _pairs = at_work
    (concern,) = concerns.propose(campaign=campaign, by=None)
    browser = client(factories.manager(campaign))
    for sent, status in (({"decision": "", "note": "Hm, on the left."}, 422), ({"decision": "pause", "note": ""}, 422)):
        answer = browser.post(f"/concerns/{concern.pk}/", sent)
        assert answer.status_code == status
        assert sent["note"] in answer.content.decode()
        assert f'<form method="get" action="/campaigns/{campaign.slug}/quality/' in answer.content.decode()
    assert 'value="pause" required checked' in answer.content.decode()
    browser.post(f"/concerns/{concern.pk}/", {"decision": "dismiss", "note": ""})
    late = browser.post(f"/concerns/{concern.pk}/", {"decision": "talk", "note": "Too late."})
    assert late.status_code == 409
    assert client(reviewer(campaign)).post(f"/concerns/{concern.pk}/", {"decision": "talk"}).status_code == 403
    assert browser.post("/concerns/999999/", {"decision": "talk"}).status_code == 404


def test_nobody_decides_about_themselves(at_work: AtWork) -> None:
    campaign, people, _pairs = at_work
    (concern,) = concerns.propose(campaign=campaign, by=None)
    memberships.add(user=people[3], campaign=campaign, role=Role.MANAGER, by=None)
    answer = client(people[3]).post(f"/concerns/{concern.pk}/", {"decision": "dismiss"})
    assert answer.status_code == 403
    assert Concern.objects.get().decision == ""


def test_imported_votes_have_an_agreement_and_nothing_that_needs_a_page() -> None:
    campaign = factories.campaign(raters_per_item=2)
    for chosen in ("a", "b", "a"):
        votes = [factories.vote("ann", chosen), factories.vote("ben", "a")]
        factories.imported_comparison(campaign, votes=votes)
    manager, base = factories.manager(campaign), f"/campaigns/{campaign.slug}/quality/"
    rows = rows_of(seen(manager, f"{base}?when=all"))
    assert len(rows) == 2
    page = seen(manager, f"{base}{next(iter(rows))}/?when=all")
    assert "Agreement with others" in page and "Longer response" in page
    assert "Left and right" not in page and "Pace" not in page
    seen(manager, f"{base}judgments/{Judgment.objects.earliest('pk').pk}/")


def test_copied_prompts_are_shown_beside_the_earlier_ones() -> None:
    campaign = factories.campaign()
    ann, ben = factories.annotator(campaign), factories.annotator(campaign)
    factories.turn(campaign, text="Which three books would you take along?", by=ann)
    factories.turn(campaign, text="Which three books would you take along!", by=ben)
    page = seen(factories.manager(campaign), f"/campaigns/{campaign.slug}/quality/{ben.pseudonym}/")
    assert "take along?" in page and "take along!" in page and "100%" in page


def test_the_pages_cost_a_fixed_number_of_queries(django_assert_max_num_queries) -> None:
    for habits, pairs in (((careful,), 4), ((careful, careful, careful, always_left), 40)):
        campaign, people, _pairs = campaign_of(*habits, pairs=pairs)
        browser = client(factories.manager(campaign))
        with django_assert_max_num_queries(26):
            browser.get(f"/campaigns/{campaign.slug}/quality/")
        with django_assert_max_num_queries(38):
            browser.get(f"/campaigns/{campaign.slug}/quality/{people[-1].pseudonym}/")
