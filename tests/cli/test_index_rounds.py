"""Posting, objections, revisions, locking, and what moved: what was posted stays as it was posted."""

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.conftest import do

pytestmark = pytest.mark.usefixtures("first_edition")

LATE = ("meeting", "add", "--kind", "党课", "--on", "2026-09-28", "--topic", "迟到的党课", "--absent", "张三")


def digest(folder: Path) -> list[str]:
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.xlsx"))]


@pytest.fixture
def quarter(branch, prepared):
    """神经内科党支部 with two meetings, dues and a service in the third quarter of 2026."""
    lines = (
        "meeting add --kind 支部党员大会 --on 2026-07-06 --topic 第一次大会",
        "meeting add --kind 主题党日 --on 2026-08-05 --topic 八月主题党日 --absent 李四:值班",
        "service add --kind 义诊 --on 2026-08-15 --title 义诊 --member 张三 --member 李四",
    )
    prepared("rounds", lambda: do(branch, lines))
    return branch


def test_posting_is_the_same_to_the_byte_whatever_comes_later(quarter, tmp_path: Path) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    done = quarter("index", "publish", "2026Q3", "--on", "2026-10-09", "--out", out)
    assert done.out.startswith("神经内科党支部：已公示，公示期 2026-10-09 至 2026-10-14。\n")
    quarter("member", "transfer", "李四", "--to", "市第一医院", "--on", "2026-09-20")
    assert quarter(*LATE).code == 0
    done = quarter("index", "publish", "2026Q3", "--on", "2026-12-01", "--out", again)
    assert "早已公示，没有改动，公示期 2026-10-09 至 2026-10-14" in done.out
    assert digest(out) == digest(again) != []
    assert quarter("index", "compute", "2026Q3").out.startswith("神经内科党支部：已公示，没有改动")


def test_diff_names_the_late_meeting(quarter) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    assert quarter("index", "diff", "2026Q3", "--revision").out == "没有变动。\n"
    quarter(*LATE)
    [found] = quarter("index", "diff", "2026Q3", "--revision", "--json").json["comparisons"]
    assert (found["from"], found["to"]) == ("第 1 次公示", "现有记录")
    assert found["records"] == [
        {"sign": "+", "ledger": "meeting", "day": "2026-09-28", "title": "迟到的党课", "members": 4}
    ]
    moved = {one["staff_no"]: one for one in found["members"]}
    assert moved["001"]["before"] != moved["001"]["after"]
    lines = {line["name"]: line for line in moved["001"]["lines"]}
    assert [record["title"] for record in lines["无故缺席"]["come"]] == ["迟到的党课"]
    quarter("index", "revise", "2026Q3", "--reason", "补记党课", "--on", "2026-10-20")
    [found] = quarter("index", "diff", "2026Q3", "--revision", "--json").json["comparisons"]
    assert (found["from"], found["to"]) == ("第 1 次公示", "第 2 次公示")


def test_a_veto_is_lifted_by_revision_and_both_stay_readable(quarter, book) -> None:
    from partybuild_cli.index.pages import posting_page
    from partybuild_cli.index.participants import roll_of
    from partybuild_cli.index.quarter import Quarter

    veto = ("conduct", "add", "--member", "张三", "--on", "2026-08-20", "--kind", "违法犯罪")
    quarter(*veto, "--basis", "通报", "--decided-by", "纪委", "--decided-on", "2026-09-01")
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    account = quarter("index", "explain", "张三", "2026Q3", "--json").json
    assert (account["score"], account["band"], account["vetoes"]) == ("0.0", "待改进", ["违法犯罪"])
    quarter("conduct", "remove", "1", "--yes")
    assert quarter("index", "explain", "张三", "2026Q3", "--json").json["score"] == "0.0"
    done = quarter("index", "revise", "2026Q3", "--reason", "处分撤销", "--on", "2026-10-20")
    assert "已修订（第 2 次公示）" in done.out
    assert quarter("index", "explain", "张三", "2026Q3", "--json").json["score"] != "0.0"
    with book.reading() as connection:
        first, second = (posting_page(roll_of(connection, Quarter("2026Q3")), 1, revision=one) for one in (1, 2))
    assert "一票否决" in [row[-1] for row in first.rows]
    assert "一票否决" not in [row[-1] for row in second.rows]
    assert "本表为第 2 次公示，修订理由：处分撤销。" in second.remarks


