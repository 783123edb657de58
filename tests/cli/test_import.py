"""`import` from the command line: what is said, exit codes, and when nothing is written."""

import csv
from pathlib import Path
from typing import Any

import pytest


def sheet(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def roster(count: int, department: str = "") -> list[list[str]]:
    rows = [["姓名", "工号", "人员类别", "科室"]]
    return rows + [[f"党员{chr(0x4E00 + at)}", f"{at:04d}", "正式党员", department] for at in range(count)]


@pytest.fixture
def book(cli):
    cli("init", "--branch", "神经内科党支部")
    return cli


def test_a_roster_and_the_same_again(book, tmp_path):
    file = sheet(tmp_path / "花名册.csv", roster(20))
    first = book("import", file)
    assert (first.code, "读到 20 条，添加 20" in first.out) == (0, True)
    again = book("import", file)
    assert "读到 20 条，未变 20" in again.out
    assert "记录都已是最新" in again.out


def test_a_dry_run_writes_nothing(book, tmp_path):
    done = book("import", sheet(tmp_path / "花名册.csv", roster(3)), "--dry-run")
    assert (done.code, "以上只是预演" in done.out) == (0, True)
    assert book("member", "list", "--json").json == []


def test_with_any_problem_nothing_is_written(book, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = roster(3)
    rows[2][2] = "在编"
    file = sheet(tmp_path / "花名册.csv", rows)
    done = book("import", file)
    assert done.code == 4
    assert "第 3 行 人员类别：“在编”" in done.out
    assert book("member", "list", "--json").json == []
    skipped = book("import", file, "--skip-bad")
    assert skipped.code == 0
    assert len(book("member", "list", "--json").json) == 2


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_a_large_change_needs_a_yes(book, tmp_path, extra):
    book("import", sheet(tmp_path / "花名册.csv", roster(20)))
    changed = sheet(tmp_path / "改.csv", roster(20, "急诊科"))
    refused = book("import", changed, *extra)
    assert "党员花名册已有 20 条中的 20 条" in refused.err
    assert (refused.code, "--yes" in refused.err) == (2, True)
    assert book("member", "show", "1", "--json").json.get("department") is None
    assert book("import", changed, "--yes").code == 0
    assert book("member", "show", "1", "--json").json["department"] == "急诊科"


def test_the_same_problem_of_many_rows_is_one_line_on_the_screen_only(book, tmp_path):
    rows = [[*row, "没有的支部"] for row in roster(300)]
    rows[0][-1], rows[7][2], rows[9][2] = "所在党支部", "在编", "在编"
    file = sheet(tmp_path / "花名册.csv", rows)
    told = [line.strip() for line in book("import", file).out.splitlines() if "问题：" in line]
    assert len(told) == 2
    assert told[0].startswith("问题：第 2、3、4、5、6 行等 300 行 所在党支部 “没有的支部”：没有叫")
    assert told[1].startswith("问题：第 8、10 行 人员类别：“在编”")
    assert "共 302 个问题" in book("import", file).out
    [told] = book("import", file, "--json").json["files"][0]["sheets"]
    assert len(told["problems"]) == 302


def test_the_modes(book, tmp_path):
    book("import", sheet(tmp_path / "a.csv", roster(3, "急诊科")))
    other = sheet(tmp_path / "b.csv", roster(4, "门诊部"))
    assert "添加 1" in book("import", other, "--add-only").out
    assert book("member", "show", "1", "--json").json["department"] == "急诊科"
    assert "未变 4" in book("import", other, "--fill-blank").out
    blank = sheet(tmp_path / "c.csv", roster(4))
    assert "未变 4" in book("import", blank).out
    assert "修改 4" in book("import", blank, "--erase-blank").out
    assert book("import", blank, "--add-only", "--fill-blank").code == 2


def test_a_column_that_is_not_recognised_is_mapped_once(book, tmp_path):
    headings = ["称呼", "工号", "性别", "民族", "人员类别", "入党时间", "科室"]
    rows = [["神经内科党支部党员花名册"], headings, ["张三", "001", "男", "汉族", "正式党员", "2008.5", "急诊科"]]
    file = sheet(tmp_path / "花名册.csv", rows)
    refused = book("import", file)
    assert (refused.code, "--map 称呼=name" in refused.out) == (4, True)
    assert book("import", file, "--map", "称呼=没有的").code == 2
    assert book("import", file, "--map", "称呼=姓名", "--map", "科室=不用", "--dry-run").code == 0
    assert book("import", file, "--map", "称呼=name").code == 0
    assert "未变 1" in book("import", file).out


def test_undo_takes_back_what_a_refused_import_was_told_and_this_one_went_by(branch: Any, tmp_path: Path) -> None:
    head = ["党支部", "会议类型", "时间", "会议主旨"]
    good, bad = (["神经内科党支部", "支委会", day, "换届"] for day in ("2026-03-05", "3月35日"))
    assert branch("import", sheet(tmp_path / "错.csv", [head, bad]), "--map", "会议主旨=topic").code == 4
    assert branch("import", sheet(tmp_path / "对.csv", [head, good])).code == 0
    assert branch("undo", "--yes").code == 0
    told = branch("import", tmp_path / "对.csv", "--dry-run")
    assert (
        told.code,
        "缺少必填栏目“主题”；有这一列而叫法不同的话请用 --ledger meeting --map 表头=topic 指定" in told.err,
    ) == (3, True)


def test_a_heading_that_map_names_stands_in_the_sheet(branch: Any, tmp_path: Path) -> None:
    sheet = tmp_path / "花名册.csv"
    sheet.write_text("姓名,工号,政治,身份类\n乙某,060,正式党员,预备党员", encoding="utf-8")
    done = branch("import", sheet, "--ledger", "member", "--map", "政治=category", "--map", "政冶面=note")
    assert done.code == 2
    assert "没有“政冶面”这一列" in done.err
    assert len(branch("member", "list", "--json").json) == 4
    two = ("--map", "政治=category", "--map", "身份类=category")
    done = branch("import", sheet, "--ledger", "member", *two, "--json").json
    assert done["files"][0]["sheets"][0]["extras"] == ["身份类"]
    assert branch("member", "show", "060", "--json").json["category"] == "正式党员"


def test_what_was_read_can_be_checked_at_a_glance(branch: Any, tmp_path: Path) -> None:
    rows = [
        ["神经内科党支部2026年第三季度三会一课台账"],
        ["会议类型", "会议召开日期", "会议主题", "参会人", "天气"],
        ["党课", "9月5日", "学习一", "张三、李四", "晴"],
        ["合计1次"],
    ]
    told = branch("import", sheet(tmp_path / "会议.csv", rows), "--dry-run").out
    lines = [line.strip() for line in told.splitlines()]
    assert lines[1] == "三会一课台账：读到 1 条，添加 1，跳过 1 行（合计行 1）"
    assert {line.partition("；")[0] for line in lines[2:4]} == {
        "“会议召开日期”按“时间”读取",
        "“参会人”按“出席人员”读取",
    }
    assert "标题或表名写明：党支部 神经内科党支部" in lines
    assert "不认识的列原样保留：天气" in lines
    assert lines.index("新增：学习一") > lines.index("标题或表名写明：党支部 神经内科党支部")


def test_a_default_is_not_said_to_stand_in_the_title(branch: Any, tmp_path: Path) -> None:
    file = sheet(tmp_path / "名单.csv", [["党员姓名", "工号", "人员类别"], ["钱多", "101", "正式党员"]])
    told = branch("import", file, "--dry-run").out
    assert "表里没有写明党支部，按唯一的“神经内科党支部”计" in told
    assert "标题或表名写明" not in told
    assert "栏目：党员姓名→姓名" in told
    assert "新增：钱多" in told


def test_a_new_row_with_a_members_name_says_so(branch: Any, tmp_path: Path) -> None:
    head = ["姓名", "工号", "人员类别"]
    told = branch("import", sheet(tmp_path / "甲.csv", [head, ["张三", "", "正式党员"]]))
    assert (told.code, "本支部已有同名的编号 1（张三）" in told.out) == (4, True)
    told = branch("import", sheet(tmp_path / "乙.csv", [head, ["张三", "977", "正式党员"]]))
    assert (told.code, "工号不同，按另一个人添加，请核对" in told.out) == (0, True)
    born = sheet(tmp_path / "丙.csv", [["姓名", "出生年月", "人员类别"], ["张三", "1955-03", "正式党员"]])
    told = branch("import", born)
    assert (told.code, "请在这一行补上工号或公民身份号码，同一个人写相同的" in told.out) == (4, True)
    assert "他没有登记的先用 partybuild member edit 1 补上" in told.out


def test_a_namesake_without_numbers_comes_in_once_both_have_one(book: Any, tmp_path: Path) -> None:
    head = ["姓名", "出生年月", "工号", "人员类别"]
    pair = [["甲一", "1980-01", "", "正式党员"], ["甲一", "1990-01", "", "正式党员"]]
    assert book("import", sheet(tmp_path / "两个.csv", [head, *pair])).code == 0  # one list that has both before it
    third = sheet(tmp_path / "第三个.csv", [head, ["甲一", "1970-01", "0903", "正式党员"]])
    assert book("import", third).code == 4
    assert [book("member", "edit", number, "--staff-no", f"090{number}").code for number in "12"] == [0, 0]
    assert book("import", third).code == 0
    assert len(book("member", "list", "--json").json) == 3


@pytest.mark.parametrize("number", ["301", "'0301", '="0301"', "h0301", "H0301"])
def test_one_staff_number_however_it_was_spelled(book: Any, tmp_path: Path, number: str) -> None:
    first = [["姓名", "工号", "公民身份号码", "人员类别"], ["甲一", "0301", "119900198001011238", "正式党员"]]
    assert book("import", sheet(tmp_path / "甲.csv", first)).code == 0
    head = ["姓名", "工号", "出生年月", "人员类别"]
    same = book("import", sheet(tmp_path / "乙.csv", [head, ["甲一", number, "1980-01", "正式党员"]]), "--dry-run")
    assert "添加" not in same.out.splitlines()[1]
    other = book("import", sheet(tmp_path / "丙.csv", [head, ["乙二", "0301", "1975-01", "正式党员"]]))
    assert (other.code, "这个工号已经是编号 1（甲一）的" in other.out) == (4, True)
    assert book("member", "show", "1", "--json").json["staff_no"] == "0301"


@pytest.mark.parametrize("said", ["2026年第一季度", "第一季度", "1-3月"])
def test_a_quarter_in_the_row_is_asked_about_unless_it_says_what_a_month_is(
    branch: Any, tmp_path: Path, said: str
) -> None:
    rows = [["神经内科党支部2026年党费收缴表"], ["姓名", "季度", "每月应缴", "季度实缴"], ["张三", said, "30", "90"]]
    assert "添加 3" in branch("import", sheet(tmp_path / "党费.csv", rows), "--dry-run").out
    rows = [rows[0], ["姓名", "季度", "季度实缴"], ["张三", said, "90"]]
    told = branch("import", sheet(tmp_path / "党费.csv", rows), "--dry-run")
    assert told.code == 4
    assert "季度实缴 “90”：这是几个月的数，表中没有写明每个月是多少；请加一列“每月应缴”" in told.out
    assert "没有找到“月份”" not in told.out


def test_a_sample_does_not_bear_the_name_of_its_source(
    book: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = sheet(tmp_path / "张三谈话记录.csv", [["姓名", "工号"], ["张三", "001"]])
    assert book("import", "--sample", source).code == 0
    assert {path.name for path in tmp_path.iterdir() if path.suffix in (".csv", ".xlsx")} == {source.name, "样本.xlsx"}


def test_a_sheet_none_of_whose_rows_can_be_written_is_not_said_to_be_up_to_date(book: Any, tmp_path: Path) -> None:
    rows = [["姓名", "类别"], ["张三", "在编"], ["李四", "合同"]]
    done = book("import", sheet(tmp_path / "花名册.csv", rows), "--ledger", "member", "--skip-bad")
    assert "没有一行可以写入" in done.out
    assert "已写入" not in done.out


def test_a_heading_is_mapped_to_a_field_of_the_ledger_that_it_stands_in(book: Any, tmp_path: Path) -> None:
    file = sheet(tmp_path / "花名册.csv", [["姓名", "人员类别", "身份"], ["张三", "正式党员", "党员"]])
    done = book("import", file, "--map", "身份=hours")
    assert done.code == 2
    assert "党员花名册没有“hours”这个字段" in done.err


@pytest.mark.parametrize(("posts", "field"), [(("支部书记", "组织委员"), "party_post"), (("科主任", "组织委员"), "position")])
def test_a_column_of_posts_says_by_its_values_which_posts(
    book: Any, tmp_path: Path, posts: tuple[str, str], field: str
) -> None:
    rows = [["姓名", "工号", "人员类别", "职务"], ["张三", "901", "正式党员", posts[0]], ["李四", "902", "正式党员", posts[1]]]
    assert book("import", sheet(tmp_path / "花名册.csv", rows)).code == 0
    told = book("member", "show", "张三", "--json").json
    assert {key: told.get(key) for key in ("party_post", "position") if told.get(key)} == {field: posts[0]}
