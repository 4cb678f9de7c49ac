"""Registering a variant that is sampled here, by the command and by what the pages call."""

from __future__ import annotations

import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from preferences.errors import DomainError
from preferences.models import Variant
from tests import factories
from workers import actions, registration, sampling
from workers.models import HealthCheck

pytestmark = pytest.mark.django_db

NEW: dict[str, Any] = {"name": "new", "engine": "transformers", "location": "/models/new", "by": None}


def registered(*arguments: str) -> str:
    out = StringIO()
    call_command("register_variant", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"engine": "magic"}, "engine"),
        ({"engine": "imported"}, "engine"),
        ({"location": ""}, "location"),
        ({"location": "models/new"}, "location"),
        ({"engine": "openai"}, "location"),
        ({"engine": "openai", "location": "http://[half/v1"}, "location"),
        ({"engine": "openai", "location": "https://me:key@host/v1"}, "location"),
        ({"engine": "openai", "location": "http://host/v1#model", "chat_template": "{{ messages }}"}, "chat_template"),
        ({"name": "late "}, "name"),
        ({"name": "la\x00te"}, "name"),
    ],
    ids=str,
)
def test_what_could_not_be_sampled_here_is_refused(wrong: dict[str, Any], field: str) -> None:
    factories.variant("late")
    with pytest.raises(DomainError) as refused:
        registration.register(**NEW | wrong)
    assert refused.value.field == field
    assert Variant.objects.count() == 1


def test_what_is_one_line_is_stored_without_white_space_and_texts_as_they_are() -> None:
    told = {"iteration": " V1 ", "queue": "big ", "weights_hash": f" {'AB' * 32}\n", "system_prompt": " Be brief. "}
    made = registration.register(**NEW | {"name": " new "} | told)
    assert (made.name, made.iteration, made.queue, made.weights_hash) == ("new", "V1", "big", "ab" * 32)
    assert made.system_prompt == " Be brief. "


def test_the_command_registers_checks_and_prints_what_was_found(
    tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_engines", {})
    template = tmp_path / "template.jinja"
    template.write_text("{% for message in messages %}{{ message.content }}\n{% endfor %}")
    said = registered(
        *("--name", "tiny-late", "--engine", "tiny", "--location", str(tiny_models / "late")),
        *("--iteration", "RLHF-V2", "--system-prompt", "Be brief.", "--chat-template", str(template)),
        *("--max-prompt-tokens", "60", "--max-tokens", "40", "--batch-size", "4", "--queue", "small"),
    )
    variant, check = Variant.objects.get(), HealthCheck.objects.get()
    assert (variant.iteration, variant.system_prompt, variant.queue) == ("RLHF-V2", "Be brief.", "small")
    assert (variant.max_prompt_tokens, variant.max_tokens, variant.batch_size) == (60, 40, 4)
    assert variant.chat_template == template.read_text()
    digest = hashlib.sha256((tiny_models / "late" / "model.safetensors").read_bytes()).hexdigest()
    assert check.usable and f"weights {digest}, context" in said and "It answers" in said


def test_the_command_says_why_a_variant_cannot_be_used_and_keeps_it(tmp_path: Path) -> None:
    out = StringIO()
    with pytest.raises(CommandError, match="It stays registered"):
        call_command("register_variant", "--name", "empty", "--engine", "tiny", "--location", str(tmp_path), stdout=out)
    assert "problem: There is no model.safetensors in" in out.getvalue()
    assert Variant.objects.get().name == "empty"


def test_the_command_checks_nothing_where_it_is_told_so() -> None:
    said = registered("--name", "far", "--engine", "openai", "--location", "http://127.0.0.1:9/v1#m", "--no-check")
    assert said == "Variant “far” is registered.\n" and not HealthCheck.objects.exists()
    with pytest.raises(CommandError, match="There is a variant “far” already"):
        registered("--name", "far", "--engine", "replay", "--location", "/far", "--no-check")


@pytest.mark.parametrize("engine", ["tiny", "transformers"])
def test_limits_are_held_by_tokens_and_the_annotator_reads_why(
    engine: str, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "_engines", {})
    campaign = factories.campaign()
    limits = {"max_prompt_tokens": 30, "max_tokens": 5, "location": str(tiny_models / "late"), "engine": engine}
    first, second = (factories.variant(name, **limits) for name in ("one", "two"))
    factories.sampling_plan(campaign, first=first, second=second)
    short, long = (factories.turn(campaign, text=text) for text in ("What is bread?", "What is bread? " * 30))
    for turn in (short, long):
        actions.request_pair(turn=turn, by=None)
    for variant in (first, second):
        sampling.drain(variant)
    short.refresh_from_db()
    long.refresh_from_db()
    assert long.failure == "This dialogue is too long for the models."
    assert "and at most 30 are allowed" in long.sampling_runs.exclude(reason="").first().reason
    runs = short.sampling_runs.all()
    assert [run.response.completion_tokens <= 5 for run in runs if run.response] == [True] * runs.count()
