"""Evaluation sets: registered so that who writes a prompt out of one is told, and retired."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from preferences import text as texts_of
from preferences.actions import events
from preferences.errors import Conflict, InvalidInput
from preferences.models import EvaluationRuns, EvaluationSet, Overlap, Prompt
from preferences.runs import LENGTH, Runs, Shared

if TYPE_CHECKING:
    from webapp.accounts.models import User

NAME_LIMIT = 120
TEXTS_AT_ONCE = 2_000
BITS = 48  # of a hash, below its beginning
MOST_RUNS = 20_000_000  # of one set: 160 MB while it is registered

_RUNS = EvaluationRuns._meta.db_table
_LOOK_UP = f"""
    SELECT runs.evaluation_set_id, array_agg(asked.hash)
    FROM unnest(%s::bigint[]) AS asked (hash)
    JOIN "{_RUNS}" runs ON runs.beginning = asked.hash >> {BITS} AND asked.hash = ANY (runs.hashes)
    GROUP BY runs.evaluation_set_id
"""


@dataclass(frozen=True)
class Found:
    """An evaluation set that something stands in."""

    evaluation_set: EvaluationSet
    shared: Shared


@transaction.atomic
def register(*, name: str, texts: Iterable[str], by: User | None, licence: str = "") -> EvaluationSet:
    """Notes a set by the hashes of its runs; `texts` are its samples as a model reads them, read once."""
    name = " ".join(name.split())  # of one line, wherever it is read
    name = texts_of.checked(name, what=_("The name"), limit=NAME_LIMIT, field="name")
    licence = texts_of.checked(licence, what=_("The licence"), limit=NAME_LIMIT, field="licence", empty=True)
    hashes, samples, tokens = _counted(texts)
    made, created = EvaluationSet.objects.get_or_create(
        name=name,
        retired_at=None,
        defaults={"licence": licence, "samples": samples, "tokens": tokens, "registered_by": by},
    )
    if not created:
        raise Conflict(
            _("There is an evaluation set “%(name)s” already. Retire it first, or choose another name.")
            % {"name": name}
        )
    _write(made, hashes)
    events.record("evaluation_set.registered", made, by=by, name=name, samples=samples, runs=len(hashes))
    return made


@transaction.atomic
def retire(*, evaluation_set: EvaluationSet, by: User | None) -> EvaluationSet:
    """It warns nobody any more. What was noted of prompts stays; retiring it twice is no error."""
    held = EvaluationSet.objects.select_for_update(no_key=True).get(pk=evaluation_set.pk)
    if held.retired_at is None:
        EvaluationRuns.objects.filter(evaluation_set=held).delete()
        held.retired_at, held.retired_by = timezone.now(), by
        held.save(update_fields=["retired_at", "retired_by"])
        events.record("evaluation_set.retired", held, by=by, name=held.name)
    return held


def find(texts: Sequence[str]) -> list[Found]:
    """The sets that some of the texts stand in, the one that most stands in first; none for short texts.

    One query, and another where something is found.
    """
    runs = Runs(texts)
    if not len(runs.hashes):
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [np.unique(runs.hashes).tolist()])
        by_set = dict(cursor.fetchall())
    sets = EvaluationSet.objects.filter(pk__in=by_set) if by_set else ()
    found = [Found(one, shared) for one in sets if (shared := runs.shared(by_set[one.pk]))]
    return sorted(found, key=lambda one: (-one.shared.share, one.evaluation_set.name))


def note(*, prompt: Prompt, texts: Sequence[str], by: User | None) -> None:
    """Keeps with a prompt which sets it, or what was written with it, stands in; inside its action's transaction.

    A later version of a demonstration adds sets that the earlier ones did not stand in.
    """
    found = find(texts)
    if not found:
        return
    Overlap.objects.bulk_create(
        [Overlap(prompt=prompt, evaluation_set=one.evaluation_set, share=one.shared.share) for one in found],
        ignore_conflicts=True,
    )
    shares = {one.evaluation_set.name: one.shared.share for one in found}
    events.record("prompt.overlaps", prompt, by=by, campaign=prompt.campaign, shares=shares)


def _counted(texts: Iterable[str]) -> tuple[NDArray[np.int64], int, int]:
    """The distinct hashes in order, the number of texts and that of their tokens."""
    parts, samples, tokens, runs = [np.zeros(0, dtype=np.int64)], 0, 0, 0
    rest = iter(texts)
    while some := list(islice(rest, TEXTS_AT_ONCE)):
        read = Runs(some)
        parts.append(np.unique(read.hashes))
        samples, tokens, runs = samples + len(some), tokens + read.tokens, runs + len(parts[-1])
        if runs > MOST_RUNS:
            raise InvalidInput(
                _("It has more than %(most)s runs of tokens. Register it in parts.") % {"most": f"{MOST_RUNS:,}"}
            )
    if not runs:
        raise InvalidInput(
            _("None of its samples has %(length)d tokens, so that nothing could be recognised by them.")
            % {"length": LENGTH}
        )
    return np.unique(np.concatenate(parts)), samples, tokens


def _write(made: EvaluationSet, hashes: NDArray[np.int64]) -> None:
    """By COPY, a line for each beginning."""
    edges = np.flatnonzero(np.diff(hashes >> BITS)) + 1
    lines = (
        f"{part[0] >> BITS}\t{made.pk}\t{{{','.join(map(str, part.tolist()))}}}\n" for part in np.split(hashes, edges)
    )
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f'COPY "{_RUNS}" (beginning, evaluation_set_id, hashes) FROM STDIN', io.StringIO("".join(lines))
        )
        cursor.execute(f'ANALYZE "{_RUNS}"')  # the next person to write is not to wait for PostgreSQL to notice
