"""`doctor`: is the book sound (体检); exit 1 when something is found."""

from typing import Annotated

import typer

from partybuild_cli.cli import screen
from partybuild_cli.cli.hints import pasteable
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.session import book_path, key_file

app = Commands()


@app.command()
def doctor(context: typer.Context, json: Annotated[bool, typer.Option("--json", help="以 JSON 输出")] = False) -> int:
    """检查数据库是否完好：完整性、引用、日志、权限、加密、磁盘空间、残留的锁、时钟。有问题时退出码为 1。"""
    from partybuild_cli.records.base.registry import all_records
    from partybuild_cli.store.doctor import examine
    from partybuild_cli.store.driver import salt_of

    path = book_path(context)
    found = examine(path, {record.ledger: record.shape() for record in all_records()}, key_file(context))
    wrong = [one for one in found if one.wrong]
    if json:
        checks = [{"id": one.id, "name": one.name, "ok": not one.wrong, "message": one.wrong} for one in found]
        encrypted = salt_of(path) is not None
        screen.document({"file": str(path), "ok": not wrong, "encrypted": encrypted, "checks": checks})
        return 1 if wrong else 0
    for one in found:
        screen.say(
            f"{one.name}：{pasteable(one.wrong)}。" if one.wrong else f"{one.name}：{one.fine}",
            "red" if one.wrong else "",
        )
    screen.note(f"发现 {len(wrong)} 处问题。" if wrong else "数据库完好。")
    return 1 if wrong else 0
