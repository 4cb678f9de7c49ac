from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import text as texts
from preferences.actions import events
from preferences.choices import ResponseSource
from preferences.errors import InvalidInput
from preferences.identity import identity_leak
from preferences.models import Campaign, Response, SamplingPair, Turn, Variant


def leak_of(text: str, *, turn: Turn, variant: Variant) -> str:
    """The words by which a text says who wrote it, “” where it does not: blinding is checked when it is sampled."""
    return _leak(text, turn, variant, hidden_names(turn.dialogue.campaign))


def hidden_names(campaign: Campaign) -> set[str]:
    """What no response of the campaign may say: its variants and their iterations."""
    plan = SamplingPair.objects.filter(campaign=campaign)
    return {
        name
        for names in plan.values_list("first__name", "first__iteration", "second__name", "second__iteration")
        for name in names
    }


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
    return record_all(unsaved=[Response(turn=turn, variant=variant, text=text, **provenance)])[0]


@transaction.atomic
def record_all(*, unsaved: Sequence[Response]) -> list[Response]:
    """Stores sampled texts with their provenance; however many, it takes one statement a table."""
    names: dict[int, set[str]] = {}
    for response in unsaved:
        campaign = response.turn.dialogue.campaign
        if campaign.pk not in names:
            names[campaign.pk] = hidden_names(campaign)
        response.text = _checked(response.text)
        response.identity_leak = _leak(response.text, response.turn, response.variant, names[campaign.pk])
    stored = Response.objects.bulk_create(unsaved)
    events.record_all(
        [
            events.event(
                "response.recorded", response, by=None, campaign=response.turn.dialogue.campaign, turn=response.turn_id
            )
            for response in stored
        ]
    )
    return stored


def _checked(text: str) -> str:
    text = texts.storable(text)
    if not text.strip():
        raise InvalidInput(_("The model returned an empty text."))
    if len(text) > texts.RESPONSE_LIMIT:
        raise InvalidInput(
            _("The model returned %(length)s characters; the limit is %(limit)s.")
            % {"length": f"{len(text):,}", "limit": f"{texts.RESPONSE_LIMIT:,}"}
        )
    return text


def _leak(text: str, turn: Turn, variant: Variant, names: set[str]) -> str:
    hidden = (names | {variant.name, variant.iteration}) - {""}
    return identity_leak(text, names=hidden, prompt=turn.prompt.text)
