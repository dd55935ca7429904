"""Nothing reaches a channel but the dispatcher: read from every import in the source."""

import ast
from pathlib import Path

import xinglin

ROOT = Path(xinglin.__file__).parent
CLOSED = "xinglin.outreach.channels"
ALLOWED = ("outreach/dispatch/", "outreach/channels/")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(CLOSED):
            found.add(node.value)
    return found


def test_only_the_dispatcher_imports_channels() -> None:
    offenders = []
    for path in ROOT.rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        if place.startswith(ALLOWED) or "/tests/" in place:
            continue
        if any(name == CLOSED or name.startswith(f"{CLOSED}.") for name in imports_of(path)):
            offenders.append(place)
    assert offenders == []


def test_nothing_else_opens_mail_connections() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if "/tests/" not in path.as_posix()
        and any(
            name.split(".")[0] == "smtplib" or name.startswith("django.core.mail")
            for name in imports_of(path)
        )
    }
    assert users <= {"outreach/channels/smtp.py"}