def test_an_incomplete_veto_is_said_and_not_applied(quarter) -> None:
    quarter("conduct", "add", "--member", "张三", "--on", "2026-08-20", "--kind", "违法犯罪", "--basis", "通报")
    done = quarter("index", "compute", "2026Q3")
    assert "张三的一票否决事项“违法犯罪”缺少依据、认定日期或认定人，没有执行" in done.err
    assert quarter("index", "explain", "张三", "2026Q3", "--json").json["vetoes"] == []


def test_a_matter_that_no_scheme_knows_is_said(quarter) -> None:
    quarter("conduct", "add", "--member", "张三", "--on", "2026-08-20", "--kind", "献血")
    assert "张三 2026-08-20 的事项“献血”方案中没有，没有计入" in quarter("index", "compute", "2026Q3").err


def test_objections_are_answered_before_the_lock(quarter) -> None:
    assert quarter("index", "object", "2026Q3", "--by", "李四", "--matter", "少计").code == 3
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    assert quarter("index", "object", "2026Q3", "--by", "李四").code == 2
    done = quarter(
        "index", "object", "2026Q3", "--by", "李四", "--matter", "少计义诊", "--member", "李四", "--on", "2026-10-10"
    )
    assert done.out.startswith("已登记异议，编号 1。")
    done = quarter("index", "lock", "2026Q3")
    assert (done.code, "还有 1 件异议没有答复" in done.err) == (4, True)
    quarter(*"index object 2026Q3 --number 1 --handled-by 张三 --answer 已核实 --answered-on 2026-10-12".split())
    assert quarter("index", "objections", "2026Q3", "--json").json == [
        {
            "id": 1,
            "branch": "神经内科党支部",
            "revision": 1,
            "member": "李四",
            "raised_by": "李四",
            "raised_on": "2026-10-10",
            "matter": "少计义诊",
            "handled_by": "张三",
            "finding": None,
            "answer": "已核实",
            "answered_on": "2026-10-12",
        }
    ]
    assert quarter("index", "lock", "2026Q3").out == "已锁定：神经内科党支部。\n"
    assert quarter("index", "list", "2026Q3", "--json").json["state"] == "locked"
    assert quarter("index", "object", "2026Q3", "--by", "李四", "--matter", "又").code == 4
    quarter(*LATE)
    assert quarter("index", "revise", "2026Q3", "--reason", "补记").code == 0
    assert quarter("index", "list", "2026Q3", "--json").json["state"] == "revised"


def test_no_lock_while_the_posting_hangs(quarter) -> None:
    quarter("index", "publish", "2026Q3")  # from today on
    done = quarter("index", "lock", "2026Q3")
    assert (done.code, "还没有结束，没有锁定" in done.err) == (4, True)


def test_the_posting_shows_no_more_than_it_should(quarter, book, tmp_path: Path) -> None:
    from partybuild_cli.index.pages import posting_page
    from partybuild_cli.index.participants import roll_of
    from partybuild_cli.index.quarter import Quarter

    quarter("member", "edit", "004", "--exempt-reason", "病假", "--correct")
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    with book.reading() as connection:
        page = posting_page(roll_of(connection, Quarter("2026Q3")), 1)
        masked = posting_page(roll_of(connection, Quarter("2026Q3")), 1, mask=True)
    assert page.title == "神经内科党支部2026年第三季度党员先锋指数公示"
    assert [field.heading for field in page.fields][-3:] == ["季度指数", "档次", "备注"]
    assert sorted(row[0] for row in page.rows) == ["张三", "李四", "王芳(003)", "王芳(004)"]
    assert [row[-1] for row in page.rows if row[0] == "王芳(004)"] == ["不计分：免考核"]
    assert [row[-1] for row in page.rows if row[0] == "李四"] == ["预备党员"]
    assert not any("病假" in str(cell) for row in page.rows for cell in row)
    assert sorted(row[0] for row in masked.rows) == ["张*", "李*", "王*", "王*"]
    assert "公示时间：2026年10月9日至2026年10月14日（5个工作日）。" in page.opening
    assert "受理人：" in page.opening


