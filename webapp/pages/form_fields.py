"""Fields of forms with many of them: what was typed, with a sentence beside the one that cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field of a form.

    Attributes
    ----------
    rows : int
        Lines of a text; 0 for a field of one line.
    choices : sequence of (value, label)
        For a field that is chosen from.
    suggested : sequence of str
        What the browser offers.
    is_long : bool
        Whether it takes a whole row, as a text of several lines does.
    """

    name: str
    label: str
    typed: str = ""
    refused: str = ""
    help: str = ""
    mode: str = "text"
    longest: int = 0
    rows: int = 0
    choices: Sequence[tuple[str, str]] = ()
    suggested: Sequence[str] = ()
    required: bool = False
    is_long: bool = False

    @property
    def says(self) -> str:
        """The id of what is said of it: why it was refused, else what it is for."""
        if self.refused:
            return f"refused-{self.name}"
        return f"help-{self.name}" if self.help else ""
