"""Requests can be taken back. What holds of their status is checked of the rows that there are in the next one."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('preferences', '0037_retired_prompts'),
        ('workers', '0012_scoring_orders'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='samplingrun',
            name='transitions',
        ),
        migrations.RemoveConstraint(
            model_name='samplingrun',
            name='sampling_run_status',
        ),
        migrations.RemoveConstraint(
            model_name='samplingrun',
            name='sampling_run_ended_when_over',
        ),
        migrations.AlterField(
            model_name='samplingrun',
            name='ended_at',
            field=models.DateTimeField(db_index=True, help_text='When it was done, failed or was cancelled.', null=True),
        ),
        migrations.AlterField(
            model_name='samplingrun',
            name='status',
            field=models.CharField(choices=[('pending', 'Waiting for a worker'), ('running', 'Held by a worker'), ('done', 'Sampled'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='pending', max_length=20),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='samplingrun',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{pending:running,pending:cancelled,running:done,running:pending,running:failed,running:cancelled,failed:pending,cancelled:pending}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='e83e8485a6e52dca4715519a8f239af67b3bc477', operation='UPDATE', pgid='pgtrigger_transitions_3ddf3', table='workers_samplingrun', when='BEFORE')),
        ),
        AddConstraintNotValid(
            model_name='samplingrun',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'running', 'done', 'failed', 'cancelled'])), name='sampling_run_status'),
        ),
        AddConstraintNotValid(
            model_name='samplingrun',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('status__in', ('done', 'failed', 'cancelled'))), models.Q(models.Q(('status__in', ('done', 'failed', 'cancelled')), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='sampling_run_ended_when_over'),
        ),
    ]
