"""The manager's pages of a campaign's sampling plan and its rounds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from preferences.actions import campaigns, sampling_plans, variants
from preferences.choices import Position
from preferences.models import Campaign, SamplingPair, Variant
from tests import factories
from tests.factories.temperatures import measured_sweep
from webapp.accounts.models import User
from workers import rounds
from workers.models import Round

pytestmark = pytest.mark.django_db

TERMS = {"first_temperature": "1,2", "second_temperature": "0.8", "top_p": "0.9", "weight": "3", "tuned": "on"}
FIXED = {name: value for name, value in TERMS.items() if name != "tuned"} | {"weight": "1"}


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign()


@pytest.fixture
def boss(campaign: Campaign) -> Client:
    return client(factories.manager(campaign))


@pytest.fixture
def checked() -> list[Variant]:
    """Two iterations of two variants each, all of which answer."""
    found = [factories.variant(f"v{number}-{size}", iteration=f"V{number}") for number in (1, 2) for size in "ab"]
    for variant in found:
        factories.checked(variant)
    return found


def client(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def words(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def plan(campaign: Campaign) -> list[tuple[str, float, str, float, float, float, bool]]:
    return [
        (
            *(line.first.name, line.first_temperature, line.second.name, line.second_temperature),
            *(line.top_p, line.weight, line.tuned),
        )
        for line in campaign.sampling_plan.select_related("first", "second").order_by("pk")
    ]


def test_a_line_is_added_changed_paused_and_taken_out(boss: Client, campaign: Campaign, checked: list[Variant]) -> None:
    address = f"/campaigns/{campaign.slug}/sampling/"
    pair = {"first": str(checked[2].pk), "second": str(checked[0].pk)}
    assert boss.post(f"{address}add/", TERMS | pair).headers["Location"] == f"{address}#add"
    assert plan(campaign) == [("v2-a", 1.2, "v1-a", 0.8, 0.9, 3.0, True)]
    line = SamplingPair.objects.get()
    boss.post(f"{address}{line.pk}/change/", FIXED)
    assert plan(campaign) == [("v2-a", 1.2, "v1-a", 0.8, 0.9, 1.0, False)]
    page = words(boss.get(address))
    assert "v2-a at 1.2 against v1-a at 0.8" in page and "100.0%" in page and "v1-a 50.0% of all responses" in page
    boss.post(f"{address}{line.pk}/pause/")
    assert "Rests" in words(boss.get(address)) and "Nothing: no line is drawn." in words(boss.get(address))
    boss.post(f"{address}{line.pk}/resume/")
    assert "Rests" not in words(boss.get(address))
    for _ in range(2):  # a double click
        assert boss.post(f"{address}{line.pk}/remove/").status_code == 302
    assert plan(campaign) == []
    assert boss.post(f"{address}{line.pk}/change/", TERMS).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"first": "", "second": ""}, "Choose one of the variants."),
        ({"second": "first"}, "A pair needs two different variants."),
        ({"weight": "0"}, "A weight is a number above 0"),
        ({"weight": "nan"}, "A weight is a number above 0"),
        ({"top_p": ""}, "Write a number."),
        ({"first_temperature": "hot"}, "“hot” is no number."),
        ({"second_temperature": "11"}, "A temperature is a number from 0 to 10."),
    ],
    ids=["nobody", "itself", "no weight", "nan", "empty", "word", "too hot"],
)
def test_a_line_that_cannot_be_is_refused_and_stays_typed(
    boss: Client, campaign: Campaign, checked: list[Variant], wrong: dict[str, str], sentence: str
) -> None:
    pair = {"first": str(checked[2].pk), "second": str(checked[0].pk)}
    wrong = {name: pair["first"] if value == "first" else value for name, value in wrong.items()}
    answer = boss.post(f"/campaigns/{campaign.slug}/sampling/add/", TERMS | pair | wrong)
    assert answer.status_code == 422 and sentence in words(answer) and plan(campaign) == []
    if "first_temperature" not in wrong:
        assert 'name="first_temperature" value="1,2"' in answer.content.decode()


def test_a_changed_line_that_cannot_be_shows_what_was_typed_in_its_own_form(boss: Client, campaign: Campaign) -> None:
    one, two = (factories.sampling_plan(campaign) for _ in range(2))
    answer = boss.post(f"/campaigns/{campaign.slug}/sampling/{two.pk}/change/", TERMS | {"weight": "much"})
    page = answer.content.decode()
    assert answer.status_code == 422 and page.count('value="much"') == 1
    assert page.index(f'id="line-{two.pk}"') < page.index('value="much"')
    assert page.index(f'id="line-{one.pk}"') < page.index(f'id="line-{two.pk}"')


def test_what_a_sweep_found_meanwhile_is_not_written_over_unseen(boss: Client, campaign: Campaign) -> None:
    line = factories.sampling_plan(campaign, tuned=True)
    address = f"/campaigns/{campaign.slug}/sampling/"

    def typed(answer: Any) -> dict[str, str]:
        form = answer.content.decode().split(f'action="{address}{line.pk}/change/"')[1].split("</form>")[0]
        return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) | {"tuned": "on"}

    form = typed(boss.get(address))
    sampling_plans.tune(campaign=campaign, variant=line.first, temperature=1.3, by=None)
    refused = boss.post(f"{address}{line.pk}/change/", form | {"weight": "2"})
    assert refused.status_code == 409 and "other temperatures into this line meanwhile: 1.3 and 0.9" in words(refused)
    line.refresh_from_db()
    assert (line.first_temperature, line.weight) == (1.3, 1.0)
    assert typed(refused)["weight"] == "2"
    assert boss.post(f"{address}{line.pk}/change/", typed(refused)).status_code == 302
    line.refresh_from_db()
    assert (line.first_temperature, line.weight) == (0.7, 2.0)


def test_a_variant_that_nobody_checked_is_planned_by_saying_so(
    boss: Client, campaign: Campaign, checked: list[Variant]
) -> None:
    unchecked = factories.variant("unchecked")
    line = TERMS | {"first": str(unchecked.pk), "second": str(checked[0].pk)}
    address = f"/campaigns/{campaign.slug}/sampling/add/"
    answer = boss.post(address, line)
    assert answer.status_code == 409 and "Nobody has checked yet that “unchecked” answers." in words(answer)
    assert 'name="anyway"' in answer.content.decode() and plan(campaign) == []
    boss.post(address, line | {"anyway": "on"})
    assert len(plan(campaign)) == 1
    page = words(boss.get(f"/campaigns/{campaign.slug}/sampling/"))
    assert "unchecked 50.0% of all responses Not checked" in page
    assert "v1-a 50.0% of all responses Not checked" not in page


def test_one_click_plans_a_new_variant_against_the_iteration_before_its_own(
    boss: Client, campaign: Campaign, checked: list[Variant]
) -> None:
    address = f"/campaigns/{campaign.slug}/sampling/new/"
    boss.post(address, {"new": str(checked[2].pk)})
    boss.post(address, {"new": str(checked[2].pk)})
    assert [(line[0], line[2]) for line in plan(campaign)] == [("v2-a", "v1-b"), ("v2-a", "v1-a")]
    answer = boss.post(address, {"new": str(checked[0].pk)})
    assert answer.status_code == 422 and "No variant was registered before “v1-a”" in words(answer)


def test_the_spread_of_temperatures_is_stored_or_refused(boss: Client, campaign: Campaign) -> None:
    address = f"/campaigns/{campaign.slug}/sampling/spread/"
    boss.post(address, {"temperature_spread": "0.25"})
    campaign.refresh_from_db()
    assert campaign.temperature_spread == 0.25
    answer = boss.post(address, {"temperature_spread": "3"})
    assert answer.status_code == 422 and 'value="3"' in answer.content.decode()


@pytest.mark.parametrize("kind", ["preference", "evaluation", "safety_rating", "red_team"])
def test_every_kind_that_models_answer_has_a_plan_and_says_what_it_means(kind: str) -> None:
    track = "helpfulness" if kind in ("preference", "evaluation") else "safety"
    scale = {"evaluation": "seven_point", "safety_rating": "safety"}.get(kind, "eight_point")
    made = factories.campaign(kind=kind, track=track, scale=scale)
    meaning = {
        "preference": "drawn by its weight. Which of them becomes A",
        "evaluation": "by the two systems of a line",
        "safety_rating": "each response is rated for itself",
        "red_team": "One model answers each dialogue",
    }[kind]
    page = words(client(factories.manager(made)).get(f"/campaigns/{made.slug}/sampling/"))
    assert meaning in page and "The plan is empty" in page


def test_the_pages_are_for_the_campaigns_managers(campaign: Campaign) -> None:
    line = factories.sampling_plan(campaign)
    demonstrations = factories.draft_campaign(kind="demonstration")
    other = client(factories.manager(factories.campaign()))
    pages = [f"/campaigns/{campaign.slug}/{page}/" for page in ("sampling", "rounds")]
    for address in pages:
        assert other.get(address).status_code == 403
    acts = ["add/", "new/", "spread/", *(f"{line.pk}/{act}/" for act in ("change", "pause", "resume", "remove"))]
    for address in (*(f"{pages[0]}{act}" for act in acts), pages[1]):
        assert other.post(address, TERMS).status_code == 403, address
    assert len(plan(campaign)) == 1 and not Round.objects.exists()
    manager = client(factories.manager(demonstrations))
    assert manager.get(f"/campaigns/{demonstrations.slug}/sampling/").status_code == 404


def test_a_line_of_another_campaign_is_not_reached(boss: Client, campaign: Campaign) -> None:
    foreign = factories.sampling_plan(factories.campaign())
    for act in ("change", "pause", "remove"):
        boss.post(f"/campaigns/{campaign.slug}/sampling/{foreign.pk}/{act}/", TERMS)
    foreign.refresh_from_db()
    assert (foreign.weight, foreign.paused) == (1.0, False)


def test_a_round_is_opened_from_the_page_and_what_was_typed_wrongly_stays(
    boss: Client, campaign: Campaign, checked: list[Variant]
) -> None:
    address = f"/campaigns/{campaign.slug}/rounds/"
    old, _other, new, _beside = checked
    page = boss.get(address).content.decode()
    assert "No round has been opened yet." in page
    assert re.findall(r'name="against" value="(\d+)" checked', page) == [str(checked[1].pk), str(old.pk)]
    form = {"new": str(new.pk), "against": [str(old.pk)], f"weight-{old.pk}": "2,5"}
    answer = boss.post(address, form | {f"weight-{old.pk}": "much"})
    assert answer.status_code == 422 and 'value="much"' in answer.content.decode()
    assert "“much” is no number." in words(answer)
    assert "Choose at least one variant" in words(boss.post(address, {"new": str(new.pk)}))
    assert "Choose one of the variants." in words(boss.post(address, {}))
    assert not Round.objects.exists()
    assert boss.post(address, form).status_code == 302
    assert plan(campaign) == [("v2-a", 1.0, "v1-a", 1.0, 1.0, 2.5, True)]
    assert "Round 1: v2-a" in words(boss.get(address))


def test_a_round_shows_what_happened_while_it_was_open(
    boss: Client, campaign: Campaign, checked: list[Variant]
) -> None:
    one, _other, two, three = checked
    rounds.open_round(campaign=campaign, new=two, against={one: 1.0}, by=None)
    for score in (3, 3, -3):
        factories.judge(factories.evaluated(campaign, one, two, []), score=score, shown_left=Position.A)
    batch = factories.batch(campaign, comparisons=0)
    rewarded = factories.trained_reward_model(campaign.track)
    factories.trained_reward_model("safety")
    rounds.open_round(campaign=campaign, new=three, against={two: 1.0}, by=None)
    factories.judge(factories.evaluated(campaign, two, three, []), score=4, shown_left=Position.A)
    sections = [
        " ".join(re.sub(r"<[^>]+>", " ", part).split())
        for part in boss.get(f"/campaigns/{campaign.slug}/rounds/").content.decode().split('<section class="sheet">')
    ]
    newest, oldest = sections[1:3]
    assert newest.startswith("Round 2: v2-b Open") and oldest.startswith("Round 1: v2-a")
    assert "Against v1-a Won by the new one, 95% interval 66.7% (" in oldest
    assert "Comparisons opened 3 3 judgments of the new one" in oldest
    assert f"Batches sealed {batch.name} Reward models trained {rewarded.short}" in oldest
    assert "Against v2-a Won by the new one, 95% interval 100.0% Comparisons opened 1" in newest
    assert "Batches sealed – Reward models trained –" in newest


def test_a_round_shows_the_temperature_that_was_best_then_and_now(
    boss: Client, campaign: Campaign, checked: list[Variant]
) -> None:
    one, _other, two, three = checked
    factories.turn(campaign)
    address = f"/campaigns/{campaign.slug}/rounds/"
    rounds.open_round(campaign=campaign, new=two, against={one: 1.0}, by=None)
    assert "Temperature T*, then – Temperature T*, now –" in words(boss.get(address))
    then = measured_sweep(campaign, variant=two, grid=[0.4, 0.8, 1.2], prompts=1)
    rounds.open_round(campaign=campaign, new=three, against={one: 1.0}, by=None)
    now = measured_sweep(campaign, variant=two, grid=[0.4], prompts=1)
    assert then.temperature != now.temperature
    page = words(boss.get(address))
    assert f"Temperature T*, then {then.temperature:.2f} Temperature T*, now {now.temperature:.2f}" in page


def test_a_closed_campaign_opens_no_further_round(boss: Client, campaign: Campaign) -> None:
    address = f"/campaigns/{campaign.slug}/rounds/"
    assert "Open the next round" in words(boss.get(address))
    campaigns.close(campaign=campaign, by=None)
    assert "Open the next round" not in words(boss.get(address))
    answer = boss.post(address, {"new": str(factories.variant().pk)})
    assert answer.status_code == 409 and "is closed: no further round opens." in words(answer)


def test_a_line_is_saved_as_it_was_when_nothing_is_changed(boss: Client, campaign: Campaign) -> None:
    factories.sampling_plan(campaign, weight=1234567 / 8, first_temperature=1.0625001)
    before, address = plan(campaign), f"/campaigns/{campaign.slug}/sampling/"
    page = boss.get(address).content.decode().split('/change/"')[1].split("</form>")[0]
    form = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    assert boss.post(f"{address}{SamplingPair.objects.get().pk}/change/", form).status_code == 302
    assert plan(campaign) == before


def test_a_line_of_red_teaming_with_a_retired_variant_says_that_the_other_one_answers() -> None:
    campaign = factories.red_team_campaign()
    (line,) = campaign.sampling_plan.all()
    variants.retire(variant=line.second, by=None)
    page = words(client(factories.manager(campaign)).get(f"/campaigns/{campaign.slug}/sampling/"))
    assert f"{line.second.name} is retired and answers no more." in page
    assert "Rests" not in page and f"{line.first.name} 100.0% of all responses" in page
