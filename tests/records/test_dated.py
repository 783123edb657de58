"""What holds for a time (党内职务 党小组 岗位类别 …): earlier days stay as they were, whatever is typed today."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from partybuild_cli.records.base.editing import read_one
from partybuild_cli.records.base.present import all_on
from partybuild_cli.records.member import Member
from partybuild_cli.records.zone import Zone
from partybuild_cli.rules.facts import load_facts
from partybuild_cli.rules.votes import _entitled
from partybuild_cli.store.engine import open_book
from partybuild_cli.values.period import period_of
from tests.conftest import Prepare

BRANCH, OTHER = "内科党支部", "外科党支部"
PEOPLE = (
    # name, number, full_on, post, group, kind, position
    ("赵一", "001", "2005-07-01", "书记", "第一小组", "临床", "内科主任"),
    ("钱二", "002", "2006-07-01", "组织委员", "第一小组", "护理", "护士长"),
    ("孙三", "003", "2007-07-01", "宣传委员", "第二小组", "医技", ""),
    ("李四", "004", "2008-07-01", "", "第二小组", "临床", ""),
    ("周五", "005", "2009-07-01", "", "第一小组", "行政后勤", ""),
    ("吴六", "006", "2010-07-01", "", "", "", ""),
    ("郑七", "007", "2011-07-01", "", "第二小组", "护理", ""),
    ("王八一", "008", "2012-07-01", "", "第一小组", "药学", ""),
)
#: What may be typed today, none of which says anything of 2025.
TODAY = (
    "member edit 赵一 --clear party_post",
    "member edit 钱二 --party-post 书记",
    "member edit 李四 --party-post 组织委员 --position 副主任",
    "member edit 孙三 --staff-kind 行政后勤 --department 医务科",
    "member edit 周五 --group 第二小组",
    "member edit 吴六 --group 第一小组 --staff-kind 临床 --title 主任医师",
    "member edit 郑七 --exempt-reason 年老体弱",
    "member edit 王八一 --standing 停止党籍 --suspended-on {today}",
    "member edit 李四 --excluded-reason 长期患病 --excluded-on {today}",
    "member edit 周五 --education 博士研究生 --degree 博士",
    "member transfer 孙三 --to 外科党支部 --on {today}",
    "member transfer 郑七 --to 外院党委 --on {today}",
    "member add --name 冯九 --staff-no 009 --category 预备党员 --joined-on {today} --branch 内科党支部",
    "branch edit 内科党支部 --elected-on {today} --term-years 5 --brand 新品牌",
    "branch add --name 新党支部 --kind 党支部 --founded-on {today}",
    "task close 1 --evidence 照片 --verified-by 李四",
    "meeting add --branch 内科党支部 --kind 支部党员大会 --on {today} --topic 今天的会 --all-present",
    "service add --branch 内科党支部 --kind 义诊 --on {today} --title 今天的义诊 --member 李四 --hours 3",
    "task add --area 党建 --item 今天的任务 --responsible 李四 --started-on {today} --due-on {today}",
    "dues add --member 李四 --month {month} --due 50 --paid 50 --paid-on {today}",
    "honor add --title 先进 --winner 李四 --level 院级 --awarded-on {today}",
    "pairing add --kind 师徒 --giver 赵一 --receiver 李四 --started-on {today}",
    "index compute 2026Q3",
    "post edit 1 --removed-on {today}",
    "study add --member 李四 --on {today} --topic 今天的课 --hours 4",
)


@pytest.fixture
def years(cli: Any, prepared: Prepare) -> Any:
    """A book of 2024 and 2025, made by commands."""

    def make() -> None:
        def must(line: str) -> None:
            done = cli(*line.split())
            assert done.code == 0, (line, done.err)

        must(f"init --branch {BRANCH}")
        must(f"branch edit {BRANCH} --elected-on 2023-03-01 --term-years 3 --brand 心桥")
        must(f"branch add --name {OTHER} --kind 党支部")
        for name, number, full_on, post, group, kind, position in PEOPLE:
            said = {"party-post": post, "group": group, "staff-kind": kind, "position": position}
            more = "".join(f" --{key} {value}" for key, value in said.items() if value)
            joined = f"{int(full_on[:4]) - 1}{full_on[4:]}"
            must(
                f"member add --branch {BRANCH} --name {name} --staff-no {number} --category 正式党员 --joined-on {joined}"
                f" --full-on {full_on}{more}"
            )
        for year in (2024, 2025):
            for month in (2, 11):
                must(
                    f"meeting add --branch {BRANCH} --kind 支部党员大会 --on {year}-{month:02d}-10 --topic 大会 --absent 李四:值班"
                )
                must(
                    f"meeting add --branch {BRANCH} --kind 支委会 --on {year}-{month:02d}-11 --topic 支委会 --all-present"
                )
                must(
                    f"service add --branch {BRANCH} --kind 义诊 --on {year}-{month:02d}-12 --title 义诊 --member 孙三 --hours 2"
                )
                must(f"study add --member 孙三 --on {year}-{month:02d}-13 --kind 专题培训 --topic 轮训 --hours 8")
            must(f"talk add --talker 赵一 --subject 孙三 --on {year}-06-01 --content 谈心")
            must(f"dues add --member 孙三 --month {year}-03 --due 30 --paid 30 --paid-on {year}-03-05")
        must("task add --area 党建 --item 整改 --responsible 孙三 --started-on 2025-10-01 --due-on 2025-12-20")
        must("post add --member 孙三 --place 检验窗口 --set-on 2025-01-05 --quarter 2025Q1 --assessed 合格")
        must("index compute 2025Q4")

    prepared("dated", make)
    return cli


def told(cli: Any, folder: Path) -> dict[str, str | bytes]:
    """What the book says of 2025."""
    said: dict[str, str | bytes] = {}
    for line in (
        "check 2025", "check 2025 --json", "check 2025 --records", "report 2025", "report 2025 --json",
        f"report 2025 --branch {BRANCH}", "check 2025 --branch " + BRANCH, "index list 2025Q4 --json",
        "index explain 孙三 2025Q4 --json",
    ):  # fmt: skip
        if line.startswith("index list"):
            assert cli("index", "compute", "2025Q4").code == 0
        done = cli(*line.split())
        said[line] = done.out
    for ledgers in (("member",), ("task", "post", "study", "dues", "branch")):
        done = cli("export", *ledgers, "--period", "2025", "--out", folder)
        assert done.code == 0, done.err
        for path in done.out.split():
            said[Path(path).name] = Path(path).read_bytes()
            Path(path).unlink()
    return said


def test_what_is_typed_today_changes_nothing_of_a_past_year(years: Any, tmp_path: Path) -> None:
    before = told(years, tmp_path / "out")
    assert "孙三" in before["check 2025 --records"]
    for line in TODAY:
        words = line.format(today=date.today(), month=f"{date.today():%Y-%m}").split()
        done = years(*words)
        assert done.code == 0, (line, done.err)
        after = told(years, tmp_path / "out") if line == TODAY[-1] else {}
    assert {key for key in before if before[key] != after[key]} == set()
    assert years("doctor", "--replay").code == 0


def test_undo_takes_a_span_back_with_the_value(branch: Any) -> None:
    assert branch("member", "edit", "张三", "--party-post", "组织委员", "--from", "2026-09").code == 0
    assert branch("log", "show", "6").out.count("党内职务：书记 → 组织委员（自 2026-09-01 起）") == 1
    assert branch("undo", "--yes").code == 0
    assert posts(branch, "2026-10-01") == "书记"
    assert branch("doctor", "--replay").code == 0


def posts(cli: Any, *days: str) -> Any:
    """The post of 张三 on some days, as sheets of those days show it."""
    with open_book(Path("book.db")).reading() as connection:
        found = [all_on(connection, Member, date.fromisoformat(day))[1]["party_post"] for day in days]
    return found[0] if len(found) == 1 else found


DAYS = ("2020-01-01", "2026-08-31", "2026-09-01", "2026-10-01", str(date.today()))


@pytest.mark.parametrize(
    ("edits", "held"),
    [
        (["--party-post 组织委员"], ["书记"] * 4 + ["组织委员"]),
        (["--party-post 组织委员 --from 2026-09-01"], ["书记"] * 2 + ["组织委员"] * 3),
        (["--party-post 组织委员 --from 2026-09"], ["书记"] * 2 + ["组织委员"] * 3),
        (["--party-post 组织委员 --correct"], ["组织委员"] * 5),
        (["--clear party_post --from 2026-09-01"], ["书记"] * 2 + [None] * 3),
        # typed of today, then mended: it was so from a day, or all along
        (["--party-post 组织委员", "--party-post 组织委员 --from 2026-09-01"], ["书记"] * 2 + ["组织委员"] * 3),
        (["--party-post 组织委员", "--party-post 组织委员 --correct"], ["组织委员"] * 5),
        # a slip of the hand in what holds by now leaves what held before
        (
            ["--party-post 组织委元 --from 2026-09-01", "--party-post 组织委员 --correct"],
            ["书记"] * 2 + ["组织委员"] * 3,
        ),
        # what was learnt later of an earlier day ends where the next is known to begin
        (
            ["--party-post 组织委员 --from 2026-10-01", "--party-post 宣传委员 --from 2026-09-01"],
            ["书记"] * 2 + ["宣传委员", "组织委员", "组织委员"],
        ),
        # twice on one day: the last counts
        (["--party-post 宣传委员", "--party-post 组织委员"], ["书记"] * 4 + ["组织委员"]),
        (["--party-post 宣传委员", "--party-post 书记"], ["书记"] * 5),
    ],
)
def test_a_post_holds_from_the_day_that_is_said(branch: Any, edits: list[str], held: list[Any]) -> None:
    for edit in edits:
        done = branch("member", "edit", "张三", *edit.split())
        assert done.code == 0, done.err
    assert posts(branch, *DAYS) == held
    assert branch("member", "show", "张三", "--json").json.get("party_post") == held[-1]
    assert branch("member", "edit", "张三", "--note", "别的").code == 0  # what is not spoken of stays
    assert posts(branch, *DAYS) == held


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("--note 备注 --from 2026-09-01", 4, "--from 只用于会变动的内容"),
        ("--party-post 组织委员 --from 昨天以前", 4, "从哪天起（--from）"),
        ("--party-post 组织委员 --from 2099-01-01", 4, "还没有到"),
        ("--party-post 组织委员 --from 2026-09-01 --correct", 2, "请只写一个"),
    ],
)
def test_a_day_that_cannot_be_meant_is_refused(branch: Any, words: str, code: int, said: str) -> None:
    done = branch("member", "edit", "张三", *words.split())
    assert (done.code, said in done.err) == (code, True), done.err
    assert posts(branch, str(date.today())) == "书记"


def test_the_answer_says_from_when_it_holds(branch: Any) -> None:
    done = branch("member", "edit", "张三", "--party-post", "组织委员")
    assert f"党内职务：书记 → 组织委员（自 {date.today()} 起）" in done.out
    assert "--correct" in done.err
    assert "组织委员（此前也是）" in branch("member", "edit", "张三", "--party-post", "组织委员", "--correct").out
    assert "自 " not in branch("member", "edit", "张三", "--note", "备注").out


def roster(folder: Path, day: str, post: str, **more: str) -> Path:
    """A roster of a day that speaks of 张三 alone."""
    book = Workbook()
    book.active.append(["神经内科党支部党员花名册"])
    book.active.append([f"填报日期：{day}"])
    book.active.append(["姓名", "工号", "人员类别", "党内职务", *more])
    book.active.append(["张三", "001", "正式党员", post, *more.values()])
    book.save(folder / f"花名册{day}.xlsx")
    return folder / f"花名册{day}.xlsx"


def test_a_roster_that_says_something_else_opens_a_span_on_its_day(branch: Any, tmp_path: Path) -> None:
    first = roster(tmp_path, "2026年6月30日", "书记", 岗位类别="临床")
    assert branch("import", first).code == 0
    second = roster(tmp_path, "2026年9月30日", "组织委员", 岗位类别="护理")
    assert branch("import", second).code == 0
    assert posts(branch, "2026-09-29", "2026-09-30") == ["书记", "组织委员"]
    for sheet in (first, second):  # each still says what held on its own day
        again = branch("import", sheet, "--json").json["files"][0]["sheets"][0]["rows"]
        assert (again["unchanged"], again["changed"]) == (1, 0)
    with open_book(Path("book.db")).reading() as connection:
        kinds = [all_on(connection, Member, date(2026, month, 30))[1]["staff_kind"] for month in (1, 8, 10)]
    assert kinds == ["临床", "临床", "护理"]  # the first that the book learns has no known beginning


def test_who_was_due_is_he_who_held_the_post_on_the_day_of_the_meeting(branch: Any) -> None:
    assert branch("member", "edit", "张三", "--clear", "party_post", "--from", "2026-09-01").code == 0
    for day, due in (("2026-08-31", ["张三", "王芳"]), ("2026-09-01", ["王芳"])):
        done = branch("meeting", "add", "--kind", "支委会", "--on", day, "--topic", "议事", "--all-present", "--json")
        assert [one["name"] for one in done.json["attendees"]] == due


def test_a_transfer_moves_the_records_of_nobody_else(branch: Any) -> None:
    assert branch("branch", "add", "--name", "心内科党支部", "--kind", "党支部").code == 0
    for name, month in (("张三", "2026-08"), ("李四", "2026-08"), ("张三", "2026-10")):
        assert branch("dues", "add", "--member", name, "--month", month, "--base", "6000").code == 0
    assert branch("member", "transfer", "张三", "--to", "心内科党支部", "--on", "2026-09-10").code == 0
    assert branch("member", "transfer", "李四", "--to", "心内科党支部", "--on", "2026-07-20").code == 0
    for name, listed in (("神经内科党支部", ["张三 2026-08"]), ("心内科党支部", ["李四 2026-08", "张三 2026-10"])):
        rows = branch("dues", "list", "--branch", name, "--json").json
        assert [f"{row['member']} {row['month']}" for row in rows] == listed


def test_a_transfer_leaves_the_post_to_the_days_before(branch: Any) -> None:
    assert branch("branch", "add", "--name", "心内科党支部", "--kind", "党支部").code == 0
    assert branch("member", "transfer", "张三", "--to", "心内科党支部", "--on", "2026-09-10").code == 0
    assert posts(branch, "2026-09-09", "2026-09-10") == ["书记", None]
    with open_book(Path("book.db")).reading() as connection:
        found = [all_on(connection, Member, date(2026, 9, day))[1]["branch_id"] for day in (9, 10)]
    assert found == [1, 2]


def test_a_roster_of_a_past_day_agrees_with_check_and_report(branch: Any, tmp_path: Path) -> None:
    for line in (
        "member edit 004 --standing 停止党籍 --suspended-on 2026-10-15",
        "member transfer 003 --to 外院党委 --on 2026-10-01",
        "member edit 李四 --category 正式党员 --full-on 2026-11-20",
        "member add --name 何九 --staff-no 009 --category 预备党员 --joined-on 2026-11-01",
        "task add --area 党建 --item 整改 --responsible 张三 --started-on 2026-08-01 --due-on 2026-09-20",
        "task close 1 --evidence 照片 --verified-by 李四 --on 2026-11-27",
        "task add --area 党建 --item 后来的 --responsible 张三 --started-on 2026-11-01 --due-on 2026-12-20",
    ):
        done = branch(*line.split())
        assert done.code == 0, (line, done.err)
    out = branch("export", "member", "task", "--period", "2026Q3", "--out", tmp_path).out.split()
    people, tasks = ([[str(cell.value or "") for cell in row] for row in load_workbook(path).active] for path in out)
    names = [row[people[2].index("姓名")] for row in people[3:] if row[people[2].index("工号")].startswith("00")]
    assert names == ["张三", "李四", "王芳", "王芳"]
    assert any("党员 4 人，其中正式党员 3 人、预备党员 1 人" in cell for row in people for cell in row)
    figures = {one["id"]: one["value"] for one in branch("report", "2026Q3", "--json").json["figures"]}
    assert (figures["members.total"], figures["members.formal"]) == (4, 3)
    assert "党员4人，其中正式党员3人" in branch("check", "2026Q3", "D1").out
    text = "\n".join("|".join(row) for row in tasks)
    assert ("整改" in text, "逾期" in text, "已销号" in text, "李四" in text, "后来的" in text) == (
        True,
        True,
        False,
        False,
        False,
    )


def test_what_is_forgotten_leaves_no_span(branch: Any, book_file: Path) -> None:
    for line in (
        "member edit 张三 --department 一科 --correct", "member edit 张三 --department 二科 --staff-kind 临床",
        "member transfer 张三 --to 外院党委 --on 2026-10-01", "member forget 001 --yes",
    ):  # fmt: skip
        done = branch(*line.split())
        assert done.code == 0, (line, done.err)
    with open_book(book_file).reading() as connection:
        assert [row[0] for row in connection.exec_driver_sql("SELECT field FROM span")] == ["staff_kind"]
    assert branch("doctor", "--replay").code == 0


def test_long_leave_is_filled_in_shown_when_it_ends_and_ends(branch: Any) -> None:
    today = date.today()
    leave = tuple("tenure add --member 王芳(003) --kind 长期请假 --value 援外 --started-on 2026-03-01".split())
    done = branch(*leave, "--ended-on", "2026-09-05")
    assert done.code == 0, done.err
    for day, said, state in (
        ("2026-02-28", ("--all-present",), "attendees"), ("2026-09-05", ("--all-present",), "on_leave"),
        ("2026-09-06", ("--all-present",), "attendees"), ("2026-09-04", ("--absent", "李四:值班"), "on_leave"),
        ("2026-09-03", ("--due", "4", "--present", "3"), "on_leave"), ("2026-09-02", ("--attendees", "王芳(003)"), "attendees"),
    ):  # fmt: skip
        done = branch("meeting", "add", "--kind", "支部党员大会", "--on", day, "--topic", "大会", *said, "--json")
        there = {one["name"] + (one.get("staff_no") or ""): one["reason"] for one in done.json[state]}
        assert there.get("王芳(003)", there.get("王芳003", "")) == ("援外" if state == "on_leave" else None), (
            day,
            there,
        )
    told = branch(
        "tenure", "add", "--member", "张三", "--kind", "党内职务", "--value", "书记", "--started-on", "2026-09-01"
    )
    assert (told.code, "登记在花名册里，选项是 --party-post 书记。" in told.err) == (2, True)
    assert branch("status", "--json").json["leaves"] == []
    soon = (today + timedelta(days=10)).isoformat()
    assert branch("tenure", "edit", "1", "--ended-on", soon).code == 0
    assert branch("status", "--json").json["leaves"] == [{"member": "王芳(003)", "kind": "援外", "ends_on": soon}]
    assert f"王芳(003) 援外，到 {soon}" in branch("status").out
    assert branch(*leave, "--ended-on", "2026-02-01").code == 4


def test_who_is_on_probation_within_the_party_has_no_vote_while_it_lasts(branch: Any) -> None:
    meeting = ("--kind", "支部党员大会", "--topic", "大会", "--votes", "一致通过")
    for day in ("2026-08-10", "2026-09-10"):
        assert branch("meeting", "add", "--on", day, *meeting, "--attendees", "张三、王芳(003)").code == 0
    with open_book(Path("book.db")).reading() as connection:
        before = entitled_in(connection)
    done = branch("tenure", "add", "--member", "王芳(004)", "--kind", "留党察看", "--started-on", "2026-09-01")
    assert done.code == 0, done.err
    with open_book(Path("book.db")).reading() as connection:
        after = entitled_in(connection)
    assert (before, after) == ([3, 3], [3, 2])


def entitled_in(connection: Any) -> list[int | None]:
    """应到会有表决权 of each meeting of the quarter."""
    facts = load_facts(connection, period_of("2026Q3"), date.today())
    return [_entitled(facts, one)[0] for one in facts.held(facts.branches[0])]


@pytest.mark.parametrize(
    ("line", "figure"),
    [
        ("", "2023-03-01选举，任期3年，2026-03-01届满，已届满"),
        ("--term-years 5", "2023-03-01选举，任期5年（规定3年，请核对），2028-03-01届满"),
        ("--extended-until 2026-12-31 --approved-on 2026-02-10", "经批准延期到2026-12-31"),
        ("--extended-until 2029-12-31 --approved-on 2026-02-10", "经批准延期到2027-03-01"),  # a year at most
        ("--extended-until 2026-12-31", "2026-03-01届满，已届满"),  # nobody approved it
        ("--extended-until 2026-12-31 --approved-on 2026-10-20", "2026-03-01届满，已届满"),  # not by then
    ],
)
def test_a_delay_of_an_election_counts_once_it_is_approved(branch: Any, line: str, figure: str) -> None:
    assert branch("election", "add", "--branch", "神经内科党支部", "--on", "2023-03-01", *line.split()).code == 0
    assert figure in branch("check", "2026Q3", "B2").out
    assert branch("election", "add", "--branch", "神经内科党支部", "--on", "2026-11-20").code == 0
    assert figure in branch("check", "2026Q3", "B2").out
    assert "2026-11-20选举" in branch("check", "this", "B2").out


def test_the_members_of_a_zone_are_those_of_the_day(branch: Any, tmp_path: Path) -> None:
    """成员 of a zone hold for a time: score, list and sheet of a past quarter count who belonged to it then."""
    branch("zone", "add", "--name", "一区", "--ward", "一病区", "--head", "张三", "--member", "李四")
    zone = ("zone", "edit", "1")
    assert branch(*zone, "--set-on", "2026-01-01", "--quarter", "2026Q3", "--assessed", "合格").code == 0

    def members(day: str) -> list[str]:
        with open_book(Path("book.db")).reading() as connection:
            told = read_one(connection, Zone, 1, date.fromisoformat(day))
        return [one.name for one in told.values.get("members", ())]

    def scored(quarter: str) -> list[str]:
        assert branch("index", "compute", quarter).code == 0
        told = branch("index", "list", quarter, "--json").json["members"]
        said = (branch("index", "explain", one["staff_no"], quarter).out for one in told)
        return [one["name"] for one, out in zip(told, said, strict=True) if "责任区：一区" in out]

    before = sorted(scored("2026Q3"))
    done = branch(*zone, "--member", "王芳(003)")
    assert (done.code, f"成员：李四 → 王芳(003)（自 {date.today()} 起）" in done.out) == (0, True), done.out
    assert "涉及党员" not in done.out
    assert (members("2026-09-30"), members(str(date.today()))) == (["李四"], ["王芳(003)"])
    assert (before, sorted(scored("2026Q3"))) == (["张三", "李四"], ["张三", "李四"])
    assert branch(*zone, "--member", "王芳(004)", "--from", "2026-09-01").code == 0
    assert (members("2026-08-31"), members("2026-09-30"), members(str(date.today()))) == (
        ["李四"],
        ["王芳(004)"],
        ["王芳(003)"],
    )
    assert branch(*zone, "--clear", "members").code == 0
    assert (members("2026-09-30"), members(str(date.today()))) == (["王芳(004)"], [])
    sheet = tmp_path / "责任区.csv"
    sheet.write_text(
        "党员责任区台账,,,\n填报日期：2026年9月30日,,,\n责任区,病区,第一负责人,成员\n一区,一病区,张三,王芳(004)\n",
        encoding="utf8",
    )
    assert branch("import", sheet, "--json").json["files"][0]["sheets"][0]["rows"]["unchanged"] == 1
    assert branch("undo", "--yes").code == 0
    assert members(str(date.today())) == ["王芳(003)"]
    assert branch("doctor", "--replay").code == 0


def test_who_comes_back_was_away_all_the_same(branch: Any) -> None:
    """外出, 失联 and 停止党籍 hold from their day to that on which they are taken off; a day that was wrong is mended."""
    edit = ("member", "edit", "张三")
    assert branch(*edit, "--away-on", "2026-02-01", "--away-to", "深圳").code == 0
    away = branch("check", "2026Q3", "D8").out
    assert "张三（2026-02-01起外出）" in away
    assert branch(*edit, "--clear", "away_on", "--clear", "away_to").code == 0
    assert branch("check", "2026Q3", "D8").out == away
    assert "没有流动" in branch("check", "this", "D8").out
    assert branch(*edit, "--lost-on", "2026-03-01").code == 0
    assert branch(*edit, "--lost-on", "2026-02-15").code == 0
    assert branch("member", "show", "张三", "--json").json["lost_on"] == "2026-02-15"
    assert "2026-02-15起失联" in branch("check", "2026Q3", "D8").out
