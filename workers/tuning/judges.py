"""The reward models of a set: one alone, or one for each track, joined as the paper joins them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scipy.special import expit

from preferences.choices import Track
from workers.rewards.dataset import Messages
from workers.rewards.errors import RewardError
from workers.rewards.piecewise import piecewise
from workers.rewards.scoring import Scorer, encode, load, score_ids

Asked = tuple[Messages, str, bool]  # dialogue, answer, whether the prompt may elicit unsafe answers


@dataclass(frozen=True)
class Judges:
    """By track. Of two, `R_c` of Llama 2 (section 3.2.3) is the reward; of one, the sigmoid of its score."""

    folders: dict[str, str]
    scorers: dict[str, Scorer]

    @classmethod
    def load(cls, folders: Sequence[str]) -> Judges:
        by_track = {_track(folder): folder for folder in folders}
        if len(by_track) != len(folders) or not folders:
            raise RewardError("Name one reward model, or two: one of each track.")
        return cls(by_track, {track: load(folder) for track, folder in by_track.items()})

    def rewards(self, asked: Sequence[Asked]) -> list[float | None]:
        """One reward each from 0 to 1, in order; None for what a model cannot read whole."""
        found = [self._scores(scorer, asked) for scorer in self.scorers.values()]
        readable = [all(own[place] is not None for own in found) for place in range(len(asked))]
        places = [place for place, good in enumerate(readable) if good]
        by_track = {
            track: expit([own[place] for place in places]) for track, own in zip(self.scorers, found, strict=True)
        }
        if len(by_track) == 1:
            (values,) = by_track.values()
        else:
            is_safety = [asked[place][2] for place in places]
            values = piecewise(by_track[Track.SAFETY], by_track[Track.HELPFULNESS], is_safety)
        rewards = dict(zip(places, values.tolist(), strict=True))
        return [rewards.get(place) for place in range(len(asked))]

    def as_json(self) -> list[dict[str, Any]]:
        return [
            {"track": track, "location": self.folders[track], "weights_sha256": scorer.weights_sha256}
            for track, scorer in self.scorers.items()
        ]

    @staticmethod
    def _scores(scorer: Scorer, asked: Sequence[Asked]) -> list[float | None]:
        """Each text is scored once, however often it was sampled."""
        keys = [(json.dumps(list(messages)), answer) for messages, answer, _ in asked]
        rows = {
            key: encode(scorer.tokenizer, messages, answer)
            for key, (messages, answer, _) in zip(keys, asked, strict=True)
        }
        fitting = {key: ids for key, ids in rows.items() if len(ids) <= scorer.context}
        scores = dict(zip(fitting, score_ids(scorer, list(fitting.values())), strict=True))
        return [scores.get(key) for key in keys]


def _track(folder: str) -> str:
    try:
        track: str = json.loads((Path(folder) / "reward.json").read_text())["track"]
    except (OSError, ValueError, KeyError):
        raise RewardError(f"There is no reward.json in {folder}: it is not a reward model.") from None
    return track
