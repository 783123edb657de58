"""`import --problems` and `export --into` from the command line: where files go, what is said, exit codes."""

import stat
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl import Workbook

HEAD = ["姓名", "工号", "人员类别"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "work"


def workbook(name: str, *rows: list[Any]) -> str:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(name)
    return name


def test_bad_rows_go_beside_and_come_back(branch: Any, here: Path):
    workbook("bad.xlsx", HEAD, ["赵六", "101", "正式党员"], ["钱七", "102", "在编"])
    first = branch("import", "bad.xlsx", "--skip-bad")
    assert (first.code, "有问题的行已放进 bad-问题.xlsx" in first.out) == (0, True)
    assert stat.S_IMODE((here / "bad-问题.xlsx").stat().st_mode) == 0o600
    again = branch("import", "bad.xlsx", "--json")
    assert (again.code, again.json["problems_file"]) == (4, "bad-问题.xlsx")
    page = openpyxl.load_workbook("bad-问题.xlsx")
    assert page.worksheets[0]["A2"].value == "（没有问题，随这个文件一起导入）"
    page.worksheets[0]["D3"] = "预备党员"
    page.save("bad-问题.xlsx")
    done = branch("import", "bad-问题.xlsx", "--json")
    assert (done.code, done.json["problems_file"]) == (0, None)
    assert done.json["files"][0]["sheets"][0]["rows"]["added"] == 1
    assert len(branch("member", "list", "--json").json) == 6


def test_a_dry_run_writes_only_what_was_asked_for(branch: Any, here: Path):
    workbook("bad.xlsx", HEAD, ["钱七", "102", "在编"])
    assert branch("import", "bad.xlsx", "--dry-run").code == 4
    assert [path.name for path in here.iterdir()] == ["bad.xlsx"]
    assert branch("import", "bad.xlsx", "--dry-run", "--problems", "p.xlsx", "--json").json["problems_file"] == "p.xlsx"
    assert (here / "p.xlsx").exists()


def test_a_place_that_is_taken_is_refused_before_anything_is_written(branch: Any, here: Path):
    workbook("bad.xlsx", HEAD, ["赵六", "101", "正式党员"], ["钱七", "102", "在编"])
    (here / "p.xlsx").write_text("notes", encoding="utf8")
    refused = branch("import", "bad.xlsx", "--skip-bad", "--problems", "p.xlsx")
    assert (refused.code, "没有覆盖它" in refused.err) == (3, True)
    assert branch("import", "bad.xlsx", "--skip-bad", "--problems", "none/p.xlsx").code == 5
    assert len(branch("member", "list", "--json").json) == 4
    assert (here / "p.xlsx").read_text(encoding="utf8") == "notes"


def test_a_form_is_filled_beside_itself_or_in_a_folder(branch: Any, here: Path):
    workbook("上报表.xlsx", ["序号", "姓名", "工号"], [1], ["填表人："])
    done = branch("export", "member", "--into", "上报表.xlsx")
    assert (done.code, done.out.strip()) == (0, "上报表-已填.xlsx")
    sheet = openpyxl.load_workbook("上报表-已填.xlsx").worksheets[0]
    assert [sheet["B5"].value, sheet["C5"].value, sheet["A6"].value] == ["王芳", "004", "填表人："]
    there = branch("export", "member", "--into", "上报表.xlsx", "--out", "out", "--json")
    assert there.json["files"] == [str(Path("out/上报表.xlsx"))]
    assert openpyxl.load_workbook("上报表.xlsx").worksheets[0]["B2"].value is None


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (["export", "--into", "上报表.xlsx"], 2, "一次填一种"),
        (["export", "member", "--into", "上报表.xlsx", "--one-file"], 2, "--one-file"),
        (["export", "talk", "--into", "上报表.xlsx"], 3, "没有找到谈心谈话台账的表头"),
        (["export", "member", "--into", "没有.xlsx"], 3, "找不到文件"),
    ],
)
def test_what_cannot_be_filled_is_said(branch: Any, here: Path, line: list[str], code: int, said: str):
    workbook("上报表.xlsx", ["序号", "姓名", "工号"], [1])
    done = branch(*line)
    assert (done.code, said in done.err) == (code, True), done.err
