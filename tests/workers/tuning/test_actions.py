from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone

from preferences import lifecycle
from preferences.actions import erasures
from preferences.choices import Split, SweepStatus, Track, TuningSetKind, TurnStatus
from preferences.models import Campaign, Event, Turn, Variant
from preferences.models.prompts import family_of
from tests.factories.batches import HoldoutGroupFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.dialogues import DialogueFactory, TurnFactory
from tests.factories.rewards import trained_reward_model
from tests.factories.temperatures import TemperatureSweepFactory
from tests.factories.variants import SamplingPairFactory, VariantFactory
from tests.workers.tuning.made import QUESTIONS, lines
from workers.models import TuningSet
from workers.rewards import running
from workers.rewards.errors import RewardError
from workers.tuning import actions, folders, ghost_attention, rejection
from workers.tuning.candidates import CANDIDATES

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("default")]


@pytest.fixture
def campaign() -> Campaign:
    """Four prompts to train on and one that is held out."""
    campaign = CampaignFactory(slug="helpful")
    for text in [*QUESTIONS, "held out"]:
        dialogue = DialogueFactory(campaign=campaign, family=family_of(text))
        HoldoutGroupFactory(family=dialogue.family, split=Split.TEST if text == "held out" else Split.TRAIN)
        TurnFactory(dialogue=dialogue, prompt__text=text)
    return campaign


