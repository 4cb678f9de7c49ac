"""A finished comparison with all its judgments, for who looks at why raters disagree."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from annotation import permissions
from preferences.choices import Chosen, JudgmentRole, Purpose
from preferences.errors import DomainError
from preferences.models import Batch, Comparison, Judgment, RetiredPrompt
from preferences.scales import Scale
from webapp import erasing
from webapp.errors import status_of
from webapp.pages.requests import campaign_or_404, person, text_of
from webapp.pages.texts import conversation, shown
from webapp.pages.verdict_strips import strip, words_of
from workers import prompt_sets

_RELATED = ("campaign", "turn__dialogue__campaign", "turn__prompt", "response_a", "response_b")
_EARLIER = ("turn__dialogue__turns__prompt", "turn__dialogue__turns__chosen_response")


@require_GET
@login_required
def comparison(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What is unfinished, or hidden among the work, is not found: who looks at it could still judge it."""
    return _page(request, _found(request, slug, pk))


@require_POST
@login_required
def erase(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = _found(request, slug, pk)
    try:
        erasing.erase_comparison(comparison=found, reason=text_of(request, "reason"), by=person(request))
    except DomainError as error:
        return _page(request, found, error)
    return redirect("agreement_comparison", slug, pk)


@require_POST
@login_required
def retire(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The prompt that was asked; retiring it twice is no error."""
    prompt_sets.retire(prompt=_found(request, slug, pk).turn.prompt, by=person(request))
    return redirect(f"{reverse('agreement_comparison', args=[slug, pk])}#retire")


def _found(request: HttpRequest, slug: str, pk: int) -> Comparison:
    campaign = campaign_or_404(slug)
    permissions.check_can_manage(person(request), campaign)
    rows = Comparison.objects.filter(campaign=campaign, purpose=Purpose.COLLECTION, finished_at__isnull=False)
    return get_object_or_404(rows.select_related(*_RELATED).prefetch_related(*_EARLIER), pk=pk)


def _page(request: HttpRequest, found: Comparison, error: DomainError | None = None) -> HttpResponse:
    campaign = found.campaign
    judgments = list(found.judgments.select_related("annotator", "guideline").order_by("created_at", "pk"))
    scores = [one.score for one in judgments if one.role == JudgmentRole.RATING and one.score is not None]
    messages = found.turn.messages()
    responses = [found.response_a, *([found.response_b] if found.response_b else [])]
    texts = shown([*(one.text for one in responses), *(message["content"] for message in messages)])
    titles = [_("Response A"), _("Response B")] if found.response_b else [_("The response")]
    context = {
        "campaign": campaign,
        "comparison": found,
        "messages_so_far": conversation(messages, texts),
        "sides": [
            {"name": name, "title": title, "text": texts[response.text]}
            for name, title, response in zip(("left", "right"), titles, responses, strict=False)
        ],
        "judgments": [(one, _verdict(campaign.the_scale, one)) for one in judgments],
        "strip": strip(campaign.the_scale, sorted(scores)),
        "batches": Batch.objects.filter(items__comparison=found).order_by("-version"),
        "retired": RetiredPrompt.objects.filter(prompt=found.turn.prompt_id).first(),
        "typed": request.POST,
        "error": error,
        "is_manager": True,
    }
    return render(request, "agreement_comparison.html", context, status=status_of(error) if error else 200)


def _verdict(scale: Scale, judgment: Judgment) -> str:
    return str(Chosen(judgment.chosen).label) if judgment.score is None else words_of(scale, judgment.score)
