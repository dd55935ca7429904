"""The shipped packs as files: one subject each, short enough to read through."""

from importlib.resources import files
from pathlib import Path

from xinglin.compliance.engine.packs import read_packs

RULES = Path(str(files("xinglin.compliance") / "rules"))


def test_a_pack_is_named_like_its_file_and_short() -> None:
    _, packs = read_packs(RULES)
    named = {path.stem: path for path in RULES.glob("*.yaml") if not path.name.startswith("_")}

    assert {pack.pack for pack in packs} == set(named)
    assert {name for name, path in named.items() if len(path.read_text("utf-8").splitlines()) > 400} == set()
