from __future__ import annotations

from preferences.actions import evaluation_sets
from preferences.models import EvaluationSet
from tests.factories.numbers import number

# Long enough to be recognised: eleven words and more.
QUESTION = "A farmer sold half of her eggs in April and a third of the others in May. How many has she left?"


def evaluation_set(name: str = "", *texts: str) -> EvaluationSet:
    """A set of `texts`, or of QUESTION alone."""
    return evaluation_sets.register(name=name or f"Test {number()}", texts=texts or [QUESTION], by=None)
