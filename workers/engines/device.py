"""Where this process computes, as torch knows it: asked only where an engine has loaded torch, which takes seconds."""

from __future__ import annotations

import gc
import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Device:
    name: str  # "" where nothing has been computed yet
    memory_used: int | None = None  # in bytes, of the whole GPU, by whichever process; None on a CPU
    memory_total: int | None = None


def device() -> Device:
    torch: Any = sys.modules.get("torch")
    if not hasattr(torch, "cuda"):  # not loaded, or being loaded by another thread
        return Device("")
    if not _has_gpu(torch):
        return Device("CPU")
    try:
        free, total = torch.cuda.mem_get_info()
        return Device(str(torch.cuda.get_device_name()), total - free, total)
    except RuntimeError:  # it fell off the bus, or an error of an earlier computation comes out here
        return Device("a GPU that does not answer")


def free_memory() -> None:
    """Gives back what models that nobody holds any more have left on the GPU."""
    gc.collect()
    torch: Any = sys.modules.get("torch")
    if hasattr(torch, "cuda") and _has_gpu(torch):
        torch.cuda.empty_cache()


def _has_gpu(torch: Any) -> bool:
    # Asking for the GPU of a process that has not used it would take half a gigabyte of it.
    return bool(torch.cuda.is_available() and torch.cuda.is_initialized())
