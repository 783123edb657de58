"""`document`: Word documents from the records, by templates that can be changed (会议记录、公示、总结 …)."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import book_path, reading

if TYPE_CHECKING:
    from partybuild_cli.reports.papers import Paper

app = Commands(help="由记录生成 Word 文书：会议记录、通知、公示、总结、述职、党员年度情况；没有记录的留空手填。")

Out = Annotated[Path | None, typer.Option(metavar="文件或文件夹", help="一份文书写到哪个文件；多份放到哪个文件夹")]
Templates = Annotated[
    Path | None,
    typer.Option(metavar="文件夹", help="用这个文件夹里改过的模板；不写则用数据库旁边的“文书模板”，没有的用自带的"),
]
Pdf = Annotated[bool, typer.Option("--pdf", help="同时生成 PDF（要装有 LibreOffice）")]


@app.command("meeting", example="partybuild document meeting 12")
def meeting(
    context: typer.Context,
    number: Annotated[list[str], typer.Argument(metavar="编号…", help="会议的编号，用 partybuild meeting list 查看")],
    out: Out = None,
    templates: Templates = None,
    pdf: Pdf = False,
) -> None:
    """会议记录"""
    from partybuild_cli.records.base.deeds import read_one
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.meeting import Meeting
    from partybuild_cli.reports.papers import meeting_papers

    with reading(context) as connection:
        told = [read_one(connection, Meeting, number_of(connection, Meeting, one)) for one in number]
        _write(context, list(meeting_papers(connection, told)), out, templates, pdf)


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


def _beside(context: typer.Context) -> Path:
    return book_path(context).parent / "文书模板"


def _write(
    context: typer.Context, papers: "Iterable[Paper]", out: Path | None, templates: Path | None, pdf: bool
) -> None:
    """Write documents, under the name that was typed where there is one and it is one document's."""
    from partybuild_cli.outputs import Shelf, file_name, refuse_taken
    from partybuild_cli.reports.papers import PAPERS
    from partybuild_cli.reports.word import load_template, put_document, put_pdf, written

    papers = list(papers)
    alone = out if out is not None and len(papers) == 1 and out.suffix.lower() in (".docx", ".pdf") else None
    shelf = Shelf(Path() if alone else out or Path(), screen.note)
    made: dict[str, tuple[bytes, str]] = {}
    for one in papers:
        if one.template not in made:
            made[one.template] = load_template(one.template, PAPERS[one.template], templates, _beside(context))
        data = written(made[one.template][0], one.words, made[one.template][1])
        path = alone.with_suffix(".docx") if alone else shelf.place(f"{file_name(one.name)}.docx")
        put_document(data, path)
        screen.say(str(path))
        if pdf or (alone and alone.suffix.lower() == ".pdf"):
            target = path.with_suffix(".pdf")
            refuse_taken(target)
            put_pdf(data, target)
            screen.say(str(target))
