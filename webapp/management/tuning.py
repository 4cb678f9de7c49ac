"""What the commands that sample sets for fine-tuning share."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import CommandError

from preferences.actions.variants import IMPORTED
from preferences.choices import VariantStatus
from preferences.models import Campaign, Variant
from webapp.management.files import existing_file


def add_source(parser: ArgumentParser) -> None:
    """--prompts FILE or --campaign SLUG, of which there may be several."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--prompts", type=existing_file, metavar="FILE", help='lines {"messages": […], "is_safety": false}'
    )
    source.add_argument(
        "--campaign", action="append", metavar="SLUG", help="its sealed batches' prompts; several may be named"
    )


def campaigns_named(slugs: Sequence[str]) -> list[Campaign]:
    found = Campaign.objects.in_bulk(slugs, field_name="slug")
    if missing := [slug for slug in slugs if slug not in found]:
        raise CommandError(f"There is no campaign “{missing[0]}”.")
    return [found[slug] for slug in dict.fromkeys(slugs)]


def variant_named(name: str) -> Variant:
    known = Variant.objects.exclude(engine=IMPORTED)
    variant = known.filter(name=name).first()
    if variant is None:
        active = known.filter(status=VariantStatus.ACTIVE).order_by("name").values_list("name", flat=True)
        raise CommandError(f"There is no variant “{name}”; the active ones are: {', '.join(active)}.")
    return variant


def tell_into(out: Any) -> Callable[[dict[str, Any]], None]:
    """Writes how far the work is, a line each time that it is told."""

    def tell(progress: dict[str, Any]) -> None:
        out.write(f"{progress['doing']}: {progress['step']} of {progress['steps']}")
        out.flush()

    return tell
