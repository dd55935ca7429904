"""Bringing an installation up to date, and knowing cheaply that it is."""

import fcntl
import hashlib
import os
from pathlib import Path

import click

from xinglin.core import env

PACKAGE = Path(__file__).resolve().parents[2]


def _fingerprint(paths: list[Path]) -> str:
    """Changes whenever one of the files does."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        facts = path.stat()
        digest.update(f"{path}:{facts.st_size}:{facts.st_mtime_ns}".encode())
    return digest.hexdigest()


def _static_files() -> list[Path]:
    return [path for folder in PACKAGE.glob("*/static") for path in folder.rglob("*") if path.is_file()]


def _stamp() -> Path:
    return env.home() / "prepared"


def _state() -> str:
    """What the installation must have been prepared for: code, database, static files."""
    database = env.database()
    name = str(database["NAME"])
    there = "sqlite" not in str(database["ENGINE"]) or Path(name).exists()
    facts = [*PACKAGE.glob("*/migrations/*.py"), *PACKAGE.glob("*/rules/*.yaml"), *_static_files()]
    where = os.environ.get("DATABASE_URL") or name
    return hashlib.sha256(f"{where}:{there}:{_fingerprint(facts)}".encode()).hexdigest()


def is_prepared() -> bool:
    """Whether nothing has changed since the last ``prepare_home``; reads no database."""
    return _stamp().exists() and _stamp().read_text() == _state()


def prepare_home() -> None:
    """Bring database and static files up to date; quick when they are already. Needs Django set up."""
    if is_prepared():
        return
    with (env.home() / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several starters: one prepares, the others find it done
        if not is_prepared():
            _prepare()


def _prepare() -> None:
    from django.conf import settings
    from django.core.management import call_command

    from xinglin.directory.actions import sync_roles

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    sync_roles()  # a release that changes only the shipped role map has no migration
    mark = settings.STATIC_ROOT / ".fingerprint"
    now = _fingerprint(_static_files())
    if not mark.exists() or mark.read_text() != now:
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        mark.write_text(now)
    _stamp().write_text(_state())


def prepare_for_command() -> None:
    """What a command needs before its first query: tables. On a server only where there are none yet."""
    from django.db import connection

    if connection.vendor == "sqlite" or "django_migrations" not in connection.introspection.table_names():
        prepare_home()


@click.command()
def prepare() -> None:
    """Bring the database and the static files up to date (once per release on a server)."""
    from xinglin.config.demo import installation_is_empty
    from xinglin.config.setup import token

    prepare_home()
    click.echo("ready")
    if installation_is_empty():
        click.echo(f"First setup, once, in the browser:  /setup/?token={token.issue()}")
