from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from preferences.actions import batches, comparisons
from preferences.choices import ComparisonStatus
from preferences.errors import Conflict, InvalidInput
from preferences.hashing import merkle_root, row_hash
from preferences.models import Batch, BatchItem, Campaign, Comparison, Event, HoldoutGroup
from preferences.rows import rows
from tests import factories

pytestmark = pytest.mark.django_db

WEEK = "2026-W48"
IN_WEEK = datetime(2026, 11, 25, 12, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def seal(*campaigns: Campaign, week: str = WEEK, name: str = "") -> Batch:
    return batches.seal(week=week, campaigns=campaigns, by=None, name=name)


def sealed(batch: Batch) -> set[int]:
    return set(batch.items.values_list("comparison_id", flat=True))


def test_what_was_finished_in_the_week_is_sealed_in_order_and_hashed() -> None:
    campaign = factories.campaign(raters_per_item=2)
    made = [factories.judged_comparison(campaign, finished_at=IN_WEEK) for _ in range(5)]
    batch = seal(campaign)
    items = list(batch.items.order_by("place"))
    assert [item.place for item in items] == [0, 1, 2, 3, 4]
    assert [item.comparison_id for item in items] == [comparison.pk for comparison in made]
    assert {item.group_id for item in items} == {comparison.turn.dialogue.family for comparison in made}
    assert batch.sha256 == merkle_root([item.sha256 for item in items])
    assert set(Comparison.objects.values_list("status", flat=True)) == {ComparisonStatus.SEALED}
    assert (batch.name, batch.version, batch.week) == (f"{WEEK}-{campaign.slug}", 1, WEEK)
    event = Event.objects.get(verb="batch.sealed")
    told = {"items": 5, "apart": 0, "sha256": batch.sha256, "made_of": batch.made_of}
    assert event.data == {"name": batch.name, **told}


def test_the_hashes_are_those_of_the_rows_as_they_are_read_again() -> None:
    author = factories.user()
    campaign = factories.campaign(max_turns=3)
    turns = factories.dialogue_turns(campaign, ["One?", "Two?", "Three?"], by=author)
    factories.judge(factories.comparison(of=turns[-1]), author, rationale="Ça suffit ☃")
    Comparison.objects.update(finished_at=IN_WEEK)
    batch = seal(campaign)
    hashes = dict(batch.items.values_list("comparison_id", "sha256"))
    assert {key: row_hash(row) for key, row in rows(Comparison.objects.all())} == hashes
    assert len(set(hashes.values())) == 3


def test_a_row_says_what_the_engine_does_not_vouch_for_and_nothing_more_where_it_vouches_for_all() -> None:
    turn = factories.turn()
    said = {"revision": "rlhf-v3, fp_1", "unconfirmed": ["seed"], "remarks": ["Two seeds, one text."]}
    sure, doubtful = factories.response(turn), factories.response(turn, **said)
    comparisons.open_pair(turn=turn, response_a=sure, response_b=doubtful)

    [(_, row)] = rows(Comparison.objects.all())

    assert {name: row["response_b"][name] for name in row["response_b"].keys() - row["response_a"].keys()} == said
    assert row_hash(row) != row_hash({**row, "response_b": {**row["response_b"], "unconfirmed": ["top_p"]}})


@pytest.mark.parametrize(
    ("zone", "end"),
    [
        ("UTC", datetime(2026, 11, 30, tzinfo=UTC)),
        ("Europe/Zurich", datetime(2026, 11, 29, 23, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 11, 30, 8, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(2026, 11, 29, 11, tzinfo=UTC)),
    ],
)
def test_the_week_ends_at_midnight_of_the_campaigns_time_zone(zone: str, end: datetime) -> None:
    campaign = factories.campaign(time_zone=zone)
    last = factories.judged_comparison(campaign, finished_at=end - INSTANT)
    first_of_next = factories.judged_comparison(campaign, finished_at=end)
    assert sealed(seal(campaign)) == {last.pk}
    assert sealed(seal(campaign, week="2026-W49")) == {first_of_next.pk}


def test_each_campaign_of_a_batch_has_its_own_midnight() -> None:
    utc, zurich = factories.campaign(), factories.campaign(time_zone="Europe/Zurich")
    between = datetime(2026, 11, 29, 23, 30, tzinfo=UTC)
    in_utc = factories.judged_comparison(utc, finished_at=between)
    factories.judged_comparison(zurich, finished_at=between)
    batch = seal(utc, zurich)
    assert sealed(batch) == {in_utc.pk}
    assert batch.name == WEEK


def test_what_an_earlier_week_left_behind_is_sealed_too() -> None:
    campaign = factories.campaign()
    late = factories.judged_comparison(campaign, finished_at=IN_WEEK - timedelta(days=30))
    assert sealed(seal(campaign)) == {late.pk}


def test_only_finished_comparisons_of_the_campaigns_asked_for_are_sealed() -> None:
    campaign = factories.campaign(raters_per_item=2)
    whole = factories.judged_comparison(campaign, finished_at=IN_WEEK)
    half = factories.comparison(campaign)
    factories.judge(half)
    elsewhere = factories.judged_comparison(factories.campaign(), finished_at=IN_WEEK)
    assert sealed(seal(campaign)) == {whole.pk}
    half.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (half.status, elsewhere.status) == (ComparisonStatus.OPEN, ComparisonStatus.JUDGED)


def test_nothing_finished_is_refused_with_a_sentence() -> None:
    campaign = factories.campaign()
    factories.comparison(campaign)
    factories.judged_comparison(campaign, finished_at=IN_WEEK + timedelta(days=7))
    with pytest.raises(Conflict, match=f"No finished comparison waits to be sealed in {WEEK}"):
        seal(campaign)
    assert (Batch.objects.count(), BatchItem.objects.count(), HoldoutGroup.objects.count()) == (0, 0, 0)


def test_no_campaign_is_refused_with_a_sentence() -> None:
    with pytest.raises(Conflict, match="No finished comparison"):
        seal()


def test_a_sealed_comparison_is_not_sealed_again() -> None:
    campaign = factories.campaign()
    factories.judged_comparison(campaign, finished_at=IN_WEEK)
    seal(campaign)
    with pytest.raises(Conflict, match="No finished comparison"):
        seal(campaign, name="again")
    assert BatchItem.objects.count() == 1


def test_a_name_is_given_once_and_the_weeks_next_batch_is_numbered() -> None:
    campaign = factories.campaign()
    factories.judged_comparison(campaign, finished_at=IN_WEEK)
    first = seal(campaign)
    late = factories.judged_comparison(campaign, finished_at=IN_WEEK)
    with pytest.raises(Conflict, match=f"A batch named {first.name} is sealed already; give this one another name"):
        seal(campaign, name=first.name)
    late.refresh_from_db()
    assert late.status == ComparisonStatus.JUDGED
    second = seal(campaign)
    assert (second.name, sealed(second)) == (f"{first.name}.2", {late.pk})
    for name in (f"{first.name}.4", ""):  # a name that somebody chose is not proposed again
        factories.judged_comparison(campaign, finished_at=IN_WEEK)
        last = seal(campaign, name=name)
    factories.judged_comparison(campaign, finished_at=IN_WEEK)
    assert (last.name, seal(campaign).name) == (f"{first.name}.3", f"{first.name}.5")


def test_what_is_not_a_week_is_refused_with_a_sentence() -> None:
    campaign = factories.campaign()
    factories.judged_comparison(campaign, finished_at=IN_WEEK)
    with pytest.raises(InvalidInput, match="is not an ISO week"):
        seal(campaign, week="next week")


def test_a_changed_row_changes_the_hash_of_the_batch() -> None:
    campaign = factories.campaign()
    for _ in range(3):
        factories.judged_comparison(campaign, finished_at=IN_WEEK)
    ready = batches.finished(WEEK, [campaign])
    before = [row_hash(row) for _, row in rows(ready)]
    Comparison.objects.filter(pk=ready[1].pk).first().judgments.update(rationale="Changed.")  # type: ignore[union-attr]
    after = [row_hash(row) for _, row in rows(ready)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [True, False, True]
    assert merkle_root(before) != merkle_root(after)
    assert seal(campaign).sha256 == merkle_root(after)
