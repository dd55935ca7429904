"""Every icon name in a template or in Python is one that the sprite holds."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SPRITE = ROOT / "xinglin" / "ui" / "static" / "vendor" / "icons.svg"


def test_every_icon_in_use_exists() -> None:
    if not SPRITE.exists():
        pytest.skip("front-end assets are not installed: run tools/assets.py")
    spec = importlib.util.spec_from_file_location("assets_tool", ROOT / "tools" / "assets.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    sprite = SPRITE.read_text("utf-8")
    folder = ROOT / "node_modules" / "@tabler" / "icons" / "icons"
    missing = {
        name
        for name in tool.icon_names()
        if f'id="{name}"' not in sprite and not (folder / "outline" / f"{name}.svg").exists()
    }
    assert not missing
