"""Rules of the house that no linter knows; prints every breach and fails if there is one."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "xinglin"
# What a module shows to others: its doors, the registries of lower modules, test factories among tests.
DOORS = {"actions", "queries", "events", "permissions"}
REGISTRIES = {
    "ledger": {"kinds", "lake", "channels", "wording"},
    "patients": {"imports", "panels_registry", "erasure_registry", "score_names"},
    "compliance": {"checker", "corpus", "ocr", "review"},
    "audiences": {"usage"},
    "content": {"panels_registry"},
    "outreach": {"reports"},
}
OPEN = {"core", "ui"}
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b(?!\w)|\brgba?\(|\bhsla?\(")
MACHINE = re.compile(r"/work/|/root/|/home/\w+/|/farm/|pypi\.org|npmjs|files\.pythonhosted|deb\.debian")
MIGRATION_NAME = re.compile(r"\d{4}_(?!auto)\w+\.py")


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return [ROOT / line for line in listing.splitlines() if (ROOT / line).is_file()]


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Imported names with their lines; those for the type checker alone are left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            typing_only |= {child for part in node.body for child in ast.walk(part)}
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def doors() -> Iterator[str]:
    """A module is entered by its doors only."""
    for path in tracked("xinglin/*.py"):
        parts = path.relative_to(PACKAGE).parts
        if len(parts) < 2 or parts[0] == "config" or "tests" in parts or "migrations" in parts:
            continue
        for line, name in imports_of(path):
            steps = name.split(".")
            if steps[0] != "xinglin" or len(steps) < 3 or steps[1] in {parts[0], *OPEN}:
                continue
            if steps[2] not in DOORS | REGISTRIES.get(steps[1], set()):
                yield f"{path.relative_to(ROOT)}:{line}: {name} is not a door of {steps[1]}"


def colours() -> Iterator[str]:
    """Colours stand in the tokens and nowhere else."""
    for path in tracked("xinglin/*.css", "xinglin/*.html", "xinglin/*.js"):
        if path.name == "tokens.css" or "vendor" in path.parts:
            continue
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            bare = re.sub(
                r"""(href|hx-target|hx-select|hx-indicator|for|id|url|aria-\w+)=["'][^"']*["']""", "", text
            )
            bare = re.sub(r"""["'`(]#[\w-]+|&#x?\w+;|querySelector\([^)]*\)""", "", bare)
            if COLOUR.search(bare):
                yield f"{path.relative_to(ROOT)}:{number}: a colour outside tokens.css"


def machine_words() -> Iterator[str]:
    """No path of a machine, no package registry's host."""
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".png", ".ico", ".mo", ".woff2"}:
            continue
        for number, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if MACHINE.search(text):
                yield f"{path.relative_to(ROOT)}:{number}: names a machine's path or a registry"


def migrations() -> Iterator[str]:
    for path in tracked("xinglin/*/migrations/*.py"):
        if path.name != "__init__.py" and not MIGRATION_NAME.fullmatch(path.name):
            yield f"{path.relative_to(ROOT)}: give the migration a name that says what it does"


def inline_script() -> Iterator[str]:
    """The content security policy would refuse them anyway."""
    for path in tracked("xinglin/*.html"):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(r"\son(click|change|submit|load|input|key\w+|mouse\w+)=|javascript:", text):
                yield f"{path.relative_to(ROOT)}:{number}: inline handler"


def sizes() -> Iterator[str]:
    for path in tracked("xinglin/*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > 400 and "migrations" not in path.parts:
            yield f"{path.relative_to(ROOT)}: {lines} lines; split it by subject"
    for path in tracked("xinglin/*.html"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > 150:
            yield f"{path.relative_to(ROOT)}: {lines} lines; make components of it"


def views_write_nothing() -> Iterator[str]:
    """Views and APIs change rows through actions only."""
    writing = re.compile(r"\.objects\.(create|bulk_\w+|update_or_create|get_or_create)\(|\.(save|delete)\(\)")
    for path in tracked(
        "xinglin/*/views/*.py", "xinglin/*/views.py", "xinglin/*/api.py", "xinglin/*/api/*.py"
    ):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if writing.search(text):
                yield f"{path.relative_to(ROOT)}:{number}: a view writes; call an action"


def templates() -> Iterator[str]:
    """Every template compiles."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    import django
    from django.template import TemplateSyntaxError
    from django.template.loader import get_template

    django.setup()
    for path in tracked("xinglin/*/templates/*.html"):
        name = "/".join(path.relative_to(PACKAGE).parts[2:])
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            yield f"{path.relative_to(ROOT)}: {error}"


def main() -> int:
    checks = [doors, colours, machine_words, migrations, inline_script, sizes, views_write_nothing, templates]
    breaches = [f"{check.__name__}: {breach}" for check in checks for breach in check()]
    print("\n".join(breaches) or "no breach")
    return bool(breaches)


if __name__ == "__main__":
    raise SystemExit(main())
