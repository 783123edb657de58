"""Numbered migrations (数据库升级): an older book is copied and carried forward, a newer one is refused."""

import sqlite3
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from partybuild_cli import effects
from partybuild_cli.errors import Unfit
from partybuild_cli.store import chain, driver, settings
from partybuild_cli.store.asof import Difference, differences
from partybuild_cli.store.backup import back_up
from partybuild_cli.store.shape import ChildShape, Shape, declared, derived_uid

_S = TypeVar("_S", Shape, ChildShape)
#: The migration since which entries are sealed by today's rule and documents say their format.
_SEALED_ANEW = 6


def carry_forward(engine: Engine, path: Path, keep: bool) -> None:
    """Apply what the book has not seen yet, backing up first where `keep` says so. Unfit where it is newer or the disk cannot."""
    with engine.connect() as connection:
        at = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
        known = len(driver.migrations())
        fits = version_of(connection) if tables and at < known else at
    if tables and "change_row" not in tables:
        raise Unfit(f"{path} 是别的程序的 SQLite 数据库，不是 partybuild 的。请用 --db 指定正确的文件。")
    if at == known:
        return
    if at > known:
        raise Unfit(
            f"{path} 是由更新版本的 partybuild 写的（数据库版本 {at}，本程序到 {known}）。请先升级 partybuild。"
        )
    if fits is None:
        raise Unfit(
            f"{path} 的版本标记是 {at}，而表的样子不是任何一个版本的，可能被别的程序改过。没有改动任何内容。"
            "请用 partybuild restore 从备份恢复。"
        )
    if tables and keep:
        back_up(path, "upgrade")
    if fits != at:
        with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
            now = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if now == at and version_of(connection) == fits:  # no other process has been quicker
                connection.exec_driver_sql(f"PRAGMA user_version = {fits}")
        effects.remark(
            f"数据库的版本标记被别的程序改成了 {at}，内容是版本 {fits} 的，已改回{'；改回以前先备份了' if keep else ''}。"
        )
    if fits < known:
        _apply(engine, path)


def columns_of(connection: Connection) -> dict[str, dict[str, str]]:
    """The tables of a book, each with its columns and their types."""
    found: dict[str, dict[str, str]] = {}
    sql = (
        "SELECT t.name, c.name, c.type FROM sqlite_master AS t JOIN pragma_table_info(t.name) AS c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'"
    )
    for table, name, kind in connection.exec_driver_sql(sql):
        found.setdefault(table, {})[name] = kind
    return found


def version_of(connection: Connection) -> int | None:
    """The version that a book's tables, columns and indexes have, whatever its mark says; None where they are of none."""
    versions = _versions(driver.migrations())
    there = _parts(connection) & frozenset().union(*versions)
    fitting = [number for number, parts in enumerate(versions) if parts == there]
    marked = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    return marked if marked in fitting else max(fitting, default=None)


@cache
def _versions(files: tuple[Path, ...]) -> tuple[frozenset[tuple[str, str]], ...]:
    """What every version of a book is made of, from the empty one on, as the migrations make it."""
    engine = create_engine("sqlite://", poolclass=NullPool)  # which closes, also where a migration fails
    with engine.connect() as connection:
        driver.raw_of(connection).create_function("derived_uid", 2, lambda ledger, number: "")
        found = [_parts(connection)]
        for file in files:
            _run(connection, file)
            found.append(_parts(connection))
    return tuple(found)


def _parts(connection: Connection) -> frozenset[tuple[str, str]]:
    """The names of what a book's records lie in: columns by table, and indexes. Triggers hold no records."""
    indexes = connection.exec_driver_sql(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite%'"
    )
    columns = {(table, name) for table, columns in columns_of(connection).items() for name in columns}
    return frozenset(columns | {("", name) for name in indexes.scalars()})


def _apply(engine: Engine, path: Path) -> None:
    """Every migration that is missing, in one transaction. Unfit where records would differ from their history by it."""
    with engine.connect() as connection:  # readers and a writer work beside each other
        if driver.raw_of(connection).execute("PRAGMA journal_mode = wal").fetchone()[0] != "wal":
            raise Unfit(f"{path} 所在的磁盘不支持安全写入（多为网络盘）。请把数据库放在本机硬盘上，用 --db 指定。")
    with engine.connect().execution_options(begin="BEGIN IMMEDIATE") as connection, connection.begin():
        at = connection.exec_driver_sql("PRAGMA user_version").scalar_one()  # another process may have been quicker
        before = _differing(connection, at) if 0 < at < len(driver.migrations()) else set()
        book = (settings.get(connection, "book") or "") if at else ""
        uid_of = partial(derived_uid, book)
        driver.raw_of(connection).create_function("derived_uid", 2, uid_of, deterministic=True)
        for file in driver.migrations()[at:]:
            _run(connection, file)
        connection.exec_driver_sql(f"PRAGMA user_version = {max(at, len(driver.migrations()))}")
        if 0 < at < _SEALED_ANEW and chain.verify(connection).altered is None:
            connection.exec_driver_sql("INSERT INTO erasing (change_id) VALUES (0)")  # lets the seals be changed
            chain.seal_again(connection)
            connection.exec_driver_sql("DELETE FROM erasing")
        torn = _differing(connection, len(driver.migrations())) - before if at else set()
        if torn:
            names = "、".join(f"{one.ledger} {one.number}" for one in sorted(torn, key=str)[:5])
            raise Unfit(
                f"{path} 升级后与变更日志对不上（{names}），已放弃升级，没有改动任何内容。请把这一行告诉维护者，先用原来的版本。"
            )


def _differing(connection: Connection, at: int) -> set[Difference]:
    """The records that differ from their history, with as much of today's shapes as the book has yet."""
    there = columns_of(connection)

    def held(shape: _S) -> _S:
        return replace(shape, columns=tuple(name for name in shape.columns if name in there[shape.table]))

    shapes = {
        ledger: replace(held(shape), children=tuple(held(child) for child in shape.children if child.table in there))
        for ledger, shape in declared().items()
        if shape.table in there
    }
    return {*differences(connection, shapes, 1 if at < _SEALED_ANEW else None)}


def _run(connection: Connection, file: Path) -> None:
    """Execute the statements of a script one by one, within the transaction; the body of a trigger belongs to its statement."""
    statement, raw = "", driver.raw_of(connection)
    for line in file.read_text(encoding="utf8").splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            raw.execute(statement)
            statement = ""
