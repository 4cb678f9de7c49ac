from django.db import migrations

# On its own, so that nobody waits meanwhile: what is written beside is put there by its trigger.
WAIT = """
    INSERT INTO preferences_unchainedevent (event_id) SELECT id FROM preferences_event ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('preferences', '0032_event_chain'),
    ]

    operations = [
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
    ]
