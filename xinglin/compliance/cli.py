"""``xinglin comply``: the checker for pipelines; reads files or standard input, no database."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast, get_args

import click

from xinglin.compliance import ocr, report, scoring
from xinglin.compliance.checker import Item, Result, check, unreadable
from xinglin.compliance.engine.overlay import Overlay, OwnWord, laid_over
from xinglin.compliance.engine.packs import KINDS, Severity
from xinglin.compliance.engine.rulebook import Rulebook, default_rulebook

_Checked = tuple[str, str, Result]


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--kind", type=click.Choice(KINDS), default="ad", show_default=True, help="What the text is.")
@click.option("--meta", default="{}", help='Facts about it as JSON, e.g. {"purpose": "marketing"}.')
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "jsonl", "sarif"]),
    default="text",
    show_default=True,
    help="jsonl reads one object {id, kind, text, meta} a line and writes one result a line.",
)
@click.option(
    "--words",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Own words, one a line: word, then severity, reason and citation if wanted, separated by tabs.",
)
def comply(files: tuple[str, ...], kind: str, meta: str, form: str, words: Path | None) -> None:
    """Check texts against the law of medical advertising. Exit status 1 when one is blocked.

    FILE is UTF-8 text or, with the extra ``ocr``, a picture (png, jpg, webp, bmp), read line by line;
    without FILE, standard input.
    """
    book = _with_words(words) if words else None
    if form == "jsonl":
        sys.exit(_lines(files, book))
    facts = _meta(meta)
    checked = list(_texts(files, kind=kind, meta=facts, book=book))
    if form == "sarif":
        click.echo(json.dumps(report.as_sarif(checked), ensure_ascii=False, indent=1))
    elif form == "json":
        click.echo(
            json.dumps(
                [{"file": name, **result.as_dict()} for name, _text, result in checked], ensure_ascii=False
            )
        )
    else:
        for name, text, result in checked:
            click.echo(report.as_text(result, text=text, name=name))
    sys.exit(any(result.verdict == "block" for _name, _text, result in checked))


@click.command("comply-score")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--min-f1", type=float, default=0.0, help="Exit status 1 below this F1 of the verdicts.")
def comply_score(file: Path, form: str, min_f1: float) -> None:
    """Measure the checker on labelled examples (JSON Lines).

    Verdicts, block recall, evasions by technique, false alarms on look-alikes and ordinary texts, citations,
    and every rule family.
    """
    try:
        found = scoring.score(scoring.read_examples(file))
    except (ValueError, KeyError) as error:
        raise click.UsageError(str(error)) from error
    if form == "json":
        click.echo(json.dumps(_as_json(found), ensure_ascii=False))
    else:
        click.echo(_as_table(found))
        for identity, wanted, got, text in found.wrong:
            click.echo(f"{identity} should be {wanted}, was {got}: {text}")
    sys.exit(found.verdicts.f1 < min_f1)


def _as_table(found: scoring.Report) -> str:
    verdicts = found.verdicts
    lines = [
        f"examples             {found.items}",
        f"verdict precision    {verdicts.precision:.3f}",
        f"verdict recall       {verdicts.recall:.3f}",
        f"verdict F1           {verdicts.f1:.3f}",
        f"three classes agree  {found.three_class:.3f}",
        f"block recall         {found.block_recall:.3f}",
        f"evasion recall       {found.evasion_recall:.3f}",
        *(f"  {row.name:<18} {row.recall:.3f}  ({row.hit}/{row.hit + row.missed})" for row in found.evasions),
        f"false on look-alikes {found.look_alike_false:.3f}",
        f"false on ordinary    {found.ordinary_false:.3f}",
        f"citation match       {found.citation_match:.3f}",
        "",
        f"{'family':<20}{'P':>7}{'R':>7}{'F1':>7}{'hit':>6}{'false':>6}{'missed':>7}",
    ]
    for row in found.families:
        shares = f"{row.precision:>7.3f}{row.recall:>7.3f}{row.f1:>7.3f}"
        lines.append(f"{row.name:<20}{shares}{row.hit:>6}{row.false:>6}{row.missed:>7}")
    return "\n".join(lines)


def _as_json(found: scoring.Report) -> dict[str, Any]:
    def shares(row: scoring.Score) -> dict[str, float]:
        return {"precision": row.precision, "recall": row.recall, "f1": row.f1}

    return {
        "items": found.items,
        "verdict": shares(found.verdicts),
        "three_class": found.three_class,
        "block_recall": found.block_recall,
        "look_alike_false": found.look_alike_false,
        "ordinary_false": found.ordinary_false,
        "evasion_recall": found.evasion_recall,
        "evasions": {row.name: row.recall for row in found.evasions},
        "citation_match": found.citation_match,
        "families": {row.name: shares(row) for row in found.families},
    }


def _meta(source: str) -> dict[str, Any]:
    try:
        facts = json.loads(source)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--meta") from error
    if not isinstance(facts, dict):
        raise click.BadParameter("应是 JSON 对象", param_hint="--meta")
    return facts


def _open(name: str) -> BinaryIO:
    return sys.stdin.buffer if name == "-" else Path(name).open("rb")


def _with_words(path: Path) -> Rulebook:
    own = []
    for number, line in enumerate(path.read_text("utf-8-sig").splitlines(), 1):
        word, severity, reason, citation = (*(cell.strip() for cell in line.split("\t")), "", "", "", "")[:4]
        if severity not in {"", *get_args(Severity)}:
            raise click.BadParameter(f"line {number}: severity is block, warn or info", param_hint="--words")
        if word:
            own.append(OwnWord(word, cast(Severity, severity or "warn"), reason, citation))
    return laid_over(default_rulebook(), Overlay(words=tuple(own)))


def _texts(
    files: tuple[str, ...], *, kind: str, meta: dict[str, Any], book: Rulebook | None
) -> Iterator[_Checked]:
    for name in files or ("-",):
        if ocr.is_picture(name):
            try:
                text = "\n".join(ocr.read_lines(Path(name)))
            except ocr.OcrMissing as error:
                raise click.UsageError(str(error)) from error
            yield name, text, check(Item(id=name, kind=kind, text=text, meta=meta), rulebook=book)
            continue
        with _open(name) as source:
            raw = source.read()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            yield name, "", unreadable(name, error)
            continue
        yield name, text, check(Item(id=name, kind=kind, text=text, meta=meta), rulebook=book)


def _lines(files: tuple[str, ...], book: Rulebook | None) -> int:
    """One result a line, in order; a line that is no object gives a result *review*, never silence."""
    blocked = False
    for name in files or ("-",):
        with _open(name) as source:
            for raw in source:
                if not raw.strip():
                    continue
                try:
                    item = json.loads(raw)
                    result = (
                        check(item, rulebook=book)
                        if isinstance(item, dict)
                        else unreadable("", TypeError("不是对象"))
                    )
                except ValueError as error:
                    result = unreadable("", error)
                blocked |= result.verdict == "block"
                click.echo(json.dumps(result.as_dict(), ensure_ascii=False))
    return int(blocked)


COMMANDS: list[click.Command] = [comply, comply_score]
