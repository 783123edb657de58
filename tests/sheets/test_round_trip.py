"""Records -> export -> import: every row unchanged; three cells edited in the workbook: exactly three changes."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from partybuild_cli.errors import ValueProblem
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.editing import scope_of
from partybuild_cli.records.base.kinds import (
    HOME,
    BranchKind,
    DeadlineKind,
    MemberKind,
    MonthKind,
    PeopleKind,
    SealedMemberKind,
    VotesKind,
    YearKind,
)
from partybuild_cli.records.base.plan import Parser, carry_out, make_plan
from partybuild_cli.records.base.registry import ledgers, record
from partybuild_cli.records.base.row import ParsedRow
from partybuild_cli.sheets.exporting import Request, Setting, export_ledgers, unit_of
from partybuild_cli.sheets.importing import Options, Report, import_files
from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.jobs import learn
from partybuild_cli.sheets.importing.wording import Heading
from partybuild_cli.store import history
from partybuild_cli.store.engine import Book, open_book
from partybuild_cli.values import Choice, CountKind, Number, PeriodKind, QuarterKind
from partybuild_cli.values.number import Estimate
from partybuild_cli.values.people import IdNumber, is_personal
from partybuild_cli.values.period import Day
from partybuild_cli.values.text import Name, Text, YesNo

EXAMPLES = int(os.environ.get("ROUND_TRIPS", "6"))
BRANCHES = ["神经内科党支部", "心内科党支部"]
MEMBERS = ["周明远", "陈静姝", "张敏(003003)", "张敏(004002)", "欧阳晨", "吴振华"]
REASONS = ["值班", "手术", "2小时", "外出进修至10月", "产假", "因公(出国)"]
EXTRAS = ["籍贯", "天气", "备注(J)", "F", "工资/岗位", "经费(元)", "所在病区", "曾用名", "第二联系电话"]
TRICKY = [
    "00042",
    "12.50",
    "1985.03",
    "+1",
    "-2+3",
    "@sum",
    "10%",
    "TRUE",
    "_x0041_",
    "<r>a</r>",
    "a\nb",
    "〇",
    "１２",
    "甲、乙",
    "１月",
    "合计",
    "三(1)",
    "备注：无误",
    " 空 格 ",
    "𠮷",
]

words = st.one_of(
    st.sampled_from(TRICKY),
    st.text(st.sampled_from("党员学习甲乙丙丁戊1290ab（）()、，。-+=@ \n\t'\"&<%"), min_size=1, max_size=24),
)
days = st.dates(date(1950, 1, 1), date(2026, 8, 31)).flatmap(
    lambda day: st.sampled_from([day.isoformat(), day.isoformat()[:7], day.isoformat()[:4]])
)
numbers = st.decimals(0, 99, places=2).map(str)


@st.composite
def id_numbers(draw: Any) -> str:
    day = draw(st.dates(date(1950, 1, 1), date(2005, 1, 1)))
    body = f"119900{day:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


@st.composite
def people(draw: Any) -> str:
    names = draw(st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=3, unique=True))
    return "、".join(f"{name}（{draw(st.sampled_from(REASONS))}）" if draw(st.booleans()) else name for name in names)


@st.composite
def ranges(draw: Any) -> str:
    first = draw(st.dates(date(2020, 1, 1), date(2026, 6, 30)))
    last = draw(st.dates(first, date(2026, 7, 31)))
    return draw(st.sampled_from([f"{first}..{last}", str(first), str(first)[:7]]))


COUNTS = st.one_of(
    st.integers(0, 5000).map(str),
    st.sampled_from(["300余", "近400", "约40", ">1000", "1.15万", "至少8", "十余", "50以上", "20左右"]),
)
#: Kind -> raw values, the more particular kinds first.
KINDS: list[tuple[type, st.SearchStrategy[Any]]] = [
    (BranchKind, st.sampled_from(BRANCHES)),
    (MemberKind, st.sampled_from(MEMBERS)),
    (PeopleKind, people()),
    (IdNumber, id_numbers()),
    (MonthKind, st.dates(date(2020, 1, 1), date(2026, 9, 1)).map(lambda day: day.isoformat()[:7])),
    (YearKind, st.integers(2015, 2026).map(str)),
    (QuarterKind, st.sampled_from(["2026Q3", "2025Q4", "2026年第一季度"])),
    (PeriodKind, st.sampled_from(["2026Q3", "2026", "2026-09", "2026H1"])),
    (DeadlineKind, st.one_of(days, st.just("长期坚持"))),
    (Day, days),
    (CountKind, COUNTS),
    (Number, numbers),
    (Estimate, st.one_of(numbers, COUNTS)),
    (YesNo, st.sampled_from(["是", "否"])),
    (Name, st.text(st.sampled_from("甲乙丙丁戊己庚辛·"), min_size=2, max_size=6)),
    (Text, words),
    (VotesKind, words),
]


def raw_of(column: Column) -> st.SearchStrategy[Any]:
    """Values as a clerk types them, that the column understands."""
    kind = column.kind
    if isinstance(kind, Choice):
        return st.sampled_from(list(kind.words))
    if isinstance(kind, Day) and kind.range_allowed:
        return ranges()
    if kind.links and not kind.many:
        return st.one_of(words, people(), st.sampled_from(["神经内科、周明远", "张敏(003003)同志", "心内科"])).filter(
            understood(column)
        )
    found = next(strategy for known, strategy in KINDS if isinstance(kind, known))
    return found.filter(understood(column))


def understood(column: Column) -> Any:
    def check(raw: Any) -> bool:
        try:
            return column.kind.parse(raw) is not None
        except ValueProblem:
            return False

    return check


def rows_of(one: type[Record]) -> st.SearchStrategy[list[dict[str, Any]]]:
    columns = [column for column in one.columns.values() if not column.computed and column.kind != HOME]
    required = {column.key: raw_of(column) for column in columns if column.required}
    others = {column.key: raw_of(column) for column in columns if not column.required}
    extras = st.dictionaries(st.sampled_from(EXTRAS), words.filter(understood(Column(Text(), ""))), max_size=3)
    row = st.fixed_dictionaries({**required, "extras": extras}, optional=others)
    return st.lists(row, min_size=1, max_size=6)


@dataclass(frozen=True)
class World:
    book: Book
    folder: Path

    def keep(self, one: type[Record], rows: list[dict[str, Any]]) -> int:
        """Write what is sound through the normal road; how many records there are."""
        parser = Parser(one)
        drafts: list[ParsedRow] = []
        for number, row in enumerate(rows, start=1):
            draft = parser.parse(number, {key: raw for key, raw in row.items() if key != "extras"})
            draft.extras = {heading: Text().parse(text) or "" for heading, text in row["extras"].items()}
            drafts.append(draft)
        with self.book.writing() as connection:
            change = history.Change("test")
            planned = make_plan(
                connection, one, [draft for draft in drafts if not draft.problems], scope_of(connection)
            )
            carry_out(connection, change, one, planned)
            headings = [Heading(column, name, (name,)) for column, name in enumerate(EXTRAS)]
            learn(connection, Matched(one), headings, EXTRAS)
            history.save(connection, change)
            return int(connection.exec_driver_sql(f'SELECT count(*) FROM "{one.ledger}"').scalar_one())

    def export(self, one: type[Record], full: bool) -> Path:
        with self.book.reading() as connection:
            setting = Setting(unit_of(connection, None, date(2026, 9, 30)), date(2026, 9, 30), full=full)
            (path,) = export_ledgers(connection, Shelf(self.folder), Request([one], setting))
        return path

    def take(self, path: Path, **settings: Any) -> Report:
        return import_files(self.book, [path], Options(**settings))


@contextmanager
def world(ready_made: Path) -> Iterator[World]:
    with TemporaryDirectory() as folder:
        for suffix in ("", "-wal", "-shm"):
            source = ready_made.with_name(ready_made.name + suffix)
            if source.exists():
                shutil.copy(source, Path(folder) / f"party.db{suffix}")
        yield World(open_book(Path(folder) / "party.db"), Path(folder))


def told(report: Report) -> list[Any]:
    return [
        (
            sheet.sheet,
            sheet.ledger,
            sheet.reason,
            sheet.all_problems(),
            [(d.row, d.outcome, d.changes) for d in sheet.drafts],
        )
        for sheet in report.sheets
    ]


@pytest.mark.parametrize("ledger", ledgers())
def test_what_was_exported_comes_back_unchanged(ready_made: Path, ledger: str):
    one = record(ledger)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(rows=rows_of(one), full=st.booleans(), data=st.data())
    def check(rows: list[dict[str, Any]], full: bool, data: st.DataObject) -> None:
        with world(ready_made) as here:
            count = here.keep(one, rows)
            assume(count)
            path = here.export(one, full)
            report = here.take(path)
            (sheet,) = report.sheets
            assert sheet.ledger == ledger, told(report)
            assert sheet.counts == {"read": count, "added": 0, "changed": 0, "unchanged": count, "problem": 0}, told(
                report
            )
            assert report.change is None
            edited = edit(path, one, data)
            changes = [change for draft in here.take(path, yes=True).sheets[0].drafts for change in draft.changes]
            assert len(changes) == edited, changes

    check()


def edit(path: Path, one: type[Record], data: st.DataObject) -> int:
    """Change up to three cells that say something of the record alone; how many."""
    workbook = openpyxl.load_workbook(path)
    page = workbook.worksheets[0]
    header = next(row for row in page.iter_rows() if row[0].value == "序号")
    by_heading = {column.heading: column for column in one.columns.values()}
    places = [
        (row, cell.column, new)
        for row in range(header[0].row + 1, page.max_row + 1)
        if isinstance(page.cell(row, 1).value, int)
        for cell in header[1:]
        if (new := another(by_heading.get(cell.value), page.cell(row, cell.column).value, str(cell.value)))
    ]
    chosen = data.draw(st.lists(st.sampled_from(places), max_size=3, unique=True)) if places else []
    for row, column, new in chosen:
        page.cell(row, column).value = new
    workbook.save(path)
    return len(chosen)


def another(column: Column | None, old: Any, heading: str) -> str | None:
    """Another value for the cell; None for a cell that had better be left alone."""
    if column is None:
        return f"改{old or ''}" if heading in EXTRAS and not is_personal(heading) else None
    if not column.parts or column.kind.links or column.identity or column.mask or column.key in one_of_its_kind:
        return None
    if isinstance(column.kind, Choice):
        return next((word for word in column.kind.words if word != old), None)
    if isinstance(column.kind, Number | Estimate):
        return "7.77" if getattr(column.kind, "maximum", None) is None and column.key != "extension_months" else None
    if type(column.kind) is Day and not column.kind.range_allowed:
        return "1949-10-01"
    return "改过的文字" if isinstance(column.kind, Text) else None


#: A column of which an edit is more than one change, or is refused: what follows from others (nobody leaves before he came).
one_of_its_kind = {"state", "category", "born_on", "left_on"}
assert SealedMemberKind
