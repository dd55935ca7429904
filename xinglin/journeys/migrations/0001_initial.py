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
        ('patients', '0001_initial'),
    ]

    operations = together([
        migrations.CreateModel(
            name='Journey',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=80)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('status', models.CharField(choices=[('draft', '草稿'), ('live', '运行中'), ('paused', '已暂停'), ('ended', '已结束')], default='draft', max_length=8)),
                ('seed', models.BigIntegerField(default=0)),
                ('secret', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('ready_made', models.CharField(blank=True, max_length=40)),
                ('created_by_id', models.BigIntegerField(null=True)),
                ('created_by_name', models.CharField(blank=True, max_length=120)),
                ('started_at', models.DateTimeField(null=True)),
                ('paused_at', models.DateTimeField(null=True)),
                ('paused_by_name', models.CharField(blank=True, max_length=120)),
                ('pause_reason', models.CharField(blank=True, max_length=200)),
                ('ended_at', models.DateTimeField(null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'verbose_name': '旅程',
                'indexes': [models.Index(fields=['organization', 'status', '-id'], name='journeys_journey_status')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('paused_at__isnull', False), ('status', 'paused')), models.Q(models.Q(('status', 'paused'), _negated=True), ('paused_at__isnull', True)), _connector='OR'), name='journeys_journey_paused_at_iff_paused')],
            },
        ),
        migrations.CreateModel(
            name='JourneyVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('status', models.CharField(choices=[('draft', '草稿'), ('live', '运行中'), ('retired', '已换新版')], default='draft', max_length=8)),
                ('graph', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('created_by_name', models.CharField(blank=True, max_length=120)),
                ('published_at', models.DateTimeField(null=True)),
                ('published_by_name', models.CharField(blank=True, max_length=120)),
                ('next_run_at', models.DateTimeField(null=True)),
                ('ran_through', models.PositiveIntegerField(default=0)),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='journeys.journey')),
            ],
            options={
                'verbose_name': '旅程版本',
                'constraints': [models.UniqueConstraint(fields=('journey', 'number'), name='journeys_version_number_once'), models.UniqueConstraint(condition=models.Q(('status', 'live')), fields=('journey',), name='journeys_version_one_live'), models.UniqueConstraint(condition=models.Q(('status', 'draft')), fields=('journey',), name='journeys_version_one_draft'), models.CheckConstraint(condition=models.Q(models.Q(('published_at__isnull', True), ('status', 'draft')), models.Q(models.Q(('status', 'draft'), _negated=True), ('published_at__isnull', False)), _connector='OR'), name='journeys_version_published_unless_draft')],
            },
        ),
        migrations.CreateModel(
            name='JourneyNode',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=40)),
                ('kind', models.CharField(max_length=12)),
                ('place', models.PositiveSmallIntegerField()),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='nodes', to='journeys.journeyversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='journeys_node_key_once')],
            },
        ),
        migrations.CreateModel(
            name='JourneyStep',
            fields=[
                ('pk', models.CompositePrimaryKey('node_id', 'patient_id', 'occurrence', blank=True, editable=False, primary_key=True, serialize=False)),
                ('occurrence', models.BigIntegerField()),
                ('entered_at', models.DateTimeField()),
                ('left_at', models.DateTimeField()),
                ('port', models.CharField(blank=True, max_length=10)),
                ('reason', models.CharField(blank=True, max_length=24)),
                ('node', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journeynode')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patient')),
            ],
            options={
                'verbose_name': '旅程的一步',
            },
        ),
        migrations.CreateModel(
            name='JourneyTask',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('occurrence', models.BigIntegerField()),
                ('what', models.CharField(choices=[('call', '打电话'), ('visit', '上门'), ('other', '其他')], default='call', max_length=8)),
                ('text', models.CharField(max_length=200)),
                ('status', models.CharField(choices=[('open', '待办'), ('done', '已完成'), ('dropped', '不做了')], default='open', max_length=8)),
                ('due_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('done_by_name', models.CharField(blank=True, max_length=120)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journey')),
                ('node', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journeynode')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patient')),
            ],
            options={
                'verbose_name': '旅程任务',
                'indexes': [models.Index(fields=['organization', 'status', 'due_at', 'id'], name='journeys_task_open'), models.Index(fields=['patient'], name='journeys_task_patient')],
                'constraints': [models.UniqueConstraint(fields=('node', 'patient', 'occurrence'), name='journeys_task_once'), models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', True), ('status', 'open')), models.Q(models.Q(('status', 'open'), _negated=True), ('done_at__isnull', False)), _connector='OR'), name='journeys_task_done_at_unless_open')],
            },
        ),
        migrations.CreateModel(
            name='JourneyLane',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('shard', models.PositiveSmallIntegerField()),
                ('seq', models.BigIntegerField(default=0)),
                ('is_fast', models.BooleanField(default=False)),
                ('worker', models.CharField(blank=True, max_length=80)),
                ('lease_until', models.DateTimeField(null=True)),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='lanes', to='journeys.journeyversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('version', 'shard'), name='journeys_lane_once'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', True), ('worker', '')), models.Q(models.Q(('worker', ''), _negated=True), ('lease_until__isnull', False)), _connector='OR'), name='journeys_lane_leased_iff_worker')],
            },
        ),
        migrations.CreateModel(
            name='Enrolment',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('organization_id', models.BigIntegerField()),
                ('occurrence', models.BigIntegerField(default=0)),
                ('subject', models.CharField(blank=True, max_length=40)),
                ('state', models.SmallIntegerField(choices=[(1, '在里面'), (2, '已离开')], default=1)),
                ('entered_at', models.DateTimeField()),
                ('arrived_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('left_at', models.DateTimeField(null=True)),
                ('left_reason', models.CharField(blank=True, max_length=24)),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patient')),
                ('journey', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journey')),
                ('lane', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journeylane')),
                ('node', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journeynode')),
                ('version', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journeyversion')),
            ],
            options={
                'verbose_name': '旅程中的人',
                'indexes': [models.Index(condition=models.Q(('state', 1)), fields=['node', 'lane', 'due_at', 'id'], name='journeys_enrolment_due')],
                'constraints': [models.UniqueConstraint(fields=('patient', 'journey', 'occurrence'), name='journeys_enrolment_once'), models.CheckConstraint(condition=models.Q(models.Q(('left_at__isnull', True), ('state', 1)), models.Q(('due_at__isnull', True), ('left_at__isnull', False), ('state', 2)), _connector='OR'), name='journeys_enrolment_left_at_iff_left')],
            },
        ),
        migrations.CreateModel(
            name='NodeTally',
            fields=[
                ('pk', models.CompositePrimaryKey('lane_id', 'node_id', 'port', blank=True, editable=False, primary_key=True, serialize=False)),
                ('port', models.CharField(max_length=10)),
                ('people', models.BigIntegerField(default=0)),
                ('lane', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journeylane')),
                ('node', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journeynode')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookCall',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('organization_id', models.BigIntegerField()),
                ('occurrence', models.BigIntegerField()),
                ('state', models.CharField(choices=[('queued', '排队中'), ('claimed', '正在发送'), ('done', '对方已收到'), ('failed', '没有成功')], default='queued', max_length=8)),
                ('is_test', models.BooleanField(default=False)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('worker', models.CharField(blank=True, max_length=80)),
                ('lease_until', models.DateTimeField(null=True)),
                ('done_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=200)),
                ('journey', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journey')),
                ('node', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='journeys.journeynode')),
                ('patient', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patient')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['queued', 'claimed'])), fields=['due_at', 'id'], name='journeys_webhook_due')],
                'constraints': [models.UniqueConstraint(fields=('node', 'patient', 'occurrence'), name='journeys_webhook_once'), models.CheckConstraint(condition=models.Q(models.Q(('lease_until__isnull', False), ('state', 'claimed')), models.Q(models.Q(('state', 'claimed'), _negated=True), ('lease_until__isnull', True)), _connector='OR'), name='journeys_webhook_leased_iff_claimed')],
            },
        ),
    ])
