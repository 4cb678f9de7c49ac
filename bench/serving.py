"""How long the server takes for what an annotator asks all day."""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import caches

from annotation.models import Assignment
from bench.times import Stopwatch, Summary
from bench.visitors import Pair, Visitor, first_pair
from bench.world import World
from preferences.choices import ComparisonStatus, Position
from preferences.models import Campaign, Turn
from webapp.accounts.models import User
from webapp.rendering import rendered

COLD_PAGE = "compare page, texts rendered"
WARM_PAGE = "compare page, texts from the cache"
COLD_SUBMIT = "submit and next, texts rendered"
WARM_SUBMIT = "submit and next, texts from the cache"
AHEAD_SUBMIT = "submit and next, by one who is ahead"
BEAT = "heartbeat with a draft"
HOME = "my work"
WRITE = "write page"

WARMING = 5


def measure(
    world: World, ahead: User, enter: Callable[[User], Visitor], *, samples: int, counts: bool
) -> dict[str, Summary]:
    """Half the samples on each track; each person is new to the pages, but not the one who is ahead."""
    watch = Stopwatch(counts=counts)
    for campaign in world.campaigns:
        each = samples // len(world.campaigns)
        name = f"{campaign.slug}-{Assignment.objects.count()}"
        _work(watch, enter(world.annotator(f"{name}-first")), campaign, each)
        _warm(campaign, 2 * each)
        _submit(watch, WARM_SUBMIT, enter(world.annotator(f"{name}-second")), campaign, each)
        _submit(watch, AHEAD_SUBMIT, enter(ahead), campaign, each)
    _look(watch, enter(world.annotators[0]), world.campaigns[0], samples)
    return watch.summaries()


def _work(watch: Stopwatch, visitor: Visitor, campaign: Campaign, samples: int) -> None:
    """Look, look again, keep a draft, send; from one pair to the next, each never seen before."""
    pair = first_pair(visitor, campaign.slug)
    for index in range(-WARMING, samples):
        watch.warming = index < 0
        caches["rendered"].clear()
        page = watch.time(COLD_PAGE, lambda path=pair.path: visitor.send("GET", path))  # type: ignore[misc]
        watch.time(WARM_PAGE, lambda path=pair.path: visitor.send("GET", path))  # type: ignore[misc]
        pair = Pair.of(page.text)
        draft = {**pair.answer(), "rationale": "The left one answers what was asked."}
        beat = f"{pair.path}heartbeat/"
        watch.time(BEAT, lambda path=beat, words=draft: visitor.send("POST", path, words))  # type: ignore[misc]
        pair = _send(watch, COLD_SUBMIT, visitor, pair)


def _submit(watch: Stopwatch, name: str, visitor: Visitor, campaign: Campaign, samples: int) -> None:
    pair = first_pair(visitor, campaign.slug)
    for index in range(-WARMING, samples):
        watch.warming = index < 0
        pair = _send(watch, name, visitor, pair)


def _send(watch: Stopwatch, name: str, visitor: Visitor, pair: Pair) -> Pair:
    answer = watch.time(name, lambda: visitor.send("POST", pair.path, pair.answer(), htmx=True))
    following = Pair.of(answer.text)
    if following.path == pair.path:
        raise SystemExit("Submit and next gave the same pair again.")
    return following


def _look(watch: Stopwatch, visitor: Visitor, campaign: Campaign, samples: int) -> None:
    for index in range(-WARMING, samples):
        watch.warming = index < 0
        watch.time(HOME, lambda: visitor.send("GET", "/"))
        watch.time(WRITE, lambda: visitor.send("GET", f"/campaigns/{campaign.slug}/write/"))


def _warm(campaign: Campaign, pairs: int) -> None:
    """Renders the texts of the pairs that the queue gives next, as the first of three raters does for the others."""
    waiting = campaign.comparisons.filter(status=ComparisonStatus.OPEN).order_by("pk")
    for pair in waiting.select_related("turn__dialogue", "response_a", "response_b")[:pairs]:
        earlier = Turn.objects.filter(dialogue=pair.turn.dialogue, index__lte=pair.turn.index)
        words = earlier.values_list("prompt__text", "chosen_response__text")
        texts = [*pair.texts(Position.A), *(text for two in words for text in two if text)]
        rendered(texts)
