"""`xinglin audience`: the same questions from a terminal or a script."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from django.utils import timezone

from xinglin.audiences import actions, queries
from xinglin.audiences.models import Audience
from xinglin.audiences.queries import Question, answers, asking, exchange
from xinglin.audiences.rules.parse import MAX_TEXT
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.directory import queries as directory
from xinglin.ledger import lake

FILE = click.argument("file", type=click.File("rb"))


def common(command: Any) -> Any:
    """Options every subcommand has."""
    for option in (
        click.option(
            "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
        ),
        click.option(
            "--no-sync", is_flag=True, help="Ask the lake as it is, without bringing it up to date."
        ),
        click.option(
            "--org", default="", help="The hospital's short address; needed when there are several."
        ),
        click.option(
            "--as-of", default="", help="2026-11-22 (end of that local day) or an ISO moment; default now."
        ),
    ):
        command = option(command)
    return FILE(command)


@click.group()
def audience() -> None:
    """Ask who belongs to an audience: FILE holds the question as JSON ("-" reads standard input)."""


@audience.command("count")
@common
def count_people(file: Any, as_of: str, org: str, no_sync: bool, form: str) -> None:
    """How many people."""
    question, about = _ask(file, as_of, org, no_sync)
    found = answers.count(question)
    out = {**about, "count": found.people, "seconds": round(found.seconds, 4)}
    _say(out, f"{found.people}\t{about['words']}", form)


@audience.command("list")
@common
@click.option("--limit", type=click.IntRange(1), default=None, help="At most this many people.")
def list_people(file: Any, as_of: str, org: str, no_sync: bool, form: str, limit: int | None) -> None:
    """Who: public ids and the ids of other systems, never names or phones."""
    question, about = _ask(file, as_of, org, no_sync)
    ids = answers.member_ids(question).column("patient_id").to_pylist()
    people = exchange.pseudonyms(question.organization_id, ids[:limit] if limit else ids)
    out = {**about, "count": len(ids), "people": people}
    text = "\n".join(
        "\t".join([p["id"], *(f"{system}:{value}" for system, value in p["external"].items())])
        for p in people
    )
    _say(out, text, form)


@audience.command("explain")
@common
@click.option("--patient", required=True, help="Public id, an id of another system, or a record number.")
def explain_person(file: Any, as_of: str, org: str, no_sync: bool, form: str, patient: str) -> None:
    """Why one person is in or not, condition by condition. Exit status 1 when not in."""
    question, about = _ask(file, as_of, org, no_sync)
    patient_id = exchange.find_patient(question.organization_id, patient)
    out = {**about, **exchange.explained(question, answers.explain(question, patient_id=patient_id))}
    lines = [
        f"{'✓' if line['as_wanted'] else '✗'} {line['words']}\t{line['evidence']}"
        for line in out["conditions"]
    ]
    _say(out, "\n".join([("in" if out["is_member"] else "not in"), *lines]), form)
    if not out["is_member"]:
        sys.exit(1)


NAMED = click.argument("name")


def stored(command: Any) -> Any:
    """Options of the subcommands about saved audiences."""
    for option in (
        click.option(
            "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
        ),
        click.option("--no-sync", is_flag=True, help="Ask the lake as it is."),
        click.option(
            "--org", default="", help="The hospital's short address; needed when there are several."
        ),
    ):
        command = option(command)
    return command


@audience.command("saved")
@stored
def list_saved(org: str, no_sync: bool, form: str) -> None:
    """The saved audiences, by name, with their size when last refreshed."""
    organization = directory.get_organization_of_command(org)
    rows = queries.list_audiences(Actor.system(organization.pk)).order_by("name")
    out = [
        {
            "name": a.name,
            "kind": a.kind,
            "people": a.member_count,
            "refresh": a.refresh,
            "id": str(a.public_id),
        }
        for a in rows
    ]
    _print(
        out, "\n".join(f"{a['people'] if a['people'] is not None else '-'}\t{a['name']}" for a in out), form
    )


@audience.command("refresh")
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Every audience that is refreshed by itself.")
@stored
def refresh(name: str | None, everything: bool, org: str, no_sync: bool, form: str) -> None:
    """Ask saved audiences anew and write down who came and who went; dependencies first."""
    organization, now = _ready(org, no_sync)
    if everything:
        rows = Audience.objects.filter(organization=organization, archived_at__isnull=True)
        chosen = [a for a, _depth in queries.in_dependency_order(list(rows.exclude(refresh="never")))]
    elif name:
        chosen = [_named(organization.pk, name)]
    else:
        raise click.UsageError("give the name of an audience, or --all")
    out = []
    for one in chosen:
        made = actions.refresh_audience(one.pk, now=now)
        out.append({"name": one.name, "people": made.size, "entered": made.entered, "left": made.left,
                    "seconds": made.seconds})  # fmt: skip
    lines = (f"{o['people']}\t+{o['entered']}\t-{o['left']}\t{o['name']}" for o in out)
    _print(out, "\n".join(lines), form)


@audience.command("members")
@NAMED
@stored
@click.option("--who", type=click.Choice(["current", "left"]), default="current", show_default=True)
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True)
def members(name: str, org: str, no_sync: bool, form: str, who: str, limit: int) -> None:
    """Who is in a saved audience by its last refresh: public ids, the latest comers first."""
    organization = directory.get_organization_of_command(org)
    one = _named(organization.pk, name)
    rows = queries.former_members(one) if who == "left" else queries.current_members(one)
    moments = dict(rows.values_list("patient_id", "left_at" if who == "left" else "entered_at")[:limit])
    named = exchange.pseudonyms_by_id(organization.pk, list(moments))
    out = [{"id": named[pk], "at": at.isoformat()} for pk, at in moments.items() if pk in named]
    _print(out, "\n".join(f"{o['id']}\t{o['at']}" for o in out), form)


@audience.command("preview")
@NAMED
@stored
def preview(name: str, org: str, no_sync: bool, form: str) -> None:
    """How many would enter and leave at the next refresh; nothing is written."""
    organization, now = _ready(org, no_sync)
    change = queries.preview(_named(organization.pk, name), now=now)
    out = {"people": change.size, "entering": len(change.entering), "leaving": len(change.leaving)}
    _print(out, f"{out['people']}\t+{out['entering']}\t-{out['leaving']}", form)


@audience.command("overlap")
@click.argument("first")
@click.argument("second")
@stored
def overlap(first: str, second: str, org: str, no_sync: bool, form: str) -> None:
    """How many are only in the first audience, in both, only in the second."""
    organization, now = _ready(org, no_sync)
    found = queries.find_overlap(_named(organization.pk, first), _named(organization.pk, second), now=now)
    out = {"only_first": found.only_first, "both": found.both, "only_second": found.only_second}
    _print(out, "\n".join(f"{n}\t{key}" for key, n in out.items()), form)


@audience.command("import-list")
@NAMED
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", default="", help="The header of the column that names people; default: guessed.")
@click.option("--by", type=click.Choice(["phone", "record", "id"]), default=None, help="What it holds.")
@stored
def import_list(
    name: str, path: Path, column: str, by: str | None, org: str, no_sync: bool, form: str
) -> None:
    """Put the people whom a CSV or Excel file names on the list NAME, making it if it is new."""
    organization, now = _ready(org, no_sync=True)
    actor = Actor.system(organization.pk)
    with path.open("rb") as stream:
        pieces = iter(lambda: stream.read(1 << 20), b"")
        item = actions.begin_list(actor=actor, name=name, file_name=path.name, pieces=pieces, now=now)
    if column and column not in item.header:
        raise click.UsageError(f"no column {column!r}; the file has {', '.join(item.header)}")
    place = item.header.index(column) if column else item.column
    actions.begin_check(
        actor=actor, public_id=item.public_id, column=place, identifies=by or item.identifies, now=now
    )
    item = actions.check_list(item.pk, watch=Quiet(), now=now)
    item = actions.confirm_list(actor=actor, public_id=item.public_id, now=now)
    if not no_sync:
        lake.sync(now=timezone.now())
        actions.refresh_audience(item.audience.pk, now=now)  # type: ignore[union-attr]
    out = {"rows": item.rows, "people": item.people, "added": item.added, "unknown": item.unknown,
           "errors": str(queries.error_file(item)) if item.unknown else None}  # fmt: skip
    _print(out, f"{item.added} added, {item.people} found in {item.rows} rows, {item.unknown} unknown", form)


class Quiet:
    """Nobody watches a command but the person who typed it."""

    def progress(self, done: int, total: int | None = None, note: str = "") -> None: ...
    def stop_if_cancelled(self) -> None: ...


def _ready(org: str, no_sync: bool) -> tuple[Any, datetime]:
    """The hospital and the moment, the lake brought up to date."""
    now = timezone.now()
    organization = directory.get_organization_of_command(org)
    if not no_sync:
        lake.sync(now=now)
    return organization, now


def _named(organization_id: int, name: str) -> Audience:
    found = queries.find_audience(organization_id, name)
    if found is None:
        raise NotFound
    return found


def _print(out: Any, text: str, form: str) -> None:
    click.echo(json.dumps(out, ensure_ascii=False, indent=2) if form == "json" else text)


def _ask(file: Any, as_of: str, org: str, no_sync: bool) -> tuple[Question, dict[str, Any]]:
    """The question in the file, with what every answer says about itself."""
    now = timezone.now()
    organization = directory.get_organization_of_command(org)
    raw = file.read(MAX_TEXT + 1)
    if not no_sync:
        lake.sync(now=now)
    question = queries.question(organization_id=organization.pk, tree=raw, as_of=as_of, now=now)
    fresh = queries.fresh_as_of()
    unknown = [{"kind": kind, "name": name} for kind, name in question.names.unknown]
    return question, {
        "organization": organization.slug,
        "as_of": question.as_of.moment.isoformat(),
        "day": question.as_of.day.isoformat(),
        "fresh_as_of": fresh.isoformat() if fresh else None,
        "words": asking.words_of(organization.pk, question.tree),
        "unknown_names": unknown,
    }


def _say(out: dict[str, Any], text: str, form: str) -> None:
    click.echo(json.dumps(out, ensure_ascii=False, indent=2) if form == "json" else text)
    for unknown in out["unknown_names"] if form == "text" else []:
        click.echo(f"warning: no {unknown['kind']} {unknown['name']!r}; it matches nobody", err=True)


COMMANDS = [audience]
