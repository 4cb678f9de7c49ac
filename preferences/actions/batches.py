from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, count, islice
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from preferences import lifecycle, metrics
from preferences.actions import events
from preferences.actions.holdout import NULL, draw_held_out, one_draw_at_a_time
from preferences.asked import Finished
from preferences.choices import ComparisonStatus, Split
from preferences.errors import Conflict
from preferences.hashing import canonical, line_hash, merkle_root
from preferences.models import Batch, BatchItem, Campaign, Comparison
from preferences.origins import Variants, origins
from preferences.planner import by_one_process
from preferences.progress import Progress
from preferences.rows import rows_by_key
from preferences.sealed_rows import Keeper
from preferences.streaming import uncollected
from preferences.tokenizers import sha256_of
from preferences.weeks import end_of

if TYPE_CHECKING:
    from webapp.accounts.models import User

SEED = "margin"
ITEMS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Described:
    """What a batch says of itself that no row does: fields of Batch."""

    tokenizer: str = ""
    languages: list[str] = field(default_factory=list)
    licences: list[str] = field(default_factory=list)


NOT_DESCRIBED = Described()


@transaction.atomic
def seal(
    *,
    week: str,
    campaigns: Sequence[Campaign],
    by: User | None,
    name: str = "",
    seed: str = SEED,
    described: Described = NOT_DESCRIBED,
) -> Batch:
    """Freezes what the campaigns finished by the end of the ISO week into an immutable, content-hashed batch.

    What is held for a review stays for a later one. Conflict where the tokenizer that it names is not there.
    """
    one_draw_at_a_time()
    by_one_process()
    ready = finished(week, campaigns)
    name = name or next_name(week, campaigns)
    if not ready.exists():
        raise Conflict(
            _("No finished comparison waits to be sealed in %(week)s. What is unfinished stays for a later batch.")
            % {"week": week}
        )
    if Batch.objects.filter(name=name).exists():
        raise Conflict(_("A batch named %(name)s is sealed already; give this one another name.") % {"name": name})
    locked = ready.select_for_update(no_key=True, of=("self",))
    values = locked.values_list("pk", "turn__dialogue", "turn__dialogue__family", "turn__index")
    found = Finished.of(values.iterator(chunk_size=ITEMS_AT_ONCE))
    _advance(found.keys)
    sides = draw_held_out(found, seed=seed)
    batch = Batch(id=uuid.uuid4(), name=name, week=week, seed=seed, sealed_by=by, sealed_at=timezone.now())
    batch.tokenizer, batch.languages, batch.licences = described.tokenizer, described.languages, described.licences
    batch.tokenizer_sha256 = sha256_of(described.tokenizer) if described.tokenizer else ""
    variants = Variants()
    with uncollected():
        told = Progress(progress_of(week, campaigns), expected=len(found.keys))
        batch.sha256 = merkle_root(_write_items(batch, found, sides, told, variants))
    batch.made_of = origins(Comparison.objects.filter(batch_items__batch=batch), variants)
    batch.save(force_insert=True)
    apart = sum(sides[place] is None for place in found.places)
    about = {"name": name, "items": len(found.keys), "apart": apart, "sha256": batch.sha256, "made_of": batch.made_of}
    events.record("batch.sealed", batch, by=by, **about)
    metrics.SEAL_SECONDS.observe(told.seconds)
    return batch


def progress_of(week: str, campaigns: Sequence[Campaign]) -> str:
    """The name of preferences.progress that a sealing tells under."""
    return f"seal:{week}:{','.join(sorted(campaign.slug for campaign in campaigns))}"


def _advance(keys: Iterable[int]) -> None:
    """Seals the comparisons themselves, before they have items.

    An item's keys wait to be checked until the transaction ends, and PostgreSQL walks over everything that waits when
    pgtrigger's function, called for each row, catches an error: a quarter of a million would take hours.
    """
    rest = iter(keys)
    while some := list(islice(rest, ITEMS_AT_ONCE)):
        moved = Comparison.objects.filter(pk__in=some)
        lifecycle.advance_many(moved, ComparisonStatus.JUDGED, ComparisonStatus.SEALED)


def next_name(week: str, campaigns: Sequence[Campaign]) -> str:
    """What a batch of them is called, with the lowest number that no batch has from the second one of a week on."""
    name = week if len(campaigns) != 1 else f"{week}-{campaigns[0].slug}"
    taken = set(Batch.objects.filter(Q(name=name) | Q(name__startswith=f"{name}.")).values_list("name", flat=True))
    return next(one for one in chain([name], (f"{name}.{number}" for number in count(2))) if one not in taken)


def finished(week: str, campaigns: Sequence[Campaign]) -> QuerySet[Comparison]:
    """Comparisons judged by the end of the week, each in its campaign's time zone, neither sealed nor held."""
    in_time = Q()
    for campaign in campaigns:
        in_time |= Q(campaign=campaign, finished_at__lt=end_of(week, campaign.time_zone))
    if not campaigns:
        return Comparison.objects.none()
    return Comparison.objects.filter(in_time, status=ComparisonStatus.JUDGED, held=False).order_by("pk")


def _write_items(
    batch: Batch, found: Finished, sides: Sequence[Split | None], told: Progress, variants: Variants
) -> Iterator[str]:
    """One item a comparison, in the order of their keys, and their rows beside them; the hashes of the rows."""
    lines, keeper = io.StringIO(), Keeper(batch.pk)
    rows = told.over(
        variants.over(rows_by_key(found.keys))
    )  # those that were counted, and none that was finished since
    for place, (dialogue, (key, row)) in enumerate(zip(found.places, rows, strict=True)):
        side, line = sides[dialogue], canonical(row)
        digest = line_hash(line)
        group = NULL if side is None else found.families[dialogue]
        lines.write(f"{batch.pk}\t{key}\t{group}\t{place}\t{digest}\n")
        if side is not None:  # what is on neither side never leaves
            keeper.add(side, place, line)
        if (place + 1) % ITEMS_AT_ONCE == 0:
            _copy(lines)
            lines = io.StringIO()
        yield digest
    _copy(lines)
    keeper.close()


def _copy(lines: io.StringIO) -> None:
    """By COPY: a model's instance for each of a quarter of a million items takes minutes."""
    lines.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f'COPY "{BatchItem._meta.db_table}" (batch_id, comparison_id, group_id, place, sha256) FROM STDIN', lines
        )
