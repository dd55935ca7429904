import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy(apps, schema_editor):
    """Until now every version stood under the names of its item."""
    version, item = (apps.get_model("content", name) for name in ("ContentVersion", "ContentItem"))
    whose = item.objects.filter(pk=OuterRef("item_id"), medical_reviewer__isnull=False)
    version.objects.update(medical_reviewer=Subquery(whose.values("medical_reviewer_id")[:1]))
    names = item.authors.through.objects.values_list("staff_id", "contentitem__versions")
    through = version.authors.through
    through.objects.bulk_create(
        (through(staff_id=staff, contentversion_id=pk) for staff, pk in names.iterator() if pk), batch_size=1000
    )


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0008_videos_a_week'),
        ('directory', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='contentversion',
            name='authors',
            field=models.ManyToManyField(blank=True, related_name='+', to='directory.staff'),
        ),
        migrations.AddField(
            model_name='contentversion',
            name='medical_reviewer',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='directory.staff'),
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
    ]
