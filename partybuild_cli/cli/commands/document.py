"""`document`: Word documents from the records, by templates that can be changed (会议记录、公示、总结 …)."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import OfBranch
from partybuild_cli.cli.session import book_path, reading

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.records.base.context import View
    from partybuild_cli.reports.papers import Paper
    from partybuild_cli.rules.facts import Branch
    from partybuild_cli.values.period import Period

app = Commands(
    "由记录生成 Word 文书：会议记录、通知、公示、总结、述职、党员年度情况；没有记录的留空手填。",
    "partybuild document all 2026Q3 --out 文书2026Q3",
)

Out = Annotated[Path | None, typer.Option(metavar="文件或文件夹", help="一份文书写到哪个文件；多份放到哪个文件夹")]
Templates = Annotated[
    Path | None,
    typer.Option(metavar="文件夹", help="用这个文件夹里改过的模板；不写则用数据库旁边的“文书模板”，没有的用自带的"),
]
Pdf = Annotated[bool, typer.Option("--pdf", help="同时生成 PDF（要装有 LibreOffice）")]
Numbers = Annotated[list[str], typer.Argument(metavar="编号…", help="会议的编号，用 partybuild meeting list 查看")]
InPeriod = Annotated[str, typer.Argument(metavar="期间", help="如 2026、2026H1、2026Q3、last")]
InYear = Annotated[str, typer.Argument(metavar="年度", help="如 2026")]


@app.command("meeting", example="partybuild document meeting 1")
def meeting(
    context: typer.Context, number: Numbers, out: Out = None, templates: Templates = None, pdf: Pdf = False
) -> None:
    """会议记录"""
    from partybuild_cli.reports.papers import meeting_papers

    with reading(context) as connection:
        _write(context, meeting_papers(connection, _meetings(connection, number)), out, templates, pdf)


@app.command("notice", example="partybuild document notice 1")
def notice(
    context: typer.Context, number: Numbers, out: Out = None, templates: Templates = None, pdf: Pdf = False
) -> None:
    """会议通知，附签到表"""
    from partybuild_cli.reports.papers import notice_papers

    with reading(context) as connection:
        _write(context, notice_papers(connection, _meetings(connection, number)), out, templates, pdf)


@app.command("posting", example="partybuild document posting 2026Q3")
def posting(
    context: typer.Context,
    quarter: Annotated[str, typer.Argument(metavar="季度", help="如 2026Q3、this、last")],
    branch: OfBranch = None,
    out: Out = None,
    templates: Templates = None,
    pdf: Pdf = False,
) -> None:
    """先锋指数公示，写明公示时间和受理人"""
    from partybuild_cli.cli.options import quarter_of
    from partybuild_cli.index.quarter import Quarter
    from partybuild_cli.reports.papers import posting_papers

    when = quarter_of(quarter)
    with reading(context) as connection:
        papers = posting_papers(connection, Quarter(when.label), _branches(connection, when, branch))
        _write(context, papers, out, templates, pdf)


@app.command("summary", example="partybuild document summary 2026")
def summary(
    context: typer.Context,
    period: InPeriod,
    branch: OfBranch = None,
    out: Out = None,
    templates: Templates = None,
    pdf: Pdf = False,
) -> None:
    """工作总结的初稿，本期和上期的数据并列"""
    from partybuild_cli.cli.options import period_of
    from partybuild_cli.reports.yearly_papers import summary_papers

    when = period_of(period)
    with reading(context) as connection:
        _write(context, summary_papers(connection, when, _branches(connection, when, branch)), out, templates, pdf)


@app.command("duty-report", example="partybuild document duty-report 2026")
def duty_report(
    context: typer.Context,
    year: InYear,
    branch: OfBranch = None,
    out: Out = None,
    templates: Templates = None,
    pdf: Pdf = False,
) -> None:
    """书记抓党建和业务工作双述职报告的初稿"""
    from partybuild_cli.reports.yearly_papers import duty_papers

    when = _year(year)
    with reading(context) as connection:
        _write(context, duty_papers(connection, when, _branches(connection, when, branch)), out, templates, pdf)


@app.command("member", example="partybuild document member 张三 2026")
def member(
    context: typer.Context,
    name: Annotated[list[str] | None, typer.Argument(metavar="姓名… 年度", help="党员的姓名或工号，最后写年度")] = None,
    everybody: Annotated[bool, typer.Option("--all", help="全体党员，每人一份；只写年度")] = False,
    branch: OfBranch = None,
    out: Out = None,
    templates: Templates = None,
    pdf: Pdf = False,
) -> None:
    """党员年度情况表：出勤、学习、服务、党费、荣誉、先锋指数"""
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.member import Member
    from partybuild_cli.reports.yearly_papers import member_papers

    *names, year = name or [""]
    if bool(names) == everybody:
        raise UsageFault(
            "没有写清是谁、哪一年。请写成 partybuild document member 张三 2026，全体党员写 partybuild document member --all 2026。"
        )
    when = _year(year)
    with reading(context) as connection:
        if everybody:
            numbers = _everybody(connection, when, branch)
        else:
            numbers = [number_of(connection, Member, one) for one in names]
        _write(context, member_papers(connection, when, numbers), out, templates, pdf)


@app.command("all", example="partybuild document all 2026Q3 --out 文书2026Q3")
def everything(
    context: typer.Context,
    period: InPeriod,
    branch: OfBranch = None,
    out: Out = None,
    templates: Templates = None,
    pdf: Pdf = False,
) -> None:
    """一期的全部文书：每次会议的记录、公示、总结；整年的还有双述职报告和每名党员的情况表"""
    from itertools import chain

    from partybuild_cli.cli.options import period_of
    from partybuild_cli.index.quarter import Quarter
    from partybuild_cli.records.base.query import Wanted, fetch
    from partybuild_cli.records.meeting import Meeting
    from partybuild_cli.reports.papers import meeting_papers, posting_papers
    from partybuild_cli.reports.yearly_papers import duty_papers, member_papers, summary_papers
    from partybuild_cli.values.period import quarters

    when = period_of(period)
    with reading(context) as connection:
        branches = _branches(connection, when, branch)
        papers = [meeting_papers(connection, list(fetch(connection, Meeting, Wanted(branch, period=when))))]
        if when.label[4:5] in ("Q", "H", ""):
            papers += [posting_papers(connection, Quarter(one), branches) for one in _begun(quarters(when))]
        papers.append(summary_papers(connection, when, branches))
        if len(when.label) == 4:
            papers.append(duty_papers(connection, when, branches))
            papers.append(member_papers(connection, when, _everybody(connection, when, branch)))
        _write(context, chain.from_iterable(papers), out or Path(f"文书{when.label}"), templates, pdf, folder=True)


@app.command("templates", example="partybuild document templates")
def write_templates(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Option(metavar="文件夹", help="放到哪个文件夹；不写则放在数据库旁边，以后自动使用")
    ] = None,
) -> None:
    """写出自带的模板，用 Word 或 WPS 改版式和文字，改好后自动使用"""
    from partybuild_cli.outputs import Shelf
    from partybuild_cli.reports.papers import PAPERS
    from partybuild_cli.reports.word import put_document, standard

    folder = out or _beside(context)
    shelf = Shelf(folder, screen.note)
    for key, name in PAPERS.items():
        path = shelf.place(f"{name}.docx")
        put_document(standard(key), path)
        screen.say(str(path))
    screen.note(
        "模板里 {{主题}} 这样的标记会换成记录的内容，标记以外都可以改。"
        + (f"使用时加 --templates {out}。" if out else "")
    )


def _meetings(connection: "Connection", numbers: Sequence[str]) -> "list[View]":
    from partybuild_cli.records.base.editing import read_one
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.meeting import Meeting

    return [read_one(connection, Meeting, number_of(connection, Meeting, one)) for one in dict.fromkeys(numbers)]


def _branches(connection: "Connection", period: "Period", branch: str | None) -> "list[Branch]":
    from partybuild_cli.rules.facts import load_facts, refuse_future

    refuse_future(period, date.today())
    return load_facts(connection, period, date.today(), branch).branches


def _everybody(connection: "Connection", period: "Period", branch: str | None) -> list[int]:
    """Who belonged to the branch, or to any, when the period ended."""
    from partybuild_cli.rules.facts import load_facts

    facts = load_facts(connection, period, date.today(), branch)
    return list(dict.fromkeys(seat.member for one in facts.branches for seat in facts.members(one)))


def _begun(quarters: Sequence[str]) -> list[str]:
    from partybuild_cli.values.period import period_of

    return [one for one in quarters if period_of(one).first <= date.today()]


def _year(text: str) -> "Period":
    """A whole year that has begun. UsageFault for anything else."""
    from partybuild_cli.cli.options import period_of
    from partybuild_cli.errors import UsageFault
    from partybuild_cli.rules.facts import refuse_future

    when = period_of(text or "今年")
    if len(when.label) != 4:
        raise UsageFault(f"“{text}”不是一个年度，请写成 2026。")
    refuse_future(when, date.today())
    return when


def _beside(context: typer.Context) -> Path:
    return book_path(context).parent / "文书模板"


def _write(
    context: typer.Context,
    papers: "Iterable[Paper]",
    out: Path | None,
    templates: Path | None,
    pdf: bool,
    folder: bool = False,
) -> None:
    """Write documents, under the name that was typed where there is one and it is one document's."""
    from partybuild_cli.errors import NotFound
    from partybuild_cli.outputs import Shelf, file_name, refuse_taken
    from partybuild_cli.reports.papers import PAPERS
    from partybuild_cli.reports.word import load_template, office_program, put_document, put_pdf, written

    found = list(papers)
    if not found:
        raise NotFound("这一期没有可以写成文书的记录。请核对期间和党支部，用 partybuild status 查看。")
    alone = (
        out if out is not None and len(found) == 1 and not folder and out.suffix.lower() in (".docx", ".pdf") else None
    )
    office = office_program() if pdf or (alone and alone.suffix.lower() == ".pdf") else None
    shelf = Shelf(Path() if alone else out or Path(), screen.note)
    made: dict[str, tuple[bytes, str]] = {}
    for one in found:
        if one.template not in made:
            made[one.template] = load_template(one.template, PAPERS[one.template], templates, _beside(context))
        data = written(made[one.template][0], one.words, made[one.template][1])
        path = alone.with_suffix(".docx") if alone else shelf.place(f"{file_name(one.name)}.docx")
        put_document(data, path)
        screen.say(str(path))
        if office is not None:
            target = path.with_suffix(".pdf")
            refuse_taken(target)
            put_pdf(data, target, office)
            screen.say(str(target))
