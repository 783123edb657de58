"""`doctor`: is the book sound (体检); exit 1 when something is found."""

from typing import Annotated

from typer import Context, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson
from partybuild_cli.cli.session import book_path, key_file, reading
from partybuild_cli.records.base.registry import called, shapes
from partybuild_cli.store.driver import salt_of

app = Commands()


@app.command(example="partybuild doctor")
def doctor(
    context: Context,
    replay: Annotated[bool, Option("--replay", help="按变更日志从头重建每一条记录，逐条与现在的内容核对")] = False,
    json: AsJson = False,
) -> int:
    """检查数据库是否完好：完整性、引用、日志、权限、加密、磁盘空间、残留的锁、时钟。有问题时退出码为 1。"""
    if replay:
        return _replay(context, json)
    from partybuild_cli.cli.crash import examine_all, records_of

    path = book_path(context)
    found = examine_all(path, key_file(context))
    wrong = [one for one in found if one.wrong]
    if json:
        checks = [{"id": one.id, "name": one.name, "ok": not one.wrong, "message": one.wrong} for one in found]
        encrypted = salt_of(path) is not None
        screen.document({"file": str(path), "ok": not wrong, "encrypted": encrypted, "checks": checks})
        return 1 if wrong else 0
    for one in found:
        screen.say(f"{one.name}：{one.wrong}。" if one.wrong else f"{one.name}：{one.fine}", "red" if one.wrong else "")
    screen.note(f"发现 {len(wrong)} 处问题。" if wrong else "数据库完好。")
    crashes = records_of(path)
    if crashes:
        screen.note(f"程序出过差错，记在 {crashes[-1]} 等 {len(crashes)} 个文件，请交给维护者，交过的可以删除。")
    return 1 if wrong else 0


def _replay(context: Context, json: bool) -> int:
    """Build the book again from its history, and name every record of which the two say different things."""
    from partybuild_cli.store.replay import differences

    with reading(context) as connection:
        found = differences(connection, shapes())
    if json:
        listed = [{"ledger": one.ledger, "number": one.number, "change": one.change} for one in found]
        screen.document({"ok": not found, "differences": listed})
        return 1 if found else 0
    for one in found:
        where = "现在的内容与日志不符" if one.change is None else f"日志第 {one.change} 条与它之前的记录接不上"
        screen.say(f"{called(one.ledger, one.number)}：{where}。", "red")
    told = f"发现 {len(found)} 处不符，请用 log show 查看并核对，再用 edit 命令改正。"
    screen.note(told if found else "按变更日志重建的内容与现在的记录完全一致。")
    return 1 if found else 0
