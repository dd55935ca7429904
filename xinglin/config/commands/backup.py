"""One file that holds an installation: database, files, secrets of an embedded home."""

import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from pathlib import Path

import click
from django.db import connection
from django.utils import timezone

from xinglin.core import env

MEMBERS = ("files", "lake", "secrets.json")


def _dump(folder: Path) -> str:
    """Write a consistent copy of the database into the folder; returns its kind."""
    if connection.vendor == "sqlite":
        with sqlite3.connect(str(connection.settings_dict["NAME"])) as source:
            with sqlite3.connect(folder / "database.sqlite3") as target:
                source.backup(target)
            target.close()
        return "sqlite"
    command = ["pg_dump", "--format=custom", "--no-owner", "--file", str(folder / "database.dump")]
    subprocess.run([*command, os.environ["DATABASE_URL"]], check=True)
    return "postgresql"


@click.command()
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Write database, files and lake into TARGET (.tar.gz), while the hospital works on.

    The file holds keys and personal data: keep it as safely as the data folder itself.
    """
    with tempfile.TemporaryDirectory(dir=env.home()) as name:
        folder = Path(name)
        kind = _dump(folder)
        (folder / "backup.json").write_text(json.dumps({"database": kind, "at": timezone.now().isoformat()}))
        draft = target.with_name(target.name + ".part")
        draft.touch(mode=0o600)
        with tarfile.open(draft, "w:gz", compresslevel=3) as archive:
            for path in sorted(folder.iterdir()):
                archive.add(path, path.name)
            for member in MEMBERS:
                if (env.home() / member).exists():
                    archive.add(env.home() / member, member)
        draft.replace(target)
    click.echo(f"{target}: {target.stat().st_size:,} bytes")


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="overwrite what the data folder holds")
def restore(source: Path, yes: bool) -> None:
    """Bring an installation back from SOURCE; stop web and workers first."""
    home = env.home()
    with tempfile.TemporaryDirectory(dir=home) as name:
        folder = Path(name)
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
        kind = json.loads((folder / "backup.json").read_text())["database"]
        if kind != connection.vendor:
            raise click.UsageError(f"the backup is of {kind}, this installation uses {connection.vendor}")
        database = Path(str(connection.settings_dict["NAME"]))
        if not yes and kind == "sqlite" and database.exists():
            raise click.UsageError("the data folder is not empty; add --yes to overwrite it")
        connection.close()
        for member in MEMBERS:
            if (folder / member).exists():
                old = home / member
                shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
                shutil.move(folder / member, old)
        if kind == "sqlite":
            for suffix in ("-wal", "-shm"):
                database.with_name(database.name + suffix).unlink(missing_ok=True)
            shutil.move(folder / "database.sqlite3", database)
        else:
            command = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--dbname"]
            subprocess.run([*command, os.environ["DATABASE_URL"], str(folder / "database.dump")], check=True)
    click.echo("restored")
