"""Tables as files: comma-separated, sent row by row, safe to open in a spreadsheet. They speak English only."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from django.http import StreamingHttpResponse

from preferences.spreadsheets import BOM, defused

Cell: TypeAlias = str | int | float | None  # None: there is no such figure


class _Line:
    """What csv writes its line to."""

    def write(self, line: str) -> str:
        return line


def csv_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        _lines(heads, rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _lines(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BOM + writer.writerow(heads)
    for row in rows:
        yield writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in row])
