"""What a guard is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """`stands` is in the file once; `falls` takes its place. `test` is a file, or file::words for pytest's -k."""

    what: str
    file: str
    stands: str
    falls: str
    test: str
