"""What the clerk wants exported, as the sheets room takes it (导出参数)."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.cli import screen
from partybuild_cli.cli.periods import period_of
from partybuild_cli.cli.secret import password_in
from partybuild_cli.errors import UsageFault
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.query import go_back
from partybuild_cli.records.base.registry import ledgers, record
from partybuild_cli.sheets.exporting import Request, Setting
from partybuild_cli.sheets.exporting.files import unit_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.records.base.declare import Record


def request_of(
    connection: "Connection",
    wanted: Sequence[str] | None,
    period: str | None,
    branch: str | None,
    *,
    as_of: str | None = None,
    one_file: bool = False,
    full: bool = False,
    private: bool = False,
    password_file: Path | None = None,
) -> Request:
    """The request; all ledgers that commands keep when none is named, those without a record left out."""
    records = [record(name) for name in wanted or [name for name in ledgers() if name != "rating"]]
    then = _as_it_stood(connection, as_of, records) if as_of else date.today()
    setting = Setting(unit_of(connection, branch), then, full=full, private=private)
    if period:
        covered = period_of(period)
        setting = replace(setting, period=covered, as_of=min(covered.last, then))
    return Request(records, setting, branch, one_file, password_in(password_file), leave_empty=not wanted)


def _as_it_stood(connection: "Connection", day: str, records: "list[type[Record]]") -> date:
    """The day, once the connection sees the ledgers as they stood then. Unfit where one of the records cannot be told."""
    past = go_back(connection, day, records)
    for one in records:
        past.must_tell(one.ledger)
    return past.day


def into_one(wanted: Sequence[str] | None, one_file: bool, password_file: Path | None) -> None:
    """A form takes one ledger, and stays the workbook that it is. UsageFault for anything else."""
    if len(wanted or ()) != 1:
        raise UsageFault("--into 一次填一种台账，请写明是哪一种，如 partybuild export member --into 上报表.xlsx。")
    if one_file or password_file:
        raise UsageFault("--into 照原表填写，不能同时用 --one-file 或 --password-file。")


def fill(
    connection: "Connection", form: Path, out: Path, request: Request, progress: Callable[[str, int], None] | None
) -> Path:
    """Fill a form; where the copy is."""
    from partybuild_cli.sheets.amending.form import fill_form

    done = fill_form(connection, form, Shelf(out, screen.note, spare=[form]), request)
    if progress is not None:
        progress(request.ledgers[0].caption, done.rows)
    for sentence in done.notes:
        screen.note(sentence)
    return done.path
