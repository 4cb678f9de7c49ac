from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import text as texts
from preferences.actions import events
from preferences.errors import InvalidInput
from preferences.models import Response, Turn, Variant


@transaction.atomic
def record(*, turn: Turn, variant: Variant, text: str, **provenance: Any) -> Response:
    """Stores a sampled text; `provenance` are the fields of Response that say how it was made."""
    text = texts.storable(text)
    if not text.strip():
        raise InvalidInput(_("The model returned an empty text."))
    if len(text) > texts.RESPONSE_LIMIT:
        raise InvalidInput(
            _("The model returned %(length)s characters; the limit is %(limit)s.")
            % {"length": f"{len(text):,}", "limit": f"{texts.RESPONSE_LIMIT:,}"}
        )
    response = Response.objects.create(turn=turn, variant=variant, text=text, **provenance)
    events.record("response.recorded", response, by=None, campaign=turn.dialogue.campaign, turn=turn.pk)
    return response
