"""Whatever the code writes into the audit log reads as words there."""

import re
from pathlib import Path

import pytest

from xinglin.directory.rules.trail import action_words, who_words

SOURCE = Path(__file__).resolve().parent.parent / "xinglin"
CODE = re.compile(r'audit\.record\(\s*[^,]+?,\s*"([a-z_]+\.[a-z_-]+\.[a-z_-]+)"')
CODES = sorted(
    {
        code
        for path in SOURCE.rglob("*.py")
        if "tests" not in path.parts
        for code in CODE.findall(path.read_text(encoding="utf-8"))
    }
)


def test_codes_are_found() -> None:
    assert len(CODES) > 100


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_words(code: str) -> None:
    assert not re.search("[a-z]", action_words(code)), f"{code}: give it words in directory/rules/trail.py"


def test_work_of_the_machine_is_the_systems() -> None:
    assert (who_words("content.clock", "system"), who_words("周岚", "director")) == ("系统", "周岚")
