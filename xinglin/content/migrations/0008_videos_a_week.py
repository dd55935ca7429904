from django.db import migrations
from django.db.models import F


def a_week(apps, schema_editor):
    """A month is four weeks and some days; a promise is not made smaller."""
    apps.get_model("content", "ExpertPlan").objects.update(videos_a_week=(F("videos_a_week") + 3) / 4)


def a_month(apps, schema_editor):
    apps.get_model("content", "ExpertPlan").objects.update(videos_a_week=F("videos_a_week") * 4)


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0007_models_3d'),
    ]

    operations = [
        migrations.RenameField('expertplan', 'videos_a_month', 'videos_a_week'),
        migrations.RunPython(a_week, a_month),
    ]
