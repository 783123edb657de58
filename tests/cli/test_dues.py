"""`dues`: states, rates, what a month owes, arrears, and the register of twelve months."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl import load_workbook

MONTH = "2026-09"


def _add(cli, member, month, **cells):
    words = [word for key, value in cells.items() for word in (f"--{key}", value)]
    done = cli("dues", "add", "--member", member, "--month", month, *words)
    assert done.code == 0, done.err


def _records(cli):
    def called(member):
        """A namesake is printed by name and 工号."""
        return member if isinstance(member, str) else f"{member['name']}({member['staff_no']})"

    return {(called(one["member"]), one["month"]): one for one in cli("dues", "list", "--json").json}


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"due": "50", "paid": "50"}, "已缴"),
        ({"due": "50", "paid": "49.99"}, "未缴足"),
        ({"due": "50"}, "未登记"),
        ({"due": "50", "paid": "0"}, "未缴"),
        ({"paid": "20"}, "已缴"),
        ({"state": "未缴"}, "未缴"),
        ({"base": "0"}, "未登记"),
        ({"due": "50", "state": "免缴"}, "免缴"),
        ({"due": "0"}, "免缴"),
    ],
)
def test_the_state_follows_from_the_amounts(branch, cells, state):
    _add(branch, "张三", MONTH, **cells)
    assert branch("dues", "show", 1, "--json").json["state"] == state


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        (["3000"], "15.00"), (["3000.01"], "30.00"), (["5000"], "50.00"), (["5000.01"], "75.00"),
        (["10000"], "150.00"), (["10000.01"], "200.00"), (["5000", "--retired"], "25.00"), (["5000.01", "--retired"], "50.00"),
    ],
)  # fmt: skip
def test_a_rate_holds_for_the_whole_base(branch, words, amount):
    assert f"每月应缴 {amount} 元" in branch("dues", "rate", *words).out


def test_an_unusual_amount_asks_and_a_wrong_base_is_refused(branch):
    assert "请确认按1000元" in branch("dues", "rate", "60000").out
    assert branch("dues", "rate", "-1").code == 2
    assert branch("dues", "rate", "很多").code == 2


def test_a_month_is_prepared_from_the_last_base(branch):
    _add(branch, "张三", "2026-07", base="5000")
    _add(branch, "张三", "2026-08", base="5000.01")
    _add(branch, "王芳(003)", "2026-08", base="8000", due="100")
    assert branch("member", "edit", "003", "--staff-kind", "退休", "--correct").code == 0
    done = branch("dues", "prepare", "2026年9月")
    assert done.code == 0, done.err
    assert "李四" in done.err
    records = _records(branch)
    assert (records["张三", MONTH]["base"], records["张三", MONTH]["due"]) == ("5000.01", "75")
    assert records["王芳(003)", MONTH]["due"] == "80"
    assert ("李四", MONTH) not in records
    assert branch("dues", "prepare", MONTH).out == "已核定 2026-09 应缴 0 人。\n"


def test_a_due_that_followed_the_base_follows_it_again(branch):
    _add(branch, "张三", "2026-08", base="8120", due="121.80")
    done = branch("dues", "edit", 1, "--base", "9800")
    assert done.out == "缴纳基数：8120.00 → 9800.00\n应缴：121.80 → 147.00\n已修改党费收缴台账编号 1。\n"
    told = branch("log", "show", branch("log", "--json").json[0]["change"]).out
    assert "应缴：121.80 → 147.00" in told
    assert branch("undo", "--yes").code == 0
    assert branch("dues", "show", 1, "--json").json["due"] == "121.8"


def test_a_due_that_was_typed_stays_and_is_told(branch):
    _add(branch, "张三", "2026-08", base="8000", due="100")
    done = branch("dues", "edit", 1, "--base", "9800")
    assert "应缴 100.00 元不是按原基数算出的，没有跟着改；按新基数每月应缴 147.00 元" in done.err
    assert branch("dues", "show", 1, "--json").json["due"] == "100"
    for words in (["--base", "6000", "--due", "90"], ["--base", "6100", "--clear", "due"], ["--base", "6200"]):
        assert branch("dues", "edit", 1, *words).err == ""
    assert branch("dues", "show", 1, "--json").json.get("due") is None
    assert branch("dues", "edit", 1, "--base", "很多").code == 4


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        ({"base": "12000", "due": "100"}, "240.00"),
        ({"base": "12000", "due": "300"}, "240.00"),
        ({"base": "12000", "due": "120", "payer": "在职"}, "240.00"),
        ({"base": "12000", "due": "240", "payer": "退休"}, "120.00"),
        ({"base": "3000.01", "due": "15", "payer": "在职"}, "30.00"),
        ({"due": "5", "payer": "学生"}, "0.20"),
        ({"base": "12000", "due": "240"}, ""),
        ({"base": "12000", "due": "120"}, ""),  # who draws a pension; check knows
        ({"base": "8345", "due": "125.2"}, ""),  # to a whole 角
        ({"base": "8345", "due": "125"}, ""),
        ({"base": "60000", "due": "1000"}, ""),
        ({"base": "12000", "due": "100", "reduction": "院党委2026年1月批准"}, ""),
        ({"base": "12000", "state": "免缴"}, ""),
        ({"due": "100"}, ""),
    ],
)
def test_what_is_due_is_compared_with_the_rate_of_the_base(branch, tmp_path, cells, right):
    words = [word for key, value in cells.items() for word in (f"--{key}", value)]
    said = branch("dues", "add", "--member", "张三", "--month", MONTH, *words).err
    assert ("与标准不符" in said, f"每月应缴 {right} 元" in said) == (bool(right), bool(right))
    sheet = tmp_path / "党费.csv"
    headings = {"base": "缴纳基数", "due": "应缴", "payer": "缴费类别", "reduction": "减免批准", "state": "缴纳情况"}
    lines = [["姓名", "月份", "实缴", *(headings[key] for key in cells)], ["张三", "2026-08", "", *cells.values()]]
    sheet.write_text("\n".join(map(",".join, lines)), encoding="utf8")
    [found] = branch("import", sheet, "--ledger", "dues", "--json").json["files"][0]["sheets"]
    assert (found["problems"], any(right in one["message"] for one in found["warnings"] if right)) == ([], bool(right))


@pytest.mark.parametrize(
    ("words", "due"),
    [
        (("--base", "12000"), "240"),
        (("--base", "12000", "--payer", "离退休党员"), "120"),
        (("--payer", "学生"), "0.2"),
        (("--base", "12000", "--due", "100"), "100"),
        (("--base", "12000", "--state", "免缴"), None),
        (("--base", "12000", "--reduction", "院党委批准"), None),
    ],
)
def test_a_base_brings_what_is_due(branch, words, due):
    done = branch("dues", "add", "--member", "张三", "--month", MONTH, *words, "--json")
    assert (done.code, done.json.get("due")) == (0, due)


def test_a_retired_member_s_base_brings_what_is_due_of_him_to_the_coin_of_the_unit(branch):
    assert branch("member", "edit", "001", "--staff-kind", "退休", "--correct").code == 0
    assert branch("settings", "set", "dues_rounding", "元").code == 0
    done = branch(
        "dues", "add", "--member", "001", "--member", "王芳(003)", "--month", MONTH, "--base", "8333", "--json"
    )
    assert [one["due"] for one in done.json] == ["83", "125"]
    assert branch("dues", "prepare", "2026-10").code == 0
    assert [one["due"] for one in branch("dues", "list", "--period", "2026-10", "--json").json] == ["83", "125"]


def test_an_approved_reduction_and_a_student_go_on_in_the_next_month(branch):
    _add(branch, "张三", MONTH, base="12000", due="100", reduction="院党委批准")
    _add(branch, "李四", MONTH, payer="学生")
    assert branch("dues", "prepare", "2026-10").out == "已核定 2026-10 应缴 2 人。\n"
    found = branch("dues", "list", "--period", "2026-10", "--json").json
    assert [(one["due"], one.get("reduction"), one.get("payer")) for one in found] == [
        ("100", "院党委批准", None),
        ("0.2", None, "学生等无固定收入党员"),
    ]


def test_a_blank_month_of_a_register_is_unknown_and_six_of_them_are_told_apart(branch, tmp_path):
    rows = [["姓名", "工号", "应缴", *(f"{month}月" for month in range(1, 7))]]
    rows += [["张三", "001", "50", *[""] * 6], ["王芳", "003", "50", *["0"] * 6], ["王芳", "004", "50", *["50"] * 6]]
    sheet = tmp_path / "登记表.csv"
    sheet.write_text("2026年党费收缴登记表\n" + "\n".join(map(",".join, rows)), encoding="utf8")
    assert branch("import", sheet).code == 0
    assert len(branch("dues", "list", "--json").json) == 12
    found = {one["name"]: one["state"] for one in branch("dues", "arrears", "2026H1", "--json").json}
    assert found == {"张三": "连续六个月不知道缴没缴", "李四": "没有记录", "王芳(003)": "连续六个月未缴"}
    [item] = branch("check", "2026H1", "D5", "--json").json["items"]
    assert item["figure"].startswith("应缴20人月，缴足6人月，按期6人月，未缴足6人月，无记录8人月")
    assert item["figure"].endswith("；连续六个月未缴：王芳(003)；连续六个月不知道缴没缴：张三")


def test_only_members_of_that_month_owe_it(branch):
    _add(branch, "李四", "2026-07", base="3000")
    assert branch("dues", "prepare", "2026-04").out.startswith("已核定 2026-04 应缴 0 人")  # 李四 joined in May
    assert branch("dues", "prepare", "2007-01").code == 2
    assert branch("dues", "prepare", "2026").code == 2


def test_arrears_tell_unpaid_from_unrecorded(branch):
    for month in range(1, 7):
        _add(branch, "张三", f"2026-{month:02d}", due="50", paid="0")
        for other in ("王芳(003)", "王芳(004)"):
            _add(branch, other, f"2026-{month:02d}", due="50", paid="50")
    found = branch("dues", "arrears", "2026H1", "--json").json
    told = {one["name"]: (one["state"], one["months"]) for one in found}
    assert told["张三"] == ("连续六个月未缴", [f"2026-{month:02d}" for month in range(1, 7)])
    assert told["李四"] == ("没有记录", ["2026-05", "2026-06"])
    assert "王芳(003)" not in told


def test_the_register_is_read_back_unchanged(branch, tmp_path):
    path = tmp_path / "register.xlsx"
    for month in ("2026-01", "2026-02", "2026-12"):
        _add(branch, "张三", month, base="5000", due="50", paid="50")
        _add(branch, "王芳(003)", month, state="免缴")
    done = branch("dues", "register", "2026", "--out", path)
    assert done.code == 0, done.err
    sheet = load_workbook(path).active
    rows = {row[1]: row[4:18] for row in sheet.iter_rows(values_only=True) if row[1] in ("张三", "王芳(003)")}
    assert rows["张三"] == (50, 50, *[None] * 9, 50, 150, None)
    assert rows["王芳(003)"][:2] == ("免缴", "免缴")
    assert branch("dues", "register", "2026Q1").code == 2


def test_the_day_of_a_register_is_no_day_to_come(branch, tmp_path):
    path = tmp_path / "register.xlsx"
    _add(branch, "张三", "2026-01", paid="50")
    assert branch("dues", "register", "2026", "--out", path).code == 0
    sheet = load_workbook(path).active
    told = " ".join(str(cell) for row in sheet.iter_rows(values_only=True, max_row=3) for cell in row if cell)
    assert str(min(date.today(), date(2026, 12, 31)).year) in told


def test_the_register_holds_what_was_paid_to_the_branch(branch, tmp_path):
    """Who was transferred paid January to the one branch and March to the other."""
    branch("branch", "add", "--name", "外科党支部", "--kind", "党支部")
    for month, paid in (("2026-01", "5"), ("2026-03", "7")):
        branch("dues", "add", "--member", "003", "--month", month, "--paid", paid)
    assert branch("member", "transfer", "003", "--to", "外科党支部", "--on", "2026-02-10").code == 0
    for name, total in (("神经内科党支部", 5), ("外科党支部", 7)):
        file = tmp_path / f"{name}.xlsx"
        assert branch("dues", "register", "2026", "--branch", name, "--out", str(file)).code == 0
        rows = [[cell for cell in row if cell is not None] for row in load_workbook(file).active.values]
        assert [row for row in rows if row and row[0] == "合计"] == [["合计", total, total]]
    assert branch("dues", "register", "2026", "--branch", "没有", "--out", str(file)).code == 3


def _paid(cli):
    return {key: (one.get("due"), one.get("paid"), one.get("paid_on")) for key, one in _records(cli).items()}


def test_everybody_but_one_pays_a_month_in_one_command(branch):
    _add(branch, "张三", "2026-09", base="5000")
    _add(branch, "003", "2026-09", base="3000")
    _add(branch, "004", "2026-10", due="20", paid="20")
    before = len(branch("log", "--json").json)
    done = branch("dues", "pay", "2026-10", "--all", "--except", "李四", "--on", "2026-10-12")
    assert done.code == 0, done.err
    assert "已登记 2026-10 缴纳党费 2 人，共 65 元" in done.out
    assert "早已缴清，没有改动：王芳(004)" in done.err
    paid = {key[0]: one for key, one in _paid(branch).items() if key[1] == "2026-10"}
    assert paid == {
        "张三": ("50", "50", "2026-10-12"),
        "王芳(003)": ("15", "15", "2026-10-12"),
        "王芳(004)": ("20", "20", None),
    }
    assert len(branch("log", "--json").json) == before + 1
    assert branch("undo", "--yes").code == 0
    assert ("张三", "2026-10") not in _paid(branch)


def test_what_was_prepared_or_is_short_is_told_from_what_is_not_known(branch):
    _add(branch, "张三", "2026-10", due="50")
    _add(branch, "李四", "2026-10", due="50", paid="40")
    _add(branch, "003", "2026-10", due="50", state="免缴")
    done = branch("dues", "pay", "2026-10", "--all", "--on", "10.12")
    assert (done.code, "缴纳党费 1 人，共 50 元" in done.out) == (0, True)
    for said in (
        "未缴足，没有改动，补缴的请加 --paid",
        "：李四。",
        "不知道缴纳基数",
        "：王芳(004)。",
        "免缴：王芳(003)。",
    ):
        assert said in done.err
    assert branch("dues", "pay", "2026-10", "--member", "李四", "--paid", "50").code == 0
    assert _paid(branch)["李四", "2026-10"][1] == "50"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "请写明谁缴了"),
        (["--member", "赵六"], 4, "花名册中没有“赵六”"),
        (["--member", "张三、004"], 4, "还不知道缴纳基数：王芳(004)"),
        (["--member", "张三", "--paid", "很多"], 4, "实缴"),
        (["--all", "--on", "昨日天"], 4, "缴纳日期"),
    ],
)
def test_nobody_paid_where_one_is_not_understood(branch, words, code, said):
    _add(branch, "张三", "2026-09", base="5000")
    done = branch("dues", "pay", "2026-10", *words)
    assert (done.code, said in done.err) == (code, True), done.err
    assert len(_paid(branch)) == 1


def test_who_paid_is_asked_on_a_terminal(branch, sitting):
    _add(branch, "张三", "2026-09", base="5000")
    left = sitting("2026-10", "赵六", "全体，除 李四、003、004", "10月12日")
    done = branch("dues", "pay")
    assert (done.code, left) == (0, []), done.err
    line = "partybuild dues pay 2026-10 --all --except 李四 --except 003 --except 004 --on 2026-10-12"
    assert line in done.err
    assert branch("log", "--json").json[0]["command"] == line


def test_what_followed_when_it_was_exported_is_not_what_somebody_says(branch, tmp_path: Path) -> None:
    """免缴 and 未缴 in an exported register follow from the amounts: coming back they change nothing and exempt nobody."""
    for member, due in (("张三", "0"), ("李四", "30")):
        branch("dues", "add", "--member", member, "--month", "2026-01", "--due", due)
    assert branch("export", "dues", "--out", tmp_path / "台账").code == 0
    file = tmp_path / "台账" / "党费收缴台账.xlsx"
    assert "读到 2 条，未变 2" in branch("import", file).out
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    head = {cell.value: cell.column for cell in sheet[3]}
    row = next(row[0].row for row in sheet.iter_rows(min_row=4) if row[head["姓名"] - 1].value == "张三")
    sheet.cell(row, head["应缴"]).value = 25
    book.save(file)
    assert branch("import", file, "--yes").code == 0
    kept = {one["member"]: one for one in branch("dues", "list", "--json").json}
    assert (kept["张三"]["due"], kept["张三"]["state"]) == ("25", "未登记")
    assert kept["李四"].get("paid") is None
