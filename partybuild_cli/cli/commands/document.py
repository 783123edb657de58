"""`document`: Word documents from the records, by templates that can be changed (会议记录、公示、总结 …)."""

from collections.abc import Callable, Iterable
from datetime import date
from inspect import Parameter, signature
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Argument, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import InPeriod, InYear, OfBranch, Quarterly, parameter, signed, year_of
from partybuild_cli.cli.session import book_path, number_of, reading
from partybuild_cli.errors import NotFound, UsageFault
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.outputs import Shelf, file_name, refuse_taken
from partybuild_cli.values.period import Period, quarters

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partybuild_cli.records.base.context import View
    from partybuild_cli.reports.papers import Paper
    from partybuild_cli.rules.facts import Facts

app = Commands(
    "由记录生成 Word 文书：会议记录、通知、公示、总结、述职、党员年度情况；没有记录的留空手填。",
    "partybuild document all 2026Q3 --out 文书2026Q3",
)


Out = Annotated[Path | None, Option(metavar="文件或文件夹", help="一份文书写到哪个文件；多份放到哪个文件夹")]
Templates = Annotated[
    Path | None,
    Option(metavar="文件夹", help="用这个文件夹里改过的模板；不写则用数据库旁边的“文书模板”，没有的用自带的"),
]
Pdf = Annotated[bool, Option("--pdf", help="同时生成 PDF（要装有 LibreOffice）")]
Numbers = Annotated[list[str], Argument(metavar="编号…", help="会议的编号，用 partybuild meeting list 查看")]
#: Makes documents of what was said on the command line.
Maker = Callable[..., "Iterable[Paper]"]


def _writes(name: str, words: str, always_many: bool = False) -> Callable[[Maker], Maker]:
    """A command of the arguments of a maker, and of the options that say where its documents go and how they look."""

    def declared(make: Maker) -> Maker:
        def run(out: Path | None, templates: Path | None, pdf: bool, **said: Any) -> None:
            if always_many:
                out = out or Path(f"文书{said['period'].label}")
            with reading() as connection:
                _write(make(connection, **said), out, templates, pdf, always_many)

        own = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in [*signature(make).parameters.values()][1:]]
        where = [parameter("out", Out), parameter("templates", Templates), parameter("pdf", Pdf, False)]
        app.command(name, help=make.__doc__ or "", example=f"partybuild document {name} {words}")(
            signed(run, [*own, *where])
        )
        return make

    return declared


@_writes("meeting", "1")
def meeting(connection: "Connection", number: Numbers) -> "Iterable[Paper]":
    """会议记录"""
    from partybuild_cli.reports.papers import meeting_papers

    return meeting_papers(connection, _meetings(connection, number))


@_writes("notice", "1")
def notice(connection: "Connection", number: Numbers) -> "Iterable[Paper]":
    """会议通知，附签到表"""
    from partybuild_cli.reports.papers import notice_papers

    return notice_papers(connection, _meetings(connection, number))


@_writes("posting", "2026Q3")
def posting(connection: "Connection", quarter: Quarterly, branch: OfBranch = None) -> "Iterable[Paper]":
    """先锋指数公示，写明公示时间和受理人"""
    from partybuild_cli.reports.papers import posting_papers

    return posting_papers(connection, quarter, _facts(connection, quarter, branch).branches)


@_writes("summary", "2026")
def summary(connection: "Connection", period: InPeriod, branch: OfBranch = None) -> "Iterable[Paper]":
    """工作总结的初稿，本期和上期的数据并列"""
    from partybuild_cli.reports.yearly_papers import summary_papers

    facts = _facts(connection, period, branch)
    return summary_papers(connection, facts.period, facts.branches)


@_writes("duty-report", "2026")
def duty_report(connection: "Connection", year: InYear, branch: OfBranch = None) -> "Iterable[Paper]":
    """书记抓党建和业务工作双述职报告的初稿"""
    from partybuild_cli.reports.yearly_papers import duty_papers

    facts = _facts(connection, year, branch)
    return duty_papers(connection, facts.period, facts.branches)


@_writes("member", "张三 2026")
def member(
    connection: "Connection",
    name: Annotated[list[str] | None, Argument(metavar="姓名… 年度", help="党员的姓名或工号，最后写年度")] = None,
    everybody: Annotated[bool, Option("--all", help="全体党员，每人一份；只写年度")] = False,
    branch: OfBranch = None,
) -> "Iterable[Paper]":
    """党员年度情况表：出勤、学习、服务、党费、荣誉、先锋指数"""
    from partybuild_cli.reports.yearly_papers import member_papers

    *names, year = name or [""]
    if bool(names) == everybody:
        raise UsageFault(
            "没有写清是谁、哪一年。请写成 partybuild document member 张三 2026，全体党员写 partybuild document member --all 2026。"
        )
    facts = _facts(connection, year_of(year or "今年"), branch)
    numbers = _everybody(facts) if everybody else [number_of(connection, "member", one) for one in names]
    return member_papers(connection, facts.period, numbers)


