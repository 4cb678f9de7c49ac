"""UltraFeedback (arXiv 2310.01377): four models' answers, each rated on four aspects by a model.

The best by the mean of its aspects is compared with each worse one. The published “overall_score” is not read, because
it was found wrong in some rows. Binarized editions (chosen, rejected) are read, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ASPECTS = ("instruction_following", "honesty", "truthfulness", "helpfulness")
RATER = "ultrafeedback gpt-4"


def lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    if "completions" not in entry:
        yield _binarized(entry, name)
        return
    rated = [(_mean(one["annotations"]), one) for one in entry["completions"]]
    ordered = sorted(((mean, one) for mean, one in rated if mean is not None), key=lambda pair: -pair[0])
    for mean, worse in ordered[1:]:
        best, better = ordered[0]
        if mean == best or worse["response"] == better["response"]:
            continue
        yield {
            "id": f"ultrafeedback:{name}:{worse['model']}",
            "prompt": [{"role": "user", "content": entry["instruction"]}],
            "response_a": better["response"],
            "response_b": worse["response"],
            "variant_a": better["model"],
            "variant_b": worse["model"],
            "system_prompt_a": better.get("custom_system_prompt") or "",
            "system_prompt_b": worse.get("custom_system_prompt") or "",
            "votes": [{"annotator": RATER, "chosen": "a"}],
        }


def _mean(annotations: Mapping[str, Any]) -> float | None:
    """Of the aspects that have a number; None without any."""
    told = [str(annotations[aspect]["Rating"]) for aspect in ASPECTS if aspect in annotations]
    numbers = [float(rating) for rating in told if rating.replace(".", "", 1).isdigit()]
    return sum(numbers) / len(numbers) if numbers else None


def _binarized(entry: Mapping[str, Any], name: str) -> dict[str, Any]:
    *asked, chosen = entry["chosen"]
    *_, rejected = entry["rejected"]
    return {
        "id": f"ultrafeedback:{entry.get('prompt_id') or name}",
        "prompt": [{"role": message["role"], "content": message["content"]} for message in asked],
        "response_a": chosen["content"],
        "response_b": rejected["content"],
        "variant_a": "ultrafeedback chosen",
        "variant_b": "ultrafeedback rejected",
        "votes": [{"annotator": RATER, "chosen": "a"}],
    }
