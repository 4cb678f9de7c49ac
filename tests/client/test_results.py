"""The client's values beside the API's own description: a field that is renamed there is missed here."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date, datetime
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import margin_client
import pytest
from margin_client import results

from tests.webapp.api.test_schema import schema

COMPONENTS: dict[type[Any], str] = {
    results.Agreement: "CampaignAgreementOutput",
    results.Batch: "BatchOutput",
    results.Campaign: "CampaignOutput",
    results.Comparison: "ComparisonOutput",
    results.Event: "EventOutput",
    results.Export: "ExportOutput",
    results.FailedLine: "LoadedFailed",
    results.Figures: "FiguresOutput",
    results.Held: "HeldOutput",
    results.Order: "OrderOutput",
    results.Part: "PartOutput",
    results.Person: "PersonOutput",
    results.Progress: "ProgressOutput",
    results.Prompt: "PromptOutput",
    results.Pushed: "Loaded",
    results.RewardModel: "RewardModelOutput",
    results.Role: "RoleOutput",
    results.SamplingRequest: "SamplingOutput",
    results.Variant: "VariantOutput",
}
UNTOLD = {results.ExportFile}  # the API describes files as any list; a story downloads them
TYPES = {"string": (str, datetime, date), "integer": (int,), "number": (float,), "boolean": (bool,)}


def test_each_value_of_the_client_is_compared() -> None:
    kinds = {kind for kind in vars(results).values() if isinstance(kind, type) and is_dataclass(kind)}
    assert kinds == COMPONENTS.keys() | UNTOLD
    exported = {getattr(margin_client, name) for name in margin_client.__all__}
    assert kinds - exported == {results.Order}  # which is followed inside


@pytest.mark.parametrize("kind", COMPONENTS, ids=lambda kind: kind.__name__)
def test_each_field_is_one_that_the_api_answers_with(kind: type[Any]) -> None:
    told = schema()["components"]["schemas"][COMPONENTS[kind]]["properties"]
    hints = get_type_hints(kind)
    for field in fields(kind):
        hint, answer = hints[field.name], told[field.name]
        assert isinstance(hint, UnionType) == _is_nullable(answer), field.name
        plain = next(one for one in get_args(hint) if one is not type(None)) if isinstance(hint, UnionType) else hint
        kinds = [answer["type"]] if isinstance(answer.get("type"), str) else answer.get("type", [])
        if expected := [one for name in kinds for one in TYPES.get(name, ())]:
            assert plain in expected, field.name
        if get_origin(plain) is tuple:
            assert "array" in kinds, field.name


def _is_nullable(answer: dict[str, Any]) -> bool:
    return "null" in answer.get("type", []) or {"type": "null"} in [
        *answer.get("oneOf", []),
        *answer.get("anyOf", []),
    ]