def test_the_year(quarter) -> None:
    for month, label in (("03", "2026Q1"), ("07", "2026Q3")):
        quarter("meeting", "add", "--kind", "党课", "--on", f"2026-{month}-13", "--topic", f"课{month}")
        assert quarter("index", "compute", label).code == 0
    quarter("review", "add", "--member", "张三", "--year", "2026", "--grade", "合格")
    year = quarter("index", "annual", "2026", "--json").json
    assert year["drafts"] == ["2026Q1", "2026Q3"]
    members = {one["staff_no"]: one for one in year["members"]}
    assert list(members["001"]["quarters"]) == ["2026Q1", "2026Q3"]
    assert members["001"]["review"] == "合格"
    assert (members["002"]["index"], members["002"]["proposal"]) == (None, "不评定")
    mean = sum(float(score) for score in members["001"]["quarters"].values()) / 2
    assert abs(float(members["001"]["index"]) - mean) < 0.06
    assert quarter("index", "annual", "2031").code == 2  # has not begun
    assert quarter("index", "annual", "2021").code == 3
    assert quarter("index", "annual", "二〇二六").code == 2


def test_a_scheme_that_counts_something_else_by_the_same_rule_is_another(quarter, tmp_path: Path) -> None:
    own = tmp_path / "本院.toml"
    own.write_text('extends = "默认方案"\nid = "本院"\n[indicators.B1]\nkinds = ["党课"]\n', encoding="utf8")
    done = quarter("index", "scheme", "diff", "默认方案", own)
    assert "没有不同" not in done.out
    assert "B1：三会一课出席" in done.out
    assert 'kinds = ["党课"]' in done.out
    assert len(done.out.splitlines()) == 2


@pytest.mark.parametrize("wrong", ['dimension = "Z"', 'measure = "xx"', 'rule = "each"', "points = 9"])
def test_nobody_is_scored_by_a_scheme_that_does_not_hold_together(quarter, tmp_path: Path, wrong: str) -> None:
    own = tmp_path / "坏.toml"
    own.write_text(f'extends = "默认方案"\nid = "本院"\n[indicators.A1]\n{wrong}\n', encoding="utf8")
    for words in (("typical", own), ("diff", "默认方案", own, "2026Q3")):
        done = quarter("index", "scheme", *words)
        assert (done.code, done.out) == (4, "")
        assert "处问题" in done.err
        assert "index scheme check" in done.err


def test_a_scheme_of_the_units_own(quarter, tmp_path: Path) -> None:
    own = tmp_path / "本院.toml"
    assert quarter("index", "scheme", "new", own).code == 0
    assert quarter("index", "scheme", "new", own).code == 3
    text = own.read_text(encoding="utf8").replace('id = "默认方案"', 'id = "本院"')
    own.write_text(text, encoding="utf8")
    assert quarter("index", "scheme", "check", own).out == "方案 本院@2 没有问题：19 项指标，合计 100 分。\n"
    assert "方案 本院@2。" in quarter("index", "compute", "2026Q3", "--scheme", own).out
    assert quarter("index", "list", "2026Q3", "--json").json["scheme"] == "本院@2"
    assert quarter("index", "list", "2026Q4", "--json").json["scheme"] == "本院@2"
    own.write_text(text.replace("points = 10", "points = 11", 1), encoding="utf8")
    assert quarter("index", "scheme", "check", own).code == 4
    assert quarter("index", "compute", "2026Q3", "--scheme", own).code == 4
    own.write_text(text.replace("org_gap = 5", "org_gap = 6"), encoding="utf8")
    done = quarter("index", "compute", "2026Q3", "--scheme", own)
    assert (done.code, "请把文件中的 version 加 1 再用" in done.err) == (3, True)
    assert quarter("index", "compute", "2018Q4", "--scheme", "默认方案").code == 3
    assert quarter("index", "compute", "2026Q3", "--scheme", "没有").code == 3


@pytest.mark.parametrize("quarter_text", ["2026Q5", "2026", "abc"])
def test_no_quarter_is_a_usage_fault(branch, quarter_text: str) -> None:
    for command in ("compute", "list", "publish"):
        done = branch("index", command, quarter_text)
        assert (done.code, done.out) == (2, "")
        assert quarter_text in done.err


