from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st
from transformers import AutoModelForCausalLM, AutoTokenizer
from trl.trainer.rloo_config import RLOOConfig
from trl.trainer.rloo_trainer import RLOOTrainer

from tests.workers.rewards import made
from workers.rewards.piecewise import PiecewiseReward, combined, kl_weight, logit, piecewise, whiten
from workers.rewards.scoring import Scorer, score


def test_safety_decides_where_the_prompt_is_tagged_or_the_response_is_unsafe() -> None:
    safety = [0.9, 0.9, 0.1, 0.15, 0.149]
    helpfulness = [0.2, 0.2, 0.8, 0.8, 0.8]
    tagged = [True, False, False, False, False]
    assert piecewise(safety, helpfulness, tagged).tolist() == [0.9, 0.2, 0.1, 0.8, 0.149]


def test_the_logit_undoes_the_sigmoid_and_stays_finite_at_its_ends() -> None:
    scores = np.array([-8.0, -0.5, 0.0, 3.0])
    assert logit(1 / (1 + np.exp(-scores))) == pytest.approx(scores, abs=1e-9)
    ends = logit([0.0, 1.0])
    assert np.isfinite(ends).all() and ends[0] == pytest.approx(-ends[1], rel=1e-3) and ends[0] < -30


@given(st.lists(st.floats(-40, 40), min_size=2, max_size=50))
def test_whitened_rewards_have_mean_0_and_deviation_1(values: list[float]) -> None:
    found = whiten(values)
    assert found.mean() == pytest.approx(0, abs=1e-6)
    if np.ptp(values) > 1e-6:
        assert found.std(ddof=1) == pytest.approx(1, rel=1e-6)
        assert (np.diff(found[np.argsort(values)]) >= 0).all()  # the order stays


def test_equal_rewards_and_a_single_one_whiten_to_nothing() -> None:
    assert whiten([0.1] * 7).tolist() == [0.0] * 7
    assert whiten([3.0]).tolist() == [0.0]


def test_the_weight_of_the_divergence_is_the_papers() -> None:
    assert [kl_weight(size * 1e9) for size in (7, 13, 34, 70)] == [0.01, 0.01, 0.005, 0.005]


def test_scores_before_the_sigmoid_become_whitened_rewards() -> None:
    # R_c is 0.9 (tagged), 0.1 (unsafe) and 0.5 (helpful): logits 2.197, -2.197 and 0, whose deviation is 2.197.
    nine = float(np.log(9))
    assert combined([nine, -nine, nine], [0.0, nine, 0.0], [True, False, False]) == pytest.approx([1.0, -1.0, 0.0])


@pytest.mark.filterwarnings("default")
def test_a_step_of_reinforcement_learning_takes_the_reward(scorer: Scorer, base: Path, tmp_path: Path) -> None:
    seen: list[int] = []

    def scored(pairs: object) -> list[float]:
        scores = score(scorer, pairs)  # type: ignore[arg-type]
        seen.append(len(scores))
        return scores

    prompts = [[{"role": "user", "content": question}] for question in made.QUESTIONS[:2]]
    trainer = RLOOTrainer(
        model=AutoModelForCausalLM.from_pretrained(base),
        reward_funcs=PiecewiseReward(safety=scored, helpfulness=scored),
        args=RLOOConfig(
            output_dir=str(tmp_path), per_device_train_batch_size=4, num_generations=2, max_completion_length=8,
            max_steps=1, beta=kl_weight(1e5), use_cpu=True, bf16=False, activation_checkpointing=False,
            report_to="none", save_strategy="no", logging_steps=1, disable_tqdm=True, dataloader_pin_memory=False,
        ),
        train_dataset=Dataset.from_dict({"prompt": prompts, "is_safety": [True, False]}),
        processing_class=AutoTokenizer.from_pretrained(base),
    )  # fmt: skip
    trainer.train()
    assert seen == [4, 4]
    logged = trainer.state.log_history[0]
    assert logged["rewards/piecewise_reward/mean"] == pytest.approx(0, abs=1e-5)
    assert logged["rewards/piecewise_reward/std"] > 0
