from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from preferences import text as texts
from preferences.actions import events
from preferences.choices import FlagReason
from preferences.errors import Conflict, InvalidInput
from preferences.models import Comparison, Flag

if TYPE_CHECKING:
    from webapp.accounts.models import User

NOTE_LIMIT = 2_000


@transaction.atomic
def raise_flag(*, comparison: Comparison, by: User, reason: str, note: str = "") -> Flag:
    """Asks the reviewers to look at a comparison; the same reason given twice by one person is one flag."""
    if reason not in FlagReason.values:
        raise InvalidInput(_("Choose what the reviewer should look at."), field="reason")
    note = texts.checked(note, what=_("The note"), limit=NOTE_LIMIT, field="note", empty=True)
    flag, created = Flag.objects.get_or_create(
        comparison=comparison, annotator=by, reason=reason, defaults={"note": note}
    )
    if not created and note != flag.note:
        raise Conflict(
            _("You flagged it for this reason before, and that note stands. Choose another reason to add one.")
        )
    if created:
        events.record("comparison.flagged", comparison, by=by, campaign=comparison.campaign, reason=reason)
    return flag
