from django.db import migrations
from django.db.models import OuterRef, Subquery


def copy(apps, schema_editor):
    """Until now every version was judged with what its item had."""
    item = apps.get_model("content", "ContentItem").objects.filter(pk=OuterRef("item_id"))
    apps.get_model("content", "ContentVersion").objects.update(
        audience=Subquery(item.values("audience")[:1]), cover=Subquery(item.values("cover_id")[:1])
    )


class Migration(migrations.Migration):

    dependencies = [
        ('content', '0005_versions_keep_their_own'),
    ]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
