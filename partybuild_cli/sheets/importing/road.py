"""The road of an import (导入的全程): all files in one transaction, one history entry; a dry run goes it on a copy."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from sqlalchemy import Connection

from partybuild_cli.errors import PartybuildError, Unfit, UsageFault
from partybuild_cli.records.base.registry import ledgers
from partybuild_cli.sheets.importing.asking import keep
from partybuild_cli.sheets.importing.desk import (
    Agree,
    Ask,
    Desk,
    FileReport,
    Learned,
    Options,
    Progress,
    Question,
    Report,
    spoken_sheet,
)
from partybuild_cli.sheets.importing.sheet import EMPTY, import_sheet
from partybuild_cli.sheets.reading import Book as Workbook
from partybuild_cli.sheets.reading import read_book
from partybuild_cli.store.engine import Book
from partybuild_cli.store.history import Change, save, this_command
from partybuild_cli.values.text import tight

#: So much of a ledger, and more than so many records, is a large change.
_LARGE_SHARE, _LARGE_COUNT = 0.3, 10
#: What is laid into the folder of the forms and says who got which; it is not to be imported.
_HAND_OUT = "互评表发放单"
#: What a person said, in the order in which it was asked.
_Said = list[tuple[Question, str | None]]


class _TakeBackError(Exception):
    """Ends the transaction without keeping what it wrote."""


class _UnansweredError(Exception):
    """Ends the transaction, so that a person is asked when nobody waits for the book."""


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
    nobody agrees, and in a dry run. A person is asked between two tries, never within one, and a dry run works on a copy,
    so nobody waits for the book longer than the import works. NotFound or Unfit where a file cannot be read or holds no
    ledger.
    """
    workbooks = []
    for place, path in enumerate(paths):
        if progress:
            progress(f"读取 {path.name}", place, len(paths))
        workbooks.append(read_book(path, options.password))
    said: _Said = []
    while True:
        report = Report()
        learned: Learned = []
        try:
            with book.rehearsing() if options.dry_run else book.writing() as connection:
                answers = _answers(said) if ask else None
                desk = Desk(connection, Change(this_command()), options, answers, learned=learned)
                _import_all(desk, workbooks, report, progress)
        except _TakeBackError:
            report.written, report.change = False, None
        except PartybuildError:
            _keep_answers(book, learned, options)
            raise
        except _UnansweredError as end:
            assert ask is not None
            said.append((end.args[0], ask(end.args[0])))
            continue
        if report.needs_yes and not options.dry_run and agree is not None and agree(report.needs_yes):
            options = replace(options, agreed=report.needs_yes)
            continue
        if not report.written:
            _keep_answers(book, learned, options)
        return report


def _answers(said: _Said) -> Ask:
    """Answers as in the tries before; where this one asks something else, it ends."""
    place = count()

    def answer(question: Question) -> str | None:
        at = next(place)
        if at < len(said) and said[at][0] == question:
            return said[at][1]
        del said[at:]
        raise _UnansweredError(question)

    return answer


def _keep_answers(book: Book, learned: Learned, options: Options) -> None:
    """What a person said holds from that moment, also where the import was refused."""
    if learned and not options.dry_run:
        with book.writing() as connection:
            keep(connection, learned, None)


def _import_all(desk: Desk, workbooks: list[Workbook], report: Report, progress: Progress | None) -> None:
    kept, options = _kept(desk.connection), desk.options
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
    sheets = [sheet for file in report.files for sheet in file.sheets]
    seen = {tight(heading).rpartition("/")[2] for sheet in sheets for heading in (*sheet.columns, *sheet.extras)}
    for heading, key in options.maps.items():
        if tight(heading).rpartition("/")[2] not in seen:
            raise UsageFault(f"--map {heading}={key}：这些表里没有“{heading}”这一列，请照表头改正。没有写入任何内容。")


def _kept(connection: Connection) -> dict[str, int]:
    """How many records each ledger holds."""
    return {ledger: connection.exec_driver_sql(f'SELECT count(*) FROM "{ledger}"').scalar_one() for ledger in ledgers()}
