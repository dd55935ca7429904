import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.ledger import lake as door

F = TypeVar("F", bound=Callable[..., Any])


def formatted(command: F) -> F:
    option = click.option(
        "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
    )
    return option(command)


@click.group()
def lake() -> None:
    """The lake: the ledger as Parquet, for questions over many people."""


def _say(form: str, values: dict[str, Any], text: str) -> None:
    click.echo(json.dumps(values, default=str, ensure_ascii=False) if form == "json" else text)


@lake.command()
@formatted
def sync(form: str) -> None:
    """Copy what is new; exit status 1 when another transaction keeps it from being read."""
    made = door.sync(now=timezone.now())
    _say(
        form,
        asdict(made),
        _("新增 %(rows)s 条触点，更新 %(tables)s 张维度表，水位 %(seq)s")
        % {"rows": f"{made.touches:,}", "tables": len(made.dimensions), "seq": f"{made.watermark:,}"},
    )
    if made.as_of is None:
        raise SystemExit(1)


@lake.command()
@formatted
def rebuild(form: str) -> None:
    """Write the lake anew from the database; readers see the old one until the end."""
    made = door.rebuild(now=timezone.now())
    _say(form, asdict(made), _("写入 %(rows)s 条触点") % {"rows": f"{made.touches:,}"})


@lake.command()
@formatted
def compact(form: str) -> None:
    """One sorted file a month; old files go."""
    made = door.compact(now=timezone.now())
    _say(form, asdict(made), _("重写 %(files)s 个文件") % {"files": made.files})


@lake.command()
@formatted
def status(form: str) -> None:
    """Files, rows, freshness."""
    now = door.status()
    fresh = timezone.localtime(now.fresh_as_of) if now.fresh_as_of else None
    lines = [
        _("数据截至 %(at)s，落后 %(behind)s 条") % {"at": fresh or "–", "behind": f"{now.behind:,}"},
        *(
            f"{part.name:<20} {part.rows:>14,} {part.files:>6} {part.bytes / 1e6:>10.1f} MB"
            for part in now.tables
        ),
    ]
    _say(form, asdict(now), "\n".join(lines))


COMMANDS = [lake]
