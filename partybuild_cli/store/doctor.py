"""Is the book sound (体检): one finding a check, each with what to do when something is wrong.

Nothing of the book is changed; what a killed run left in the making is cleared away, as by any command.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import time
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from partybuild_cli import outputs
from partybuild_cli.errors import PartybuildError
from partybuild_cli.store import backup, chain, driver, engine, history
from partybuild_cli.store.asof import differences
from partybuild_cli.store.driver import PLAIN
from partybuild_cli.store.shape import Shape

#: A backup needs the room of the book again; below this much nothing is safe.
_LEAST_ROOM = 100 * 2**20
_HOUR, _DAY = 3600, 86400
#: So many are named of what is wrong in the same way.
_NAMED = 5
#: Bytes that are no text, as half characters.
_NO_TEXT = re.compile("[\ud800-\udfff]")
_RESTORE = "请用 partybuild restore 从最近的备份恢复"


class CheckedSide(NamedTuple):
    """One check: its key, its Chinese name, what is wrong with what to do (None where all is well), what else to say."""

    id: str
    name: str
    wrong: str | None = None
    fine: str = "正常"


#: Looks at one side of a book: what is wrong with it, None where all is well.
Check = Callable[[Connection], str | None]
#: What the rooms above check of what they keep: by key, a Chinese name and a check.
Others = Mapping[str, tuple[str, Check]]
#: Says a record in words: ledger and number.
Called = Callable[[str, int], str]


def examine(
    book: Path,
    shapes: Mapping[str, Shape],
    key_file: Path | None = None,
    others: Others = MappingProxyType({}),
    called: Called = "{} 编号 {}".format,
) -> list[CheckedSide]:
    """Every check on the book, and on the file with its key. NotFound, Unfit or Busy where there is no database at all."""
    engine.inspect_file(book)
    outputs.clear_away(book.parent)
    found = [*_file(book, key_file, driver.lock_of(book) is not PLAIN)]
    try:
        with engine.Book(book, engine.engine_of(book)).reading() as connection, driver.leniently(connection):
            for finding in _inside(connection, shapes, others, called):
                found.append(finding)  # noqa: PERF402 - what was found stays, whatever comes of the next check
    except PartybuildError as fault:
        found.append(CheckedSide("open", "打开数据库", fault.sentence.rstrip("。")))
    return found


def _inside(
    connection: Connection, shapes: Mapping[str, Shape], others: Others, called: Called
) -> Iterator[CheckedSide]:
    """The checks of what the database holds; of a book whose tables are not today's only those of the file."""
    raw = driver.raw_of(connection)
    checks: dict[str, tuple[str, Check]] = {
        "schema": ("数据库版本", _schema),
        "integrity": (
            "文件完整性",
            lambda _: f"文件已损坏（{damage}），{_RESTORE}" if (damage := driver.damage(raw)) else None,
        ),
        "references": ("引用关系", lambda _: f"{dangling}，{_RESTORE}" if (dangling := driver.dangling(raw)) else None),
        "orphans": ("没有主人的明细", lambda connection: _orphans(connection, shapes)),
        "types": ("内容的类型", lambda connection: _types(connection, shapes, called)),
        "numbers": ("编号", lambda connection: _numbers(connection, shapes, called)),
        **others,
        "history": ("变更日志", lambda connection: _history(connection, called)),
        "records": ("记录与日志一致", lambda connection: _records(connection, shapes, called)),
        "clock": ("系统时钟", _clock),
    }
    for key, (name, check) in checks.items():
        if key == "references" and engine.version_of(connection) != len(driver.migrations()):
            return
        try:
            wrong = check(connection)
        except driver.errors("DatabaseError", DatabaseError) as fault:
            wrong = f"检查时数据库出错（{driver.reason(getattr(fault, 'orig', fault))}），{_RESTORE}"
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as fault:
            wrong = f"内容已损坏，没能检查完（{type(fault).__name__}），{_RESTORE}"
        yield CheckedSide(key, name, wrong)


def _schema(connection: Connection) -> str | None:
    at, known = connection.exec_driver_sql("PRAGMA user_version").scalar_one(), len(driver.migrations())
    if at > known:
        return f"数据库是更新版本的 partybuild 写的（版本 {at}，本程序到 {known}），请先升级 partybuild"
    if (fits := engine.version_of(connection)) is None:
        return f"版本标记是 {at}，而表的样子不是任何一个版本的，{_RESTORE}"
    if fits != at:
        return f"版本标记是 {at}，内容却是版本 {fits} 的，标记被别的程序改过，运行一次 partybuild status 即备份并改回"
    old = f"数据库还是旧版本（{at}，本程序为 {known}），运行一次 partybuild status 即自动备份并升级"
    return old if at < known else None


def _orphans(connection: Connection, shapes: Mapping[str, Shape]) -> str | None:
    """Rows of shared tables whose record is gone; no foreign key guards these."""
    found = []
    for table, child in [(shape.table, child) for shape in shapes.values() for child in shape.children if child.ledger]:
        sql = f'SELECT count(*) FROM "{child.table}" WHERE ledger = ? AND "{child.owner}" NOT IN'
        count = connection.exec_driver_sql(f'{sql} (SELECT id FROM "{table}")', (child.ledger,)).scalar()
        found += [f"{child.table} 中 {count} 行属于不存在的 {table} 记录"] if count else []
    return f"{'；'.join(found)}，{_RESTORE}" if found else None


