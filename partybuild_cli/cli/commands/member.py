"""`member transfer`: out of the branch, history kept (组织关系转接); `member forget`: personal data erased (抹除个人信息)."""

from typing import TYPE_CHECKING, Annotated

from typer import Exit

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import all_required, confirm
from partybuild_cli.cli.lazy import Commands, Text, argument, option
from partybuild_cli.cli.options import AsJson, Yes, names
from partybuild_cli.cli.session import number_of, the_book, writing
from partybuild_cli.records.base.registry import captions, record

if TYPE_CHECKING:
    from partybuild_cli.records.people.forgotten import Forgotten

member_app = Commands()


@member_app.command(example="partybuild member transfer 张三 --to 心内科党支部 --on 2026-10-20")
def transfer(
    name: Annotated[str, argument("姓名或工号", "转出的党员", autocompletion=names("member"))],
    to: Annotated[Text, option("去向", "[必填] 转入的支部或单位", autocompletion=names("branch"))] = None,
    on: Annotated[str | None, option("日期", "[必填] 转出日期，写到日；这一天起不再应到")] = None,
) -> None:
    """组织关系转出，或转到本院另一支部；此前的记录都保留"""
    from partybuild_cli.records.people.stays import transfer as move

    to, on = all_required(("--to", "转入的支部或单位", to), ("--on", "转出日期", on))
    with writing() as (connection, change):
        sentence = move(connection, change, record("member"), number_of(connection, "member", name), to, on)
    screen.say(sentence)


_KEPT = (
    "保留的内容：所在党支部、人员类别、入党转正转入转出等日期，以及不带姓名的出席、学时、党费、发展记录，"
    "用于核对应到、党费和发展党员的数目。"
)


_GONE = "已转出、已移除或导入后撤销的党员：姓名、工号或编号"


@member_app.command(example="partybuild member forget 张三 --yes")
def forget(
    name: Annotated[str, argument("姓名或工号", _GONE, autocompletion=names("member"))],
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """抹除已不在支部的人的个人信息，连同日志和备份；不能撤销"""
    from partybuild_cli.index.archive import forget_scores
    from partybuild_cli.records.people.forgotten import forget_member, whom

    book = the_book()
    who = whom(book, name)
    if not confirm(f"将从数据库、变更日志和备份中抹除{name}（编号 {who.number}）的个人信息，不能撤销。", yes):
        screen.say("没有抹除。")
        return
    done = forget_member(book, who, forget_scores)
    if json:
        screen.document(
            {"member": done.number, "mark": done.mark, "change": done.change, "records": done.records,
             "backups": len(done.backups), "left": list(map(str, done.left)), "texts": [one._asdict() for one in done.texts],
             "namesakes": done.namesakes, "kept": _KEPT,
             "files": [{"ledger": one.ledger, "id": one.number, "name": one.name} for one in done.files]}
        )  # fmt: skip
    else:
        changed = (
            f"改动 {done.records} 条记录；记在日志第 {done.change} 次变更" if done.change else "这次没有别的记录要改"
        )
        screen.say(f"已抹除编号 {done.number} 的个人信息，现称“{done.mark}”，{changed}。")
        screen.say(f"清理了 {len(done.backups)} 份备份。{_KEPT}")
        _tell_left(done)
    if done.left:
        raise Exit(1)


def _tell_left(done: "Forgotten") -> None:
    """What a person has to look at himself."""

    def some(lines: list[str], most: int = 20) -> str:
        return "、".join(lines[:most]) + (" 等（全部用 --json 查看）" if len(lines) > most else "")

    if done.texts:
        namesakes = "另有同名党员，也可能说的是另一位。" if done.namesakes else ""
        places = some([_place(one.ledger, one.number, one.field) for one in done.texts])
        screen.note(f"还有 {len(done.texts)} 处文字像是提到了这个人，没有改，请逐处核对：{places}。{namesakes}")
    if done.left:
        screen.note(
            f"记录和日志已改好，但这些文件里还能读到或可能读到：{'、'.join(map(str, done.left))}。"
            "请关闭正在使用它们的程序、腾出磁盘空间；已损坏或不需要的请删除，"
            f"再运行一次 partybuild member forget 编号{done.number}。"
        )
    if done.files:
        names = some([f"{one.ledger} {one.number} {one.name}" for one in done.files])
        screen.note(
            f"还有 {len(done.files)} 个佐证文件可能拍到或写着这个人，程序看不出来，没有动：{names}。"
            "请逐个打开核对，不该留的用 partybuild evidence remove 台账 编号 文件名 --erase 删除。"
        )
    screen.note("此前导出的工作簿、问题清单、季度归档和别处的备份不在本程序管辖内，请一并删除。")


_TABLES = {
    "change": "变更日志", "index_objection": "异议", "index_round": "先锋指数公示", "heading_map": "记住的标题", "extra_place": "记住的标题",
}  # fmt: skip
_COLUMNS = {
    "command": "命令", "frozen": "佐证", "raised_by": "提出人", "handled_by": "经办人", "matter": "事项", "finding": "核实情况",
    "answer": "答复", "reason": "原因", "content": "内容", "note": "说明", "left_to": "去向", "heading": "标题", "name": "佐证文件名",
}  # fmt: skip


def _place(ledger: str, number: int | str, field: str) -> str:
    columns = record(ledger).columns if ledger in captions() else {}
    column = columns[field].heading if field in columns else _COLUMNS.get(field, field)
    return f"{captions().get(ledger) or _TABLES.get(ledger, ledger)} {number} {column}"
