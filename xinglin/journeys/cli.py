"""``xinglin journey``: the same actions as the pages, for scripts."""

import json
from typing import Any
from uuid import UUID

import click
from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.journeys import actions, queries
from xinglin.journeys.engine import calling, working
from xinglin.journeys.models import Journey
from xinglin.patients import queries as patients

FORMAT = click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="Output form."
)
JOURNEY = click.argument("journey_id")


def _find(public_id: str) -> tuple[Actor, Journey]:
    """The journey and an actor of its hospital; exit status 2 when there is none."""
    try:
        journey = Journey.objects.filter(public_id=UUID(public_id)).first()
    except ValueError as error:
        raise click.UsageError(f"not a journey id: {public_id}") from error
    if journey is None:
        raise click.UsageError(f"no such journey: {public_id}")
    return Actor.system(journey.organization_id, "cli"), journey


def _show(facts: Any, shape: str) -> None:
    if shape == "json":
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
    elif isinstance(facts, dict):
        for name, value in facts.items():
            click.echo(f"{name:14} {value if value not in (None, '') else '–'}")
    else:
        for row in facts:
            click.echo("  ".join(str(value) for value in row.values() if value not in (None, "")))


@click.group()
def journey() -> None:
    """Journeys: list, check, go live, pause, resume, tick, one person's path."""


@journey.command("list")
@click.option("--status", type=click.Choice(Journey.Status.values), help="Only those in this state.")
@FORMAT
def list_command(status: str | None, shape: str) -> None:
    """All journeys of this installation, newest first."""
    rows = Journey.objects.order_by("-id")
    rows = rows.filter(status=status) if status else rows
    _show([queries.journey_as_dict(row) for row in rows], shape)


@journey.command()
@JOURNEY
@FORMAT
def check(journey_id: str, shape: str) -> None:
    """What keeps the draft from going live; exit status 1 if anything does."""
    _, found = _find(journey_id)
    problems = queries.problems_as_list(queries.shown_version(found), now=timezone.now())
    _show(problems, shape)
    if any(problem["is_error"] for problem in problems):
        raise SystemExit(1)


@journey.command("go-live")
@JOURNEY
@FORMAT
def go_live(journey_id: str, shape: str) -> None:
    """Put the draft to work."""
    actor, found = _find(journey_id)
    actions.go_live(actor=actor, public_id=found.public_id, now=timezone.now())
    found.refresh_from_db()
    _show(queries.journey_as_dict(found), shape)


@journey.command()
@JOURNEY
@click.option("--reason", default="", help="For the audit log.")
@FORMAT
def pause(journey_id: str, reason: str, shape: str) -> None:
    """Everybody stays where they are; nothing is skipped or lost."""
    actor, found = _find(journey_id)
    paused = actions.pause_journey(actor=actor, public_id=found.public_id, reason=reason, now=timezone.now())
    _show(queries.journey_as_dict(paused), shape)


@journey.command()
@JOURNEY
@FORMAT
def resume(journey_id: str, shape: str) -> None:
    """Go on where it was paused."""
    actor, found = _find(journey_id)
    resumed = actions.resume_journey(actor=actor, public_id=found.public_id, now=timezone.now())
    _show(queries.journey_as_dict(resumed), shape)


@journey.command()
@JOURNEY
@FORMAT
def show(journey_id: str, shape: str) -> None:
    """Counts on the nodes, and what became of the messages."""
    _, found = _find(journey_id)
    _show(queries.version_as_dict(queries.shown_version(found)), shape)


@journey.command()
@click.option("--journey", "journey_id", default="", help="Only this one.")
@FORMAT
def tick(journey_id: str, shape: str) -> None:
    """Move everybody who is due, here and now, beside any workers."""
    only = _find(journey_id)[1].pk if journey_id else None
    moved = working.work(worker="cli", clock=timezone.now, journey_id=only)
    called = calling.call_due(worker="cli", now=timezone.now())
    _show({"moved": moved, "called": called}, shape)


@journey.command()
@JOURNEY
@click.argument("person")
@FORMAT
def path(journey_id: str, person: str, shape: str) -> None:
    """The way one person (by public id) went, with times and reasons."""
    actor, found = _find(journey_id)
    try:
        patient = patients.get_patient(actor, UUID(person))
    except ValueError as error:
        raise click.UsageError(f"not a person's id: {person}") from error
    steps = queries.path_of(actor=actor, journey=found, patient_id=patient.pk)
    _show([{name: getattr(step, name) for name in step.__slots__} for step in steps], shape)


COMMANDS: list[click.Command] = [journey]
