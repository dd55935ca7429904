"""``xinglin import …``: the same import as in the browser, in the foreground."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.utils import timezone, translation

from xinglin.core import env
from xinglin.core.actor import Actor
from xinglin.core.errors import DomainError, NotFound
from xinglin.core.models import Job
from xinglin.directory import queries as directory
from xinglin.directory.actions import create_organization
from xinglin.patients.actions import imports
from xinglin.patients.imports.errors_file import errors_csv
from xinglin.patients.imports.registry import get_importer, list_importers
from xinglin.patients.imports.running import OUTCOMES
from xinglin.patients.models import Import

if TYPE_CHECKING:
    from xinglin.directory.models import Organization


def _hospital(slug: str | None) -> "Organization":
    """The hospital meant; an installation that has none yet gets one, so that a file can go in at once."""
    try:
        return directory.get_organization_of_command(slug)
    except NotFound:
        if slug or directory.list_organizations().exists():
            raise
    made = create_organization(
        actor=Actor.system(None, "import"), name="本院", slug="main", now=timezone.now()
    )
    click.echo("还没有医院，先建了“本院”；名称在第一次登录时填写。", err=True)
    return made


def _key(kind: str, text: str | None, item: Import) -> str:
    """The field for ``--key``: a field's key, its short form or a header of the file."""
    if not text:
        return ""
    keys = [field.key for field in get_importer(kind).fields if field.can_key]
    for key in (text, item.columns.get(text, ""), f"patient.{text}", f"{kind.rstrip('s')}.{text}"):
        if key in keys:
            return key
    raise click.UsageError(f"--key {text}: one of {', '.join(keys)}, or a column mapped to one")


def _unfinished(item: Import) -> Import | None:
    """The same file, mapped the same way, that was broken off in the middle and that no job still runs."""
    rows = Import.objects.filter(
        organization_id=item.organization_id,
        kind=item.kind,
        file_hash=item.file_hash,
        status__in=[Import.Status.RUNNING, Import.Status.FAILED],
    )
    same = ("policy", "key", "source", "date_order", "unknown", "names")
    for other in rows.order_by("-id")[:20]:
        live = (
            other.job_public_id
            and Job.objects.filter(public_id=other.job_public_id, status__in=["ready", "leased"]).exists()
        )
        fits = all(other.options.get(name) == item.options.get(name) for name in same)
        if not live and fits and other.columns == item.columns:
            return other
    return None


def _prepare(
    kind: str,
    file: Path,
    actor: Actor,
    name: str | None,
    key: str | None,
    policy: str | None,
    unknown: str | None,
) -> Import:
    now = timezone.now()
    item = imports.upload_import(
        actor=actor, kind=kind, file_name=file.name, pieces=file, policy=policy, now=now
    )
    if name and (kept := imports.find_mapping(item, name=name)):
        item.columns = {head: field for head, field in kept.columns.items() if head in item.header}
        item.options |= kept.options | ({"policy": policy} if policy else {})
        item.save(update_fields=["columns", "options", "updated_at"])
    elif name:
        raise click.UsageError(f"--mapping {name}: there is no such mapping for {kind}")
    options = {"key": _key(kind, key, item)} if key else {}
    options |= {"unknown": unknown} if unknown else {}
    return imports.map_import(
        actor=actor, public_id=item.public_id, columns=item.columns, options=options, now=now
    )


def _run(item: Import, actor: Actor, dry_run: bool, quiet: bool) -> tuple[Import, dict[str, int]]:
    def tick(done: int, total: int) -> None:
        if not quiet and sys.stderr.isatty():
            click.echo(f"\r{done:,} / {total:,}", nl=False, err=True)

    if dry_run:
        imports.run_trial(item, actor=actor, clock=timezone.now, tick=tick)
        return item, item.trial
    again, path = _unfinished(item), item.file_path
    if again is not None:
        item.delete()
        item = again
        item.error, item.job_public_id = "", None
        if not Path(item.file_path).exists():
            item.file_path = path
    item.status, item.started_at = Import.Status.RUNNING, item.started_at or timezone.now()
    item.save()
    try:
        imports.run_import(item, actor=actor, clock=timezone.now, tick=tick)
    except DomainError as error:
        imports.fail(item, str(error))
        raise
    return item, item.counts


def _errors(item: Import, refused: int, target: Path | None) -> str:
    if not refused:
        return ""
    path = target or env.files_dir("import-errors") / f"{item.public_id}.csv"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as stream:
        stream.writelines(errors_csv(item))
    return str(path)


@click.command(name="import")
@click.argument("kind", metavar="KIND")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", "name", help="A mapping kept under this name; else it is guessed or remembered.")
@click.option("--key", help="The field or column that recognises a record that is here already.")
@click.option(
    "--policy", type=click.Choice(["update", "fill", "skip"]), help="What happens to known records."
)
@click.option(
    "--unknown",
    type=click.Choice(["refuse", "create"]),
    help="What happens to unknown departments and doctors (refuse, unless remembered otherwise).",
)
@click.option("--dry-run", is_flag=True, help="Try the whole file and keep nothing.")
@click.option("--org", help="The hospital's short address; needed when there are several.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Where refused rows go.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def import_command(
    kind: str,
    file: Path,
    name: str | None,
    key: str | None,
    policy: str | None,
    unknown: str | None,
    dry_run: bool,
    org: str | None,
    errors: Path | None,
    form: str,
) -> None:
    """Take a CSV, TSV, CSV.gz or Excel FILE in as KIND: patients, appointments or bills.

    The same file again changes nothing. Broken off, it goes on where it stopped. Refused rows are
    written to a CSV with their reasons; the exit status is 1 when every row was refused.
    """
    if kind not in {one.name for one in list_importers()}:
        raise click.UsageError(f"KIND is one of {', '.join(one.name for one in list_importers())}")
    actor = Actor.system(_hospital(org).pk, "import")
    with translation.override("zh-hans"):
        item = _prepare(kind, file, actor, name, key, policy, unknown)
        ignored = [head for head in item.header if head not in item.columns]
        if ignored and form == "text":
            click.echo(f"没有用到的列：{'、'.join(ignored)}", err=True)
        item, counts = _run(item, actor, dry_run, form == "json")
        path = _errors(item, counts["refused"], errors)
    if form == "json":
        click.echo(json.dumps({**{one: counts[one] for one in OUTCOMES}, "errors_file": path or None}))
    else:
        words = ("读取", "新建", "更新", "未变", "拒收")
        click.echo("，".join(f"{word} {counts[one]:,}" for word, one in zip(words, OUTCOMES, strict=True)))
        if path:
            click.echo(f"拒收的行和原因：{path}")
        if met := [f"{name} {rows:,}" for _kind, name, rows in item.unknown]:
            click.echo(f"本院没有的科室和医生（行数）：{'、'.join(met)}", err=True)
    if dry_run:
        Import.objects.filter(pk=item.pk).delete()
    if counts["read"] and counts["refused"] == counts["read"]:
        raise SystemExit(1)


COMMANDS = [import_command]
