"""Papers: Word documents from the records, by templates that can be changed (会议记录、公示、总结 …); files that prove a record,
copied beside the book (佐证文件).
"""

from collections.abc import Callable, Iterable
from datetime import date
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Annotated

from partybuild_cli.cli import ask, screen, session
from partybuild_cli.cli.lazy import Commands, Place, argument, flag, later, option, signed
from partybuild_cli.cli.options import AsJson, InPeriod, InYear, OfBranch, Quarterly, Yes, ledger_words, year_of
from partybuild_cli.cli.session import book_path, number_of, reading, writing
from partybuild_cli.errors import NotFound, UsageFault
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.outputs import Shelf, file_name, put, refuse_taken
from partybuild_cli.records.base.registry import record as record_of
from partybuild_cli.store import evidence
from partybuild_cli.values.period import Period, quarters

with later():
    from partybuild_cli.records import meeting as meetings
    from partybuild_cli.records.base import editing, query, row
    from partybuild_cli.reports import papers, word
    from partybuild_cli.rules import facts

app = Commands(
    "由记录生成 Word 文书：会议记录、通知、公示、总结、述职、党员年度情况；没有记录的留空手填。",
    "partybuild document all 2026Q3 --out 文书2026Q3",
)
evidence_app = Commands(
    "佐证文件：照片、签到表、扫描件，复制到数据库旁边保存，随记录查看、备份、进迎检资料包。",
    "partybuild evidence list meeting 1",
)

Out = Annotated[Place, option("文件或文件夹", "一份文书写到哪个文件；多份放到哪个文件夹")]
Templates = Annotated[
    Place, option("文件夹", "用这个文件夹里改过的模板；不写则用数据库旁边的“文书模板”，没有的用自带的")
]
Pdf = Annotated[bool, flag("--pdf", "同时生成 PDF（要装有 LibreOffice）")]
Numbers = Annotated[list[str], argument("编号…", "会议的编号，用 partybuild meeting list 查看")]
Ledger = Annotated[str, argument("台账", "哪种台账，如 meeting", autocompletion=ledger_words)]
Number = Annotated[str, argument("编号", "记录的编号，用 list 查看；党员也可写姓名")]
#: Makes documents of what was said on the command line.
Maker = Callable[..., "Iterable[papers.Paper]"]


def _writes(name: str, words: str, always_many: bool = False) -> Callable[[Maker], Maker]:
    """A command of the arguments of a maker, and of the options that say where its documents go and how they look."""

    def declared(make: Maker) -> Maker:
        def run(*, out: Out = None, templates: Templates = None, pdf: Pdf = False, **said: object) -> None:
            if always_many and isinstance(said["period"], Period):
                out = out or Path(f"文书{said['period'].label}")
            with reading() as connection:
                _write(make(connection, **said), out, templates, pdf, always_many)

        _, *own = [each.replace(kind=each.KEYWORD_ONLY) for each in signature(make).parameters.values()]
        declare = app.command(name, help=make.__doc__ or "", example=f"partybuild document {name} {words}")
        declare(signed(run, own))
        return make

    return declared


@_writes("meeting", "1")
def meeting(connection: "session.Connection", number: Numbers) -> "Iterable[papers.Paper]":
    """会议记录"""
    return papers.meeting_papers(connection, _meetings(connection, number))


@_writes("notice", "1")
def notice(connection: "session.Connection", number: Numbers) -> "Iterable[papers.Paper]":
    """会议通知，附签到表"""
    return papers.notice_papers(connection, _meetings(connection, number))


@_writes("posting", "2026Q3")
def posting(connection: "session.Connection", quarter: Quarterly, branch: OfBranch = None) -> "Iterable[papers.Paper]":
    """先锋指数公示，写明公示时间和受理人"""
    return papers.posting_papers(connection, quarter, _facts(connection, quarter, branch).branches)


@_writes("summary", "2026")
def summary(connection: "session.Connection", period: InPeriod, branch: OfBranch = None) -> "Iterable[papers.Paper]":
    """工作总结的初稿，本期和上期的数据并列"""
    return papers.summary_papers(connection, period, _facts(connection, period, branch).branches)


@_writes("duty-report", "2026")
def duty_report(connection: "session.Connection", year: InYear, branch: OfBranch = None) -> "Iterable[papers.Paper]":
    """书记抓党建和业务工作双述职报告的初稿"""
    return papers.duty_papers(connection, year, _facts(connection, year, branch).branches)


