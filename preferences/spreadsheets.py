"""What a file of comma-separated values owes to whoever opens it in a spreadsheet."""

from __future__ import annotations

import re

BOM = "\ufeff"  # by which spreadsheets know UTF-8
# Also in the full width of Chinese and Japanese keyboards, which spreadsheets read alike; and after a character that
# some of them, by the country that they are set to, take for the end of a cell.
FORMULA = re.compile(r"(^|(?!^)[;|\t\r\n])(?=\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")


def defused(cell: str) -> str:
    """The cell as a spreadsheet shows it and never runs it.

    A cell that begins with =, +, -, @, a tab or a carriage return is a formula to a spreadsheet, which could send what
    else is in the sheet anywhere; an apostrophe before it makes it a text.
    """
    return FORMULA.sub(r"\1'", cell)
