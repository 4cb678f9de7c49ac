"""Near-duplicates of a prompt are on one side with it, in whichever turn, campaign and batch they are."""

from __future__ import annotations

import random

import pytest

from preferences import asked as asked_of
from preferences import held_out, spool
from preferences.actions import holdout
from preferences.actions.batches import seal
from preferences.choices import Split
from preferences.held_out import HeldOut, tells_by_itself
from preferences.models import Batch, BatchItem, Campaign, Event, FollowUp, HoldoutGroup
from preferences.models.prompts import family_of
from preferences.near_duplicates import SAME, similarity, sketches
from tests import factories

pytestmark = pytest.mark.django_db

LAST_WEEK = "2026-W52"
SUBJECTS = ("sourdough", "glaciers", "chess openings", "violin strings", "tax returns", "bee-keeping", "sailing boats",
            "old clocks", "comets", "volcanoes", "tunnels", "perfume")  # fmt: skip
LATER = "And how would you explain all of this about {} to somebody who has never heard of it before?"


def asked(subject: str) -> str:
    return f"I have read a lot about {subject} lately; which book about {subject} should I buy for my brother first?"


def edited(text: str) -> str:
    """As another person would ask the same."""
    return text.replace("lately", "recently").upper()


def judged(campaign: Campaign, *dialogues: tuple[str, ...]) -> None:
    """Dialogues with these user messages, whose last is answered twice and judged."""
    lines = []
    for said in dialogues:
        before = [
            message
            for text in said[:-1]
            for message in ({"role": "user", "content": text}, {"role": "assistant", "content": "Gladly."})
        ]
        prompt = [*before, {"role": "user", "content": said[-1]}]
        lines.append(factories.line(prompt=prompt, votes=[factories.vote()]))
    factories.import_lines(campaign, lines)


def sealed(*campaigns: Campaign) -> Batch:
    return seal(week=LAST_WEEK, campaigns=campaigns, by=None, name=f"batch {Batch.objects.count()}")


def sides(batch: Batch) -> dict[str, str | None]:
    """By the first thing that the user said."""
    found = {}
    for item in batch.items.all():
        said = item.comparison.turn.messages()
        found[said[0]["content"]] = item.group.split if item.group else None
    return found


@pytest.fixture
def first() -> tuple[Campaign, dict[str, str | None]]:
    """A campaign and the sides of what its first batch asked: one subject of twelve is held out."""
    campaign = factories.campaign()
    judged(campaign, *((asked(subject),) for subject in SUBJECTS))
    found = sides(sealed(campaign))
    assert sorted(side or "" for side in found.values()) == ["test", *["train"] * 11]
    return campaign, found


def of(side: Split, found: dict[str, str | None]) -> str:
    return next(text for text, split in found.items() if split == side)


def test_the_edits_are_near_and_the_subjects_are_not() -> None:
    assert similarity(asked("comets"), edited(asked("comets"))) >= SAME
    assert all(similarity(asked("comets"), asked(other)) < SAME for other in SUBJECTS if other != "comets")


def test_an_edited_prompt_follows_the_first_one_in_another_campaign_and_batch(
    first: tuple[Campaign, dict[str, str | None]],
) -> None:
    _, before = first
    other = factories.campaign()
    judged(other, *((edited(text),) for text in before))
    assert sides(sealed(other)) == {edited(text): side for text, side in before.items()}


def test_a_prompt_in_the_third_turn_counts(first: tuple[Campaign, dict[str, str | None]]) -> None:
    campaign, before = first
    held_out, trained = of(Split.TEST, before), of(Split.TRAIN, before)
    judged(campaign, ("Hello!", "Go on.", edited(held_out)), ("Good day.", edited(trained), "Thank you."))
    assert sides(sealed(campaign)) == {"Hello!": "test", "Good day.": "train"}


def test_dialogues_that_meet_only_in_a_later_turn_are_one_group() -> None:
    campaign = factories.campaign()
    judged(campaign, *((f"{number}?", LATER.format("bees")) for number in range(4)), *((s,) for s in SUBJECTS))
    found = sides(sealed(campaign))
    assert len({found[f"{number}?"] for number in range(4)}) == 1


