"""One comparison is erased with its dialogue; the trigger lets nothing else through."""

from __future__ import annotations

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from exports.batch_statistics import batch_statistics
from preferences import lifecycle
from preferences.batch_versions import EMPTY, newest
from preferences.choices import Chosen, ComparisonStatus, SlotStatus
from preferences.erasing import ERASED
from preferences.erasing import erasing as opened
from preferences.errors import NotAllowed
from preferences.models import Comparison, Erasure, Event, Judgment, Prompt, Response, SealedRows, Tombstone
from tests import factories
from tests.erasing.written import SECRET, where_it_stands
from tests.factories.comparisons import SlotFactory
from tests.factories.judgments import JudgmentFactory
from tests.preferences.refusals import everything, refused
from webapp import erasing
from workers.models import TuningSet

pytestmark = pytest.mark.django_db

WHY = "It names somebody."


def command(*given: str) -> str:
    out = StringIO()
    call_command("erase", *given, "--reason", WHY, stdout=out)
    return out.getvalue()


@pytest.fixture
def sealed() -> Comparison:
    """The second turn's comparison of a dialogue of two, each in one batch with another."""
    campaign, author = factories.campaign(max_turns=2), factories.user()
    _, second = factories.dialogue_turns(campaign, [f"{SECRET}?", "And then?"], by=author)
    comparison = factories.comparison(of=second, text_a=f"{SECRET} it is.")
    factories.judge(comparison, rationale=f"{SECRET} is right.")
    factories.batch(campaign, comparisons=2)
    comparison.refresh_from_db()
    return comparison


def test_a_comparison_goes_with_its_dialogue_and_every_turn_of_it(sealed: Comparison) -> None:
    assert where_it_stands() >= {"Prompt", "Response", "Judgment", "SealedRows"}
    command("--comparison", str(sealed.key))
    assert where_it_stands() == set()
    gone = Comparison.objects.filter(turn__dialogue=sealed.turn.dialogue_id)
    assert list(gone.values_list("status", flat=True)) == [ComparisonStatus.WITHDRAWN] * 2
    [new] = newest()
    assert (new.version, new.items.count()) == (2, 2)
    assert not new.items.filter(comparison__in=gone).exists()


def test_sets_for_fine_tuning_that_may_hold_it_are_told(sealed: Comparison) -> None:
    for place, slug in [("/sets/one", sealed.campaign.slug), ("/sets/two", "another")]:
        TuningSet.objects.create(
            kind="rejection_sampling", location=place, campaigns=[slug], manifest_sha256="0" * 64, rows=1
        )
    told = command("--comparison", str(sealed.key), "--dry-run")
    assert "make it anew: /sets/one" in told and "/sets/two" not in told


def test_a_dry_run_says_what_it_would_do_and_does_nothing(sealed: Comparison) -> None:
    before = everything()
    told = command("--comparison", str(sealed.key), "--dry-run")
    assert everything() == before
    assert told.startswith("This would be erased; nothing was:")
    assert "  prompt.text: 2" in told.splitlines()
    assert "4 rows" in told and "version 2, 2 rows" in told
    assert command("--comparison", str(sealed.key)).startswith("Erased (")
    assert command("--comparison", str(sealed.key)).startswith("Nothing is left of it to erase")


def test_a_batch_of_which_nothing_remains_is_empty_and_says_so() -> None:
    batch = factories.batch(factories.campaign(), comparisons=1)
    command("--comparison", str(batch.items.get().comparison.key))
    [new] = newest()
    assert (new.sha256, new.items.count(), batch_statistics(new)["comparisons"]) == (EMPTY, 0, 0)


def test_the_same_prompt_in_another_dialogue_goes_too() -> None:
    campaign = factories.campaign()
    one = factories.judged_comparison(campaign, text=SECRET)
    other = factories.judged_comparison(campaign)
    type(one.turn).objects.filter(pk=one.turn_id)
    replayed = one.turn.dialogue
    replayed.pk = None
    replayed.save()
    turn = one.turn.dialogue.turns.model.objects.create(dialogue=replayed, index=0, prompt=one.turn.prompt)
    factories.response(turn, text=f"{SECRET}, of course.")
    turn.status = "ready"
    turn.save()
    command("--comparison", str(one.key))
    assert where_it_stands() == set()
    other.refresh_from_db()
    assert other.status == ComparisonStatus.JUDGED


def test_who_does_not_manage_it_erases_nothing(sealed: Comparison) -> None:
    stranger = factories.manager(factories.campaign())
    with pytest.raises(NotAllowed, match="Only a manager of"):
        erasing.erase_comparison(comparison=sealed, reason=WHY, by=stranger)
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("given", [["--person", "nobody"], ["--person", ""], ["--comparison", str(uuid.uuid4())]])
def test_who_or_what_is_not_there_is_refused_with_a_sentence(given: list[str]) -> None:
    with pytest.raises(CommandError, match=r"There is .* Nothing was erased\."):
        command(*given)


