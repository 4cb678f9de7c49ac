"""The forms of a variant: what it is, which stays, and how much of it is asked for, which may change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from preferences.actions.variants import LIMITS
from preferences.errors import DomainError
from preferences.models import Variant
from webapp.pages.form_fields import FormField
from webapp.pages.plan_fields import whole_of
from workers.engines import ENGINES
from workers.registration import PAPERS_LIMITS

WHOLE = ("context_tokens", "max_prompt_tokens", "max_tokens", "batch_size")
IDENTITY = (
    "name",
    "iteration",
    "engine",
    "location",
    "revision",
    "weights_hash",
    "system_prompt",
    "chat_template",
)
ENGINE = "transformers"


def empty() -> dict[str, str]:
    """What stands in the form of a new variant."""
    made = Variant(engine=ENGINE)
    return {**{name: str(getattr(made, name) or "") for name in IDENTITY}, **limits_of(made)}


def limits_of(variant: Variant) -> dict[str, str]:
    return {name: str(getattr(variant, name) or "") for name in LIMITS}


def settings_of(typed: Mapping[str, str]) -> dict[str, Any]:
    """As the actions take them; InvalidInput where a number is none."""
    return {name: whole_of(typed, name) if name in WHOLE else value for name, value in typed.items()}


def identity_fields(typed: Mapping[str, str], error: DomainError | None) -> list[FormField]:
    engines = [(name, name) for name in sorted(ENGINES)]
    fields = [
        FormField(name="name", label=_("Name"), longest=120, required=True, help=_("No annotator ever reads it.")),
        FormField(
            name="iteration",
            label=_("Iteration"),
            longest=60,
            help=_("Such as RLHF-V3: variants of one iteration are compared with those of the one before."),
        ),
        FormField(name="engine", label=_("Engine"), choices=engines),
        FormField(
            name="location",
            label=_("Location"),
            longest=500,
            required=True,
            is_long=True,
            help=_("A folder on the worker's machine, in safetensors; of a server its address, then # and its model."),
        ),
        FormField(
            name="system_prompt",
            label=_("System prompt"),
            rows=4,
            help=_("Stored with each response. Another one makes another variant."),
        ),
        FormField(
            name="chat_template",
            label=_("Chat template"),
            rows=4,
            help=_("Jinja; empty: the model's own. Servers apply their own always."),
        ),
        FormField(
            name="revision", label=_("Revision"), longest=120, help=_("Empty: noted from the check, if you wish.")
        ),
        FormField(
            name="weights_hash",
            label=_("SHA-256 of the weights"),
            longest=64,
            is_long=True,
            help=_("Other weights are then refused. Empty: noted from the check, if you wish."),
        ),
    ]
    return _filled(fields, typed, error)


def limit_fields(typed: Mapping[str, str], error: DomainError | None) -> list[FormField]:
    papers = [str(limit) for limit in PAPERS_LIMITS]
    fields = [
        FormField(
            name="max_prompt_tokens",
            label=_("Longest dialogue, tokens"),
            mode="numeric",
            suggested=papers,
            help=_("Longer ones are refused with a sentence. Llama 2's evaluations: 1000 or 2000."),
        ),
        FormField(
            name="max_tokens",
            label=_("Longest response, tokens"),
            mode="numeric",
            suggested=papers,
            required=True,
            help=_("Where it ends in the middle, the response says so. Llama 2's: 1000 or 2000."),
        ),
        FormField(
            name="context_tokens",
            label=_("Context, tokens"),
            mode="numeric",
            help=_("Dialogue and response together; empty: what its engine says."),
        ),
        FormField(
            name="batch_size", label=_("Requests at once"), mode="numeric", required=True, help=_("Of one worker.")
        ),
        FormField(
            name="queue",
            label=_("Queue"),
            longest=40,
            help=_("A name leaves it to the workers of that queue alone; empty: to those of all others."),
        ),
    ]
    return _filled(fields, typed, error)


def _filled(fields: list[FormField], typed: Mapping[str, str], error: DomainError | None) -> list[FormField]:
    refused = error.field if error else None
    return [
        replace(field, typed=typed[field.name], refused=str(error) if field.name == refused else "") for field in fields
    ]
