"""python -m exports.loading DIR: loads an export as its consumer does and prints the rows of each split as JSON.

A process of its own, because `datasets` is heavy and nothing that serves people imports it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"  # before the import that reads it
os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")

from datasets import load_dataset


def main(directory: str) -> None:
    with tempfile.TemporaryDirectory() as cache:
        loaded = load_dataset(directory, cache_dir=cache)
        sys.stdout.write(json.dumps({split: rows.num_rows for split, rows in loaded.items()}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
