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
            name='Refusal',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('by_name', models.CharField(blank=True, max_length=120)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patient')),
            ],
            options={
                'verbose_name': '拒绝评分',
            },
        ),
        migrations.CreateModel(
            name='ScoreModel',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=40)),
                ('version', models.PositiveIntegerField()),
                ('fitted_at', models.DateTimeField()),
                ('fitted_by_name', models.CharField(blank=True, max_length=120)),
                ('trained_from', models.DateField(blank=True, null=True)),
                ('trained_to', models.DateField(blank=True, null=True)),
                ('tested_from', models.DateField(blank=True, null=True)),
                ('tested_to', models.DateField(blank=True, null=True)),
                ('rows', models.PositiveBigIntegerField(default=0)),
                ('held_out_rows', models.PositiveBigIntegerField(default=0)),
                ('figures', models.JSONField(default=dict)),
                ('baseline', models.JSONField(default=dict)),
                ('calibration', models.JSONField(default=list)),
                ('has_skill', models.BooleanField(default=False)),
                ('reason', models.CharField(blank=True, max_length=16)),
                ('coefficients', models.JSONField(default=dict)),
                ('computed_at', models.DateTimeField(blank=True, null=True)),
                ('people', models.PositiveBigIntegerField(default=0)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
            ],
            options={
                'verbose_name': '模型卡',
                'constraints': [models.UniqueConstraint(fields=('organization', 'name', 'version'), name='scores_model_version_unique'), models.CheckConstraint(condition=models.Q(models.Q(('has_skill', True), ('reason', '')), models.Q(('has_skill', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='scores_model_reason_iff_no_skill'), models.CheckConstraint(condition=models.Q(('trained_from__isnull', True), ('trained_to__isnull', True), ('trained_to__gte', models.F('trained_from')), _connector='OR'), name='scores_model_learned_before_tested')],
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=40)),
                ('value', models.FloatField()),
                ('label', models.CharField(blank=True, max_length=40)),
                ('why', models.JSONField(default=list)),
                ('computed_at', models.DateTimeField()),
                ('organization', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patient')),
                ('model', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='scores.scoremodel')),
            ],
            options={
                'verbose_name': '评分',
                'indexes': [models.Index(fields=['organization', 'name', '-value', '-id'], name='scores_score_ranked'), models.Index(fields=['computed_at'], name='scores_score_changed')],
                'constraints': [models.UniqueConstraint(fields=('patient', 'name'), name='scores_score_unique')],
            },
        ),
        migrations.CreateModel(
            name='QuestionnaireAnswer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(default=xinglin.core.ids.uuid7, editable=False, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('questionnaire', models.SlugField(max_length=40)),
                ('version', models.PositiveSmallIntegerField()),
                ('answered_at', models.DateTimeField()),
                ('by_name', models.CharField(blank=True, max_length=120)),
                ('content', xinglin.core.fields.EncryptedText(blank=True, editable=True, null=True)),
                ('key', models.CharField(blank=True, max_length=64, null=True)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='directory.organization')),
                ('patient', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='patients.patient')),
            ],
            options={
                'verbose_name': '健康自测',
                'indexes': [models.Index(fields=['patient', '-id'], name='scores_answer_patient')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('key__isnull', False)), fields=('organization', 'key'), name='scores_answer_key_unique')],
            },
        ),
    ])
