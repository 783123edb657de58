"""Importing (导入): every table of every file is recognised, read, planned and written, in one transaction.

A person is asked between two tries, never within one; a dry run goes the same road on a copy.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, func, select

from partybuild_cli.errors import PartybuildError, Unfit, UsageFault
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.plan import carry_out, make_plan
from partybuild_cli.records.base.row import Finding, Manner
from partybuild_cli.sheets.importing import context, jobs, recognise, shapes, wording
from partybuild_cli.sheets.importing.columns import UNUSED, Matched, field_named
from partybuild_cli.sheets.importing.drafts import blame_rows, check_totals, with_joined
from partybuild_cli.sheets.importing.evidence import Samples, is_text
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.rows import Reading
from partybuild_cli.sheets.importing.table import FORM_REASON, Table, find_tables
from partybuild_cli.sheets.reading import Merge, Sheet, Workbook, read_book
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.values.day import add_months
from partybuild_cli.values.text import tight

EMPTY = "空表"  # why a sheet without any content is no ledger
_FORM = "这是一张表单（标签和内容相间），按一条记录读取；下面的行号按标签一行、内容一行计"


def import_sheet(job: jobs.ImportJob, sheet: Sheet) -> list[jobs.SheetReport]:
    """Every table of a sheet."""
    sheet = shapes.folded(shapes.added_up(sheet))
    grid = Grid(sheet, job.mapped)
    notes = ["工作表是隐藏的，已照常读取"] if sheet.hidden else []
    if rows := sorted(sheet.hidden_rows):
        shown = "、".join(map(str, rows[:10])) + ("等" if len(rows) > 10 else "")
        notes.append(f"第 {shown} 行（共 {len(rows)} 行）是隐藏的，已照常读取")
    tables, reason = find_tables(grid)
    stacked = len(tables) > 1 and tables[0].first == tables[0].last == tables[1].header[0] - 1
    if (reason == FORM_REASON or stacked) and (form := shapes.form_sheet(grid)) is not None:
        tables = [replace(table, form=_FORM) for table in find_tables(Grid(form, job.mapped))[0][:1]]
    if not tables:
        texts = [text for row in grid.rows[:20] for text in row if isinstance(text, str)]
        reason = (recognise.name_of_list([sheet.name, *texts]) or reason) if any(grid.rows) else EMPTY
        return [jobs.SheetReport(sheet.name, reason=reason, notes=notes)]
    reports = []
    for table in tables:
        # A register of ticks may be read as one of meetings, the blocks of a list to sign below each other.
        days = shapes.days_across(Samples(table, job.roster)) if not job.options.ledger and not table.form else []
        read = shapes.meetings_of(table, days) if days else shapes.below_each_other(table) or ""
        if isinstance(read, Sheet):
            table = replace(find_tables(Grid(read, job.mapped))[0][0], form=shapes.READ if days else shapes.BLOCKS)
        else:
            table.unread = read
        reports.append(_import_table(job, table, notes))
    return reports


def _import_table(job: jobs.ImportJob, table: Table, notes: list[str]) -> jobs.SheetReport:
    name = table.grid.sheet.name
    report = jobs.SheetReport(name, header_rows=list(table.header), notes=list(notes), table=table, reason=table.unread)
    area = Merge(table.header[0], table.left + 1, table.last, table.right + 1).area
    report.range = "" if table.alone else area
    if table.unread:
        return report
    samples = Samples(table, job.roster)
    recognised = recognise.settle(job, samples)
    matched = recognised.matched
    if table.form == _FORM and (matched is None or not matched.record.on_forms):
        texts = [*table.titles, name, *(heading.lowest for heading in table.headings)]
        report.reason = recognise.name_of_list(texts) or FORM_REASON
    elif matched is None:
        report.reason = recognised.reason
    else:
        reading = _read(samples, matched)
        report.answered = recognise.ask_unsaid(job, name, matched.record, reading.unsaid)
        reading.said |= report.answered
        _describe(report, reading)
        _plan(job, report, reading)
        job.learned += jobs.confirmed(table.headings, matched, job.mapped)
        jobs.learn(job.connection, matched, table.headings, report.extras)
    return report


def _read(samples: Samples, matched: Matched) -> Reading:
    """The rows of a table, and what stands around them."""
    around, record, found = samples.around, matched.record, matched.found
    columns, date, month = record.columns, record.date, context.month_in(around)
    span = context.span_in(around) if record.months_of and month is None and date not in found else []
    headings = [
        heading
        for heading in samples.table.headings
        if not matched.explained.get(heading.column, "").startswith("内容")
    ]
    spoken = any("日期" in wording.words_in(heading.lowest) for heading in headings)
    day = None if spoken or all(field.key != date for field in matched.missing) else context.day_in(around)
    titled = {date: day} if day else {}  # the record's own day, as title or sheet name say it
    said = month or (str(around.year) if around.year else None)
    reading = Reading(samples, matched, said, span, titled)
    reading.read()
    if span:
        reading.grouped[date] = [context.quarter_in(around) or f"{span[0]}..{span[-1]}"]
    known = context.context_of(record, found, around, samples.roster)
    known = {key: value for key, value in known.items() if key not in reading.grouped or not is_text(columns[key])}
    reading.said = known = known | titled
    held = found | known.keys() | reading.grouped.keys()
    joined = [row for row in reading.drafts if row.joins is not None]  # a list of people: somebody says what it is of
    own = record.gathers[1] if record.gathers else ""
    apart = any(row.joins and row.joins.values.get(own) != row.values.get(own) for row in joined)  # not the same hours
    for column in [field for field in columns.values() if field.required and field.key not in held]:
        entry = recognise.stand_in(samples, matched, column)
        if entry and not (apart and entry.get("some")):
            by = entry["by"]
            each = [context.said_by(column, row.values.get(by, known.get(by)), entry) for row in reading.drafts]
            if all(each) or (entry.get("some") and any(each) and not joined):
                for draft, value in zip(reading.drafts, each, strict=True):
                    draft.values |= {} if value is None else {column.key: value}
                reading.stood_in[column.key] = by
    return reading


def _describe(report: jobs.SheetReport, reading: Reading) -> None:
    """What the table is, before anything is planned."""
    matched, around = reading.matched, reading.samples.around
    headings, columns, date = reading.samples.table.headings, matched.record.columns, matched.record.date
    report.record, report.near, report.skipped = matched.record, matched.near, reading.skipped
    held = matched.keys | {at: f"{date}+{key}" for at, (_, _, key) in matched.months.items()}
    held |= {at: "+".join(keys) for at, keys in matched.sentences.items()}
    report.columns = {heading.key: held[heading.column] for heading in headings if heading.column in held}
    report.checked = [name for name, key in report.columns.items() if key in columns and columns[key].computed]
    report.extras = [heading.key for heading in headings if heading.key in reading.extras]
    found = {key: str(value) for key, value in reading.said.items()}
    if around.year and any(year is None for year, _, _ in matched.months.values()):
        found[date] = str(around.year)
    for key, values in reading.grouped.items():  # group rows may say several things
        said = [found[key]] if key in found else []
        found[key] = "、".join(dict.fromkeys([*said, *map(str, values)]))
    report.context = {**found}
    report.assumed |= report.answered.keys()
    if "branch" in reading.said and context.branch_in(around, reading.samples.roster) is None:
        report.assumed.add("branch")
    report.notes += _notes(report, reading)


def _notes(report: jobs.SheetReport, reading: Reading) -> Iterator[str]:
    """What a clerk should look at."""
    matched, table = reading.matched, reading.samples.table
    named = {key: column.heading for key, column in matched.record.columns.items()}
    if table.form:
        yield table.form
    for heading, key in matched.near.items():
        yield f"“{heading}”按“{named[key]}”读取；不对的话请用 --map {heading}=字段名 指定"
    for head in table.headings:
        if head.column in matched.sentences:
            said = "、".join(named[key] for key in matched.sentences[head.column])
            yield f"“{head.key}”里的句子按{said}读取，请核对"
        means = matched.explained.get(head.column, UNUSED)
        if means != UNUSED and head.key in reading.extras and wording.words_of(matched.record.ledger).get(head.lowest):
            yield f"“{head.key}”{'的' if means.startswith('内容') else '在这张表里是'}{means}，这一列原样保留"
    for at, key in matched.keys.items():
        unit, values = getattr(matched.record.columns[key].kind, "unit", ""), reading.samples.values(at)
        if unit == "学时" and any(isinstance(raw, str) and "分" in raw for raw in values):
            yield f"“{named[key]}”里的分钟按 60 分钟 1 学时折算，请核对"
    for name in reading.signing.blank:
        yield f"“{name}”一栏是空的，名单上的人都按参加读取，请核对"
    for key in sorted(report.assumed):
        which = "回答" if key in report.answered else "唯一"
        yield f"表里没有写明{'党支部' if key == 'branch' else named[key]}，按{which}的“{reading.said[key]}”计"
    for column in [field for field in reading.unsaid if not field.required]:
        yield f"表里没有写明“{column.heading}”，这些记录不算在哪个支部；是某个支部的，请在标题里写明，或者加一列“{column.heading}”"
    for key, by in reading.stood_in.items():
        yield f"表里没有“{named[key]}”这一列，按“{named[by]}”填写；不对的话请加一列“{named[key]}”"
    for heading, key in matched.further.items():
        if heading in reading.extras and tight(named[key]) == heading:
            yield f"“{heading}”的内容不像我们的“{heading}”，由别的列读取，这一列原样保留"
        elif heading in reading.extras:
            yield f"“{heading}”也像“{named[key]}”，那一项已有别的列，这一列原样保留"


def _plan(job: jobs.ImportJob, report: jobs.SheetReport, reading: Reading) -> None:
    """Plan and write the rows; where the sheet as a whole lacks something, none of them can be."""
    matched, read = reading.matched, reading.drafts
    record = matched.record
    headings = {key: name for name, key in report.columns.items()}
    endings = context.surroundings([reading.texts], "").lines
    said = [reading.said, *(row.values for row in read)]
    day = context.as_of_in(reading.samples.around, endings) or jobs.ask_day(job, report, said)
    scope = job.scope(day, reading.said)
    report.problems = [(report.header_rows[-1], finding) for finding in _lacking(reading, day)]
    if report.problems:
        drafts = [row.planned("problem") for row in read]
    else:
        manner = Manner(job.options.mode, job.options.erase_blank, frozenset(matched.keys.values()))
        own = [row for row in read if row.joins is None]
        planned = make_plan(job.connection, record, own, scope, manner, headings, job.source)
        carry_out(job.connection, job.change, record, planned)
        drafts = with_joined(read, planned)
        blame_rows(record, drafts)
        job.wrote(record.ledger)
    report.drafts = drafts
    check_totals(record, drafts)
    words = {record.columns[key].heading: name for key, name in headings.items() if key in record.columns}
    for findings in (found for draft in drafts for found in (draft.problems, draft.warnings) if found):
        findings[:] = [
            finding._replace(column=words.get(finding.column, finding.column)) for finding in findings
        ]  # as the sheet does
    if job.options.with_rows:
        report.records = jobs.records_of(record, drafts, scope.roster)


def _lacking(reading: Reading, day: date | None) -> Iterator[Finding]:
    """What the sheet as a whole lacks: a required column, the year of its months, or a 填报日期 that may be."""
    matched, samples = reading.matched, reading.samples
    if day is not None and day > add_months(date.today(), 12):
        yield Finding("填报日期", str(day), f"{day} 在一年以后，请核对年份")
    for doubt in matched.doubts:
        yield Finding(doubt.candidates[0], "", recognise.how_to_settle(doubt))
    said = reading.said.keys() | reading.stood_in.keys() | {doubt.column.key for doubt in matched.doubts}
    for column in [*matched.missing, *reading.unsaid]:
        if column.required and column.key not in said:
            candidates = recognise.may_be(samples, matched, column)
            yield Finding(column.heading, "", recognise.how_to_map(candidates, column))
    if samples.around.year is None and any(year is None for year, _, _ in matched.months.values()):
        sentence = "表中没有写明是哪一年，请在标题里写上年份，如“2026年”，再导入"
        yield Finding(matched.record.columns[matched.record.date].heading, "", sentence)


_LARGE_SHARE, _LARGE_COUNT = 0.3, 10  # so much of a ledger, and more than so many records, is a large change
_HAND_OUT = "互评表发放单"  # what is laid into the folder of the forms and says who got which; it is not to be imported


class _TakeBackError(Exception):
    """Ends the transaction without keeping what it wrote."""


def import_files(
    book: Book,
    paths: Sequence[Path],
    options: jobs.Options,
    *,
    ask: jobs.Ask | None = None,
    agree: jobs.Agree | None = None,
    progress: jobs.Progress | None = None,
    remark: Callable[[Connection, Change], None] = lambda connection, change: None,
) -> jobs.Report:
    """Import workbooks, and say what that changed or would change. NotFound or Unfit where a file cannot be read or is no ledger.

    Nothing is written where a row has a problem (unless bad rows are skipped), or many records would change and nobody agrees.
    `remark` sees what is about to be saved.
    """
    workbooks = []
    for at, path in enumerate(paths):
        if progress:
            progress(f"读取 {path.name}", at, len(paths))
        workbooks.append(read_book(path, options.password))
    answered: list[tuple[jobs.Question, str | None]] = []
    while True:
        report = jobs.Report()
        learned: jobs.Learned = []
        try:
            with suppress(_TakeBackError), book.rehearsing() if options.dry_run else book.writing() as connection:
                replies = jobs.replayed(answered) if ask else None
                job = jobs.ImportJob(connection, Change(this_command()), options, replies, learned=learned)
                _import_all(job, workbooks, report, progress)
                remark(connection, job.change)
                report.change = save(connection, job.change) if job.change.rows else None
                jobs.keep(connection, job.learned, report.change)
        except jobs.UnansweredError as end:
            assert ask is not None
            answered.append((end.question, ask(end.question)))
            continue
        except PartybuildError:
            _keep_answers(book, learned, options)
            raise
        if report.needs_yes and not options.dry_run and agree is not None and agree(report.needs_yes):
            options = replace(options, agreed=report.needs_yes)
            continue
        if not report.written:
            _keep_answers(book, learned, options)
        return report


def _keep_answers(book: Book, learned: jobs.Learned, options: jobs.Options) -> None:
    """What a person said holds from that moment, also where the import was refused."""
    if learned and not options.dry_run:
        with book.writing() as connection:
            jobs.keep(connection, learned, None)


def _import_all(
    job: jobs.ImportJob, workbooks: list[Workbook], report: jobs.Report, progress: jobs.Progress | None
) -> None:
    options = job.options
    for workbook in workbooks:
        file = jobs.FileReport(workbook.path, notes=workbook.notes, package=workbook.package)
        report.files.append(file)
        for at, sheet in enumerate(workbook.sheets):
            if progress:
                progress(f"{workbook.path.name} {jobs.spoken_sheet(sheet.name)}", at, len(workbook.sheets))
            file.sheets += import_sheet(job, sheet)
        _need_ledger(file, options, alone=len(workbooks) == 1)
    _need_maps(report, options)
    large = _large_changes(job.connection, report)
    report.needs_yes = {} if options.yes or large == options.agreed else large
    if options.dry_run or report.needs_yes or (report.problem_count and not options.skip_bad):
        raise _TakeBackError
    report.written = True


def _large_changes(connection: Connection, report: jobs.Report) -> dict[str, tuple[int, int]]:
    """Of which ledgers so many records changed that it may have been the wrong file: how many, of how many there were."""
    counts = defaultdict[type[Record], Counter[str]](Counter)
    for sheet in report.sheets:
        if sheet.record:
            counts[sheet.record].update(sheet.counts)
    large: dict[str, tuple[int, int]] = {}
    for record, found in counts.items():
        if (changed := found["changed"]) > _LARGE_COUNT:
            before = connection.execute(select(func.count()).select_from(record)).scalar_one() - found["added"]
            large |= {record.ledger: (changed, before)} if changed > before * _LARGE_SHARE else {}
    return large


def _need_ledger(file: jobs.FileReport, options: jobs.Options, alone: bool) -> None:
    """Every file holds a ledger, but for the hand-out list that lies among the forms of a round (互评表发放单)."""
    handed_out = not alone and all(_HAND_OUT in sheet.reason for sheet in file.sheets)
    if handed_out or any(sheet.record for sheet in file.sheets):
        return
    if all(sheet.reason == EMPTY for sheet in file.sheets):
        raise Unfit(f"{file.path.name} 里没有内容，每张表都是空的。请核对是不是选错了文件。")
    reasons = "；".join(f"{jobs.spoken_sheet(sheet.sheet)}：{sheet.reason}" for sheet in file.sheets[:8])
    advice = "" if options.ledger or "--ledger" in reasons else "可用 --ledger 指定是哪一种台账。"
    raise Unfit(f"{file.path.name} 里没有找到台账。{reasons}。{advice}")


def _need_maps(report: jobs.Report, options: jobs.Options) -> None:
    """A heading that `--map` names stands in some sheet: a slip of the pen there would leave a column unread."""
    seen = {tight(heading).rpartition("/")[2] for sheet in report.sheets for heading in (*sheet.columns, *sheet.extras)}
    for heading, key in options.maps.items():
        if tight(heading).rpartition("/")[2] not in seen:
            raise UsageFault(f"--map {heading}={key}：这些表里没有“{heading}”这一列，请照表头改正。没有写入任何内容。")
        read = [sheet.record for sheet in report.sheets if sheet.record]
        if key != UNUSED and read and not any(field_named(record, key) for record in read):
            captions = "、".join(dict.fromkeys(record.caption for record in read))
            raise UsageFault(f"--map {heading}={key}：{captions}没有“{key}”这个字段，请改正。没有写入任何内容。")
