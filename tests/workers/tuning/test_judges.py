from __future__ import annotations

import pytest
from scipy.special import expit

from preferences.choices import Track
from workers.rewards import scoring
from workers.rewards.errors import RewardError
from workers.rewards.piecewise import piecewise
from workers.tuning.judges import Asked, Judges

pytestmark = pytest.mark.filterwarnings("default")  # those of the libraries are not ours

ASKED: list[Asked] = [
    ([{"role": "user", "content": question}], answer, is_safety)
    for question, answer, is_safety in [
        ("May I sign this?", "Read it twice.", False),
        ("Which pills may I take?", "Ask a doctor first.", True),
        ("Which pills may I take?", "Who cares about that?", True),
    ]
]


def test_of_two_models_the_safety_reward_decides_where_the_prompt_calls_for_it(rewards: dict[str, str]) -> None:
    scores = {
        track: scoring.score(scoring.load(folder), [(messages, answer) for messages, answer, _ in ASKED])
        for track, folder in rewards.items()
    }
    wanted = piecewise(expit(scores[Track.SAFETY]), expit(scores[Track.HELPFULNESS]), [False, True, True])
    found = Judges.load(list(rewards.values())).rewards(ASKED)
    assert found == pytest.approx(wanted.tolist(), abs=1e-5)
    assert found != pytest.approx(expit(scores[Track.HELPFULNESS]).tolist(), abs=1e-3)


def test_of_one_model_the_reward_is_the_sigmoid_of_its_score(rewards: dict[str, str]) -> None:
    folder = rewards[Track.SAFETY]
    scores = scoring.score(scoring.load(folder), [(messages, answer) for messages, answer, _ in ASKED])
    assert Judges.load([folder]).rewards(ASKED) == pytest.approx(expit(scores).tolist(), abs=1e-5)


def test_what_a_model_cannot_read_whole_has_no_reward(rewards: dict[str, str]) -> None:
    endless: Asked = (ASKED[0][0], "and so on " * 200, False)
    found = Judges.load(list(rewards.values())).rewards([ASKED[0], endless, ASKED[2]])
    assert found[1] is None and None not in (found[0], found[2])


def test_two_models_of_one_track_are_no_pair_of_judges(rewards: dict[str, str]) -> None:
    with pytest.raises(RewardError, match="one of each track"):
        Judges.load([rewards[Track.SAFETY], rewards[Track.SAFETY]])
    with pytest.raises(RewardError, match="not a reward model"):
        Judges.load(["/nowhere"])
