"""Headings in comparable form, what stands around a table, and that no sheet whatever breaks the road."""

from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partybuild_cli.records.base.registry import all_records, record
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.sheets.importing.columns import match_columns
from partybuild_cli.sheets.importing.context import as_of_in, context_of, surroundings
from partybuild_cli.sheets.importing.evidence import Samples
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.importer import import_sheet
from partybuild_cli.sheets.importing.jobs import ImportJob, Options
from partybuild_cli.sheets.importing.table import Table, group_name
from partybuild_cli.sheets.importing.wording import Heading, bare, keyed, label, months_of, vocabulary
from partybuild_cli.sheets.reading import Merge, Sheet
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change
from partybuild_cli.values.kind import DateCell, ErrorCell, NumberCell, Raw

ROSTER = Roster({"神经内科党支部": 1, "第一党支部": 2, "医技第一党支部": 3}, {1: "党支部", 2: "党支部", 3: "党支部"})


def under(*words: str) -> Samples:
    """A table of these headings that has no row yet."""
    headings = [Heading(at, word, (word,)) for at, word in enumerate(words)]
    return Samples(Table(Grid(Sheet("S")), range(1, 2), headings, 0, len(words) - 1, 2, 1), ROSTER)


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ("序 号", "序号"), ("身份证\n号码", "身份证号码"), ("党龄（年）", "党龄(年)"), ("⼊党时间", "入党时间"), (2026, "2026"),
        (DateCell(datetime(2026, 3, 1), "month"), "2026年3月"), (12, ""), (True, ""), (ErrorCell("#REF!"), ""), (None, ""),
    ],
)  # fmt: skip
def test_a_heading_is_compared_after_nfkc_without_blanks(raw: Raw, word: str) -> None:
    assert label(raw) == word


@pytest.mark.parametrize(
    ("word", "plain"),
    [
        ("姓名*", "姓名"), ("性别(必填)", "性别"), ("党龄(年)", "党龄"), ("1.姓名", "姓名"), ("学历(参考模板):", "学历"), ("(元)", "(元)"),
    ],
)  # fmt: skip
def test_remarks_units_and_numbers_are_put_aside(word: str, plain: str) -> None:
    assert bare(word) == plain


@pytest.mark.parametrize(
    ("lines", "month"),
    [
        (("1月",), (None, 1, 1, "")), (("2026年", "12月份"), (None, 12, 1, "")), (("2026年3月",), (2026, 3, 1, "")),
        (("十一月",), (None, 11, 1, "")), (("5月", "实缴(元)"), (None, 5, 1, "实缴")), (("13月",), None), (("月份",), None),
        (("第二季度",), (None, 4, 3, "")), (("2026年4季度实缴",), (2026, 10, 3, "实缴")), (("5季度",), None),
    ],
)  # fmt: skip
def test_month_headings(lines: tuple[str, ...], month: tuple[int | None, int, int, str] | None) -> None:
    assert months_of(Heading(0, lines[-1], lines)) == month


def test_keys_of_headings_are_all_different() -> None:
    lines = [("甲", "固定"), ("乙", "固定"), ("备注",), ("备注",), (), ("丙", "姓名")]
    assert [one.key for one in keyed(list(enumerate(lines)))] == "甲/固定 乙/固定 备注(C) 备注(D) E 姓名".split()


def test_every_heading_that_is_declared_is_found_again() -> None:
    for word, meanings in vocabulary().items():
        for ledger, key in meanings:
            found = match_columns(record(ledger), under(word), {})
            serial = found.serial == {0}
            assert serial or found.keys == {0: key}, (word, ledger, key)


def test_exact_headings_win_over_synonyms_wherever_they_stand() -> None:
    assert match_columns(record("meeting"), under("日期", "时间", "主题"), {}).keys == {1: "held_on", 2: "topic"}


def test_map_takes_the_key_the_option_and_the_chinese_heading() -> None:
    for word in ("held_on", "held-on", "--held-on", "时间"):
        assert match_columns(record("meeting"), under("某日"), {"某日": word}).keys == {0: "held_on"}


