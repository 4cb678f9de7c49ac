"""Where the checkout and its data lie."""

from __future__ import annotations

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("MARGIN_VAR", BASE_DIR / "var")).absolute()
