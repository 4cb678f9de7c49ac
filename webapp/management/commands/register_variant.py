from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences.errors import DomainError
from webapp.management.files import existing_file
from workers import checking, health, registration
from workers.engines import ENGINES
from workers.models import HealthCheck

AS_GIVEN = (
    "iteration",
    "revision",
    "weights_hash",
    "system_prompt",
    "context_tokens",
    "max_prompt_tokens",
    "max_tokens",
    "batch_size",
    "queue",
)


class Command(BaseCommand):
    help = "Registers a model that can be sampled, and checks on this machine that it loads and samples."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--name", required=True, help="which no annotator ever reads")
        parser.add_argument("--engine", choices=sorted(ENGINES), required=True)
        parser.add_argument("--location", required=True, help="a folder, a file, or http://host:port/v1#model")
        parser.add_argument("--iteration", help="for example RLHF-V3")
        parser.add_argument("--revision", help="what the model calls itself; noted by the check where it is not given")
        parser.add_argument("--weights-hash", help="sha256; other weights are then refused")
        parser.add_argument("--chat-template", type=existing_file, metavar="FILE", help="Jinja, in place of its own")
        parser.add_argument("--system-prompt")
        parser.add_argument(
            "--context-tokens", type=int, help="prompt and response together; else what the engine says"
        )
        parser.add_argument("--max-prompt-tokens", type=int, help="of the longest dialogue: 1000 or 2000 in the paper")
        parser.add_argument("--max-tokens", type=int, help="of the longest response: 1000 or 2000 in the paper; 256")
        parser.add_argument("--batch-size", type=int, help="requests that a worker takes at once; 32")
        parser.add_argument("--queue", help="“big”: sampled by the workers of the Celery queue sample.big")
        parser.add_argument("--no-check", action="store_true", help="a manager can ask for the check on its page")

    def handle(
        self, *, name: str, engine: str, location: str, chat_template: Path | None, no_check: bool, **options: Any
    ) -> None:
        told = {field: options[field] for field in AS_GIVEN if options[field] is not None}
        if chat_template is not None:
            told["chat_template"] = chat_template.read_text(encoding="utf-8")
        if engine != registration.SERVER:
            location = str(Path(location).resolve())
        try:
            variant = registration.register(name=name, engine=engine, location=location, by=None, **told)
            check = None if no_check else health.request(variant=variant, by=None)
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Variant “{variant.name}” is registered.")
        if check is not None:
            self.tell(check)

    def tell(self, check: HealthCheck) -> None:
        if not checking.run(check):
            self.stdout.write("Another worker checks it; see its page.")
            return
        for problem in check.problems:
            self.stdout.write(f"problem: {problem}")
        for warning in check.warnings:
            self.stdout.write(f"warning: {warning}")
        if not check.usable:
            raise CommandError("It cannot be used as it is. It stays registered; check it again when that is mended.")
        self.stdout.write(f"It answers, checked in {check.seconds:.1f} s with {check.engine_version}.")
        self.stdout.write(f"weights {check.weights_hash or 'unknown'}, context {check.context_tokens or 'unknown'}")
        self.stdout.write(f"sample: {check.sample}")
