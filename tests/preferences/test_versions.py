"""What makes a batch or a checkpoint says by which code; that it cannot be known stops neither."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from preferences.versions import BUILT_FROM, code_version


@pytest.fixture(autouse=True)
def _asked_anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(BUILT_FROM, raising=False)
    code_version.cache_clear()
    yield
    code_version.cache_clear()


def test_a_checkout_says_its_commit() -> None:
    assert re.fullmatch("[0-9a-f]{40}|unknown", code_version())


def test_an_image_says_what_it_was_built_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BUILT_FROM, "v1.2")
    assert code_version() == "v1.2"


def test_without_git_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert code_version() == "unknown"
