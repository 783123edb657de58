"""Numbered migrations (数据库升级): an older book is copied and carried forward, a newer one is refused."""

import sqlite3
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from partybuild_cli.errors import Unfit

_FOLDER = Path(__file__).parent / "migrations"


@cache
def migrations() -> tuple[Path, ...]:
    """The SQL files in the order in which they are applied: 0001_….sql, 0002_….sql."""
    return tuple(sorted(_FOLDER.glob("[0-9]*.sql")))


def carry_forward(engine: Engine, path: Path) -> None:
    """Apply what the book has not seen yet, each migration a transaction of its own.

    A book that holds something is first copied to `NAME.vN.bak` beside it. Unfit when the book is newer than us.
    """
    with engine.connect() as connection:
        at = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        empty = not connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
    known = len(migrations())
    if at == known:
        return
    if at > known:
        raise Unfit(
            f"{path} 是由更新版本的 partybuild 写的（数据库版本 {at}，本程序到 {known}）。请先升级 partybuild。"
        )
    if at == 0 and not empty:
        raise Unfit(f"{path} 是别的程序的 SQLite 数据库，不是 partybuild 的。请用 --db 指定正确的文件。")
    if at:
        _copy(path, path.with_name(f"{path.name}.v{at}.bak"))
    for number, file in enumerate(migrations()[at:], start=at + 1):
        _apply(engine, number, file.read_text(encoding="utf8"))


def _apply(engine: Engine, number: int, script: str) -> None:
    pooled = engine.raw_connection()
    try:
        raw = pooled.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.execute("PRAGMA journal_mode = wal")
        raw.executescript(f"BEGIN IMMEDIATE;\n{script}\nPRAGMA user_version = {number};\nCOMMIT;")
    finally:
        pooled.close()


def _copy(source: Path, target: Path) -> None:
    """A consistent copy while others may read or write."""
    target.touch(mode=0o600)
    old, new = sqlite3.connect(source), sqlite3.connect(target)
    try:
        old.backup(new)
    finally:
        old.close()
        new.close()
