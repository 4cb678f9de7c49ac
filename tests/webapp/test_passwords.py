"""What is kept of a password."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password
from django.test import override_settings

from webapp import settings

PASSWORD = "a heron by the river"


def test_a_password_is_kept_as_argon2_that_is_slow_to_guess() -> None:
    """Other tests keep theirs at the least cost (tests/hashers.py)."""
    with override_settings(PASSWORD_HASHERS=settings.PASSWORD_HASHERS):
        kept = make_password(PASSWORD)
        assert kept.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$") and PASSWORD not in kept
        assert check_password(PASSWORD, kept) and not check_password("a heron by the lake", kept)
