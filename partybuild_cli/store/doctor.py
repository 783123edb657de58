"""Is the book sound (体检): one finding a check, each with what to do when something is wrong. Nothing is changed."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import time

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from partybuild_cli.errors import PartybuildError
from partybuild_cli.store import backup, driver, engine, migrate
from partybuild_cli.store.chain import verify
from partybuild_cli.store.key import PLAIN
from partybuild_cli.store.refusals import reason
from partybuild_cli.store.replay import differences
from partybuild_cli.store.shape import Shape

#: A backup needs the room of the book again; below this much nothing is safe.
_LEAST_ROOM = 100 * 2**20
_HOUR, _DAY = 3600, 86400
_RESTORE = "请用 partybuild restore 从最近的备份恢复"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its key, its Chinese name, what is wrong with what to do (None where all is well), what else to say."""

    id: str
    name: str
    wrong: str | None = None
    fine: str = "正常"


def examine(book: Path, shapes: Mapping[str, Shape], key_file: Path | None = None) -> list[Finding]:
    """Every check on the book, and on the file with its key. NotFound, Unfit or Busy where there is no database at all."""
    engine.inspect_file(book)
    encrypted = driver.lock_of(book) is not PLAIN
    found = [
        Finding("permissions", "文件权限", _permissions(book)),
        Finding("encryption", "加密", _encryption(book, encrypted, key_file), fine="已加密" if encrypted else "未加密"),
        Finding("space", "磁盘空间", _space(book)),
        Finding("lock", "残留的锁和临时文件", _leftovers(book)),
    ]
    try:
        with engine.Book(book, engine.engine_of(book)).reading() as connection:
            found += list(_inside(connection, shapes))
    except PartybuildError as fault:
        found.append(Finding("open", "打开数据库", fault.sentence.rstrip("。")))
    return found


def _inside(connection: Connection, shapes: Mapping[str, Shape]) -> Iterator[Finding]:
    schema = _schema(connection)
    yield Finding("schema", "数据库版本", schema)
    yield Finding("integrity", "文件完整性", _integrity(connection))
    if schema is not None:
        return
    checks: dict[str, tuple[str, Callable[[], str | None]]] = {
        "references": ("引用关系", lambda: _references(connection)),
        "orphans": ("没有主人的明细", lambda: _orphans(connection, shapes)),
        "history": ("变更日志", lambda: _history(connection)),
        "records": ("记录与日志一致", lambda: _records(connection, shapes)),
        "clock": ("系统时钟", lambda: _clock(connection)),
    }
    for key, (name, check) in checks.items():
        try:
            yield Finding(key, name, check())
        except DatabaseError as fault:
            yield Finding(key, name, f"检查时数据库出错（{reason(fault.orig)}），{_RESTORE}")


def _schema(connection: Connection) -> str | None:
    at, known = connection.exec_driver_sql("PRAGMA user_version").scalar_one(), len(migrate.migrations())
    if at > known:
        return f"数据库是更新版本的 partybuild 写的（版本 {at}，本程序到 {known}），请先升级 partybuild"
    if at < known:
        return f"数据库还是旧版本（{at}，本程序为 {known}），运行一次 partybuild status 即自动备份并升级"
    return None


def _integrity(connection: Connection) -> str | None:
    lines = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
    return None if lines == ["ok"] else f"文件已损坏（{'；'.join(map(str, lines))}），{_RESTORE}"


def _references(connection: Connection) -> str | None:
    found = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return f"{len(found)} 处引用了不存在的记录（如 {found[0][0]} 引用 {found[0][2]}），{_RESTORE}" if found else None


def _orphans(connection: Connection, shapes: Mapping[str, Shape]) -> str | None:
    """Rows of shared tables whose record is gone; no foreign key guards these."""
    found = []
    for shape in shapes.values():
        for child in shape.children:
            if child.ledger:
                sql = f'SELECT count(*) FROM "{child.table}" WHERE ledger = ? AND "{child.owner}" NOT IN'
                count = connection.exec_driver_sql(f'{sql} (SELECT id FROM "{shape.table}")', (child.ledger,)).scalar()
                found += [f"{child.table} 中 {count} 行属于不存在的 {shape.table} 记录"] if count else []
    return f"{'；'.join(found)}，{_RESTORE}" if found else None


def _history(connection: Connection) -> str | None:
    verdict = verify(connection)
    if verdict.altered is None:
        return None
    return f"第 {verdict.altered} 条在本程序之外被改动过（{verdict.reason}），请用 partybuild restore 对照改动前的备份"


def _records(connection: Connection, shapes: Mapping[str, Shape]) -> str | None:
    """Records that were changed with another program: the history says something else."""
    found = list(dict.fromkeys(f"{one.ledger} 编号 {one.number}" for one in differences(connection, shapes)))
    if not found:
        return None
    more = f" 等 {len(found)} 条" if len(found) > 5 else ""
    return f"{'、'.join(found[:5])}{more}在本程序之外被改过，请核对后用 edit 命令改正"


def _clock(connection: Connection) -> str | None:
    last = connection.exec_driver_sql("SELECT max(at) FROM change").scalar()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if last is None or last <= now:
        return None
    return f"现在的时间 {now} 早于最近一次变更 {last}，请校准系统时钟"


def _permissions(book: Path) -> str | None:
    """0600 for files, 0700 for the folder of backups (个人信息只有本人能读)."""
    if not os.access(book, os.W_OK) or not os.access(book.parent, os.W_OK):
        return f"{book} 或它所在的文件夹只读，只能查看，不能登记；请把它移到可以写入的位置"
    if os.name == "nt":
        return None
    folder = backup.folder_of(book)
    files = [book, *(book.with_name(book.name + suffix) for suffix in ("-wal", "-shm")), folder, *folder.glob("*")]
    open_ = [path for path in files if path.exists() and path.stat().st_mode & 0o077]
    if not open_:
        return None
    return f"{'、'.join(str(path) for path in open_[:3])} 别的用户也能读，请运行 chmod go= {open_[0]}"


def _encryption(book: Path, encrypted: bool, key_file: Path | None) -> str | None:
    """Whether an encrypted book is undone by a key that others can read, or by backups that are not encrypted."""
    if not encrypted:
        return None
    if os.name != "nt" and key_file is not None and key_file.stat().st_mode & 0o077:
        return f"密钥文件 {key_file} 别的用户也能读，请运行 chmod go= {key_file}"
    plain = [str(path) for path in backup.folder_of(book).glob("*.db") if driver.is_plain(path)]
    return f"已加密，但备份 {'、'.join(plain[:3])} 没有加密，不再需要的请删除" if plain else None


def _space(book: Path) -> str | None:
    free, need = shutil.disk_usage(book.parent).free, max(_LEAST_ROOM, 2 * book.stat().st_size)
    return (
        f"只剩 {free // 2**20} MB，至少要有 {need // 2**20} MB 才能放心写入和备份，请清理磁盘" if free < need else None
    )


def _leftovers(book: Path) -> str | None:
    """What a crash left behind long ago; fresh ones may belong to a command that is running."""
    locks = [path for path in (*book.parent.glob("*.lock"),) if _older(path, _DAY)]
    old = [*locks, *(path for path in backup.leftovers(book) if _older(path, _HOUR))]
    return f"{'、'.join(str(path) for path in old[:3])} 是中断的命令留下的，确认没有命令在运行后请删除" if old else None


def _older(path: Path, seconds: int) -> bool:
    return path.exists() and time() - path.stat().st_mtime > seconds
