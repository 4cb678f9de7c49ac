"""Later messages of what was sealed before that tell nothing by themselves, and the sides that they stand on."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from preferences.models.prompts import family_of
from preferences.near_duplicates import weight


LEAST_FOLLOW_UP = 40  # as preferences.held_out had it


def keep_earlier(apps, schema_editor):
    BatchItem, FollowUp, Turn = (apps.get_model("preferences", name) for name in ("BatchItem", "FollowUp", "Turn"))
    items = BatchItem.objects.exclude(group=None).select_related("group", "comparison__turn__dialogue").order_by("pk")
    for item in items.iterator(chunk_size=500):
        dialogue, last = item.comparison.turn.dialogue, item.comparison.turn.index
        turns = Turn.objects.filter(dialogue=dialogue, index__lte=last).order_by("index")
        said = [message["content"] for message in dialogue.context if message["role"] == "user"]
        said += turns.values_list("prompt__text", flat=True)
        later = {family_of(text) for text in said[1:] if weight(text) < LEAST_FOLLOW_UP}
        FollowUp.objects.bulk_create(
            [FollowUp(family=family, split=item.group.split) for family in sorted(later)], ignore_conflicts=True
        )


class Migration(migrations.Migration):

    dependencies = [
        ('preferences', '0033_events_wait_for_the_chain'),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('family', models.CharField(max_length=64)),
                ('split', models.CharField(choices=[('train', 'Train'), ('test', 'Held-out test')], max_length=10)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('family', 'split'), name='follow_up_once'), models.CheckConstraint(condition=models.Q(('split__in', ['train', 'test'])), name='follow_up_split')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followup',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7a413fb2094d77d67442f02ca2b38d67a95f3f11', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_05e92', table='preferences_followup', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='followup',
            trigger=pgtrigger.compiler.Trigger(name='never_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'table % is never emptied', TG_TABLE_NAME;", hash='e6530683bdeacfd4f0cf17663cda58e9955eeb69', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_never_emptied_3aa25', table='preferences_followup', when='BEFORE')),
        ),
        migrations.RunPython(keep_earlier, migrations.RunPython.noop),
    ]