def name(erasure: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('margin.erasing', %s, true)", [erasure])


def test_words_of_the_record_change_within_an_erasure_only(sealed: Comparison) -> None:
    prompts = Prompt.objects.filter(pk=sealed.turn.prompt_id)
    with refused("Cannot update or delete"):
        name(str(uuid.uuid4()))
        prompts.update(text=ERASED)
    with refused("Cannot update or delete"):
        name("on")
        prompts.update(text=ERASED)
    with transaction.atomic(), opened(sealed, reason=WHY, by=None):
        assert prompts.update(text=ERASED) == 1
    with refused("Cannot update or delete"):
        prompts.update(text="Something else.")


def test_an_erasure_of_another_transaction_opens_nothing(sealed: Comparison) -> None:
    before = Erasure(subject="dialogue:1", reason=WHY, at="2026-01-01T00:00Z")
    before.save(force_insert=True)
    with refused("Cannot update or delete"):
        name(str(before.pk))
        Prompt.objects.filter(pk=sealed.turn.prompt_id).update(text=ERASED)


def test_an_erasure_changes_nothing_but_words_and_deletes_nothing(sealed: Comparison) -> None:
    with transaction.atomic(), opened(sealed, reason=WHY, by=None) as under_way:
        under_way.leave({"prompt:0": "words"}, "text")
        with refused("Cannot update or delete"):
            Prompt.objects.filter(pk=sealed.turn.prompt_id).update(text=ERASED, family="0" * 64)
        with refused("part of a sealed batch"):
            Judgment.objects.filter(comparison=sealed).update(rationale="", chosen=Chosen.B)
        with refused("Cannot update or delete"):
            Response.objects.filter(pk=sealed.response_a_id).update(text=ERASED, seed=1)
        with refused("Cannot update or delete"):
            Event.objects.update(verb="nothing.happened")
        with refused("Cannot update or delete"):
            Comparison.objects.filter(pk=sealed.pk).update(finished_at=None)
        with refused("Cannot update or delete"):
            SealedRows.objects.update(data=b"")
        for model in (Event, Response, Prompt, Erasure, Tombstone):
            with refused("Cannot update or delete|violates foreign key"):
                model.objects.all()._raw_delete("default")
    with refused("Cannot update or delete"):
        SealedRows.objects.all().delete()


def test_a_sealed_comparison_is_withdrawn_by_an_erasure_only(sealed: Comparison) -> None:
    with refused("Cannot update or delete"):
        Comparison.objects.filter(pk=sealed.pk).update(status=ComparisonStatus.WITHDRAWN)


def test_verdicts_of_a_version_before_stay_as_those_of_the_newest_do(sealed: Comparison) -> None:
    command("--comparison", str(sealed.key))
    judgments = Judgment.objects.filter(comparison=sealed)
    judgment = judgments.get()
    for write in (
        lambda: judgments.update(chosen=Chosen.B),
        lambda: judgments.update(rationale="Why?"),
        judgments.delete,
    ):
        with refused("part of a sealed batch"):
            write()
    with refused("part of a sealed batch"):
        slot = SlotFactory(comparison=sealed, number=1, status=SlotStatus.FILLED)
        JudgmentFactory(slot=slot, guideline=judgment.guideline)
    with refused("Cannot update or delete"):
        Comparison.objects.filter(pk=sealed.pk).update(finished_at=None)
    with refused("Cannot update or delete"):
        Comparison.objects.filter(pk=sealed.pk)._raw_delete("default")  # type: ignore[attr-defined]


def test_what_was_withdrawn_before_any_batch_held_it_is_in_no_record_of_a_batch(sealed: Comparison) -> None:
    other = factories.judged_comparison(sealed.campaign)
    lifecycle.advance(other, ComparisonStatus.WITHDRAWN)
    assert other.judgments.update(chosen=Chosen.B) == 1
    assert Comparison.objects.filter(pk=other.pk).update(held=True) == 1


def test_the_record_of_erasures_is_whole(sealed: Comparison) -> None:
    with refused("erasure_for_a_reason"):
        Erasure.objects.create(subject="dialogue:1", reason="")
    erasure = Erasure.objects.create(subject="dialogue:1", reason=WHY)
    stone = {"erasure": erasure, "subject": "prompt:1", "field": "text"}
    Tombstone.objects.create(**stone, fingerprint="a" * 64)
    with refused("tombstone_once"):
        Tombstone.objects.create(**stone, fingerprint="b" * 64)
    with refused("tombstone_fingerprint"):
        Tombstone.objects.create(**{**stone, "field": "words"}, fingerprint="the words")
    batch = newest().get()
    with refused("batch_version_by_an_erasure"):
        batch.pk, batch.version = uuid.uuid4(), 2
        batch.save(force_insert=True)
