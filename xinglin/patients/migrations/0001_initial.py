# The tables of the first release.

import django.db.models.deletion
import xinglin.core.fields
import xinglin.core.ids
import xinglin.patients.models.patient
from django.conf import settings
from django.db import migrations, models

from xinglin.core.operations import together

from xinglin.core.grams import GramIndex


def create_search(apps, editor):
    GramIndex("patients_search").create(editor)


def drop_search(apps, editor):
    GramIndex("patients_search").drop(editor)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('directory', '0001_initial'),
        ('directory', '__first__'),
    ]

    operations = together([
        migrations.CreateModel(
            name='Household',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=40)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'verbose_name': '家庭',
                'indexes': [models.Index(fields=['organization', '-id'], name='patients_household_org')],
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(max_length=40)),
                ('status', models.CharField(choices=[('uploaded', '待对列'), ('checking', '试运行中'), ('checked', '待确认'), ('running', '导入中'), ('done', '已完成'), ('failed', '没有完成'), ('undoing', '撤销中'), ('undone', '已撤销')], default='uploaded', max_length=10)),
                ('file_name', models.CharField(max_length=200)),
                ('file_path', models.CharField(blank=True, max_length=300)),
                ('file_hash', models.CharField(max_length=64)),
                ('form', models.CharField(blank=True, max_length=10)),
                ('sheet', models.CharField(blank=True, max_length=80)),
                ('header', models.JSONField(default=list)),
                ('fingerprint', models.CharField(blank=True, max_length=32)),
                ('columns', models.JSONField(default=dict)),
                ('options', models.JSONField(default=dict)),
                ('total', models.PositiveIntegerField(default=0)),
                ('skipped', models.JSONField(default=list)),
                ('trial', models.JSONField(default=dict)),
                ('counts', models.JSONField(default=dict)),
                ('undo_counts', models.JSONField(default=dict)),
                ('last_line', models.PositiveIntegerField(default=0)),
                ('chunks', models.PositiveIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('by', models.CharField(blank=True, max_length=120)),
                ('job_public_id', models.UUIDField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': '导入',
                'indexes': [models.Index(fields=['organization', 'file_hash'], name='patients_import_file')],
            },
        ),
        migrations.CreateModel(
            name='ImportMapping',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(max_length=40)),
                ('name', models.CharField(blank=True, max_length=60)),
                ('fingerprint', models.CharField(max_length=32)),
                ('columns', models.JSONField(default=dict)),
                ('options', models.JSONField(default=dict)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'kind', 'fingerprint'], name='patients_mapping_header')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('name', ''), _negated=True), fields=('organization', 'kind', 'name'), name='patients_mapping_name_unique'), models.UniqueConstraint(condition=models.Q(('name', '')), fields=('organization', 'kind', 'fingerprint'), name='patients_mapping_header_unique')],
            },
        ),
        migrations.CreateModel(
            name='Patient',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=80)),
                ('sex', models.CharField(choices=[('M', '男'), ('F', '女'), ('U', '未知')], default='U', max_length=1)),
                ('birth_date', models.DateField(blank=True, null=True)),
                ('reported_age', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('reported_age_on', models.DateField(blank=True, null=True)),
                ('deceased_on', models.DateField(blank=True, null=True)),
                ('phone', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('phone_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('phone_last4_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('id_number', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('id_number_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('email', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('email_index', models.BinaryField(blank=True, max_length=16, null=True)),
                ('address', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('province', models.CharField(blank=True, max_length=40)),
                ('city', models.CharField(blank=True, max_length=40)),
                ('district', models.CharField(blank=True, max_length=60)),
                ('community', models.CharField(blank=True, max_length=60)),
                ('occupation', models.CharField(blank=True, max_length=60)),
                ('employer', models.CharField(blank=True, max_length=120)),
                ('insurance_type', models.CharField(blank=True, max_length=40)),
                ('conditions', models.JSONField(blank=True, default=list, encoder=xinglin.patients.models.patient.PlainJSON)),
                ('allergies', models.JSONField(blank=True, default=list, encoder=xinglin.patients.models.patient.PlainJSON)),
                ('preferences', models.JSONField(blank=True, default=dict)),
                ('custom', models.JSONField(blank=True, default=dict)),
                ('note', models.TextField(blank=True)),
                ('is_vip', models.BooleanField(default=False)),
                ('is_verified', models.BooleanField(default=False)),
                ('source_channel', models.CharField(blank=True, max_length=40)),
                ('source_campaign_id', models.BigIntegerField(blank=True, null=True)),
                ('family_doctor', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='directory.staff')),
                ('guardian', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='patients.patient')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('responsible', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='directory.staff')),
                ('source_staff', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='directory.staff')),
            ],
            options={
                'verbose_name': '患者',
                'indexes': [models.Index(fields=['organization', '-id'], name='patients_patient_org'), models.Index(condition=models.Q(('phone_index__isnull', False)), fields=['organization', 'phone_index'], name='patients_patient_phone'), models.Index(condition=models.Q(('phone_last4_index__isnull', False)), fields=['organization', 'phone_last4_index'], name='patients_patient_last4'), models.Index(condition=models.Q(('id_number_index__isnull', False)), fields=['organization', 'id_number_index'], name='patients_patient_idno'), models.Index(condition=models.Q(('email_index__isnull', False)), fields=['organization', 'email_index'], name='patients_patient_email'), models.Index(fields=['organization', 'name'], name='patients_patient_name'), models.Index(condition=models.Q(('responsible__isnull', False)), fields=['responsible', '-id'], name='patients_patient_mine'), models.Index(fields=['updated_at'], name='patients_patient_changed'), models.Index(condition=models.Q(('source_staff__isnull', False)), fields=['source_staff'], name='patients_patient_brought'), models.Index(condition=models.Q(('family_doctor__isnull', False)), fields=['family_doctor'], name='patients_patient_doctor'), models.Index(condition=models.Q(('guardian__isnull', False)), fields=['guardian'], name='patients_patient_ward')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reported_age__isnull', True), ('reported_age_on__isnull', False), _connector='OR'), name='patients_patient_reported_age_has_its_day'), models.CheckConstraint(condition=models.Q(('deceased_on__isnull', True), ('birth_date__isnull', True), ('deceased_on__gte', models.F('birth_date')), _connector='OR'), name='patients_patient_died_after_birth')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=40)),
                ('query', models.CharField(blank=True, max_length=2000)),
                ('order', models.PositiveSmallIntegerField(default=100)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('order', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=40)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'ordering': ('name',),
                'constraints': [models.UniqueConstraint(fields=('organization', 'name'), name='patients_tag_name_unique')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('service', '服务通知'), ('marketing', '营销'), ('community', '社群'), ('research', '调研'), ('case_story', '病例故事')], max_length=16)),
                ('channel', models.CharField(choices=[('sms', '短信'), ('wechat', '公众号'), ('phone', '电话'), ('email', '邮件'), ('wecom', '企业微信'), ('miniapp', '小程序'), ('inapp', '站内信'), ('letter', '信件')], max_length=16)),
                ('status', models.CharField(choices=[('given', '同意'), ('withdrawn', '不同意')], max_length=10)),
                ('at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('how', models.CharField(choices=[('form', '签字表单'), ('counter', '窗口当面'), ('phone', '电话'), ('reply', '回复消息'), ('link', '退订链接'), ('portal', '患者本人在网上'), ('api', '外部系统'), ('import', '导入')], max_length=16)),
                ('evidence', models.CharField(blank=True, max_length=300)),
                ('text_version', models.CharField(blank=True, max_length=40)),
                ('by', models.CharField(blank=True, max_length=120)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='patients.patient')),
            ],
            options={
                'indexes': [models.Index(fields=['patient', '-id'], name='patients_consent_history')],
            },
        ),
        migrations.CreateModel(
            name='ImportChunk',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('is_trial', models.BooleanField(default=False)),
                ('first_line', models.PositiveIntegerField()),
                ('last_line', models.PositiveIntegerField()),
                ('stamp', models.DateTimeField()),
                ('changes', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('refusals', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('is_undone', models.BooleanField(default=False)),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='patients.import')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'is_trial', 'number'), name='patients_importchunk_unique')],
            },
        ),
        migrations.CreateModel(
            name='HouseholdMember',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('relation', models.CharField(choices=[('adult', '成人'), ('spouse', '配偶'), ('parent', '父母'), ('child', '子女'), ('grandparent', '祖辈'), ('other', '其他')], default='other', max_length=12)),
                ('is_guardian', models.BooleanField(default=False)),
                ('joined_at', models.DateTimeField()),
                ('household', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='patients.household')),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='household_place', to='patients.patient')),
            ],
            options={
                'verbose_name': '家庭成员',
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='PatientIdentifier',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('system', models.CharField(max_length=40)),
                ('value', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('value_index', models.BinaryField(max_length=16)),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='identifiers', to='patients.patient')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization', 'value_index', 'system'), name='patients_identifier_unique')],
            },
        ),
        migrations.CreateModel(
            name='PatientTag',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='patient_tags', to='patients.patient')),
                ('tag', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.tag')),
            ],
            options={
                'indexes': [models.Index(fields=['tag', 'patient'], name='patients_patienttag_tag')],
                'constraints': [models.UniqueConstraint(fields=('patient', 'tag'), name='patients_patienttag_unique')],
            },
        ),
        migrations.CreateModel(
            name='ConsentState',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('service', '服务通知'), ('marketing', '营销'), ('community', '社群'), ('research', '调研'), ('case_story', '病例故事')], max_length=16)),
                ('channel', models.CharField(choices=[('sms', '短信'), ('wechat', '公众号'), ('phone', '电话'), ('email', '邮件'), ('wecom', '企业微信'), ('miniapp', '小程序'), ('inapp', '站内信'), ('letter', '信件')], max_length=16)),
                ('status', models.CharField(choices=[('given', '同意'), ('withdrawn', '不同意')], max_length=10)),
                ('at', models.DateTimeField()),
                ('consent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.consent')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='consent_states', to='patients.patient')),
            ],
            options={
                'indexes': [models.Index(fields=['organization', 'purpose', 'channel', 'status', 'patient'], name='patients_consentstate_find')],
                'constraints': [models.UniqueConstraint(fields=('patient', 'purpose', 'channel'), name='patients_consentstate_unique')],
            },
        ),
        migrations.RunPython(create_search, drop_search),
    ])
