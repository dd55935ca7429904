import json
from uuid import UUID

import click
from django.apps import apps
from django.utils import timezone
from django.utils.html import strip_tags

from xinglin.core.actor import Actor
from xinglin.insights import queries
from xinglin.insights.words import sentence


@click.group()
def report() -> None:
    """Results: what it brought."""


@report.command()
@click.argument("public_id", type=click.UUID)
@click.option("--days", type=click.Choice(["7", "14", "30"]), default="14", show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def campaign(public_id: UUID, days: str, form: str) -> None:
    """A campaign against its holdout; PUBLIC_ID as in the page's address."""
    campaigns = apps.get_model("outreach", "Campaign")._default_manager
    owner = campaigns.filter(public_id=public_id).values_list("organization_id", flat=True).first()
    result = queries.campaign_result(
        actor=Actor.system(owner, "cli"), public_id=public_id, days=int(days), now=timezone.now()
    )
    plain = queries.as_plain(result)
    click.echo(json.dumps(plain, ensure_ascii=False) if form == "json" else strip_tags(sentence(result)))


COMMANDS = [report]
