"""A response that says which model wrote it unblinds the comparison: recorded, and sampled again where asked for."""

from __future__ import annotations

import pytest

from annotation import queue
from annotation.visibility import sight_of
from preferences.actions import responses, sampling_plans, variants
from preferences.actions.sampling_plans import Terms
from preferences.models import Comparison, Response, Turn, Variant
from tests.annotation.helpers import claimed as claimed_comparison
from tests.annotation.helpers import new_annotator, open_campaign
from tests.workers.helpers import answer, sampled_turn, script
from workers import actions, sampling
from workers.engines.base import Request
from workers.models import SamplingRun

pytestmark = pytest.mark.django_db

LEAK = "Hello! I am {name}, and I can help you with that."
NAMES = ("Margin-Tiny-7", "Otter-9000")
SENTENCE = "An answer said which model wrote it, so that nobody could compare blindly."


def leaking(run: SamplingRun) -> str:
    return LEAK.format(name=run.variant.name)


def sampled(**settings: bool) -> tuple[Turn, SamplingRun, SamplingRun]:
    """A turn with its two waiting runs, that of the first name first."""
    campaign = open_campaign(**settings)
    first, second = (variants.register(name=name, engine="scripted", location=name, by=None) for name in NAMES)
    sampling_plans.add(
        campaign=campaign,
        first=first,
        second=second,
        terms=Terms(first_temperature=0.4, second_temperature=0.8),
        by=None,
    )
    turn, *runs = sampled_turn(campaign)
    mine, other = sorted(runs, key=lambda run: run.variant != first)
    return turn, mine, other


def test_it_says_which_words_leak_the_variants_name() -> None:
    turn, run, other = sampled()

    found = responses.leak_of(leaking(run), turn=turn, variant=run.variant)
    of_the_other = responses.leak_of(leaking(other), turn=turn, variant=run.variant)

    assert run.variant.name in found
    assert other.variant.name in of_the_other
    assert responses.leak_of("Four, as always.", turn=turn, variant=run.variant) == ""


def test_it_says_which_words_leak_the_variants_iteration() -> None:
    turn, _, _ = sampled()
    tuned = variants.register(name="tuned", engine="scripted", iteration="Quillfeather-V5", by=None)

    assert "Quillfeather-V5" in responses.leak_of("I am Quillfeather-V5.", turn=turn, variant=tuned)


def test_a_well_known_name_leaks_too() -> None:
    turn, run, _ = sampled()

    said = "I am ChatGPT, a large language model trained by OpenAI."

    assert responses.leak_of(said, turn=turn, variant=run.variant) != ""


def test_what_is_said_of_others_is_no_leak() -> None:
    turn, run, _ = sampled()

    for said in ("OpenAI was founded in 2015.", "As an AI language model, I can't do that.", "I am happy to help."):
        assert responses.leak_of(said, turn=turn, variant=run.variant) == "", said


def test_a_response_is_recorded_with_the_words_that_leak() -> None:
    turn, run, other = sampled()

    assert answer(run, leaking(run))
    assert answer(other, "Four, as always.")

    leaked = Response.objects.get(variant=run.variant)
    assert leaked.text == leaking(run)
    assert run.variant.name in leaked.identity_leak
    assert Response.objects.get(variant=other.variant).identity_leak == ""
    assert Comparison.objects.get().turn == turn


def test_an_annotator_is_not_told_of_the_leak() -> None:
    turn, run, other = sampled()
    answer(run, leaking(run))
    answer(other, "Four, as always.")

    ann = new_annotator(turn.dialogue.campaign)
    sight = sight_of(claimed_comparison(turn.dialogue.campaign, ann))

    assert "identity_leak" not in repr(sight)
    assert set(sight.texts) == {leaking(run), "Four, as always."}
    assert queue.claim(campaign=turn.dialogue.campaign, by=ann) is not None


def test_a_campaign_that_asks_for_it_samples_the_response_again_and_stores_the_next() -> None:
    turn, run, other = sampled(resamples_identity_leaks=True)

    assert answer(run, leaking(run))
    run.refresh_from_db()
    assert (run.status, run.samples, run.reason) == ("pending", 1, SENTENCE)
    assert not Response.objects.exists()

    answer(run, "Four.")
    answer(other, "Four, as always.")
    run.refresh_from_db()
    assert (run.status, run.reason) == ("done", "")
    assert set(Response.objects.values_list("identity_leak", flat=True)) == {""}
    assert Comparison.objects.get().turn == turn


def test_after_the_last_try_the_turn_fails_with_the_sentence() -> None:
    turn, run, _ = sampled(resamples_identity_leaks=True)

    for number in range(actions.MOST_SAMPLES):
        turn.refresh_from_db()
        assert turn.status == "sampling", number
        answer(run, leaking(run))

    turn.refresh_from_db()
    run.refresh_from_db()
    assert (turn.status, turn.failure) == ("failed", SENTENCE)
    assert (run.status, run.reason) == ("failed", SENTENCE)
    assert not Response.objects.exists()
    assert not any(name in turn.failure for name in NAMES)


def test_a_turn_that_failed_for_its_leaks_is_tried_again() -> None:
    turn, run, other = sampled(resamples_identity_leaks=True)
    for _ in range(actions.MOST_SAMPLES):
        answer(run, leaking(run))

    actions.retry(turn=turn, by=None)
    answer(run, "Four.")
    answer(other, "Four, as always.")

    turn.refresh_from_db()
    assert turn.status == "ready"


def test_the_name_of_either_variant_is_sampled_again_from_each() -> None:
    _, run, other = sampled(resamples_identity_leaks=True)

    answer(run, leaking(other))

    run.refresh_from_db()
    assert (run.status, run.samples) == ("pending", 1)


def test_a_worker_samples_with_the_next_seed_until_nothing_leaks(monkeypatch: pytest.MonkeyPatch) -> None:
    turn, run, _ = sampled(resamples_identity_leaks=True)
    seeds: list[int] = []

    def say(location: str, request: Request) -> str:
        if location != run.variant.location:
            return "Four, as always."
        seeds.append(request.params.seed)
        return leaking(run) if len(seeds) < 3 else f"Four, by seed {request.params.seed}."

    script(monkeypatch, say)

    for variant in Variant.objects.all():
        sampling.drain(variant)

    assert seeds == [run.seed, run.seed + 1, run.seed + 2]
    assert Response.objects.get(variant=run.variant).text == f"Four, by seed {run.seed + 2}."
    turn.refresh_from_db()
    assert turn.status == "ready"


def test_a_campaign_that_does_not_ask_for_it_samples_once() -> None:
    _, run, _ = sampled()

    answer(run, leaking(run))

    run.refresh_from_db()
    assert (run.status, run.samples) == ("done", 0)
