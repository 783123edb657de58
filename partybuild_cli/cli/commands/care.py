"""Making a book and looking after it: `init`, `backup`, `restore`, `encrypt`, `doctor` (建库、备份、恢复、加密、体检); what was changed
(变更日志: `log`, `log show N` in full, `log verify` checks the chain, `undo`); `settings`, what the unit decides once (本单位设定).
"""

from contextlib import suppress
from difflib import get_close_matches
from os.path import lexists
from typing import Annotated

from typer import Context

from partybuild_cli import effects
from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.lazy import Commands, Place, Text, argument, by_itself, flag, later, option
from partybuild_cli.cli.options import AsJson, Yes, positive, whole
from partybuild_cli.cli.session import book_path, key_file, reading, the_book, writing
from partybuild_cli.errors import Busy, InputProblems, Unfit, UsageFault
from partybuild_cli.records.base.registry import called, shapes
from partybuild_cli.store import backup as backups
from partybuild_cli.store.driver import PLAIN, Key, ring, salt_of, sqlcipher
from partybuild_cli.store.evidence import copy_along, folder_of

with later():
    from partybuild_cli.cli import crash
    from partybuild_cli.index import archive, touched
    from partybuild_cli.records import settings as unit
    from partybuild_cli.records.base import diff, editing, present
    from partybuild_cli.store import asof, chain, engine, history, replace

