"""The whole road of an import: one transaction, one history entry, modes, agreement, and what is remembered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.sheets.importing import Options, Question, Report, import_files
from partybuild_cli.store.engine import Book

Take = Callable[..., Report]
HEAD = [["神经内科党支部党员花名册"], ["姓名", "工号", "人员类别", "科室", "备注"]]
NEW = ["新一", "0091", "正式党员", "一病区", None]
BAD = ["新二", "0092", "党外人士", "二病区", None]


def state(book: Book) -> tuple[Any, ...]:
    """What the book holds: members, and how long its history is."""
    with book.reading() as connection:
        members = connection.exec_driver_sql("SELECT name, staff_no, department, note FROM member ORDER BY id").all()
        changes = connection.exec_driver_sql("SELECT count(*) FROM change").scalar_one()
    return [tuple(row) for row in members], changes


def counts(report: Report) -> dict[str, int]:
    return report.sheets[0].counts


def test_a_second_import_changes_nothing_and_leaves_no_entry(take: Take, party: Book) -> None:
    first = take({"花名册": [*HEAD, NEW]})
    assert (first.written, counts(first)["added"]) == (True, 1)
    before = state(party)
    assert first.change == before[1]
    second = take({"花名册": [*HEAD, NEW]})
    assert (second.written, second.change, counts(second)["unchanged"]) == (True, None, 1)
    assert state(party) == before


def test_a_dry_run_reports_the_same_and_writes_nothing(take: Take, party: Book) -> None:
    before = state(party)
    dry = take({"花名册": [*HEAD, NEW]}, dry_run=True)
    assert (dry.written, dry.change, counts(dry)["added"]) == (False, None, 1)
    assert state(party) == before
    wet = take({"花名册": [*HEAD, NEW]})
    assert dry.document()["files"] == wet.document()["files"]


def test_one_bad_row_keeps_everything_out_unless_bad_rows_are_skipped(take: Take, party: Book) -> None:
    before = state(party)
    report = take({"花名册": [*HEAD, NEW, BAD]})
    assert (report.written, report.problem_count) == (False, 1)
    assert state(party) == before
    report = take({"花名册": [*HEAD, NEW, BAD]}, skip_bad=True)
    assert (report.written, report.problem_count, counts(report)["added"]) == (True, 1, 1)
    assert [name for name, *_ in state(party)[0]][-1] == "新一"


def test_all_problems_of_all_rows_and_sheets_come_at_once(take: Take) -> None:
    meeting = [["神经内科党支部会议台账"], ["会议时间", "会议类型", "主题"], ["9月27日", "茶话会", None]]
    report = take({"花名册": [*HEAD, ["", "0093", "党外人士"], BAD], "会议": meeting})
    found = [(sheet.sheet, row, one.column) for sheet in report.sheets for row, one in sheet.all_problems()]
    assert found == [
        ("花名册", 3, "人员类别"), ("花名册", 3, "姓名"), ("花名册", 4, "人员类别"),
        ("会议", 3, "会议时间"), ("会议", 3, "会议类型"), ("会议", 3, "主题"),
    ]  # fmt: skip


def test_a_sheet_is_planned_on_what_the_sheets_before_it_wrote(take: Take) -> None:
    branches = [["党组织情况一览表"], ["党组织名称", "类别", "上级党组织"], ["药学党支部", "党支部", "医院党委"]]
    roster = [["药学党支部党员花名册"], *HEAD[1:], NEW]
    meeting = [
        ["药学党支部会议台账"],
        ["会议时间", "会议类型", "主题", "请假人员"],
        ["2026-09-27", "支部党员大会", "甲", "新一（值班）"],
    ]
    report = take({"支部": branches, "花名册": roster, "会议": meeting}, dry_run=True)
    assert report.problem_count == 0
    assert [sheet.counts["added"] for sheet in report.sheets] == [1, 1, 1]


def test_the_three_manners_of_meeting_a_kept_record(take: Take, party: Book) -> None:
    take({"花名册": [*HEAD, NEW]})
    changed = ["新一", "0091", "正式党员", "三病区", "借调"]

    def kept() -> Any:
        return state(party)[0][-1]

    assert counts(take({"花名册": [*HEAD, changed]}, mode="add_only"))["unchanged"] == 1
    assert kept() == ("新一", "0091", "一病区", None)
    report = take({"花名册": [*HEAD, changed]}, mode="fill_blank")
    assert report.document()["files"][0]["sheets"][0]["changes"] == [
        {"row": 3, "record": "新一", "field": "note", "before": "", "after": "借调"}
    ]
    assert kept() == ("新一", "0091", "一病区", "借调")
    take({"花名册": [*HEAD, changed]})
    assert kept() == ("新一", "0091", "三病区", "借调")


def test_a_blank_erases_only_when_asked_to(take: Take, party: Book) -> None:
    take({"花名册": [*HEAD, [*NEW[:4], "借调"]]})
    take({"花名册": [*HEAD, NEW]})
    assert state(party)[0][-1][-1] == "借调"
    take({"花名册": [*HEAD, NEW]}, erase_blank=True)
    assert state(party)[0][-1][-1] is None


def test_a_large_change_needs_agreement(take: Take, party: Book) -> None:
    many = [[f"新{chr(0x4E00 + at)}", f"1{at:03}", "正式党员", "一病区"] for at in range(20)]
    take({"花名册": [*HEAD, *many]})
    before = state(party)
    moved = [[*row[:3], "二病区"] for row in many]
    few = take({"花名册": [*HEAD, *moved[:7], *many[7:]]}, dry_run=True)
    assert few.needs_yes == {}
    report = take({"花名册": [*HEAD, *moved]})
    assert (report.written, report.needs_yes) == (False, {"member": (20, 26)})
    assert state(party) == before
    assert take({"花名册": [*HEAD, *moved]}, yes=True).written


UNKNOWN = [
    ["神经内科党支部会议台账"],
    ["会议时间", "会议类型", "会议主旨", "主持人"],
    ["2026-05-05", "支委会", "甲", "周明远"],
]


def test_a_required_column_that_is_missing_is_one_problem_with_the_line_to_use(take: Take) -> None:
    rows = [*UNKNOWN, ["2026-15-05", "支委会", "乙", "周明远"]]
    report = take({"会议": rows})
    found = report.sheets[0].all_problems()
    assert [(row, one.column) for row, one in found] == [(2, "主题"), (4, "会议时间")]
    assert "--map 会议主旨=topic" in found[0][1].message
    assert counts(report) == {"read": 2, "added": 0, "changed": 0, "unchanged": 0, "problem": 2}


def test_a_confirmed_heading_is_remembered_for_sheets_alike(take: Take) -> None:
    report = take({"会议": UNKNOWN}, maps={"会议 主旨": "topic"})
    assert report.sheets[0].columns["会议主旨"] == "topic"
    assert counts(report)["added"] == 1
    assert counts(take({"会议": UNKNOWN}))["unchanged"] == 1
    others = [UNKNOWN[0], [*UNKNOWN[1], "备注"], [*UNKNOWN[2], None]]
    assert take({"会议": others}).problem_count == 1


def test_a_dry_run_remembers_nothing(take: Take) -> None:
    take({"会议": UNKNOWN}, maps={"会议主旨": "topic"}, dry_run=True)
    assert take({"会议": UNKNOWN}).problem_count == 1


def test_on_a_terminal_the_missing_column_is_asked_for(take: Take) -> None:
    asked: list[Question] = []

    def answer(question: Question) -> str | None:
        asked.append(question)
        return "会议主旨"

    assert counts(take({"会议": UNKNOWN}, ask=answer))["added"] == 1
    assert [(one.about, [value for value, _ in one.choices]) for one in asked] == [("column", ["会议主旨"])]
    assert "主题" in asked[0].sentence
    assert take({"会议": [*UNKNOWN[:2], ["2026-06-05", "支委会", "乙", None]]}, ask=lambda _: None).problem_count == 0


def test_an_answer_is_remembered_where_another_file_stops_the_import(
    party: Book, sheet_file: Callable[..., Path], tmp_path: Path
) -> None:
    good = sheet_file({"会议": UNKNOWN}).rename(tmp_path / "会议.xlsx")
    with pytest.raises(Unfit, match="“通知”"):
        import_files(party, [good, sheet_file({"通知": [["请报送台账"]]})], Options(), ask=lambda _: "会议主旨")
    assert counts(import_files(party, [good], Options()))["added"] == 1


def test_an_answer_of_none_leaves_the_problem(take: Take) -> None:
    assert take({"会议": UNKNOWN}, ask=lambda _: None).problem_count == 1


def test_progress_names_files_and_sheets(party: Book, sheet_file: Callable[..., Path]) -> None:
    steps: list[tuple[str, int, int]] = []
    path = sheet_file({"花名册": [*HEAD, NEW], "空": []})
    import_files(party, [path], Options(), progress=lambda *step: steps.append(step))
    assert steps == [("读取 台账.xlsx", 0, 1), ("台账.xlsx 工作表“花名册”", 0, 2), ("台账.xlsx 工作表“空”", 1, 2)]


def test_a_file_that_is_missing_or_holds_no_ledger_writes_nothing_of_the_others(
    party: Book, sheet_file: Callable[..., Path], tmp_path: Path
) -> None:
    good = sheet_file({"花名册": [*HEAD, NEW]}).rename(tmp_path / "好.xlsx")
    before = state(party)
    with pytest.raises(NotFound):
        import_files(party, [good, tmp_path / "没有.xlsx"], Options())
    with pytest.raises(Unfit, match="“通知”"):
        import_files(party, [good, sheet_file({"通知": [["请报送台账"]]})], Options())
    assert state(party) == before


def test_the_ledger_can_be_told(take: Take) -> None:
    rows = [["姓名", "内容", "时间", "学时"], ["周明远", "党章", "2026-05-05", 2]]
    report = take({"表": rows}, ledger="study")
    assert report.sheets[0].ledger == "study"
    told = take({"表": rows}, ledger="honor").sheets[0].all_problems()
    assert "--map" in told[0][1].message
    assert not any("--ledger" in one.message for _, one in told)
    with pytest.raises(Unfit, match=r"没有找到结对帮带台账必须有的“结对方”、“被结对方”.*--map") as refused:
        take({"表": [["姓名", "学时"], ["周明远", 2]]}, ledger="pairing")
    assert "--ledger" not in refused.value.sentence
