"""Small words of the work pages."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from preferences.models import Batch

register = template.Library()


@register.filter
def hours(seconds: float) -> str:
    """Seconds as people say them: “3 h 05 min”."""
    minutes = round(seconds / 60)
    words = {"hours": minutes // 60, "minutes": f"{minutes % 60:02d}"}
    return _("%(hours)s h %(minutes)s min") % words if minutes >= 60 else _("%(minutes)s min") % {"minutes": minutes}


@register.filter
def seconds(number: float) -> str:
    """A short while as people say it: “4.2 s”, “48 s”, “3 min”, “1 h 05 min”."""
    if number >= 120:
        return hours(number)
    return _("%(seconds)s s") % {"seconds": f"{number:.1f}" if number < 10 else f"{number:.0f}"}


@register.filter
def age(moment: datetime) -> str:
    """How long ago it was; the clocks of several machines may differ by a little."""
    gone = max((timezone.now() - moment).total_seconds(), 0)
    days = int(gone // 86_400)
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days} if days > 1 else seconds(gone)


@register.filter
def gibibytes(count: int) -> str:
    """Bytes as the memory of a GPU is told: “71.3 GiB”."""
    return f"{count / 2**30:.1f} GiB"


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
def decimal(number: float) -> str:
    """0.70 as “0.7”: as many digits as it has."""
    return f"{number:g}"


@register.filter
def grouped(number: float) -> str:
    """1234.5 as “1,234”: for what is large enough that its fraction says nothing."""
    return f"{number:,.0f}"
