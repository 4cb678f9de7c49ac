"""MinHash keys for the prompts that were there before them; apart from the new column, since PostgreSQL alters no table
that rows were written to in the same transaction."""

import pgtrigger
from django.db import migrations

from preferences.near_duplicates import sketch


def sketch_earlier_prompts(apps, schema_editor):
    Prompt = apps.get_model("preferences", "Prompt")
    with pgtrigger.ignore("preferences.Prompt:append_only"):
        for prompt in Prompt.objects.only("text").iterator(chunk_size=500):
            Prompt.objects.filter(pk=prompt.pk).update(sketch=sketch(prompt.text))


class Migration(migrations.Migration):
    dependencies = [("preferences", "0003_workplace")]

    operations = [migrations.RunPython(sketch_earlier_prompts, migrations.RunPython.noop)]
