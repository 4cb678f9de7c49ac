"""The guards: where each stands, what falls instead, and the test that must miss it."""

from bench.guarded import addresses, data, people, texts
from bench.guarded.guard import Guard

GUARDS = [*texts.GUARDS, *addresses.GUARDS, *people.GUARDS, *data.GUARDS]

__all__ = ["GUARDS", "Guard"]
