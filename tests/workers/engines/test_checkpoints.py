"""Which folders are opened, and which are refused before any library sees them."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    MambaConfig,
    MistralConfig,
    PreTrainedConfig,
    Qwen3Config,
)

from tests.workers.engines.conftest import PAIRS
from tests.workers.engines.helpers import answered, ask
from workers.engines import checkpoints as opening
from workers.engines.base import EngineError
from workers.engines.checkpoints import find_checkpoint, weights_hash
from workers.engines.slots import Slots
from workers.engines.tiny_training import TrainedPair
from workers.engines.transformers_engine import TransformersEngine


@pytest.fixture
def folder(checkpoints: TrainedPair, tmp_path: Path) -> Path:
    return shutil.copytree(checkpoints.late, tmp_path / "copy")


@pytest.fixture
def sharded(folder: Path) -> Path:
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    (folder / "model.safetensors").unlink()
    model.save_pretrained(folder, max_shard_size="100KB")
    return folder


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def refusal(folder: Path) -> str:
    with pytest.raises(EngineError) as caught:
        TransformersEngine(str(folder))
    return str(caught.value)


def test_a_checkpoint_in_several_files_answers_as_in_one(sharded: Path) -> None:
    engine = TransformersEngine(str(sharded))
    assert len(find_checkpoint(str(sharded)).weights) > 1
    assert answered(engine.generate([ask(PAIRS[0][0])])[0]).text == PAIRS[0][1]


def test_the_hash_of_several_files_is_that_of_the_list_of_theirs(sharded: Path) -> None:
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(sharded.glob("*.safetensors"))
    ]
    expected = hashlib.sha256("".join(lines).encode()).hexdigest()
    assert weights_hash(find_checkpoint(str(sharded))) == expected


def test_weights_are_read_for_their_hash_once_and_again_when_they_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    digest = hashlib.file_digest

    def counted(*args: object) -> object:
        read.append("once")
        return digest(*args)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(opening.hashlib, "file_digest", counted)
    first = [weights_hash(find_checkpoint(str(folder))) for _ in range(3)]
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b"\0")
    assert weights_hash(find_checkpoint(str(folder))) not in first
    assert (len(set(first)), len(read)) == (1, 2)


@pytest.mark.parametrize("name", ["../elsewhere.safetensors", "/etc/passwd.safetensors", "weights.bin", 7])
def test_an_index_that_names_anything_but_a_shard_beside_it_is_refused(sharded: Path, name: object) -> None:
    edit(sharded / "model.safetensors.index.json", weight_map={"lm_head.weight": name})
    with pytest.raises(EngineError, match="not a safetensors file beside it"):
        find_checkpoint(str(sharded))


def test_a_shard_that_was_not_copied_is_named(sharded: Path) -> None:
    shard = max(sharded.glob("*.safetensors"))
    shard.unlink()
    assert refusal(sharded).endswith(f"names {shard.name}, which is not there: copy the folder again.")


def test_a_pickle_is_never_opened(folder: Path, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> object:
            return Path.touch, (tmp_path / "sprung",)

    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Trap()))
    assert "it holds pytorch_model.bin, and loading that kind of file can run code" in refusal(folder)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json"])
def test_code_of_the_checkpoint_s_own_is_never_run(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / "own.py").write_text(f"from pathlib import Path\nPath({str(tmp_path / 'sprung')!r}).touch()\n")
    edit(folder / name, auto_map={"AutoConfig": "own.Config", "AutoModelForCausalLM": "own.Model"})
    assert refusal(folder).endswith("names code of its own (auto_map), which is never run.")
    assert not (tmp_path / "sprung").exists()


def test_an_adapter_is_refused(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("{}")
    assert "merge it into its base model" in refusal(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_what_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refusal(folder).startswith(f"There is no {name} in {folder}")


@pytest.mark.parametrize("content", ["{", "[]", "\xff"])
def test_a_configuration_that_is_no_json_object_is_a_sentence(folder: Path, content: str) -> None:
    (folder / "config.json").write_bytes(content.encode("latin-1"))
    assert refusal(folder).startswith(f"{folder / 'config.json'} ")


def test_a_file_of_weights_that_was_cut_off_is_a_sentence(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    assert refusal(folder).startswith(f"The model in {folder} cannot be loaded: ")


def test_a_model_that_lacks_weights_is_refused_and_not_filled_up_at_random(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert "lacks 1 of its weights, model.layers.1.mlp.up_proj.weight among them" in refusal(folder)


def test_a_model_without_a_chat_template_is_refused(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()
    assert "has no chat template" in refusal(folder)


def test_an_architecture_that_nobody_knows_is_a_sentence(folder: Path) -> None:
    edit(folder / "config.json", architectures=["WarpForCausalLM"], model_type="warp")
    assert refusal(folder).startswith(f"The model in {folder} cannot be loaded: ")


SIZE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
ROPE = {**SIZE, "num_key_value_heads": 2, "head_dim": 8, "max_position_embeddings": 128}


def other(folder: Path, config: PreTrainedConfig) -> Path:
    """The folder with a model of another kind in it, its weights random."""
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    config.vocab_size = len(tokenizer)
    config.bos_token_id, config.eos_token_id, config.pad_token_id = 1, 2, 0
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(
    ("config", "context"),
    [
        pytest.param(GPT2Config(n_embd=32, n_layer=2, n_head=4, n_positions=128), 128, id="GPT-2"),
        pytest.param(MistralConfig(**ROPE, sliding_window=96), 96, id="Mistral with a window"),
        pytest.param(Qwen3Config(**ROPE), 128, id="Qwen 3"),
    ],
)
def test_other_architectures_are_sampled_too(folder: Path, config: PreTrainedConfig, context: int) -> None:
    engine = TransformersEngine(str(other(folder, config)))
    assert engine.info.context == context
    requests = [ask("fish " * i, temperature=1.0, seed=i, max_tokens=12) for i in range(1, 6)]
    together = [answered(result).text for result in engine.generate(requests)]
    assert together == [answered(engine.generate([request])[0]).text for request in requests]
    assert len(set(together)) == len(requests)


def test_a_model_that_makes_something_else_of_the_cache_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Slots.step

    def reads_everything(self: Slots, positions: Tensor, longest: int) -> Tensor:
        return torch.ones_like(step(self, positions, longest))

    monkeypatch.setattr(Slots, "step", reads_everything)
    assert "through the cache it gives other probabilities" in refusal(folder)


def test_a_model_without_this_kind_of_attention_is_refused(folder: Path) -> None:
    config = MambaConfig(hidden_size=32, num_hidden_layers=2, state_size=4)
    assert "cannot be loaded: MambaForCausalLM does not support" in refusal(other(folder, config))


def test_every_token_that_the_model_s_own_settings_name_ends_an_answer(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    blue = tokenizer(" blue", add_special_tokens=False)["input_ids"]
    edit(folder / "generation_config.json", eos_token_id=[2, blue[-1]])
    completion = answered(TransformersEngine(str(folder)).generate([ask(PAIRS[0][0])])[0])
    assert completion.finish_reason == "stop"
    assert completion.text.startswith("The sky is")
    assert "by day" not in completion.text
