"""What a page of django-allauth changed of a person's second steps is told in the transaction of the change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from preferences.actions import events

View = Callable[..., HttpResponseBase]
ADDED = {
    Authenticator.Type.TOTP: "user.second_step_added",
    Authenticator.Type.WEBAUTHN: "user.passkey_added",
    Authenticator.Type.RECOVERY_CODES: "user.recovery_codes_made",
}
REMOVED = {  # codes go with the last step that they stand in for
    Authenticator.Type.TOTP: "user.second_step_removed",
    Authenticator.Type.WEBAUTHN: "user.passkey_removed",
}


def with_events(view: View) -> View:
    """The view in one transaction with an event for each step that it added or removed.

    What was added allauth says only once it is committed: told there, a process that dies at that moment tells nothing.
    """

    @wraps(view)
    @transaction.atomic
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "POST" or not request.user.is_authenticated:
            return view(request, *args, **kwargs)
        user = get_user_model().objects.select_for_update(no_key=True).get(pk=request.user.pk)  # one change at a time
        before = _steps(user.pk)
        answer = view(request, *args, **kwargs)
        after = _steps(user.pk)
        for verb in [*_verbs(before, after, REMOVED), *_verbs(after, before, ADDED)]:
            events.record(verb, user, by=user)
        return answer

    return telling


def _steps(user: int) -> dict[int, str]:
    return dict(Authenticator.objects.filter(user=user).order_by("pk").values_list("pk", "type"))


def _verbs(these: dict[int, str], those: dict[int, str], verbs: dict[Any, str]) -> list[str]:
    return [verbs[kind] for pk, kind in these.items() if pk not in those and kind in verbs]