def test_nobody_and_nothing(branch) -> None:
    assert branch("index", "explain", "无此人", "2026Q3").code == 3
    assert branch("index", "list", "2026Q3", "--branch", "没有这个支部").code == 3
    assert branch("index", "list", "2007Q3", "--json").json["members"] == []
    assert branch("index", "publish", "2007Q3").code == 3
    assert branch("index", "diff", "2026Q3", "--revision").code == 3
    assert branch("index", "diff", "2026Q3").code == 2
    assert branch("index", "explain", "李四", "2026Q1").code == 3


def test_what_one_more_would_bring(quarter) -> None:
    found = quarter("index", "explain", "张三", "2026Q3", "--what-if", "service:+1", "--json").json["what_if"]
    # 65 of the 100 points can be scored, so every point weighs 100/65
    assert [(one["id"], one["points"]) for one in found] == [
        ("D1", {"before": "0", "after": "3.0769"}),
        ("D2", {"before": "4.6154", "after": "9.2308"}),
        ("D3", {"before": "0", "after": "1.5384"}),
    ]
    assert all(one["difference"].startswith("+") for one in found)
    assert quarter("index", "explain", "张三", "2026Q3", "--what-if", "没有:+1").code == 2
    assert quarter("index", "explain", "张三", "2026Q3", "--what-if", "service").code == 2


def test_the_account_of_one_member_as_a_workbook(quarter, tmp_path) -> None:
    told = quarter("index", "explain", "张三", "2026Q3", "--out", tmp_path / "明细.xlsx", "--json").json
    sheet = load_workbook(tmp_path / "明细.xlsx").worksheets[0]
    lines = {row[0]: row for row in sheet.iter_rows(min_row=4, values_only=True)}
    assert (sheet.title, "先锋指数得分明细" in sheet["A1"].value) == ("张三", True)
    for one in told["indicators"]:
        assert lines[one["id"]][1] == one["name"]
        assert Decimal(str(lines[one["id"]][4])) == Decimal(one["points"])
        assert all(record["title"] in lines[one["id"]][6] for record in one["records"])
    assert any(f"季度指数 {told['score']}" in str(value) for row in sheet.values for value in row)


def test_log_names_the_command_and_undo_passes_over_it(quarter) -> None:
    quarter("index", "compute", "2026Q3")
    assert "index compute" in quarter("log").out.splitlines()[1] or "没有改动记录" in quarter("log").out
    done = quarter("undo", "--yes")
    assert done.code == 0
    assert quarter("service", "list", "--json").json == []