@_writes("member", "张三 2026")
def member(
    connection: "session.Connection",
    name: Annotated[list[str] | None, argument("姓名… 年度", "党员的姓名或工号，最后写年度")] = None,
    everybody: Annotated[bool, flag("--all", "全体党员，每人一份；只写年度")] = False,
    branch: OfBranch = None,
) -> "Iterable[papers.Paper]":
    """党员年度情况表：出勤、学习、服务、党费、荣誉、先锋指数"""
    *names, year = name or [""]
    if bool(names) == everybody:
        line = "partybuild document member"
        raise UsageFault(f"没有写清是谁、哪一年。请写成 {line} 张三 2026，全体党员写 {line} --all 2026。")
    facts = _facts(connection, year_of(year or "今年"), branch)
    numbers = _everybody(facts) if everybody else [number_of(connection, "member", other) for other in names]
    return papers.member_papers(connection, facts.period, numbers)


@_writes("all", "2026Q3 --out 文书2026Q3", always_many=True)
def everything(connection: "session.Connection", period: InPeriod, branch: OfBranch = None) -> "Iterable[papers.Paper]":
    """一期的全部文书：每次会议的记录、公示、总结；整年的还有双述职报告和每名党员的情况表"""
    known = _facts(connection, period, branch)
    wanted = query.Wanted(branch, period=period)
    found = [papers.meeting_papers(connection, query.fetch(connection, meetings.Meeting, wanted, as_of=known.as_of))]
    if period.label[4:5] in ("Q", "H", ""):
        begun = (each for each in map(Quarter, quarters(period)) if each.first <= date.today())
        found += [papers.posting_papers(connection, each, known.branches) for each in begun]
    found.append(papers.summary_papers(connection, period, known.branches))
    if len(period.label) == 4:
        found.append(papers.duty_papers(connection, period, known.branches))
        found.append(papers.member_papers(connection, period, _everybody(known)))
    return chain.from_iterable(found)


@app.command("templates", example="partybuild document templates")
def write_templates(
    out: Annotated[Place, option("文件夹", "放到哪个文件夹；不写则放在数据库旁边，以后自动使用")] = None,
) -> None:
    """写出自带的模板，用 Word 或 WPS 改版式和文字，改好后自动使用"""
    shelf = Shelf(out or book_path().parent / "文书模板", screen.note)
    for key, name in papers.PAPERS.items():
        path = shelf.place(f"{name}.docx")
        word.put_document(word.standard(key), path)
        screen.say(str(path))
    hint = f"使用时加 --templates {out}。" if out else ""
    screen.note(f"模板里 {{{{主题}}}} 这样的标记会换成记录的内容，标记以外都可以改。{hint}")


def _meetings(connection: "session.Connection", numbers: Iterable[str]) -> "list[row.View]":
    found = [number_of(connection, "meeting", number) for number in dict.fromkeys(numbers)]
    return [editing.read_one(connection, meetings.Meeting, number) for number in found]


def _facts(connection: "session.Connection", period: Period, branch: str | None) -> "facts.Facts":
    return facts.load_facts(connection, period, date.today(), branch)


def _everybody(known: "facts.Facts") -> list[int]:
    """Who belonged to the branch, or to any, when the period ended."""
    return list(dict.fromkeys(who.member for branch in known.branches for who in known.members(branch)))


def _write(
    made: "Iterable[papers.Paper]", out: Path | None, templates: Path | None, pdf: bool, always_many: bool
) -> None:
    found = list(made)
    if not found:
        raise NotFound("这一期没有可以写成文书的记录。请核对期间和党支部，用 partybuild status 查看。")
    one_file = len(found) == 1 and not always_many
    alone = out if out and one_file and out.suffix.lower() in (".docx", ".pdf") else None
    office = word.office_program() if pdf or (alone and alone.suffix.lower() == ".pdf") else None
    shelf = Shelf(Path() if alone else out or Path(), screen.note)
    beside = book_path().parent / "文书模板"
    loaded = {
        key: word.load_template(key, papers.PAPERS[key], templates, beside) for key in {each.template for each in found}
    }
    for paper in found:
        template, place = loaded[paper.template]
        data = word.written(template, paper.words, place)
        path = alone.with_suffix(".docx") if alone else shelf.place(f"{file_name(paper.name)}.docx")
        word.put_document(data, path)
        screen.say(str(path))
        if office is not None:
            target = path.with_suffix(".pdf")
            refuse_taken(target)
            word.put_pdf(data, target, office)
            screen.say(str(target))


