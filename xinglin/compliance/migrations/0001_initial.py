# The tables of the first release.

import django.db.models.deletion
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
            name='LayerVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('number', models.PositiveIntegerField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('activated_at', models.DateTimeField(null=True)),
                ('activated_by_name', models.CharField(blank=True, max_length=120)),
                ('replay', models.JSONField(default=dict)),
                ('replayed_hash', models.CharField(blank=True, max_length=64)),
                ('job_id', models.UUIDField(null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'verbose_name': '本院规则版本',
                'constraints': [models.UniqueConstraint(fields=('organization', 'number'), name='compliance_layerversion_number_unique'), models.UniqueConstraint(condition=models.Q(('activated_at__isnull', True)), fields=('organization',), name='compliance_layerversion_one_draft')],
            },
        ),
        migrations.CreateModel(
            name='OwnTerm',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('added_in', models.PositiveIntegerField()),
                ('removed_in', models.PositiveIntegerField(null=True)),
                ('added_by_name', models.CharField(blank=True, max_length=120)),
                ('word', models.CharField(max_length=60)),
                ('severity', models.CharField(choices=[('block', '阻断'), ('warn', '复核'), ('info', '提示')], default='warn', max_length=5)),
                ('reason', models.CharField(max_length=200)),
                ('citation', models.CharField(blank=True, max_length=120)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'verbose_name': '本院用语',
                'abstract': False,
                'indexes': [models.Index(fields=['organization', 'added_in', 'removed_in'], name='compliance_ownterm_standing'), models.Index(fields=['organization', 'word'], name='compliance_ownterm_word')],
                'constraints': [models.CheckConstraint(condition=models.Q(('removed_in__isnull', True), ('removed_in__gt', models.F('added_in')), _connector='OR'), name='compliance_ownterm_removed_after_added')],
            },
        ),
        migrations.CreateModel(
            name='SilencedRule',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('added_in', models.PositiveIntegerField()),
                ('removed_in', models.PositiveIntegerField(null=True)),
                ('added_by_name', models.CharField(blank=True, max_length=120)),
                ('rule_id', models.CharField(max_length=12)),
                ('reason', models.CharField(max_length=200)),
                ('until', models.DateField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'verbose_name': '静音的规则',
                'abstract': False,
                'indexes': [models.Index(fields=['organization', 'added_in', 'removed_in'], name='compliance_silenced_standing')],
                'constraints': [models.CheckConstraint(condition=models.Q(('removed_in__isnull', True), ('removed_in__gt', models.F('added_in')), _connector='OR'), name='compliance_silencedrule_removed_after_added')],
            },
        ),
    ])
