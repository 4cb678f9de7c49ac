"""What a visitor is told while Redis cannot be reached."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client, override_settings


@pytest.mark.django_db
def test_nobody_signs_in_while_attempts_cannot_be_counted_and_a_sentence_says_so() -> None:
    unreachable = {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}
    with override_settings(CACHES={**settings.CACHES, "default": unreachable}):
        answer = Client().post("/sign-in/", {"login": "ann", "password": "a long enough password"})
    assert answer.status_code == 503
    assert "cannot be counted at this moment" in answer.content.decode()
