"""A process that asks for responses and samples them, and waits with each batch in hand until it is told to go on."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import django

django.setup()

from django.db import InterfaceError, OperationalError, connection  # noqa: E402

from bench import echo, kills  # noqa: E402
from preferences.choices import TurnStatus  # noqa: E402
from preferences.models import Comparison, Response, Turn, Variant  # noqa: E402
from workers import sampling  # noqa: E402
from workers.engines.base import Completion, EngineError, Request  # noqa: E402

TURNS = 3


class WaitingEngine(echo.EchoEngine):
    def generate(self, requests: Sequence[Request]) -> list[Completion | EngineError]:
        print("generating", flush=True)
        sys.stdin.readline()
        return super().generate(requests)


def main() -> None:
    echo.EchoEngine = WaitingEngine  # type: ignore[misc]
    kills.ask(kills.planned(milliseconds=0, batch_size=2), TURNS)
    while Turn.objects.filter(status=TurnStatus.SAMPLING).exists():
        for variant in Variant.objects.order_by("pk"):
            _drain(variant)
    print(
        "over",
        Turn.objects.filter(status=TurnStatus.READY).count(),
        Comparison.objects.count(),
        Response.objects.count(),
    )


def _drain(variant: Variant) -> None:
    try:
        sampling.drain(variant)
    except (OperationalError, InterfaceError):  # Celery's task would fail, and the sweep call the next
        connection.close()


if __name__ == "__main__":
    main()
