import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotation', '0002_belonging'),
        ('preferences', '0003_workplace'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Care',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opted_out', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('illicit_and_criminal', 'Illicit and criminal activities'), ('hateful_and_harmful', 'Hateful and harmful activities'), ('unqualified_advice', 'Unqualified advice')], max_length=40), blank=True, default=list, help_text='Risk categories that the queue never gives to this person.', size=None)),
                ('veil', models.BooleanField(default=True, help_text='Whether texts of safety work are blurred until revealed.')),
                ('break_minutes', models.PositiveSmallIntegerField(default=50, help_text='0 for no reminder.')),
            ],
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(help_text='noun:id of what it is about, for example comparison:12', max_length=80)),
                ('fields', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
        ),
        migrations.CreateModel(
            name='GuidelineReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('read_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name='assignment',
            name='active_seconds',
            field=models.FloatField(default=0, help_text='Work on it, measured by heartbeats on the server.'),
        ),
        migrations.AddField(
            model_name='assignment',
            name='beaten_at',
            field=models.DateTimeField(default=django.utils.timezone.now, help_text='When the last heartbeat came, or the lease began.'),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='assignment',
            name='skip_note',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='assignment',
            name='skip_reason',
            field=models.CharField(blank=True, choices=[('expertise', 'I do not know enough about it'), ('language', 'I do not read this language well'), ('distressing', 'It is distressing'), ('broken', 'It is broken or unreadable'), ('other', 'Another reason')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('skip_reason__in', ['expertise', 'language', 'distressing', 'broken', 'other', ''])), name='assignment_skip_reason'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'released'), models.Q(('skip_note', ''), ('skip_reason', '')), _connector='OR'), name='assignment_skipped_when_released'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('active_seconds__gte', 0)), name='assignment_active_seconds'),
        ),
        migrations.AddField(
            model_name='care',
            name='annotator',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='care', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='draft',
            name='annotator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='drafts', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='guidelinereading',
            name='annotator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='guidelinereading',
            name='guideline',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='readings', to='preferences.guideline'),
        ),
        migrations.AddConstraint(
            model_name='care',
            constraint=models.CheckConstraint(condition=models.Q(('opted_out__contained_by', ['illicit_and_criminal', 'hateful_and_harmful', 'unqualified_advice'])), name='care_opted_out_of_risk_categories'),
        ),
        migrations.AddConstraint(
            model_name='care',
            constraint=models.CheckConstraint(condition=models.Q(('break_minutes__lte', 240)), name='care_break_minutes'),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('annotator', 'subject'), name='draft_once'),
        ),
        migrations.AddConstraint(
            model_name='guidelinereading',
            constraint=models.UniqueConstraint(fields=('annotator', 'guideline'), name='guideline_read_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guidelinereading',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='927ded71fa006c5a54635adada173a349c21779a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6fe39', table='annotation_guidelinereading', when='BEFORE')),
        ),
    ]
