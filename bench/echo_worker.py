"""The Celery application of the worker that is killed: its tasks are short, so that it comes to their end often."""

from __future__ import annotations

from importlib import import_module

import django

from bench.echo import app

django.setup()
import_module("workers.sampling").MOST_SECONDS = 3.0  # type: ignore[attr-defined]

__all__ = ["app"]