def _types(connection: Connection, shapes: Mapping[str, Shape], called: Called) -> str | None:
    """A text where a number belongs, bytes where a text does, bytes that are no text: SQLite keeps whatever it is given."""
    found = []
    for table, columns in driver.columns_of(driver.raw_of(connection)).items():
        sound = (f"coalesce(typeof(\"{n}\"), 'null') IN ('null', '{kind.lower()}')" for n, kind in columns.items())
        where = f"WHERE NOT ({' AND '.join(sound)})"
        if table in shapes:
            numbers = connection.exec_driver_sql(f'SELECT id FROM "{table}" {where}').scalars()
            found += [called(table, number) for number in numbers]
        elif count := connection.exec_driver_sql(f'SELECT count(*) FROM "{table}" {where}').scalar():
            found.append(f"表 {table} 中 {count} 行")
    undecoded = dict.fromkeys(table for table, text in driver.texts(connection) if _NO_TEXT.search(text))
    found += [f"表 {table} 中有不是文字的字节" for table in undecoded]
    return f"{_several(found, '处')}已损坏，{_RESTORE}" if found else None


def _several(found: Sequence[str], unit: str) -> str:
    """What is wrong in the same way: the first ones by name, and how many there are."""
    return "、".join(found[:_NAMED]) + (f" 等 {len(found)} {unit}" if len(found) > _NAMED else "")


def _numbers(connection: Connection, shapes: Mapping[str, Shape], called: Called) -> str | None:
    """Ledgers whose last number is forgotten: the next record would take one that is used."""
    last = {str(ledger): n for ledger, n in connection.exec_driver_sql("SELECT ledger, last FROM counter")}
    used = {ledger: connection.exec_driver_sql(f'SELECT max(id) FROM "{ledger}"').scalar() or 0 for ledger in shapes}
    found = [called(ledger, number) for ledger, number in used.items() if number > last.get(ledger, 0)]
    return f"{'、'.join(found)}已用，而记着的最后一个编号在它之前，{_RESTORE}" if found else None


def _history(connection: Connection, called: Called) -> str | None:
    verdict = chain.verify(connection)
    if verdict.altered is None:
        return None
    damaged = (row for row in history.rows(connection) if row.damaged)
    rows = [f"第 {row.change} 条的第 {row.place} 行（{called(row.ledger, row.number)}）" for row in damaged]
    unreadable = f"；{_several(rows, '行')}已损坏，读不出来" if rows else ""
    text = f"第 {verdict.altered} 条在本程序之外被改动过（{verdict.reason}）{unreadable}"
    return f"{text}，请用 partybuild restore 对照改动前的备份"


def _records(connection: Connection, shapes: Mapping[str, Shape], called: Called) -> str | None:
    """Records that were changed with another program: the history says something else."""
    found = list(dict.fromkeys(called(found.ledger, found.number) for found in differences(connection, shapes)))
    return f"{_several(found, '条')}在本程序之外被改过，请核对后用 edit 命令改正" if found else None


def _clock(connection: Connection) -> str | None:
    last = connection.exec_driver_sql("SELECT at FROM change ORDER BY id DESC LIMIT 1").scalar()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return f"现在的时间 {now} 早于最近一次变更 {last}，请校准系统时钟" if last is not None and last > now else None


def _file(book: Path, key_file: Path | None, encrypted: bool) -> Iterator[CheckedSide]:
    """The checks of the file, of those beside it, and of the disk."""
    folder = backup.folder_of(book)

    def legible(*paths: Path) -> list[Path]:
        """Those that other users of the computer may read (个人信息只有本人能读); Windows does not say it so."""
        return [path for path in paths if os.name != "nt" and path.exists() and path.stat().st_mode & 0o077]

    wrong = None
    if not os.access(book, os.W_OK) or not os.access(book.parent, os.W_OK):
        wrong = f"{book} 或它所在的文件夹只读，只能查看，不能登记；请把它移到可以写入的位置"
    elif open_to_all := legible(*driver.files_of(book), folder, *folder.glob("*")):
        wrong = f"{'、'.join(map(str, open_to_all[:3]))} 别的用户也能读，请运行 chmod go= {open_to_all[0]}"
    yield CheckedSide("permissions", "文件权限", wrong)

    wrong, plain = None, [str(path) for path in folder.glob("*.db") if encrypted and driver.is_plain(path)]
    if encrypted and key_file is not None and legible(key_file):
        wrong = f"密钥文件 {key_file} 别的用户也能读，请运行 chmod go= {key_file}"
    elif plain:
        wrong = f"已加密，但备份 {'、'.join(plain[:3])} 没有加密，不再需要的请删除"
    yield CheckedSide("encryption", "加密", wrong, "已加密" if encrypted else "未加密")

    linked = f"{book} 在磁盘上不止一个名字（硬链接），会丢失记录，请复制成单独的文件，再用 --db 指定这个副本"
    yield CheckedSide("names", "文件只有一个名字", linked if book.stat().st_nlink > 1 else None)

    least = max(_LEAST_ROOM, 2 * book.stat().st_size)
    free, need = (size // 2**20 for size in (shutil.disk_usage(book.parent).free, least))
    full = f"只剩 {free} MB，至少要有 {need} MB 才能放心写入和备份，请清理磁盘" if free < need else None
    yield CheckedSide("space", "磁盘空间", driver.elsewhere(book) or full)

    # what a crash left behind long ago; fresh ones may belong to a command that is running
    aged = [*((path, _DAY) for path in book.parent.glob("*.lock")), *((path, _HOUR) for path in backup.leftovers(book))]
    old = [str(path) for path, age in aged if path.exists() and time() - path.stat().st_mtime > age]
    left = f"{'、'.join(old[:3])} 是中断的命令留下的，确认没有命令在运行后请删除" if old else None
    yield CheckedSide("lock", "残留的锁和临时文件", left)
