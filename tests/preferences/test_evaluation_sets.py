"""Evaluation sets: what is kept of them, what is found, and what is noted with a prompt."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from preferences.actions import dialogues, evaluation_sets, prompts
from preferences.choices import Category
from preferences.errors import Conflict, InvalidInput
from preferences.models import EvaluationRuns, EvaluationSet, Event, Overlap, Prompt
from tests import factories
from tests.factories import QUESTION
from tests.factories.dialogues import PromptFactory
from tests.preferences.refusals import everything, refused

pytestmark = pytest.mark.django_db

HALF = f"{QUESTION} {'Answer in verse, please. ' * 5}"


def names(text: str) -> list[str]:
    return [found.evaluation_set.name for found in evaluation_sets.find([text])]


def test_of_a_set_its_counts_and_hashes_are_kept_and_no_text() -> None:
    made = factories.evaluation_set("Eggs", QUESTION, QUESTION.upper(), "Too short.")
    assert (made.samples, made.tokens) == (3, 2 * 24 + 3)
    assert sum(len(row.hashes) for row in EvaluationRuns.objects.all()) == 24 - 10, "once each"
    stored = " ".join(row for _model, row in everything()).lower()
    assert "eggs" in stored and "farmer" not in stored


def test_who_writes_out_of_several_sets_is_told_of_the_largest_part_first() -> None:
    factories.evaluation_set("A part", QUESTION[:60])
    factories.evaluation_set("All of it", QUESTION)
    factories.evaluation_set("Another", "Nobody has ever written these eleven words or more of them anywhere.")
    assert names(f"Well. {QUESTION}") == ["All of it", "A part"]
    assert names(QUESTION.replace("eggs", "hens").replace("others", "rest")) == []


def test_a_look_costs_one_query_and_none_for_a_short_text() -> None:
    for number in range(3):
        factories.evaluation_set(f"{number}", f"{number} {QUESTION}")
    other = "What one writes by oneself can be as long as one likes, and in no test does it stand. " * 20
    for text, most in ((other, 1), ("Ten words are too few to be known by.", 0), (QUESTION, 2)):
        with CaptureQueriesContext(connection) as asked:
            evaluation_sets.find([text])
        assert len(asked) == most


def test_a_retired_set_is_found_no_more_and_its_hashes_are_gone() -> None:
    made = factories.evaluation_set("Eggs")
    retired = evaluation_sets.retire(evaluation_set=made, by=None)
    assert retired.retired_at and names(QUESTION) == []
    assert not EvaluationRuns.objects.exists()
    assert evaluation_sets.retire(evaluation_set=made, by=None).retired_at == retired.retired_at
    assert Event.objects.filter(verb="evaluation_set.retired").count() == 1
    factories.evaluation_set("Eggs")
    assert names(QUESTION) == ["Eggs"], "the name is free again"


@pytest.mark.parametrize(
    ("name", "texts", "sentence"),
    [
        (" ", [QUESTION], "The name is empty"),
        ("x" * 121, [QUESTION], "the limit is 120"),
        ("Eggs", ["How many eggs?"], "None of its samples has 11 tokens"),
        ("Eggs", [], "None of its samples has 11 tokens"),
    ],
    ids=["no name", "a long name", "short samples", "no samples"],
)
def test_what_cannot_be_registered_is_a_sentence(name: str, texts: list[str], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        evaluation_sets.register(name=name, texts=texts, by=None)
    assert not EvaluationSet.objects.exists()


def test_a_set_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation_sets, "MOST_RUNS", 30)
    monkeypatch.setattr(evaluation_sets, "TEXTS_AT_ONCE", 1)
    with pytest.raises(InvalidInput, match="Register it in parts"):
        evaluation_sets.register(name="Eggs", texts=(f"{QUESTION} {number}" for number in range(10**9)), by=None)


def test_two_sets_have_not_one_name() -> None:
    factories.evaluation_set("Eggs")
    with pytest.raises(Conflict, match="There is an evaluation set “Eggs” already"):
        factories.evaluation_set("Eggs")
    with refused("evaluation_set_once"):
        EvaluationSet.objects.create(name="Eggs", samples=1, tokens=1)
    with refused("evaluation_set_named"):
        EvaluationSet.objects.create(name="", samples=1, tokens=1)


def test_the_database_keeps_one_overlap_of_a_prompt_and_a_set_and_a_share_of_it() -> None:
    prompt, made = PromptFactory(), factories.evaluation_set()
    Overlap.objects.create(prompt=prompt, evaluation_set=made, share=1)
    with refused("overlap_once"):
        Overlap.objects.create(prompt=prompt, evaluation_set=made, share=0.5)
    for share in (0, 1.01):
        with refused("overlap_share"):
            Overlap.objects.create(prompt=PromptFactory(), evaluation_set=made, share=share)
    with pytest.raises(ProtectedError):
        made.delete()


def shares(prompt: Prompt) -> dict[str, float]:
    return {one.evaluation_set.name: round(one.share, 2) for one in prompt.overlaps.all()}


def test_a_prompt_is_stored_with_the_sets_that_it_stands_in() -> None:
    factories.evaluation_set("Eggs")
    campaign, author = factories.campaign(max_turns=2), factories.user()
    turn = prompts.submit(campaign=campaign, text=HALF, category=Category.FACTUAL, by=author)
    event = Event.objects.get(verb="prompt.overlaps")
    assert shares(turn.prompt) == {"Eggs": 0.44}
    assert (event.subject, event.actor, event.campaign) == (f"prompt:{turn.prompt_id}", author, campaign)
    assert list(event.data["shares"]) == ["Eggs"]
    factories.judge(factories.comparison(of=turn), author)
    following = dialogues.continue_with(dialogue=turn.dialogue, text=QUESTION, by=author)
    assert shares(following.prompt) == {"Eggs": 1.0}
    assert shares(prompts.submit(campaign=campaign, text="Why?", category=Category.FACTUAL, by=author).prompt) == {}


def test_of_a_demonstration_the_answers_count_too_whoever_wrote_them() -> None:
    factories.evaluation_set("Eggs")
    made = factories.approved_demonstration(
        exchanges=[("Tell me a riddle.", "I know none.")], corrected=[("Tell me a riddle.", QUESTION)]
    )
    assert shares(made.newest.prompt) == {"Eggs": 0.83}