def test_what_says_nothing_by_itself_ties_no_dialogues_together() -> None:
    campaign = factories.campaign()
    judged(campaign, *((asked(subject), "Can you explain that in more detail?") for subject in SUBJECTS))
    assert set(sides(sealed(campaign)).values()) == {"train", "test"}
    assert not tells_by_itself("Can you explain that in more detail?")
    assert tells_by_itself(LATER) and tells_by_itself("请用简单的语言向一个从来没有听说过这件事的人解释一下。")


def test_what_is_near_both_sides_is_on_neither_and_nothing_moves(
    first: tuple[Campaign, dict[str, str | None]],
) -> None:
    campaign, before = first
    held_out, trained = of(Split.TEST, before), of(Split.TRAIN, before)
    stood = dict(HoldoutGroup.objects.values_list("family", "split"))
    judged(campaign, ("Hello!", edited(held_out), edited(trained)), ("A new question?",))
    batch = sealed(campaign)
    assert sides(batch)["Hello!"] is None
    assert Event.objects.get(verb="batch.sealed", subject=f"batch:{batch.pk}").data["apart"] == 1
    now = dict(HoldoutGroup.objects.values_list("family", "split"))
    assert {family: now[family] for family in stood} == stood
    assert family_of("Hello!") not in now  # a later dialogue that begins so is free


def test_a_dialogue_that_is_trained_on_cannot_go_on_with_a_held_out_prompt(
    first: tuple[Campaign, dict[str, str | None]],
) -> None:
    campaign, before = first
    held_out, trained = of(Split.TEST, before), of(Split.TRAIN, before)
    judged(campaign, (trained, edited(held_out)), (trained, "Which edition?"), (held_out, edited(trained)))
    found = sealed(campaign).items.order_by("place").values_list("group__split", flat=True)
    assert list(found) == [None, "train", None]


def test_a_group_that_bridges_both_sides_is_trained_on_but_for_what_is_near_the_held_out(
    first: tuple[Campaign, dict[str, str | None]],
) -> None:
    campaign, before = first
    held_out, trained = of(Split.TEST, before), of(Split.TRAIN, before)
    bridge = LATER.format("the whole trade")
    judged(campaign, ("One?", edited(held_out), bridge), ("Two?", edited(trained), bridge), ("Three?", bridge))
    assert sides(sealed(campaign)) == {"One?": None, "Two?": "train", "Three?": "train"}


def test_every_prompt_of_a_sealed_dialogue_has_a_side_and_a_sketch(
    first: tuple[Campaign, dict[str, str | None]],
) -> None:
    campaign, _ = first
    judged(campaign, ("What about tea?", "Go on.", LATER.format("tea")))
    side = sides(sealed(campaign))["What about tea?"]
    for text in ("What about tea?", LATER.format("tea")):
        group = HoldoutGroup.objects.get(family=family_of(text))
        assert (group.split, bytes(group.sketch)) == (side, sketches([text]).tobytes())
        assert group.dialogue is not None and group.dialogue.context[0]["content"] == "What about tea?"
    assert not HoldoutGroup.objects.filter(family=family_of("Go on.")).exists()


def test_a_short_later_message_that_begins_a_dialogue_of_a_later_batch_goes_where_it_stood(
    first: tuple[Campaign, dict[str, str | None]],
) -> None:
    campaign, before = first
    held_out, trained = of(Split.TEST, before), of(Split.TRAIN, before)
    judged(campaign, (held_out, "In French?", "Shorter."), (trained, "In Dutch?", "Shorter."), (trained, "Longer."))
    sealed(campaign)
    judged(campaign, ("IN FRENCH?",), ("in Dutch?",), ("Shorter.", "Why?"), ("In Greek?", "Shorter."))
    found = sides(sealed(campaign))
    assert found == {"IN FRENCH?": "test", "in Dutch?": "train", "Shorter.": None, "In Greek?": None}
    assert set(FollowUp.objects.filter(family=family_of("Shorter.")).values_list("split", flat=True)) == set(Split)
    assert not FollowUp.objects.filter(family=family_of("Why?")).exists()  # of a dialogue on neither side