init_app, backup_app, restore_app, encrypt_app, doctor_app, undo_app = (Commands() for _ in range(6))
log_app = Commands("谁在什么时候改了什么。", "partybuild log --limit 5")
_SETTINGS = "本单位定一次的事：建立了哪些制度、公示受理人、党费取整等。不写子命令就是 show。"
settings_app = Commands(_SETTINGS, "partybuild settings show")
#: Action -> what it is called in words, and in JSON.
_DEEDS = {
    "add": ("新增", "added"), "edit": ("修改", "changed"), "remove": ("删除", "removed"), "forget": ("抹除", "erased"),
}  # fmt: skip
#: So many records of a change are named before the clerk is asked about it.
_SHOWN = 10
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
    path, file, lock = book_path(), key_file(), PLAIN
    if encrypt:
        sqlcipher()
    engine.refuse_existing(path)
    if encrypt:
        lock = ring().new_lock(Key(ask.new_passphrase(file, "--key-file")))
    while True:
        name = ask.required("--branch", "党支部名称", branch)
        try:
            editing.found(path, {"name": name, "kind": kind, "parent": parent}, lock)
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
    if list:  # the newest first, then what else a book could be restored from: renamed, or damaged and put aside
        made = {each.path: each.occasion for each in reversed(backups.made(book.path))}
        found = [(path, made.get(path), path.stat().st_size) for path in [*made, *backups.others(book.path)]]
        documents = [{"file": str(path), "bytes": size, "occasion": what} for path, what, size in found]
        lines = ([str(path), _OCCASIONS.get(what or "", "其他"), str(size // 1024 + 1)] for path, what, size in found)
        hint = "恢复：partybuild restore 文件\n手工的和恢复前的备份一直留着，不再需要的请自行删除。"
        remark = f"{screen.room_of(backups.room(book.path))}。{hint}"
        screen.table(json, documents, ["备份", "用途", "KB"], lines, right=("KB",), remark=remark, none="还没有备份。")
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
    folder = {"files": room.files, "bytes": room.size}
    size = f"{done.size // 1024 + 1} KB，党员 {done.rows.get('member', 0)} 名"
    beside = [f"{along} 个佐证文件备份在 {folder_of(done.path)}，请和备份放在一起。"] if along else []
    document = {"file": str(done.path), "bytes": done.size, "rows": done.rows, "folder": folder}
    screen.answer(json, document, f"已备份到 {done.path}（{size}），完整性和行数检查通过。", *beside)
    if not file and not json:
        screen.note(f"{screen.room_of(room)}。")


@restore_app.command(example="partybuild restore 备份.db --yes")
def restore(
    file: Annotated[Place, argument("[文件]", "备份文件，用 partybuild backup --list 查看；不写是最近一份")] = None,
    yes: Yes = False,
    json: AsJson = False,
) -> None:
    """从备份恢复；先检查备份再替换，被替换的数据库留在备份文件夹中。也用于搬到新电脑。"""
    book = book_path()
    file = file or backups.latest(book)
    replace.look_at(book, file)
    another = f"{said}。" if (said := replace.stranger(book, file)) else ""
    if book.exists():
        ask.agree(f"{another}将用 {file} 替换 {book} 现在的全部内容。", yes, "没有恢复。")
    done = replace.restore(book, file, history.this_command())
    replaced = str(done.replaced) if done.replaced else None
    texts = {"restored": str(file), "replaced": replaced, "warning": done.warning, "rows": done.rows}
    said = f"已从 {file} 恢复到 {book}，检查通过，党员 {done.rows.get('member', 0)} 名。"
    screen.answer(json, texts, said, *([f"原来的数据库留在 {replaced}。"] if replaced else []))
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
    done = replace.relock(book, key, history.this_command())
    left = [str(file) for file in done.left]
    deed = "取消加密" if off else "换密钥" if was else "加密"
    document = {"file": str(path), "encrypted": not off, "backups": len(done.backups), "left": left}
    both = f"，连同 {len(done.backups)} 份备份。" if done.backups else "。"
    henceforth = "以后每个命令都要密钥：在终端里会询问；定时任务用 --key-file 或环境变量 PARTYBUILD_KEY_FILE。"
    screen.answer(json, document, f"已{deed}：{path}{both}", *([] if off else [henceforth]))
    if not off and not json:
        copies = "拷到别处的备份、导出的文件没有加密；磁盘上可能还留有原来文件的痕迹。"
        changed = "以前的密钥打不开它了，原来的密钥文件请跟着换。" if was else copies
        screen.note("密钥丢了，记录就再也打不开。密钥不要和数据库、备份放在一起。", changed)
    if left and not json:
        why = "仍是加密的，密钥不同或已损坏" if off else "没有加密，已损坏或不是本程序的，里面可能有个人信息"
        screen.note(f"备份文件夹里还有文件没能一起处理（{why}）：{'、'.join(left)}。不再需要的请删除。")
    return 1 if left else 0


@doctor_app.command(example="partybuild doctor")
def doctor(
    replay: Annotated[bool, flag("--replay", "按变更日志从头重建每一条记录，逐条与现在的内容核对")] = False,
    json: AsJson = False,
) -> int:
    """检查数据库是否完好：完整性、引用、日志、权限、加密、磁盘空间、残留的锁、时钟。有问题时退出码为 1。"""
    path = book_path()
    if replay:
        with reading() as connection:
            differ = asof.differences(connection, shapes())
        document: dict[str, object] = {"ok": not differ, "differences": [each._asdict() for each in differ]}
        lines = [(f"{called(each.ledger, each.number)}：{_apart(each.change)}。", True) for each in differ]
        many = f"发现 {len(differ)} 处不符，请用 log show 查看并核对，再用 edit 命令改正。"
        ending = [many if differ else "按变更日志重建的内容与现在的记录完全一致。"]
    else:
        found = crash.examine_all(path, key_file())
        checks = [{"id": each.id, "name": each.name, "ok": not each.wrong, "message": each.wrong} for each in found]
        lines = [(f"{each.name}：{f'{each.wrong}。' if each.wrong else each.fine}", bool(each.wrong)) for each in found]
        count, crashes = sum(wrong for _, wrong in lines), crash.records_of(path)
        encrypted = salt_of(path) is not None
        document = {"file": str(path), "ok": not count, "encrypted": encrypted, "checks": checks}
        ending = [f"发现 {count} 处问题。" if count else "数据库完好。"]
        files = f"{crashes[-1]} 等 {len(crashes)} 个文件" if crashes else ""
        ending += [f"程序出过差错，记在 {files}，请交给维护者，交过的可以删除。"] if crashes else []
    if json:
        screen.document(document)
    else:
        for line, wrong in lines:
            screen.say(line, style="red" if wrong else "")
        screen.note(*ending)
    return 0 if document["ok"] else 1


def _apart(change: int | None) -> str:
    return "现在的内容与日志不符" if change is None else f"日志第 {change} 条与它之前的记录接不上"


@log_app.callback(invoke_without_command=True)
def log(
    context: Context,
    limit: Annotated[int, option("条数", "显示最近的多少条", parser=positive)] = 20,
    json: AsJson = False,
) -> None:
    """列出最近的变更，最新的在前；每个命令一条，可用 partybuild undo 编号 撤销。"""
    if not by_itself(context):
        return
    with reading() as connection:
        found = history.entries(connection, limit)
    lines = ([str(each.number), screen.local_time(each.at), each.user, _did(each), each.command] for each in found)
    headings = ["编号", "时间", "用户", "改动", "命令"]
    remark = f"共 {len(found)} 条。用 partybuild log show 编号 看明细。"
    screen.table(json, [*map(_as_json, found)], headings, lines, right=("编号",), remark=remark, none=remark)


@log_app.command(example="partybuild log show 1")
def show(
    number: Annotated[int, argument("编号", "变更编号，用 partybuild log 查看", parser=whole)], json: AsJson = False
) -> int:
    """看一次变更的明细：每条记录改前改后；身份证号、电话打码。"""
    with reading() as connection:
        logged, rows = history.entry(connection, number), list(diff.tell_change(connection, number))
    broken, records = sum(row.damaged for row in rows), list[dict[str, object]]()
    for row in rows if json else ():
        fields = [
            {"field": change.field, "before": change.before or None, "after": change.after or None}
            for change in row.fields
        ]
        records.append({"ledger": row.ledger, "number": row.number, "action": row.action, "fields": fields})
        records[-1] |= {"damaged": True} if row.damaged else {}
    if json:
        screen.document({**_as_json(logged), "records": records})
        return 1 if broken else 0
    pairs = [
        ("时间", screen.local_time(logged.at)),
        ("用户", logged.user),
        ("命令", logged.command),
        ("改动", _did(logged)),
    ]
    screen.fields(pairs, f"第 {logged.number} 次变更")
    for row in rows:
        unread = "（这一行已损坏，读不出来）" if row.damaged else ""
        screen.say(f"{_DEEDS[row.action][0]} {row.caption} 编号 {row.number}{unread}")
        for field in row.fields:
            both = f"{field.before or '（空）'} → {field.after or '（空）'}"
            since = f"（自 {field.since} 起）" if field.since else ""
            screen.say(f"  {field.field}：{both if row.action == 'edit' else field.after or field.before}{since}")
    if broken:
        hint = "请用 partybuild doctor 查明，用 partybuild restore 对照备份。"
        screen.note(f"注意：第 {logged.number} 次变更有 {broken} 行已损坏，{hint}")
    return 1 if broken else 0


@log_app.command(example="partybuild log verify")
def verify(json: AsJson = False) -> int:
    """核对日志的校验链，指出第一条在本程序之外被改过的记录；有改动时退出码为 1。"""
    with reading() as connection:
        verdict = chain.verify(connection)
    said = f"日志完整：{verdict.entries} 条，与写入时一致。"
    if verdict.altered is not None:
        altered = f"日志第 {verdict.altered} 条在本程序之外被改动过（{verdict.reason}），从这一条起不能再作凭证。"
        said = f"{altered}请保留现在的文件，用 partybuild restore 恢复改动之前的备份来对照。"
    screen.answer(json, verdict._asdict() | {"reason": verdict.reason or None}, said)
    return 0 if verdict.altered is None else 1


def _did(entry: "history.Entry") -> str:
    words = [f"{word} {entry.counts[action]}" for action, (word, _) in _DEEDS.items() if entry.counts[action]]
    words += [f"撤销了第 {entry.undoes} 号"] if entry.undoes is not None else []
    words += [f"已被第 {entry.undone_by} 号撤销"] if entry.undone_by is not None else []
    return "，".join(words) or "没有改动记录"


def _as_json(entry: "history.Entry") -> dict[str, object]:
    rows = {key: entry.counts[action] for action, (_, key) in _DEEDS.items()}
    undone = {"undoes": entry.undoes, "undone_by": entry.undone_by}
    return {
        "change": entry.number,
        "at": entry.at,
        "user": entry.user,
        "command": entry.command,
        **undone,
        "rows": rows,
    }


@undo_app.command(example="partybuild undo")
def undo(
    number: Annotated[
        int | None, argument("[编号]", "变更编号，用 partybuild log 查看；不写则为最近一次，先显示再问", parser=whole)
    ] = None,
    yes: Annotated[bool, flag("--yes", "不写编号时不问，直接撤销最近一次")] = False,
    json: AsJson = False,
) -> None:
    """整个撤销一次变更（如一次导入）；后来的内容建立在它上面时不撤销，并说明是哪些。撤销本身也可以撤销。"""
    if number is None:
        with reading() as connection:
            number = asof.last_standing(connection)
            logged, rows = history.entry(connection, number), list(diff.tell_change(connection, number))
        if not yes and screen.on_terminal():
            screen.note(*(f"  {_DEEDS[row.action][0]} {row.caption} 编号 {row.number}" for row in rows[:_SHOWN]))
            if len(rows) > _SHOWN:
                screen.note(f"  …… 另有 {len(rows) - _SHOWN} 条，用 partybuild log show {number} 查看")
        what = (
            f"最近一次变更是第 {number} 次（{logged.command}），{screen.local_time(logged.at)}，涉及 {len(rows)} 条记录"
        )
        ask.agree(f"{what}。撤销它？", yes, "没有撤销任何内容。")
    done = diff.take_back(the_book(), number, archive.take_back_acts, touched.remark_of_past)
    said = f"已撤销第 {done.undone} 次变更（{done.command}），涉及 {done.rows} 条记录。"
    screen.answer(json, {"undone": done.undone, "change": done.change, "rows": done.rows}, said)
    if done.comes_back and not json:
        screen.note(f"撤销错了可以恢复：partybuild undo {done.change}")


@settings_app.callback(invoke_without_command=True, help=_SETTINGS)
def settings(context: Context, json: AsJson = False) -> None:
    """Shown where nothing else is asked for."""
    if by_itself(context):
        show_settings(json)


@settings_app.command("show", example="partybuild settings show")
def show_settings(json: AsJson = False) -> None:
    """看每一项现在怎么定的，不定会怎样"""
    with reading() as connection:
        now = unit.settings_of(connection)
    decided = [(key, column, getattr(now, key)) for key, column in unit.Settings.columns.items()]
    values = {key: None if value is None else present.as_json(column, value) for key, column, value in decided}
    lines = (
        [key, column.heading, present.as_text(column, value) or "（未定）", column.help]
        for key, column, value in decided
    )
    remark = "修改：partybuild settings set 名称 值，如 partybuild settings set volunteering 是。"
    screen.table(json, values, ["名称", "设置", "现在", "含义"], lines, remark=remark)


def _keys(context: Context, args: list[str], incomplete: str) -> list[tuple[str, str]]:
    return [(key, column.heading) for key, column in unit.Settings.columns.items() if key.startswith(incomplete)]


@settings_app.command("set", example="partybuild settings set reception_desk 党委办公室")
def change(
    key: Annotated[str, argument("名称", "用 partybuild settings 查看", autocompletion=_keys)],
    value: Annotated[Text, argument("值", "怎么定，如 是、否、党委办公室")] = None,
    clear: Annotated[bool, flag("--clear", "改回未定")] = False,
) -> None:
    """定下或改一项，记入日志，可以撤销"""
    record, columns = unit.Settings, unit.Settings.columns
    named = {column.heading: name for name, column in columns.items()}.get(key) or key.replace("-", "_")
    if named not in columns:
        raise UsageFault(f"没有叫“{key}”的设置，请写 {'、'.join(get_close_matches(named, columns) or columns)}。")
    column, cells, erase = columns[named], {} if value is None else {named: value}, [named] if clear else []
    if (value is None) is not clear:
        how = f"请写值（{column.kind.label}），改回未定请写 --clear"
        raise UsageFault(f"“{column.heading}”的值和 --clear 只写一个：{how}。")
    with writing() as (connection, entry):
        before = unit.settings_of(connection)
        old = getattr(before, named)
        if before.id is not None:  # the first that is known of it holds as far back as the book
            editing.edit_record(connection, entry, record, before.id, cells, erase, correct=old is None)
        elif cells:
            editing.add_record(connection, entry, record, cells)
        now = getattr(unit.settings_of(connection), named)
    was, said = (present.as_text(column, item) or "（未定）" for item in (old, now))
    screen.say(f"{column.heading}：{was} → {said}" if was != said else "没有不同之处，什么也没有改。")
    if column.dated and was != said and old is not None:
        screen.note("从今天起算；已经结束的期间仍按原来的。")
