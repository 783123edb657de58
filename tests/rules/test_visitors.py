"""A member of another branch who took part (开放式支部活动): he earns his study and his service, and changes no count of the host."""

import pytest

from tests.conftest import Cli

HOST, HOME = "神经内科党支部", "外科党支部"


@pytest.fixture
def visited(branch: Cli) -> Cli:
    """A meeting of eight hours and a service of three, both with 钱二 of the other branch."""
    assert branch("branch", "add", "--name", HOME, "--kind", "党支部").code == 0
    for name, number in (("钱二", "101"), ("孙三", "102")):
        words = ("--staff-no", number, "--category", "正式党员", "--joined-on", "2001-07-01", "--full-on", "2002-07-01")
        assert branch("member", "add", "--branch", HOME, "--name", name, *words).code == 0
    meeting = ("--kind", "专题学习", "--on", "2026-08-05", "--topic", "理论", "--hours", "8")
    done = branch("meeting", "add", "--branch", HOST, *meeting, "--attendees", "张三、钱二", "--absent", "李四:值班")
    assert (done.code, "别的支部的党员，记入列席" in done.err) == (0, True), done.err
    service = ("--kind", "义诊", "--on", "2026-08-06", "--title", "义诊", "--hours", "3")
    assert branch("service", "add", "--branch", HOST, *service, "--member", "张三", "--member", "钱二").code == 0
    return branch


def items(cli: Cli, branch: str) -> dict[str, dict[str, str]]:
    return {one["id"]: one for one in cli("check", "2026Q3", "--branch", branch, "--json").json["items"]}


def figures(cli: Cli, branch: str) -> dict[str, dict[str, str]]:
    return {one["id"]: one for one in cli("report", "2026Q3", "--branch", branch, "--json").json["figures"]}


def test_the_self_check_of_his_branch_counts_his_hours_and_his_service(visited: Cli) -> None:
    home = items(visited, HOME)
    assert home["Z4"]["figure"].startswith("1/2 人达到")
    assert "钱二" not in home["Z4"]["figure"]
    assert home["E1"]["figure"] == "1/2 人"


def test_the_report_of_his_branch_counts_them_and_that_of_the_host_does_not_count_him(visited: Cli) -> None:
    home, host = figures(visited, HOME), figures(visited, HOST)
    assert home["study.hours"]["value"] == "8"
    assert host["study.hours"]["value"] == "8"  # 张三 alone
    assert host["meeting.attendance_rate"]["of"] == "1/4"
    whole = {one["id"]: one for one in visited("report", "2026Q3", "--json").json["figures"]}
    assert (whole["study.hours"]["value"], whole["service.turnout"]["value"]) == ("16", 2)
    assert whole["service.hours"]["value"] == "6"


def test_his_index_counts_them(visited: Cli) -> None:
    assert visited("index", "compute", "2026Q3").code == 0
    told = {name: visited("index", "explain", name, "2026Q3").out for name in ("钱二", "孙三")}
    assert all(word in told["钱二"] for word in ("2026-08-05", "2026-08-06"))
    assert not any(word in told["孙三"] for word in ("2026-08-05", "2026-08-06"))


def test_his_page_of_the_year_holds_them(visited: Cli) -> None:
    assert visited("document", "member", "钱二", "2026", "--out", "钱二.docx").code == 0
    from docx import Document

    texts = [cell.text for table in Document("钱二.docx").tables for row in table.rows for cell in row.cells]
    assert "8学时" in texts
    assert "义诊" in texts
