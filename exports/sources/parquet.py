"""The rows of a Parquet file. Loaded on use: what serves people reads none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

ROWS_AT_ONCE = 1000


class Unreadable(Exception):
    """Why a file cannot be read further."""


def rows(file: BinaryIO) -> Iterator[dict[str, Any]]:
    try:
        with pq.ParquetFile(file) as opened:
            for part in opened.iter_batches(ROWS_AT_ONCE):
                yield from part.to_pylist()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise Unreadable(str(error)) from None
