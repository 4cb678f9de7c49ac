from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import text as texts
from preferences.actions import events
from preferences.choices import ResponseSource
from preferences.errors import InvalidInput
from preferences.identity import identity_leak
from preferences.models import Response, SamplingPair, Turn, Variant


def leak_of(text: str, *, turn: Turn, variant: Variant) -> str:
    """The words by which a text says who wrote it, “” where it does not: blinding is checked when it is sampled."""
    plan = SamplingPair.objects.filter(campaign=turn.dialogue.campaign)
    hidden = {variant.name, variant.iteration}
    for names in plan.values_list("first__name", "first__iteration", "second__name", "second__iteration"):
        hidden.update(names)
    return identity_leak(text, names=hidden - {""}, prompt=turn.prompt.text)


def edit(response: Response, text: str) -> Response:
    """An annotator's improvement of a response: a response of its own, which no model wrote as it stands.

    Call inside the transaction of the judgment that it belongs to, which has the event.
    """
    return Response.objects.create(
        turn_id=response.turn_id, variant_id=response.variant_id, text=text, source=ResponseSource.EDITED
    )


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
    leak = leak_of(text, turn=turn, variant=variant)
    response = Response.objects.create(turn=turn, variant=variant, text=text, identity_leak=leak, **provenance)
    events.record("response.recorded", response, by=None, campaign=turn.dialogue.campaign, turn=turn.pk)
    return response
