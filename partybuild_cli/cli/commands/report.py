"""`report`: the figures that a branch quotes about itself (数据报告)."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, OfBranch, OfPeriod
from partybuild_cli.cli.session import reading, shell_word
from partybuild_cli.errors import UsageFault
from partybuild_cli.outputs import alike, refuse_taken
from partybuild_cli.values.period import running, spoken

if TYPE_CHECKING:
    from partybuild_cli.reports.report import Report

app = Commands()


@app.command(example="partybuild report 2026Q3")
def report(
    period: OfPeriod,
    figure: Annotated[
        str | None,
        Argument(metavar="[数据]", help="只看这一项：写名称或标识，如 义诊、service.count.义诊；写 service 看这一类"),
    ] = None,
    branch: OfBranch = None,
    xlsx: Annotated[Path | None, Option(metavar="文件", help="写成带图表的工作簿")] = None,
    html: Annotated[Path | None, Option(metavar="文件", help="写成一个网页，可离线打开、可打印")] = None,
    beside: Annotated[bool, Option("--by-branch", help="各支部并排：合计之后，总支和支部各一列")] = False,
    records: Annotated[bool, Option("--records", help="列出依据的全部记录和姓名")] = False,
    json: AsJson = False,
) -> None:
    """支部常引用的数据：每项都写明统计口径、占比的分子分母和依据的记录数。"""
    from partybuild_cli.reports.report import earlier
    from partybuild_cli.reports.report import report as look

    _refuse(xlsx, html)
    with reading() as connection:
        found = look(connection, period, date.today(), branch, beside=beside)
        past = earlier(found, connection, branch) if html else []
    found = found if figure is None else found.only(figure)
    if json:
        screen.document(found.document(records))
    elif records:
        _open(found)
    elif beside and xlsx is None and html is None:
        screen.rows(*found.side_by_side())
    elif xlsx is None and html is None:
        _show(found)
    _write(found, xlsx, html, past)


def _refuse(xlsx: Path | None, html: Path | None) -> None:
    """What cannot be written is said before anything is."""
    paths = [path for path in (xlsx, html) if path is not None]
    if len({alike(str(path.resolve())) for path in paths}) < len(paths):
        raise UsageFault("--xlsx 和 --html 写成了同一个文件，请换一个文件名。")
    for path in paths:
        refuse_taken(path)


def _write(found: "Report", xlsx: Path | None, html: Path | None, past: "list[Report]") -> None:
    if xlsx is not None:
        from partybuild_cli.reports.workbook import write_report

        write_report(found, xlsx)
        screen.note(f"已写出 {xlsx}。")
    if html is not None:
        from partybuild_cli.reports.page import write_html

        write_html(found, html, past)
        screen.note(f"已写出 {html}，用浏览器打开即可，可直接打印。")


def _show(found: "Report") -> None:
    said = "，期间未结束" if running(found.period, found.as_of) else ""
    screen.say(f"{found.unit}{spoken(found.period)}数据（截至 {found.as_of}{said}）", "bold")
    for group, figures in found.groups.items():
        screen.say(f"\n〔{group}〕", "bold")
        screen.rows(
            ["数据", "数值", "口径", "依据记录"],
            ([one.name, one.text, one.definition, str(len(one.records))] for one in figures),
            right=("数值", "依据记录"),
        )
    first = found.figures[-1].name if found.figures else "数据名称"
    screen.note(f"看一项数据出自哪些记录：partybuild report {found.period.label} {shell_word(first)} --records")


def _open(found: "Report") -> None:
    """Every figure with the records behind it."""
    for one in found.figures:
        screen.say(f"{one.name}：{one.text}（{one.definition}）", "bold")
        screen.references(one.records)
