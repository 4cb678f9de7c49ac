from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from annotation import memberships
from annotation.models import Role
from bench import database, server, world
from bench.settings import REPORT
from preferences.actions import imports
from preferences.importing import parse
from preferences.models import Campaign
from webapp.accounts import actions as accounts
from webapp.accounts import tokens
from webapp.accounts.actions import imported_annotator
from webapp.accounts.models import Scope, User

CONFIG = Path(__file__).parents[2] / "schemathesis.toml"
# Who stops others' work comes last.
ROLES: dict[str, Role | None] = {
    "stranger": None,
    "annotator": Role.ANNOTATOR,
    "reviewer": Role.REVIEWER,
    "engineer": Role.ENGINEER,
    "manager": Role.MANAGER,
    "administrator": None,
}


class Command(BaseCommand):
    help = "Asks the running server all that its schema describes, rightly and wrongly, as each kind of person."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--st", required=True, help="schemathesis, in an environment of its own")
        parser.add_argument("--examples", type=int, default=200, help="for each operation")
        parser.add_argument("--role", choices=ROLES, action="append", help="only these")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, st: str, examples: int, role: list[str] | None, seed: int, **options: Any) -> None:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        database.make()
        made = world.make(annotators=1)
        for campaign in made.campaigns:
            _fill(campaign)
        plain = {name: _token(name, made.campaigns) for name in role or ROLES}
        failed = []
        with server.running() as address:
            for name, token in plain.items():
                self.stdout.write(f"As {name}:", ending="\n")
                self.stdout.flush()
                command = [*_command(st, address, token), "-n", str(examples), "--seed", str(seed)]
                ran = subprocess.run(command, env={**os.environ, "SCHEMATHESIS_HOOKS": "bench.schemathesis_hooks"})
                failed += [name] * bool(ran.returncode)
        if failed:
            self.stderr.write(f"Something is wrong as {', '.join(failed)}.")
            sys.exit(1)


def _command(st: str, address: str, token: str) -> list[str]:
    schema, bearer = f"{address}/api/v1/schema/?format=json", f"Authorization: Bearer {token}"
    run = [st, "--config-file", str(CONFIG), "run", schema, "--header", bearer, "--checks", "all"]
    return [*run, "--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all", "--workers", "2"]


def _token(name: str, campaigns: list[Campaign]) -> str:
    """Of a new person with the role in every campaign, for all that they may."""
    person = accounts.create(username=name, password=None, by=None, is_superuser=name == "administrator")
    if (role := ROLES[name]) is not None:
        for campaign in campaigns:
            memberships.add(user=person, campaign=campaign, role=role, by=None)
    return tokens.issue(user=person, name="schemathesis", scopes=list(Scope), days=1, by=person)[1]


def _fill(campaign: Campaign) -> None:
    """Pairs that wait, and as many that are judged."""

    def annotator_of(name: str) -> User:
        return imported_annotator(campaign, name)

    votes = [{"annotator": f"rater {number}", "chosen": "a", "degree": "better"} for number in range(3)]
    lines = [
        {
            "id": f"pair-{number}",
            "prompt": [{"role": "user", "content": f"Question {number}?"}],
            "response_a": f"An answer to {number}.",
            "response_b": f"Another answer to {number}.",
            "votes": votes if number % 2 else [],
        }
        for number in range(100)
    ]
    read = [parse(orjson.dumps(line), campaign.the_scale, most_votes=campaign.raters_per_item) for line in lines]
    imports.add_chunk(campaign=campaign, items=read, annotator_of=annotator_of, by=None)
