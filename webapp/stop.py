"""python -m webapp.stop: ends what `make serve` and `make demo` started, without starting anything for it."""

from __future__ import annotations

import sys

from webapp import services, stack
from webapp.paths import VAR_DIR


def main() -> None:
    with stack.lock():
        ended = ["web, worker and scheduler"] if stack.stop() else []
    ended += services.stop(VAR_DIR)
    sys.stdout.write(f"Ended: {', '.join(ended)}.\n" if ended else "Nothing was running.\n")


if __name__ == "__main__":
    main()
