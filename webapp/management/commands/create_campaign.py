from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation import memberships
from annotation.models import Role
from preferences.actions import campaigns
from preferences.choices import Kind, RationalePolicy, Track
from preferences.errors import DomainError
from preferences.models import Campaign
from preferences.scales import Scale
from webapp.accounts.models import User

OF_THE_SAFETY_TRACK = (Kind.SAFETY_RATING, Kind.RED_TEAM)


class Command(BaseCommand):
    help = "Makes a campaign, in draft, for example to import comparisons into."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--name")
        parser.add_argument("--track", choices=Track.values, help="safety where the kind says so")
        parser.add_argument("--kind", choices=Kind.values, default=Kind.PREFERENCE)
        parser.add_argument("--scale", choices=Scale.values, help="that of the kind unless told")
        parser.add_argument("--raters", type=int, help="judgments wanted of each item: 1, in evaluations 3")
        parser.add_argument("--turns", type=int, default=1, help="the most turns of a dialogue")
        parser.add_argument("--rationale", choices=RationalePolicy.values, default=RationalePolicy.OPTIONAL)
        parser.add_argument("--asks-edit", action="store_true", help="annotators improve the response they chose")
        parser.add_argument(
            "--resamples-identity-leaks", action="store_true", help="a response that says who it is is sampled again"
        )
        parser.add_argument("--manager", metavar="USERNAME")

    def handle(
        self,
        *,
        slug: str,
        name: str | None,
        track: str | None,
        kind: str,
        scale: str | None,
        raters: int | None,
        turns: int,
        rationale: str,
        asks_edit: bool,
        resamples_identity_leaks: bool,
        manager: str | None,
        **options: Any,
    ) -> None:
        person = User.objects.filter(username=manager).first()
        if manager and person is None:
            raise CommandError(f"There is no account “{manager}”.")
        if Campaign.objects.filter(slug=slug).exists():
            raise CommandError(f"There is a campaign “{slug}” already.")
        track = track or (Track.SAFETY if kind in OF_THE_SAFETY_TRACK else None)
        if track is None:
            raise CommandError(f"Say which track “{slug}” is of: --track {' or '.join(Track.values)}.")
        told = {"scale": scale, "raters_per_item": raters}
        try:
            campaign = campaigns.create(
                slug=slug,
                name=name or slug,
                track=track,
                kind=kind,
                **{name: value for name, value in told.items() if value is not None},
                max_turns=turns,
                rationale=rationale,
                asks_edit=asks_edit,
                resamples_identity_leaks=resamples_identity_leaks,
                by=person,
            )
        except DomainError as error:
            raise CommandError(str(error)) from None
        if person is not None:
            memberships.add(user=person, campaign=campaign, role=Role.MANAGER, by=person)
        self.stdout.write(f"Campaign “{campaign.slug}” is there, in draft.")
