"""An erasure under way: the one transaction in which words may be taken out of what is otherwise written once."""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from django.conf import settings
from django.db import connection
from django.db.models import Model, QuerySet

from preferences.models import Batch, Erasure, Tombstone

if TYPE_CHECKING:
    from webapp.accounts.models import User

ERASED = "[erased]"
NOTHING: tuple[Any, ...] = (None, "", [], {})
AT_ONCE = 1000
# Under which names events keep what a person wrote.
WORDS = ("rationale", "feedback", "answer", "note")


@dataclass
class Erasing:
    """What is erased, and what came of it until now.

    `person` is whose words go wherever they stand; `dialogues`, `removed` and `changed` are keys: of the dialogues that
    go whole, of their comparisons, and of other comparisons whose rows read otherwise now. `renewed` has each batch
    that held one of these, as it was and as it is. `words` are what stood there, for whoever keeps copies by them; they
    are nowhere stored.
    """

    erasure: Erasure
    person: User | None = None
    dialogues: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)
    changed: set[int] = field(default_factory=set)
    renewed: list[tuple[Batch, Batch]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    words: set[str] = field(default_factory=set)

    def blank(self, rows: QuerySet[Any], name: str, to: Any = ERASED) -> list[int]:
        """Puts `to`, or what it makes of the value, in the place of what the rows have in a field, with tombstones.

        The keys of the rows in which something stood.
        """
        found = {pk: value for pk, value in rows.order_by("pk").values_list("pk", name) if value not in NOTHING}
        new = {pk: to(value) if callable(to) else to for pk, value in found.items()}
        keys = [pk for pk, value in found.items() if value != new[pk]]
        noun = str(rows.model._meta.model_name)
        self.leave({f"{noun}:{pk}": found[pk] for pk in keys}, name)
        manager = rows.model._default_manager
        for some in (keys[place : place + AT_ONCE] for place in range(0, len(keys), AT_ONCE)):
            if callable(to):
                manager.bulk_update([rows.model(pk=pk, **{name: new[pk]}) for pk in some], [name])
            else:
                manager.filter(pk__in=some).update(**{name: to})
        return keys

    def leave(self, stood: dict[str, Any], name: str) -> None:
        """Tombstones for what stood in a field of these subjects."""
        Tombstone.objects.bulk_create(
            [
                Tombstone(erasure=self.erasure, subject=subject, field=name, fingerprint=fingerprint(value))
                for subject, value in stood.items()
            ],
            batch_size=AT_ONCE,
        )
        for subject, value in stood.items():
            self.counts[f"{subject.partition(':')[0]}.{name}"] += 1
            self.words.update(_texts(value))


def _texts(value: Any) -> Iterator[str]:
    """The texts of a value, however deep they stand."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


@contextmanager
def erasing(about: Model, *, reason: str, by: User | None) -> Iterator[Erasing]:
    """Opens the record for one erasure; call inside its transaction, and nothing else there."""
    subject = f"{about._meta.model_name}:{about.pk}"
    erasure = Erasure.objects.create(subject=subject, reason=reason, by=by)
    _name(str(erasure.pk))
    yield Erasing(erasure)
    _name("")  # where the block failed, the rollback takes the name back


def _name(erasure: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('margin.erasing', %s, true)", [erasure])


def fingerprint(value: Any) -> str:
    """Of what stood somewhere, keyed with this installation's secret (preferences.models.Tombstone)."""
    words = value.encode() if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)
    return hmac.digest(f"preferences.erasing:{settings.SECRET_KEY}".encode(), words, "sha256").hex()


def without(*names: str) -> Callable[[Any], Any]:
    """What makes of an event's data the same without the words under these names, however deep they stand."""

    def made(data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: ERASED if name in names and value not in NOTHING else made(value) for name, value in data.items()}

    return made
