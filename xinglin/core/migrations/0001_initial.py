# The tables of the first release.

import django.db.models.deletion
import xinglin.core.ids
from django.db import migrations, models

from xinglin.core.operations import together


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = together([
        migrations.CreateModel(
            name='Periodic',
            fields=[
                ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('next_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RateCount',
            fields=[
                ('key', models.CharField(max_length=160, primary_key=True, serialize=False)),
                ('window_ends_at', models.DateTimeField(db_index=True)),
                ('count', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('name', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('seen_at', models.DateTimeField()),
                ('started_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('organization_id', models.BigIntegerField(null=True)),
                ('user_id', models.BigIntegerField(null=True)),
                ('actor_name', models.CharField(max_length=120)),
                ('role', models.CharField(blank=True, max_length=32)),
                ('action', models.CharField(max_length=80)),
                ('object_type', models.CharField(blank=True, max_length=80)),
                ('object_id', models.CharField(blank=True, max_length=64)),
                ('object_label', models.CharField(blank=True, max_length=200)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('detail', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': '操作记录',
                'indexes': [models.Index(fields=['organization_id', '-id'], name='core_audit_org'), models.Index(fields=['object_type', 'object_id'], name='core_audit_object')],
            },
        ),
        migrations.CreateModel(
            name='DomainEvent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=160)),
                ('payload', models.JSONField()),
                ('published_at', models.DateTimeField(auto_now_add=True)),
                ('pending', models.JSONField(default=list)),
            ],
            options={
                'indexes': [models.Index(fields=['id'], name='core_event_order')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('organization_id', models.BigIntegerField(null=True)),
                ('user_id', models.BigIntegerField(null=True)),
                ('name', models.CharField(max_length=80)),
                ('title', models.CharField(blank=True, max_length=200)),
                ('args', models.JSONField(default=dict)),
                ('queue', models.CharField(default='default', max_length=32)),
                ('priority', models.SmallIntegerField(default=0)),
                ('status', models.CharField(choices=[('ready', '排队中'), ('leased', '进行中'), ('done', '已完成'), ('dead', '没有完成'), ('cancelled', '已取消')], default='ready', max_length=10)),
                ('run_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('max_attempts', models.PositiveSmallIntegerField(default=5)),
                ('lease_until', models.DateTimeField(null=True)),
                ('worker', models.CharField(blank=True, max_length=80)),
                ('dedupe_key', models.CharField(max_length=160, null=True, unique=True)),
                ('cursor', models.JSONField(default=dict)),
                ('done', models.PositiveBigIntegerField(default=0)),
                ('total', models.PositiveBigIntegerField(null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('is_periodic', models.BooleanField(default=False)),
                ('run_again', models.BooleanField(default=False)),
                ('cancel_requested', models.BooleanField(default=False)),
                ('error', models.TextField(blank=True)),
                ('result_file', models.CharField(blank=True, max_length=300)),
                ('result_name', models.CharField(blank=True, max_length=160)),
                ('result_url', models.CharField(blank=True, max_length=300)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('status', 'ready')), fields=['queue', '-priority', 'run_at'], name='core_job_ready'), models.Index(condition=models.Q(('status', 'leased')), fields=['lease_until'], name='core_job_leased'), models.Index(fields=['organization_id', '-id'], name='core_job_org')],
            },
        ),
        migrations.CreateModel(
            name='JobLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('level', models.CharField(default='info', max_length=8)),
                ('text', models.CharField(max_length=500)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='core.job')),
            ],
            options={
                'indexes': [models.Index(fields=['job', 'id'], name='core_jobline_job')],
            },
        ),
    ])
