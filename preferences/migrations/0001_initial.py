

import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
import preferences.models.campaigns
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Comparison',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('source', models.CharField(choices=[('collected', 'Collected here'), ('imported', 'Imported')], default='collected', max_length=20)),
                ('external_id', models.CharField(max_length=200, null=True)),
                ('status', models.CharField(choices=[('open', 'Waiting for judgments'), ('judged', 'All judgments in'), ('sealed', 'In a sealed batch'), ('withdrawn', 'Withdrawn')], default='open', max_length=20)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('finished_at', models.DateTimeField(db_index=True, help_text='When the last wanted judgment came in.', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Dialogue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('context', models.JSONField(default=list, help_text='Messages before the first turn, of an imported dialogue.')),
                ('family', models.CharField(db_index=True, help_text='Hash of the first user message; the split keeps a family together.', max_length=64)),
                ('status', models.CharField(choices=[('open', 'Open'), ('ended', 'Ended')], default='open', max_length=20)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('verb', models.CharField(help_text='noun.past_participle, for example judgment.recorded', max_length=60)),
                ('subject', models.CharField(db_index=True, help_text='noun:id', max_length=80)),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Guideline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('text', models.TextField()),
                ('published_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['campaign', 'version'],
            },
        ),
        migrations.CreateModel(
            name='HoldoutGroup',
            fields=[
                ('family', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('split', models.CharField(choices=[('train', 'Train'), ('test', 'Held-out test')], max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Judgment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('collected', 'Collected here'), ('imported', 'Imported')], default='collected', max_length=20)),
                ('shown_left', models.CharField(blank=True, choices=[('a', 'Response A'), ('b', 'Response B')], max_length=1)),
                ('chosen', models.CharField(choices=[('a', 'Response A'), ('b', 'Response B'), ('tie', 'About the same')], max_length=3)),
                ('degree', models.CharField(blank=True, choices=[('significantly_better', 'Significantly better'), ('better', 'Better'), ('slightly_better', 'Slightly better'), ('negligibly_better', 'Negligibly better / unsure')], max_length=30)),
                ('score', models.GeneratedField(db_persist=True, expression=models.Case(models.When(chosen='tie', then=models.Value(0)), default=django.db.models.expressions.CombinedExpression(models.Case(models.When(chosen='a', then=models.Value(-1)), default=models.Value(1)), '*', models.Case(models.When(degree='significantly_better', then=models.Value(4)), models.When(degree='better', then=models.Value(3)), models.When(degree='slightly_better', then=models.Value(2)), models.When(degree='negligibly_better', then=models.Value(1)), default=models.Value(1)))), output_field=models.SmallIntegerField())),
                ('safety_a', models.PositiveSmallIntegerField(null=True)),
                ('safety_b', models.PositiveSmallIntegerField(null=True)),
                ('rationale', models.TextField(blank=True)),
                ('active_seconds', models.FloatField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Prompt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('category', models.CharField(blank=True, choices=[('factual', 'Factual question'), ('writing', 'Writing and content creation'), ('language_assistance', 'Language assistance'), ('recommendation', 'Recommendation'), ('dialogue', 'Dialogue')], max_length=40)),
                ('risk_category', models.CharField(blank=True, choices=[('illicit_and_criminal', 'Illicit and criminal activities'), ('hateful_and_harmful', 'Hateful and harmful activities'), ('unqualified_advice', 'Unqualified advice')], max_length=40)),
                ('attack_vector', models.CharField(blank=True, choices=[('psychological', 'Psychological manipulation, such as authority'), ('logic', 'Logic manipulation, such as a false premise'), ('syntactic', 'Syntactic manipulation, such as misspelling'), ('semantic', 'Semantic manipulation, such as metaphor'), ('perspective', 'Perspective manipulation, such as role play'), ('non_english', 'Another language than English'), ('other', 'Other')], max_length=40)),
                ('family', models.CharField(db_index=True, max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Response',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('source', models.CharField(choices=[('collected', 'Collected here'), ('imported', 'Imported')], default='collected', max_length=20)),
                ('system_prompt', models.TextField(blank=True)),
                ('temperature', models.FloatField(null=True)),
                ('top_p', models.FloatField(null=True)),
                ('seed', models.BigIntegerField(null=True)),
                ('prompt_tokens', models.PositiveIntegerField(null=True)),
                ('completion_tokens', models.PositiveIntegerField(null=True)),
                ('finish_reason', models.CharField(blank=True, max_length=20)),
                ('latency_ms', models.PositiveIntegerField(null=True)),
                ('engine', models.CharField(blank=True, max_length=40)),
                ('engine_version', models.CharField(blank=True, max_length=120)),
                ('weights_hash', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='SamplingPair',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_temperature', models.FloatField()),
                ('second_temperature', models.FloatField()),
                ('top_p', models.FloatField(default=1.0)),
                ('weight', models.FloatField(default=1.0)),
            ],
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField()),
                ('status', models.CharField(choices=[('open', 'Waiting for an annotator'), ('leased', 'Held by an annotator'), ('filled', 'Judged')], default='open', max_length=20)),
            ],
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('index', models.PositiveSmallIntegerField()),
                ('status', models.CharField(choices=[('sampling', 'Being sampled'), ('ready', 'Ready to compare'), ('failed', 'Sampling failed')], default='sampling', max_length=20)),
                ('failure', models.CharField(blank=True, help_text='Why sampling failed, for the annotator.', max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['dialogue', 'index'],
            },
        ),
        migrations.CreateModel(
            name='Variant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('iteration', models.CharField(blank=True, help_text='For example RLHF-V3.', max_length=60)),
                ('engine', models.CharField(help_text='A name in workers.engines.ENGINES, or “imported”.', max_length=40)),
                ('location', models.CharField(blank=True, max_length=500)),
                ('revision', models.CharField(blank=True, max_length=120)),
                ('weights_hash', models.CharField(blank=True, max_length=64)),
                ('system_prompt', models.TextField(blank=True)),
                ('max_tokens', models.PositiveIntegerField(default=256, help_text='The longest response, in tokens.')),
                ('status', models.CharField(choices=[('active', 'Active'), ('retired', 'Retired')], default='active', max_length=20)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120)),
                ('version', models.PositiveIntegerField(default=1)),
                ('week', models.CharField(help_text='ISO week, for example 2026-W48.', max_length=8)),
                ('seed', models.CharField(help_text='Seed of the hash that draws the held-out groups.', max_length=120)),
                ('sha256', models.CharField(help_text="Merkle root over the items' hashes, in order.", max_length=64)),
                ('sealed_at', models.DateTimeField()),
                ('sealed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-sealed_at'],
            },
        ),
        migrations.CreateModel(
            name='BatchItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField(help_text='Order within the batch, from 0.')),
                ('sha256', models.CharField(help_text="Hash of the comparison's canonical row.", max_length=64)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='preferences.batch')),
            ],
            options={
                'ordering': ['batch', 'place'],
            },
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=80, unique=True)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('preference', 'Preference collection'), ('evaluation', 'Helpfulness evaluation'), ('safety_rating', 'Safety rating'), ('demonstration', 'Demonstration'), ('red_team', 'Red team')], default='preference', max_length=20)),
                ('track', models.CharField(choices=[('helpfulness', 'Helpfulness'), ('safety', 'Safety')], max_length=20)),
                ('scale', models.CharField(choices=[('eight_point', 'Forced choice, four degrees'), ('seven_point', 'Seven points with a tie'), ('three_point', 'Better, same, worse'), ('two_point', 'Forced choice, no degree')], default='eight_point', max_length=20)),
                ('question', models.CharField(help_text='What the annotator is asked above the two responses.', max_length=300)),
                ('raters_per_item', models.PositiveSmallIntegerField(default=1)),
                ('max_turns', models.PositiveSmallIntegerField(default=1)),
                ('lease_seconds', models.PositiveIntegerField(default=900, help_text='How long a claimed comparison is held.')),
                ('time_zone', models.CharField(default='UTC', max_length=60, validators=[preferences.models.campaigns.check_time_zone])),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('open', 'Open'), ('paused', 'Paused'), ('closed', 'Closed')], default='draft', max_length=20)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['preference', 'evaluation', 'safety_rating', 'demonstration', 'red_team'])), name='campaign_kind'), models.CheckConstraint(condition=models.Q(('track__in', ['helpfulness', 'safety'])), name='campaign_track'), models.CheckConstraint(condition=models.Q(('scale__in', ['eight_point', 'seven_point', 'three_point', 'two_point'])), name='campaign_scale'), models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'open', 'paused', 'closed'])), name='campaign_status'), models.CheckConstraint(condition=models.Q(('raters_per_item__gte', 1), ('max_turns__gte', 1), ('lease_seconds__gte', 1)), name='campaign_counts_positive')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='campaign',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{draft:open,open:paused,open:closed,paused:open,paused:closed}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='f761debf542b81f70e75544c62b7ac10adf3fc22', operation='UPDATE', pgid='pgtrigger_transitions_13cb7', table='preferences_campaign', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='campaign',
            trigger=pgtrigger.compiler.Trigger(name='identity_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."slug" IS DISTINCT FROM (NEW."slug") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."track" IS DISTINCT FROM (NEW."track") OR OLD."scale" IS DISTINCT FROM (NEW."scale"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='f9e68137b0c4e441c9ba8ca68b5488052f3afb5f', operation='UPDATE', pgid='pgtrigger_identity_stays_46970', table='preferences_campaign', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='comparison',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comparisons', to='preferences.campaign'),
        ),
        migrations.AddField(
            model_name='batchitem',
            name='comparison',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batch_items', to='preferences.comparison'),
        ),
        migrations.AddField(
            model_name='dialogue',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dialogues', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='dialogue',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dialogues', to='preferences.campaign'),
        ),
        migrations.AddField(
            model_name='event',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='event',
            name='campaign',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='preferences.campaign'),
        ),
        migrations.AddField(
            model_name='guideline',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='guidelines', to='preferences.campaign'),
        ),
        migrations.AddField(
            model_name='guideline',
            name='published_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='holdoutgroup',
            constraint=models.CheckConstraint(condition=models.Q(('split__in', ['train', 'test'])), name='holdout_split'),
        ),
        migrations.AddField(
            model_name='batchitem',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='preferences.holdoutgroup'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='holdoutgroup',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='edef696a96a60c8a65467207a725d09a9f5331e3', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_03436', table='preferences_holdoutgroup', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='judgment',
            name='annotator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='judgment',
            name='comparison',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to='preferences.comparison'),
        ),
        migrations.AddField(
            model_name='judgment',
            name='guideline',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='judgments', to='preferences.guideline'),
        ),
        migrations.AddField(
            model_name='prompt',
            name='author',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='prompts', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='prompt',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prompts', to='preferences.campaign'),
        ),
        migrations.AddField(
            model_name='comparison',
            name='response_a',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='preferences.response'),
        ),
        migrations.AddField(
            model_name='comparison',
            name='response_b',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='preferences.response'),
        ),
        migrations.AddField(
            model_name='samplingpair',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sampling_plan', to='preferences.campaign'),
        ),
        migrations.AddField(
            model_name='slot',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='preferences.campaign'),
        ),
        migrations.AddField(
            model_name='slot',
            name='comparison',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='slots', to='preferences.comparison'),
        ),
        migrations.AddField(
            model_name='judgment',
            name='slot',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='judgment', to='preferences.slot'),
        ),
        migrations.AddField(
            model_name='turn',
            name='chosen_response',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='preferences.response'),
        ),
        migrations.AddField(
            model_name='turn',
            name='dialogue',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='preferences.dialogue'),
        ),
        migrations.AddField(
            model_name='turn',
            name='prompt',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='turns', to='preferences.prompt'),
        ),
        migrations.AddField(
            model_name='response',
            name='turn',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='preferences.turn'),
        ),
        migrations.AddField(
            model_name='comparison',
            name='turn',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comparisons', to='preferences.turn'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['active', 'retired'])), name='variant_status'),
        ),
        migrations.AddConstraint(
            model_name='variant',
            constraint=models.CheckConstraint(condition=models.Q(('max_tokens__gte', 1)), name='variant_max_tokens_positive'),
        ),
        migrations.AddField(
            model_name='samplingpair',
            name='first',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='preferences.variant'),
        ),
        migrations.AddField(
            model_name='samplingpair',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='preferences.variant'),
        ),
        migrations.AddField(
            model_name='response',
            name='variant',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='responses', to='preferences.variant'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='variant',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{active:retired}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='ad273f2c9365d9e88063ad8d755fc639056119f8', operation='UPDATE', pgid='pgtrigger_transitions_94792', table='preferences_variant', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='variant',
            trigger=pgtrigger.compiler.Trigger(name='identity_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."iteration" IS DISTINCT FROM (NEW."iteration") OR OLD."engine" IS DISTINCT FROM (NEW."engine"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='da627d8170ed72eeadd3adf036850c0af4907c85', operation='UPDATE', pgid='pgtrigger_identity_stays_2fe49', table='preferences_variant', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(fields=('name', 'version'), name='batch_version_once'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('week__regex', '^\\d{4}-W\\d{2}$')), name='batch_iso_week'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='5c1aa58a57d8becf788d9324121aa2f5104bc34e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_853f3', table='preferences_batch', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='dialogue',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'ended'])), name='dialogue_status'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dialogue',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{open:ended}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='7cebf4b3493faca8d0341ddb23472f3a21065401', operation='UPDATE', pgid='pgtrigger_transitions_04621', table='preferences_dialogue', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='dialogue',
            trigger=pgtrigger.compiler.Trigger(name='beginning_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."context" IS DISTINCT FROM (NEW."context") OR OLD."family" IS DISTINCT FROM (NEW."family"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='c99e835f537c72e73dc5b7ec0082d9ddee35cc87', operation='UPDATE', pgid='pgtrigger_beginning_stays_c5c9a', table='preferences_dialogue', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='event',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c17a5e6cca1e4ccf8a1cb32171a80d2939a029e0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_465d0', table='preferences_event', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='guideline',
            constraint=models.UniqueConstraint(fields=('campaign', 'version'), name='guideline_version_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='guideline',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='3d2d7a025e40839e6272f50c2faf869ae6dd06ae', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e9250', table='preferences_guideline', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='batchitem',
            constraint=models.UniqueConstraint(fields=('batch', 'comparison'), name='batch_item_once'),
        ),
        migrations.AddConstraint(
            model_name='batchitem',
            constraint=models.UniqueConstraint(fields=('batch', 'place'), name='batch_item_place'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batchitem',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7b6f7ba53fefabe9a4ae2f78f27cb76c3597258c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_ca50f', table='preferences_batchitem', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batchitem',
            trigger=pgtrigger.compiler.Trigger(name='closed_once_sealed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (SELECT 1 FROM preferences_batch WHERE id = NEW.batch_id) THEN\n                        RAISE EXCEPTION 'batch % is sealed', NEW.batch_id;\n                    END IF;\n                    RETURN NEW;\n                ", hash='ee9f83f5a19cebb6f9b271ffe5e6f79117aed1c0', operation='INSERT', pgid='pgtrigger_closed_once_sealed_7feca', table='preferences_batchitem', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('category__in', ['factual', 'writing', 'language_assistance', 'recommendation', 'dialogue', ''])), name='prompt_category'),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('risk_category__in', ['illicit_and_criminal', 'hateful_and_harmful', 'unqualified_advice', ''])), name='prompt_risk_category'),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('attack_vector__in', ['psychological', 'logic', 'syntactic', 'semantic', 'perspective', 'non_english', 'other', ''])), name='prompt_attack_vector'),
        ),
        migrations.AddConstraint(
            model_name='prompt',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='prompt_not_empty'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='prompt',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9f40754de6bad98830d6aac48fb1a12b968aba95', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5418c', table='preferences_prompt', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='slot',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['campaign', 'id'], name='slot_open'),
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.UniqueConstraint(fields=('comparison', 'number'), name='slot_once'),
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.UniqueConstraint(fields=('id', 'comparison'), name='slot_of_comparison'),
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'leased', 'filled'])), name='slot_status'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slot',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{open:leased,leased:open,leased:filled}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='14b887d36e308877d54c3ad68d78c32fe40a46bb', operation='UPDATE', pgid='pgtrigger_transitions_a1285', table='preferences_slot', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.UniqueConstraint(fields=('comparison', 'annotator'), name='judgment_once_per_annotator'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(('chosen__in', ['a', 'b', 'tie'])), name='judgment_chosen'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(('degree__in', ['significantly_better', 'better', 'slightly_better', 'negligibly_better', ''])), name='judgment_degree'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['collected', 'imported'])), name='judgment_source'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('chosen', 'tie'), _negated=True), ('degree', ''), _connector='OR'), name='judgment_tie_has_no_degree'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(('source', 'imported'), models.Q(('guideline__isnull', False), ('shown_left__in', ['a', 'b']), ('active_seconds__gte', 0), ('active_seconds__isnull', False)), _connector='OR'), name='judgment_collected_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('safety_a__isnull', True), ('safety_b__isnull', True)), models.Q(('safety_a__isnull', False), ('safety_b__isnull', False), ('safety_a__range', (1, 5)), ('safety_b__range', (1, 5))), _connector='OR'), name='judgment_safety_scores'),
        ),
        migrations.AddConstraint(
            model_name='judgment',
            constraint=models.CheckConstraint(condition=models.Q(('safety_a__isnull', True), models.Q(models.Q(('chosen', 'a'), ('safety_a__lte', 2), ('safety_b__gt', 2)), models.Q(('chosen', 'b'), ('safety_a__gt', 2), ('safety_b__lte', 2)), _connector='OR', _negated=True), _connector='OR'), name='judgment_never_prefers_unsafe'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='judgment',
            trigger=pgtrigger.compiler.Trigger(name='kept_when_sealed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (\n                        SELECT 1 FROM preferences_comparison\n                         WHERE id IN (OLD.comparison_id, NEW.comparison_id) AND status = 'sealed'\n                    ) THEN\n                        RAISE EXCEPTION 'judgment % is part of a sealed batch', COALESCE(OLD.id, NEW.id);\n                    END IF;\n                    RETURN COALESCE(NEW, OLD);\n                ", hash='2840c5254ece7c7f2ce105e99c9f842c598351f0', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_kept_when_sealed_0370c', table='preferences_judgment', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.UniqueConstraint(fields=('dialogue', 'index'), name='turn_once'),
        ),
        migrations.AddConstraint(
            model_name='turn',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['sampling', 'ready', 'failed'])), name='turn_status'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='turn',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{sampling:ready,sampling:failed,failed:sampling}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='4a994d4c30a743935de557fbbe2f1b5662147804', operation='UPDATE', pgid='pgtrigger_transitions_49f31', table='preferences_turn', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='turn',
            trigger=pgtrigger.compiler.Trigger(name='question_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."dialogue_id" IS DISTINCT FROM (NEW."dialogue_id") OR OLD."index" IS DISTINCT FROM (NEW."index") OR OLD."prompt_id" IS DISTINCT FROM (NEW."prompt_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='3a2cc5a0321fbb6ae223dddd82d24d105f26d0e7', operation='UPDATE', pgid='pgtrigger_question_stays_5da04', table='preferences_turn', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='turn',
            trigger=pgtrigger.compiler.Trigger(name='answer_stays_once_continued', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.chosen_response_id IS DISTINCT FROM NEW.chosen_response_id)', func="\n                    IF EXISTS (\n                        SELECT 1 FROM preferences_turn WHERE dialogue_id = OLD.dialogue_id AND index > OLD.index\n                    ) THEN\n                        RAISE EXCEPTION 'turn % has been continued, its answer stays', OLD.id;\n                    END IF;\n                    RETURN NEW;\n                ", hash='8c16520c5cd3a65e8d5f49c4ed0f64526868c66d', operation='UPDATE', pgid='pgtrigger_answer_stays_once_continued_2b872', table='preferences_turn', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.UniqueConstraint(fields=('id', 'campaign'), name='comparison_of_campaign'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'judged', 'sealed', 'withdrawn'])), name='comparison_status'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['collected', 'imported'])), name='comparison_source'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('response_a', models.F('response_b')), _negated=True), name='comparison_of_two_responses'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.UniqueConstraint(fields=('campaign', 'external_id'), name='comparison_imported_once'),
        ),
        migrations.AddConstraint(
            model_name='comparison',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'withdrawn'), models.Q(('finished_at__isnull', True), ('status', 'open')), models.Q(('finished_at__isnull', False), ('status__in', ['judged', 'sealed'])), _connector='OR'), name='comparison_finished_when_judged'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='comparison',
            trigger=pgtrigger.compiler.Trigger(name='transitions', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."status", \':\', NEW."status") = ANY(\'{open:judged,open:withdrawn,judged:sealed,judged:withdrawn}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."status" IS DISTINCT FROM NEW."status") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "status" from "%" to "%" on table %\', OLD."status", NEW."status", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='57cb1c4236e36800b40924a39f32e4037e2086ef', operation='UPDATE', pgid='pgtrigger_transitions_5bcad', table='preferences_comparison', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='comparison',
            trigger=pgtrigger.compiler.Trigger(name='pair_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."turn_id" IS DISTINCT FROM (NEW."turn_id") OR OLD."response_a_id" IS DISTINCT FROM (NEW."response_a_id") OR OLD."response_b_id" IS DISTINCT FROM (NEW."response_b_id") OR OLD."external_id" IS DISTINCT FROM (NEW."external_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='01604d5dbea2b5cf17a719a756173a51edad8eac', operation='UPDATE', pgid='pgtrigger_pair_stays_9f553', table='preferences_comparison', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='comparison',
            trigger=pgtrigger.compiler.Trigger(name='kept_when_sealed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."status" = \'sealed\')', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='019b2f0f2008e94aa4fbd79738fc8f287d8f8e77', operation='UPDATE OR DELETE', pgid='pgtrigger_kept_when_sealed_473cd', table='preferences_comparison', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='samplingpair',
            constraint=models.CheckConstraint(condition=models.Q(('first', models.F('second')), _negated=True), name='sampling_pair_two_variants'),
        ),
        migrations.AddConstraint(
            model_name='samplingpair',
            constraint=models.CheckConstraint(condition=models.Q(('first_temperature__range', (0, 10.0)), ('second_temperature__range', (0, 10.0)), ('top_p__gt', 0), ('top_p__lte', 1), ('weight__gt', 0), ('weight__lte', 1000000.0)), name='sampling_pair_ranges'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.UniqueConstraint(fields=('id', 'turn'), name='response_of_turn'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['collected', 'imported'])), name='response_source'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), ('source', 'imported'), _connector='OR'), name='response_not_empty'),
        ),
        migrations.AddConstraint(
            model_name='response',
            constraint=models.CheckConstraint(condition=models.Q(('source', 'imported'), models.Q(('completion_tokens__isnull', False), ('seed__isnull', False), ('temperature__isnull', False), ('top_p__isnull', False)), _connector='OR'), name='response_has_provenance'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='response',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='4eb7f8d5610db2a928f48336e1ce2cfd500ae3d8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_9ed3d', table='preferences_response', when='BEFORE')),
        ),
    ]
