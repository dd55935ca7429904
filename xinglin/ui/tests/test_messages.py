"""The translation tool: what it finds, what it keeps, what it refuses."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = """{% load i18n %}<div class="全 (x">{# 注释 "quote #}
   {% translate "患者库" %} it's '{% translate 'a "b"' %}' {{ _("过滤") }}
 {% blocktranslate count n=total trimmed %}
   共 {{ n }} 人
 {% plural %}
   共 {{ n }} 人
 {% endblocktranslate %}{% translate "存" context "动词" %}</div>"""
CODE = 'from x import _\nNAME = _("名单")\nTEXT = ngettext("%(n)s 行", "%(n)s 行", n) % {"n": n}\n'


@pytest.fixture
def tool(tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT, module.PACKAGE = tmp_path, tmp_path / "xinglin"  # type: ignore[attr-defined]
    folder = tmp_path / "xinglin" / "sample"
    (folder / "templates").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "words.py").write_text(CODE, "utf-8")
    (folder / "templates" / "page.html").write_text(TEMPLATE, "utf-8")
    return module


def translate(tool: ModuleType, **words: object) -> None:
    path = tool.catalogue_path("sample")
    catalogue = tool.read(path)
    for message in catalogue:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            message.string = words.get(key, message.string)
    path.write_bytes(tool.as_po(catalogue))


ENGLISH = {
    "患者库": "Patients",
    'a "b"': 'a "b"',
    "过滤": "filter",
    "共 %(n)s 人": ("One person", "%(n)s people"),
    "存": "save",
    "名单": "list",
    "%(n)s 行": ("%(n)s row", "%(n)s rows"),
}


def test_extract_finds_python_and_templates_and_keeps_translations(tool: ModuleType) -> None:
    tool.main(["extract", "sample"])
    ids = {m.id for m in tool.read(tool.catalogue_path("sample")) if m.id}
    assert ids == {
        "患者库", 'a "b"', "过滤", "存", "名单", ("共 %(n)s 人", "共 %(n)s 人"), ("%(n)s 行", "%(n)s 行"),
    }  # fmt: skip

    translate(tool, **ENGLISH)
    first = tool.catalogue_path("sample").read_bytes()
    tool.main(["extract", "sample"])
    assert tool.catalogue_path("sample").read_bytes() == first


def test_check_passes_only_when_complete(tool: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert tool.main(["check", "sample"]) == 1
    tool.main(["extract", "sample"])
    assert tool.main(["check", "sample"]) == 1
    translate(tool, **ENGLISH)
    assert tool.main(["check", "sample"]) == 0
    translate(tool, **{"%(n)s 行": ("%(m)s row", "%(n)s rows")})
    capsys.readouterr()
    assert tool.main(["check", "sample"]) == 1
    assert "placeholders" in capsys.readouterr().out


def test_compiled_file_is_what_gettext_reads(tool: ModuleType) -> None:
    import gettext

    tool.main(["extract", "sample"])
    translate(tool, **ENGLISH)
    tool.main(["compile", "sample"])
    with tool.catalogue_path("sample").with_suffix(".mo").open("rb") as stream:
        english = gettext.GNUTranslations(stream)
    assert english.gettext("患者库") == "Patients"
    assert english.ngettext("共 %(n)s 人", "共 %(n)s 人", 2) == "%(n)s people"
    assert english.pgettext("动词", "存") == "save"
