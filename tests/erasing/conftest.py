from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests import snapshots
from tests.erasing.written import World, world


@pytest.fixture(scope="module")
def stored(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with snapshots.of_a_module(django_db_blocker):
        yield world()


@pytest.fixture
def made(stored: World, db: None) -> World:
    """Copies, since a test changes the objects that it has."""
    return deepcopy(stored)
