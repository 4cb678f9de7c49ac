

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('preferences', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Export',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('format', models.CharField(max_length=40)),
                ('margin', models.CharField(max_length=20)),
                ('status', models.CharField(choices=[('pending', 'Waiting'), ('running', 'Being written'), ('ready', 'Ready'), ('failed', 'Failed')], default='pending', max_length=20)),
                ('path', models.CharField(blank=True, max_length=500)),
                ('rows', models.PositiveIntegerField(null=True)),
                ('manifest_sha256', models.CharField(blank=True, max_length=64)),
                ('reason', models.CharField(blank=True, help_text='Why it failed.', max_length=300)),
                ('requested_at', models.DateTimeField(auto_now_add=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='preferences.batch')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-requested_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'running', 'ready', 'failed'])), name='export_status'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'ready'), _negated=True), models.Q(models.Q(('path', ''), _negated=True), models.Q(('manifest_sha256', ''), _negated=True)), _connector='OR'), name='export_ready_with_files')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='export',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{pending:running,running:ready,running:failed,running:pending,failed:pending}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='ddae363c43061be94e07f715519607240f0918b3', operation='UPDATE', pgid='pgtrigger_transitions_acea8', table='exports_export', when='BEFORE')),
        ),
    ]