@evidence_app.command("add", example="partybuild evidence add meeting 1 照片.jpg 签到表.pdf")
def add(
    ledger: Ledger,
    number: Number,
    file: Annotated[list[Path], argument("文件…", "图片、PDF、Office 或 WPS 文档；原文件不动")],
    strip_position: Annotated[bool, flag("--strip-position", "去掉照片里的拍摄位置，别的不变")] = False,
    json: AsJson = False,
) -> None:
    """给一条记录附上佐证文件"""
    record = record_of(ledger)
    with writing() as (connection, change):
        which = number_of(connection, record.ledger, number)
        added, placed = editing.add_files(connection, change, record, which, file, strip_position)
    same = f"{len(file) - len(added)} 个内容相同的已经有了。" if len(added) < len(file) else ""
    new = "、".join(item.name for item in added) or "没有新的文件"
    document = {"ledger": record.ledger, "id": which, "files": [attached._asdict() for attached in added]}
    screen.answer(json, document, f"{record.caption}编号 {which} 附上佐证文件：{new}。{same}")
    if placed:
        again = f"partybuild evidence remove {record.ledger} {which} {placed[0]}"
        screen.note(f"注意：{'、'.join(placed)}里有拍摄位置。要去掉请先 {again}，再加 --strip-position 重新添加。")


@evidence_app.command("list", example="partybuild evidence list meeting 1 --out 照片")
def show(
    ledger: Ledger,
    number: Number,
    out: Annotated[Place, option("文件夹", "把文件取出来放到这个文件夹")] = None,
    json: AsJson = False,
) -> int:
    """列出一条记录的佐证文件，核对是否完好"""
    record = record_of(ledger)
    with reading() as connection:
        which = number_of(connection, record.ledger, number)
        found = [
            (file, evidence.wrong_with(connection, file)) for file in evidence.kept(connection, record.ledger, which)
        ]
        contents = [(file.name, evidence.read(connection, file)) for file, wrong in found if out and not wrong]
    shelf = Shelf(out or Path(), screen.note)
    for name, data in contents:
        path = shelf.place(name)
        put(path, lambda beside, data=data: beside.write_bytes(data))  # type: ignore[misc]
        screen.note(f"已取出 {path}。")
    files = [{"name": file.name, "sha256": file.sha256, "bytes": file.size, "ok": not wrong} for file, wrong in found]
    lines = ([file.name, str(file.size // 1024 + 1), file.sha256[:12], wrong or "完好"] for file, wrong in found)
    none = f"没有佐证文件。附上：partybuild evidence add {record.ledger} {which} 文件"
    screen.table(json, files, ["文件", "KB", "SHA-256", "状态"], lines, right=("KB",), none=none)
    return 1 if any(wrong for _, wrong in found) else 0


@evidence_app.command("remove", example="partybuild evidence remove meeting 1 照片.jpg")
def remove(
    ledger: Ledger,
    number: Number,
    name: Annotated[str, argument("文件名", "要去掉的文件，用 evidence list 查看")],
    erase: Annotated[bool, flag("--erase", "连同保存的副本一起删除，不能撤销")] = False,
    yes: Yes = False,
) -> None:
    """从一条记录去掉佐证文件；可以撤销，加 --erase 的不能"""
    record = record_of(ledger)
    if erase:
        ask.agree(f"将删除“{name}”和保存的副本，不能撤销。", yes, "没有删除。")
    with writing() as (connection, change):
        which = number_of(connection, record.ledger, number)
        gone = editing.remove_file(connection, change, record, which, name, erase)
    screen.say(f"已从{record.caption}编号 {which} 去掉“{gone.name}”。")
    if erase:
        with reading() as connection:
            erased = evidence.erase(connection, gone)
        screen.say("保存的副本已删除。" if erased else "别的记录还用着同一个文件，副本没有删除。")
        screen.note("另存的备份旁边（-evidence 文件夹）和取出的副本不在本程序管辖内，请一并删除。")
