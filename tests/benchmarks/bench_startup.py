"""Start-up: help, completion, a short list and what a clerk asks of the demo against bare Typer, SQLModel with one table, and
sqlite-utils where it is on the PATH.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.benchmarks.harness import PARTYBUILD, Ratio, process, script

TYPER = """
import typer
app = typer.Typer()
@app.command()
def one(name: str) -> None: print(name)
@app.command()
def two(name: str) -> None: print(name)
app()
"""
SQLMODEL = """
import sys
from rich.console import Console
from rich.table import Table
from sqlmodel import Field, Session, SQLModel, create_engine, select
class Member(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    staff_no: str | None = None
    category: str | None = None
    party_post: str | None = None
    department: str | None = None
    title: str | None = None
    joined_on: str | None = None
table = Table("编号", "姓名", "工号", "类别", "职务", "科室", "职称")
with Session(create_engine(f"sqlite:///{sys.argv[1]}")) as session:
    for one in session.exec(select(Member)):
        table.add_row(str(one.id), one.name, one.staff_no, one.category, one.party_post, one.department, one.title)
Console().print(table)
"""
#: What a clerk asks most, of the book that `demo` makes.
DAILY = (
    *("status", "check", "report", "meeting list", "log", "index list 2026Q3", "index explain 罗一鸣 2026Q3"),
    *("export member --out {}/导出", "member edit 1 --department 呼吸内科", "meeting edit 1 --topic 学习"),
)
ROUNDS = 7
Measured = tuple[str, Sequence[str], Mapping[str, str], Sequence[str], str, float | None]


def small_book(folder: Path) -> str:
    """A branch of 35 members."""
    book = str(folder / "small.db")
    process((*PARTYBUILD, "--db", book, "init", "--branch", "神经内科党支部"))
    rows = "姓名,工号,人员类别\n" + "".join(f"党员{chr(0x4E00 + n)},{n:04d},正式党员\n" for n in range(35))
    (folder / "roster.csv").write_text(rows, encoding="utf8")
    process((*PARTYBUILD, "--db", book, "import", str(folder / "roster.csv")))
    return book


def ratios() -> Iterator[Ratio]:
    """The figures of this file."""
    with tempfile.TemporaryDirectory() as name:
        book = small_book(Path(name))
        typer = script(TYPER, "--help")
        completing = {"_PARTYBUILD_COMPLETE": "complete_bash", "COMP_WORDS": "partybuild mem", "COMP_CWORD": "1"}
        naming = {
            "_PARTYBUILD_COMPLETE": "complete_bash",
            "COMP_WORDS": "partybuild member show 党",
            "COMP_CWORD": "3",
            "PARTYBUILD_DB": book,
        }
        listing = (*PARTYBUILD, "--db", book, "member", "list")
        measured: list[Measured] = [
            ("--help", (*PARTYBUILD, "--help"), {}, typer, "两个命令的 Typer 程序 --help", 1.0),
            ("--version", (*PARTYBUILD, "--version"), {}, typer, "两个命令的 Typer 程序 --help", 1.15),
            ("补全命令", PARTYBUILD, completing, typer, "两个命令的 Typer 程序 --help", 1.15),
            ("member list（35 人）", listing, {}, script(SQLMODEL, book), "SQLModel 一个表加 rich", 1.10),
            ("补全姓名", PARTYBUILD, naming, listing, "partybuild member list", 0.5),
        ]
        process((*PARTYBUILD, "demo", f"{name}/demo"))
        demo = f"{name}/demo/partybuild.db"
        for words in DAILY:
            asked = (*PARTYBUILD, "--db", demo, *words.format(name).split())
            said = words.partition(" --")[0]
            measured.append((f"`{said}`", asked, {}, script(SQLMODEL, demo), "SQLModel 一个表加 rich", 1.3))
        if peer := shutil.which("sqlite-utils"):
            measured += [
                ("--help", (*PARTYBUILD, "--help"), {}, (peer, "--help"), "sqlite-utils --help", None),
                ("member list（35 人）", listing, {}, (peer, "rows", book, "member"), "sqlite-utils rows", None),
            ]
        for label, command, environment, floor, floor_name, limit in measured:
            process(command, **environment)
            process(floor)
            pairs = [(process(command, **environment), process(floor)) for _ in range(ROUNDS)]
            yield Ratio(label, [one for one, _ in pairs], [other for _, other in pairs], floor_name, limit)
