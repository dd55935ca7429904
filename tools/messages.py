#!/usr/bin/env python3
"""Translations without GNU gettext: ``messages.py extract|compile|check [module …]``.

Message ids are Chinese (the source language); English lives in
``xinglin/<module>/locale/en/LC_MESSAGES/django.po``. ``extract`` reads Python and templates and keeps the
translations there are; ``compile`` writes the ``.mo`` files (ignored by git); ``check`` fails when one is
missing, fuzzy, out of date, has other placeholders, or is said differently in two modules: the catalogues
are merged when the program runs, so a word with two meanings needs a context (``pgettext``).
"""

from __future__ import annotations

import argparse
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "xinglin"
LANGUAGE = "en"
KEYWORDS: dict[str, Any] = {
    "_": None, "_n": (1, 2), "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[#0\- +]*[\d.]*[a-zA-Z]|%%|\{(\w*)\}")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("command", choices=["extract", "compile", "check"])
    parser.add_argument("modules", nargs="*", help="module names; all when left out")
    arguments = parser.parse_args(argv)
    modules = arguments.modules or sorted(p.parent.name for p in PACKAGE.glob("*/__init__.py"))
    unknown = [name for name in modules if not (PACKAGE / name).is_dir()]
    if unknown:
        parser.error(f"no such module: {', '.join(unknown)}")
    return {"extract": extract, "compile": compile_all, "check": check}[arguments.command](modules)


def extract(modules: list[str]) -> int:
    """Bring every module's catalogue in line with its sources."""
    for module in modules:
        found, path = sources(PACKAGE / module), catalogue_path(module)
        if not len(found) and not path.exists():
            continue
        catalogue = merged(found, read(path))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_po(catalogue))
        open_ids = sum(1 for m in catalogue if m.id and not is_translated(m))
        print(f"{module}: {len(catalogue)} messages, {open_ids} without English")
    return 0


def compile_all(modules: list[str]) -> int:
    for module in modules:
        path = catalogue_path(module)
        if path.exists():
            target = io.BytesIO()
            write_mo(target, read(path))
            path.with_suffix(".mo").write_bytes(target.getvalue())
    return 0


def check(modules: list[str]) -> int:
    """Print every fault as ``module: message: what``; 1 if there is one."""
    faults = [f"{module}: {fault}" for module in modules for fault in faults_of(module)]
    faults += disagreements()
    print("\n".join(faults) if faults else f"messages: complete in {len(modules)} modules")
    return 1 if faults else 0


def disagreements() -> Iterator[str]:
    """Messages that two modules put into English differently."""
    said: dict[tuple[str | None, object], tuple[str, object]] = {}
    for path in sorted(PACKAGE.glob(f"*/locale/{LANGUAGE}/LC_MESSAGES/django.po")):
        module = path.relative_to(PACKAGE).parts[0]
        for message in read(path):
            if message.id and is_translated(message):
                other, english = said.setdefault((message.context, message.id), (module, message.string))
                if english != message.string:
                    yield f"{module}: {label(message)}: {message.string!r}, but {english!r} in {other}"


def faults_of(module: str) -> Iterator[str]:
    found, catalogue = sources(PACKAGE / module), read(catalogue_path(module))
    for message in found:
        if not message.id:
            continue
        known = catalogue.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        if known is None:
            yield f"{label(message)}: not in the catalogue, run extract"
        elif known.fuzzy:
            yield f"{label(message)}: fuzzy"
        elif not is_translated(known):
            yield f"{label(message)}: no English"
        else:
            yield from wrong_placeholders(known)


def wrong_placeholders(message: Message) -> Iterator[str]:
    """A translation may leave a count out of a plural form, but may not invent or lose other placeholders."""
    ids, strings = as_tuple(message.id), as_tuple(message.string)
    wanted = set().union(*(placeholders(text) for text in ids))
    for text in strings:
        have = placeholders(text)
        if have - wanted or (len(ids) == 1 and wanted - have):
            yield f"{label(message)}: placeholders {sorted(have)} instead of {sorted(wanted)}"


def placeholders(text: str) -> set[str]:
    return {a or f"{{{b}}}" for a, b in PLACEHOLDER.findall(text) if a or b}


def is_translated(message: Message) -> bool:
    return all(as_tuple(message.string)) and bool(message.string)


def as_tuple(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def label(message: Message) -> str:
    return as_tuple(message.id)[0].strip().replace("\n", " ")[:60]


def sources(folder: Path) -> Catalog:
    """Every message in the module's Python files and templates, with the files it stands in."""
    catalogue = Catalog()
    for path in sorted(folder.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            add(catalogue, path, path.read_text("utf-8"))
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("templates/**/*.txt")]):
        if "tests" not in path.parts:
            add(catalogue, path, template_as_python(path.read_text("utf-8")))
    return catalogue


def template_as_python(text: str) -> str:
    """Django's own rewriting of a template into gettext calls, one flat line each so that it tokenizes."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    return "\n".join(line.strip() for line in templatize(text).split("\n"))


def add(catalogue: Catalog, path: Path, code: str) -> None:
    place = str(path.relative_to(ROOT))
    stream = io.BytesIO(code.encode())
    for _line, function, texts, _comments in extract_python(
        stream, list(KEYWORDS), [], {"encoding": "utf-8"}
    ):
        message_id, context = message_of(function, as_tuple(texts))
        if message_id:
            catalogue.add(message_id, context=context, locations=[(place, None)])


def message_of(function: str, texts: tuple[Any, ...]) -> tuple[Any, str | None]:
    """The id (a pair for plurals) and the context that one call stands for."""
    if "pgettext" in function:
        context, rest = texts[0], texts[1:]
    else:
        context, rest = None, texts
    if function.startswith(("n", "_n")):
        rest = rest[:2]
        return (tuple(rest), context) if len(rest) == 2 and all(rest) else (None, None)
    return (rest[0] if rest else None), context


def merged(found: Catalog, old: Catalog) -> Catalog:
    """The found messages with the translations we have; what is no longer used goes away."""
    catalogue = Catalog(locale=LANGUAGE, project="xinglin", charset="utf-8", fuzzy=False, header_comment="")
    ordered = sorted((m for m in found if m.id), key=lambda m: (m.locations[0][0], as_tuple(m.id)))
    for message in ordered:
        known = old.get(as_tuple(message.id)[0], message.context)
        plural = isinstance(message.id, tuple)
        string: Any = ("", "") if plural else ""
        if known is not None and isinstance(known.id, tuple) == plural and known.string:
            string = known.string
        catalogue.add(message.id, string, context=message.context, locations=sorted(set(message.locations)))
    return catalogue


def catalogue_path(module: str) -> Path:
    return PACKAGE / module / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"


def read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale=LANGUAGE)
    with path.open("rb") as stream:
        return read_po(stream, locale=LANGUAGE)


HEADER = (
    'msgid ""\nmsgstr ""\n"Language: en\\n"\n"MIME-Version: 1.0\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
    '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'
)


def as_po(catalogue: Catalog) -> bytes:
    """The file without dates or versions, so that it changes only when a message does."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=110, omit_header=True)
    return (HEADER + stream.getvalue().decode().strip() + "\n").encode()


if __name__ == "__main__":
    raise SystemExit(main())
