# The tables of the first release.

import django.db.models.deletion
import xinglin.core.fields
import xinglin.core.ids
from django.db import migrations, models

from xinglin.core.operations import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('directory', '0001_initial'),
    ]

    operations = together([
        migrations.CreateModel(
            name='SearchPush',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('engine', models.CharField(choices=[('indexnow', 'IndexNow'), ('baidu', '百度')], max_length=10)),
                ('url_count', models.PositiveIntegerField()),
                ('status', models.PositiveSmallIntegerField()),
                ('answer', models.CharField(blank=True, max_length=300)),
                ('pushed_at', models.DateTimeField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='BrokenLink',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('page', models.CharField(max_length=300)),
                ('target', models.CharField(max_length=500)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('problem', models.CharField(blank=True, max_length=200)),
                ('is_external', models.BooleanField(default=False)),
                ('first_seen_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [models.UniqueConstraint(fields=('organization', 'page', 'target'), name='portal_link_unique')],
            },
        ),
        migrations.CreateModel(
            name='PageRedirect',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('old_path', models.CharField(max_length=200)),
                ('new_path', models.CharField(max_length=200)),
                ('created_by_id', models.BigIntegerField(null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'ordering': ('-id',),
                'constraints': [models.UniqueConstraint(fields=('organization', 'old_path'), name='portal_redirect_old_unique'), models.CheckConstraint(condition=models.Q(('old_path', models.F('new_path')), _negated=True), name='portal_redirect_leads_elsewhere')],
            },
        ),
        migrations.CreateModel(
            name='PhoneCode',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('token', models.CharField(max_length=48, unique=True)),
                ('purpose', models.CharField(choices=[('booking', 'booking'), ('view', 'view')], max_length=12)),
                ('phone', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('name', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('slot', models.UUIDField(blank=True, null=True)),
                ('wants_news', models.BooleanField(default=False)),
                ('code_digest', models.BinaryField(max_length=16)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_count', models.PositiveSmallIntegerField(default=1)),
                ('sent_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'indexes': [models.Index(fields=['expires_at'], name='portal_code_expiry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('attempts__gte', 0), ('attempts__lte', 5)), name='portal_code_attempts')],
            },
        ),
        migrations.CreateModel(
            name='SearchSettings',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('indexnow_url', models.URLField(blank=True)),
                ('indexnow_key', models.CharField(blank=True, max_length=64)),
                ('baidu_url', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('checked_pages', models.PositiveIntegerField(default=0)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization',), name='portal_search_one')],
            },
        ),
    ])
