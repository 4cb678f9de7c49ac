

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('preferences', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SamplingRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.CharField(choices=[('a', 'Response A'), ('b', 'Response B')], max_length=1)),
                ('temperature', models.FloatField()),
                ('top_p', models.FloatField()),
                ('seed', models.BigIntegerField(help_text='Seed of the first sample; each further sample takes the next.')),
                ('samples', models.PositiveSmallIntegerField(default=0, help_text='Texts refused as empty or equal.')),
                ('attempts', models.PositiveSmallIntegerField(default=0, help_text='Claims since the last text came back.')),
                ('status', models.CharField(choices=[('pending', 'Waiting for a worker'), ('running', 'Held by a worker'), ('done', 'Sampled'), ('failed', 'Failed')], default='pending', max_length=20)),
                ('holder', models.UUIDField(null=True)),
                ('leased_until', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('response', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sampling_run', to='preferences.response')),
                ('turn', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sampling_runs', to='preferences.turn')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sampling_runs', to='preferences.variant')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status__in', ['pending', 'running'])), fields=['variant', 'id'], name='sampling_run_waiting')],
                'constraints': [models.UniqueConstraint(fields=('turn', 'position'), name='sampling_run_once'), models.CheckConstraint(condition=models.Q(('position__in', ['a', 'b'])), name='sampling_run_position'), models.CheckConstraint(condition=models.Q(('status__in', ['pending', 'running', 'done', 'failed'])), name='sampling_run_status'), models.CheckConstraint(condition=models.Q(models.Q(('holder__isnull', False), ('leased_until__isnull', False), ('status', 'running')), models.Q(models.Q(('status', 'running'), _negated=True), ('holder__isnull', True), ('leased_until__isnull', True)), _connector='OR'), name='sampling_run_leased_while_running'), models.CheckConstraint(condition=models.Q(models.Q(('response__isnull', False), ('status', 'done')), models.Q(models.Q(('status', 'done'), _negated=True), ('response__isnull', True)), _connector='OR'), name='sampling_run_done_with_response')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='samplingrun',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{pending:running,running:done,running:pending,running:failed,failed:pending}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='73c8160e75115b569495ecf054fd6f47eb8a834c', operation='UPDATE', pgid='pgtrigger_transitions_3ddf3', table='workers_samplingrun', when='BEFORE')),
        ),
    ]
