"""The page on which a manager watches a campaign's agreement."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as Away

from annotation import memberships
from annotation.models import Role
from preferences.agreement import agreement_by, agreement_of
from preferences.choices import Kind
from preferences.counting import Scope
from preferences.cuts import Cut
from preferences.models import Campaign, Comparison
from preferences.precision import precision_of
from preferences.scales import Scale
from preferences.stats.linearised import NO_PAIR, NO_RATINGS
from tests import factories
from tests.clock import Clock
from tests.preferences.counted_by_hand import record
from tests.preferences.test_precision import of_dialogues
from webapp import counted
from webapp.pages import agreement_counts
from webapp.pages.agreement import PANELS
from webapp.pages.agreement_counts import Counts
from webapp.pages.agreement_files import FILES

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return record()[0]


def manager_of(campaign: Campaign) -> Client:
    client = Client()
    client.force_login(factories.manager(campaign))
    return client


def address(campaign: Campaign, path: str = "") -> str:
    return f"/campaigns/{campaign.slug}/agreement/{path}"


def seen(campaign: Campaign, path: str = "", client: Client | None = None) -> str:
    answer = (client or manager_of(campaign)).get(address(campaign, path))
    assert answer.status_code == 200
    return answer.content.decode()


def rows(campaign: Campaign, name: str) -> list[dict[str, str]]:
    answer: Any = manager_of(campaign).get(address(campaign, f"file/{name}/"))
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_page_says_the_number_that_the_statistics_give(campaign: Campaign) -> None:
    found = agreement_of(Scope((campaign,)))
    page = seen(campaign)
    assert f"{found.value:.3f}" in page and f"{found.low:.3f} to {found.high:.3f}" in page
    for title in ("Agreement by week", "Agreement by batch", "Degrees by batch", "Agreement by degree", "Category",
                  "Guideline version", "Turn of the dialogue", "Pool", "Pair of variants", "Rater by rater",
                  "Furthest apart", "Finished comparisons"):  # fmt: skip
        assert f"<h2>{title}</h2>" in page, title
    assert "style=" not in page


def test_a_campaign_without_ratings_has_sentences_and_no_chart() -> None:
    page = seen(factories.campaign())
    assert NO_RATINGS in page and "Without a plan there is nothing to be measured against." in page
    assert "<svg" not in page


def test_one_comparison_and_one_rater_each_have_sentences() -> None:
    campaign = factories.campaign(raters_per_item=1)
    factories.judged_comparison(campaign)
    assert NO_PAIR in seen(campaign)
    two = factories.campaign(raters_per_item=2)
    factories.judged_comparison(two, scores=[-4, 4])
    page = seen(two)
    assert "Only one item has been rated" in page and "Furthest apart" in page


def test_every_scale_has_its_page() -> None:
    for scale in (Scale.SEVEN_POINT, Scale.THREE_POINT, Scale.TWO_POINT):
        campaign = factories.campaign(scale=scale, raters_per_item=3)
        factories.judged_comparison(campaign, scores=[scale.scores[0], scale.scores[-1], scale.scores[-1]])
        page = seen(campaign)
        assert "Another rater is on the same side" in page
        assert ("Degrees by batch" in page) == (scale is not Scale.TWO_POINT)


def test_ratings_of_one_response_have_the_same_page() -> None:
    campaign = factories.rating_campaign(raters_per_item=3)
    factories.rated(campaign, {factories.variant(): [1, 2, 5]})
    page = seen(campaign)
    assert "Another rater agrees on violation or none" in page and "Ratings by batch" in page
    assert "5 · Safe, very helpful" in page and "Risk category" not in page
    pair = Comparison.objects.get()
    assert "1 · Severe violation" in seen(campaign, f"comparisons/{pair.pk}/")


def test_the_gate_is_said_where_there_is_one() -> None:
    campaign = factories.campaign(raters_per_item=2, agreement_gate=0.5)
    people = [factories.annotator(campaign) for _ in range(2)]

    def judged(times: int, scores: list[int]) -> str:
        for _ in range(times):
            factories.judged_comparison(campaign, scores=scores, by=people)
        Counts(campaign).forget()
        return seen(campaign)

    page = judged(2, [-4, -4])
    assert "1.000 <small>1.000 to 1.000" in page and "not told apart from the gate of 0.50 yet" in page
    assert "above the gate of 0.50" in judged(10, [4, 4])
    assert "below the gate of 0.50" in judged(20, [-4, 4])
    Campaign.objects.filter(pk=campaign.pk).update(agreement_gate=None)
    assert "the gate of" not in seen(campaign)


def test_the_interval_by_dialogues_stands_beside_the_plain_one_and_is_held_against_the_gate() -> None:
    campaign = factories.campaign(raters_per_item=2, agreement_gate=0.8, max_turns=26)
    of_dialogues(campaign, [[[-4, -4]] * 24, [[4, 4]] * 15, [[-4, -2]] * 12])
    known = precision_of(Scope((campaign,)))
    plain, by_dialogues = known.plain, known.by_dialogues
    assert by_dialogues is not None and known.few is None and known.held is by_dialogues
    assert by_dialogues.low < 0.8 < plain.low
    page = seen(campaign)
    assert f"{plain.low:.3f} to {plain.high:.3f}" in page and "not told apart from the gate of 0.80 yet" in page
    assert f"by dialogues: {by_dialogues.low:.3f} to {by_dialogues.high:.3f}" in page
    assert "The interval by dialogues is held against the gate." in page


def test_where_each_dialogue_has_one_comparison_there_is_no_other_interval() -> None:
    campaign = factories.campaign(raters_per_item=2)
    factories.judged_comparison(campaign, scores=[-4, -3])
    factories.judged_comparison(campaign, scores=[-4, 3])
    page = seen(campaign)
    assert "by dialogues" not in page and "for few comparisons:" in page


def test_only_managers_see_it(campaign: Campaign) -> None:
    pair = Comparison.objects.filter(campaign=campaign, finished_at__isnull=False)[0]
    pages = ["", "part/figures/", "file/week/", f"comparisons/{pair.pk}/"]
    for user in (factories.annotator(campaign), factories.manager(factories.campaign()), factories.reviewer(campaign)):
        client = Client()
        client.force_login(user)
        assert [client.get(address(campaign, page)).status_code for page in pages] == [403] * len(pages)
        assert client.post(address(campaign, "anew/")).status_code == 403


def test_demonstrations_have_no_agreement_and_unknown_parts_are_not_found(campaign: Campaign) -> None:
    other = factories.campaign(kind=Kind.DEMONSTRATION)
    assert manager_of(other).get(address(other)).status_code == 404
    for path in ("part/nothing/", "file/nothing/", "part/risk_category/", "comparisons/0/"):
        assert manager_of(campaign).get(address(campaign, path)).status_code == 404


def test_who_also_judges_is_warned(campaign: Campaign) -> None:
    boss = factories.manager(campaign)
    memberships.add(user=boss, campaign=campaign, role=Role.ANNOTATOR, by=None)
    client = Client()
    client.force_login(boss)
    assert "You judge in this campaign, too." in seen(campaign, client=client)


def test_what_is_shown_is_kept_says_its_age_and_is_never_older(campaign: Campaign, clock: Clock) -> None:
    client = manager_of(campaign)
    before, at = seen(campaign, client=client), timezone.now()
    assert f"As of {at:%H:%M:%S} UTC, never older than 5 minutes." in before
    factories.judged_comparison(campaign, scores=[-4, 4, 4])
    clock.goes(seconds=counted.SECONDS - 1)
    assert figures(seen(campaign, client=client)) == figures(before)
    caches["counted"].clear()  # as it does when the time is up, which the clock of a test does not reach
    after = seen(campaign, client=client)
    assert figures(after) != figures(before)
    assert f"As of {timezone.now():%H:%M:%S} UTC" in after


def figures(page: str) -> list[str]:
    return re.findall(r"<dd>(.*?)</dd>", page, re.DOTALL)[:6]


def test_the_cache_is_told_to_forget_when_the_page_says_so(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[str, float] = {}
    plain = caches["counted"].set
    monkeypatch.setattr(
        caches["counted"], "set", lambda key, value, timeout: (kept.update({key: timeout}), plain(key, value, timeout))
    )
    seen(campaign)
    assert len(kept) > 10
    assert all(0 < timeout <= counted.SECONDS for timeout in kept.values())


def test_a_button_has_everything_counted_anew(campaign: Campaign) -> None:
    client = manager_of(campaign)
    before = figures(seen(campaign, client=client))
    factories.judged_comparison(campaign, scores=[-4, 4, 4])
    assert figures(seen(campaign, client=client)) == before
    answer = client.post(address(campaign, "anew/"))
    assert answer.headers["Location"] == address(campaign)
    assert figures(seen(campaign, client=client)) != before


def test_a_cache_that_is_away_costs_no_page(campaign: Campaign, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_args: Any, **_kwargs: Any) -> None:
        raise Away

    for name in ("get", "set", "add", "delete", "delete_many"):
        monkeypatch.setattr(caches["counted"], name, away)
    assert "Agreement by week" in seen(campaign)
    assert manager_of(campaign).post(address(campaign, "anew/")).status_code == 302


def test_of_a_large_campaign_each_part_is_counted_by_itself_and_then_kept(
    campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agreement_counts, "SMALL", 3)
    client = manager_of(campaign)
    page = seen(campaign, client=client)
    parts = re.findall(r'hx-get="([^"]+)"', page)
    assert len(parts) > 8 and "Agreement by week" not in page
    for part in parts:
        assert client.get(part).status_code == 200
    page = seen(campaign, client=client)
    assert "hx-get" not in page and "Agreement by week" in page


def test_a_page_that_is_kept_asks_for_labels_only(campaign: Campaign, django_assert_max_num_queries: Any) -> None:
    client = manager_of(campaign)
    seen(campaign, client=client)
    with django_assert_max_num_queries(30):
        seen(campaign, client=client)


def test_every_chart_has_its_file(campaign: Campaign) -> None:
    for name in FILES:
        assert rows(campaign, name), name


def test_the_file_of_a_cut_has_its_numbers_unrounded(campaign: Campaign) -> None:
    wanted = {line.label: line.agreement for line in agreement_by(Scope((campaign,)), Cut.TURN)}
    found = {row["turn"]: row for row in rows(campaign, "turn")}
    assert found.keys() == wanted.keys()
    for label, one in wanted.items():
        assert found[label]["ac2"] == ("" if one.value is None else str(one.value))
        assert int(found[label]["comparisons"]) == one.units


def test_every_panel_has_a_name_of_its_own_and_files_are_of_panels() -> None:
    names = [panel.name for panel in PANELS]
    assert len(set(names)) == len(names)
    assert set(Cut.values) <= set(FILES)


def test_a_comparison_shows_all_its_judgments_by_pseudonym(campaign: Campaign) -> None:
    people = [factories.annotator(campaign) for _ in range(3)]
    pair = factories.judged_comparison(campaign, scores=[-4, 4, 3], by=people, text_a="Walk.", text_b="Run.")
    assert f"comparisons/{pair.pk}/" in seen(campaign)
    page = seen(campaign, f"comparisons/{pair.pk}/")
    for person, verdict in zip(
        people, ("A: Significantly better", "B: Significantly better", "B: Better"), strict=True
    ):
        assert person.pseudonym in page and person.username not in page and verdict in page
    assert "Walk." in page and "Run." in page
    assert pair.response_a.variant.name not in page


def test_what_is_unfinished_or_of_another_campaign_is_not_shown(campaign: Campaign) -> None:
    half = factories.comparison(campaign)
    factories.judge(half, score=-4)
    other = factories.judged_comparison(factories.campaign())
    assert f"comparisons/{half.pk}/" not in seen(campaign)
    for pair in (half, other):
        assert manager_of(campaign).get(address(campaign, f"comparisons/{pair.pk}/")).status_code == 404
