"""``xinglin comply`` and ``comply-score``; they need no database."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from xinglin.compliance.cli import comply, comply_score


def test_exit_status_says_whether_anything_is_blocked(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("门诊时间：周一至周五", "utf-8")
    bad.write_text("第一行\n我院根治白癜风", "utf-8")
    run = CliRunner().invoke
    assert run(comply, [str(good), "--kind", "web_page"]).exit_code == 0
    result = run(comply, [str(good), str(bad), "--kind", "web_page"])
    assert result.exit_code == 1
    assert f"{bad}:2:3: [阻断] MED-01" in result.output


def test_jsonl_answers_every_line_in_order() -> None:
    lines = [
        {"id": "a", "kind": "ad", "text": "保证治愈"},
        {"id": "b", "kind": "web_page", "text": "停诊通知"},
    ]
    source = "\n".join(map(json.dumps, lines)) + "\nno json\n[1]\n"
    result = CliRunner().invoke(comply, ["--format", "jsonl"], input=source)
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert [(a["id"], a["verdict"]) for a in answers] == [
        ("a", "block"), ("b", "pass"), ("", "review"), ("", "review"),
    ]  # fmt: skip
    assert result.exit_code == 1
    assert isinstance(answers[0]["findings"][0]["article"], list)


def test_undecodable_file_is_reviewed_not_passed(tmp_path: Path) -> None:
    path = tmp_path / "gbk.txt"
    path.write_bytes("门诊时间".encode("gbk"))
    [answer] = json.loads(CliRunner().invoke(comply, [str(path), "--format", "json"]).output)
    assert answer["verdict"] == "review"


def test_sarif_counts_code_points(tmp_path: Path) -> None:
    path = tmp_path / "ad.txt"
    path.write_text("😀我院根治白癜风", "utf-8")
    report = json.loads(CliRunner().invoke(comply, [str(path), "--format", "sarif"]).output)
    run = report["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    places = [r["locations"][0]["physicalLocation"] for r in run["results"] if r["ruleId"] == "MED-01"]
    assert places[0]["region"]["startColumn"] == 4
    assert places[0]["region"]["snippet"]["text"] == "根治"


def test_score_counts_by_family(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "kind": "web_page", "text": "本院治愈率98%", "meta": {}, "verdict": "block",
         "labels": [{"rule_id": "MED-02"}], "tags": []},
        {"id": "2", "kind": "web_page", "text": "停诊通知", "meta": {}, "verdict": "pass",
         "labels": [], "tags": []},
    ]  # fmt: skip
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    result = CliRunner().invoke(comply_score, [str(path), "--format", "json", "--min-f1", "1"])
    assert result.exit_code == 0
    assert json.loads(result.output)["families"]["cure_rate"]["f1"] == 1.0


def test_the_command_needs_neither_a_home_nor_a_database_nor_django(tmp_path: Path) -> None:
    sealed = tmp_path / "sealed"
    sealed.mkdir(mode=0o500)
    script = (
        "import sys; sys.argv = ['xinglin', 'comply', '--format', 'jsonl']\n"
        "from xinglin.config.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: code = end.code\n"
        "assert 'django' not in sys.modules\n"
        "sys.exit(code)\n"
    )
    env = {
        **os.environ,
        "XINGLIN_HOME": str(sealed / "none"),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/x",
    }
    lines = [
        json.dumps({"id": name, "kind": "web_page", "text": text}, ensure_ascii=False)
        for name, text in (("b", "我院根治白癜风"), ("a", "停诊通知"))
    ]
    done = subprocess.run(
        [sys.executable, "-c", script],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["b", "a"], done.stderr
    assert done.returncode == 1
    assert not list(sealed.iterdir())


def test_usage_errors_are_two() -> None:
    assert CliRunner().invoke(comply, ["--kind", "poster"]).exit_code == 2
    assert CliRunner().invoke(comply, ["no-such-file.txt"]).exit_code == 2


def test_own_words_come_from_a_file(tmp_path: Path) -> None:
    words, text = tmp_path / "words.tsv", tmp_path / "text.txt"
    words.write_text("红星医院\tblock\t旧院名\n老病号\n", "utf-8")
    text.write_text("紅星 醫院开诊", "utf-8")
    result = CliRunner().invoke(comply, [str(text), "--kind", "web_page", "--words", str(words)])
    assert (result.exit_code, "OWN-01" in result.output, "旧院名" in result.output) == (1, True, True)
    words.write_text("红星医院\tloud", "utf-8")
    assert CliRunner().invoke(comply, [str(text), "--words", str(words)]).exit_code == 2


def test_a_picture_without_the_reader_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xinglin.compliance.ocr._reader", None)
    monkeypatch.setitem(sys.modules, "rapidocr", None)
    picture = tmp_path / "poster.png"
    picture.write_bytes(b"x")
    result = CliRunner().invoke(comply, [str(picture)])
    assert (result.exit_code, "xinglin[ocr]" in result.output) == (2, True)


def test_a_picture_is_read_line_by_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Reader:
        def __call__(self, _path: str) -> SimpleNamespace:
            return SimpleNamespace(txts=("本院皮肤科", "根治白癜风"))

    monkeypatch.setattr("xinglin.compliance.ocr._reader", Reader())
    picture = tmp_path / "poster.png"
    picture.write_bytes(b"x")
    result = CliRunner().invoke(comply, [str(picture), "--kind", "web_page"])
    assert f"{picture}:2:1: [阻断] MED-01" in result.output
