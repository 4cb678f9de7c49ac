"""A person is erased: their words are nowhere, what remains is proven, and everybody can see that something went."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import Client

from annotation import care, invitations, memberships, people
from annotation.models import Role
from exports import actions as exports
from exports.batch_statistics import batch_statistics
from exports.proofs import proof_of
from exports.rows import sealed_rows
from preferences.actions.erasures import NothingToErase
from preferences.batch_versions import diff, is_superseded, newest
from preferences.choices import ComparisonStatus, ExportStatus, SlotStatus, Split
from preferences.erasing import ERASED
from preferences.errors import Conflict, InvalidInput, NotAllowed
from preferences.hashing import merkle_root, row_hash
from preferences.models import Batch, Erasure, Event, HoldoutGroup, Judgment, Tombstone
from preferences.rows import rows_by_key
from tests import factories
from tests.erasing.written import SECRET, World, where_it_stands
from tests.preferences.refusals import everything
from webapp import erasing
from webapp.accounts import actions as accounts
from webapp.api.models import StoredAnswer
from webapp.rendering import cached

pytestmark = pytest.mark.django_db

WHY = "They asked for it."


def erase(made: World) -> Batch:
    """The batch in its next version."""
    [(_old, new)] = erasing.erase_person(person=made.person, reason=WHY, by=None).renewed
    return new


def test_no_word_of_theirs_is_left_in_any_table(made: World) -> None:
    stood = where_it_stands()
    assert stood >= {"Prompt", "Response", "Judgment", "Flag", "DemonstrationVersion", "Demonstration", "Draft", "User"}
    assert stood >= {"Assignment", "Event", "SealedRows"}
    erase(made)
    assert where_it_stands() == set()


def test_nobody_can_sign_in_as_them_and_they_have_no_role(made: World) -> None:
    client = Client()
    client.force_login(made.person)
    before = made.person.pseudonym
    erase(made)
    made.person.refresh_from_db()
    assert (made.person.is_active, made.person.has_usable_password()) == (False, False)
    assert made.person.pseudonym != before
    assert (made.person.username, made.person.memberships.count()) == (f"erased-{made.person.pk}", 0)
    assert client.get("/settings/").status_code == 302


def test_what_the_api_keeps_for_them_to_ask_again_goes(made: World) -> None:
    kept = {"key": "once", "fingerprint": "0" * 64, "code": 201, "body": SECRET.encode()}
    StoredAnswer.objects.create(user=made.person, **kept)
    erase(made)
    assert not StoredAnswer.objects.exists()


def test_what_events_say_of_where_they_come_from_and_of_what_they_would_not_see_goes(made: World) -> None:
    people.describe(user=made.person, vendor=SECRET, locale="en", by=factories.manager(made.campaign))
    care.choose(user=made.person, opted_out=["hateful_and_harmful"], veil=True, break_minutes=0, by=made.person)
    assert Event.objects.get(verb="user.described").data["after"] == {"vendor": SECRET, "locale": "en"}
    erase(made)
    assert where_it_stands() == set()
    assert Event.objects.get(verb="care.chosen").data == {}
    assert Event.objects.get(verb="user.described").data["after"] == {"vendor": ERASED, "locale": ERASED}


def test_their_verdicts_stay_without_words(made: World) -> None:
    before = list(Judgment.objects.order_by("pk").values_list("pk", "chosen", "score", "annotator"))
    erase(made)
    assert list(Judgment.objects.order_by("pk").values_list("pk", "chosen", "score", "annotator")) == before
    assert not made.person.judgments.exclude(rationale="", edited_response=None).exists()


def test_the_batch_gets_a_next_version_that_holds_and_proves_what_remains(made: World) -> None:
    new = erase(made)
    assert (new.name, new.version, new.sealed_at) == (made.batch.name, 2, made.batch.sealed_at)
    items = list(new.items.order_by("place").select_related("comparison"))
    assert [item.place for item in items] == [0, 1, 2, 3, 4]
    assert new.sha256 == merkle_root([item.sha256 for item in items]) != made.batch.sha256
    read = {key: row_hash(row) for key, row in rows_by_key([item.comparison_id for item in items])}
    assert read == {item.comparison_id: item.sha256 for item in items}
    exported = {row["comparison"]: row for split in Split for row in sealed_rows(new, split)}
    assert {key: row_hash(row) for key, row in exported.items()} == {
        str(item.comparison.key): item.sha256 for item in items
    }
    assert proof_of(new, made.judged)["row"]["judgments"][0]["rationale"] == ""
    assert "edited" not in exported[str(made.edited.key)]["judgments"][0]
    assert batch_statistics(new)["comparisons"] == 5


def test_what_differs_is_told_by_key_and_hash(made: World) -> None:
    was = {str(key): digest for key, digest in made.batch.items.values_list("comparison__key", "sha256")}
    new = erase(made)
    now = {str(key): digest for key, digest in new.items.values_list("comparison__key", "sha256")}
    told = diff(new)
    gone, changed = str(made.asked.key), [str(made.judged.key), str(made.edited.key)]
    assert told["removed"] == [{"comparison": gone, "sha256": was[gone]}]
    assert told["changed"] == [{"comparison": key, "old": was[key], "new": now[key]} for key in changed]
    assert (told["from"]["sha256"], told["to"]["sha256"]) == (made.batch.sha256, new.sha256)


def test_the_version_before_stays_as_a_record_of_hashes_that_nothing_is_read_from(made: World) -> None:
    items = list(made.batch.items.values_list("comparison", "place", "sha256", "group"))
    new = erase(made)
    assert list(made.batch.items.values_list("comparison", "place", "sha256", "group")) == items
    assert is_superseded(made.batch) and not is_superseded(new)
    assert list(newest()) == [new]
    assert not made.batch.rows.exists()
    with pytest.raises(Conflict, match="no longer those that were sealed"):
        list(sealed_rows(made.batch, Split.TRAIN))
    with pytest.raises(Conflict, match=f"Something of batch {made.batch.name} was erased"):
        exports.request(batch=made.batch, format="trl", margin="small", by=None)


def test_no_family_changes_its_side(made: World) -> None:
    before = list(HoldoutGroup.objects.order_by("family").values_list("family", "split"))
    sides = dict(made.batch.items.values_list("comparison", "group__split"))
    new = erase(made)
    assert list(HoldoutGroup.objects.order_by("family").values_list("family", "split")) == before
    assert dict(new.items.values_list("comparison", "group__split")).items() <= sides.items()


def test_what_was_exported_of_it_is_withdrawn_and_its_files_go(
    made: World, tmp_path: Path, settings: object, django_capture_on_commit_callbacks: object
) -> None:
    settings.EXPORTS_DIR = tmp_path / "own"  # type: ignore[attr-defined]
    kept, waiting = factories.export(made.batch, format="votes"), factories.export(made.batch)
    elsewhere = factories.export(made.batch, format="votes")
    exports.write(export=kept, out=tmp_path / "own" / str(kept.pk))
    exports.write(export=elsewhere, out=tmp_path / "theirs")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        erase(made)
    for export in (kept, waiting, elsewhere):
        export.refresh_from_db()
        assert export.status == ExportStatus.WITHDRAWN
    assert not (tmp_path / "own" / str(kept.pk)).exists()
    assert (tmp_path / "theirs").is_dir()  # where an operator wrote it, an operator removes it


def test_it_is_told_who_erased_what_and_why_and_never_what_it_was(made: World) -> None:
    manager = factories.user()
    manager.is_superuser = True
    found = erasing.erase_person(person=made.person, reason=WHY, by=manager)
    assert (found.erasure.by, found.erasure.reason, found.erasure.subject) == (manager, WHY, f"user:{made.person.pk}")
    stones = Tombstone.objects.filter(erasure=found.erasure)
    assert {(stone.subject.partition(":")[0], stone.field) for stone in stones} >= {
        ("prompt", "text"), ("response", "text"), ("judgment", "rationale"), ("flag", "note"), ("event", "data"),
        ("demonstrationversion", "messages"), ("assignment", "skip_note"), ("draft", "fields"), ("user", "email"),
    }  # fmt: skip
    event = Event.objects.get(verb="erasure.made")
    assert event.data["batches"] == [f"{made.batch.name} version 2"]
    assert SECRET not in str(event.data)


def test_a_second_time_there_is_nothing_and_nothing_is_stored(made: World) -> None:
    erase(made)
    before = everything()
    with pytest.raises(NothingToErase, match="Nothing is left of it to erase"):
        erase(made)
    assert everything() == before
    assert Erasure.objects.count() == 1


def test_what_was_not_sealed_yet_is_withdrawn_and_never_sealed(made: World) -> None:
    late = factories.comparison(made.campaign, text=f"{SECRET} late?", by=made.person)
    factories.judge(late)
    unjudged = factories.comparison(made.campaign, text=f"{SECRET} later?", by=made.person)
    erase(made)
    late.refresh_from_db()
    assert not unjudged.slots.filter(status=SlotStatus.OPEN).exists(), "out of the queue"
    assert late.status == ComparisonStatus.WITHDRAWN
    with pytest.raises(Conflict, match="No finished comparison"):
        factories.batch(made.campaign, comparisons=0)


def test_the_last_manager_of_a_campaign_is_not_erased() -> None:
    campaign = factories.campaign()
    boss = factories.manager(campaign)
    with pytest.raises(Conflict, match="would have no manager any more"):
        erasing.erase_person(person=boss, reason=WHY, by=None)


def test_who_left_a_campaign_is_not_erased_from_it_by_the_managers_of_another(made: World) -> None:
    other, admin = factories.campaign(), factories.user(is_superuser=True)
    boss = factories.manager(other)
    memberships.add(user=made.person, campaign=other, role=Role.ANNOTATOR, by=None)
    for membership in made.person.memberships.exclude(campaign=other):
        memberships.remove(membership=membership, by=admin)
    stood = where_it_stands()
    with pytest.raises(NotAllowed, match="wrote in campaigns that you do not manage"), transaction.atomic():
        erasing.erase_person(person=made.person, reason=WHY, by=boss)
    assert where_it_stands() == stood and not Erasure.objects.exists()
    erasing.erase_person(person=made.person, reason=WHY, by=admin)


def test_nothing_of_theirs_stays_in_the_cache_of_rendered_texts(
    made: World, django_capture_on_commit_callbacks: Any
) -> None:
    text = f"Who is {SECRET} one?"
    cached.rendered([text, "Who else?"])
    with django_capture_on_commit_callbacks(execute=True):
        erase(made)
    left = caches["rendered"].get_many([cached._key(text), cached._key("Who else?")])
    assert list(left) == [cached._key("Who else?")]


def test_nobody_takes_a_name_that_erased_accounts_have() -> None:
    _made, token = invitations.invite(roles=[(factories.campaign(), Role.ANNOTATOR)], by=None)
    account = accounts.NewAccount(username="erased-18", password="a long pass phrase of mine")
    with pytest.raises(InvalidInput, match="Somebody has this user name already"):
        accounts.accept_invitation(token=token, account=account)


def test_an_account_that_has_the_name_of_an_erased_one_is_in_nobodys_way(made: World) -> None:
    factories.user(username=f"erased-{made.person.pk}")
    erase(made)
    made.person.refresh_from_db()
    assert made.person.username == f"erased-{made.person.pk}-2"
    with pytest.raises(NothingToErase):
        erase(made)