@pytest.mark.parametrize(
    ("lines", "sheet", "ledger", "context"),
    [
        (["第一党支部党员花名册"], "Sheet1", "member", {"branch": "第一党支部"}),
        (["医技第一党支部党员花名册"], "Sheet1", "member", {"branch": "医技第一党支部"}),
        (["某医院党支部党员花名册"], "神经内科", "member", {"branch": "神经内科党支部"}),
        (["神经内科党支部、第一党支部联合花名册"], "Sheet1", "member", {}),
        (["基层党委：某医院党委", "党支部名称：药学党支部"], "Sheet1", "dues", {"branch": "药学党支部"}),
        (["2026年度党员先锋指数互评表"], "第三季度", "rating", {"quarter": "2026Q3", "part": "互评"}),
        (["自评、互评汇总表 2026年第3季度"], "S", "rating", {"quarter": "2026Q3"}),
        (["第一党支部主题党日台账"], "S", "meeting", {"branch": "第一党支部", "kind": "主题党日"}),
        (["第一党支部2026年3月党费明细"], "S", "dues", {"branch": "第一党支部", "month": "2026-03"}),
        (["2025年度民主评议结果"], "S", "review", {"year": "2025"}),
    ],
)
def test_what_titles_unit_rows_and_sheet_names_say(
    lines: list[str], sheet: str, ledger: str, context: dict[str, str]
) -> None:
    assert context_of(record(ledger), set(), surroundings([lines], sheet), ROSTER) == context


def test_what_a_column_holds_is_not_taken_from_the_title() -> None:
    around = surroundings([["第一党支部主题党日台账"]], "S")
    assert context_of(record("meeting"), {"branch", "kind"}, around, ROSTER) == {}


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("填报日期：2026年9月30日", date(2026, 9, 30)), ("填表时间：2026.9", date(2026, 9, 30)), ("截至2026年6月30日", date(2026, 6, 30)),
        ("填报日期：    年  月  日", None), ("统计区间：2026年1月", None),
    ],
)  # fmt: skip
def test_the_day_up_to_which_years_count(line: str, day: date | None) -> None:
    assert as_of_in(surroundings([[line]], "S"), []) == day


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("一、政治建设方面（3项）", "政治建设方面"), ("（二）作风建设", "作风建设"), ("组织建设 共12项", "组织建设"), ("第一党小组", "第一党小组"),
    ],
)  # fmt: skip
def test_names_of_groups(text: str, name: str) -> None:
    assert group_name(text) == name


WORDS = st.sampled_from([
    "序号", "姓名", "党支部", "时间", "主题", "类型", "得分", "1月", "2月", "备注", "合计", "填表人：", "一、甲方面（2项）", "周明远",
    "2026-05-05", "支委会", "说明：1.甲", "神经内科党支部2026年会议台账", "（元）", "　", "系统标识（勿改）", "第三季度小计",
])  # fmt: skip
CELLS = st.one_of(
    st.none(), WORDS, WORDS, WORDS, st.text(max_size=6), st.integers(-5, 10**17), st.floats(), st.booleans(),
    st.just(ErrorCell("#N/A")), st.just(NumberCell(0.5, "50%")), st.just(DateCell(datetime(2026, 5, 5), "day")),
)  # fmt: skip
MERGES = st.builds(
    lambda top, left, height, width: Merge(top, left, top + height, left + width),
    st.integers(1, 9), st.integers(1, 7), st.integers(0, 4), st.integers(0, 4),
)  # fmt: skip

ROWS = st.lists(st.lists(CELLS, max_size=8), max_size=12)
HEADERS = st.sampled_from([[column.heading for column in one.columns.values()][:8] for one in all_records()])
SHEETS = st.one_of(ROWS, st.builds(lambda header, rows: [header, *rows], HEADERS, ROWS))


@given(SHEETS, st.lists(MERGES, max_size=4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sheet_whatever_breaks_the_road(party: Book, rows: list[list[Raw]], merges: list[Merge]) -> None:
    with party.reading() as connection:
        options = Options(with_rows=True, dry_run=True)
        job = ImportJob(connection, Change("test"), options)
        connection.exec_driver_sql("PRAGMA query_only = off")
        reports = import_sheet(job, Sheet("表", rows, merges))
        assert reports
        for report in reports:
            document = report.document()
            assert document["ledger"] or document["reason"]
            if report.record:
                told = {row for row, _ in report.skipped} | {draft.row for draft in report.drafts}
                below = range(report.header_rows[-1] + 1, len(rows) + 1)
                form = any("表单" in note for note in report.notes)  # of which the rows are counted otherwise
                if not report.range and not form:
                    blank = {n for n in below if not any(c is not None and str(c).strip() for c in rows[n - 1])}
                    assert set(below) - blank <= told
        connection.rollback()
