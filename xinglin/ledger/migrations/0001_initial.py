# The tables of the first release.

import xinglin.ledger.models
from django.db import migrations, models

from xinglin.core.operations import together


def add_triggers(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


# SQLite loses triggers when a later migration alters ledger_touch: create them again there.
# A row in ledger_unlock, never committed, opens the table inside one transaction.
SQLITE = [
    """CREATE TRIGGER ledger_touch_unchanged BEFORE UPDATE ON ledger_touch
       WHEN NOT EXISTS (SELECT 1 FROM ledger_unlock)
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
]
# Writers hold a shared lock until they end: by it the lake knows which numbers may still appear.
POSTGRES = [
    """CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
       BEGIN
         IF NOT EXISTS (SELECT 1 FROM ledger_unlock) THEN
           RAISE EXCEPTION 'the ledger is append-only';
         END IF;
         RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
       END $body$""",
    """CREATE TRIGGER ledger_touch_unchanged BEFORE UPDATE OR DELETE ON ledger_touch
       FOR EACH ROW EXECUTE FUNCTION ledger_refuse()""",
    """CREATE FUNCTION ledger_writing() RETURNS trigger LANGUAGE plpgsql AS $body$
       BEGIN PERFORM pg_advisory_xact_lock_shared(71630001); RETURN NULL; END $body$""",
    """CREATE TRIGGER ledger_touch_writing BEFORE INSERT ON ledger_touch
       FOR EACH STATEMENT EXECUTE FUNCTION ledger_writing()""",
]


# What SQLite shall believe until it has looked itself: without this it would go through all visits of a
# hospital to find those of fifty people. Rows for each value of the first, then of further columns.
STATISTICS = [
    ("ledger_touch_person", "30000000 30"),
    ("ledger_touch_kind", "30000000 30000000 1500000 3"),
    ("ledger_touch_visitor", "1500000 4"),
    ("ledger_touch_import", "10000000 100000"),
    ("ledger_touch_once", "20000000 1"),
]


def tell_the_planner(apps, schema_editor):
    if schema_editor.connection.vendor != "sqlite":
        return
    schema_editor.execute("ANALYZE sqlite_schema")
    for name, rows in STATISTICS:
        schema_editor.execute(
            "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('ledger_touch', %s, %s)", [name, rows]
        )


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = together([
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('organization_id', models.BigIntegerField()),
                ('patient_id', models.BigIntegerField(null=True)),
                ('visitors', models.JSONField(default=list)),
                ('last_seq', models.BigIntegerField(default=0)),
                ('erased_at', models.DateTimeField()),
                ('touches', models.PositiveBigIntegerField(default=0)),
                ('actor_name', models.CharField(blank=True, max_length=120)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('lake_done_at', models.DateTimeField(db_index=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='LakeLease',
            fields=[
                ('name', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('holder', models.CharField(blank=True, max_length=80)),
                ('until', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Unlock',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.CreateModel(
            name='VoidedImport',
            fields=[
                ('import_id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('organization_id', models.BigIntegerField()),
                ('voided_at', models.DateTimeField()),
                ('actor_name', models.CharField(blank=True, max_length=120)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('lake_done_at', models.DateTimeField(db_index=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Touch',
            fields=[
                ('seq', models.BigAutoField(primary_key=True, serialize=False)),
                ('organization_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('kind', models.CharField(max_length=60)),
                ('patient_id', models.BigIntegerField(null=True)),
                ('visitor', models.UUIDField(null=True)),
                ('channel', models.CharField(blank=True, max_length=32)),
                ('campaign_id', models.BigIntegerField(null=True)),
                ('content_id', models.BigIntegerField(null=True)),
                ('event_id', models.BigIntegerField(null=True)),
                ('partner_id', models.BigIntegerField(null=True)),
                ('staff_id', models.BigIntegerField(null=True)),
                ('department_id', models.BigIntegerField(null=True)),
                ('amount_fen', models.BigIntegerField(null=True)),
                ('import_id', models.BigIntegerField(null=True)),
                ('props', xinglin.ledger.models.PropsField(default=dict)),
                ('dedupe_key', models.CharField(max_length=200, null=True)),
            ],
            options={
                'verbose_name': '触点',
                'indexes': [models.Index(fields=['patient_id'], name='ledger_touch_person'), models.Index(fields=['organization_id', 'kind', 'at'], name='ledger_touch_kind'), models.Index(condition=models.Q(('visitor__isnull', False)), fields=['visitor'], name='ledger_touch_visitor'), models.Index(condition=models.Q(('import_id__isnull', False)), fields=['import_id'], name='ledger_touch_import')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('dedupe_key__isnull', False)), fields=('dedupe_key',), name='ledger_touch_once')],
            },
        ),
        migrations.CreateModel(
            name='VisitorLink',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('organization_id', models.BigIntegerField()),
                ('visitor', models.UUIDField()),
                ('patient_id', models.BigIntegerField(db_index=True)),
                ('joined_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organization_id', 'visitor'), name='ledger_visitor_once')],
            },
        ),
        migrations.RunPython(add_triggers, migrations.RunPython.noop, elidable=False),
        migrations.RunPython(tell_the_planner, migrations.RunPython.noop, elidable=False),
    ])
