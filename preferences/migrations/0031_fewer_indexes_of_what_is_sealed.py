"""What sealing a quarter of a million comparisons need not write.

Nobody asks for items by their group, or for a batch's but in order; nobody for families that begin somehow. And where
a page has room for the new version of a row that moves on, its ten indexes stay as they are.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('preferences', '0030_never_emptied'),
    ]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE preferences_comparison SET (fillfactor = 50)",
            "ALTER TABLE preferences_comparison RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "DROP INDEX IF EXISTS preferences_holdoutgroup_family_3b332624_like",
            "CREATE INDEX preferences_holdoutgroup_family_3b332624_like ON preferences_holdoutgroup"
            " (family varchar_pattern_ops)",
        ),
        migrations.AlterField(
            model_name='batchitem',
            name='batch',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='preferences.batch'),
        ),
        migrations.AlterField(
            model_name='batchitem',
            name='group',
            field=models.ForeignKey(db_index=False, help_text='None: its dialogue is near prompts of both sides, so that no file of either may have it.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='items', to='preferences.holdoutgroup'),
        ),
    ]
