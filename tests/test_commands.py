"""The command line as a stranger meets it."""

import json

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