@pytest.fixture
def variant(checkpoint: Path) -> Variant:
    return VariantFactory(name="RLHF-V1", engine="tiny", location=str(checkpoint), max_tokens=6)


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sampled in a process of its own is sampled here."""
    modules = {actions.REJECTION: rejection, actions.GHOSTS: ghost_attention}

    def run(module: str, order: Any, *, watch: running.Watch) -> list[dict[str, Any]]:
        modules[module].run(Path(order["work"]), Path(order["out"]), tell=lambda progress: print(watch(progress)))
        return []

    monkeypatch.setattr(running, "run", run)


def test_the_commands_sample_and_fine_tune_in_processes_of_their_own(
    campaign: Campaign, variant: Variant, rewards: dict[str, str], checkpoint: Path, tmp_path: Path, capsys: Any
) -> None:
    best, tuned = tmp_path / "best", tmp_path / "RLHF-V2"
    call_command(
        "rejection_sample", variant=["RLHF-V1"], campaign=["helpful"], answers=2, temperature=1.0,
        reward=[Path(rewards[Track.HELPFULNESS])], out=best,
    )  # fmt: skip
    call_command("fine_tune", data=[best], base=checkpoint, out=tuned, learning_rate=1e-3)
    said = capsys.readouterr().out
    assert "scoring: 4 of 4" in said and f"{best}: 4 best answers" in said
    assert f"{tuned}: 4 rows, 0 left out as too long" in said
    assert [row["prompt"][0]["content"] for row in lines(best / folders.TRAIN)] == list(QUESTIONS)
    assert "held out" not in (best / CANDIDATES).read_text() and folders.manifest_of(best)["left_out"] == {
        "held_out": 1
    }
    assert (tuned / "model.safetensors").is_file()
    made = TuningSet.objects.get()
    assert (made.kind, made.location, made.campaigns, made.rows) == (
        TuningSetKind.REJECTION_SAMPLING, str(best), ["helpful"], 4,
    )  # fmt: skip
    assert Event.objects.filter(verb="tuning_set.recorded").count() == 1


@pytest.mark.usefixtures("in_this_process")
def test_the_sets_of_a_campaign_are_found_by_its_next_round(
    campaign: Campaign, variant: Variant, rewards: dict[str, str], checkpoint: Path, tmp_path: Path
) -> None:
    options = {"campaign": ["helpful"], "answers": 2, "reward": [Path(rewards[Track.HELPFULNESS])]}
    call_command("rejection_sample", variant=["RLHF-V1"], out=tmp_path / "one", **options)
    VariantFactory(name="RLHF-V2", engine="tiny", location=str(checkpoint), max_tokens=4)
    call_command("rejection_sample", variant=["RLHF-V2"], out=tmp_path / "two", **options)
    assert {one["variant"] for one in lines(tmp_path / "two" / CANDIDATES)} == {"RLHF-V1", "RLHF-V2"}
    assert folders.manifest_of(tmp_path / "two")["earlier"][0]["directory"] == str(tmp_path / "one")
    call_command("rejection_sample", variant=["RLHF-V2"], earlier=[], out=tmp_path / "alone", **options)
    assert {one["variant"] for one in lines(tmp_path / "alone" / CANDIDATES)} == {"RLHF-V2"}


@pytest.mark.usefixtures("in_this_process")
def test_candidates_of_a_prompt_that_was_erased_since_are_not_handed_on(
    campaign: Campaign, variant: Variant, rewards: dict[str, str], tmp_path: Path
) -> None:
    options = {"campaign": ["helpful"], "answers": 1, "reward": [Path(rewards[Track.HELPFULNESS])]}
    call_command("rejection_sample", variant=["RLHF-V1"], out=tmp_path / "one", **options)
    gone = Turn.objects.get(prompt__text=QUESTIONS[0])
    lifecycle.advance(gone, TurnStatus.FAILED)  # no model is answering it any more
    erasures.erase_dialogue(dialogue=gone.dialogue, reason="It names somebody.", by=None)
    call_command("rejection_sample", variant=["RLHF-V1"], out=tmp_path / "two", **options)
    handed_on = {one["prompt"][-1]["content"] for one in lines(tmp_path / "two" / CANDIDATES)}
    assert handed_on == set(QUESTIONS[1:])
    assert folders.manifest_of(tmp_path / "two")["left_out"] == {"held_out": 1, "erased": 1}


@pytest.mark.usefixtures("in_this_process")
def test_dialogues_for_ghost_attention_are_recorded(campaign: Campaign, variant: Variant, tmp_path: Path) -> None:
    call_command("ghost_attention", variant="RLHF-V1", campaign=["helpful"], dialogues=3, turns=2, out=tmp_path / "set")
    made = TuningSet.objects.get()
    assert (made.kind, made.rows) == (TuningSetKind.GHOST_ATTENTION, 3)
    assert "held out" not in (tmp_path / "set" / folders.TRAIN).read_text()


@pytest.mark.usefixtures("in_this_process")
def test_a_finished_set_that_was_not_recorded_is_recorded_by_the_same_command(
    campaign: Campaign, variant: Variant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = {"variant": "RLHF-V1", "campaign": ["helpful"], "dialogues": 2, "turns": 2, "out": tmp_path / "set"}
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(actions, "record", Mock(side_effect=KeyboardInterrupt))
        call_command("ghost_attention", **order)
    before = (tmp_path / "set" / folders.MANIFEST).read_bytes()
    with pytest.raises(CommandError, match="exists already; a set is never written over"):
        call_command("ghost_attention", **order | {"dialogues": 3})
    call_command("ghost_attention", **order)
    assert TuningSet.objects.get().rows == 2 and (tmp_path / "set" / folders.MANIFEST).read_bytes() == before
    shutil.rmtree(tmp_path / "set")
    with pytest.raises(CommandError, match="is the name of a set that was made already"):
        call_command("ghost_attention", **order)


@pytest.mark.parametrize(("wrong", "sentence"), [("temperature", "A temperature is a number"), ("top_p", "Top-p is")])
def test_a_temperature_that_is_none_is_refused_before_anything_is_sampled(
    campaign: Campaign, variant: Variant, tmp_path: Path, wrong: str, sentence: str
) -> None:
    order = {"variant": "RLHF-V1", "campaign": ["helpful"], "dialogues": 2, wrong: float("nan")}
    with pytest.raises(CommandError, match=sentence):
        call_command("ghost_attention", **order, out=tmp_path / "set")
    order = {"variant": ["RLHF-V1"], "campaign": ["helpful"], "reward": [tmp_path], wrong: float("nan")}
    with pytest.raises(CommandError, match=sentence):
        call_command("rejection_sample", **order, out=tmp_path / "set")
    assert not list(tmp_path.iterdir())


def test_a_variant_is_asked_as_it_is_registered_and_at_the_plans_temperature(campaign: Campaign) -> None:
    variant = VariantFactory(
        chat_template="{{ messages }}",
        system_prompt="Be kind.",
        max_tokens=9,
        max_prompt_tokens=50,
        weights_hash="a" * 64,
    )  # fmt: skip
    SamplingPairFactory(campaign=campaign, first=variant, first_temperature=0.3)
    found = actions.speaker(variant, campaigns=[campaign], temperature=None, top_p=0.9)
    assert (found.temperature, found.top_p, found.max_tokens, found.max_prompt_tokens) == (0.3, 0.9, 9, 50)
    assert (found.chat_template, found.system_prompt, found.weights_sha256) == ("{{ messages }}", "Be kind.", "a" * 64)
    assert actions.speaker(variant, campaigns=[], temperature=None, top_p=1).temperature == 1.0
    assert actions.speaker(variant, campaigns=[campaign], temperature=0.7, top_p=1).temperature == 0.7


def test_the_temperature_is_that_of_the_newest_sweep_of_the_campaign(campaign: Campaign, variant: Variant) -> None:
    done = {"status": SweepStatus.DONE, "variant": variant, "reward_model": trained_reward_model()}
    for hours, of, temperature in [(3, campaign, 0.4), (2, campaign, 0.6), (1, CampaignFactory(), 0.9)]:
        at = timezone.now() - timedelta(hours=hours)
        TemperatureSweepFactory(campaign=of, temperature=temperature, finished_at=at, **done)
    assert actions.temperature_of(variant, [campaign]) == 0.6
    assert actions.temperature_of(variant, []) == 0.9


def test_what_cannot_be_is_said(campaign: Campaign, variant: Variant, tmp_path: Path) -> None:
    out = tmp_path / "set"
    known = {"campaign": ["helpful"], "out": out}
    with pytest.raises(CommandError, match="No reward model is trained yet"):
        call_command("rejection_sample", variant=["RLHF-V1"], **known)
    named = {**known, "reward": [tmp_path]}
    with pytest.raises(CommandError, match="There is no variant “nobody”; the active ones are: RLHF-V1"):
        call_command("rejection_sample", variant=["nobody"], **named)
    asked = actions.speaker(variant, campaigns=[campaign], temperature=1.0, top_p=1.0)
    with pytest.raises(RewardError, match="not RLHF-V1 twice"):
        actions.sample_best(
            speakers=[asked, asked], source=actions.Source(), answers=1, rewards=[], earlier=[], out=out, by=None
        )
    with pytest.raises(CommandError, match="whole number from 1 up, not 0"):
        call_command("rejection_sample", variant=["RLHF-V1"], answers=0, **named)
    with pytest.raises(CommandError, match="no campaign “nowhere”"):
        call_command("ghost_attention", variant="RLHF-V1", campaign=["nowhere"], dialogues=1, out=out)
    with pytest.raises(CommandError, match="at least two turns"):
        call_command("ghost_attention", variant="RLHF-V1", campaign=["helpful"], dialogues=1, turns=1, out=out)
    with pytest.raises(CommandError, match="epochs is a whole number"):
        call_command("fine_tune", data=[tmp_path], base=tmp_path, out=out, epochs=0)


def test_a_set_whose_files_were_changed_is_not_recorded(tmp_path: Path) -> None:
    (tmp_path / folders.TRAIN).write_text("{}\n")
    files = {folders.TRAIN: {"sha256": "0" * 64, "bytes": 3, "rows": 1}}
    (tmp_path / folders.MANIFEST).write_text(json.dumps({"files": files}))
    with pytest.raises(RewardError, match="changed or lost"):
        actions.record(kind=TuningSetKind.GHOST_ATTENTION, directory=tmp_path, campaigns=[], by=None)


def test_the_database_refuses_another_kind_of_set() -> None:
    with pytest.raises(IntegrityError, match="tuning_set_kind"):
        TuningSet.objects.create(kind="other", location="here", campaigns=[], manifest_sha256="0" * 64, rows=1)
