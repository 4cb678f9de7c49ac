"""An assignment's slot belongs to its comparison."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("annotation", "0001_initial"), ("preferences", "0002_belonging")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE annotation_assignment ADD CONSTRAINT assignment_slot_of_comparison"
            " FOREIGN KEY (slot_id, comparison_id) REFERENCES preferences_slot (id, comparison_id)"
            " DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE annotation_assignment DROP CONSTRAINT assignment_slot_of_comparison",
        )
    ]
