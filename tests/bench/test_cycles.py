"""The clients of the load figure, on doors that need no server."""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest

from bench import cycles


@dataclass
class Counted:
    """Answers the first, which warms, and four more; then says who was asked."""

    answered: int = 0

    def open(self) -> None:
        pass

    def cycle(self) -> list[float]:
        if self.answered == 5:
            raise RuntimeError(f"{os.getpid()} {os.sched_getaffinity(0)}")
        self.answered += 1
        return [0.25, 0.5]


@pytest.mark.parametrize("processes", [0, 1, 2, 4])
def test_what_all_clients_did_is_counted_whatever_processes_they_run_in(processes: int) -> None:
    cores = [min(os.sched_getaffinity(0))] * processes
    found = cycles.run([Counted() for _ in range(3)], seconds=60, cores=cores)
    assert (found.done, len(found.requests), len(found.errors)) == (12, 24, 3)
    assert len({error.split()[0] for error in found.errors}) == min(processes or 1, 3)


def test_a_client_runs_on_its_core_alone() -> None:
    core = max(os.sched_getaffinity(0))
    (error,) = cycles.run([Counted()], seconds=60, cores=[core]).errors
    assert f"{{{core}}}" in error
    assert str(os.getpid()) not in error


def test_somebody_who_finds_no_further_pair_is_a_fault() -> None:
    class Empty(Counted):
        def cycle(self) -> list[float]:
            raise SystemExit("There is no further pair.")

    assert cycles.run([Empty()], seconds=60).errors == ["SystemExit('There is no further pair.')"]
