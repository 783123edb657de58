"""One table on its way into the book (一张表的导入): recognised, read, planned and written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.plan import carry_out, make_plan
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.records.base.row import Finding, Manner, ParsedRow, PlannedRow
from partybuild_cli.records.base.rows import home_of_named
from partybuild_cli.sheets.importing.asking import (
    ask_unsaid,
    confirmed,
    how_to_map,
    how_to_settle,
    learn,
    may_be,
    settle,
)
from partybuild_cli.sheets.importing.columns import UNUSED, Matched
from partybuild_cli.sheets.importing.context import (
    Surroundings,
    as_of_in,
    branch_in,
    context_of,
    day_in,
    month_in,
    quarter_in,
    surroundings,
)
from partybuild_cli.sheets.importing.desk import Desk, SheetReport, records_of
from partybuild_cli.sheets.importing.evidence import Samples
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.headings import words_in, words_of
from partybuild_cli.sheets.importing.recognise import name_of_list
from partybuild_cli.sheets.importing.rows import Reading, RowReader
from partybuild_cli.sheets.importing.shapes import FORM_REASON, added_up, folded, form_sheet
from partybuild_cli.sheets.importing.table import Table, find_tables
from partybuild_cli.sheets.importing.ticks import (
    BLOCKS,
    READ,
    below_each_other,
    blame_rows,
    check_totals,
    days_across,
    meetings_of,
)
from partybuild_cli.sheets.reading import Sheet
from partybuild_cli.values import Number
from partybuild_cli.values.period import months, period_of
from partybuild_cli.values.text import tight

#: Why a sheet without any content is no ledger.
EMPTY = "空表"
_FORM = "这是一张表单（标签和内容相间），按一条记录读取；下面的行号按标签一行、内容一行计"


@dataclass(slots=True)
class Understood:
    """A table that was understood: its columns, its rows, and what stands around them."""

    table: Table
    matched: Matched
    around: Surroundings
    reading: Reading
    context: dict[str, Any]
    roster: Roster
    samples: Samples

    @property
    def unsaid(self) -> list[Column]:
        """Columns that a title may hold and somebody has to say, the branch even where a record may do without; nothing does."""
        record = self.matched.record
        said = self.matched.found | self.context.keys() | self.reading.grouped.keys()
        if record.branch_from and any(home_of_named(record, row.values, self.roster) for row in self.reading.drafts):
            said = said | {"branch"}
        needed = "branch" if record.branch_from and self.roster.branches else ""
        columns = record.columns.values() if self.reading.drafts else ()
        return [one for one in columns if one.context and (one.required or one.key == needed) and one.key not in said]


def import_sheet(desk: Desk, sheet: Sheet) -> list[SheetReport]:
    """Every table of a sheet."""
    sheet = folded(added_up(sheet))
    grid = Grid(sheet, desk.told)
    notes = _hidden(sheet)
    tables, reason = find_tables(grid)
    if not tables and reason == FORM_REASON and (form := form_sheet(grid)) is not None:
        tables = [replace(table, form=_FORM) for table in find_tables(Grid(form, desk.told))[0][:1]]
    if not tables:
        texts = [text for row in grid.rows[:20] for text in row if isinstance(text, str)]
        reason = (name_of_list([sheet.name, *texts]) or reason) if any(grid.rows) else EMPTY
        return [SheetReport(sheet.name, reason=reason, notes=notes)]
    return [_import_table(desk, _without_ticks(desk, table), notes) for table in tables]


def _without_ticks(desk: Desk, table: Table) -> Table:
    """The table; a register of ticks that can be read as one of meetings, blocks of a list to sign below each other."""
    days = days_across(Samples(table, desk.roster)) if not desk.options.ledger and not table.form else []
    read = meetings_of(table, days) if days else below_each_other(table) or ""
    if isinstance(read, Sheet):
        return replace(find_tables(Grid(read, desk.told))[0][0], form=READ if days else BLOCKS)
    return replace(table, unread=read)


def _hidden(sheet: Sheet) -> list[str]:
    notes = ["工作表是隐藏的，已照常读取"] if sheet.hidden else []
    if sheet.hidden_rows:
        rows = sorted(sheet.hidden_rows)
        shown = "、".join(map(str, rows[:10])) + ("等" if len(rows) > 10 else "")
        notes.append(f"第 {shown} 行（共 {len(rows)} 行）是隐藏的，已照常读取")
    return notes


def _import_table(desk: Desk, table: Table, notes: list[str]) -> SheetReport:
    name = table.grid.sheet.name
    report = SheetReport(name, header_rows=table.header.rows, notes=list(notes), table=table, reason=table.unread)
    report.range = "" if table.alone else table.range
    if table.unread:
        return report
    around = surroundings(table.preamble, name, table.head_of_sheet)
    samples = Samples(table, desk.roster, around.year)
    recognised = settle(desk, samples, around)
    if table.form == _FORM and (recognised.matched is None or not recognised.matched.record.on_forms):
        report.reason = name_of_list([*table.titles, name, *(one.lowest for one in table.headings)]) or FORM_REASON
        return report
    if recognised.matched is None:
        report.reason = recognised.reason
        return report
    understood = _understand(desk, samples, recognised.matched, around)
    report.answered = ask_unsaid(desk, name, understood.matched.record, understood.unsaid)
    understood.context |= report.answered
    _describe(report, understood)
    _plan(desk, report, understood)
    desk.learned += confirmed(table.headings, understood.matched, desk.told)
    learn(desk.connection, understood.matched, table.headings, report.extras)
    return report


def _understand(desk: Desk, samples: Samples, matched: Matched, around: Surroundings) -> Understood:
    table, roster, record, date = samples.table, desk.roster, matched.record, matched.record.date
    quarter = quarter_in(around) if month_in(around) is None and date not in matched.found else None
    said = months(period_of(quarter)) if quarter and record.months_of else ()
    month = month_in(around)
    reading = RowReader(table, matched, roster, month or (str(around.year) if around.year else None), said).read()
    if quarter and said:
        reading.grouped[date] = [quarter]
    context = context_of(record, matched.found, around, roster)
    spoken = any("日期" in words_in(heading.lowest) for heading in table.headings)
    if not spoken and any(one.key == date for one in matched.missing) and (day := day_in(around)) is not None:
        context[date] = day  # the record's own day, as title or sheet name say it
        for draft in reading.drafts:
            draft.values.setdefault(date, day)
    return Understood(table, matched, around, reading, context, roster, samples)


def _describe(report: SheetReport, understood: Understood) -> None:
    """What the table is, before anything is planned."""
    matched, reading, table = understood.matched, understood.reading, understood.table
    columns = matched.record.columns
    report.record, report.near = matched.record, matched.near
    held = matched.keys | {at: f"{matched.record.date}+{key}" for at, (_, _, key) in matched.months.items()}
    held |= {at: "+".join(keys) for at, keys in matched.sentences.items()}
    report.columns = {one.key: held[one.column] for one in table.headings if one.column in held}
    report.checked = [name for name, key in report.columns.items() if key in columns and columns[key].computed]
    report.extras = [heading.key for heading in table.headings if heading.key in reading.extras]
    report.skipped = reading.skipped
    report.context = _context(understood)
    report.assumed |= report.answered.keys()
    if "branch" in understood.context and branch_in(understood.around, understood.roster) is None:
        report.assumed.add("branch")
    report.notes += _notes(report, understood)


def _notes(report: SheetReport, understood: Understood) -> Iterator[str]:
    """What a clerk should look at."""
    matched, reading, table, samples = understood.matched, understood.reading, understood.table, understood.samples
    columns = matched.record.columns
    if table.form:
        yield table.form
    for heading, key in matched.near.items():
        yield f"“{heading}”按“{columns[key].heading}”读取；不对的话请用 --map {heading}=字段名 指定"
    for one in table.headings:
        if one.column in matched.sentences:
            said = "、".join(columns[key].heading for key in matched.sentences[one.column])
            yield f"“{one.key}”里的句子按{said}读取，请核对"
        means = matched.explained.get(one.column, UNUSED)
        if means != UNUSED and one.key in reading.extras and words_of(matched.record.ledger).get(one.lowest):
            means = f"的{means}" if means.startswith("内容") else f"在这张表里是{means}"
            yield f"“{one.key}”{means}，这一列原样保留"
    for place, key in matched.keys.items():
        kind = columns[key].kind
        if isinstance(kind, Number) and kind.unit == "学时" and samples.says(place, "分"):
            yield f"“{columns[key].heading}”里的分钟按 60 分钟 1 学时折算，请核对"
    for name in reading.unsigned:
        yield f"“{name}”一栏是空的，名单上的人都按参加读取，请核对"
    for key in sorted(report.assumed):
        which = "回答" if key in report.answered else "唯一"
        what = "党支部" if key == "branch" else columns[key].heading
        yield f"表里没有写明{what}，按{which}的“{understood.context[key]}”计"
    for column in [one for one in understood.unsaid if not one.required]:
        yield f"表里没有写明“{column.heading}”，这些记录不算在哪个支部；是某个支部的，请在标题里写明，或者加一列“{column.heading}”"
    for heading, key in matched.further.items():
        if heading in reading.extras and tight(columns[key].heading) == heading:
            yield f"“{heading}”的内容不像我们的“{heading}”，由别的列读取，这一列原样保留"
        elif heading in reading.extras:
            yield f"“{heading}”也像“{columns[key].heading}”，那一项已有别的列，这一列原样保留"


def _context(understood: Understood) -> dict[str, str]:
    """Values that no column holds: from the title, and from group rows, several of which may differ."""
    matched = understood.matched
    context = {key: str(value) for key, value in understood.context.items()}
    if understood.around.year and any(year is None for year, _, _ in matched.months.values()):
        context[matched.record.date] = str(understood.around.year)
    for key, values in understood.reading.grouped.items():
        said = [context[key]] if key in context else []
        context[key] = "、".join(dict.fromkeys([*said, *map(str, values)]))
    return context


def _plan(desk: Desk, report: SheetReport, understood: Understood) -> None:
    """Plan and write the rows; where the sheet as a whole lacks something, none of them can be."""
    matched, read = understood.matched, understood.reading.drafts
    record = matched.record
    headings = {key: name for name, key in report.columns.items()}
    endings = surroundings([understood.reading.texts], "").lines
    scope = desk.scope(as_of_in(understood.around, endings), understood.context)
    report.problems = [(report.header_rows[-1], finding) for finding in _lacking(understood)]
    if report.problems:
        drafts = [row.planned("problem") for row in read]
    else:
        manner = Manner(desk.options.mode, desk.options.erase_blank, frozenset(matched.keys.values()))
        own = [row for row in read if row.joins is None]
        plan = make_plan(desk.connection, record, own, scope, manner, headings, desk.source)
        carry_out(desk.connection, desk.change, plan)
        drafts = _with_joined(read, plan.rows)
        blame_rows(record, drafts)
        desk.wrote(record.ledger, sum(draft.outcome == "changed" and not draft.problems for draft in drafts))
    report.drafts = drafts
    check_totals(record, drafts)
    words = {record.columns[key].heading: name for key, name in headings.items() if key in record.columns}
    for draft in drafts:  # findings name the column as the sheet does
        for findings in (draft.problems, draft.warnings):
            findings[:] = [replace(one, column=words.get(one.column, one.column)) for one in findings]
    if desk.options.with_rows:
        report.records = records_of(record, drafts, scope.roster)


def _with_joined(read: Sequence[ParsedRow], planned: list[PlannedRow]) -> list[PlannedRow]:
    """Every row that was read; one that was joined to another is planned with that."""
    if len(read) == len(planned):
        return planned
    found, rest = dict[int, PlannedRow](), iter(planned)
    for row in read:
        found[id(row)] = row.planned(joins=found[id(row.joins)]) if row.joins else next(rest)
    return list(found.values())


def _lacking(understood: Understood) -> Iterator[Finding]:
    """What the sheet as a whole lacks: a required column, or the year of its months."""
    samples = understood.samples
    doubted = {doubt.column.key for doubt in understood.matched.doubts}
    for doubt in understood.matched.doubts:
        yield Finding(doubt.candidates[0], "", how_to_settle(doubt))
    for column in [*understood.matched.missing, *understood.unsaid]:
        if column.required and column.key not in doubted and column.key not in understood.context:
            yield Finding(column.heading, "", how_to_map(may_be(samples, understood.matched, column), column))
    if understood.around.year is None and any(year is None for year, _, _ in understood.matched.months.values()):
        record = understood.matched.record
        sentence = "表中没有写明是哪一年，请在标题里写上年份，如“2026年”，再导入"
        yield Finding(record.columns[record.date].heading, "", sentence)
