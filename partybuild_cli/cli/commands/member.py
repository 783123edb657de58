"""`member transfer`: out of the branch, history kept (组织关系转接); `member forget`: personal data erased (抹除个人信息)."""

from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson, Yes
from partybuild_cli.cli.session import writing

app = Commands()


@app.command(example="partybuild member transfer 张三 --to 心内科党支部 --on 2026-10-20")
def transfer(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="姓名或工号", help="转出的党员", autocompletion=names("member"))],
    to: Annotated[
        str | None, typer.Option(metavar="去向", help="[必填] 转入的支部或单位", autocompletion=names("branch"))
    ] = None,
    on: Annotated[str | None, typer.Option(metavar="日期", help="[必填] 转出日期，写到日；这一天起不再应到")] = None,
) -> None:
    """组织关系转出，或转到本院另一支部；此前的记录都保留"""
    from partybuild_cli.cli.ask import required
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.base.transfer import transfer as move
    from partybuild_cli.records.member import Member

    to, on = required("--to", "转入的支部或单位", to), required("--on", "转出日期", on)
    with writing(context) as (connection, change):
        sentence = move(connection, change, number_of(connection, Member, name), to, on)
    screen.say(sentence)


_KEPT = (
    "保留的内容：所在党支部、人员类别、入党转正转入转出等日期，以及不带姓名的出席、学时、党费、发展记录，"
    "用于核对应到、党费和发展党员的数目。"
)


@app.command()
def forget(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="姓名或工号", help="已转出的党员", autocompletion=names("member"))],
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """抹除已转出党员的个人信息，连同日志和备份；不能撤销"""
    from partybuild_cli.cli.ask import confirm
    from partybuild_cli.cli.session import the_book
    from partybuild_cli.index.forget import forget_scores
    from partybuild_cli.records.base.forgotten import forget_member
    from partybuild_cli.records.base.query import number_of
    from partybuild_cli.records.member import Member

    book = the_book(context)
    with book.reading() as connection:
        number = number_of(connection, Member, name)
    if not confirm(f"将从数据库、变更日志和备份中抹除{name}（编号 {number}）的个人信息，不能撤销。", yes):
        screen.say("没有抹除。")
        return
    done = forget_member(book, number, forget_scores)
    left = [str(path) for path in done.left]
    if json:
        screen.document(
            {"member": number, "mark": done.mark, "change": done.change, "records": done.records,
             "backups": len(done.backups), "left": left, "namesakes": done.namesakes, "kept": _KEPT}
        )  # fmt: skip
        return
    screen.say(
        f"已抹除编号 {number} 的个人信息，改动 {done.records} 条记录，现称“{done.mark}”；记在日志第 {done.change} 次变更。"
    )
    screen.say(f"备份中也已抹除 {len(done.backups)} 份。{_KEPT}")
    if left:
        screen.note(f"没能处理的备份：{'、'.join(left)}，请自行删除。")
    if done.namesakes:
        screen.note("另有同名党员，备注、内容等文字中的这个姓名没有改，请自行核对。")
    screen.note("此前导出的工作簿和别处的备份不在本程序管辖内，请一并删除。")
