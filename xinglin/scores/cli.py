"""`xinglin scores`: fit, run, cards; and whom a message moves, from a file of a trial."""

import json
from collections.abc import Sequence
from typing import Any

import click
from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.directory import queries as directory
from xinglin.ledger import lake
from xinglin.scores import actions, queries, words
from xinglin.scores.rules import extra, trials
from xinglin.scores.rules.catalogue import KINDS

ORG = click.option("--org", default="", help="The hospital's short address; needed when there are several.")
FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
NAMES = click.argument("names", nargs=-1, type=click.Choice(list(KINDS)))


@click.group()
def scores() -> None:
    """Numbers kept per person: RFM, value, churn, no-show, best hour and channel."""


@scores.command()
@NAMES
@ORG
@FORMAT
def fit(names: Sequence[str], org: str, form: str) -> None:
    """Fit the models of NAMES (all when left out) from the lake and keep their cards."""
    actor = _actor(org)
    for name in names or KINDS:
        actions.fit(actor=actor, name=name, now=timezone.now())
    _show(actor, names, form)


@scores.command()
@NAMES
@ORG
@FORMAT
@click.option(
    "--fit", "is_fit_wanted", is_flag=True, help="Fit anew even where a model is younger than a week."
)
def run(names: Sequence[str], org: str, form: str, is_fit_wanted: bool) -> None:
    """Compute everybody's numbers; fits first where a model is missing or older than a week."""
    actor = _actor(org)
    for name in names or KINDS:
        actions.refresh(actor=actor, name=name, is_fit_wanted=is_fit_wanted, now=timezone.now())
    lake.sync(now=timezone.now())
    _show(actor, names, form)


@scores.command()
@NAMES
@ORG
@FORMAT
def card(names: Sequence[str], org: str, form: str) -> None:
    """The newest model cards of NAMES (all when left out)."""
    _show(_actor(org, sync=False), names, form)


@scores.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--treatment", required=True, help="Column that says who was written to.")
@click.option("--outcome", required=True, help="Column with the outcome, a number.")
@click.option("--treated", default="1", show_default=True, help="Its value for who was written to.")
@click.option("--control", default="0", show_default=True, help="Its value for who was not.")
@click.option("--ignore", multiple=True, help="Column that must not be learned from; may be repeated.")
@click.option("--seed", default=1, show_default=True, help="Of the split and the bootstrap.")
@FORMAT
def uplift(
    file: str,
    treatment: str,
    outcome: str,
    treated: str,
    control: str,
    ignore: Sequence[str],
    seed: int,
    form: str,
) -> None:
    """Whom it moves: learn the lift from a randomised trial in a CSV FILE, judge it on held-out rows.

    Every other column is learned from: name other outcomes and ids with --ignore. Exit status 0 either way;
    "has_skill" is false where the order is no better than chance.
    """
    extra.need()
    report = trials.report_of(
        file, treatment=treatment, outcome=outcome, treated=treated, control=control, ignore=ignore, seed=seed
    )
    if form == "json":
        click.echo(json.dumps(report.as_plain(), ensure_ascii=False, indent=2))
        return
    low, high = report.qini_interval
    least, most = report.mean_lift_interval
    click.echo(f"mean lift    {report.mean_lift:+.4f}  95% {least:+.4f} to {most:+.4f}")
    click.echo(
        f"Qini         {report.qini:+.5f}  95% {low:+.5f} to {high:+.5f}  ({report.rows:,} held-out rows)"
    )
    click.echo(f"best 30 %    {report.best_lift:+.4f}")
    click.echo(
        "better than chance: writing to the best first is worth it"
        if report.has_skill
        else "no better than chance: there is nothing to choose people by"
    )


def _actor(org: str, *, sync: bool = True) -> Actor:
    organization = directory.get_organization_of_command(org)
    if sync:
        lake.sync(now=timezone.now())
    return Actor.system(organization.pk, "cli")


def _show(actor: Actor, names: Sequence[str], form: str) -> None:
    standings = [each for each in queries.list_standings(actor=actor) if not names or each.kind.name in names]
    if form == "json":
        click.echo(
            json.dumps([_plain(each) for each in standings], ensure_ascii=False, indent=2, default=str)
        )
        return
    for each in standings:
        people = f"{each.card.people:,}" if each.card else "–"
        click.echo(
            f"{each.kind.name:<16}{each.state:<10}{people:>10}  {words.verdict(each.card, each.kind.label)}"
        )


def _plain(standing: queries.Standing) -> dict[str, Any]:
    card = standing.card
    return {
        "name": standing.kind.name,
        "state": standing.state,
        "version": card.version if card else None,
        "fitted_at": card.fitted_at if card else None,
        "computed_at": card.computed_at if card else None,
        "people": card.people if card else 0,
        "trained": [card.trained_from, card.trained_to] if card else [],
        "tested": [card.tested_from, card.tested_to] if card else [],
        "rows": card.rows if card else 0,
        "held_out_rows": card.held_out_rows if card else 0,
        "figures": card.figures if card else {},
        "baseline": card.baseline if card else {},
        "calibration": card.calibration if card else [],
    }


COMMANDS = [scores]
