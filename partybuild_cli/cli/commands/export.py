"""`export`: ledgers as an inspector expects them (导出台账)."""

from pathlib import Path
from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.complete import ledger_words, names
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import writing

app = Commands()


@app.command()
def export(
    context: typer.Context,
    ledger: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[台账]…", help="要导出的台账，如 member meeting；不写则全部", autocompletion=ledger_words
        ),
    ] = None,
    period: Annotated[str | None, typer.Option(metavar="期间", help="只导出这一期的，如 2026Q3、2026、last")] = None,
    branch: Annotated[
        str | None, typer.Option(metavar="党支部", help="只导出这个支部的", autocompletion=names("branch"))
    ] = None,
    as_of: Annotated[str | None, typer.Option(metavar="日期", help="导出那一天结束时的记录，如 2026-09-05")] = None,
    into: Annotated[
        Path | None, typer.Option(metavar="文件", help="填进上级发来的这张表（另存一份，原表不动），一次一种台账")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="文件夹", help="放到哪个文件夹")] = Path(),
    one_file: Annotated[bool, typer.Option("--one-file", help="全部放进一个工作簿，一个台账一张表")] = False,
    full: Annotated[bool, typer.Option("--full", help="身份证号、电话不打码（会记入日志）")] = False,
    private: Annotated[bool, typer.Option("--private", help="包括不公开的内容，如谈话内容（会记入日志）")] = False,
    password_file: Annotated[
        Path | None, typer.Option(metavar="文件", help="给工作簿加密码，密码写在这个文件的第一行")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出文件清单")] = False,
) -> None:
    """导出迎检用的 Excel 台账；默认打码，改好再 import 可更新原记录。"""
    from partybuild_cli.cli.exports import fill, into_one, request_of
    from partybuild_cli.outputs import Shelf
    from partybuild_cli.sheets.exporting import export_ledgers

    if into:
        into_one(ledger, one_file, password_file)
    with writing(context, always=full or private) as (connection, _):
        request = request_of(
            connection,
            ledger,
            period,
            branch,
            as_of=as_of,
            one_file=one_file,
            full=full,
            private=private,
            password_file=password_file,
        )
        if into:
            paths = [fill(connection, into, out, request, None if json else _progress)]
        else:
            paths = export_ledgers(connection, Shelf(out, screen.note), request, None if json else _progress)
    if json:
        screen.document({"files": [str(path) for path in paths], "full": full, "private": private})
        return
    for path in paths:
        screen.say(str(path))
    if full:
        screen.note("文件含完整的身份证号和电话，请妥善保管；本次导出已记入日志。")


def _progress(caption: str, count: int) -> None:
    screen.note(f"{caption}：{count} 条")
