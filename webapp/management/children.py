"""Programs of others that end with the process that asked for them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from functools import partial

PR_SET_PDEATHSIG = 1  # of <linux/prctl.h>


def run(command: Sequence[str], *, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """As subprocess.run; whatever ends this process, SIGKILL too, ends the program by SIGTERM (on Linux).

    For the main thread of a command: between fork and exec it runs code that a process of many threads must not.
    """
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False,
        preexec_fn=partial(_end_with, os.getpid(), getattr(ctypes.CDLL(None), "prctl", None)),
    )  # fmt: skip


def _end_with(parent: int, prctl: ctypes._NamedFuncPointer | None) -> None:
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it ended before the kernel knew what to do then
        os._exit(1)
