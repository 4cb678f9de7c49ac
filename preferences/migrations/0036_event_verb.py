from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('preferences', '0035_erased_events'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='event',
            index=models.Index(fields=['verb'], name='event_verb', opclasses=['varchar_pattern_ops']),
        ),
    ]
