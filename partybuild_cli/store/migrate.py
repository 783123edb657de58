"""Numbered migrations (数据库升级): an older book is copied and carried forward, a newer one is refused."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from partybuild_cli.errors import Unfit
from partybuild_cli.store import chain, documents, settings
from partybuild_cli.store.backup import back_up
from partybuild_cli.store.replay import Difference, differences
from partybuild_cli.store.shape import Shape, declared

_FOLDER = Path(__file__).parent / "migrations"
#: The migration since which entries are sealed by today's rule and documents say their format.
_SEALED_ANEW = 6


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
    """Every migration that is missing, in one transaction: a book is never left between two versions.

    The book is built again from its history before and after. Unfit, and nothing has changed, where a migration would make
    records differ from their history that did not differ before.
    """
    _write_ahead(engine, path)
    with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
        raw: Any = connection.connection.driver_connection
        at = connection.exec_driver_sql("PRAGMA user_version").scalar_one()  # another process may have been quicker
        before = _differing(connection, at) if 0 < at < len(migrations()) else set()
        book = (settings.get(connection, "book") or "") if at else ""
        raw.create_function("derived_uid", 2, partial(documents.derived_uid, book), deterministic=True)
        for file in migrations()[at:]:
            for statement in _statements(file.read_text(encoding="utf8")):
                connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"PRAGMA user_version = {max(at, len(migrations()))}")
        if 0 < at < _SEALED_ANEW and chain.verify(connection).altered is None:
            connection.exec_driver_sql("INSERT INTO erasing (change_id) VALUES (0)")  # lets the seals be changed
            chain.seal_again(connection)
            connection.exec_driver_sql("DELETE FROM erasing")
        torn = _differing(connection, len(migrations())) - before if at else set()
        if torn:
            names = "、".join(f"{one.ledger} {one.number}" for one in sorted(torn, key=str)[:5])
            raise Unfit(
                f"{path} 升级后与变更日志对不上（{names}），已放弃升级，没有改动任何内容。请把这一行告诉维护者，先用原来的版本。"
            )


def _write_ahead(engine: Engine, path: Path) -> None:
    """Let readers and a writer work beside each other. Unfit where the disk cannot (network drives)."""
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        if raw.execute("PRAGMA journal_mode = wal").fetchone()[0] != "wal":
            raise Unfit(f"{path} 所在的磁盘不支持安全写入（多为网络盘）。请把数据库放在本机硬盘上，用 --db 指定。")


def _differing(connection: Connection, at: int) -> set[Difference]:
    """The records that differ from their history, with as much of today's shapes as the book has yet."""
    shapes = {ledger: held for ledger, shape in declared().items() if (held := _held(connection, shape))}
    return set(differences(connection, shapes, 1 if at < _SEALED_ANEW else None))


def _held(connection: Connection, shape: Shape) -> Shape | None:
    """A shape with those of its columns and tables that are there; None where the record's own is not."""
    columns = _columns(connection, shape.table)
    if not columns:
        return None
    children = []
    for child in shape.children:
        there = _columns(connection, child.table)
        if there:
            children.append(replace(child, columns=tuple(name for name in child.columns if name in there)))
    return replace(shape, columns=tuple(n for n in shape.columns if n in columns), children=tuple(children))


def _columns(connection: Connection, table: str) -> set[str]:
    return {row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info('{table}')")}


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; the body of a trigger belongs to its statement."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