def test_what_is_trained_on_from_elsewhere_neither_begins_with_what_is_held_out_nor_is_held_out_later(
    first: tuple[Campaign, dict[str, str | None]],
) -> None:
    campaign, before = first
    judged(campaign, (of(Split.TEST, before), "In French?"))
    sealed(campaign)
    held_out, texts = HeldOut(), [f"And {number}?" for number in range(5)]
    dialogues = [["In French?"], ["What is rain?", "In French?"], ["What is snow?", *texts]]
    allowed = holdout.keep_for_training(dialogues=dialogues, held_out=held_out, source="a file", by=None)
    assert allowed == [False, True, True]
    judged(campaign, ("What is hail?",), *((text,) for text in texts))
    assert sides(sealed(campaign)) == {"What is hail?": "test", **dict.fromkeys(texts, "train")}


def test_texts_from_elsewhere_are_told_by_whether_they_are_near_a_held_out_prompt(
    first: tuple[Campaign, dict[str, str | None]],
) -> None:
    _, before = first
    held_out, trained = of(Split.TEST, before), of(Split.TRAIN, before)
    dialogues = [[edited(held_out)], [trained], ["Hello!", held_out], [], ["Hello!"]]
    assert HeldOut().have(dialogues) == [True, False, True, False, False]


def test_a_prompt_that_cannot_be_read_any_more_still_keeps_what_is_near_on_its_side() -> None:
    text = asked("comets")
    HoldoutGroup.objects.create(family=family_of(text), split=Split.TEST, sketch=sketches([text]).tobytes())
    assert HeldOut().have([[edited(text)], ["Why is grass green?"]]) == [True, False]


@pytest.mark.parametrize("seed", range(3))
def test_the_sides_do_not_depend_on_the_order_in_which_dialogues_came(seed: int) -> None:
    texts = [(asked(subject),) for subject in SUBJECTS] + [(edited(asked(subject)),) for subject in SUBJECTS[:6]]
    random.Random(seed).shuffle(texts)
    campaign = factories.campaign()
    judged(campaign, *texts)
    held_out = {text for text, side in sides(sealed(campaign)).items() if side == "test"}
    assert held_out == {asked("glaciers"), edited(asked("glaciers"))}


def test_the_sides_do_not_depend_on_how_much_is_in_memory_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((held_out, "SKETCHED_AT_ONCE"), (held_out, "OTHERS_AT_ONCE"), (spool, "AT_ONCE"),
                         (held_out, "DIALOGUES_AT_ONCE"), (asked_of, "DIALOGUES_AT_ONCE")):  # fmt: skip
        monkeypatch.setattr(module, name, 5)
    monkeypatch.setattr(held_out, "PAGES_AT_ONCE", 1)
    texts = [asked(subject) for subject in SUBJECTS] + [edited(asked(subject)) for subject in SUBJECTS[:6]]
    one, other = factories.campaign(), factories.campaign()
    judged(one, *((text,) for text in texts))
    first = sides(sealed(one))
    assert {text for text, side in first.items() if side == "test"} == {asked("glaciers"), edited(asked("glaciers"))}
    judged(other, *((f"{text}!!",) for text in texts))
    assert sides(sealed(other)) == {f"{text}!!": first[text] for text in texts}


def test_items_without_a_group_are_in_no_split(first: tuple[Campaign, dict[str, str | None]]) -> None:
    campaign, before = first
    judged(campaign, (of(Split.TRAIN, before), edited(of(Split.TEST, before))))
    batch = sealed(campaign)
    assert BatchItem.objects.filter(batch=batch, group=None).count() == 1
    assert not BatchItem.objects.filter(batch=batch, group__split__in=Split.values).exists()
