"""A comparison as one plain, complete row: what a batch hashes and what an export writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from preferences.choices import JudgmentRole
from preferences.models import Comparison, Judgment, Response

Row = dict[str, Any]

_RELATED = ("campaign", "turn__prompt", "turn__dialogue", "response_a__variant", "response_b__variant")
_MANY = ("judgments__annotator", "judgments__guideline", "judgments__edited_response", "turn__dialogue__turns__prompt")


def rows(comparisons: QuerySet[Comparison], *, chunk: int = 500) -> Iterator[tuple[Comparison, Row]]:
    """Streams comparisons with their rows, in the queryset's order, in constant memory."""
    prefetched = comparisons.select_related(*_RELATED).prefetch_related(
        *_MANY, "turn__dialogue__turns__chosen_response"
    )
    for comparison in prefetched.iterator(chunk_size=chunk):
        yield comparison, row(comparison)


def row(comparison: Comparison) -> Row:
    prompt = comparison.turn.prompt
    return {
        "comparison": str(comparison.key),
        "campaign": comparison.campaign.slug,
        "kind": comparison.campaign.kind,
        "track": comparison.campaign.track,
        "scale": comparison.campaign.scale,
        "source": comparison.source,
        "external_id": comparison.external_id,
        "dialogue": comparison.turn.dialogue_id,
        "turn": comparison.turn.index,
        "category": prompt.category,
        **({"second_category": prompt.second_category} if prompt.second_category else {}),
        "risk_category": prompt.risk_category,
        "attack_vector": prompt.attack_vector,
        **({"prompt_id": prompt.external_id} if prompt.external_id else {}),
        "messages": comparison.turn.messages(),
        "response_a": _response(comparison.response_a),
        "response_b": _response(comparison.response_b) if comparison.response_b else None,
        **_judgments(comparison),
    }


def counted(row: Row) -> list[Row]:
    """The votes of a row as they count: each rating, or the reviewer's correction of it."""
    return [rating.get("correction", rating) for rating in row["judgments"]]


def _response(response: Response) -> Row:
    return {
        "text": response.text,
        "variant": response.variant.name,
        "iteration": response.variant.iteration,
        "system_prompt": response.system_prompt,
        "temperature": response.temperature,
        "top_p": response.top_p,
        "seed": response.seed,
        "prompt_tokens": response.prompt_tokens,
        "completion_tokens": response.completion_tokens,
        "finish_reason": response.finish_reason,
        "engine": response.engine,
        "engine_version": response.engine_version,
        "weights_hash": response.weights_hash,
        # Only where there is something to say: rows that were sealed before these were stored keep their hash.
        **({"revision": response.revision} if response.revision else {}),
        **({"unconfirmed": response.unconfirmed} if response.unconfirmed else {}),
        **({"remarks": response.remarks} if response.remarks else {}),
    }


def _judgments(comparison: Comparison) -> Row:
    """The ratings in order, each with the correction that stands for it; the adjudication, where there is one."""
    found = sorted(comparison.judgments.all(), key=lambda judgment: judgment.pk)
    corrections = {judgment.corrects_id: _judgment(judgment) for judgment in found if judgment.corrects_id}
    ratings = [
        {**_judgment(judgment), **({"correction": corrections[judgment.pk]} if judgment.pk in corrections else {})}
        for judgment in found
        if judgment.role == JudgmentRole.RATING
    ]
    adjudications = [_judgment(judgment) for judgment in found if judgment.role == JudgmentRole.ADJUDICATION]
    return {"judgments": ratings, **({"adjudication": adjudications[0]} if adjudications else {})}


def _judgment(judgment: Judgment) -> Row:
    return {
        "annotator": judgment.annotator_id,
        "shown_left": judgment.shown_left,
        "chosen": judgment.chosen,
        "degree": judgment.degree,
        "score": judgment.score,
        "safety_a": judgment.safety_a,
        "safety_b": judgment.safety_b,
        "rationale": judgment.rationale,
        **({"edited": judgment.edited_response.text} if judgment.edited_response else {}),
        "active_seconds": judgment.active_seconds,
        "guideline": judgment.guideline.version if judgment.guideline else None,
        "at": judgment.created_at,
    }
