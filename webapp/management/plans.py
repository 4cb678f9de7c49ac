"""What the commands about sampling plans share: names to rows, and a plan in lines of text."""

from __future__ import annotations

from collections.abc import Callable

from django.core.management.base import CommandError

from preferences.models import Campaign, Variant
from workers import plans


def campaign_called(slug: str) -> Campaign:
    found = Campaign.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no campaign “{slug}”.")
    return found


def variant_called(name: str) -> Variant:
    found = Variant.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no variant “{name}”. Register it by manage.py register_variant.")
    return found


def print_plan(campaign: Campaign, say: Callable[[str], object]) -> None:
    for line in plans.lines(campaign):
        pair = line.pair
        notes = [f"top-p {pair.top_p:g}", *(["tuned"] if pair.tuned else []), *(["rests"] if line.rests else [])]
        say(
            f"{100 * line.share:5.1f}%  {pair.first} at {pair.first_temperature:g} against "
            f"{pair.second} at {pair.second_temperature:g} ({', '.join(notes)})"
        )
