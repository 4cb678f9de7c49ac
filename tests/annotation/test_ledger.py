"""The ledger: hours and items of each person, by week and by batch; and its file for whoever pays."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from annotation import demonstrations, heartbeats, leases, ledger, memberships, payroll, queue, reviews, writing
from annotation.ledger import Grouping, Line, Tally, Work
from annotation.models import Assignment, Role
from preferences.actions import batches, prompts
from preferences.choices import Criterion
from preferences.errors import NotAllowed
from preferences.models import Campaign, Event, Judgment
from preferences.weeks import week_of
from tests import factories
from tests.annotation.helpers import claimed, let_lease_end, new_annotator, new_comparison, open_campaign
from tests.clock import Clock
from tests.factories.demonstrations import labels
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

SUNDAY_NIGHT = datetime(2026, 11, 29, 22, 30, tzinfo=UTC)  # it is Monday in Zurich half an hour later


def works(clock: Clock, campaign: Campaign, by: User, seconds: float) -> Assignment:
    """An item claimed and held for so many seconds, with a heartbeat at their end."""
    new_comparison(campaign)
    item = claimed(campaign, by)
    clock.goes(seconds=seconds)
    heartbeats.beat(key=item.key, by=by)
    return item


def judges(clock: Clock, campaign: Campaign, by: User, seconds: float = 30) -> None:
    item = works(clock, campaign, by, seconds)
    queue.submit(key=item.key, by=by, answer=queue.Answer(place=1))


def writes(clock: Clock, campaign: Campaign, by: User, seconds: float) -> None:
    writing.beat(about=campaign, campaign=campaign, fields={"text": "Why"}, by=by)
    clock.goes(seconds=seconds)
    spent = writing.taken(about=campaign, campaign=campaign, by=by)
    prompts.submit(campaign=campaign, text="Why is the sky blue?", category="factual", by=by, active_seconds=spent)


def only(lines: list[Line]) -> Line:
    (line,) = lines
    return line


def test_it_says_what_came_of_each_item_and_how_long_it_took(clock: Clock) -> None:
    campaign = open_campaign(lease_seconds=120)
    ann = new_annotator(campaign)
    judges(clock, campaign, ann, 30)
    judges(clock, campaign, ann, 20)
    queue.skip(key=works(clock, campaign, ann, 10).key, by=ann, reason="other")
    writes(clock, campaign, ann, 40)
    let_lease_end(works(clock, campaign, ann, 5))
    leases.return_expired()

    line = only(ledger.ledger(campaign, Grouping.WEEK))

    assert (line.person, line.period) == (ann, week_of(clock.now))
    assert line.work == {
        Work.JUDGED: Tally(2, 50),
        Work.GIVEN_BACK: Tally(1, 10),
        Work.WRITTEN: Tally(1, 40),
        Work.LAPSED: Tally(1, 5),
    }
    assert line.seconds == line.session_seconds == 105


def test_time_that_no_item_came_of_is_in_the_time_at_work(clock: Clock) -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    for _ in range(3):
        writing.beat(about=campaign, campaign=campaign, fields={"text": "Why"}, by=ann)
        clock.goes(seconds=20)
    line = only(ledger.ledger(campaign, Grouping.WEEK))
    assert (line.work, line.seconds, line.session_seconds) == ({}, 0, 40)


def test_a_week_begins_on_monday_in_the_campaigns_time_zone(clock: Clock) -> None:
    clock.now = SUNDAY_NIGHT
    here, there = open_campaign(time_zone="UTC"), open_campaign(time_zone="Europe/Zurich")
    bob = new_annotator(here)
    memberships.add(user=bob, campaign=there, role=Role.ANNOTATOR, by=None)
    factories.reads(bob, there)
    for _ in range(2):
        judges(clock, here, bob)
        judges(clock, there, bob)
        clock.goes(minutes=40)

    weeks = {campaign: [line.period for line in ledger.ledger(campaign, Grouping.WEEK)] for campaign in (here, there)}
    assert weeks == {here: ["2026-W48"], there: ["2026-W49", "2026-W48"]}
    assert ledger.seconds_this_week(bob, there) == 30
    assert ledger.seconds_this_week(bob, here) == 60


def test_the_newest_week_comes_first_and_people_by_their_pseudonyms(clock: Clock) -> None:
    campaign = open_campaign()
    people = [new_annotator(campaign) for _ in range(3)]
    for person in people:
        judges(clock, campaign, person)
    clock.goes(days=7)
    judges(clock, campaign, people[0])

    lines = ledger.ledger(campaign, Grouping.WEEK)
    assert lines[0].person == people[0] and lines[0].period > lines[1].period
    names = [line.person.pseudonym for line in lines[1:]]
    assert names == sorted(names) and len(names) == 3


def test_by_batch_an_item_is_in_the_first_batch_that_sealed_it_and_else_in_none(clock: Clock) -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    judges(clock, campaign, ann, 30)
    sealed = batches.seal(week=week_of(clock.now), campaigns=[campaign], by=None)
    judges(clock, campaign, ann, 20)
    writes(clock, campaign, ann, 15)

    waiting, done = ledger.ledger(campaign, Grouping.BATCH)
    assert (waiting.period, waiting.work) == ("", {Work.JUDGED: Tally(1, 20), Work.WRITTEN: Tally(1, 15)})
    assert (done.period, done.work) == (sealed.name, {Work.JUDGED: Tally(1, 30)})


def test_what_a_reviewer_returned_is_counted_apart_until_it_is_sent_again(clock: Clock) -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    judges(clock, campaign, ann, 30)
    judges(clock, campaign, ann, 20)
    review = factories.taken_review(Judgment.objects.earliest("pk"))
    assert review.reviewer is not None
    reviews.send_back(key=review.key, by=review.reviewer, feedback="Look again.", revision=0)
    line = only([line for line in ledger.ledger(campaign, Grouping.WEEK) if line.person == ann])
    assert line.work == {Work.JUDGED: Tally(1, 20), Work.RETURNED: Tally(1, 30)}


def test_demonstrations_are_counted_by_what_became_of_them_with_the_time_of_all_their_writing(clock: Clock) -> None:
    campaign = factories.demonstrations_campaign()
    ann = factories.annotator(campaign)
    for seconds in (30, 20):
        writing.beat(about=campaign, campaign=campaign, fields={"prompt_1": "Why"}, by=ann)
        clock.goes(seconds=seconds)
        made = factories.demonstration(campaign, by=ann)
    judge = factories.reviewer(campaign)
    demonstrations.send_back(demonstration=made, version=1, feedback="Longer.", met=[], by=judge)
    assert only(ledger.ledger(campaign, Grouping.BATCH)).work == {
        Work.IN_REVIEW: Tally(1, 30),
        Work.RETURNED: Tally(1, 20),
    }
    writing.beat(about=made, campaign=campaign, fields={"prompt_1": "Why"}, by=ann)
    clock.goes(seconds=15)
    said = [("Name a fruit.", "An apple.")]
    demonstrations.rewrite(demonstration=made, exchanges=said, labels=labels(campaign), by=ann)
    demonstrations.approve(demonstration=made, version=2, exchanges=said, met=set(Criterion), by=judge)
    assert only(ledger.ledger(campaign, Grouping.BATCH)).work == {
        Work.IN_REVIEW: Tally(1, 30),
        Work.APPROVED: Tally(1, 35),
    }


def test_another_campaigns_work_is_not_in_it(clock: Clock) -> None:
    campaign, other = open_campaign(), open_campaign()
    judges(clock, other, new_annotator(other))
    assert ledger.ledger(campaign, Grouping.WEEK) == ledger.ledger(campaign, Grouping.BATCH) == []


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:], newline="")))


def test_the_file_holds_names_hours_and_items(clock: Clock) -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    User.objects.filter(pk=ann.pk).update(first_name="Zoë", last_name="O'Neil, 王", vendor="@Vendor")
    judges(clock, campaign, ann, 36)
    manager = factories.manager(campaign)

    (row,) = rows_of(payroll.export(campaign=campaign, grouping=Grouping.WEEK, by=manager))

    assert (row["pseudonym"], row["name"]) == (ann.pseudonym, "Zoë O'Neil, 王")
    assert row["vendor"] == "'@Vendor"
    assert (row["week"], row["campaign"]) == (week_of(clock.now), campaign.slug)
    assert (row["judged items"], row["judged hours"], row["hours on items"]) == ("1", "0.0100", "0.0100")
    assert (row["hours at work"], row["lapsed items"]) == ("0.0100", "0")


NAMES = ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＠SUM(A1)"]


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_a_name_that_a_spreadsheet_would_run_is_a_text_in_the_file(clock: Clock, name: str) -> None:
    campaign = open_campaign()
    ann = new_annotator(campaign)
    User.objects.filter(pk=ann.pk).update(username=name)
    judges(clock, campaign, ann)
    (row,) = rows_of(payroll.export(campaign=campaign, grouping=Grouping.BATCH, by=factories.manager(campaign)))
    assert row["name"] == f"'{name}"


@pytest.mark.parametrize(
    ("name", "cell"),
    [("Bob;=1+1;", "Bob;'=1+1;"), ("Bob; @SUM(A1)", "Bob;' @SUM(A1)"), ("Bob\t=1", "Bob\t'=1"), ("\n=1", "'\n=1")],
)
def test_nor_does_a_formula_run_that_another_countrys_spreadsheet_would_find_within_a_name(
    name: str, cell: str
) -> None:
    assert payroll.defused(name) == cell


@pytest.mark.parametrize("name", ["Ann", "O'Neil", "a=b", "x@example.org", "1+1", "Ann; Bob", ""])
def test_a_harmless_cell_stays_as_it_is(name: str) -> None:
    assert payroll.defused(name) == name


def test_the_file_is_for_managers_of_the_campaign_and_its_taking_is_an_event(clock: Clock) -> None:
    campaign, other = open_campaign(), open_campaign()
    judges(clock, campaign, new_annotator(campaign))
    for person in (new_annotator(campaign), factories.manager(other)):
        with pytest.raises(NotAllowed, match="Only a manager"):
            payroll.export(campaign=campaign, grouping=Grouping.WEEK, by=person)
    assert not Event.objects.filter(verb="ledger.exported").exists()

    manager = factories.manager(campaign)
    payroll.export(campaign=campaign, grouping=Grouping.WEEK, by=manager)
    event = Event.objects.get(verb="ledger.exported")
    assert (event.actor, event.campaign, event.data) == (manager, campaign, {"grouping": "week", "lines": 1})
