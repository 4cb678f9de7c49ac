"""Composite keys that Django cannot write: what a row points to must belong to the same turn or comparison."""

from django.db import migrations

KEYS = [
    ("preferences_comparison", "comparison_response_a_of_turn", "response_a_id, turn_id", "preferences_response (id, turn_id)"),
    ("preferences_comparison", "comparison_response_b_of_turn", "response_b_id, turn_id", "preferences_response (id, turn_id)"),
    ("preferences_turn", "turn_chosen_response_of_turn", "chosen_response_id, id", "preferences_response (id, turn_id)"),
    ("preferences_slot", "slot_campaign_of_comparison", "comparison_id, campaign_id", "preferences_comparison (id, campaign_id)"),
    ("preferences_judgment", "judgment_slot_of_comparison", "slot_id, comparison_id", "preferences_slot (id, comparison_id)"),
]


class Migration(migrations.Migration):
    dependencies = [("preferences", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target}"
            " DEFERRABLE INITIALLY DEFERRED",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, name, columns, target in KEYS
    ]
