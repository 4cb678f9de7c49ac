import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('annotation', '0009_reviews'),
        ('preferences', '0004_sketches'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Exam',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=80)),
                ('version', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('introduction', models.TextField(help_text='Markdown.')),
                ('attempts', models.PositiveSmallIntegerField(help_text='How often it may be failed before a manager is asked.')),
                ('cool_down_hours', models.PositiveIntegerField(help_text='From a failed attempt until the next.')),
                ('valid_days', models.PositiveIntegerField(help_text='How long a pass counts; none: for good.', null=True)),
                ('sha256', models.CharField(help_text='Of all that the exam says: the same file is loaded once.', max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('guideline', models.ForeignKey(help_text='The guideline version that it asks about; none where it belongs to no campaign.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exams', to='preferences.guideline')),
            ],
            options={
                'ordering': ['slug', 'version'],
            },
        ),
        migrations.CreateModel(
            name='CampaignExam',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('least_version', models.PositiveSmallIntegerField(help_text='The oldest version of the exam whose pass counts: after a change of the guideline, the newest.')),
                ('required_at', models.DateTimeField(auto_now_add=True)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='required_exams', to='preferences.campaign')),
                ('required_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('exam', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='required_by', to='annotation.exam')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='AttemptGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted_at', models.DateTimeField(auto_now_add=True)),
                ('granted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempt_grants', to=settings.AUTH_USER_MODEL)),
                ('exam', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='annotation.exam')),
            ],
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('number', models.PositiveSmallIntegerField()),
                ('status', models.CharField(choices=[('started', 'Started'), ('awaiting_score', 'Waiting for a reviewer'), ('passed', 'Passed'), ('failed', 'Not passed')], default='started', max_length=20)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(help_text='When it was passed or failed.', null=True)),
                ('valid_until', models.DateTimeField(help_text='When a pass ends; none: never.', null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exam_attempts', to=settings.AUTH_USER_MODEL)),
                ('exam', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taken', to='annotation.exam')),
            ],
            options={
                'verbose_name': 'attempt',
            },
        ),
        migrations.CreateModel(
            name='ExamPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=120)),
                ('introduction', models.TextField(blank=True, help_text='Markdown.')),
                ('minutes', models.PositiveSmallIntegerField()),
                ('answers_wanted', models.PositiveSmallIntegerField(help_text='How many of the questions are to be answered at least; none: all of them.', null=True)),
                ('exam', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='annotation.exam')),
            ],
            options={
                'ordering': ['exam', 'number'],
            },
        ),
        migrations.CreateModel(
            name='PassMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('parts', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), help_text='Numbers of the parts it is taken over.', size=None)),
                ('measure', models.CharField(choices=[('share', 'Share answered as the reference'), ('count', 'Questions answered as the reference'), ('average', 'Average of five points')], max_length=20)),
                ('bound', models.DecimalField(decimal_places=3, max_digits=6)),
                ('is_strict', models.BooleanField(default=False, help_text='More than the bound, not just as much.')),
                ('exam', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='marks', to='annotation.exam')),
            ],
            options={
                'ordering': ['exam', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('choice', 'Single choice'), ('ranking', 'Ranking'), ('pairwise', 'Two answers, with a degree'), ('likert', 'Five points'), ('written', 'Written answer')], max_length=20)),
                ('text', models.TextField(help_text='Markdown.')),
                ('options', models.JSONField(default=list)),
                ('key', models.JSONField(null=True)),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='annotation.exampart')),
            ],
            options={
                'ordering': ['part', 'number'],
            },
        ),
        migrations.CreateModel(
            name='Sitting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('handed_in_at', models.DateTimeField(null=True)),
                ('version', models.UUIDField(default=uuid.uuid4, help_text='Drawn anew at each save: a window sees whether another one saved meanwhile.')),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sittings', to='annotation.attempt')),
                ('exam', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotation.exam')),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sittings', to='annotation.exampart')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ExamAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.JSONField(null=True)),
                ('late_value', models.JSONField(help_text='What came after the part was handed in; it does not count.', null=True)),
                ('score', models.PositiveSmallIntegerField(null=True)),
                ('remark', models.TextField(blank=True)),
                ('scored_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('part', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='annotation.exampart')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='annotation.question')),
                ('sitting', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='annotation.sitting')),
            ],
        ),
        migrations.AddConstraint(
            model_name='exam',
            constraint=models.UniqueConstraint(fields=('slug', 'version'), name='exam_version_once'),
        ),
        migrations.AddConstraint(
            model_name='exam',
            constraint=models.CheckConstraint(condition=models.Q(('attempts__gte', 1), ('version__gte', 1), models.Q(('valid_days__isnull', True), ('valid_days__gte', 1), _connector='OR')), name='exam_numbers_positive'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exam',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='440c647f619199c7ffd6ccea8210f4cd49415376', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_35eec', table='annotation_exam', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='campaignexam',
            constraint=models.UniqueConstraint(fields=('campaign', 'exam'), name='campaign_exam_once'),
        ),
        migrations.AddConstraint(
            model_name='campaignexam',
            constraint=models.CheckConstraint(condition=models.Q(('least_version__gte', 1)), name='campaign_exam_least_version'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attemptgrant',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b607d9d46cfc80d1095979b2e8e48745de525f69', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8f443', table='annotation_attemptgrant', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(fields=['person', 'exam'], name='attempt_of_person'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(fields=('exam', 'person', 'number'), name='attempt_number_once'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['started', 'awaiting_score'])), fields=('exam', 'person'), name='attempt_alone'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.UniqueConstraint(fields=('id', 'exam'), name='attempt_of_exam'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('finished_at__isnull', True), ('status__in', ['started', 'awaiting_score'])), models.Q(('finished_at__isnull', False), ('status__in', ['passed', 'failed'])), _connector='OR'), name='attempt_finished_when_closed'),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('status', 'passed'), _connector='OR'), name='attempt_valid_when_passed'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attempt',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{started:awaiting_score,started:passed,started:failed,awaiting_score:passed,awaiting_score:failed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='c35cb9c7c7d415c7d0f23b672b6e54dcba4ede27', operation='UPDATE', pgid='pgtrigger_transitions_2b2c4', table='annotation_attempt', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attempt',
            trigger=pgtrigger.compiler.Trigger(name='attempts_cap', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE used bigint; allowed bigint;', func="\n                    SELECT count(*) INTO used FROM annotation_attempt\n                        WHERE exam_id = NEW.exam_id AND person_id = NEW.person_id AND status <> 'passed';\n                    SELECT attempts + (SELECT count(*) FROM annotation_attemptgrant\n                        WHERE exam_id = NEW.exam_id AND person_id = NEW.person_id)\n                        INTO allowed FROM annotation_exam WHERE id = NEW.exam_id;\n                    IF used >= allowed THEN\n                        RAISE EXCEPTION 'attempts_cap: % of % attempts are used', used, allowed;\n                    END IF;\n                    RETURN NEW;\n                ", hash='15880b8f1a2e99fad731394f083f0c25a51bf563', operation='INSERT', pgid='pgtrigger_attempts_cap_9bb4f', table='annotation_attempt', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='exampart',
            constraint=models.UniqueConstraint(fields=('exam', 'number'), name='exam_part_number_once'),
        ),
        migrations.AddConstraint(
            model_name='exampart',
            constraint=models.UniqueConstraint(fields=('id', 'exam'), name='exam_part_of_exam'),
        ),
        migrations.AddConstraint(
            model_name='exampart',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__gte', 1), models.Q(('answers_wanted__isnull', True), ('answers_wanted__gte', 1), _connector='OR')), name='exam_part_numbers_positive'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='exampart',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6c57e2d9bb6827e75b33d843bf2c5ad90f9d6f65', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_dc06b', table='annotation_exampart', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='passmark',
            constraint=models.UniqueConstraint(fields=('exam', 'number'), name='pass_mark_number_once'),
        ),
        migrations.AddConstraint(
            model_name='passmark',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bound__range', (0, 1)), ('measure', 'share')), models.Q(('bound__range', (0, 5)), ('measure', 'average')), models.Q(('bound__gte', 0), ('measure', 'count')), _connector='OR'), name='pass_mark_bound'),
        ),
        migrations.AddConstraint(
            model_name='passmark',
            constraint=models.CheckConstraint(condition=models.Q(('parts__len__gte', 1)), name='pass_mark_has_parts'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='passmark',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='52a83b947c279ab834b72f135ee0220f360dbad3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_79bf5', table='annotation_passmark', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('part', 'number'), name='question_number_once'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('id', 'part'), name='question_of_part'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['choice', 'ranking', 'pairwise', 'likert', 'written'])), name='question_kind'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('key__isnull', True), ('kind', 'written')), models.Q(models.Q(('kind', 'written'), _negated=True), ('key__isnull', False)), _connector='OR'), name='question_has_key_unless_written'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='question',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='35012c08373c0f41ff6042afba9b865d34fc6a53', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5981a', table='annotation_question', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='sitting',
            index=models.Index(condition=models.Q(('handed_in_at__isnull', True)), fields=['ends_at'], name='sitting_open'),
        ),
        migrations.AddConstraint(
            model_name='sitting',
            constraint=models.UniqueConstraint(fields=('attempt', 'part'), name='sitting_once'),
        ),
        migrations.AddConstraint(
            model_name='sitting',
            constraint=models.UniqueConstraint(condition=models.Q(('handed_in_at__isnull', True)), fields=('attempt',), name='sitting_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='sitting',
            constraint=models.UniqueConstraint(fields=('id', 'part'), name='sitting_of_part'),
        ),
        migrations.AddConstraint(
            model_name='sitting',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('started_at')), models.Q(('handed_in_at__isnull', True), ('handed_in_at__lte', models.F('ends_at')), _connector='OR')), name='sitting_within_its_time'),
        ),
        migrations.AddConstraint(
            model_name='examanswer',
            constraint=models.UniqueConstraint(fields=('sitting', 'question'), name='exam_answer_once'),
        ),
        migrations.AddConstraint(
            model_name='examanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('remark', ''), ('score__isnull', True), ('scored_by__isnull', True)), models.Q(('score__isnull', False), ('score__range', (1, 5)), ('scored_by__isnull', False)), _connector='OR'), name='exam_answer_score'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='examanswer',
            trigger=pgtrigger.compiler.Trigger(name='not_ones_own', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."scored_by_id" IS NOT NULL)', func="\n                    IF NEW.scored_by_id = (\n                        SELECT person_id FROM annotation_attempt JOIN annotation_sitting\n                            ON annotation_sitting.attempt_id = annotation_attempt.id\n                            WHERE annotation_sitting.id = NEW.sitting_id\n                    ) THEN\n                        RAISE EXCEPTION 'not_ones_own: nobody scores their own answer';\n                    END IF;\n                    RETURN NEW;\n                ", hash='c8f13f124423f4cadc7c8de8c8d71d103775cb67', operation='INSERT OR UPDATE', pgid='pgtrigger_not_ones_own_609c6', table='annotation_examanswer', when='BEFORE')),
        ),
        *[
            # What a row points to belongs to the same exam, the same part.
            migrations.RunSQL(
                f"ALTER TABLE annotation_{table} ADD CONSTRAINT {name} FOREIGN KEY ({column}_id, {of}_id)"
                f" REFERENCES annotation_{target} (id, {of}_id) DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE annotation_{table} DROP CONSTRAINT {name}",
            )
            for table, name, column, of, target in [
                ("sitting", "sitting_part_of_exam", "part", "exam", "exampart"),
                ("sitting", "sitting_attempt_of_exam", "attempt", "exam", "attempt"),
                ("examanswer", "exam_answer_question_of_part", "question", "part", "question"),
                ("examanswer", "exam_answer_sitting_of_part", "sitting", "part", "sitting"),
            ]
        ],
    ]