def test_a_scheme_of_the_units_own_bears_a_name_of_its_own(quarter, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    assert quarter("index", "scheme", "new", own).code == 0
    assert quarter("index", "compute", "2026Q3", "--scheme", own).code == 0
    text = own.read_text(encoding="utf8").replace("target = 8", "target = 9")
    for version in ("version = 1", "version = 2"):
        own.write_text(text.replace("version = 1", version), encoding="utf8")
        for words in (("scheme", "check", own), ("compute", "2026Q3", "--scheme", own)):
            done = quarter("index", *words)
            assert (done.code, "id“默认方案”是内置方案的名称，而内容不同" in done.out + done.err) == (4, True)


@pytest.mark.parametrize("number", ["abc", "0", "1.5"])
def test_the_number_of_an_objection_is_refused_in_chinese(quarter, number: str) -> None:
    done = quarter("index", "object", "2026Q3", "--number", number, "--answer", "x")
    assert done.code == 2
    assert not any(word in done.err for word in ("valid", "int."))


def test_an_answer_goes_to_the_objection_that_is_meant(quarter) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    quarter("index", "object", "2026Q3", "--by", "李四", "--matter", "少计", "--on", "2026-10-10")
    answer = ("--number", "1", "--answer", "已核实", "--answered-on", "2026-10-12")
    other = quarter("index", "object", "2026Q2", *answer)
    assert (other.code, "2026Q2 没有编号 1 的异议，编号 1 是 2026Q3 的" in other.err) == (3, True)
    for words in (("--by", "王芳"), ("--member", "李四"), ("--on", "2026-10-11"), ("--branch", "神经内科党支部")):
        done = quarter("index", "object", "2026Q3", *answer, *words)
        assert (done.code, f"{words[0]} 只在登记异议时写" in done.err) == (2, True)
    assert quarter("index", "object", "2026Q3", "--number", "1").code == 2
    assert quarter("index", "objections", "2026Q3", "--json").json[0]["answer"] is None
    assert quarter("index", "object", "2026Q3", *answer).code == 0
    assert quarter("index", "lock", "2026Q3").code == 0
    late = quarter("index", "object", "2026Q3", "--number", "1", "--answer", "另一种答复")
    assert (late.code, "不能再改" in late.err) == (4, True)
    [kept] = quarter("index", "objections", "2026Q3", "--json").json
    assert (kept["answer"], kept["finding"], kept["raised_by"]) == ("已核实", None, "李四")


def test_a_member_without_a_score_has_the_same_keys_before_and_after_the_posting(quarter) -> None:
    quarter("member", "edit", "李四", "--exempt-reason", "产假", "--correct")
    draft = quarter("index", "list", "2026Q3", "--json").json["members"]
    assert len({tuple(sorted(one)) for one in draft}) == 1
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    assert quarter("index", "list", "2026Q3", "--json").json["members"] == draft


def test_namesakes_are_told_apart_on_every_list(quarter, tmp_path: Path) -> None:
    """Two without a 工号: each has his own trend, and his own line on the posting and in the year."""
    for name, year in (("赵敏", "1980"), ("赵敏敏", "1981")):
        person = ("member", "add", "--name", name, "--category", "正式党员", "--joined-on", "2011")
        assert quarter(*person, "--born-on", f"{year}-01-02").code == 0
    assert quarter("member", "edit", "赵敏敏", "--name", "赵敏", "--correct").code == 0
    quarter("meeting", "add", "--kind", "党课", "--on", "2026-05-05", "--topic", "党课", "--absent", "赵敏(编号6)")
    quarter("index", "compute", "2026Q2")
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09", "--out", tmp_path / "out")
    table = [line.split("\t") for line in quarter("index", "list", "2026Q3").out.splitlines()]
    trends = {row[1]: row[table[0].index("走势")] for row in table[1:]}
    assert {"赵敏(编号5)", "赵敏(编号6)", "王芳(003)", "王芳(004)"} <= set(trends)
    assert trends["赵敏(编号5)"][0] > trends["赵敏(编号6)"][0]
    numbers = [one["member"] for one in quarter("index", "list", "2026Q3", "--json").json["members"]]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    year = tmp_path / "年度.xlsx"
    assert "赵敏(编号6)" in quarter("index", "annual", "2026", "--out", year).out
    for file in (year, next((tmp_path / "out").glob("*.xlsx"))):
        cells = [cell.value for row in load_workbook(file).active.iter_rows() for cell in row]
        assert {"赵敏(编号5)", "赵敏(编号6)", "王芳(003)", "张三"} <= set(cells)


def test_a_posting_does_not_hang_before_its_quarter_or_before_what_it_revises(quarter) -> None:
    done = quarter("index", "publish", "2026Q3", "--on", "2026-06-30")
    assert (done.code, "2026Q3 从 2026-07-01 才开始，不能从 2026-06-30 起公示" in done.err) == (4, True)
    assert quarter("index", "list", "2026Q3", "--json").json["state"] == "draft"
    early = quarter("index", "publish", "2026Q3", "--on", "2026-09-30")
    assert (early.code, "2026Q3 到 2026-09-30 才结束，此后的记录不在这次公示里" in early.err) == (0, True)
    done = quarter("index", "revise", "2026Q3", "--reason", "补记", "--on", "2026-09-29")
    assert (done.code, "修订不能早于这一天" in done.err) == (4, True)
    later = quarter("index", "revise", "2026Q3", "--reason", "补记", "--on", "2026-10-09")
    assert (later.code, "才结束" in later.err) == (0, False)


def test_spaces_are_no_reason_and_no_answer(quarter) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    assert quarter("index", "revise", "2026Q3", "--reason", "  ").code == 2
    assert quarter("index", "object", "2026Q3", "--by", " ", "--matter", "少计").code == 2
    assert quarter("index", "object", "2026Q3", "--by", "李四", "--matter", "少计").code == 0
    for blank in ("", "  "):
        assert quarter("index", "object", "2026Q3", "--number", "1", "--answer", blank).code == 2
    assert quarter("index", "lock", "2026Q3").code == 4


def test_points_typed_beside_a_fixed_price_are_not_dropped_in_silence(quarter) -> None:
    matter = ("conduct", "add", "--member", "张三", "--kind", "媒体报道")
    assert quarter(*matter, "--on", "2026-08-02", "--points", "3").code == 0
    assert quarter(*matter, "--on", "2026-08-03", "--points", "1").code == 0
    lapse = ("conduct", "add", "--member", "张三", "--kind", "推诿")
    assert quarter(*lapse, "--on", "2026-08-03", "--points=-5").code == 0
    done = quarter("index", "compute", "2026Q3")
    assert "张三 2026-08-02 的“媒体报道”写了 3 分，方案定为每件 1 分，按方案计分" in done.err
    assert "2026-08-03" not in done.err


def acts(cli) -> list[tuple[str, dict[str, str]]]:
    """What the last change says that it did."""
    last = cli("log", "--json").json[0]["change"]
    shown = cli("log", "show", last, "--json").json["records"]
    return [(one["action"], {field["field"]: field["after"] for field in one["fields"]}) for one in shown]


def test_the_log_says_what_was_posted_objected_to_answered_and_locked(quarter) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    assert acts(quarter) == [
        (
            "add",
            {
                "名称": "神经内科党支部 2026Q3 第1次公示",
                "状态": "公示",
                "公示开始": "2026-10-09",
                "公示截止": "2026-10-14",
                "工作日": "5",
            },
        )
    ]
    quarter(*"index object 2026Q3 --by 李四 --matter 少计义诊 --on 2026-10-10 --branch 神经内科党支部".split())
    [(deed, said)] = acts(quarter)
    assert (deed, said["提出人"], said["事项"]) == ("add", "李四", "少计义诊")
    quarter("index", "object", "2026Q3", "--number", "1", "--answer", "已补", "--answered-on", "2026-10-11")
    assert acts(quarter) == [("edit", {"答复": "已补", "答复日期": "2026-10-11"})]
    last = quarter("log", "--json").json[0]["change"]
    assert "神经内科党支部 2026Q3 异议" in quarter("log", "show", last).out
    quarter("index", "lock", "2026Q3")
    assert acts(quarter) == [("edit", {"状态": "已锁定"})]


def test_after_the_lock_nothing_changes(quarter) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    quarter("index", "object", "2026Q3", "--by", "李四", "--matter", "少计义诊", "--on", "2026-10-10")
    quarter("index", "object", "2026Q3", "--number", "1", "--answer", "已补")
    assert quarter("index", "lock", "2026Q3").code == 0
    before = quarter("index", "objections", "2026Q3", "--json").json
    for flag, text in (("--finding", "属实"), ("--answer", "不同"), ("--handled-by", "王五"), ("--matter", "别的")):
        done = quarter("index", "object", "2026Q3", "--number", "1", flag, text)
        assert (done.code, "已锁定" in done.err) == (4, True)
    assert quarter("index", "objections", "2026Q3", "--json").json == before


def test_an_act_is_taken_back_while_nothing_stands_on_it(quarter) -> None:
    state = lambda: quarter("index", "list", "2026Q3", "--json").json["state"]  # noqa: E731
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    posting = quarter("log", "--json").json[0]["change"]
    quarter("index", "object", "2026Q3", "--by", "李四", "--matter", "少计义诊", "--on", "2026-10-10")
    done = quarter("undo", posting)
    assert (done.code, state()) == (3, "posted")
    assert "1 件异议建立在它上面" in done.err
    quarter("undo", "--yes")
    assert quarter("index", "objections", "2026Q3", "--json").json == []
    quarter(*LATE)
    quarter("index", "revise", "2026Q3", "--reason", "补记", "--on", "2026-10-20")
    assert "1 次修订" in quarter("undo", posting).err
    quarter("undo", "--yes")
    assert state() == "posted"
    assert quarter("undo", posting).code == 0
    assert state() == "draft"
    again = quarter("log", "--json").json[0]["change"]
    assert (quarter("undo", again).code, state()) == (3, "draft")
    assert quarter("index", "publish", "2026Q3", "--on", "2026-10-09").code == 0
    assert (state(), quarter("doctor").code) == ("posted", 0)


def test_a_lock_is_taken_back(quarter) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    quarter("index", "lock", "2026Q3")
    assert quarter("undo", "--yes").code == 0
    assert quarter("index", "list", "2026Q3", "--json").json["state"] == "posted"


def test_undo_does_not_skip_an_act_that_says_nothing_of_itself(quarter, book) -> None:
    """Books of before have postings whose entry has no rows."""
    from partybuild_cli.store.history import Change, save

    with book.writing() as connection:
        save(connection, Change("partybuild index publish 2026Q3"))
    before = quarter("service", "list", "--json").json
    done = quarter("undo", "--yes")
    assert (done.code, "先锋指数的操作" in done.err) == (3, True)
    assert quarter("service", "list", "--json").json == before


def test_a_revision_shows_what_it_moves_and_asks(quarter, monkeypatch) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    quarter(*LATE)
    monkeypatch.setattr("partybuild_cli.cli.screen.on_terminal", lambda: True)
    for answer, state in (("n", "posted"), ("y", "revised")):
        monkeypatch.setattr("builtins.input", lambda answer=answer: answer)
        done = quarter("index", "revise", "2026Q3", "--reason", "补记", "--on", "2026-10-20")
        assert "迟到的党课" in done.out
        assert quarter("index", "list", "2026Q3", "--json").json["state"] == state


@pytest.mark.parametrize(("answer", "state"), [("n", "draft"), ("返回", "draft"), ("y", "posted")])
def test_posting_is_asked_about_on_a_terminal_and_a_reprint_is_not(quarter, sitting, answer, state) -> None:
    quarter("index", "compute", "2026Q3")
    left = sitting(answer)
    done = quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    assert (left, "将公示 2026Q3，从 2026-10-09 起" in done.err) == ([], True)
    assert quarter("index", "list", "2026Q3", "--json").json["state"] == state
    if state == "posted":
        assert "早已公示" in quarter("index", "publish", "2026Q3").out


def test_locking_is_asked_about_on_a_terminal_unless_it_is_agreed_to_or_done(quarter, sitting) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    left = sitting("n")
    assert "没有锁定" in quarter("index", "lock", "2026Q3").err
    assert left == []
    assert quarter("index", "lock", "2026Q3", "--yes").out == "已锁定：神经内科党支部。\n"
    assert "已经锁定" in quarter("index", "lock", "2026Q3").out


def test_a_draft_is_discarded_and_what_was_posted_is_not(quarter) -> None:
    assert quarter("index", "discard", "2026Q3", "--yes").code == 3
    quarter("index", "compute", "2026Q3")
    before = quarter("index", "list", "2026Q3", "--json").json
    assert quarter("index", "discard", "2026Q3").code == 2
    done = quarter("index", "discard", "2026Q3", "--yes")
    assert done.out.startswith("已丢掉 2026Q3 的草稿：神经内科党支部。")
    assert quarter("status", "--json").json["index"] is None
    quarter("index", "compute", "2026Q3")
    assert quarter("index", "list", "2026Q3", "--json").json == before
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    assert quarter("index", "discard", "2026Q3", "--yes").code == 3
    assert quarter("index", "list", "2026Q3", "--json").json["state"] == "posted"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--on", "2026-10-08"), "异议不能在这以前（2026-10-08）提出"),
        (("--on", "2026-10-12", "--answer", "已核实", "--answered-on", "2026-10-10"), "不能在这以前（2026-10-10）答复"),
    ],
)
def test_an_objection_follows_the_posting_and_an_answer_the_objection(
    quarter, words: tuple[str, ...], said: str
) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    raise_one = ("index", "object", "2026Q3", "--by", "李四", "--matter", "少计")
    done = quarter(*raise_one, *words)
    assert (done.code, said in done.err) == (4, True)
    assert quarter("index", "objections", "2026Q3", "--json").json == []
    assert quarter(*raise_one, "--on", "2026-10-12").code == 0
    early = quarter("index", "object", "2026Q3", "--number", "1", "--answer", "已核实", "--answered-on", "2026-10-11")
    assert (early.code, "不能在这以前（2026-10-11）答复" in early.err) == (4, True)
    quarter("index", "revise", "2026Q3", "--reason", "补记", "--on", "2026-10-20")
    assert quarter(*raise_one, "--on", "2026-10-13").code == 0  # the first posting hung by then


