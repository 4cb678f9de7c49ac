from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from preferences import event_chain, event_verifying
from preferences.models import EventBlock
from preferences.triggers import differences

BLOCKS = 100  # between two lines of progress


class Command(BaseCommand):
    help = (
        "Checks that no event was removed, changed or slipped in since the chain over them was made. The status is 1 "
        "and the first place is named where one was. What erasures took out is counted by erasure. The triggers that "
        "keep the record are compared with Margin's."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", action="store_true", help="only print the last block: keep it elsewhere")
        parser.add_argument(
            "--expect", action="append", default=[], metavar="SHA256", help="a head as kept elsewhere; may be repeated"
        )

        parser.add_argument("--triggers", action="store_true", help="only compare the triggers: it takes a moment")

    def handle(self, *, head: bool, expect: list[str], triggers: bool, **options: Any) -> None:
        if triggers:
            self._compare_triggers()
            return
        while event_chain.extend():  # what waits could be changed and nobody would see it
            pass
        if head:
            last = EventBlock.objects.order_by("-number").first()
            self.stdout.write(f"{last.number} {last.sha256}" if last else f"0 {event_chain.NOTHING}")
            return
        try:
            found = event_verifying.verify(expected=expect, tell=self._tell)
        except event_verifying.Broken as broken:
            raise CommandError(str(broken)) from None
        for erasure, events in sorted(found.erased.items()):
            self.stdout.write(f"  erased by {erasure}: words of {events:,} events")
        if found.waiting:
            self.stdout.write(f"  {found.waiting:,} events wait for a block")
        self.stdout.write(f"All {found.events:,} events are as they were written. Block {found.blocks}: {found.head}")

    def _compare_triggers(self) -> None:
        if found := differences():
            raise CommandError("\n".join(found))
        self.stdout.write("The triggers that keep the record are Margin's, and on.")

    def _tell(self, events: int, blocks: int) -> None:
        if blocks % BLOCKS == 0:
            self.stderr.write(f"{events:,} events")
