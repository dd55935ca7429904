"""Commands on a fresh folder: a file goes in, a question is answered, a backup brings all of it back."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.slow


def xinglin(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "xinglin.config.cli", *words],
        env={**env, "XINGLIN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "xinglin.config.settings"},
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip


def people(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "xinglin.sqlite3") as database:
        return database.execute("SELECT id, name, phone FROM patients_patient ORDER BY id").fetchall()


def test_a_fresh_folder_from_its_first_file_to_its_restore(tmp_path: Path) -> None:
    home, archive = tmp_path / "home", tmp_path / "copy.tar.gz"
    file, question = tmp_path / "people.csv", tmp_path / "women.json"
    rows = [f"何{number},女,1990-02-03,138000{number:05}" for number in range(100)]
    file.write_text("\n".join(["姓名,性别,出生日期,手机", *rows]), encoding="utf-8")
    question.write_text('{"attr": "sex", "is": "F"}', encoding="utf-8")

    def ask(*words: str) -> Any:
        done = xinglin(home, *words, "--format", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert ask("import", "patients", str(file))["created"] == 100
    assert ask("import", "patients", str(file))["unchanged"] == 100
    assert ask("audience", "count", str(question))["count"] == 100
    before = people(home)
    assert len(before) == 100
    assert xinglin(home, "backup", str(archive)).returncode == 0
    assert archive.stat().st_mode & 0o077 == 0

    with sqlite3.connect(home / "xinglin.sqlite3") as database:
        database.execute("UPDATE patients_patient SET name = '坏了'")
    refused = xinglin(home, "restore", str(archive))
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    restored = xinglin(home, "restore", str(archive), "--yes")

    assert restored.returncode == 0, restored.stderr
    assert people(home) == before
    status = xinglin(home, "lake", "status", "--format", "json")
    assert status.returncode == 0, status.stderr
