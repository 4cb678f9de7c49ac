"""The held-out side: groups stay together for good, the draw is seeded, and no side is left empty."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict

import pytest

from preferences.actions.batches import seal
from preferences.actions.holdout import TEST_SIZE, Group, draw_of, drawn
from preferences.choices import Split
from preferences.held_out import BITS
from preferences.models import BatchItem, Campaign, Prompt
from preferences.models.prompts import family_of
from tests import factories

pytestmark = pytest.mark.django_db

LAST_WEEK = "2026-W52"


def groups(count: int, *, most: int = 1, seed: int = 0) -> dict[int, Group]:
    draw = random.Random(seed)
    return {
        number: Group(draw.randint(1, most), draw_of(family_of(f"{seed} {number}"), seed="margin"))
        for number in range(count)
    }


def held_out(made: dict[int, Group]) -> int:
    return sum(made[key].comparisons for key, side in drawn(made).items() if side is Split.TEST)


def spelt(text: str, draw: random.Random) -> str:
    """The same prompt as another person would type it."""
    return draw.choice([text, text.upper(), f"  {text} ", text.replace(" ", "\n "), text.replace("?", "？")])


def judged(campaign: Campaign, texts: list[str]) -> None:
    vote = factories.vote()
    asked = [[{"role": "user", "content": text}] for text in texts]
    factories.import_lines(campaign, [factories.line(prompt=prompt, votes=[vote]) for prompt in asked])


@pytest.mark.parametrize("seed", range(3))
def test_no_family_is_ever_on_both_sides_within_and_across_batches(seed: int) -> None:
    draw = random.Random(seed)
    pool = [f"what is the {number}th question?" for number in range(80)]
    one, two = factories.campaign(), factories.campaign()
    for number in range(4):
        for campaign in (one, two):
            judged(campaign, [spelt(draw.choice(pool), draw) for _ in range(40)])
        chosen = [one, two] if number % 2 else [one]
        seal(week=LAST_WEEK, campaigns=chosen, by=None, name=f"batch {number}", seed=str(number))
    splits = defaultdict(set)
    for text, side in BatchItem.objects.values_list("comparison__turn__prompt__text", "group__split"):
        splits[family_of(text)].add(side)
    assert len(splits) > 60
    assert {len(side) for side in splits.values()} == {1}
    assert set().union(*splits.values()) == set(Split)


def test_all_turns_of_a_dialogue_are_on_one_side() -> None:
    campaign = factories.campaign(max_turns=3)
    for number in range(6):
        author = factories.user()
        turns = factories.dialogue_turns(campaign, [f"Opening {number}?", "Go on.", "Thanks."], by=author)
        factories.judge(factories.comparison(of=turns[-1]), author)
    factories.batch(campaign, comparisons=0)
    found = BatchItem.objects.values_list("comparison__turn__dialogue", "group__split").order_by().distinct()
    assert BatchItem.objects.count() == 18
    assert len(found) == 6
    assert {side for _, side in found} == set(Split)


@pytest.mark.parametrize("batches", [1, 2])
def test_a_short_follow_up_counts_where_the_same_text_begins_a_dialogue(batches: int) -> None:
    campaign = factories.campaign()
    openings = [f"What is the capital of country {number}?" for number in range(10)]
    judged(campaign, openings)
    if batches == 2:
        seal(week=LAST_WEEK, campaigns=[campaign], by=None, name="before")
    vote, said = factories.vote(), {"role": "assistant", "content": "Hi."}
    for number, text in enumerate(openings):
        begun = {"role": "user", "content": f"Good morning for the {number}th time?"}
        asked = [begun, said, {"role": "user", "content": text.upper()}]
        factories.import_lines(campaign, [factories.line(prompt=asked, votes=[vote])])
    seal(week=LAST_WEEK, campaigns=[campaign], by=None, name="after")

    items = BatchItem.objects.select_related("comparison__turn").order_by("pk")
    sides: dict[str, set[str | None]] = defaultdict(set)
    for item in items.prefetch_related("group"):
        last = item.comparison.turn.messages()[-1]["content"]
        sides[family_of(last)].add(item.group.split if item.group else None)
    assert sorted(sides) == sorted(map(family_of, openings))
    assert not any({Split.TRAIN, Split.TEST} <= found for found in sides.values())
    assert {Split.TRAIN} in sides.values() and any(Split.TEST in found for found in sides.values())


def test_an_imported_dialogue_goes_with_its_first_user_message() -> None:
    campaign = factories.campaign()
    system = {"role": "system", "content": "Be brief."}
    opening, answer = {"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Hi."}
    later = {"role": "user", "content": "Something else entirely?"}
    long = factories.imported_comparison(campaign, prompt=[system, opening, answer, later])
    short = factories.imported_comparison(campaign, prompt=[{"role": "user", "content": "HELLO?"}])
    assert long.turn.dialogue.family == short.turn.dialogue.family == family_of("hello?")
    assert Prompt.objects.get(turns=long.turn).text == later["content"]


@pytest.mark.parametrize("seed", ["margin", "other"])
def test_the_draw_is_the_first_tenth_by_seeded_hash_in_whatever_order_the_groups_come(seed: str) -> None:
    hashed = {key: hashlib.sha256(f"{seed}:{family_of(f'0 {key}')}".encode()).hexdigest() for key in range(200)}
    made = [(key, Group(1, draw_of(family_of(f"0 {key}"), seed=seed))) for key in hashed]
    random.Random(seed).shuffle(made)
    first = sorted(hashed, key=lambda key: hashed[key])[:20]
    assert {key for key, side in drawn(dict(made)).items() if side is Split.TEST} == set(first)


@pytest.mark.parametrize("count", [2, 5, 10, 99, 500])
def test_a_tenth_is_held_out_and_at_least_one(count: int) -> None:
    assert held_out(groups(count)) == max(1, round(count / 10))


def test_of_a_large_batch_no_more_is_held_out_than_in_the_paper() -> None:
    assert held_out(groups(12 * TEST_SIZE)) == TEST_SIZE


def test_groups_of_several_comparisons_are_never_more_than_is_wanted() -> None:
    made = groups(300, most=7)
    assert held_out(made) == round(sum(group.comparisons for group in made.values()) / 10)


def test_a_group_that_would_be_too_many_is_passed_over() -> None:
    made = groups(100)
    made[1000] = Group(900, draw_of("large", seed="margin"))
    assert drawn(made)[1000] is Split.TRAIN
    assert held_out(made) == 100 == len(made) - 1


def test_the_only_group_of_a_batch_is_trained_on() -> None:
    assert set(drawn({7: Group(5, draw_of("alone", seed="margin"))}).values()) == {Split.TRAIN}


def test_groups_that_meet_what_was_drawn_follow_it_and_count() -> None:
    made = groups(100)
    for key, met in {3: [Split.TEST], 4: [Split.TRAIN], 5: [Split.TRAIN, Split.TEST]}.items():
        made[key].sides = sum(BITS[side] for side in met)
    sides = drawn(made)
    assert [sides[key] for key in (3, 4, 5)] == [Split.TEST, Split.TRAIN, Split.TRAIN]
    assert held_out(made) == 10


@pytest.mark.parametrize("seed", range(40))
def test_no_side_is_left_empty_however_large_the_groups_are(seed: int) -> None:
    draw = random.Random(seed)
    made = groups(draw.randint(2, 4), most=draw.choice([3, 40, 400]), seed=seed)
    assert set(drawn(made).values()) == set(Split)
