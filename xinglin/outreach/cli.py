"""``xinglin campaign``: the same actions as the pages, for scripts."""

import json
from datetime import timedelta
from time import sleep
from typing import Any
from uuid import UUID

import click
from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.core.jobs.worker import run_one
from xinglin.core.models import Job
from xinglin.outreach import actions, queries
from xinglin.outreach.models import Campaign

FORMAT = click.option(
    "--format", "shape", type=click.Choice(["text", "json"]), default="text", help="Output form."
)


def _find(public_id: str) -> tuple[Actor, Campaign]:
    """The campaign and an actor of its hospital; exit status 2 when there is none."""
    try:
        campaign = Campaign.objects.filter(public_id=UUID(public_id)).first()
    except ValueError as error:
        raise click.UsageError(f"not a campaign id: {public_id}") from error
    if campaign is None:
        raise click.UsageError(f"no such campaign: {public_id}")
    return Actor.system(campaign.organization_id, "cli"), campaign


def _show(facts: dict[str, Any], shape: str) -> None:
    if shape == "json":
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    for name, value in facts.items():
        if isinstance(value, dict):
            value = ", ".join(f"{key} {number}" for key, number in value.items()) or "–"
        click.echo(f"{name:16} {value if value not in (None, '') else '–'}")


@click.group()
def campaign() -> None:
    """Campaigns: list, pre-flight, start, pause, resume, cancel, report."""


@campaign.command("list")
@click.option("--status", type=click.Choice(Campaign.Status.values), help="Only those in this state.")
@FORMAT
def list_command(status: str | None, shape: str) -> None:
    """All campaigns of this installation, newest first."""
    rows = Campaign.objects.order_by("-id")
    rows = rows.filter(status=status) if status else rows
    if shape == "json":
        click.echo(
            json.dumps([queries.campaign_as_dict(row) for row in rows], ensure_ascii=False, default=str)
        )
        return
    for row in rows:
        click.echo(f"{row.public_id}  {row.status:10} {row.name}")


@campaign.command()
@click.argument("campaign_id")
@FORMAT
def preflight(campaign_id: str, shape: str) -> None:
    """Work out now who would get it, who not and why; prints the hash that `start` wants."""
    actor, found = _find(campaign_id)
    job = actions.request_preflight(actor=actor, public_id=found.public_id, now=timezone.now())
    _finish(job)
    found.refresh_from_db()
    _show({**found.preflight, "preflight_hash": found.preflight_hash}, shape)
    if not found.preflight.get("send"):
        raise SystemExit(1)


def _finish(job: Job) -> None:
    """Run the job here, or wait for the worker that was quicker."""
    now = timezone.now()
    mine = Job.objects.filter(pk=job.pk, status=Job.Status.READY).update(
        status=Job.Status.LEASED,
        worker=f"cli:{job.pk}",
        attempts=1,
        lease_until=now + timedelta(hours=1),
        started_at=now,
    )
    job.refresh_from_db()
    if mine:
        run_one(job)
    job.refresh_from_db()
    while not job.is_finished:
        sleep(0.2)
        job.refresh_from_db()
    if job.status != Job.Status.DONE:
        raise click.ClickException(job.error or job.get_status_display())


@campaign.command()
@click.argument("campaign_id")
@click.option("--preflight", "preflight_hash", required=True, help="The hash that `preflight` printed.")
@FORMAT
def start(campaign_id: str, preflight_hash: str, shape: str) -> None:
    """Send what the pre-flight showed; a worker does the sending."""
    actor, found = _find(campaign_id)
    started = actions.start_campaign(
        actor=actor, public_id=found.public_id, preflight_hash=preflight_hash, now=timezone.now()
    )
    _show(queries.campaign_as_dict(started), shape)


@campaign.command()
@click.argument("campaign_id")
@FORMAT
def pause(campaign_id: str, shape: str) -> None:
    """Hold everything that has not left."""
    actor, found = _find(campaign_id)
    _show(
        queries.campaign_as_dict(
            actions.pause_campaign(actor=actor, public_id=found.public_id, now=timezone.now())
        ),
        shape,
    )


@campaign.command()
@click.argument("campaign_id")
@FORMAT
def resume(campaign_id: str, shape: str) -> None:
    """Go on where it was paused."""
    actor, found = _find(campaign_id)
    _show(
        queries.campaign_as_dict(
            actions.resume_campaign(actor=actor, public_id=found.public_id, now=timezone.now())
        ),
        shape,
    )


@campaign.command()
@click.argument("campaign_id")
@click.option("--reason", default="", help="For the audit log.")
@FORMAT
def cancel(campaign_id: str, reason: str, shape: str) -> None:
    """Stop for good; what has left stays sent."""
    actor, found = _find(campaign_id)
    cancelled = actions.cancel_campaign(
        actor=actor, public_id=found.public_id, reason=reason, now=timezone.now()
    )
    _show(queries.campaign_as_dict(cancelled), shape)


@campaign.command()
@click.argument("campaign_id")
@FORMAT
def report(campaign_id: str, shape: str) -> None:
    """Who was planned and what became of them, and what it has brought."""
    _, found = _find(campaign_id)
    facts = queries.campaign_report(found, now=timezone.now())
    _show(facts, shape)
    if not facts["is_exact"]:
        raise SystemExit(1)


COMMANDS: list[click.Command] = [campaign]
