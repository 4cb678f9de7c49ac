from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.erasing.written import World, world


@pytest.fixture(scope="module")
def stored(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Stored once for the tests of a module, each of which undoes what it did to it, and taken away after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield world()
        transaction.set_rollback(True)


@pytest.fixture
def made(stored: World, db: None) -> World:
    """Copies, since a test changes the objects that it has."""
    return deepcopy(stored)
