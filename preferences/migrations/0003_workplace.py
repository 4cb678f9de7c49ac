import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models

class Migration(migrations.Migration):

    dependencies = [
        ('preferences', '0002_belonging'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Flag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('personal_data', 'Personal data of somebody'), ('identity', 'A response says which model it is'), ('dangerous', 'Illegal or dangerous content'), ('broken', 'Broken or unreadable text'), ('guideline', 'The guideline does not cover it'), ('other', 'Something else')], max_length=30)),
                ('note', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name='judgment',
            name='judgment_chosen',
        ),
        migrations.RemoveConstraint(
            model_name='judgment',
            name='judgment_tie_has_no_degree',
        ),
        migrations.RemoveConstraint(
            model_name='response',
            name='response_source',
        ),
        migrations.RemoveConstraint(
            model_name='response',
            name='response_has_provenance',
        ),
        migrations.AddField(
            model_name='campaign',
            name='asks_edit',
            field=models.BooleanField(default=False, help_text='Whether annotators improve the chosen response after the verdict (Llama 3, section 4.2.1).'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='rationale',
            field=models.CharField(choices=[('optional', 'Optional'), ('required', 'Required')], default='optional', max_length=20),
        ),
        migrations.AddField(
            model_name='campaign',
            name='resamples_identity_leaks',
            field=models.BooleanField(default=False, help_text='Whether a response that says who it is is sampled again.'),
        ),
        migrations.AddField(
            model_name='judgment',
            name='edited_response',
            field=models.ForeignKey(help_text='The chosen response as improved: edited > chosen > rejected (Llama 3, section 4.2.1).', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='preferences.response'),
        ),
        migrations.AddField(
            model_name='judgment',
            name='revised_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='judgment',
            name='revision',
            field=models.PositiveSmallIntegerField(default=0, help_text='How often it was revised; the events have each.'),
        ),
        migrations.SeparateDatabaseAndState(
            # One value a row, without an update that the append-only trigger would refuse.
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE preferences_prompt ADD COLUMN key uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;"
                    "ALTER TABLE preferences_prompt ALTER COLUMN key DROP DEFAULT",
                    "ALTER TABLE preferences_prompt DROP COLUMN key",
                )
            ],
            state_operations=[
                migrations.AddField(
                    model_name='prompt',
                    name='key',
                    field=models.UUIDField(default=uuid.uuid4, editable=False, help_text='The form\'s: sending it twice stores one prompt.', unique=True),
                ),
            ],
        ),
        migrations.AddField(
            model_name='prompt',
            name='second_category',
            field=models.CharField(blank=True, choices=[('factual', 'Factual question'), ('writing', 'Writing and content creation'), ('language_assistance', 'Language assistance'), ('recommendation', 'Recommendation'), ('dialogue', 'Dialogue')], max_length=40),
        ),
        migrations.AddField(
            model_name='prompt',
            name='sketch',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, help_text='MinHash band keys: prompts sharing one may be near-duplicates.', size=None),
        ),
        migrations.AddField(
            model_name='response',
            name='identity_leak',
            field=models.CharField(blank=True, help_text='The words by which it says who wrote it.', max_length=200),
        ),
        migrations.RemoveField(model_name='judgment', name='score'),  # generated from “chosen”, whose type changes
        migrations.AlterField(
            model_name='judgment',
            name='chosen',
            field=models.CharField(choices=[('a', 'Response A'), ('b', 'Response B'), ('tie', 'About the same'), ('neither', 'Neither is valid')], max_length=10),
        ),
        migrations.AddField(
            model_name='judgment',
            name='score',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(chosen='neither', then=models.Value(None)), models.When(chosen='tie', then=models.Value(0)), default=django.db.models.expressions.CombinedExpression(models.Case(models.When(chosen='a', then=models.Value(-1)), default=models.Value(1)), '*', models.Case(models.When(degree='significantly_better', then=models.Value(4)), models.When(degree='better', then=models.Value(3)), models.When(degree='slightly_better', then=models.Value(2)), models.When(degree='negligibly_better', then=models.Value(1)), default=models.Value(1)))), null=True, output_field=models.SmallIntegerField(null=True)),
        ),
        migrations.AlterField(
            model_name='response',
            name='source',
            field=models.CharField(choices=[('collected', 'Sampled here'), ('imported', 'Imported'), ('edited', 'Edited by an annotator')], default='collected', max_length=20),
        ),
        migrations.AddIndex(
            model_name='prompt',
            index=django.contrib.postgres.indexes.GinIndex(fields=['sketch'], name='prompt_sketch'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('rationale__in', ['optional', 'required'])), name='campaign_rationale'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(('chosen__in', ['a', 'b', 'tie', 'neither'])), name='judgment_chosen'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('chosen__in', ['tie', 'neither']), _negated=True), ('degree', ''), _connector='OR'), name='judgment_tie_has_no_degree'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(('edited_response__isnull', True), ('chosen__in', ['a', 'b']), _connector='OR'), name='judgment_edits_a_chosen_response'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('revised_at__isnull', True), ('revision', 0)), models.Q(('revised_at__isnull', False), ('revision__gt', 0)), _connector='OR'), name='judgment_revised_when'),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('second_category__in', ['factual', 'writing', 'language_assistance', 'recommendation', 'dialogue', ''])), name='prompt_second_category'),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('second_category', ''), models.Q(models.Q(('category', ''), _negated=True), models.Q(('category', models.F('second_category')), _negated=True)), _connector='OR'), name='prompt_two_categories_differ'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['collected', 'imported', 'edited'])), name='response_source'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['imported', 'edited']), models.Q(('completion_tokens__isnull', False), ('seed__isnull', False), ('temperature__isnull', False), ('top_p__isnull', False)), _connector='OR'), name='response_has_provenance'),
        ),
        migrations.AddField(
            model_name='flag',
            name='annotator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='flags', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='flag',
            name='comparison',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='flags', to='preferences.comparison'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['personal_data', 'identity', 'dangerous', 'broken', 'guideline', 'other'])), name='flag_reason'),
        ),
        migrations.AddConstraint(
            model_name='flag',
            constraint=models.UniqueConstraint(fields=('comparison', 'annotator', 'reason'), name='flag_once_per_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='flag',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bb3c00dea61e5280608720993565172e3a66d38c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5e8b7', table='preferences_flag', when='BEFORE')),
        ),
    ]
