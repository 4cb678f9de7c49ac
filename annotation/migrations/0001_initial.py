

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
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('annotator', 'Annotator'), ('reviewer', 'Reviewer'), ('manager', 'Manager'), ('engineer', 'Engineer')], max_length=20)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='preferences.campaign')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('shown_left', models.CharField(choices=[('a', 'Response A'), ('b', 'Response B')], max_length=1)),
                ('status', models.CharField(choices=[('active', 'Active'), ('submitted', 'Submitted'), ('expired', 'Expired'), ('released', 'Given back')], default='active', max_length=20)),
                ('created_at', models.DateTimeField()),
                ('leased_until', models.DateTimeField()),
                ('annotator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to=settings.AUTH_USER_MODEL)),
                ('comparison', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='preferences.comparison')),
                ('judgment', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assignment', to='preferences.judgment')),
                ('slot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='preferences.slot')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'active')), fields=['leased_until'], name='assignment_active')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'active')), fields=('slot',), name='assignment_holds_slot_alone'), models.UniqueConstraint(condition=models.Q(('status__in', ['active', 'submitted'])), fields=('comparison', 'annotator'), name='assignment_once_per_annotator'), models.CheckConstraint(condition=models.Q(('status__in', ['active', 'submitted', 'expired', 'released'])), name='assignment_status'), models.CheckConstraint(condition=models.Q(('shown_left__in', ['a', 'b'])), name='assignment_shown_left'), models.CheckConstraint(condition=models.Q(models.Q(('judgment__isnull', False), ('status', 'submitted')), models.Q(models.Q(('status', 'submitted'), _negated=True), ('judgment__isnull', True)), _connector='OR'), name='assignment_submitted_with_judgment')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='assignment',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{active:submitted,active:expired,active:released}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='ee945ee456ddf2b357b9aefad219306b966154e0', operation='UPDATE', pgid='pgtrigger_transitions_e59df', table='annotation_assignment', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('user', 'campaign', 'role'), name='membership_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['annotator', 'reviewer', 'manager', 'engineer'])), name='membership_role'),
        ),
    ]
