"""Helpers for tests of every module."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from xinglin.core import events
from xinglin.core.jobs import queue
from xinglin.core.jobs.registry import kinds
from xinglin.core.jobs.worker import run_one


def run_jobs(*, limit: int = 1000) -> int:
    """Run all due jobs and events as a worker would, until nothing is left; returns how many ran.

    A job that fails raises its error text as AssertionError.
    """
    count = 0
    for _ in range(limit):
        handed = events.deliver_pending()
        queues = sorted({kind.queue for kind in kinds.values()})
        rows = queue.claim(worker="test", queues=queues, limit=50, now=timezone.now())
        for row in rows:
            outcome = run_one(row)
            if outcome == "again":
                row.refresh_from_db()
                raise AssertionError(f"{row.name}: {row.error}")
        count += len(rows)
        if not rows and not handed:
            return count
    raise AssertionError("jobs never come to an end")


def run_harness(module: str, *words: object, home: Path, timeout: int = 300) -> dict[str, Any]:
    """Run a module as a program with a data folder and a database of its own; returns its last line, JSON.

    For tests that kill processes: nothing of it lies in the test's transaction. On PostgreSQL the database
    is made beside the test's own and dropped; elsewhere it is the folder's.
    """
    environment = {**os.environ, "XINGLIN_HOME": str(home)}
    environment.pop("DATABASE_URL", None)
    database = f"{connection.settings_dict['NAME']}_{module.rsplit('.', 1)[-1]}_{os.getpid()}"[-60:]
    is_server = connection.vendor == "postgresql"
    if is_server:
        settings = connection.settings_dict
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{database}"')
        user, host, port = settings["USER"], settings["HOST"], settings["PORT"] or 5432
        login = f"{user}:{settings['PASSWORD']}" if settings["PASSWORD"] else user
        environment["DATABASE_URL"] = f"postgres://{login}@{host}:{port}/{database}"
    try:
        done = subprocess.run(
            [sys.executable, "-m", module, *map(str, words)],
            env=environment, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found
    finally:
        if is_server:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE "{database}" WITH (FORCE)')
