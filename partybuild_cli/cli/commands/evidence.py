"""`evidence`: files that prove a record, copied beside the book (佐证文件)."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.complete import ledger_words
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, Yes
from partybuild_cli.cli.session import number_of, reading, writing
from partybuild_cli.outputs import Shelf, put
from partybuild_cli.records.base.registry import record as record_of
from partybuild_cli.store import evidence
from partybuild_cli.store.evidence import kept, read, wrong_with

app = Commands(
    "佐证文件：照片、签到表、扫描件，复制到数据库旁边保存，随记录查看、备份、进迎检资料包。",
    "partybuild evidence list meeting 1",
)

Ledger = Annotated[str, Argument(metavar="台账", help="哪种台账，如 meeting", autocompletion=ledger_words)]
Number = Annotated[str, Argument(metavar="编号", help="记录的编号，用 list 查看；党员也可写姓名")]


@app.command("add", example="partybuild evidence add meeting 1 照片.jpg 签到表.pdf")
def add(
    ledger: Ledger,
    number: Number,
    file: Annotated[list[Path], Argument(metavar="文件…", help="图片、PDF、Office 或 WPS 文档；原文件不动")],
    strip_position: Annotated[bool, Option("--strip-position", help="去掉照片里的拍摄位置，别的不变")] = False,
    json: AsJson = False,
) -> None:
    """给一条记录附上佐证文件"""
    from partybuild_cli.records.base.editing import add_files

    record = record_of(ledger)
    with writing() as (connection, change):
        which = number_of(connection, record.ledger, number)
        added, placed = add_files(connection, change, record, which, file, strip_position)
    if json:
        screen.document({"ledger": record.ledger, "id": which, "files": [one._asdict() for one in added]})
    else:
        same = len(file) - len(added)
        said = "、".join(one.name for one in added) or "没有新的文件"
        screen.say(
            f"{record.caption}编号 {which} 附上佐证文件：{said}。" + (f"{same} 个内容相同的已经有了。" if same else "")
        )
    if placed:
        again = f"partybuild evidence remove {record.ledger} {which} {placed[0]}"
        screen.note(f"注意：{'、'.join(placed)}里有拍摄位置。要去掉请先 {again}，再加 --strip-position 重新添加。")


@app.command("list", example="partybuild evidence list meeting 1 --out 照片")
def show(
    ledger: Ledger,
    number: Number,
    out: Annotated[Path | None, Option(metavar="文件夹", help="把文件取出来放到这个文件夹")] = None,
    json: AsJson = False,
) -> int:
    """列出一条记录的佐证文件，核对是否完好"""

    record = record_of(ledger)
    with reading() as connection:
        which = number_of(connection, record.ledger, number)
        found = [(one, wrong_with(connection, one)) for one in kept(connection, record.ledger, which)]
        contents = [(one.name, read(connection, one)) for one, wrong in found if out and not wrong]
    shelf = Shelf(out, screen.note) if out else None
    for name, data in contents if shelf else ():
        path = shelf.place(name) if shelf else Path()
        put(path, lambda beside, data=data: beside.write_bytes(data))  # type: ignore[misc]
        screen.note(f"已取出 {path}。")
    if json:
        screen.document(
            [{"name": one.name, "sha256": one.sha256, "bytes": one.size, "ok": not wrong} for one, wrong in found]
        )
    else:
        lines = ([one.name, str(one.size // 1024 + 1), one.sha256[:12], wrong or "完好"] for one, wrong in found)
        screen.rows(["文件", "KB", "SHA-256", "状态"], lines, right=("KB",))
    return 1 if any(wrong for _, wrong in found) else 0


@app.command("remove", example="partybuild evidence remove meeting 1 照片.jpg")
def remove(
    ledger: Ledger,
    number: Number,
    name: Annotated[str, Argument(metavar="文件名", help="要去掉的文件，用 evidence list 查看")],
    erase: Annotated[bool, Option("--erase", help="连同保存的副本一起删除，不能撤销")] = False,
    yes: Yes = False,
) -> None:
    """从一条记录去掉佐证文件；可以撤销，加 --erase 的不能"""
    from partybuild_cli.records.base.editing import remove_file

    record = record_of(ledger)
    if erase and not ask.confirm(f"将删除“{name}”和保存的副本，不能撤销。", yes):
        screen.say("没有删除。")
        return
    with writing() as (connection, change):
        which = number_of(connection, record.ledger, number)
        gone = remove_file(connection, change, record, which, name)
    screen.say(f"已从{record.caption}编号 {which} 去掉“{gone.name}”。")
    if erase:
        with reading() as connection:
            erased = evidence.erase(connection, gone)
        screen.say("保存的副本已删除。" if erased else "别的记录还用着同一个文件，副本没有删除。")
        screen.note("另存的备份旁边（-evidence 文件夹）和取出的副本不在本程序管辖内，请一并删除。")
