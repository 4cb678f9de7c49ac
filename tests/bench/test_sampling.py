"""The benchmark of sampling, on a model of two small layers: that it runs, and counts what it says."""

from __future__ import annotations

import pytest
import torch

from bench import sampling
from workers.engines.rows import Voice


@pytest.fixture(scope="module")
def voice() -> Voice:
    torch.set_num_threads(1)
    return sampling.make_voice("small")


def test_every_answer_has_its_full_length_in_both_ways(voice: Voice) -> None:
    for way in (sampling.ours, sampling.plain):
        rate = way(voice, 3, 5)
        assert (rate.rows, rate.tokens) == (3, 15)
        assert rate.per_second > 0


def test_a_step_reads_all_weights_but_the_table_of_the_input(voice: Voice) -> None:
    every = sum(parameter.numel() * parameter.element_size() for parameter in voice.model.parameters())
    assert sampling.weight_bytes(voice) == every - 512 * 64 * voice.model.dtype.itemsize


def test_the_report_has_a_line_for_each_batch_and_the_wait_of_the_annotators() -> None:
    lines = sampling.measure("small", [1, 4], tokens=4, waiting=3)
    assert [line.split(":")[0] for line in lines[2:]] == [
        "generate(), one by one",
        "batch 1",
        "batch 4",
        "of 32 answers in one batch are the same, token for token",
        "3 annotators at once",
    ]
