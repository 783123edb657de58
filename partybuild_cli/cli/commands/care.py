"""`init`, `backup`, `restore`, `encrypt`, `doctor`: making a book and keeping it safe (建库、备份、恢复、加密、体检)."""

from contextlib import suppress
from os.path import lexists
from typing import Annotated

from partybuild_cli import effects
from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.lazy import Commands, Place, Text, argument, flag, option
from partybuild_cli.cli.options import AsJson, Yes
from partybuild_cli.cli.session import book_path, key_file, reading, the_book
from partybuild_cli.errors import Busy, InputProblems, Unfit, UsageFault
from partybuild_cli.records.base.registry import called, shapes
from partybuild_cli.store import backup as backups
from partybuild_cli.store.driver import PLAIN, Key, ring, salt_of, sqlcipher
from partybuild_cli.store.evidence import copy_along, folder_of

init_app, backup_app, restore_app, encrypt_app, doctor_app = (Commands() for _ in range(5))

#: What a backup was made for, or before.
_OCCASIONS = {
    "manual": "手工", "change": "大批改动前", "undo": "撤销前", "restore": "恢复前", "upgrade": "升级前", "quarter": "季度归档",
}  # fmt: skip


@init_app.command(example="partybuild init --branch 神经内科党支部")
def init(
    branch: Annotated[Text, option("名称", "[必填] 第一个党支部的名称，如 神经内科党支部")] = None,
    kind: Annotated[str, option("类别", "党委、党总支、党支部或党小组")] = "党支部",
    parent: Annotated[Text, option("名称", "上级党组织")] = None,
    encrypt: Annotated[bool, flag("--encrypt", "给数据库加密；密钥来自 --key-file，不写则询问")] = False,
) -> None:
    """新建数据库和第一个党支部；已有数据库时不会覆盖。"""
    from partybuild_cli.records.base.editing import found
    from partybuild_cli.store.engine import refuse_existing

    path, file, lock = book_path(), key_file(), PLAIN
    if encrypt:
        sqlcipher()
    refuse_existing(path)
    if encrypt:
        lock = ring().new_lock(Key(ask.new_passphrase(file, "--key-file")))
    while True:
        name = ask.required("--branch", "党支部名称", branch)
        try:
            found(path, {"name": name, "kind": kind, "parent": parent}, lock)
            break
        except InputProblems as fault:
            if branch:
                raise
            screen.note(fault.sentence)
    screen.say(f"已新建{'加密的' if encrypt else ''}数据库 {path}，第一个{kind}是{name}。")
    if file and not encrypt:
        screen.note("给了密钥文件，但数据库没有加密。要加密请运行 partybuild encrypt。")
    screen.say("接下来：partybuild import 花名册.xlsx 导入花名册，或 partybuild member add 登记党员。")


