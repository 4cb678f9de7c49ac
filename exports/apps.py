from __future__ import annotations

from django.apps import AppConfig
from django.core import checks

from exports.sessions import check_sessions


class ExportsConfig(AppConfig):
    name = "exports"

    def ready(self) -> None:
        checks.register(check_sessions, checks.Tags.database)
