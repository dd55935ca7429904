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
            name='Audience',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=80, verbose_name='名称')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='说明')),
                ('refresh', models.CharField(choices=[('never', '不自动更新'), ('hourly', '每小时更新'), ('nightly', '每晚更新')], default='nightly', max_length=8, verbose_name='更新')),
                ('ready_made', models.CharField(blank=True, max_length=40)),
                ('archived_at', models.DateTimeField(blank=True, null=True)),
                ('created_by_id', models.BigIntegerField(blank=True, null=True)),
                ('created_by_name', models.CharField(blank=True, max_length=120)),
                ('member_count', models.PositiveIntegerField(blank=True, null=True)),
                ('counted_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('kind', models.CharField(choices=[('question', '按条件'), ('list', '导入的名单')], default='question', max_length=8, verbose_name='种类')),
            ],
            options={
                'verbose_name': '人群',
                'constraints': [models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True)), fields=('organization', 'name'), name='audiences_audience_name_once'), models.CheckConstraint(condition=models.Q(models.Q(('counted_at__isnull', True), ('member_count__isnull', True)), models.Q(('counted_at__isnull', False), ('member_count__isnull', False)), _connector='OR'), name='audiences_audience_counted_together')],
            },
        ),
        migrations.CreateModel(
            name='AudienceVersion',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('tree', models.JSONField()),
                ('words', models.TextField()),
                ('created_at', models.DateTimeField()),
                ('created_by_name', models.CharField(blank=True, max_length=120)),
                ('audience', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='audiences.audience')),
            ],
            options={
                'verbose_name': '人群版本',
                'constraints': [models.UniqueConstraint(fields=('audience', 'number'), name='audiences_version_number_once')],
            },
        ),
        migrations.CreateModel(
            name='ListImport',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=80, verbose_name='名单名称')),
                ('file_name', models.CharField(max_length=200)),
                ('header', models.JSONField(default=list)),
                ('column', models.PositiveSmallIntegerField(default=0)),
                ('identifies', models.CharField(choices=[('phone', '手机号'), ('record', '病历号或外部编号'), ('id', '本系统的编号')], default='phone', max_length=8)),
                ('status', models.CharField(choices=[('uploaded', '待选列'), ('checking', '核对中'), ('checked', '待确认'), ('done', '已完成')], default='uploaded', max_length=8)),
                ('rows', models.PositiveIntegerField(default=0)),
                ('unknown', models.PositiveIntegerField(default=0)),
                ('people', models.PositiveIntegerField(default=0)),
                ('added', models.PositiveIntegerField(default=0)),
                ('by', models.CharField(blank=True, max_length=120)),
                ('user_id', models.BigIntegerField(blank=True, null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('job_public_id', models.UUIDField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('audience', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='imports', to='audiences.audience')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'verbose_name': '名单导入',
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('audience__isnull', False), ('done_at__isnull', False), ('status', 'done')), models.Q(models.Q(('status', 'done'), _negated=True), ('done_at__isnull', True)), _connector='OR'), name='audiences_listimport_done_together')],
            },
        ),
        migrations.CreateModel(
            name='ListMember',
            fields=[
                ('pk', models.CompositePrimaryKey('audience_id', 'patient_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('patient_id', models.BigIntegerField()),
                ('added_at', models.DateTimeField()),
                ('audience', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='audiences.audience')),
            ],
            options={
                'verbose_name': '名单上的人',
                'indexes': [models.Index(fields=['added_at'], name='audiences_listmember_added')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('pk', models.CompositePrimaryKey('audience_id', 'patient_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('patient_id', models.BigIntegerField()),
                ('entered_at', models.DateTimeField()),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('audience', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='audiences.audience')),
            ],
            options={
                'verbose_name': '人群成员',
                'db_table': 'audiences_membership',
                'indexes': [models.Index(condition=models.Q(('left_at__isnull', True)), fields=['audience', '-entered_at', '-patient_id'], name='audiences_membership_current'), models.Index(condition=models.Q(('left_at__isnull', False)), fields=['audience', '-left_at', '-patient_id'], name='audiences_membership_left'), models.Index(condition=models.Q(('left_at__isnull', True)), fields=['patient_id', 'audience'], name='audiences_membership_patient')],
                'constraints': [models.CheckConstraint(condition=models.Q(('left_at__isnull', True), ('left_at__gte', models.F('entered_at')), _connector='OR'), name='audiences_membership_left_after_entering')],
            },
        ),
        migrations.CreateModel(
            name='AudienceSnapshot',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('as_of', models.DateTimeField()),
                ('taken_at', models.DateTimeField()),
                ('fresh_as_of', models.DateTimeField(blank=True, null=True)),
                ('size', models.PositiveIntegerField(default=0)),
                ('keeps_members', models.BooleanField(default=True)),
                ('is_pinned', models.BooleanField(default=False)),
                ('status', models.CharField(choices=[('writing', '正在写入'), ('done', '完成')], default='writing', max_length=8)),
                ('audience', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='audiences.audience')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='snapshots', to='audiences.audienceversion')),
            ],
            options={
                'verbose_name': '人群快照',
                'indexes': [models.Index(fields=['audience', '-taken_at'], name='audiences_snapshot_history')],
            },
        ),
        migrations.CreateModel(
            name='AudienceSize',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('as_of', models.DateTimeField()),
                ('fresh_as_of', models.DateTimeField(blank=True, null=True)),
                ('size', models.PositiveIntegerField()),
                ('entered', models.PositiveIntegerField()),
                ('left', models.PositiveIntegerField()),
                ('seconds', models.FloatField()),
                ('audience', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sizes', to='audiences.audience')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='audiences.audienceversion')),
            ],
            options={
                'verbose_name': '人群人数',
                'indexes': [models.Index(fields=['audience', '-at'], name='audiences_size_history')],
            },
        ),
        migrations.CreateModel(
            name='AudienceMember',
            fields=[
                ('pk', models.CompositePrimaryKey('snapshot_id', 'patient_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('patient_id', models.BigIntegerField()),
                ('snapshot', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='audiences.audiencesnapshot')),
            ],
            options={
                'verbose_name': '人群成员',
                'indexes': [models.Index(fields=['patient_id', 'snapshot'], name='audiences_member_patient')],
            },
        ),
    ])