def test_what_was_posted_before_a_revision_can_be_printed_again(quarter, tmp_path: Path) -> None:
    quarter("index", "publish", "2026Q3", "--on", "2026-10-09")
    quarter("service", "add", "--kind", "义诊", "--on", "2026-08-22", "--title", "再一次", "--member", "张三")
    quarter("index", "revise", "2026Q3", "--reason", "补记", "--on", "2026-10-12")
    for revision in ("1", "2"):
        assert quarter("index", "publish", "2026Q3", "--revision", revision, "--out", tmp_path / "公示").code == 0
    first, second = sorted((tmp_path / "公示").iterdir())
    cells = {path: [*load_workbook(path).active.values] for path in (first, second)}
    assert "2026年10月9日" in cells[first][2][0]
    assert "2026年10月12日" in cells[second][2][0]
    assert any("修订理由：补记" in str(row[0]) for row in cells[second])
    assert not any("修订理由" in str(row[0]) for row in cells[first])
    assert quarter("index", "publish", "2026Q3", "--revision", "1").code == 2
    assert quarter("index", "publish", "2026Q3", "--revision", "3", "--out", tmp_path / "公示").code == 3


def test_a_posting_shows_every_part_that_its_scheme_weighs(quarter, tmp_path: Path) -> None:
    for scheme, parts in (("20-40-20-20", ["自评", "互评", "群众评议", "组织评定"]), ("仅记录", ["记录得分"])):
        quarter("index", "compute", "2026Q3", "--scheme", scheme)
        quarter("index", "publish", "2026Q3", "--on", "2026-10-09", "--out", tmp_path / scheme)
        [sheet] = (tmp_path / scheme).iterdir()
        [headings] = [row for row in load_workbook(sheet).active.values if row[0] == "序号"]
        assert list(headings[headings.index("基础得分") + 1 : headings.index("季度指数")]) == parts
        quarter("undo", "--yes")


