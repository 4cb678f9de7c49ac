from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('workers', '0013_cancelled'),
    ]

    operations = [
        ValidateConstraint(model_name='samplingrun', name='sampling_run_status'),
        ValidateConstraint(model_name='samplingrun', name='sampling_run_ended_when_over'),
    ]
