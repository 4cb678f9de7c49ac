"""Agreement over a million units: how long Margin takes, and irrCAC in an environment of its own.

`make agreement-bench` makes that environment, since irrCAC needs older versions of pandas and scipy, and runs both on
the same ratings one after the other. Each gets what it reads at its best: Margin the array of category indices, irrCAC
the data frame with the categories named. Reading the file and making the frame are not counted; the best of three is.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from preferences.stats import RatingPatterns, ac2

HERE, UNITS, RATERS, CATEGORIES, RUNS = Path("var/bench"), 1_000_000, 3, 8, 3
PEER = """
import json, sys, time
import numpy as np, pandas as pd
from irrCAC.raw import CAC
frame = pd.DataFrame(np.load(sys.argv[1]).astype(float) + 1)
frame = frame.where(frame > 0)
seconds = []
for _ in range(int(sys.argv[3])):
    begun = time.perf_counter()
    said = CAC(frame, weights="quadratic", categories=list(range(1, int(sys.argv[2]) + 1)), digits=15).gwet()["est"]
    seconds.append(time.perf_counter() - begun)
print(json.dumps({"seconds": min(seconds), "value": said["coefficient_value"], "se": said["se"]}))
"""


def ratings(missing: float) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    rng = np.random.default_rng(1)
    kind = rng.integers(0, CATEGORIES, (UNITS, 1))
    said = np.where(rng.random((UNITS, RATERS)) < 0.6, kind, rng.integers(0, CATEGORIES, (UNITS, RATERS)))
    return np.where(rng.random((UNITS, RATERS)) < missing, -1, said)


def main(peer: str) -> None:
    HERE.mkdir(parents=True, exist_ok=True)
    print(f"AC2, quadratic weights, {UNITS:,} units x {RATERS} raters, {CATEGORIES} categories; best of {RUNS}\n")
    for missing in (0.0, 0.3):
        table = ratings(missing)
        np.save(HERE / "ratings.npy", table)
        seconds = []
        for _ in range(RUNS):
            begun = time.perf_counter()
            ours = ac2(RatingPatterns.from_ratings(table, CATEGORIES))
            seconds.append(time.perf_counter() - begun)
        command = [peer, "-W", "ignore", "-c", PEER, str(HERE / "ratings.npy"), str(CATEGORIES), str(RUNS)]
        theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        said = np.array([ours.value, ours.se], dtype=float), np.array([theirs["value"], theirs["se"]])
        if not np.allclose(*said, rtol=0, atol=1e-9):
            sys.exit(f"The answers differ: {ours} and {theirs}.")
        ratio = theirs["seconds"] / min(seconds)
        print(
            f"{missing:.0%} missing: Margin {min(seconds) * 1000:.0f} ms, irrCAC {theirs['seconds'] * 1000:.0f} ms, "
            f"{ratio:.0f} times as long (target: 15 or more); AC2 {ours.value:.9f} from both"
        )


if __name__ == "__main__":
    main(sys.argv[1])
