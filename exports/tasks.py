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
    """Writes a requested export. Idempotent: one that is written or failed is left alone.

    Delivered again while the export is being written, its worker died: a task's time limit is far below the broker's
    visibility timeout, so that nobody else is at it.
    """
    export = Export.objects.get(pk=uuid.UUID(export_id))
    if export.status == ExportStatus.RUNNING:
        actions.take_up(export=export)
    if export.status == ExportStatus.PENDING:
        actions.write(export=export, out=Path(settings.EXPORTS_DIR) / str(export.pk))
