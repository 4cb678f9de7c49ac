"""What htmx is told instead of a redirect: where the browser itself has to go."""

from __future__ import annotations

import pytest
from django.test import Client

from preferences.models import Judgment
from tests import factories

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/compare/here/?last=1"}


@pytest.mark.django_db
def test_after_the_last_pair_the_browser_goes_to_the_page_that_says_done() -> None:
    assignment = factories.assignment(factories.campaign(slug="last"))
    client = Client()
    client.force_login(assignment.annotator)
    answer = client.post(f"/compare/{assignment.key}/", {"verdict": "2"}, headers=HTMX)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["HX-Redirect"] == f"/campaigns/last/done/?last={assignment.key}"
    assert "Location" not in answer


@pytest.mark.django_db
def test_who_is_signed_out_signs_in_and_comes_back_to_the_page_they_were_on() -> None:
    assignment = factories.assignment(factories.campaign())
    answer = Client().post(f"/compare/{assignment.key}/skip/", {"reason": "other"}, headers=HTMX)
    assert answer.status_code == 401  # so that the page does not take its answer for stored
    assert answer["HX-Redirect"] == "/sign-in/?next=%2Fcompare%2Fhere%2F%3Flast%3D1"
    assert not Judgment.objects.exists()


@pytest.mark.django_db
def test_a_browser_without_htmx_gets_the_redirect_as_it_is() -> None:
    assignment = factories.assignment(factories.campaign(slug="last"))
    client = Client()
    client.force_login(assignment.annotator)
    answer = client.post(f"/compare/{assignment.key}/", {"verdict": "2"})
    assert (answer.status_code, answer["Location"]) == (302, f"/campaigns/last/done/?last={assignment.key}")
