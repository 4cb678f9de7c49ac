"""Small words of the work pages."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from preferences.models import Batch

register = template.Library()


@register.filter
def hours(seconds: float) -> str:
    """Seconds as people say them: “3 h 05 min”."""
    minutes = round(seconds / 60)
    words = {"hours": minutes // 60, "minutes": f"{minutes % 60:02d}"}
    return _("%(hours)s h %(minutes)s min") % words if minutes >= 60 else _("%(minutes)s min") % {"minutes": minutes}


@register.filter
def batch_name(batch: Batch) -> str:
    """As str(batch), in the reader's language."""
    if batch.version == 1:
        return batch.name
    return _("%(name)s version %(version)s") % {"name": batch.name, "version": batch.version}


@register.filter
def percent(share: float) -> str:
    """0.125 as “12.5%”."""
    return f"{100 * share:.1f}%"


@register.filter
def grouped(number: float) -> str:
    """1234.5 as “1,234”: for what is large enough that its fraction says nothing."""
    return f"{number:,.0f}"
