"""PostgreSQL's own binary COPY of the rows of a batch: the least that getting them out can take."""

from __future__ import annotations

from django.db import connection

from preferences.models import Batch

# What an export is made of, as flat rows: the dialogue before, what was asked, both responses, every vote.
SAME_ROWS = """
    SELECT c.key, campaign.slug, campaign.track, dialogue.context, prompt.text, a.text, b.text, va.name, vb.name,
           a.temperature, b.temperature, a.seed, b.seed, a.completion_tokens, b.completion_tokens,
           ARRAY(SELECT p.text FROM preferences_turn t JOIN preferences_prompt p ON p.id = t.prompt_id
                  WHERE t.dialogue_id = turn.dialogue_id AND t.index < turn.index ORDER BY t.index),
           ARRAY(SELECT r.text FROM preferences_turn t LEFT JOIN preferences_response r ON r.id = t.chosen_response_id
                  WHERE t.dialogue_id = turn.dialogue_id AND t.index < turn.index ORDER BY t.index),
           ARRAY(SELECT j.score FROM preferences_judgment j WHERE j.comparison_id = c.id ORDER BY j.id),
           ARRAY(SELECT j.safety_a FROM preferences_judgment j WHERE j.comparison_id = c.id ORDER BY j.id)
      FROM preferences_batchitem item
      JOIN preferences_comparison c ON c.id = item.comparison_id
      JOIN preferences_campaign campaign ON campaign.id = c.campaign_id
      JOIN preferences_turn turn ON turn.id = c.turn_id
      JOIN preferences_dialogue dialogue ON dialogue.id = turn.dialogue_id
      JOIN preferences_prompt prompt ON prompt.id = turn.prompt_id
      JOIN preferences_response a ON a.id = c.response_a_id
      JOIN preferences_variant va ON va.id = a.variant_id
      JOIN preferences_response b ON b.id = c.response_b_id
      JOIN preferences_variant vb ON vb.id = b.variant_id
     WHERE item.batch_id = '{batch}' ORDER BY item.place
"""


class _Nothing:
    """Takes what is written and counts it."""

    def __init__(self) -> None:
        self.bytes = 0

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        return len(data)


def copied(batch: Batch) -> int:
    """Bytes of the binary COPY, thrown away."""
    nothing = _Nothing()
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY ({SAME_ROWS.format(batch=batch.pk)}) TO STDOUT (FORMAT binary)", nothing)
    return nothing.bytes
