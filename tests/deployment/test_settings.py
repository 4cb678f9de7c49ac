"""Outside the demo nothing starts that can be guessed, and Django's own list of a deployment's checks is clean."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from secrets import token_urlsafe

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from webapp.environment import env_secret
from webapp.paths import BASE_DIR


@pytest.mark.parametrize(
    "key",
    [
        "",
        "secret",
        "x" * 60,
        "abcd" * 15,
        token_urlsafe(50)[:49],
        "django-insecure-$3o5x4&$p!6x2m@e)f1&g#z0q8w7-s5k2j9",
    ],
    ids=["none", "a word", "one letter", "four letters", "short", "django's example"],
)
def test_a_secret_that_can_be_guessed_is_refused_with_how_to_make_one(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", key)
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY .*token_urlsafe"):
        env_secret("SECRET_KEY", local_file=None)


def test_a_good_secret_is_taken_and_the_demo_makes_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    good = token_urlsafe(50)
    monkeypatch.setenv("SECRET_KEY", good)
    assert env_secret("SECRET_KEY", local_file=None) == good
    monkeypatch.delenv("SECRET_KEY")
    made = env_secret("SECRET_KEY", local_file=tmp_path / "secret_key")
    assert len(made) > 60 and made == env_secret("SECRET_KEY", local_file=tmp_path / "secret_key")
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0  # nobody else reads it


def test_djangos_checks_of_a_deployment_find_nothing(tmp_path: Path) -> None:
    """In the environment of docker-compose.yml; and managers need their second step there."""
    environment = {
        "PATH": "",
        "DATABASE_URL": "postgresql://margin:password@127.0.0.1:1/margin",
        "REDIS_URL": "redis://:password@127.0.0.1:1/0",
        "SECRET_KEY": token_urlsafe(50),
        "ALLOWED_HOSTS": "margin.example.org",
        "BEHIND_PROXY": "1",
        "MARGIN_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
    }
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command; from django.conf import settings\n"
        "call_command('check', deploy=True, fail_level='WARNING')\n"
        "print(settings.REQUIRE_MFA, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.DEBUG)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.split("\n")[-2] == "True True True False"


def test_every_page_comes_with_its_guards(client: Client, db: None) -> None:
    response = client.get("/sign-in/")
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    assert "Content-Security-Policy-Report-Only" not in response
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'" and policy["trusted-types"] == "default"
    assert not any("unsafe" in sources or "*" in sources or "data:" in sources for sources in policy.values())
    assert response["Cross-Origin-Opener-Policy"] == response["Referrer-Policy"] == "same-origin"
    assert (response["X-Content-Type-Options"], response["X-Frame-Options"]) == ("nosniff", "DENY")
    assert client.cookies["csrftoken"]["samesite"] == "Lax"
