from __future__ import annotations

import uuid
from pathlib import Path

from celery import shared_task
from django.conf import settings

from exports import actions
from exports.models import Export
from preferences.choices import ExportStatus


@shared_task
def write(export_id: str) -> None:
    """Writes a requested export. Idempotent: one that is written or being written is left alone."""
    export = Export.objects.get(pk=uuid.UUID(export_id))
    if export.status == ExportStatus.PENDING:
        actions.write(export=export, out=Path(settings.EXPORTS_DIR) / str(export.pk))