@_writes("all", "2026Q3 --out 文书2026Q3", always_many=True)
def everything(connection: "Connection", period: InPeriod, branch: OfBranch = None) -> "Iterable[Paper]":
    """一期的全部文书：每次会议的记录、公示、总结；整年的还有双述职报告和每名党员的情况表"""
    from partybuild_cli.records.base.query import Wanted, fetch
    from partybuild_cli.records.meeting import Meeting
    from partybuild_cli.reports.papers import meeting_papers, posting_papers
    from partybuild_cli.reports.yearly_papers import duty_papers, member_papers, summary_papers

    facts = _facts(connection, period, branch)
    papers = [meeting_papers(connection, list(fetch(connection, Meeting, Wanted(branch, period=period))))]
    if period.label[4:5] in ("Q", "H", ""):
        begun = (one for one in map(Quarter, quarters(period)) if one.first <= date.today())
        papers += [posting_papers(connection, one, facts.branches) for one in begun]
    papers.append(summary_papers(connection, period, facts.branches))
    if len(period.label) == 4:
        papers.append(duty_papers(connection, period, facts.branches))
        papers.append(member_papers(connection, period, _everybody(facts)))
    return chain.from_iterable(papers)


@app.command("templates", example="partybuild document templates")
def write_templates(
    out: Annotated[
        Path | None, Option(metavar="文件夹", help="放到哪个文件夹；不写则放在数据库旁边，以后自动使用")
    ] = None,
) -> None:
    """写出自带的模板，用 Word 或 WPS 改版式和文字，改好后自动使用"""
    from partybuild_cli.reports.papers import PAPERS
    from partybuild_cli.reports.word import put_document, standard

    shelf = Shelf(out or _beside(), screen.note)
    for key, name in PAPERS.items():
        path = shelf.place(f"{name}.docx")
        put_document(standard(key), path)
        screen.say(str(path))
    hint = f"使用时加 --templates {out}。" if out else ""
    screen.note(f"模板里 {{{{主题}}}} 这样的标记会换成记录的内容，标记以外都可以改。{hint}")


def _meetings(connection: "Connection", numbers: Iterable[str]) -> "list[View]":
    from partybuild_cli.records.base.editing import read_one
    from partybuild_cli.records.meeting import Meeting

    return [read_one(connection, Meeting, number_of(connection, "meeting", one)) for one in dict.fromkeys(numbers)]


def _facts(connection: "Connection", period: Period, branch: str | None) -> "Facts":
    """What is known of a period."""
    from partybuild_cli.rules.facts import load_facts

    return load_facts(connection, period, date.today(), branch)


def _everybody(facts: "Facts") -> list[int]:
    """Who belonged to the branch, or to any, when the period ended."""
    return list(dict.fromkeys(seat.member for one in facts.branches for seat in facts.members(one)))


def _beside() -> Path:
    return book_path().parent / "文书模板"


def _write(papers: "Iterable[Paper]", out: Path | None, templates: Path | None, pdf: bool, always_many: bool) -> None:
    """Write documents, under the name that was typed where it is one document's."""
    from partybuild_cli.reports.papers import PAPERS
    from partybuild_cli.reports.word import load_template, office_program, put_document, put_pdf, written

    found = list(papers)
    if not found:
        raise NotFound("这一期没有可以写成文书的记录。请核对期间和党支部，用 partybuild status 查看。")
    one_file = len(found) == 1 and not always_many
    alone = out if out and one_file and out.suffix.lower() in (".docx", ".pdf") else None
    office = office_program() if pdf or (alone and alone.suffix.lower() == ".pdf") else None
    shelf = Shelf(Path() if alone else out or Path(), screen.note)
    made: dict[str, tuple[bytes, str]] = {}
    for one in found:
        if one.template not in made:
            made[one.template] = load_template(one.template, PAPERS[one.template], templates, _beside())
        data = written(made[one.template][0], one.words, made[one.template][1])
        path = alone.with_suffix(".docx") if alone else shelf.place(f"{file_name(one.name)}.docx")
        put_document(data, path)
        screen.say(str(path))
        if office is not None:
            target = path.with_suffix(".pdf")
            refuse_taken(target)
            put_pdf(data, target, office)
            screen.say(str(target))
