"""A program that acts for somebody."""

from __future__ import annotations

from typing import Any

from django.test import Client

from webapp.accounts import tokens
from webapp.accounts.models import Scope, User


def program(user: User, *scopes: Scope) -> Client:
    """A client that holds a fresh token of the person."""
    _token, plain = tokens.issue(user=user, name="a program", scopes=scopes or list(Scope), days=1, by=user)
    return Client(headers={"Authorization": f"Bearer {plain}"})


def refused(response: Any, status: int, code: str) -> dict[str, list[str]]:
    """The fields of an error, which has the one shape of all errors."""
    assert response.status_code == status, response.content
    told = response.json()
    assert set(told) == {"code", "message", "fields"} and told["code"] == code
    assert told["message"].endswith((".", "…")) and len(told["message"]) > 10
    fields: dict[str, list[str]] = told["fields"]
    return fields
