from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation import sealing
from preferences.actions import batches
from preferences.choices import Split
from preferences.errors import DomainError
from preferences.models import Campaign
from preferences.priority import after_people


class Command(BaseCommand):
    help = (
        "Seals what was finished by the end of an ISO week into an immutable batch with a held-out test set. What is "
        "unfinished, or held for a review, stays for a later one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--week", required=True, help="such as 2026-W48")
        parser.add_argument(
            "--campaign", action="append", default=[], metavar="SLUG", help="several times; without it, all"
        )
        parser.add_argument("--name", default="", help="of the batch; the week and the campaign unless told")
        parser.add_argument("--seed", default=batches.SEED, help="by which new dialogues are held out (%(default)s)")
        parser.add_argument(
            "--anyway", default="", metavar="REASON", help="why, where the campaign's rule holds it back"
        )

    def handle(self, *, week: str, campaign: list[str], name: str, seed: str, anyway: str, **options: Any) -> None:
        campaigns = list(Campaign.objects.filter(slug__in=campaign) if campaign else Campaign.objects.all())
        if missing := set(campaign) - {found.slug for found in campaigns}:
            raise CommandError(f"There is no campaign “{', '.join(sorted(missing))}”. Nothing was sealed.")
        try:
            with after_people():
                batch = sealing.seal(campaigns=campaigns, week=week, by=None, anyway=anyway, name=name, seed=seed)
        except DomainError as error:
            raise CommandError(str(error)) from None
        counts = {split: batch.items.filter(group__split=split).count() for split in Split}
        apart = batch.items.filter(group=None).count()
        near_both = f" {apart:,} are near prompts of both sides, so that no file has them." if apart else ""
        self.stdout.write(
            f"{batch.name}: {counts[Split.TRAIN]:,} comparisons to train on, {counts[Split.TEST]:,} held out."
            f"{near_both} SHA-256 {batch.sha256}."
        )