def test_the_committee_above_means_the_branches_under_it(cli) -> None:
    cli("init", "--branch", "内科党支部", "--parent", "市医院党委")
    cli("branch", "add", "--name", "市医院党委", "--kind", "党委")
    cli("branch", "add", "--name", "外科党支部", "--parent", "市医院党委")
    for name, branch in (("张三", "内科党支部"), ("李四", "外科党支部")):
        words = ("--category", "正式党员", "--joined-on", "2010-07-01", "--staff-no", name)
        assert cli("member", "add", "--name", name, "--branch", branch, *words).code == 0
    whole, above = (cli("index", "list", "2026Q3", "--json", *words) for words in ((), ("--branch", "市医院党委")))
    assert [member["name"] for member in above.json["members"]] == ["张三", "李四"]
    assert above.json == whole.json
    assert "内科党支部" in cli("index", "publish", "2026Q3", "--on", "2026-10-09", "--branch", "市医院党委").out
    assert cli("index", "object", "2026Q3", "--by", "张三", "--matter", "少计", "--member", "张三").code == 0
    assert len(cli("index", "objections", "2026Q3", "--branch", "市医院党委", "--json").json) == 1
    assert cli("index", "objections", "2026Q3", "--branch", "外科党支部", "--json").json == []


def test_a_list_of_branches_that_have_come_differently_far_says_how_far_each(cli, monkeypatch) -> None:
    cli("init", "--branch", "内科党支部")
    cli("branch", "add", "--name", "外科党支部")
    for name, branch in (("张三", "内科党支部"), ("李四", "外科党支部")):
        words = ("--category", "正式党员", "--joined-on", "2010-07-01", "--staff-no", name)
        assert cli("member", "add", "--name", name, "--branch", branch, *words).code == 0
    assert cli("index", "compute", "2026Q3").code == 0
    assert cli("index", "publish", "2026Q3", "--on", "2026-10-09", "--branch", "内科党支部").code == 0
    titles: list[str] = []
    monkeypatch.setattr("partybuild_cli.cli.screen.rows", lambda headings, lines, title, **_: titles.append(title))
    for words in ((), ("--branch", "内科党支部")):
        assert cli("index", "list", "2026Q3", *words).code == 0
    assert "（内科党支部公示、外科党支部草稿，方案" in titles[0]
    assert "（公示，方案" in titles[1]
