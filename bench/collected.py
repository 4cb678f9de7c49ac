"""Any number of judged comparisons of a campaign in minutes: copies of its first, made inside PostgreSQL.

Of every four comparisons one dialogue of four turns is made; of every ten dialogues one had two messages before it. The
comparisons lie in fourteen batches, of which all but the last are sealed, and the judgments of neighbouring comparisons
lie mixed, as they come in.
"""

from __future__ import annotations

import uuid

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from bench.crowded import copied
from bench.world import World
from preferences.choices import AttackVector, Category, RiskCategory
from preferences.models import Batch, BatchItem, HoldoutGroup

START = 10_000  # above every number that the rows copied have
OTHER = 1_000_000_000
RATERS = 3
BATCHES = 14
POOLS = 4
MIXED = 20_000  # comparisons that are judged at the same time

_NUMBERS = f"(SELECT n, n + {START} AS m FROM generate_series(%(from)s, %(to)s) AS n) AS numbers"
# From 0 to BATCHES; later batches are larger, as they were for the paper (Table 26).
_TIME = f"{BATCHES} * sqrt(n::float8 / %(count)s)"
_AT = f"now() - interval '1 week' * ({BATCHES} - {_TIME})"
_IS_SEALED = f"{_TIME} < {BATCHES - 1}"
_CONTEXT = """CASE WHEN n %% 10 = 0 THEN
    '[{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello."}]'::jsonb ELSE '[]'::jsonb END"""
_DEGREES = "ARRAY['significantly_better', 'better', 'slightly_better', 'negligibly_better']"
# The raters of a pair choose a place near the pair's own.
_NEAR = "(hashint8extended(m::bigint * 3 + k, 7) & 1023) %% 3 - 1"
_PLACE = f"LEAST(7, GREATEST(0, (hashint8extended(m, 1) & 7) + {_NEAR}))"


def fill(world: World, count: int) -> None:
    """So many judged comparisons beside the first of the world's first campaign, which has at least one judgment."""
    campaign = world.campaigns[0]
    first = campaign.comparisons.filter(judgments__isnull=False).order_by("pk")[0]
    judgment = first.judgments.order_by("pk")[0]
    pools = [campaign.pools.create(name=f"Pool {number}").pk for number in range(POOLS)]
    variants, people = [one.pk for one in world.variants], [one.pk for one in world.annotators]
    guidelines = list(campaign.guidelines.order_by("version").values_list("pk", flat=True))
    category = "n * 7 / 13"
    others = len(variants) - 1
    rated = f"{_NUMBERS}, generate_series(0, {RATERS - 1}) AS k"
    rating = f"m::bigint * {RATERS} + k"
    mixed = (
        f"(SELECT m, n, k, {_PLACE} AS place, {_AT} AS at FROM {rated}"
        f" ORDER BY n / {MIXED}, hashint8extended(m::bigint * 3 + k, 3)) AS mixed"
    )
    with connection.cursor() as cursor:
        same = {"from": 0, "to": count - 1, "count": count}

        def make(table: str, pk: int, numbers: str = _NUMBERS, **changed: str) -> None:
            copied(cursor, f"preferences_{table}", pk, changed, numbers, same)

        dialogues = f"(SELECT n, n + {START} AS m FROM generate_series(0, %(to)s / 4) AS n) AS numbers"
        make("dialogue", first.turn.dialogue_id, dialogues, id="m", family="md5(n::text)", context=_CONTEXT)
        make("prompt", first.turn.prompt_id, id="m", key="gen_random_uuid()", family="md5(n::text)",
             category=_one_of(Category.values, category),
             second_category=f"CASE WHEN n %% 9 = 0 THEN {_one_of(Category.values, f'{category} + 1')} ELSE '' END",
             risk_category=_one_of(RiskCategory.values, "n / 5"),
             attack_vector=_one_of(AttackVector.values, "n / 3"))  # fmt: skip
        make("turn", first.turn_id, id="m", dialogue_id=f"n / 4 + {START}", index="n %% 4", prompt_id="m")
        make("response", first.response_a_id, id="m", turn_id="m", variant_id=_one_of(variants, "n"))
        make("response", first.response_a_id, id=f"m::bigint + {OTHER}", turn_id="m",
             variant_id=_one_of(variants, f"n + 1 + n / 7 %% {others}"))  # fmt: skip
        make("comparison", first.pk, id="m", key="gen_random_uuid()", turn_id="m", response_a_id="m",
             response_b_id=f"m::bigint + {OTHER}", created_at=_AT, finished_at=_AT,
             status=f"CASE WHEN {_IS_SEALED} THEN 'sealed' ELSE 'judged' END")  # fmt: skip
        make("slot", judgment.slot_id or 0, rated, id=rating, comparison_id="m", number="k",
             pool_id=f"CASE WHEN n %% 5 = 0 THEN {_one_of(pools, 'n / 5')} END")  # fmt: skip
        make("judgment", judgment.pk, mixed, id=rating, slot_id=rating, comparison_id="m",
             annotator_id=_one_of(people, "(hashint8extended(m, 5) & 4095) + k"), created_at="at",
             guideline_id=_one_of(guidelines, f"floor({_TIME})::int * {len(guidelines)} / {BATCHES + 1}"),
             chosen="CASE WHEN place < 4 THEN 'a' ELSE 'b' END",
             degree=f"({_DEGREES})[CASE WHEN place < 4 THEN place + 1 ELSE 8 - place END]")  # fmt: skip
        _seal(cursor, same)


def _seal(cursor: CursorWrapper, same: dict[str, int]) -> None:
    """The batches and their items: the comparison's place in time says in which one it lies."""
    group = HoldoutGroup.objects.create(family="bench", split="train")
    now = timezone.now()
    batches = [
        Batch(id=uuid.uuid4(), name=f"bench-{number}", week=f"2026-W{number + 20}", seed="", sha256="", sealed_at=now)
        for number in range(BATCHES - 1)
    ]
    Batch.objects.bulk_create(batches)
    words = {"batch": _one_of([str(batch.pk) for batch in batches], f"floor({_TIME})::int"), "group": group.pk}
    cursor.execute(
        f"INSERT INTO {BatchItem._meta.db_table} (batch_id, comparison_id, group_id, place, sha256)"
        f" SELECT {words['batch']}::uuid, m, %(group)s, n, '' FROM {_NUMBERS} WHERE {_IS_SEALED}",
        {**same, "group": group.pk},
    )


def _one_of(words: list[str] | list[int], number: str) -> str:
    """SQL that picks from the words by a number that may be larger than they are many."""
    return f"(ARRAY{words!r})[1 + ({number}) %% {len(words)}]"
