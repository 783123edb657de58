"""Numbered migrations (数据库升级): an older book is copied and carried forward, a newer one is refused."""

import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from partybuild_cli.errors import Unfit
from partybuild_cli.store.backup import back_up

_FOLDER = Path(__file__).parent / "migrations"


@cache
def migrations() -> tuple[Path, ...]:
    """The SQL files in the order in which they are applied: 0001_….sql, 0002_….sql."""
    return tuple(sorted(_FOLDER.glob("[0-9]*.sql")))


def carry_forward(engine: Engine, path: Path, keep: bool) -> None:
    """Apply what the book has not seen yet.

    A book that holds something is backed up first where `keep` says so. Unfit when the book is newer than us.
    """
    with engine.connect() as connection:
        at = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    known = len(migrations())
    if tables and "change_row" not in tables:
        raise Unfit(f"{path} 是别的程序的 SQLite 数据库，不是 partybuild 的。请用 --db 指定正确的文件。")
    if at == known:
        return
    if at > known:
        raise Unfit(
            f"{path} 是由更新版本的 partybuild 写的（数据库版本 {at}，本程序到 {known}）。请先升级 partybuild。"
        )
    if at and keep:
        back_up(path, "upgrade")
    _apply(engine, path)


def _apply(engine: Engine, path: Path) -> None:
    """Every migration that is missing, in one transaction: a book is never left between two versions."""
    pooled = engine.raw_connection()
    try:
        raw: Any = pooled.driver_connection
        mode = raw.execute("PRAGMA journal_mode = wal").fetchone()[0]
        if mode != "wal":
            raise Unfit(f"{path} 所在的磁盘不支持安全写入（多为网络盘）。请把数据库放在本机硬盘上，用 --db 指定。")
        raw.execute("BEGIN IMMEDIATE")
        at = raw.execute("PRAGMA user_version").fetchone()[0]  # another process may have been quicker
        for file in migrations()[at:]:
            for statement in _statements(file.read_text(encoding="utf8")):
                raw.execute(statement)
        raw.execute(f"PRAGMA user_version = {max(at, len(migrations()))}")
        raw.execute("COMMIT")
    finally:
        pooled.close()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; the body of a trigger belongs to its statement."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
