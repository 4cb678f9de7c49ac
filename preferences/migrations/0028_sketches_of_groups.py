"""Sketches for the prompts whose side was drawn before they had any, and the later messages of their dialogues."""

import pgtrigger
from django.db import migrations

from preferences.models.prompts import family_of
from preferences.near_duplicates import sketches, weight

LEAST_FOLLOW_UP = 40  # as preferences.held_out had it


def sketch_earlier_groups(apps, schema_editor):
    BatchItem, HoldoutGroup, Turn = (apps.get_model("preferences", name) for name in ("BatchItem", "HoldoutGroup", "Turn"))
    items = BatchItem.objects.exclude(group=None).select_related("group", "comparison__turn__dialogue").order_by("pk")
    done = set()
    for item in items.iterator(chunk_size=500):
        dialogue, last = item.comparison.turn.dialogue, item.comparison.turn.index
        turns = Turn.objects.filter(dialogue=dialogue, index__lte=last).order_by("index")
        said = [message["content"] for message in dialogue.context if message["role"] == "user"]
        said += turns.values_list("prompt__text", flat=True)
        for place, text in enumerate(said):
            family = family_of(text) if place else item.group_id
            if family in done or (place and weight(text) < LEAST_FOLLOW_UP):
                continue
            done.add(family)
            stored = {"sketch": sketches([text]).tobytes(), "dialogue": dialogue}
            if place:
                HoldoutGroup.objects.get_or_create(family=family, defaults={"split": item.group.split, **stored})
            else:
                HoldoutGroup.objects.filter(family=family).update(**stored)


def run(apps, schema_editor):
    with pgtrigger.ignore("preferences.HoldoutGroup:append_only"):
        sketch_earlier_groups(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [("preferences", "0027_held_out_groups")]

    operations = [migrations.RunPython(run, migrations.RunPython.noop)]
