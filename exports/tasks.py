from __future__ import annotations

import logging
import uuid

from celery import shared_task

from exports import actions, erasures, storage
from exports.models import Export
from preferences.batch_versions import newest
from preferences.choices import ExportStatus
from preferences.errors import Conflict
from preferences.models import Batch

log = logging.getLogger(__name__)

# Seconds, for a batch of a million rows; below the broker's visibility_timeout, after which a task is sent again.
SOFT_LIMIT, LIMIT = 1600, 1700


@shared_task
def sweep() -> None:
    """Every half minute: calls for the exports and statistics that nobody made yet, or a dead worker left behind."""
    erasures.remove_files()
    for batch_id in newest().filter(statistics__isnull=True).values_list("pk", flat=True):
        describe.apply_async((str(batch_id),), expires=30)
    unfinished = Export.objects.filter(status__in=[ExportStatus.PENDING, ExportStatus.RUNNING])
    for export_id in unfinished.values_list("pk", flat=True):
        write.apply_async((str(export_id),), expires=30)


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def write(export_id: str) -> None:
    """Writes a requested export. Idempotent: one that is written, failed or being written is left alone."""
    with actions.sole_writer(uuid.UUID(export_id)) as alone:
        export = Export.objects.get(pk=uuid.UUID(export_id))
        out = storage.directory_of(export)
        if alone and export.status == ExportStatus.RUNNING:
            actions.take_up(export=export, out=out)
        if alone and export.status == ExportStatus.PENDING:
            actions.write(export=export, out=out)


@shared_task(soft_time_limit=SOFT_LIMIT, time_limit=LIMIT)
def describe(batch_id: str) -> None:
    """Counts what a sealed batch holds. Idempotent: what is counted stays. Without its tokenizer it waits for it."""
    batch = Batch.objects.get(pk=uuid.UUID(batch_id))
    try:
        actions.describe(batch=batch)
    except Conflict as error:
        log.warning("The statistics of %s are not counted yet: %s", batch, error)
