"""No train file of any batch, mix or format has a held-out prompt, or one near it; nor has what else is trained on.

Several batches of two campaigns, whose dialogues ask the same in slightly other words, in whichever turn. Every train
file of every format and mix is read as what it is, strings in Parquet or JSON lines, by nothing that wrote it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
import pytest

from exports import actions
from exports.formats import FORMATS
from exports.public_sets import PublicSet
from exports.selections import MIXED_FORMATS, OTHERS
from preferences.actions.batches import seal
from preferences.choices import Split, Track
from preferences.errors import Conflict
from preferences.held_out import tells_by_itself
from preferences.models import Batch, Campaign
from preferences.near_duplicates import SAME, jaccard, shingles, similarity
from tests import factories
from tests.exports.test_mixes import hh, hh_line

pytestmark = pytest.mark.django_db

LAST_WEEK = "2026-W52"
BATCHES = 3
SHORT = ("Go on.", "Why?", "Thank you.", "Can you say that more simply?")
SYLLABLES = ("ba", "co", "du", "fen", "gil", "hor", "jam", "kep", "lor", "mun", "nip", "oss", "pra", "qui", "rov")


@dataclass
class World:
    """What was written, and by whom it may not have been read."""

    batches: list[Batch]
    mixes: dict[tuple[int, str], PublicSet]
    asked: list[str]  # the questions that everything is an edit of
    draw: random.Random


def question(draw: random.Random) -> str:
    words = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 3))) for _ in range(draw.randint(12, 25))]
    return " ".join(words).capitalize() + "?"


def edited(text: str, draw: random.Random) -> str:
    """As another person would type it: a letter is another, a word is shouted, a mark is left out."""
    place = draw.randrange(len(text) - 2)
    changed = draw.choice([text, text[:place] + "x" + text[place + 1 :], text.upper(), text.rstrip("?"), f"  {text} "])
    return changed if similarity(changed, text) >= SAME else text


def said(world: World) -> list[str]:
    """The user messages of a dialogue of one to three turns: questions of the world, new ones, and short ones."""
    made = []
    for _ in range(world.draw.randint(1, 3)):
        kind = world.draw.random()
        made.append(
            edited(world.draw.choice(world.asked), world.draw)
            if kind < 0.5
            else question(world.draw)
            if kind < 0.8
            else world.draw.choice(SHORT)
        )
    return made


def judge(campaign: Campaign, world: World, count: int) -> None:
    lines = []
    for _ in range(count):
        *before, last = said(world)
        prompt = []
        for text in before:
            prompt += [{"role": "user", "content": text}, {"role": "assistant", "content": "Yes."}]
        prompt.append({"role": "user", "content": last})
        lines.append(factories.line(prompt=prompt, votes=[factories.vote()]))
    factories.import_lines(campaign, lines)


def public(world: World, path: Path, track: str) -> PublicSet:
    texts = [edited(text, world.draw) for text in world.asked] + [question(world.draw) for _ in range(10)]
    return PublicSet("hh", track, hh(path, [hh_line(text) for text in texts]))


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:
    draw = random.Random(7)
    made = World([], {}, [question(draw) for _ in range(40)], draw)
    helpful, safe = factories.campaign(), factories.campaign(track=Track.SAFETY)
    for number in range(BATCHES):
        judge(helpful, made, 40)
        judge(safe, made, 30)
        made.batches.append(seal(week=LAST_WEEK, campaigns=[helpful, safe], by=None, name=f"batch {number}"))
        for mix in OTHERS:  # before the next batch is drawn, which may not hold out what a mix has had
            made.mixes[number, mix] = public(made, tmp_path / f"{number}-{mix}.jsonl", mix)
            write(made.batches[-1], tmp_path / "out" / f"{number}-trl-{mix}", "trl", mix, made.mixes[number, mix])
    return made


def write(batch: Batch, out: Path, format: str, mix: str = "", *sets: PublicSet) -> None:
    export = actions.request(batch=batch, format=format, margin="none", by=None, mix=mix, public=sets)
    try:
        actions.write(export=export, out=out)
    except Conflict:
        assert format == "ratings"  # of which there are none


def prompts_held_out(batches: list[Batch]) -> set[str]:
    """What the users said in the dialogues that are held out, but for what says nothing by itself."""
    found = set()
    for batch in batches:
        for item in batch.items.filter(group__split=Split.TEST):  # a join of all would be planned for empty tables
            first, *later = [one["content"] for one in item.comparison.turn.messages() if one["role"] == "user"]
            found |= {first, *filter(tells_by_itself, later)}
    return found


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from re.split(r"\n\n(?:Human|Assistant): ?", value)  # a transcript has several
    elif isinstance(value, dict):
        yield from (text for one in value.values() for text in strings(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in strings(one))


def rows(path: Path) -> list[Any]:
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.suffix == ".jsonl" else []


def trained(out: Path) -> set[str]:
    """Every string in every file that is not of the test split."""
    files = [path for path in out.rglob("*") if path.is_file() and Split.TEST not in path.name]
    return {text for path in files for row in rows(path) for text in strings(row)}


def leaks(texts: set[str], prompts: set[str]) -> list[tuple[str, str]]:
    """Pairs that are near, by comparing each with each; the shortest openings count where they are said as such."""
    of_prompts = {prompt: shingles(prompt) for prompt in prompts if tells_by_itself(prompt)}
    return [
        (text, prompt)
        for text, pieces in ((text, shingles(text)) for text in texts if len(text) > 20)
        for prompt, others in of_prompts.items()
        if jaccard(pieces, others) >= SAME
    ]


def everything(world: World, out: Path) -> set[str]:
    for number, batch in enumerate(world.batches):
        for format in FORMATS:
            write(batch, out / f"{number}-{format}", format)
        for format in MIXED_FORMATS:
            for mix in OTHERS:
                if not (out / f"{number}-{format}-{mix}").exists():
                    write(batch, out / f"{number}-{format}-{mix}", format, mix, world.mixes[number, mix])
    return trained(out)


def test_no_train_file_of_any_batch_mix_or_format_has_a_held_out_prompt(world: World, tmp_path: Path) -> None:
    prompts = prompts_held_out(world.batches)
    texts = everything(world, tmp_path / "out")
    assert len(prompts) > 15 and len(texts) > 200
    assert leaks(texts, prompts) == []
    assert sum(similarity(text, one) >= SAME for text in texts for one in world.asked[:10]) > 5  # edits are trained on
