"""Importing (导入): every table of every file on its way into the book, in one transaction and one entry of the history.

A table is recognised, read, planned and written. A person is asked between two tries, never within one; a dry run goes the same
road on a copy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from partybuild_cli.errors import PartybuildError, Unfit, UsageFault
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.plan import carry_out, home_of_named, make_plan
from partybuild_cli.records.base.registry import ledgers
from partybuild_cli.records.base.row import Finding, Manner
from partybuild_cli.records.base.touched import remark_of_past
from partybuild_cli.sheets.importing import context, recognise, shapes, wording
from partybuild_cli.sheets.importing.columns import UNUSED, Matched, field_named
from partybuild_cli.sheets.importing.desk import (
    Agree,
    Ask,
    Desk,
    FileReport,
    Learned,
    Options,
    Progress,
    Report,
    Said,
    SheetReport,
    UnansweredError,
    answers,
    ask_day,
    confirmed,
    keep,
    learn,
    records_of,
    spoken_sheet,
)
from partybuild_cli.sheets.importing.drafts import blame_rows, check_totals, with_joined
from partybuild_cli.sheets.importing.evidence import Samples, is_text
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.rows import Reading, RowReader
from partybuild_cli.sheets.importing.table import FORM_REASON, Table, find_tables
from partybuild_cli.sheets.reading import Sheet, Workbook, read_book
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.values import Number
from partybuild_cli.values.day import add_months
from partybuild_cli.values.text import tight

#: Why a sheet without any content is no ledger.
EMPTY = "空表"
_FORM = "这是一张表单（标签和内容相间），按一条记录读取；下面的行号按标签一行、内容一行计"


@dataclass(slots=True)
class Understood:
    """A table that was understood: its columns, its rows, and what stands around them."""

    samples: Samples
    matched: Matched
    reading: Reading
    said: dict[str, Any]

    @property
    def unsaid(self) -> list[Column]:
        """Columns that a title may hold and somebody has to say, the branch even where a record may do without; nothing does."""
        record = self.matched.record
        said = self.matched.found | self.said.keys() | self.reading.grouped.keys()
        said |= {key for key in self.reading.stood_in if all(key in row.values for row in self.reading.drafts)}
        if record.branch_from and any(
            home_of_named(record, row.values, self.samples.roster) for row in self.reading.drafts
        ):
            said = said | {"branch"}
        needed = "branch" if record.branch_from and self.samples.roster.branches else ""
        columns = record.columns.values() if self.reading.drafts else ()
        return [one for one in columns if one.context and (one.required or one.key == needed) and one.key not in said]


def import_sheet(desk: Desk, sheet: Sheet) -> list[SheetReport]:
    """Every table of a sheet."""
    sheet = shapes.folded(shapes.added_up(sheet))
    grid = Grid(sheet, desk.told)
    notes = ["工作表是隐藏的，已照常读取"] if sheet.hidden else []
    if rows := sorted(sheet.hidden_rows):
        shown = "、".join(map(str, rows[:10])) + ("等" if len(rows) > 10 else "")
        notes.append(f"第 {shown} 行（共 {len(rows)} 行）是隐藏的，已照常读取")
    tables, reason = find_tables(grid)
    stacked = len(tables) > 1 and tables[0].first == tables[0].last == tables[1].header[0] - 1
    if (reason == FORM_REASON or stacked) and (form := shapes.form_sheet(grid)) is not None:
        tables = [replace(table, form=_FORM) for table in find_tables(Grid(form, desk.told))[0][:1]]
    if not tables:
        texts = [text for row in grid.rows[:20] for text in row if isinstance(text, str)]
        reason = (recognise.name_of_list([sheet.name, *texts]) or reason) if any(grid.rows) else EMPTY
        return [SheetReport(sheet.name, reason=reason, notes=notes)]
    return [_import_table(desk, _without_ticks(desk, table), notes) for table in tables]


def _without_ticks(desk: Desk, table: Table) -> Table:
    """The table; a register of ticks that can be read as one of meetings, blocks of a list to sign below each other."""
    days = shapes.days_across(Samples(table, desk.roster)) if not desk.options.ledger and not table.form else []
    read = shapes.meetings_of(table, days) if days else shapes.below_each_other(table) or ""
    if isinstance(read, Sheet):
        return replace(find_tables(Grid(read, desk.told))[0][0], form=shapes.READ if days else shapes.BLOCKS)
    return replace(table, unread=read)


def _import_table(desk: Desk, table: Table, notes: list[str]) -> SheetReport:
    name = table.grid.sheet.name
    report = SheetReport(name, header_rows=list(table.header), notes=list(notes), table=table, reason=table.unread)
    report.range = "" if table.alone else table.range
    if table.unread:
        return report
    samples = Samples(table, desk.roster)
    recognised = recognise.settle(desk, samples)
    if table.form == _FORM and (recognised.matched is None or not recognised.matched.record.on_forms):
        report.reason = (
            recognise.name_of_list([*table.titles, name, *(one.lowest for one in table.headings)]) or FORM_REASON
        )
        return report
    if recognised.matched is None:
        report.reason = recognised.reason
        return report
    understood = _understand(samples, recognised.matched)
    report.answered = recognise.ask_unsaid(desk, name, understood.matched.record, understood.unsaid)
    understood.said |= report.answered
    _describe(report, understood)
    _plan(desk, report, understood)
    desk.learned += confirmed(table.headings, understood.matched, desk.told)
    learn(desk.connection, understood.matched, table.headings, report.extras)
    return report


def _understand(samples: Samples, matched: Matched) -> Understood:
    table, roster, around = samples.table, samples.roster, samples.around
    record, date, month = matched.record, matched.record.date, context.month_in(samples.around)
    span = context.span_in(around) if record.months_of and month is None and date not in matched.found else []
    told = [heading for heading in table.headings if not matched.explained.get(heading.column, "").startswith("内容")]
    spoken = any("日期" in wording.words_in(heading.lowest) for heading in told)
    day = None if spoken or all(one.key != date for one in matched.missing) else context.day_in(around)
    titled = {date: day} if day else {}  # the record's own day, as title or sheet name say it
    said = month or (str(around.year) if around.year else None)
    reading = RowReader(table, matched, roster, said, span, titled).read()
    if span:
        reading.grouped[date] = [context.quarter_in(around) or f"{span[0]}..{span[-1]}"]
    known = context.context_of(record, matched.found, around, roster)
    known = {
        key: value for key, value in known.items() if key not in reading.grouped or not is_text(record.columns[key])
    }
    known |= titled
    held = matched.found | known.keys() | reading.grouped.keys()
    for column in [one for one in record.columns.values() if one.required and one.key not in held]:
        joined = any(row.joins is not None for row in reading.drafts)  # a list of people: somebody says what it is of
        if entry := recognise.stand_in(samples, matched, column):
            by = entry["by"]
            each = [context.said_by(column, row.values.get(by, known.get(by)), entry) for row in reading.drafts]
            if all(each) or (entry.get("some") and any(each) and not joined):
                for draft, value in zip(reading.drafts, each, strict=True):
                    draft.values |= {} if value is None else {column.key: value}
                reading.stood_in[column.key] = by
    return Understood(samples, matched, reading, known)


def _describe(report: SheetReport, understood: Understood) -> None:
    """What the table is, before anything is planned."""
    matched, reading, samples = understood.matched, understood.reading, understood.samples
    table, columns = samples.table, matched.record.columns
    report.record, report.near = matched.record, matched.near
    held = matched.keys | {at: f"{matched.record.date}+{key}" for at, (_, _, key) in matched.months.items()}
    held |= {at: "+".join(keys) for at, keys in matched.sentences.items()}
    report.columns = {one.key: held[one.column] for one in table.headings if one.column in held}
    report.checked = [name for name, key in report.columns.items() if key in columns and columns[key].computed]
    report.extras = [heading.key for heading in table.headings if heading.key in reading.extras]
    report.skipped = reading.skipped
    found = {key: str(value) for key, value in understood.said.items()}
    if samples.around.year and any(year is None for year, _, _ in matched.months.values()):
        found[matched.record.date] = str(samples.around.year)
    for key, values in reading.grouped.items():  # group rows may say several things
        said = [found[key]] if key in found else []
        found[key] = "、".join(dict.fromkeys([*said, *map(str, values)]))
    report.context = {**found}
    report.assumed |= report.answered.keys()
    if "branch" in understood.said and context.branch_in(samples.around, samples.roster) is None:
        report.assumed.add("branch")
    report.notes += _notes(report, understood)


def _notes(report: SheetReport, understood: Understood) -> Iterator[str]:
    """What a clerk should look at."""
    matched, reading, samples = understood.matched, understood.reading, understood.samples
    table, columns = samples.table, matched.record.columns
    if table.form:
        yield table.form
    for heading, key in matched.near.items():
        yield f"“{heading}”按“{columns[key].heading}”读取；不对的话请用 --map {heading}=字段名 指定"
    for one in table.headings:
        if one.column in matched.sentences:
            said = "、".join(columns[key].heading for key in matched.sentences[one.column])
            yield f"“{one.key}”里的句子按{said}读取，请核对"
        means = matched.explained.get(one.column, UNUSED)
        if means != UNUSED and one.key in reading.extras and wording.words_of(matched.record.ledger).get(one.lowest):
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
        yield f"表里没有写明{what}，按{which}的“{understood.said[key]}”计"
    for column in [one for one in understood.unsaid if not one.required]:
        yield f"表里没有写明“{column.heading}”，这些记录不算在哪个支部；是某个支部的，请在标题里写明，或者加一列“{column.heading}”"
    for key, by in reading.stood_in.items():
        yield f"表里没有“{columns[key].heading}”这一列，按“{columns[by].heading}”填写；不对的话请加一列“{columns[key].heading}”"
    for heading, key in matched.further.items():
        if heading in reading.extras and tight(columns[key].heading) == heading:
            yield f"“{heading}”的内容不像我们的“{heading}”，由别的列读取，这一列原样保留"
        elif heading in reading.extras:
            yield f"“{heading}”也像“{columns[key].heading}”，那一项已有别的列，这一列原样保留"


def _plan(desk: Desk, report: SheetReport, understood: Understood) -> None:
    """Plan and write the rows; where the sheet as a whole lacks something, none of them can be."""
    matched, read = understood.matched, understood.reading.drafts
    record = matched.record
    headings = {key: name for name, key in report.columns.items()}
    endings = context.surroundings([understood.reading.texts], "").lines
    said = [understood.said, *(row.values for row in read)]
    day = context.as_of_in(understood.samples.around, endings) or ask_day(desk, report, said)
    scope = desk.scope(day, understood.said)
    report.problems = [(report.header_rows[-1], finding) for finding in _lacking(understood, day)]
    if report.problems:
        drafts = [row.planned("problem") for row in read]
    else:
        manner = Manner(desk.options.mode, desk.options.erase_blank, frozenset(matched.keys.values()))
        own = [row for row in read if row.joins is None]
        planned = make_plan(desk.connection, record, own, scope, manner, headings, desk.source)
        carry_out(desk.connection, desk.change, record, planned)
        drafts = with_joined(read, planned)
        blame_rows(record, drafts)
        desk.wrote(record.ledger, sum(draft.outcome == "changed" and not draft.problems for draft in drafts))
    report.drafts = drafts
    check_totals(record, drafts)
    words = {record.columns[key].heading: name for key, name in headings.items() if key in record.columns}
    for draft in drafts:  # findings name the column as the sheet does
        for findings in (draft.problems, draft.warnings):
            findings[:] = [one._replace(column=words.get(one.column, one.column)) for one in findings]
    if desk.options.with_rows:
        report.records = records_of(record, drafts, scope.roster)


def _lacking(understood: Understood, day: date | None) -> Iterator[Finding]:
    """What the sheet as a whole lacks: a required column, the year of its months, or a 填报日期 that may be."""
    if day is not None and day > add_months(date.today(), 12):
        yield Finding("填报日期", str(day), f"{day} 在一年以后，请核对年份")
    doubted = {doubt.column.key for doubt in understood.matched.doubts}
    for doubt in understood.matched.doubts:
        yield Finding(doubt.candidates[0], "", recognise.how_to_settle(doubt))
    for column in [*understood.matched.missing, *understood.unsaid]:
        said = understood.said.keys() | understood.reading.stood_in.keys() | doubted
        if column.required and column.key not in said:
            yield Finding(
                column.heading,
                "",
                recognise.how_to_map(recognise.may_be(understood.samples, understood.matched, column), column),
            )
    if understood.samples.around.year is None and any(
        year is None for year, _, _ in understood.matched.months.values()
    ):
        record, sentence = understood.matched.record, "表中没有写明是哪一年，请在标题里写上年份，如“2026年”，再导入"
        yield Finding(record.columns[record.date].heading, "", sentence)


#: So much of a ledger, and more than so many records, is a large change.
_LARGE_SHARE, _LARGE_COUNT = 0.3, 10
#: What is laid into the folder of the forms and says who got which; it is not to be imported.
_HAND_OUT = "互评表发放单"


class _TakeBackError(Exception):
    """Ends the transaction without keeping what it wrote."""


def import_files(
    book: Book,
    paths: Sequence[Path],
    options: Options,
    *,
    ask: Ask | None = None,
    agree: Agree | None = None,
    progress: Progress | None = None,
) -> Report:
    """Import workbooks, and say what that changed or would change.

    Nothing is written where a row has a problem (unless bad rows are skipped), where many kept records would change and
    nobody agrees, and in a dry run. NotFound or Unfit where a file cannot be read or holds no ledger.
    """
    workbooks = []
    for place, path in enumerate(paths):
        if progress:
            progress(f"读取 {path.name}", place, len(paths))
        workbooks.append(read_book(path, options.password))
    said: Said = []
    while True:
        report = Report()
        learned: Learned = []
        try:
            with book.rehearsing() if options.dry_run else book.writing() as connection:
                replies = answers(said) if ask else None
                desk = Desk(connection, Change(this_command()), options, replies, learned=learned)
                _import_all(desk, workbooks, report, progress)
        except _TakeBackError:
            report.written, report.change = False, None
        except PartybuildError:
            _keep_answers(book, learned, options)
            raise
        except UnansweredError as end:
            assert ask is not None
            said.append((end.args[0], ask(end.args[0])))
            continue
        if report.needs_yes and not options.dry_run and agree is not None and agree(report.needs_yes):
            options = replace(options, agreed=report.needs_yes)
            continue
        if not report.written:
            _keep_answers(book, learned, options)
        return report


def _keep_answers(book: Book, learned: Learned, options: Options) -> None:
    """What a person said holds from that moment, also where the import was refused."""
    if learned and not options.dry_run:
        with book.writing() as connection:
            keep(connection, learned, None)


def _import_all(desk: Desk, workbooks: list[Workbook], report: Report, progress: Progress | None) -> None:
    count_of = 'SELECT count(*) FROM "{}"'
    kept = {one: desk.connection.exec_driver_sql(count_of.format(one)).scalar_one() for one in ledgers()}
    options = desk.options
    for workbook in workbooks:
        file = FileReport(workbook.path, notes=workbook.notes, package=workbook.package)
        report.files.append(file)
        for place, sheet in enumerate(workbook.sheets):
            if progress:
                progress(f"{workbook.path.name} {spoken_sheet(sheet.name)}", place, len(workbook.sheets))
            file.sheets += import_sheet(desk, sheet)
        _need_ledger(file, options, alone=len(workbooks) == 1)
    _need_maps(report, options)
    large = {
        ledger: (changed, kept[ledger])
        for ledger, changed in desk.changed.items()
        if changed > _LARGE_COUNT and changed > kept[ledger] * _LARGE_SHARE
    }
    report.needs_yes = {} if options.yes or large == options.agreed else large
    if options.dry_run or report.needs_yes or (report.problem_count and not options.skip_bad):
        raise _TakeBackError
    report.written = True
    remark_of_past(desk.connection, desk.change)
    if desk.change.rows:
        report.change = save(desk.connection, desk.change)
    keep(desk.connection, desk.learned, report.change)


def _need_ledger(file: FileReport, options: Options, alone: bool) -> None:
    """Every file holds a ledger, but for the hand-out list that lies among the forms of a round (互评表发放单)."""
    handed_out = not alone and all(_HAND_OUT in sheet.reason for sheet in file.sheets)
    if handed_out or any(sheet.record for sheet in file.sheets):
        return
    if all(sheet.reason == EMPTY for sheet in file.sheets):
        raise Unfit(f"{file.path.name} 里没有内容，每张表都是空的。请核对是不是选错了文件。")
    reasons = "；".join(f"{spoken_sheet(sheet.sheet)}：{sheet.reason}" for sheet in file.sheets[:8])
    advice = "" if options.ledger or "--ledger" in reasons else "可用 --ledger 指定是哪一种台账。"
    raise Unfit(f"{file.path.name} 里没有找到台账。{reasons}。{advice}")


def _need_maps(report: Report, options: Options) -> None:
    """A heading that `--map` names stands in some sheet: a slip of the pen there would leave a column unread."""
    seen = {tight(heading).rpartition("/")[2] for sheet in report.sheets for heading in (*sheet.columns, *sheet.extras)}
    for heading, key in options.maps.items():
        if tight(heading).rpartition("/")[2] not in seen:
            raise UsageFault(f"--map {heading}={key}：这些表里没有“{heading}”这一列，请照表头改正。没有写入任何内容。")
        read = [sheet.record for sheet in report.sheets if sheet.record]
        if key != UNUSED and read and not any(field_named(record, key) for record in read):
            captions = "、".join(dict.fromkeys(record.caption for record in read))
            raise UsageFault(f"--map {heading}={key}：{captions}没有“{key}”这个字段，请改正。没有写入任何内容。")
