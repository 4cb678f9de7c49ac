from __future__ import annotations

import pytest
from django.test import Client

from preferences.models import Campaign
from tests import factories
from tests.webapp.api.clients import program
from webapp.accounts.models import Scope, User


@pytest.fixture
def campaign() -> Campaign:
    return factories.campaign(slug="helpful")


@pytest.fixture
def boss(campaign: Campaign) -> User:
    return factories.manager(campaign)


@pytest.fixture
def client(boss: User) -> Client:
    """The boss's program."""
    return program(boss, Scope.MANAGE)
