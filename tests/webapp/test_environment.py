from __future__ import annotations

from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured

from webapp.environment import env_networks

NAME = "MARGIN_OUTBOUND_ALLOW"


def test_networks_are_read_and_there_are_none_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    assert env_networks(NAME) == []
    monkeypatch.setenv(NAME, "10.0.0.0/8, 127.0.0.1,fd00::/8")
    assert env_networks(NAME) == [ip_network("10.0.0.0/8"), ip_network("127.0.0.1/32"), ip_network("fd00::/8")]


@pytest.mark.parametrize("value", ["inside.example", "10.0.0.1/8"])
def test_what_is_no_network_is_told_by_its_name_before_anything_starts(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME}: .*{value}"):
        env_networks(NAME)
