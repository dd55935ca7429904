"""The command line as a stranger meets it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from xinglin.config import cli as entry

entry.collect()


def every_command(
    group: click.Group, path: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], click.Command]]:
    found: list[tuple[tuple[str, ...], click.Command]] = []
    for name, command in group.commands.items():
        found.append(((*path, name), command))
        if isinstance(command, click.Group):
            found += every_command(command, (*path, name))
    return found


COMMANDS = every_command(entry.cli)


@pytest.mark.parametrize(("path", "command"), COMMANDS, ids=[" ".join(path) for path, _ in COMMANDS])
def test_every_command_says_what_it_does(path: tuple[str, ...], command: click.Command) -> None:
    answer = CliRunner().invoke(entry.cli, [*path, "--help"])

    assert answer.exit_code == 0
    assert command.help
    assert command.help.strip().split("\n")[0].endswith((".", "…")), command.help


def test_the_commands_of_the_readme_exist() -> None:
    names = {path[0] for path, _ in COMMANDS}

    assert {
        "run", "web", "worker", "prepare", "demo", "doctor", "backup", "restore", "import", "lake",
        "audience", "comply", "campaign", "keys",
    } <= names  # fmt: skip


@pytest.mark.django_db
def test_doctor_answers_for_machines_and_refuses_unsafe_settings() -> None:
    plain = CliRunner().invoke(entry.cli, ["doctor", "--format", "json"])
    strict = CliRunner().invoke(entry.cli, ["doctor", "--deploy", "--format", "json"])

    assert plain.exit_code == 0, plain.output
    assert any("database answers" in finding["what"] for finding in json.loads(plain.output))
    assert strict.exit_code == 1
    assert any(finding["level"] == "bad" for finding in json.loads(strict.output))


@pytest.mark.slow
def test_a_file_goes_into_a_fresh_folder_and_a_question_is_answered(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text("姓名,性别,出生日期,手机\n王芳,女,1990-02-03,13800000001\n", encoding="utf-8")
    question = tmp_path / "women.json"
    question.write_text('{"attr": "sex", "is": "F"}', encoding="utf-8")

    def ask(*words: str) -> dict[str, object]:
        env = {**os.environ, "XINGLIN_HOME": str(tmp_path / "home"), "DATABASE_URL": ""}
        done = subprocess.run(
            [sys.executable, "-m", "xinglin.config.cli", *words, "--format", "json"],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    assert ask("import", "patients", str(people))["created"] == 1
    assert ask("import", "patients", str(people))["unchanged"] == 1
    assert ask("audience", "count", str(question))["count"] == 1
