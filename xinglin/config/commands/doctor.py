import json
import os
import shutil
from collections.abc import Iterator
from datetime import timedelta

import click
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from xinglin.core import env
from xinglin.core.models import Job, Worker

Finding = tuple[str, str, str]  # level ok|warn|bad, what, what to do


def _database() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield "ok", f"database answers ({connection.vendor})", ""
    executor = MigrationExecutor(connection)
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if behind:
        yield "bad", f"database is {len(behind)} migrations behind", "run: xinglin prepare"


def _disk() -> Iterator[Finding]:
    free = shutil.disk_usage(env.home()).free
    level = "bad" if free < 1 << 30 else "warn" if free < 5 << 30 else "ok"
    yield level, f"{free >> 30} GiB free in {env.home()}", "make room" if level != "ok" else ""


def _workers() -> Iterator[Finding]:
    alive = Worker.objects.filter(seen_at__gt=timezone.now() - timedelta(seconds=30)).count()
    yield ("ok" if alive else "warn"), f"{alive} workers alive", "" if alive else "start: xinglin worker"
    dead = Job.objects.filter(status=Job.Status.DEAD).count()
    if dead:
        yield "warn", f"{dead} jobs gave up", "look at /jobs/ and run them again"


def _deploy() -> Iterator[Finding]:
    """What must hold where patients' data is real."""
    yield ("bad" if settings.DEBUG else "ok"), "debug mode is off", "unset XINGLIN_DEBUG"
    yield ("ok" if settings.TLS else "bad"), "TLS is switched on", "set XINGLIN_TLS=1 behind a proxy"
    hosts_open = "*" in settings.ALLOWED_HOSTS
    yield ("bad" if hosts_open else "ok"), "host names are named", "set XINGLIN_HOSTS=example.org"
    for name in ("SECRET_KEY", "DATA_KEYS", "INDEX_KEY"):
        given = f"XINGLIN_{name}" in os.environ
        yield ("ok" if given else "bad"), f"XINGLIN_{name} comes from the environment", f"set XINGLIN_{name}"
    postgres = connection.vendor == "postgresql"
    yield ("ok" if postgres else "warn"), "PostgreSQL holds the data", "set DATABASE_URL=postgres://…"
    yield ("bad" if settings.SINK else "ok"), "messages do not end in the local sink", "set XINGLIN_SINK=0"
    public = settings.PUBLIC_URL.startswith("https://")
    yield ("ok" if public else "bad"), "links in messages use https", "set XINGLIN_PUBLIC_URL=https://…"


@click.command()
@click.option("--deploy", is_flag=True, help="also refuse settings that are unsafe for real patients' data")
@click.option("--format", "shape", type=click.Choice(["text", "json"]), default="text")
def doctor(deploy: bool, shape: str) -> None:
    """Check the installation; exit status 1 when something is bad."""
    checks = [_database, _disk, _workers, *([_deploy] if deploy else [])]
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += [(level, what, todo if level != "ok" else "") for level, what, todo in check()]
        except Exception as error:
            findings.append(("bad", f"{check.__name__.strip('_')}: {error}", "see the log"))
    if shape == "json":
        click.echo(json.dumps([dict(zip(("level", "what", "do"), f, strict=True)) for f in findings]))
    else:
        for level, what, todo in findings:
            click.echo(f"{level:<5}{what}{f'  →  {todo}' if todo else ''}")
    if any(level == "bad" for level, _, _ in findings):
        raise SystemExit(1)
