"""CSV files of ratings, one rating a row: read as a stream, refused with the number of the line.

Lines are counted from 1 as an editor counts them, also where a quoted field goes over several of them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

LONGEST_LINE = 16 * 1024 * 1024
MOST_NAMED = 20
LONGEST_QUOTE = 60
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class RatingFileError(Exception):
    """The file cannot be taken as it is; str(error) is a sentence that names the line."""

    def __init__(self, sentence: str, line: int | None = None) -> None:
        super().__init__(f"line {line}: {sentence}" if line else sentence)


def quoted(text: str) -> str:
    """For a sentence: what a file holds may be long, or move the cursor of a terminal."""
    kept = "".join(letter if letter.isprintable() else "�" for letter in text[:LONGEST_QUOTE])
    return f"“{kept}…”" if len(text) > LONGEST_QUOTE else f"“{kept}”"


@dataclass(frozen=True)
class Columns:
    """The names, in the first line, of the columns that count; the others are passed over."""

    unit: str
    rater: str
    rating: str


class Rating(NamedTuple):
    """One row: the place of its category on the scale, or None where the rating is missing, and its line."""

    unit: str
    rater: str
    place: int | None
    line: int


def ratings(file: BinaryIO, columns: Columns, places: Mapping[str, int]) -> Iterator[Rating]:
    """The rows of a CSV file in UTF-8, in their order; RatingFileError at the first that is wrong.

    Blank lines are passed over, as are spaces around a value. An empty rating is a missing one.
    """
    reader = csv.reader(_lines(file), strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        unit_at, rater_at, rating_at = _found(header, columns)
        line = reader.line_num + 1
        for row in reader:
            if len(row) == len(header):
                unit, rater, rating = row[unit_at].strip(), row[rater_at].strip(), row[rating_at].strip()
                if unit and rater:
                    yield Rating(unit, rater, places[rating] if rating else None, line)
                elif any(map(str.strip, row)):
                    empty = columns.rater if unit else columns.unit
                    raise RatingFileError(f"“{empty}” is empty: every rating needs a unit and a rater.", line)
            elif row:
                raise RatingFileError(f"{len(row)} fields, where the first line has {len(header)}.", line)
            line = reader.line_num + 1
    except KeyError as error:
        raise RatingFileError(
            f"{quoted(error.args[0])} is none of the categories. Name it in --categories, or leave the field empty "
            "where the rating is missing.",
            line,
        ) from None
    except csv.Error as error:
        raise RatingFileError(f"this is not CSV: {error}. {_advice(str(error))}", line) from None


def _found(header: list[str], columns: Columns) -> tuple[int, int, int]:
    """Where the three columns stand."""
    if not header:
        raise RatingFileError("nothing stands here. The first line must name the columns.", 1)
    named = ", ".join(quoted(name) for name in header[:MOST_NAMED]) + (" …" if len(header) > MOST_NAMED else "")
    for name in (columns.unit, columns.rater, columns.rating):
        if name not in header:
            raise RatingFileError(f"there is no column “{name}”. There are: {named}.", 1)
        if header.count(name) > 1:
            raise RatingFileError(f"there are {header.count(name)} columns “{name}”. Give each a name of its own.", 1)
    return header.index(columns.unit), header.index(columns.rater), header.index(columns.rating)


def _lines(file: BinaryIO) -> Iterator[str]:
    """Decoded one by one, so that what is wrong in one is known by its number, and none fills the memory."""
    number = 0
    while raw := file.readline(LONGEST_LINE):
        number += 1
        if len(raw) == LONGEST_LINE:
            raise RatingFileError(f"longer than {LONGEST_LINE:,} bytes.", number)
        try:
            text = raw.removeprefix(BYTE_ORDER_MARK).decode() if number == 1 else raw.decode()
        except UnicodeDecodeError as error:
            raise RatingFileError(f"not UTF-8 (byte {error.start + 1}). Save the file as UTF-8.", number) from None
        if "\0" in text:
            raise RatingFileError("a NUL character, which no text has. Save the file as UTF-8.", number)
        yield text


def _advice(error: str) -> str:
    if "new-line" in error:
        return "Save the file with the line ends of Unix or Windows."
    if "limit" in error:
        return "Shorten it, or close the quotation mark that made it so long."
    return "Close each quotation mark that is opened, and double one that stands inside a field."
