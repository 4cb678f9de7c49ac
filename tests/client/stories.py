"""The programs of client/README.md, by the heading that each stands under."""

from __future__ import annotations

import re
from typing import Any

from tests.rules.repository import ROOT

README = ROOT / "client" / "README.md"


def program_of(story: str) -> str:
    """The one program below a heading."""
    [section] = re.findall(rf"^## {story}\n(.*?)(?=^## |\Z)", README.read_text(encoding="utf-8"), re.M | re.S)
    [program] = re.findall(r"^```python\n(.*?)^```", section, re.M | re.S)
    return str(program)


def run(story: str) -> dict[str, Any]:
    """What the program's names stand for when it is done."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(program_of(story), f"{README}: {story}", "exec"), names)
    return names
