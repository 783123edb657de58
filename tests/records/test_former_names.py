"""A name may be one's until a day and then another's (曾用名): sheets, options and records of before are read as of their day."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from partybuild_cli.store.engine import open_book
from tests.conftest import Cli, Prepare, do
from tests.golden.stage import at

OLD, NEW = "内科党支部", "老年医学科党支部"
#: 内科党支部 (1) was renamed on 2026-10-10; on 2026-11-01 another of that name (2) was founded. So were 王芳 (王方) and a zone.
BOOK = (
    ("2025-01-05", f"init --branch {OLD}"),
    ("2025-01-05", "member add --name 李四 --staff-no 002 --category 正式党员 --joined-on 2009-07-01 --full-on 2010-07-01"),
    ("2025-01-05", "member add --name 王芳 --staff-no 003 --category 正式党员 --joined-on 2010-07-01 --full-on 2011-07-01"
     " --born-on 1980-01-01"),
    ("2025-01-05", "zone add --name 一区 --ward 一病区 --head 李四"),
    ("2025-03-01", f"meeting add --branch {OLD} --kind 支部党员大会 --on 2025-03-01 --topic 大会 --all-present"),
    ("2026-10-10", f"branch edit {OLD} --name {NEW}"),
    ("2026-10-10", "member edit 王芳 --name 王方"),
    ("2026-10-10", "zone edit 1 --name 二区"),
)  # fmt: skip
SECOND = (
    f"branch add --name {OLD} --founded-on 2026-10-20",
    f"member add --branch {OLD} --name 王芳 --staff-no 005 --category 正式党员 --joined-on 2012-07-01 --arrived-on 2026-10-20",
    "zone add --name 一区 --ward 三病区 --head 李四",
)


@pytest.fixture
def renamed(cli: Cli, prepared: Prepare) -> Iterator[Cli]:
    """The book in which three were renamed."""

    def make() -> None:
        for day, line in BOOK:
            with at(f"{day} 09:00"):
                do(cli, [line])

    prepared("renamed", make)
    with at("2026-11-01 09:00"):
        yield cli


@pytest.fixture
def book(renamed: Cli, prepared: Prepare) -> Cli:
    """The same, with others that bear the former names."""
    prepared("former names", lambda: do(renamed, SECOND))
    return renamed


def test_who_takes_a_former_name_is_told_whose_it_was(renamed: Cli) -> None:
    for line, said in zip(
        SECOND,
        (
            f"“{OLD}”在 2026-10-10 以前是编号 1（现在叫“{NEW}”）",
            "“王芳”在 2026-10-10 以前是编号 2（现在叫“王方”）",
            "“一区”在 2026-10-10 以前是编号 1（现在叫“二区”）",
        ),
        strict=True,
    ):
        done = renamed(*line.split())
        assert (done.code, said in done.err) == (0, True), done.err
    assert renamed("branch", "add", "--name", "外科党支部").err == ""
    assert "以前是编号" not in renamed("branch", "edit", "外科党支部", "--name", "骨科党支部").err
    done = renamed("member", "edit", "李四", "--name", "王芳")
    assert (done.code, "以前是编号 2（现在叫“王方”）" in done.err) == (0, True)


def test_a_rename_to_a_former_name_of_another_says_so_and_to_ones_own_nothing(renamed: Cli) -> None:
    assert renamed("branch", "add", "--name", "外科党支部").code == 0
    done = renamed("branch", "edit", "外科党支部", "--name", OLD)
    assert (done.code, "以前是编号 1" in done.err) == (0, True)
    assert renamed("branch", "edit", "2", "--name", "外科党支部").code == 0
    done = renamed("branch", "edit", NEW, "--name", OLD)
    assert (done.code, "以前是编号 1" in done.err) == (0, False)


def test_a_name_cannot_have_been_that_of_two_at_once(renamed: Cli) -> None:
    assert renamed("branch", "add", "--name", "外科党支部").code == 0
    done = renamed("branch", "edit", "外科党支部", "--name", OLD, "--from", "2026-05-01")
    assert (done.code, "到 2026-10-10" in done.err) == (4, True), done.err
    assert renamed("branch", "edit", "外科党支部", "--name", OLD, "--from", "2026-10-10").code == 0


def sheet(folder: Path, text: str, name: str = "表.csv") -> Path:
    """A sheet with these lines."""
    (folder / name).write_text(text, encoding="utf8")
    return folder / name


ROSTER = f"党员花名册,,,,\n{{}},,,,\n姓名,工号,出生日期,所在党支部,人员类别\n李四,002,,{OLD},正式党员\n王芳,003,1980-01-01,{OLD},正式党员\n"


def test_an_old_roster_is_read_by_its_day(book: Cli, tmp_path: Path) -> None:
    done = book("import", sheet(tmp_path, ROSTER.format("填报日期：2025年6月30日")), "--json")
    assert (done.code, done.json["files"][0]["sheets"][0]["rows"]["unchanged"]) == (0, 2), done.out
    assert [one["branch"] for one in book("member", "list", "--json").json] == [NEW, NEW, OLD]


def test_a_roster_without_a_day_is_refused_and_says_how_to_settle_it(book: Cli, tmp_path: Path) -> None:
    done = book("import", sheet(tmp_path, ROSTER.format("")))
    assert done.code == 4
    assert [word for word in ("2026-10-10", "填报日期", NEW) if word not in done.out] == []
    assert [one["branch"] for one in book("member", "list", "--json").json] == [NEW, NEW, OLD]
    plain = ROSTER.format("").replace(OLD, NEW).replace("王芳", "王方")
    done = book("import", sheet(tmp_path, plain), "--json")
    assert done.json["files"][0]["sheets"][0]["rows"]["unchanged"] == 2, done.out


@pytest.mark.parametrize("dated", ["", "填报日期：2026年11月1日"])
def test_who_still_stands_under_a_former_name_is_not_added_a_second_time(
    renamed: Cli, tmp_path: Path, dated: str
) -> None:
    roster = "党员花名册,,\n{},,\n姓名,出生日期,人员类别{}\n王芳,{},正式党员{}\n".format
    for row in (roster(dated, "", "1980-01", ""), roster(dated, "", "", ""), roster(dated, ",工号", "1980-01-01", ",")):
        done = renamed("import", sheet(tmp_path, row))
        assert done.code == 4, (row, done.out)
    assert "编号 2" in renamed("import", sheet(tmp_path, roster(dated, "", "1980-01", ""))).out
    done = renamed("member", "add", "--name", "王芳", "--category", "正式党员", "--born-on", "1980-01-01")
    assert (done.code, "编号 2（现在叫“王方”）" in done.err) == (4, True), done.err
    assert len(renamed("member", "list", "--json").json) == 2
    for row in (roster(dated, "", "1985-01-01", ""), roster(dated, ",工号", "1980-01-01", ",009")):
        assert renamed("import", sheet(tmp_path, row)).code == 0
        assert [one["name"] for one in renamed("member", "list", "--json").json] == ["李四", "王方", "王芳"]
        assert renamed("undo", "--yes").code == 0


def test_a_person_at_a_terminal_says_of_which_time_a_sheet_is(
    book: Cli, tmp_path: Path, sitting: Callable[..., list[str]]
) -> None:
    assert sitting("1") == ["1"]
    done = book("import", sheet(tmp_path, ROSTER.format("")))
    assert (done.code, "按 2026-10-09 的情况" in done.out) == (0, True), done.out + done.err
    assert [one["branch"] for one in book("member", "list", "--json").json] == [NEW, NEW, OLD]


def test_an_old_sheet_of_dues_and_one_of_meetings_go_by_the_days_in_them(book: Cli, tmp_path: Path) -> None:
    for text, ledger in (
        (f"姓名,所在党支部,月份,应缴,实缴\n王芳,{OLD},2025-05,10,10\n王芳,{OLD},2026-11,20,20\n", "dues"),
        (
            f"所在党支部,会议类型,时间,主题,出席人员\n{OLD},党课,2025-05-05,讲一课,王芳\n{OLD},党课,2026-11-01,讲二课,王芳\n",
            "meeting",
        ),
        (f"{OLD}2025年党课台账\n会议类型,时间,主题,出席人员\n党课,2025-06-05,讲三课,王芳\n", "meeting"),
    ):
        done = book("import", sheet(tmp_path, text), "--ledger", ledger)
        assert done.code == 0, done.out
    text = (
        f"荣誉台账,,,\n荣誉名称,获得者,级别,授予日期\n先进支部,{OLD},院级,2025-06-30\n先锋支部,{OLD},院级,2026-11-01\n"
    )
    assert book("import", sheet(tmp_path, text)).code == 0
    assert [one["branch"] for one in book("honor", "list", "--json").json] == [NEW, OLD]
    assert [one["member"] for one in book("dues", "list", "--json").json] == [
        "王方",
        {"name": "王芳", "staff_no": "005"},
    ]
    held = {
        one["topic"]: (one["branch"], one["attendees"][0]["name"]) for one in book("meeting", "list", "--json").json
    }
    assert held["讲一课"] == held["讲三课"] == (NEW, "王方")
    assert held["讲二课"] == (OLD, "王芳")


def test_an_old_sheet_of_branches_or_zones_speaks_of_those_that_were_called_so(book: Cli, tmp_path: Path) -> None:
    branches = "党组织情况,,\n{},,\n党组织名称,类别,覆盖科室\n" + f"{OLD},党支部,老年科\n"
    zones = "党员责任区台账,,,,\n{},,,,\n责任区,病区,第一负责人,考核季度,考核\n一区,一病区,李四,2025Q4,合格\n"
    for text in (branches, zones):
        done = book("import", sheet(tmp_path, text.format("")))
        assert (done.code, "填报日期" in done.out) == (4, True), done.out
        done = book("import", sheet(tmp_path, text.format("填报日期：2025年12月31日")))
        assert done.code == 0, done.out
    assert [one.get("departments") for one in book("branch", "list", "--json").json] == ["老年科", None]
    assert [one.get("assessed") for one in book("zone", "list", "--json").json] == ["合格", None]


def test_a_renamed_one_is_found_by_an_old_sheet_where_nobody_took_the_name(renamed: Cli, tmp_path: Path) -> None:
    done = renamed("import", sheet(tmp_path, ROSTER.format("")), "--json")
    assert done.code == 4  # the sheet would give 王方 her former name back
    done = renamed("import", sheet(tmp_path, ROSTER.format("填报日期：2025年6月30日")), "--json")
    assert done.json["files"][0]["sheets"][0]["rows"]["unchanged"] == 2, done.out
    text = f"党组织名称,类别\n{OLD},党支部\n"
    assert renamed("import", sheet(tmp_path, text)).code == 4
    assert len(renamed("branch", "list", "--json").json) == 1
    text = f"{OLD}2025年党费收缴台账\n姓名,月份,应缴,实缴\n王芳,2025-05,10,10\n"
    assert renamed("import", sheet(tmp_path, text)).code == 0
    assert renamed("dues", "list", "--json").json[0]["member"] == "王方"


def test_a_command_means_whoever_was_called_so_on_the_day_of_which_it_speaks(book: Cli) -> None:
    meeting = ("meeting", "add", "--branch", OLD, "--kind", "党课", "--topic", "讲课", "--attendees", "王芳", "--json")
    old, new = (book(*meeting, "--on", day).json for day in ("2025-05-05", "2026-11-01"))
    assert [(one["branch"], one["attendees"][0]["name"]) for one in (old, new)] == [(NEW, "王方"), (OLD, "王芳")]
    assert book("meeting", "edit", "2", "--topic", "另一课").code == 0
    assert book("meeting", "show", "3", "--json").json["branch"] == OLD
    assert "党员2人" in book("check", "2025", "D1", "--branch", OLD).out
    assert "党员1人" in book("check", "this", "D1", "--branch", OLD).out
    assert OLD in book("report", "2025", "--branch", NEW).out
    assert book("member", "list", "--branch", OLD, "--json").json[0]["staff_no"] == "005"
    listed = book("meeting", "list", "--branch", OLD, "--period", "2025", "--json").json
    assert [one["held_on"] for one in listed] == ["2025-03-01", "2025-05-05"]
    scored = book("index", "list", "2025Q4", "--branch", OLD, "--json").json["members"]
    assert [one["name"] for one in scored] == ["李四", "王芳"]
    assert book("index", "explain", "王芳", "2025Q4", "--json").json["staff_no"] == "003"


def test_what_was_recorded_of_one_stays_his_when_it_is_edited(book: Cli) -> None:
    post = ("post", "add", "--member", "王芳", "--place", "门诊", "--json")
    assert book(*post).json["member"] == {"name": "王芳", "staff_no": "005"}
    assert book("post", "edit", "1", "--plate", "甲", "--json").json["member"]["staff_no"] == "005"
    assert book("meeting", "edit", "1", "--topic", "又一次", "--json").json["attendees"][1]["name"] == "王方"


def test_past_rosters_name_a_member_as_she_was_called(book: Cli) -> None:
    then = book("check", "2025", "--records").out
    assert [word in then for word in ("王芳", "王方", "王芳(")] == [True, False, False]
    assert "王方" in book("check", "this", "--records").out
    names = [one["name"] for one in book("index", "list", "2025Q4", "--json").json["members"]]
    assert sorted(names) == ["李四", "王芳"]
    assert "王芳" in book("index", "explain", "003", "2025Q4").out
    assert book("doctor", "--replay").code == 0


def test_a_former_name_is_forgotten_with_her(book: Cli, book_file: Path) -> None:
    assert book("member", "transfer", "003", "--to", "外院党委", "--on", "2026-10-30").code == 0
    assert book("member", "forget", "003", "--yes").code == 0
    with open_book(book_file).reading() as connection:
        names = connection.exec_driver_sql("SELECT value FROM span WHERE ledger = 'member' AND field = 'name'").all()
    assert names == []
    assert book("doctor", "--replay").code == 0


def test_those_below_an_organisation_stay_below_it_when_it_is_renamed(cli: Cli) -> None:
    with at("2025-01-05 09:00"):
        assert cli("init", "--branch", "甲支部", "--parent", "内科总支").code == 0
        assert cli("branch", "add", "--name", "内科总支", "--kind", "党总支").code == 0
        member = ("--staff-no", "001", "--category", "正式党员", "--joined-on", "2009-07-01")
        assert cli("member", "add", "--branch", "甲支部", "--name", "李四", *member).code == 0
    with at("2026-11-01 09:00"):
        before = cli("report", "2025", "--branch", "内科总支").out
        assert cli("branch", "edit", "内科总支", "--name", "老年总支").code == 0
        assert cli("branch", "add", "--name", "内科总支", "--kind", "党总支").code == 0
        assert [one.get("parent") for one in cli("branch", "list", "--json").json if one["name"] == "甲支部"] == [
            "老年总支"
        ]
        assert cli("check", "this", "D1", "--branch", "老年总支").code != 3
        assert cli("check", "this", "D1", "--branch", "内科总支").code == 3
        assert cli("report", "2025", "--branch", "内科总支").out == before
        assert cli("branch", "edit", "甲支部", "--parent", "内科总支").code == 0
        assert cli("report", "2025", "--branch", "老年总支").out == before
        assert cli("doctor", "--replay").code == 0


def test_an_applicant_who_was_renamed_is_not_added_a_second_time_and_is_forgotten_whole(
    cli: Cli, tmp_path: Path, book_file: Path
) -> None:
    cases = "发展党员台账,,\n{},,\n姓名,出生日期,递交入党申请书日期,确定入党积极分子时间\n周五,1990.01.01,2024.03.01,2024.09.01\n"
    assert cli("init", "--branch", OLD).code == 0
    with at("2025-01-05 09:00"):
        assert (
            cli("development", "add", "--name", "周五", "--born-on", "1990-01-01", "--applied-on", "2024-03-01").code
            == 0
        )
    with at("2026-06-01 09:00"):
        assert cli("development", "edit", "1", "--name", "周武").code == 0
        for day, code in (("", 4), ("填报日期：2026年6月1日", 4), ("填报日期：2026年3月1日", 0)):
            assert cli("import", sheet(tmp_path, cases.format(day))).code == code, day
        [one] = cli("development", "list", "--json").json
        assert (one["name"], one["activist_on"]) == ("周武", "2024-09-01")
        line = ("--category", "正式党员", "--born-on", "1990-01-01", "--joined-on", "2025-03-01")
        assert cli("member", "add", "--name", "周武", *line).code == 0
        assert cli("member", "transfer", "周武", "--to", "外院党委", "--on", "2026-05-30").code == 0
        assert cli("member", "forget", "周武", "--yes").code == 0
    assert "周五".encode() not in book_file.read_bytes()
    assert cli("doctor", "--replay").code == 0


def test_a_sheet_of_a_day_years_ahead_is_not_believed(book: Cli, tmp_path: Path) -> None:
    done = book("import", sheet(tmp_path, ROSTER.format("填报日期：2062年6月30日")))
    assert (done.code, "2062-06-30 在一年以后，请核对年份" in done.out) == (4, True), done.out
    assert [one["branch"] for one in book("member", "list", "--json").json] == [NEW, NEW, OLD]
