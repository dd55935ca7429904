#!/usr/bin/env python3
"""Checks the documentation: every relative link, `make` target and `xinglin` command in it is there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
MAKE = re.compile(r"`make ([a-z0-9]+)")
COMMAND = re.compile(r"`xinglin ([a-z][a-z-]+)")


def main() -> int:
    """Prints every breach; 1 when there is one."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    targets = set(re.findall(r"^([a-z0-9]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    listing = subprocess.run(
        [sys.executable, "-m", "xinglin.config.cli", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    commands = set(re.findall(r"^  ([a-z][a-z-]+)(?:\s|$)", listing, re.M)) | {"make-ready"}
    breaches = [line for page in pages for line in breaches_of(page, targets, commands)]
    print("\n".join(breaches) or f"{len(pages)} pages, every link and command is there")
    return int(bool(breaches))


def breaches_of(page: Path, targets: set[str], commands: set[str]) -> Iterator[str]:
    text, name = page.read_text("utf-8"), page.relative_to(ROOT)
    yield from (f"{name}: no {link}" for link in LINK.findall(text) if not (page.parent / link).exists())
    yield from (f"{name}: no make {word}" for word in MAKE.findall(text) if word not in targets)
    yield from (f"{name}: no xinglin {word}" for word in COMMAND.findall(text) if word not in commands)


if __name__ == "__main__":
    raise SystemExit(main())
