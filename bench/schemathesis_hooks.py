"""How schemathesis writes a body of lines; loaded by it, in an environment of its own."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")  # type: ignore[untyped-decorator]
def lines(_context: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")
