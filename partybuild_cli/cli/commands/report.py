"""`report`: the figures that a branch quotes about itself (数据报告)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import reading
from partybuild_cli.values.period import running, spoken

if TYPE_CHECKING:
    from partybuild_cli.reports.report import Report

app = Commands()


@app.command()
def report(
    context: typer.Context,
    period: Annotated[str | None, typer.Argument(metavar="[期间]", help="如 2026Q3、2026、last；不写是本季度")] = None,
    branch: Annotated[
        str | None, typer.Option(metavar="党支部", help="只看这个支部的", autocompletion=names("branch"))
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(metavar="文件", help="写成带图表的工作簿")] = None,
    html: Annotated[Path | None, typer.Option(metavar="文件", help="写成一个网页，可离线打开、可打印")] = None,
    json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False,
) -> None:
    """支部常引用的数据：每项都写明统计口径、占比的分子分母和依据的记录数。"""
    from datetime import date

    from partybuild_cli.cli.periods import period_of
    from partybuild_cli.reports.report import report as look

    when = period_of(period)
    _refuse(xlsx, html)
    with reading(context) as connection:
        found = look(connection, when, date.today(), branch)
    if json:
        screen.document(found.document())
    elif xlsx is None and html is None:
        _show(found)
    _write(found, xlsx, html)


def _refuse(xlsx: Path | None, html: Path | None) -> None:
    """What cannot be written is said before anything is."""
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.outputs import alike, refuse_taken

    paths = [path for path in (xlsx, html) if path is not None]
    if len({alike(str(path.resolve())) for path in paths}) < len(paths):
        raise UsageFault("--xlsx 和 --html 写成了同一个文件，请换一个文件名。")
    for path in paths:
        refuse_taken(path)


def _write(found: "Report", xlsx: Path | None, html: Path | None) -> None:
    if xlsx is not None:
        from partybuild_cli.reports.workbook import write_workbook

        write_workbook(found, xlsx)
        screen.note(f"已写出 {xlsx}。")
    if html is not None:
        from partybuild_cli.reports.html import write_html

        write_html(found, html)
        screen.note(f"已写出 {html}，用浏览器打开即可，可直接打印。")


def _show(found: "Report") -> None:
    said = "，期间未结束" if running(found.period, found.as_of) else ""
    screen.say(f"{found.unit}{spoken(found.period)}数据（截至 {found.as_of}{said}）", "bold")
    for group, figures in found.groups.items():
        screen.say(f"\n〔{group}〕", "bold")
        screen.rows(
            ["数据", "数值", "口径", "依据记录"],
            ([one.name, one.text, one.definition, str(one.records)] for one in figures),
            right=("数值", "依据记录"),
        )
