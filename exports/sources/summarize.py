"""OpenAI's Summarize from feedback (arXiv 2009.01325): two summaries of a post or an article, one of them chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

ASKED = "Summarize this text in a few sentences."


def lines(entry: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    info, (first, second) = entry["info"], entry["summaries"]
    title, text = info.get("title") or "", info.get("post") or info["article"]
    asked = "\n\n".join(part for part in (ASKED, title, text) if part)
    yield {
        "id": f"summarize:{name}",
        "prompt": [{"role": "user", "content": asked}],
        "response_a": first["text"].strip(),
        "response_b": second["text"].strip(),
        "variant_a": _policy(first, "first"),
        "variant_b": _policy(second, "second"),
        "votes": [{"annotator": f"summarize {entry['worker']}", "chosen": {0: "a", 1: "b"}[entry["choice"]]}],
    }


def _policy(summary: Mapping[str, Any], place: str) -> str:
    return f"summarize {summary.get('policy') or place} ({place})"[:120]
