from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from bench import database, server
from bench.settings import REPORT
from preferences.actions import imports
from preferences.importing import parse
from preferences.models import Campaign
from tests.webapp.doors.world import World
from webapp.accounts import actions as accounts
from webapp.accounts import tokens
from webapp.accounts.actions import imported_annotator
from webapp.accounts.models import Scope, User
from webapp.doors import Person
from webapp.doors.addresses import addresses

CONFIG = Path(__file__).parents[2] / "schemathesis.toml"
ROLES: dict[str, Person | None] = {
    "stranger": None,
    "annotator": Person.ANNOTATOR,
    "reviewer": Person.REVIEWER,
    "engineer": Person.ENGINEER,
    "manager": Person.MANAGER,
    "administrator": Person.ADMINISTRATOR,
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
        failed = []
        with server.running() as address, tempfile.TemporaryDirectory() as files:
            for name in role or ROLES:
                self.stdout.write(f"As {name}:", ending="\n")
                self.stdout.flush()
                database.empty()  # what one took away, the next finds again
                token, objects = _world(name, Path(files) / name)
                command = [*_command(st, address, token), "-n", str(examples), "--seed", str(seed)]
                hooks = {"SCHEMATHESIS_HOOKS": "bench.schemathesis_hooks", "SCHEMATHESIS_OBJECTS": json.dumps(objects)}
                ran = subprocess.run(command, env={**os.environ, **hooks})
                failed += [name] * bool(ran.returncode)
        if failed:
            self.stderr.write(f"Something is wrong as {', '.join(failed)}.")
            sys.exit(1)


def _command(st: str, address: str, token: str) -> list[str]:
    schema, bearer = f"{address}/api/v1/schema/?format=json", f"Authorization: Bearer {token}"
    run = [st, "--config-file", str(CONFIG), "run", schema, "--header", bearer, "--checks", "all"]
    return [*run, "--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all"]


def _world(name: str, files: Path) -> tuple[str, dict[str, dict[str, str]]]:
    """A token of one such person for all that they may; by address of the schema, an object that is there."""
    world = World(files)
    _fill(world.campaign)
    kind = ROLES[name]
    person = accounts.create(username=name, password=None, by=None) if kind is None else world.people[kind]
    _token, plain = tokens.issue(user=person, name="schemathesis", scopes=list(Scope), days=1, by=person)
    here = {"slug": world.campaign.slug}
    return plain, {
        _as_in_the_schema(re.sub(r"<(\w+)>", r"{\1}", one.route)): {
            _as_in_the_schema(parameter): str(value) for parameter, value in world.arguments.get(one.name, here).items()
        }
        for one in addresses()
        if one.route.startswith("/api/v1/")
    }


def _as_in_the_schema(name: str) -> str:
    return re.sub(r"\bpk\b", "id", name)


def _fill(campaign: Campaign) -> None:
    """Pairs that wait, and as many that are judged."""

    def annotator_of(name: str) -> User:
        return imported_annotator(campaign, name)

    votes = [
        {"annotator": f"rater {number}", "chosen": "a", "degree": "better"}
        for number in range(campaign.raters_per_item)
    ]
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
