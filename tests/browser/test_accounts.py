"""Accounts in a real browser: a passkey made and used, the code of an app, and every page of it accessible."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.addresses import defects
from tests.browser.steps import sign_in
from tests.webapp.test_signing_in import PASSWORD, code_for
from webapp.accounts.models import User


@pytest.fixture
def ann(transactional_db: None) -> User:
    return factories.user("ann", password=PASSWORD)


def signed_in(page: Page) -> None:
    page.goto("/sign-in/")
    sign_in(page, "ann", PASSWORD)
    expect(page.get_by_role("heading", name="My work")).to_be_visible()


def confirm(page: Page) -> None:
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()


def with_authenticator(page: Page) -> None:
    """A device that makes passkeys and always recognises its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}},
    )


def test_a_passkey_is_made_and_signs_in_without_a_password(open_page: Callable[..., Page], ann: User) -> None:
    page = open_page(None)
    with_authenticator(page)
    signed_in(page)
    page.goto("/account/passkeys/add/")
    confirm(page)
    page.get_by_label("A name for it").fill("My laptop")
    found = defects(page, "add a passkey")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    found += defects(page, "recovery codes")
    page.goto("/account/")
    expect(page.get_by_text("My laptop")).to_be_visible()
    found += defects(page, "account")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "ann", PASSWORD)
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    found += defects(page, "second step")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    assert found == []
    assert Authenticator.objects.filter(user=ann, type=Authenticator.Type.WEBAUTHN).count() == 1


def test_without_a_passkey_the_page_says_so(open_page: Callable[..., Page], ann: User) -> None:
    page = open_page(None)
    page.goto("/sign-in/")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(new Error('none')); }")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")


def test_the_code_of_an_app_is_set_up_and_asked_for(open_page: Callable[..., Page], ann: User) -> None:
    page = open_page(None, theme="dark")
    signed_in(page)
    page.goto("/account/app/")
    found = defects(page, "confirm")
    confirm(page)
    secret = page.locator("code").inner_text()
    assert re.fullmatch("[A-Z2-7]{32}", secret) and page.locator(".qr svg path").count() == 1
    found += defects(page, "code of an app")
    page.get_by_label("Code").fill(code_for(secret))
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    cache.clear()  # as if the time of this code had passed
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, "ann", PASSWORD)
    page.get_by_label("Code").fill(code_for(secret))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    for address in ("/account/password/", "/account/sessions/"):
        page.goto(address)
        found += defects(page, address)
    assert found == []