@backup_app.command(example="partybuild backup")
def backup(
    file: Annotated[Place, argument("[文件]", "备份成哪个文件；不写则放进数据库旁的备份文件夹")] = None,
    list: Annotated[bool, flag("--list", "列出备份文件夹中已有的备份")] = False,
    json: AsJson = False,
) -> None:
    """备份数据库；使用中也可以备份，备份经完整性和行数检查才算数。手工备份一直留着，自动备份越早留得越稀。"""
    book = the_book()
    room = backups.room(book.path)
    taken = f"备份文件夹里有 {room.files} 个文件，共 {screen.megabytes(room.size)}"
    if list:  # the newest first, then what else a book could be restored from: renamed, or damaged and put aside
        made = {one.path: one.occasion for one in reversed(backups.made(book.path))}
        found = [(path, made.get(path), path.stat().st_size) for path in [*made, *backups.others(book.path)]]
        if json:
            screen.document([{"file": str(path), "bytes": size, "occasion": what} for path, what, size in found])
            return
        lines = ([str(path), _OCCASIONS.get(what or "", "其他"), str(size // 1024 + 1)] for path, what, size in found)
        if screen.rows(["备份", "用途", "KB"], lines, right=("KB",)):
            screen.note(f"{taken}。恢复：partybuild restore 文件")
            screen.note("手工的和恢复前的备份一直留着，不再需要的请自行删除。")
        else:
            screen.note("还没有备份。")
        return
    if file and file.is_dir():
        raise Unfit(f"{file} 是文件夹，请写明文件名，如 {file / 'partybuild.db'}。")
    if file and lexists(file):
        same = "就是正在使用的数据库" if file.exists() and file.samefile(book.path) else "已经存在"
        raise Unfit(f"{file} {same}，没有覆盖它。请换一个文件名。")
    done = backups.copy(book.path, file) if file else backups.back_up(book.path, "manual")
    along = copy_along(book.path, file) if file else 0
    effects.wrote(done.path)
    with suppress(Busy), book.writing() as connection:  # a book on a disk that only reads can be backed up too
        backups.note(connection)
    room = backups.room(book.path)
    if json:
        folder = {"files": room.files, "bytes": room.size}
        screen.document({"file": str(done.path), "bytes": done.size, "rows": done.rows, "folder": folder})
        return
    records = done.rows.get("member", 0)
    screen.say(f"已备份到 {done.path}（{done.size // 1024 + 1} KB，党员 {records} 名），完整性和行数检查通过。")
    if along:
        screen.say(f"{along} 个佐证文件备份在 {folder_of(done.path)}，请和备份放在一起。")
    if not file:
        screen.note(f"备份文件夹里有 {room.files} 个文件，共 {screen.megabytes(room.size)}。")


@restore_app.command(example="partybuild restore 备份.db --yes")
def restore(
    file: Annotated[Place, argument("[文件]", "备份文件，用 partybuild backup --list 查看；不写是最近一份")] = None,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """从备份恢复；先检查备份再替换，被替换的数据库留在备份文件夹中。也用于搬到新电脑。"""
    from partybuild_cli.store import replace
    from partybuild_cli.store.history import this_command

    book = book_path()
    file = file or backups.latest(book)
    replace.look_at(book, file)
    another = f"{said}。" if (said := replace.stranger(book, file)) else ""
    if book.exists():
        ask.agree(f"{another}将用 {file} 替换 {book} 现在的全部内容。", yes, "没有恢复。")
    done = replace.restore(book, file, this_command())
    replaced = str(done.replaced) if done.replaced else None
    told = {"restored": str(file), "replaced": replaced, "warning": done.warning, "rows": done.rows}
    said = f"已从 {file} 恢复到 {book}，检查通过，党员 {done.rows.get('member', 0)} 名。"
    screen.answer(json, told, said, *([f"原来的数据库留在 {replaced}。"] if replaced else []))
    if done.warning and not json:
        screen.note(f"注意：{done.warning}。")


@encrypt_app.command(example="partybuild --key-file 密钥.txt encrypt")
def encrypt(
    new_key_file: Annotated[Place, option("文件", "新密钥，写在这个文件的第一行；不写则询问")] = None,
    off: Annotated[bool, flag("--off", "取消加密")] = False,
    yes: Annotated[bool, flag("--yes", "取消加密时不再询问")] = False,
    json: AsJson = False,
) -> int:
    """给数据库和它的备份加密；已加密的换密钥。以后每个命令都要密钥，密钥丢了记录就打不开。"""
    from partybuild_cli.store.history import this_command
    from partybuild_cli.store.replace import relock

    sqlcipher()
    book = the_book()
    path, was, key = book.path, salt_of(book.path) is not None, None
    if off and new_key_file:
        raise UsageFault("--off 和 --new-key-file 只能用一个，请去掉一个。")
    if off and not was:
        raise Unfit(f"{path} 没有加密，不用取消。请检查 --db 指定的是不是这个文件。")
    if off:
        ask.agree(f"将取消 {path} 和备份的加密，拿到文件的人都能读。", yes, "没有取消加密。")
    else:
        file, flag = (new_key_file, "--new-key-file") if was else (new_key_file or key_file(), "--key-file")
        key = Key(ask.new_passphrase(file, flag))
    done = relock(book, key, this_command())
    left = [str(one) for one in done.left]
    if json:
        screen.document({"file": str(path), "encrypted": not off, "backups": len(done.backups), "left": left})
        return 1 if left else 0
    deed = "取消加密" if off else "换密钥" if was else "加密"
    screen.say(f"已{deed}：{path}" + (f"，连同 {len(done.backups)} 份备份。" if done.backups else "。"))
    if not off:
        screen.say("以后每个命令都要密钥：在终端里会询问；定时任务用 --key-file 或环境变量 PARTYBUILD_KEY_FILE。")
        screen.note("密钥丢了，记录就再也打不开。密钥不要和数据库、备份放在一起。")
        copies = "拷到别处的备份、导出的文件没有加密；磁盘上可能还留有原来文件的痕迹。"
        screen.note("以前的密钥打不开它了，原来的密钥文件请跟着换。" if was else copies)
    if left:
        why = "仍是加密的，密钥不同或已损坏" if off else "没有加密，已损坏或不是本程序的，里面可能有个人信息"
        screen.note(f"备份文件夹里还有文件没能一起处理（{why}）：{'、'.join(left)}。不再需要的请删除。")
    return 1 if left else 0


@doctor_app.command(example="partybuild doctor")
def doctor(
    replay: Annotated[bool, flag("--replay", "按变更日志从头重建每一条记录，逐条与现在的内容核对")] = False,
    json: AsJson = False,
) -> int:
    """检查数据库是否完好：完整性、引用、日志、权限、加密、磁盘空间、残留的锁、时钟。有问题时退出码为 1。"""
    from partybuild_cli.cli.crash import examine_all, records_of
    from partybuild_cli.store.asof import differences

    if replay:
        with reading() as connection:
            differ = differences(connection, shapes())
        if json:
            listed = [{"ledger": one.ledger, "number": one.number, "change": one.change} for one in differ]
            screen.document({"ok": not differ, "differences": listed})
            return 1 if differ else 0
        for one in differ:
            where = "现在的内容与日志不符" if one.change is None else f"日志第 {one.change} 条与它之前的记录接不上"
            screen.say(f"{called(one.ledger, one.number)}：{where}。", style="red")
        told = f"发现 {len(differ)} 处不符，请用 log show 查看并核对，再用 edit 命令改正。"
        screen.note(told if differ else "按变更日志重建的内容与现在的记录完全一致。")
        return 1 if differ else 0
    path = book_path()
    found = examine_all(path, key_file())
    wrong = [one for one in found if one.wrong]
    if json:
        checks = [{"id": one.id, "name": one.name, "ok": not one.wrong, "message": one.wrong} for one in found]
        encrypted = salt_of(path) is not None
        screen.document({"file": str(path), "ok": not wrong, "encrypted": encrypted, "checks": checks})
        return 1 if wrong else 0
    for check in found:
        fine = f"{check.name}：{check.fine}"
        screen.say(f"{check.name}：{check.wrong}。" if check.wrong else fine, style="red" if check.wrong else "")
    screen.note(f"发现 {len(wrong)} 处问题。" if wrong else "数据库完好。")
    if crashes := records_of(path):
        screen.note(f"程序出过差错，记在 {crashes[-1]} 等 {len(crashes)} 个文件，请交给维护者，交过的可以删除。")
    return 1 if wrong else 0
