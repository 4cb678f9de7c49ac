"""Invitations: used once, by one account, with the roles that their manager may give, until they end."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from annotation import invitations, memberships, people
from annotation.invitations import InvitationOver
from annotation.models import Invitation, InvitedRole, Membership, Role
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.models import Event
from tests import factories
from tests.concurrency import at_once
from tests.preferences.refusals import refused
from webapp.accounts.actions import NewAccount, accept_invitation
from webapp.accounts.models import User

PASSWORD = "a heron by the river"


def invited(**details: str) -> str:
    campaign = factories.campaign()
    roles = [(campaign, Role.ANNOTATOR), (campaign, Role.REVIEWER)]
    return invitations.invite(roles=roles, by=factories.manager(campaign), **details)[1]


@pytest.mark.django_db
def test_it_makes_an_account_with_all_that_it_holds() -> None:
    token = invited(vendor="Fair Work", locale="zh-CN", email="ann@example.org")
    ann = accept_invitation(
        token=token, account=NewAccount("ann", PASSWORD, "Ann", "Lee", "ann@example.org", "zh-hans")
    )
    ann.refresh_from_db()
    assert (ann.vendor, ann.locale, ann.language, ann.get_full_name()) == ("Fair Work", "zh-CN", "zh-hans", "Ann Lee")
    assert ann.check_password(PASSWORD) and not ann.is_superuser and not ann.is_staff
    assert set(ann.memberships.values_list("role", flat=True)) == {Role.ANNOTATOR, Role.REVIEWER}
    made = Invitation.objects.get()
    assert made.accepted_by == ann and token not in str(Invitation.objects.values().get())
    told = Event.objects.filter(verb__startswith="invitation.").values_list("verb", "actor")
    assert list(told) == [("invitation.sent", made.invited_by_id), ("invitation.accepted", ann.pk)]


@pytest.mark.django_db
@pytest.mark.parametrize("stopped", ["paused", "paused here", "removed"])
def test_nobody_comes_in_by_the_invitation_of_a_manager_who_was_paused_or_removed(stopped: str) -> None:
    campaign = factories.campaign()
    olga, other = factories.manager(campaign), factories.manager(campaign)
    token = invitations.invite(roles=[(campaign, Role.MANAGER)], by=olga)[1]
    if stopped == "paused":
        people.pause(user=olga, reason="Under suspicion.", by=other)
    elif stopped == "removed":
        memberships.remove(membership=olga.memberships.get(), by=other)
    else:
        memberships.pause(membership=olga.memberships.get(), reason="Under suspicion.", by=other)
    with pytest.raises(InvitationOver, match="does not manage its campaigns now"):
        accept_invitation(token=token, account=NewAccount("olga-again", PASSWORD))
    with pytest.raises(InvitationOver, match="does not manage its campaigns now"):
        invitations.accept(token=token, user=factories.user())
    assert set(campaign.memberships.values_list("user", flat=True)) <= {olga.pk, other.pk}


@pytest.mark.django_db
def test_somebody_with_an_account_joins_with_it() -> None:
    bob = factories.user("bob")
    for _ in range(2):
        invitations.accept(token=invited(), user=bob)
    assert bob.memberships.count() == 4


@pytest.mark.django_db(transaction=True)
def test_however_often_accept_is_clicked_at_once_it_makes_one_account() -> None:
    token, before = invited(), User.objects.count()
    got = at_once([partial(accept_invitation, token=token, account=NewAccount("ann", PASSWORD))] * 5)
    assert {type(outcome) for outcome in got} == {get_user_model()} and len({one.pk for one in got}) == 1
    assert User.objects.count() == before + 1
    assert Event.objects.filter(verb="invitation.accepted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_with_one_link_are_one_account_and_one_sentence() -> None:
    token = invited()
    got = at_once([partial(accept_invitation, token=token, account=NewAccount(name, PASSWORD)) for name in ("a", "b")])
    assert sorted(isinstance(outcome, InvitationOver) for outcome in got) == [False, True]
    assert User.objects.filter(username__in="ab").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_links_and_one_user_name_are_one_account_and_one_sentence() -> None:
    tokens = [invited(), invited()]
    got = at_once([partial(accept_invitation, token=token, account=NewAccount("ann", PASSWORD)) for token in tokens])
    assert sorted(isinstance(outcome, InvalidInput) for outcome in got) == [False, True]
    assert Invitation.objects.filter(accepted_at__isnull=False).count() == 1


@pytest.mark.django_db
def test_a_link_that_was_used_has_ended_was_withdrawn_or_never_was_says_so() -> None:
    used, ended, withdrawn = invited(), invited(), invited()
    accept_invitation(token=used, account=NewAccount("ann", PASSWORD))
    now = timezone.now()
    mine = Invitation.objects.filter(token_hash=invitations.hashed(ended))
    mine.update(invited_at=now - 2 * invitations.LASTS, expires_at=now - timedelta(seconds=1))
    invitations.withdraw(invitation=invitations.find(withdrawn), by=factories.user(is_superuser=True))
    said = {
        used: "used already",
        ended: "has ended",
        withdrawn: "was withdrawn",
        "x" * 100_000: "leads to no",
        "\x00": "no",
    }
    for token, sentence in said.items():
        for account in (NewAccount("bob", PASSWORD), NewAccount("ann", "another password")):
            with pytest.raises(InvitationOver, match=sentence):
                accept_invitation(token=token, account=account)
        with pytest.raises(InvitationOver, match=sentence):
            invitations.accept(token=token, user=factories.user())
    assert not User.objects.filter(username="bob").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("account", "sentence"),
    [
        (NewAccount("", PASSWORD), "The user name is empty"),
        (NewAccount("x" * 100_000, PASSWORD), "The user name has 100,000 characters"),
        (NewAccount("a\x00b", PASSWORD), "NUL"),
        (NewAccount("ann lee", PASSWORD), "no spaces"),
        (NewAccount("ann\u202eeel", PASSWORD), "letters, digits"),
        (NewAccount("TAKEN", PASSWORD), "Somebody has this user name"),
        (NewAccount("ｔａｋｅｎ", PASSWORD), "Somebody has this user name"),
        (NewAccount("imported-1", PASSWORD), "Somebody has this user name"),
        (NewAccount("ann", ""), "at least 12 characters"),
        (NewAccount("ann", "short"), "at least 12 characters"),
        (NewAccount("ann", "password1234"), "Many people use"),
        (NewAccount("annabella.lee", "annabella.lee"), "too much like"),
        (NewAccount("ann", "x" * 100_000), "too long"),
        (NewAccount("ann", PASSWORD, first_name="x" * 100_000), "The name has"),
        (NewAccount("ann", PASSWORD, last_name="\x00"), "NUL"),
        (NewAccount("ann", PASSWORD, email="nobody"), "no e-mail address"),
        (NewAccount("ann", PASSWORD, email="Taken@example.org"), "Another account has this address"),
        (NewAccount("ann", PASSWORD, language="xx"), "no translation into"),
    ],
)
def test_an_account_that_cannot_be_made_leaves_the_link_as_it_was(account: NewAccount, sentence: str) -> None:
    User.objects.filter(pk=factories.user("taken").pk).update(email="taken@example.org")
    token, before = invited(), User.objects.count()
    with pytest.raises(InvalidInput, match=sentence):
        accept_invitation(token=token, account=account)
    assert User.objects.count() == before
    assert accept_invitation(token=token, account=NewAccount("ann", PASSWORD)).pk


@pytest.mark.django_db
def test_a_manager_invites_to_their_campaigns_only() -> None:
    mine, foreign = factories.campaign(), factories.campaign()
    mara = factories.manager(mine)
    with pytest.raises(NotAllowed, match="Only a manager of"):
        invitations.invite(roles=[(mine, Role.ANNOTATOR), (foreign, Role.ANNOTATOR)], by=mara)
    with pytest.raises(InvalidInput, match="at least one role"):
        invitations.invite(roles=[], by=mara)
    both = [(mine, Role.ANNOTATOR), (foreign, Role.ANNOTATOR)]
    made, _token = invitations.invite(roles=both, by=factories.user(is_superuser=True))
    assert not invitations.waiting(mara).exists()
    with pytest.raises(NotAllowed):
        invitations.withdraw(invitation=made, by=mara)
    with pytest.raises(NotAllowed):
        invitations.invite(roles=[(mine, Role.MANAGER)], by=factories.annotator(mine))


@pytest.mark.django_db
def test_what_was_accepted_is_not_withdrawn() -> None:
    token, olga = invited(), factories.user(is_superuser=True)
    made = invitations.find(token)
    accept_invitation(token=token, account=NewAccount("ann", PASSWORD))
    with pytest.raises(Conflict, match="was accepted meanwhile"):
        invitations.withdraw(invitation=made, by=olga)
    again = invitations.find(invited())
    for _ in range(2):
        invitations.withdraw(invitation=again, by=olga)
    assert Event.objects.filter(verb="invitation.withdrawn").count() == 1


@pytest.mark.django_db
def test_the_database_keeps_what_an_invitation_is() -> None:
    made, user, now = invitations.find(invited()), factories.user(), timezone.now()
    mine = Invitation.objects.filter(pk=made.pk)
    tried = {
        "invitation_token_is_hashed": {"token_hash": "the token itself"},
        "invitation_ends_later": {"expires_at": made.invited_at},
        "invitation_locale_is_a_tag": {"locale": "Chinese"},
        "invitation_accepted_or_withdrawn": {"accepted_at": now},
    }
    for name, change in tried.items():
        with refused(name):
            mine.update(**change)
    with refused("invitation_accepted_or_withdrawn"):
        mine.update(accepted_at=now, accepted_by=user, withdrawn_at=now)
    role = made.roles.earliest("pk")
    with refused("invited_role_once"):
        InvitedRole.objects.create(invitation=made, campaign=role.campaign, role=role.role)
    with refused("invited_role_role"):
        InvitedRole.objects.filter(pk=role.pk).update(role="king")
    assert not Membership.objects.filter(user=user).exists()
