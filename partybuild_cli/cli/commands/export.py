"""`export`: ledgers as an inspector expects them (导出台账); `template`: blank ones to fill in (空白模板)."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.complete import ledger_words
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import OfBranch, begun
from partybuild_cli.cli.secret import password_in
from partybuild_cli.cli.session import writing
from partybuild_cli.errors import UsageFault
from partybuild_cli.outputs import Shelf
from partybuild_cli.records.base.registry import ledgers, record
from partybuild_cli.values.period import Period

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.records.base.declare import Record
    from partybuild_cli.sheets.exporting import Request

app, template_app = Commands(), Commands()


@app.command(example="partybuild export member meeting --period 2026Q3 --out 迎检台账")
def export(
    ledger: Annotated[
        list[str] | None,
        Argument(metavar="[台账]…", help="要导出的台账，如 member meeting；不写则全部", autocompletion=ledger_words),
    ] = None,
    period: Annotated[
        Period | None, Option(metavar="期间", help="只导出这一期的，如 2026Q3、2026、last", parser=begun)
    ] = None,
    branch: OfBranch = None,
    as_of: Annotated[str | None, Option(metavar="日期", help="导出那一天结束时的记录，如 2026-09-05")] = None,
    into: Annotated[
        Path | None, Option(metavar="文件", help="填进上级发来的这张表（另存一份，原表不动），一次一种台账")
    ] = None,
    out: Annotated[Path, Option(metavar="文件夹", help="放到哪个文件夹")] = Path(),
    one_file: Annotated[bool, Option("--one-file", help="全部放进一个工作簿，一个台账一张表")] = False,
    full: Annotated[bool, Option("--full", help="身份证号、电话不打码（会记入日志）")] = False,
    private: Annotated[bool, Option("--private", help="包括不公开的内容，如谈话内容（会记入日志）")] = False,
    password_file: Annotated[
        Path | None, Option(metavar="文件", help="给工作簿加密码，密码写在这个文件的第一行")
    ] = None,
    json: Annotated[bool, Option("--json", help="以 JSON 输出文件清单")] = False,
) -> None:
    """导出迎检用的 Excel 台账；默认打码，改好再 import 可更新原记录。"""
    from partybuild_cli.sheets.exporting import Request, Setting, export_ledgers
    from partybuild_cli.sheets.exporting.files import unit_of

    if into:
        _into_one(ledger, one_file, password_file)
    with writing(always=full or private) as (connection, _):
        records = [record(name) for name in ledger or [name for name in ledgers() if name != "rating"]]
        then = _as_it_stood(connection, as_of, records) if as_of else date.today()
        day = min(period.last, then) if period else then
        setting = Setting(unit_of(connection, branch), day, period=period, full=full, private=private)
        request = Request(records, setting, branch, one_file, password_in(password_file), leave_empty=not ledger)
        tell = None if json else lambda caption, count: screen.note(f"{caption}：{count} 条")
        if into:
            paths = [_fill(connection, into, out, request, tell)]
        else:
            paths = export_ledgers(connection, Shelf(out, screen.note), request, tell)
    if json:
        screen.document({"files": [str(path) for path in paths], "full": full, "private": private})
        return
    for path in paths:
        screen.say(str(path))
    if full:
        screen.note("文件含完整的身份证号和电话，请妥善保管；本次导出已记入日志。")


def _as_it_stood(connection: "Connection", day: str, records: "list[type[Record]]") -> date:
    """The day, once the connection sees the ledgers as they stood then. Unfit where one of the records cannot be told."""
    from partybuild_cli.records.base.query import go_back

    past = go_back(connection, day, records)
    for one in records:
        past.must_tell(one.ledger)
    return past.day


def _into_one(wanted: Sequence[str] | None, one_file: bool, password_file: Path | None) -> None:
    """A form takes one ledger, and stays the workbook that it is. UsageFault for anything else."""
    if len(wanted or ()) != 1:
        raise UsageFault("--into 一次填一种台账，请写明是哪一种，如 partybuild export member --into 上报表.xlsx。")
    if one_file or password_file:
        raise UsageFault("--into 照原表填写，不能同时用 --one-file 或 --password-file。")


def _fill(
    connection: "Connection", form: Path, out: Path, request: "Request", progress: "Callable[[str, int], None] | None"
) -> Path:
    """Fill a form; where the copy is."""
    from partybuild_cli.sheets.amending.form import fill_form

    done = fill_form(connection, form, Shelf(out, screen.note, spare=[form]), request)
    if progress is not None:
        progress(request.ledgers[0].caption, done.rows)
    for sentence in done.notes:
        screen.note(sentence)
    return done.path


@template_app.command(example="partybuild template member meeting --out 模板")
def template(
    ledger: Annotated[
        list[str] | None,
        Argument(metavar="台账…", help="要哪些台账的模板，如 member meeting；不写则全部", autocompletion=ledger_words),
    ] = None,
    out: Annotated[Path, Option(metavar="文件夹", help="放到哪个文件夹")] = Path(),
    unit: Annotated[str, Option(metavar="名称", help="写在标题里的单位名称")] = "",
) -> None:
    """生成空白台账：表头与导出一致，带下拉选项、一行示例和填写说明；填好后用 import 导入。"""
    from partybuild_cli.sheets.exporting import write_blank

    shelf = Shelf(out, screen.note)
    for name in ledger or ledgers():
        kind = record(name)
        path = shelf.place(f"{kind.caption}模板.xlsx")
        write_blank(kind, path, unit)
        screen.say(str(path))
