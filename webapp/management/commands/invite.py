from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from annotation import invitations
from annotation.models import Role
from preferences.errors import DomainError
from preferences.models import Campaign


class Command(BaseCommand):
    help = "Prints the link of an invitation, for example of a campaign's first manager."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("roles", nargs="+", metavar="CAMPAIGN:ROLE", help="for example spring:manager")
        parser.add_argument("--email", default="")
        parser.add_argument("--address", default=next(iter(settings.CSRF_TRUSTED_ORIGINS), "http://127.0.0.1:8000"))

    def handle(self, *, roles: list[str], email: str, address: str, **options: Any) -> None:
        try:
            _made, token = invitations.invite(roles=[_role(word) for word in roles], by=None, email=email)
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(address.rstrip("/") + reverse("accept_invitation", args=[token]))


def _role(word: str) -> tuple[Campaign, Role]:
    slug, _colon, role = word.rpartition(":")
    campaign = Campaign.objects.filter(slug=slug).first()
    if campaign is None or role not in Role.values:
        raise CommandError(f"“{word}” is no CAMPAIGN:ROLE; the roles are {', '.join(Role.values)}.")
    return campaign, Role(role)
