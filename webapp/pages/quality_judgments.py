"""A judgment as it was made, for who looks at how people work: the pair as it was shown, the verdict, the time."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from annotation import permissions
from annotation.models import Gold
from preferences.choices import Chosen, Degree, Position, Purpose
from preferences.models import Judgment
from webapp.pages.quality_people import check_may_look_at
from webapp.pages.requests import campaign_or_404, person
from webapp.pages.texts import Text, conversation, shown

_RELATED = ("annotator", "edited_response", "comparison__campaign", "comparison__turn__dialogue")
_TEXTS = ("comparison__turn__prompt", "comparison__response_a", "comparison__response_b")
_EARLIER = ("comparison__turn__dialogue__turns__prompt", "comparison__turn__dialogue__turns__chosen_response")


@require_GET
@login_required
def judgment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    campaign, user = campaign_or_404(slug), person(request)
    permissions.check_can_manage(user, campaign)
    rows = Judgment.objects.select_related(*_RELATED, *_TEXTS).prefetch_related(*_EARLIER)
    found = get_object_or_404(rows, pk=pk, comparison__campaign=campaign)
    check_may_look_at(user, campaign, found.annotator)
    left = Position(found.shown_left or Position.A)
    shown_texts = found.comparison.texts(left)
    messages = found.comparison.turn.messages()
    texts = shown([*shown_texts, *(message["content"] for message in messages)])
    context = {
        "campaign": campaign,
        "judgment": found,
        "messages_so_far": conversation(messages, texts),
        "sides": _sides(found, left, [texts[text] for text in shown_texts]),
        "verdict": verdict_words(found, left),
        "known": _known(found, left),
        "is_repeat": found.comparison.purpose == Purpose.REPEAT,
        "is_manager": permissions.is_manager(user),
    }
    return render(request, "quality_judgment.html", context)


def _sides(found: Judgment, left: Position, texts: list[Text]) -> list[dict[str, Any]]:
    if len(texts) == 1:
        return [{"name": "only", "title": _("Response"), "text": texts[0]}]
    names = (("left", _("Left response"), left), ("right", _("Right response"), left.other))
    return [
        {"name": name, "title": title, "text": text, "chosen": found.chosen == side,
         "safety": found.safety_a if side is Position.A else found.safety_b}
        for (name, title, side), text in zip(names, texts, strict=True)
    ]  # fmt: skip


def verdict_words(given: Judgment | Gold, left: Position) -> str:
    """A stored verdict in terms of left and right; of one response its rating."""
    if given.chosen == Chosen.RATED:
        return _("Rated %(rating)s of 5") % {"rating": given.safety_a}
    if given.chosen not in Position.values:
        return str(Chosen(given.chosen).label)
    how = str(Degree(given.degree).label) if given.degree else _("Better")
    words = {"degree": how}
    return _("Left: %(degree)s") % words if given.chosen == left else _("Right: %(degree)s") % words


def _known(found: Judgment, left: Position) -> str:
    """The known verdict of a hidden comparison; nothing for any other."""
    gold = Gold.objects.filter(comparison=found.comparison_id).first()
    return verdict_words(gold, left) if gold else ""
