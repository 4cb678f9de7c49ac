"""The cache of rendered texts, on the real server of the tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.test import override_settings

from webapp import rendering
from webapp.environment import cache_url
from webapp.rendering import cached, render, rendered


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    caches["rendered"].clear()
    yield
    caches["rendered"].clear()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the cache and of the renderer, in order."""
    said: list[str] = []

    def listen(owner: Any, name: str) -> None:
        kept = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *args, **kwargs: (said.append(name), kept(*args, **kwargs))[1])

    listen(RedisCache, "get_many")
    listen(RedisCache, "set_many")
    listen(cached, "render")
    return said


def test_a_text_is_rendered_once_and_then_found(asked: list[str]) -> None:
    first = rendered(["*a*", "b"])
    assert asked == ["get_many", "render", "render", "set_many"]
    asked.clear()
    assert rendered(["*a*", "b"]) == first == {"*a*": render("*a*"), "b": render("b")}
    assert asked == ["get_many"]
    assert all(html.__html__() is not None for html in first.values())


def test_only_what_is_new_is_rendered(asked: list[str]) -> None:
    rendered(["a"])
    asked.clear()
    assert list(rendered(["a", "b", "b"])) == ["a", "b"]
    assert asked == ["get_many", "render", "set_many"]


def test_no_text_asks_nobody(asked: list[str]) -> None:
    assert rendered([]) == {}
    assert asked == []


def test_a_text_that_cannot_be_encoded_has_a_key_too() -> None:
    assert rendered(["a\ud800"]) == {"a\ud800": render("a\ufffd")}


def test_another_version_does_not_find_old_html(monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> None:
    rendered(["a"])
    asked.clear()
    monkeypatch.setattr(cached, "VERSION", rendering.VERSION + 1)
    rendered(["a"])
    assert asked == ["get_many", "render", "set_many"]


def test_what_is_kept_expires_within_a_week() -> None:
    rendered(["a"])
    cache = caches["rendered"]
    left = cache._cache.get_client().ttl(cache.make_key(cached._key("a")))
    assert 0 < left <= 7 * 24 * 3600


def test_the_cache_is_another_database_than_the_brokers_and_that_of_a_running_stack() -> None:
    tested = django_settings.CACHES["rendered"]["LOCATION"]
    assert tested != cache_url(django_settings.CELERY_BROKER_URL)
    assert cache_url("redis://a/9") == "redis://a/10"


@pytest.mark.parametrize("address", ["redis://127.0.0.1:1/1", "unix:///{folder}/none.sock?db=1"])
def test_a_page_comes_whole_where_no_cache_answers(
    address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = {**django_settings.CACHES["rendered"], "LOCATION": address.replace("/{folder}", str(tmp_path))}
    with override_settings(CACHES={**django_settings.CACHES, "rendered": place}), caplog.at_level(logging.WARNING):
        assert rendered(["*a*"]) == {"*a*": render("*a*")}
    assert "cannot be read" in caplog.text


def test_a_page_comes_whole_where_the_cache_takes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise cached.RedisError("OOM command not allowed")

    monkeypatch.setattr(RedisCache, "set_many", refuse)
    with caplog.at_level(logging.WARNING):
        assert rendered(["*a*"]) == {"*a*": render("*a*")}
    assert "cannot be written" in caplog.text


@pytest.mark.parametrize(
    ("broker", "cache"),
    [
        ("redis://host:6379/0", "redis://host:6379/1"),
        ("redis://host", "redis://host/1"),
        (
            "redis://:pass%40word@host:6379/3?health_check_interval=30",
            "redis://:pass%40word@host:6379/4?health_check_interval=30",
        ),
        ("rediss://host/0?ssl_cert_reqs=CERT_REQUIRED", "rediss://host/1?ssl_cert_reqs=required"),
        ("redis://host/15", "redis://host/0"),
        ("redis://host?db=4", "redis://host/5"),
        ("redis+socket:///var/run/valkey.sock", "unix:///var/run/valkey.sock?db=1"),
        ("redis+socket:///var/run/valkey.sock?virtual_host=9", "unix:///var/run/valkey.sock?db=10"),
        ("redis+socket://:secret@/v.sock?virtual_host=0", "unix://:secret@/v.sock?db=1"),
    ],
)
def test_the_cache_has_the_brokers_server_and_the_next_database(broker: str, cache: str) -> None:
    assert cache_url(broker) == cache
