from __future__ import annotations

from annotation import memberships, readings
from annotation.models import Role
from preferences.actions import guidelines
from preferences.models import Campaign
from tests.factories.numbers import number
from webapp.accounts import actions as accounts
from webapp.accounts.models import User


def user(username: str = "", *, password: str | None = None, is_superuser: bool = False) -> User:
    """An account; without a password it can be signed in to with `client.force_login` only."""
    return accounts.create(
        username=username or f"person-{number()}", password=password, by=None, is_superuser=is_superuser
    )


def annotator(campaign: Campaign, username: str = "", *, password: str | None = None) -> User:
    """An annotator of the campaign who has read its guideline."""
    return reads(_member(campaign, Role.ANNOTATOR, username, password), campaign)


def reads(person: User, campaign: Campaign) -> User:
    """The person reads the campaign's current guideline, where it has one."""
    guideline = guidelines.current(campaign)
    if guideline is not None:
        readings.confirm(guideline=guideline, by=person)
    return person


def manager(campaign: Campaign, username: str = "", *, password: str | None = None) -> User:
    return _member(campaign, Role.MANAGER, username, password)


def _member(campaign: Campaign, role: Role, username: str, password: str | None) -> User:
    person = user(username, password=password)
    memberships.add(user=person, campaign=campaign, role=role, by=None)
    return person
