"""The people of the tests. Alice, Bob and Charlie annotate, Mallory is a stranger, Olga manages."""

from __future__ import annotations

from annotation.models import Role
from preferences.models import Campaign
from tests.factories.memberships import MembershipFactory
from tests.factories.people import UserFactory
from webapp.accounts.models import User


def alice(campaign: Campaign) -> User:
    return annotator("alice", campaign)


def bob(campaign: Campaign) -> User:
    return annotator("bob", campaign)


def charlie(campaign: Campaign) -> User:
    return annotator("charlie", campaign)


def mallory() -> User:
    user: User = UserFactory(username="mallory")
    return user


def olga(campaign: Campaign) -> User:
    return member("olga", campaign, Role.MANAGER)


def annotator(name: str, campaign: Campaign) -> User:
    return member(name, campaign, Role.ANNOTATOR)


def annotators(count: int, campaign: Campaign) -> list[User]:
    return [annotator(f"annotator-{number}", campaign) for number in range(count)]


def member(name: str, campaign: Campaign, role: Role) -> User:
    """The person of that name, in this campaign too."""
    user: User = User.objects.filter(username=name).first() or UserFactory(username=name)
    MembershipFactory(user=user, campaign=campaign, role=role)
    return user
