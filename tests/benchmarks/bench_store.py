"""The store: a large set of records written with its history, against raw executemany with a trigger that keeps JSON."""

import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from partybuild_cli.records.base.registry import record
from partybuild_cli.store.driver import migrations
from partybuild_cli.store.engine import create_book
from partybuild_cli.store.history import Change, save
from partybuild_cli.store.rows import add
from tests.benchmarks.harness import Ratio, Run

ROWS, PAIRS = 100_000, 3
COLUMNS = (
    "branch_id", "name", "staff_no", "gender", "ethnicity", "born_on", "education", "category", "joined_on", "full_on",
    "department", "title",
)  # fmt: skip


def members() -> list[dict[str, Any]]:
    """Invented members, as the records room hands them over."""
    return [
        dict(zip(COLUMNS, (1, f"党员{n}", f"{n:06d}", "女", "汉族", f"19{60 + n % 40}-0{1 + n % 9}-15", "本科", "正式党员",
                           f"20{n % 20:02}-07", f"20{n % 20 + 1:02}-07", f"第{n % 60}病区", "主治医师"), strict=True))
        for n in range(ROWS)
    ]  # fmt: skip


def ratios() -> Iterator[Ratio]:
    """The one ratio of the store."""
    made = members()
    ours, floor = [], []
    for _ in range(PAIRS):
        with tempfile.TemporaryDirectory() as folder:
            floor.append(_timed(_raw, Path(folder) / "raw.db", made))
            ours.append(_timed(_ours, Path(folder) / "ours.db", made))
    yield Ratio("成批写入 10 万名党员，含变更日志", ours, floor, "sqlite3 executemany 加 JSON 触发器", 2.5)


def _timed(write: Any, path: Path, made: list[dict[str, Any]]) -> Run:
    seconds = write(path, made)
    return Run(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _ours(path: Path, made: list[dict[str, Any]]) -> float:
    book = create_book(path)
    with book.writing() as connection:
        connection.exec_driver_sql("INSERT INTO branch (id, name) VALUES (1, '甲党支部')")
    started = time.process_time()
    with book.writing() as connection:
        change = Change("partybuild import")
        add(connection, change, record("member").shape, made)
        save(connection, change)
    return time.process_time() - started


def _raw(path: Path, made: list[dict[str, Any]]) -> float:
    names, marks = ", ".join(COLUMNS), ", ".join("?" * len(COLUMNS))
    pairs = ", ".join(f"'{name}', NEW.{name}" for name in COLUMNS)
    with closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("PRAGMA journal_mode = wal")
        for file in migrations()[:1]:
            raw.executescript(file.read_text(encoding="utf8"))
        raw.execute("INSERT INTO branch (id, name) VALUES (1, '甲党支部')")
        raw.execute("CREATE TABLE log (id INTEGER PRIMARY KEY, ledger TEXT, number INTEGER, document TEXT)")
        raw.execute(
            "CREATE TRIGGER keep AFTER INSERT ON member BEGIN"
            f" INSERT INTO log (ledger, number, document) VALUES ('member', NEW.id, json_object({pairs})); END"
        )
        rows = [tuple(one[name] for name in COLUMNS) for one in made]
        started = time.process_time()
        raw.execute("BEGIN")
        raw.executemany(f"INSERT INTO member ({names}) VALUES ({marks})", rows)
        raw.execute("COMMIT")
        return time.process_time() - started
