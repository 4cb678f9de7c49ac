"""Pausing: one campaign's work or everything, at once; the leases go back and nothing of the person's is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from annotation import drafts, heartbeats, leases, memberships, people, queue
from annotation.leases import LeaseLost
from annotation.models import Assignment, Draft, Membership, Role
from annotation.permissions import WorkPaused
from annotation.queue import Answer
from preferences.choices import AssignmentStatus, SlotStatus
from preferences.errors import InvalidInput, NotAllowed
from preferences.models import Campaign, Event, Judgment
from tests import factories
from tests.annotation.helpers import claimed, new_annotator, new_comparison, new_user, open_campaign
from tests.factories.people import UserFactory
from tests.preferences.refusals import refused
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

WHY = "Answers faster than one can read."
Pause = Callable[[User, Campaign], None]


def role_of(user: User, campaign: Campaign, role: Role = Role.ANNOTATOR) -> Membership:
    return Membership.objects.get(user=user, campaign=campaign, role=role)


def everywhere(user: User, campaign: Campaign) -> None:
    people.pause(user=user, reason=WHY, by=None)


def here(user: User, campaign: Campaign) -> None:
    memberships.pause(membership=role_of(user, campaign), reason=WHY, by=None)


def resumed(user: User, campaign: Campaign) -> User:
    people.resume(user=user, by=None)
    memberships.resume(membership=role_of(user, campaign), by=None)
    return User.objects.get(pk=user.pk)


both = pytest.mark.parametrize("pause", [everywhere, here])


@pytest.fixture
def campaign() -> Campaign:
    return open_campaign(raters_per_item=2)


@both
def test_it_gives_the_leases_back_and_keeps_the_drafts(campaign: Campaign, pause: Pause) -> None:
    pair, ann = new_comparison(campaign), new_annotator(campaign)
    held = claimed(campaign, ann)
    drafts.keep(about=pair, fields={"rationale": "Half a thought"}, by=ann)
    pause(ann, campaign)
    held.refresh_from_db()
    assert held.status == AssignmentStatus.EXPIRED
    assert set(pair.slots.values_list("status", flat=True)) == {SlotStatus.OPEN}
    assert Draft.objects.get().fields == {"rationale": "Half a thought"}
    assert Event.objects.filter(verb="assignment.taken_back", campaign=campaign).count() == 1


@both
def test_after_it_goes_on_the_person_gets_the_same_pair_with_its_draft(campaign: Campaign, pause: Pause) -> None:
    pair, ann = new_comparison(campaign), new_annotator(campaign)
    before = claimed(campaign, ann)
    drafts.keep(about=pair, fields={"rationale": "Half a thought"}, by=ann)
    pause(ann, campaign)
    again = claimed(campaign, resumed(ann, campaign))
    assert (again.comparison, again.shown_left) == (pair, before.shown_left) and again.key != before.key
    assert again.seen["draft"]["fields"] == {"rationale": "Half a thought"}


def doors(campaign: Campaign, ann: User) -> dict[str, Callable[[], Any]]:
    """Each door by which a person takes up work or sends it, with something behind it."""
    own = new_comparison(campaign, author=ann)
    for _ in range(2):
        new_comparison(campaign)
    stored, held = claimed(campaign, ann), None
    judgment = queue.submit(key=stored.key, by=ann, answer=Answer(place=2))
    held = claimed(campaign, ann)
    assert held.key != stored.key
    answer = Answer(place=7)
    return {
        "claim": partial(queue.claim, campaign=campaign, by=ann),
        "claim_own": partial(queue.claim_own, comparison=own, by=ann),
        "submit": partial(queue.submit, key=held.key, by=ann, answer=answer),
        "submit_and_claim": partial(queue.submit_and_claim, key=held.key, by=ann, answer=answer),
        "reclaim": partial(queue.reclaim, key=held.key, by=ann),
        "revise": partial(queue.revise, key=stored.key, by=ann, answer=answer, revision=judgment.revision),
        "edit_chosen": partial(queue.edit_chosen, key=stored.key, by=ann, text="Better said."),
    }


@pytest.mark.parametrize("kind", ["annotator", "superuser"])
@both
def test_every_door_is_closed_with_a_sentence(campaign: Campaign, pause: Pause, kind: str) -> None:
    ann = new_annotator(campaign)
    if kind == "superuser":
        User.objects.filter(pk=ann.pk).update(is_superuser=True)
        ann.refresh_from_db()
    tried = doors(campaign, ann)
    pause(ann, campaign)
    before = Judgment.objects.values().get(), Assignment.objects.filter(status=AssignmentStatus.ACTIVE).count()
    said = {}
    for name, knock in tried.items():
        with pytest.raises(WorkPaused) as refusal:
            knock()
        said[name] = str(refusal.value)
    assert len(set(said.values())) == 1
    sentence = said["claim"]
    assert "paused" in sentence and "Nothing of yours is lost" in sentence and "Ask a manager" in sentence
    assert (Judgment.objects.values().get(), 0) == before


def test_a_superuser_without_any_role_is_paused_too(campaign: Campaign) -> None:
    new_comparison(campaign)
    olga = factories.user(is_superuser=True)
    factories.reads(olga, campaign)
    assert claimed(campaign, olga)
    people.pause(user=olga, reason=WHY, by=None)
    with pytest.raises(WorkPaused):
        queue.claim(campaign=campaign, by=olga)
    assert not Assignment.objects.filter(status=AssignmentStatus.ACTIVE).exists()


@both
def test_a_heartbeat_keeps_the_draft_and_says_why_the_lease_is_gone(campaign: Campaign, pause: Pause) -> None:
    new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    pause(ann, campaign)
    with pytest.raises(LeaseLost, match="paused") as lost:
        heartbeats.beat(key=held.key, by=ann, draft={"rationale": "Written meanwhile"})
    draft = Draft.objects.get()
    assert (draft.fields, str(draft.version)) == ({"rationale": "Written meanwhile"}, lost.value.version)


@both
def test_sending_again_what_is_stored_answers_the_same_and_brings_nothing_new(campaign: Campaign, pause: Pause) -> None:
    for _ in range(2):
        new_comparison(campaign)
    ann = new_annotator(campaign)
    held = claimed(campaign, ann)
    judgment = queue.submit(key=held.key, by=ann, answer=Answer(place=2))
    pause(ann, campaign)
    again = queue.submit_and_claim(key=held.key, by=ann, answer=Answer(place=2))
    assert (again.judgment, again.following) == (judgment, None)


def test_a_pause_in_one_campaign_leaves_the_others_alone(campaign: Campaign) -> None:
    other, ann = open_campaign(), new_annotator(campaign)
    memberships.add(user=ann, campaign=other, role=Role.ANNOTATOR, by=None)
    factories.reads(ann, other)
    for each in (campaign, other):
        new_comparison(each)
    held, kept = claimed(campaign, ann), claimed(other, ann)
    here(ann, campaign)
    assert Assignment.objects.filter(status=AssignmentStatus.ACTIVE).get() == kept != held
    assert queue.submit(key=kept.key, by=ann, answer=Answer(place=2)).pk


def test_another_persons_lease_stays(campaign: Campaign) -> None:
    new_comparison(campaign)
    ann, bob = new_annotator(campaign), new_annotator(campaign)
    claimed(campaign, ann)
    kept = claimed(campaign, bob)
    everywhere(ann, campaign)
    assert Assignment.objects.filter(status=AssignmentStatus.ACTIVE).get() == kept


@both
def test_it_is_one_event_with_its_reason_however_often_it_is_clicked(campaign: Campaign, pause: Pause) -> None:
    ann = new_annotator(campaign)
    for _ in range(2):
        pause(ann, campaign)
        pause(ann, campaign)
        resumed(ann, campaign)
        resumed(ann, campaign)
    told = Event.objects.filter(verb__in=["user.paused", "membership.paused"])
    assert [event.data["reason"] for event in told] == [WHY, WHY]
    assert Event.objects.filter(verb__in=["user.resumed", "membership.resumed"]).count() == 2


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "a\x00b"])
@both
def test_it_needs_a_reason_that_can_be_kept(campaign: Campaign, pause: Pause, reason: str) -> None:
    ann = new_annotator(campaign)
    with pytest.raises(InvalidInput, match="The reason"):
        if pause is everywhere:
            people.pause(user=ann, reason=reason, by=None)
        else:
            memberships.pause(membership=role_of(ann, campaign), reason=reason, by=None)
    assert queue.claim(campaign=campaign, by=ann) is None


def test_the_database_keeps_no_pause_without_a_reason_and_no_reason_without_a_pause(campaign: Campaign) -> None:
    membership = role_of(new_annotator(campaign), campaign)
    now = membership.campaign.created_at
    for fields in ({"paused_at": now}, {"paused_reason": WHY}):
        with refused("user_paused_for_a_reason"):
            UserFactory(**fields)
        with refused("membership_paused_for_a_reason"):
            Membership.objects.filter(pk=membership.pk).update(**fields)
    assert Membership.objects.filter(pk=membership.pk).update(paused_at=now, paused_reason=WHY) == 1
    assert UserFactory(paused_at=now, paused_reason=WHY).pk


def test_nobody_pauses_themselves_nor_ends_their_own_pause(campaign: Campaign) -> None:
    olga = factories.user(is_superuser=True)
    mara = factories.manager(campaign)
    mine = memberships.add(user=mara, campaign=campaign, role=Role.ANNOTATOR, by=None)
    with pytest.raises(NotAllowed, match="Nobody pauses themselves"):
        people.pause(user=olga, reason=WHY, by=olga)
    with pytest.raises(NotAllowed, match="Nobody pauses themselves"):
        memberships.pause(membership=mine, reason=WHY, by=mara)
    memberships.pause(membership=mine, reason=WHY, by=olga)
    mine.refresh_from_db()
    with pytest.raises(NotAllowed, match="ends their own pause"):
        memberships.resume(membership=mine, by=mara)
    with pytest.raises(NotAllowed, match="ends their own pause"):  # and given again it would be a role without a pause
        memberships.remove(membership=mine, by=mara)


def test_a_manager_pauses_what_they_manage_and_nothing_else(campaign: Campaign) -> None:
    other = open_campaign()
    mara, ann = factories.manager(campaign), new_annotator(campaign)
    theirs = memberships.add(user=ann, campaign=other, role=Role.ANNOTATOR, by=None)
    with pytest.raises(NotAllowed, match="campaigns that you do not manage"):
        people.pause(user=ann, reason=WHY, by=mara)
    with pytest.raises(NotAllowed, match="Only a manager of"):
        memberships.pause(membership=theirs, reason=WHY, by=mara)
    with pytest.raises(NotAllowed, match="Only a manager of"):
        memberships.remove(membership=theirs, by=mara)
    memberships.pause(membership=role_of(ann, campaign), reason=WHY, by=mara)
    memberships.add(user=mara, campaign=other, role=Role.MANAGER, by=None)
    people.pause(user=ann, reason=WHY, by=mara)
    assert [event.actor for event in Event.objects.filter(verb__endswith=".paused")] == [mara, mara]


@pytest.mark.parametrize("who", ["stranger", "superuser"])
def test_a_manager_pauses_no_account_of_strangers_or_superusers(campaign: Campaign, who: str) -> None:
    target = new_user() if who == "stranger" else factories.user(is_superuser=True)
    if who == "superuser":
        memberships.add(user=target, campaign=campaign, role=Role.ANNOTATOR, by=None)
    with pytest.raises(NotAllowed):
        people.pause(user=target, reason=WHY, by=factories.manager(campaign))


def test_a_paused_manager_manages_nothing(campaign: Campaign) -> None:
    mara, ann = factories.manager(campaign), new_annotator(campaign)
    people.pause(user=mara, reason=WHY, by=None)
    mara.refresh_from_db()
    with pytest.raises(WorkPaused, match="paused your account"):
        memberships.pause(membership=role_of(ann, campaign), reason=WHY, by=mara)
    with pytest.raises(NotAllowed):
        people.pause(user=ann, reason=WHY, by=mara)


def test_taking_the_role_away_takes_the_lease_back(campaign: Campaign) -> None:
    new_comparison(campaign)
    mara, ann = factories.manager(campaign), new_annotator(campaign)
    held = claimed(campaign, ann)
    memberships.remove(membership=role_of(ann, campaign), by=mara)
    held.refresh_from_db()
    assert held.status == AssignmentStatus.EXPIRED
    with pytest.raises(NotAllowed, match="You are not an annotator"):
        queue.submit(key=held.key, by=ann, answer=Answer(place=2))
    assert Event.objects.filter(verb="membership.removed", actor=mara, data__user=ann.pk).count() == 1


def test_a_campaign_keeps_its_last_manager(campaign: Campaign) -> None:
    mara, olga = factories.manager(campaign), factories.user(is_superuser=True)
    for by in (mara, olga):
        with pytest.raises(Exception, match="would have no manager any more"):
            memberships.remove(membership=role_of(mara, campaign, Role.MANAGER), by=by)
    factories.manager(campaign)
    memberships.remove(membership=role_of(mara, campaign, Role.MANAGER), by=mara)
    assert Membership.objects.filter(campaign=campaign, role=Role.MANAGER).exclude(user=mara).count() == 1


def test_the_expiry_beside_it_ends_each_lease_once(campaign: Campaign) -> None:
    new_comparison(campaign)
    ann = new_annotator(campaign)
    factories.expire(claimed(campaign, ann))
    everywhere(ann, campaign)
    assert leases.return_expired() == 0
