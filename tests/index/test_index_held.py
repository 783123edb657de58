"""What a list shows is what was saved, or it says so; figures that a slip in the code would have moved unseen."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from partybuild_cli.errors import Unfit
from partybuild_cli.index.accounts import list_quarter, trends
from partybuild_cli.index.pages import posting_page
from partybuild_cli.index.participants import roll_of
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rounds import frozen

pytestmark = pytest.mark.usefixtures("first_edition")

Q3 = Quarter("2026Q3")


def rate(cli, tmp_path: Path, *rows: str) -> None:
    sheet = tmp_path / "评议.csv"
    sheet.write_text("季度,评议方式,姓名,评议人,得分,理由\n" + "\n".join(f"2026Q3,{row}" for row in rows), "utf8")
    assert cli("import", sheet, "--ledger", "rating").code == 0


def lecture(cli, day: str, *more: str) -> None:
    assert cli("meeting", "add", "--kind", "党课", "--on", day, "--topic", f"课{day}", "--all-present", *more).code == 0


def test_a_list_that_differs_from_what_was_saved_says_so(branch) -> None:
    lecture(branch, "2026-07-05", "--absent", "张三")
    branch("index", "compute", "2026Q3")
    assert "不同" not in branch("index", "list", "2026Q3").err
    lecture(branch, "2026-08-05", "--absent", "李四")
    told = branch("index", "list", "2026Q3", "--json")
    assert "2 人的得分与 compute 保存的不同" in told.err
    assert "partybuild index compute 2026Q3" in told.err
    branch("index", "compute", "2026Q3")
    again = branch("index", "list", "2026Q3", "--json")
    assert (again.err, again.json) == ("", told.json)


def test_a_basis_names_a_task_by_its_whole_name(branch) -> None:
    """A note about 整改材料 is none about the task 整改, which is overdue beside it."""
    for item in ("整改", "整改材料"):
        branch("task", "add", "--area", "业务", "--item", item, "--responsible", "张三", "--due-on", "2026-08-31")
    note = ("conduct", "add", "--member", "张三", "--kind", "任务逾期", "--on", "2026-08-20")
    branch(*note, "--basis", "整改材料没有交")
    assert overdue(branch) == "4"  # the note, and 整改 beside it
    branch("conduct", "edit", "1", "--basis", "整改、整改材料都没有完成")
    assert overdue(branch) == "2"


def overdue(cli) -> str:
    account = cli("index", "explain", "张三", "2026Q3", "--json").json
    return next(one["points"] for one in account["adjustments"] if one["name"] == "任务逾期未销号")


def test_a_posting_remarks_what_nobody_has_data_of(branch, book) -> None:
    lecture(branch, "2026-07-05")
    with book.reading() as connection:
        [first, *_] = posting_page(roll_of(connection, Q3), 1).remarks
    assert "集中学习学时" in first
    assert "三会一课出席" not in first


def test_a_trend_has_a_floor_and_a_ceiling(branch, book, tmp_path: Path) -> None:
    lecture(branch, "2026-07-05", "--absent", "李四")
    rate(
        branch, tmp_path, *(f"{part},{who}" for part in ("自评", "组织评定") for who in ("张三,,100,高", "李四,,0,低"))
    )
    branch("index", "compute", "2026Q3")
    with book.reading() as connection:
        found = trends(connection, Q3)
    assert (found[1], found[2]) == ("█", "▁")


@pytest.mark.parametrize(
    ("row", "state"),
    [("自评,张三,张三,90,", "self"), ("互评,张三,李四,90,", "peer"), ("组织评定,张三,,90,高", "committee")],
)
def test_the_state_of_a_round_follows_the_ratings(branch, tmp_path: Path, row: str, state: str) -> None:
    lecture(branch, "2026-07-05")
    rate(branch, tmp_path, row)
    branch("index", "compute", "2026Q3")
    assert branch("index", "list", "2026Q3", "--json").json["state"] == state


def test_one_more_of_a_share_is_also_one_more_that_was_due(branch) -> None:
    for day in ("2026-07-05", "2026-08-05"):
        lecture(branch, day, "--absent", "张三")
    lecture(branch, "2026-09-05")
    [more] = branch("index", "explain", "张三", "2026Q3", "--what-if", "B1:+1", "--json").json["what_if"]
    account = branch("index", "explain", "张三", "2026Q3", "--json").json
    most = Decimal(next(line["max"] for line in account["indicators"] if line["id"] == "B1"))
    assert abs(Decimal(more["points"]["before"]) - most / 3) < Decimal("0.001")
    assert abs(Decimal(more["points"]["after"]) - most / 2) < Decimal("0.001")
    [fewer] = branch("index", "explain", "张三", "2026Q3", "--what-if", "B1:-5", "--json").json["what_if"]
    assert fewer["points"]["after"] == "0"


@pytest.mark.parametrize(("points", "counted"), [("0.9", None), ("1", "1"), ("2.5", "2.5"), ("3", "3"), ("3.1", None)])
def test_points_that_the_committee_grants_stay_in_their_range(branch, points: str, counted: str | None) -> None:
    lecture(branch, "2026-07-05")
    branch("conduct", "add", "--member", "张三", "--kind", "突出事迹", "--on", "2026-08-20", "--points", points)
    done = branch("index", "compute", "2026Q3", "--scheme", "兰大二院")
    account = branch("index", "explain", "张三", "2026Q3", "--json").json
    found = [one["points"] for one in account["adjustments"]]
    assert found == ([] if counted is None else [counted])
    assert ("不在 1 到 3 分之间" in done.err) == (counted is None)


def test_an_altered_posting_is_not_read(branch, book) -> None:
    lecture(branch, "2026-07-05")
    branch("index", "publish", "2026Q3", "--on", "2026-10-09")
    with book.writing() as connection:
        connection.exec_driver_sql("UPDATE index_round SET frozen = replace(frozen, '张三', '张四')")
    with book.reading() as connection, pytest.raises(Unfit, match="校验值不符"):
        frozen(connection, 1)
    with book.reading() as connection, pytest.raises(Unfit, match="校验值不符"):
        list_quarter(roll_of(connection, Q3))
    assert "公示存档与它的校验值不符" in branch("doctor").out


def deducted(account: dict) -> dict[str, str]:
    return {one["name"]: one["value"] for one in account["adjustments"]}


class November(date):
    """A day in the middle of the fourth quarter."""

    @classmethod
    def today(cls) -> "November":
        return cls(2026, 11, 20)


def test_what_is_not_yet_due_never_deducts(branch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("partybuild_cli.index.participants.date", November)
    for month in ("2026-10", "2026-11"):
        branch("dues", "add", "--member", "李四", "--month", month, "--paid", "10")
        branch("dues", "add", "--member", "003", "--month", month, "--due", "10", "--paid", "0")
    for item, day in (("已到期", "2026-11-19"), ("今天到期", "2026-11-20"), ("未到期", "2026-12-31")):
        branch("task", "add", "--area", "业务", "--item", item, "--responsible", "张三", "--due-on", day)
    account = branch("index", "explain", "张三", "2026Q4", "--json").json
    values = {line["id"]: line["value"] for line in account["indicators"]}
    assert (values["B3"], values["C1"]) == ("0/1", "0/1")
    assert deducted(account) == {"任务逾期未销号": "任务逾期×1"}  # of his dues nothing is known: nothing says late
    assert deducted(branch("index", "explain", "003", "2026Q4", "--json").json) == {"党费逾期": "党费逾期×1"}
    paid = branch("index", "explain", "李四", "2026Q4", "--json").json
    assert next(line["value"] for line in paid["indicators"] if line["id"] == "B3") == "2/2"


@pytest.mark.parametrize(
    ("words", "late"),
    [
        ((), {}),
        (("--due", "0"), {}),
        (("--due", "10"), {}),
        (("--due", "10", "--paid", "0"), {"党费逾期": "党费逾期×1"}),
        (("--due", "10", "--paid", "5"), {"党费逾期": "党费逾期×1"}),
        (("--paid", "0"), {"党费逾期": "党费逾期×1"}),
    ],
)
def test_unknown_dues_are_not_late_and_nothing_is_owed_of_nothing(branch, words: tuple[str, ...], late: dict) -> None:
    branch("dues", "add", "--member", "李四", "--month", "2026-07", "--paid", "10")
    if words:
        assert branch("dues", "add", "--member", "张三", "--month", "2026-07", *words).code == 0
    assert deducted(branch("index", "explain", "张三", "2026Q3", "--json").json) == late


def test_a_quarter_that_has_not_begun_is_refused(branch) -> None:
    done = branch("index", "compute", "2999Q1")
    assert (done.code, "才开始" in done.err) == (2, True)
    assert branch("index", "annual", "2099").code == 2
