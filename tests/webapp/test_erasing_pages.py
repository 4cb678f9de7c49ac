from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from exports import actions as exports
from preferences import lifecycle
from preferences.batch_versions import newest
from preferences.choices import ExportStatus
from tests import factories
from tests.erasing.written import SECRET, where_it_stands
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_manager_erases_a_person_who_typed_their_pseudonym_to_confirm() -> None:
    campaign = factories.campaign()
    person, boss = factories.annotator(campaign), signed_in(factories.manager(campaign))
    factories.judge(factories.comparison(campaign), person, rationale=f"{SECRET} is right.")
    page = f"/people/{person.pseudonym}/"
    assert f'action="{page}erase/#erase"' in boss.get(page).content.decode()

    refused = boss.post(f"{page}erase/", {"reason": "They asked.", "confirm": "somebody"})
    assert refused.status_code == 422
    assert 'value="They asked."' in refused.content.decode()
    assert where_it_stands() == {"Judgment"}

    answer = boss.post(f"{page}erase/", {"reason": "They asked.", "confirm": person.pseudonym})
    assert (answer.status_code, answer["Location"]) == (302, "/people/")
    assert "Everything that this person wrote is erased" in boss.get("/people/").content.decode()
    assert where_it_stands() == set()
    assert boss.get(page).status_code == 404


def test_a_manager_erases_a_comparison_and_the_batch_says_so(tmp_path: Path) -> None:
    campaign = factories.campaign()
    factories.judged_comparison(campaign, text=f"Who is {SECRET}?")
    old = factories.batch(campaign, comparisons=2)
    export = exports.write(export=factories.export(old, format="votes"), out=tmp_path / "votes")
    failed = factories.export(old)
    for status in (ExportStatus.RUNNING, ExportStatus.FAILED):
        lifecycle.advance(failed, status)
    pair = old.items.get(place=0).comparison
    boss = signed_in(factories.manager(campaign))
    page = f"/campaigns/{campaign.slug}/agreement/comparisons/{pair.pk}/"
    assert "Write it again" in boss.get(f"/batches/{old.pk}/").content.decode()

    refused = boss.post(f"{page}erase/", {"reason": " "})
    assert refused.status_code == 422
    assert "The reason is empty" in refused.content.decode()
    assert boss.post(f"{page}erase/", {"reason": "It names somebody."}).status_code == 302
    withdrawn = boss.get(page).content.decode()
    assert "This comparison was withdrawn" in withdrawn and ".proof.json" not in withdrawn

    [new] = newest()
    before, after = (boss.get(f"/batches/{one.pk}/").content.decode() for one in (old, new))
    assert "Version 2 has what remains" in before and f'href="/batches/{new.pk}/"' in before
    assert f'action="/batches/{new.pk}/export/#export-form"' in after
    assert f'action="/batches/{old.pk}/export/#export-form"' not in before and "Write it again" not in before
    assert boss.post(f"/exports/{failed.pk}/again/").status_code == 409
    assert "<dt>Rows that are gone</dt><dd>1</dd>" in after
    told = boss.get(f"/batches/{new.pk}/changes.json").json()
    assert [one["comparison"] for one in told["removed"]] == [str(pair.key)]
    assert boss.get(f"/batches/{old.pk}/changes.json").status_code == 404
    assert "superseded" in boss.get("/batches/").content.decode()
    gone = boss.get(f"/exports/{export.pk}/votes.csv")
    assert gone.status_code == 409
    assert "This export was withdrawn" in gone.content.decode()


def test_others_erase_nothing() -> None:
    campaign = factories.campaign()
    person, pair = factories.annotator(campaign), factories.judged_comparison(campaign)
    stranger = signed_in(factories.manager(factories.campaign()))
    given = {"reason": "Why not?", "confirm": person.pseudonym}
    assert stranger.post(f"/people/{person.pseudonym}/erase/", given).status_code == 404
    address = f"/campaigns/{campaign.slug}/agreement/comparisons/{pair.pk}/erase/"
    assert stranger.post(address, given).status_code == 403
    person.refresh_from_db()
    assert person.is_active
