"""The evaluation sets of which writers are warned: what is registered, adding one, retiring one."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from annotation import permissions
from annotation.models import Role
from exports.contamination.errors import ContaminationError
from exports.contamination.texts import read_samples
from preferences.actions import evaluation_sets as actions
from preferences.errors import DomainError, InvalidInput
from preferences.models import EvaluationSet
from webapp.accounts.models import User
from webapp.errors import status_of
from webapp.pages.requests import person, text_of

LARGEST = 16 * 1024 * 1024  # bytes: some millions of tokens, counted while the sender waits


@require_http_methods(["GET", "POST"])
@login_required
def evaluation_sets(request: HttpRequest) -> HttpResponse:
    user, error = _allowed(request), None
    if request.method == "POST":
        try:
            _register(request, user)
            return redirect(f"{reverse('evaluation_sets')}#sets")
        except DomainError as refused:
            error = refused
    context = {
        "sets": EvaluationSet.objects.select_related("registered_by")
        .annotate(prompts=Count("overlaps"))
        .order_by(F("retired_at").desc(nulls_first=True), "name"),
        "typed": request.POST,
        "megabytes": LARGEST // 1024**2,
        "is_manager": permissions.is_manager(user),
        "error": error,
    }
    return render(request, "evaluation_sets.html", context, status=status_of(error) if error else 200)


@require_POST
@login_required
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    user = _allowed(request)
    actions.retire(evaluation_set=get_object_or_404(EvaluationSet, pk=pk), by=user)
    return redirect("evaluation_sets")


def _allowed(request: HttpRequest) -> User:
    user = person(request)
    sentence = _("Evaluation sets are for managers and engineers.")
    permissions.check_at_work_in(user, Role.MANAGER, Role.ENGINEER, otherwise=sentence)
    return user


def _register(request: HttpRequest, user: User) -> None:
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile) or not sent.size:
        raise InvalidInput(_("Choose the file of the evaluation set; it must not be empty."), field="file")
    if sent.size > LARGEST:
        raise InvalidInput(
            _("The file has more than %(most)d MB. Register it with manage.py register_evaluation_set.")
            % {"most": LARGEST // 1024**2},
            field="file",
        )
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as kept:
        for chunk in sent.chunks():
            kept.write(chunk)
        kept.flush()
        texts = (sample.text for sample in read_samples(Path(kept.name), name=sent.name or ""))
        try:
            actions.register(name=text_of(request, "name"), licence=text_of(request, "licence"), texts=texts, by=user)
        except ContaminationError as error:
            raise InvalidInput(_("It was not registered: %(reason)s") % {"reason": error}, field="file") from None
