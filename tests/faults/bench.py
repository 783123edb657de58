"""The test bench for faults: books to hurt, ways to look at what is left of them."""

import csv
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from partybuild_cli.cli.run import run as run_here
from partybuild_cli.records.base.registry import shapes
from partybuild_cli.store import backup
from partybuild_cli.store.doctor import examine
from partybuild_cli.values.text import padded

#: Tables whose content differs between two runs of one command although the records are the same.
_DATED = ("change", "change_row", "setting")
_SHAPES = shapes()
#: Findings that speak of the machine and not of the book.
_OUTSIDE = ("space", "lock")


@dataclass
class Tally:
    """One line of the table: a fault, how often it was tried, and how each ended."""

    fault: str
    tried: int = 0
    all_there: int = 0
    nothing_there: int = 0
    lost: list[str] = field(default_factory=list)

    def ended(self, whole: bool | None, story: str) -> None:
        """Count one: everything was written, nothing was, or (None) something else happened."""
        self.tried += 1
        self.all_there += whole is True
        self.nothing_there += whole is False
        if whole is None:
            self.lost.append(story)


def command(book: Path, *arguments: str) -> list[str]:
    """The command line that runs the program on a book."""
    return [sys.executable, "-m", "partybuild_cli", "--db", str(book), *arguments]


def run(book: Path, *arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(command(book, *arguments), capture_output=True, encoding="utf8", check=False, **settings)


def succeed(book: Path, *arguments: str) -> None:
    """Run it here; it must end well."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as said:
        assert run_here(["--db", str(book), *arguments]) == 0, said.getvalue()


def content(book: Path) -> dict[str, list[Any]]:
    """Every row of every table that a person's records stand in, random identities apart, and how many changes there were."""
    with closing(sqlite3.connect(book)) as raw:
        tables = raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        found = {}
        for name in (name for (name,) in tables if name not in _DATED):
            columns = (row[1] for row in raw.execute(f'PRAGMA table_info("{name}")'))
            wanted = ", ".join(f'"{column}"' for column in columns if column != "uid")
            found[name] = sorted(map(repr, raw.execute(f'SELECT {wanted} FROM "{name}"')))
        found["changes"] = raw.execute("SELECT count(*) FROM change").fetchall()
        found["version"] = raw.execute("PRAGMA user_version").fetchall()
    return found


def complaints(book: Path) -> list[str]:
    """What `doctor` has against a book, and what is wrong with its backups."""
    found = [f"{one.name}：{one.wrong}" for one in examine(book, _SHAPES) if one.wrong and one.id not in _OUTSIDE]
    return found + [f"{path.name}：{wrong}" for path in backup.kept(book) if (wrong := backup.check(path))]


def judge(book: Path, before: object, after: object) -> bool | None:
    """Whether the book is sound and holds everything (True) or nothing (False) of what was going on; None otherwise."""
    if complaints(book):
        return None
    now = content(book)
    return True if now == after else False if now == before else None


def roster(path: Path, count: int, first: int = 0) -> Path:
    """A roster of invented members as a CSV file."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["姓名", "工号", "人员类别", "入党时间", "科室", "籍贯"])
        for n in range(first, first + count):
            writer.writerow(
                [f"党员{n:05}", f"G{n:05}", "正式党员", f"20{n % 20:02}-07-01", f"第{n % 40}病区", "某省某县"]
            )
    return path


def copy_book(source: Path, target: Path) -> Path:
    """A closed book under another name, with whatever lies beside it removed first."""
    for suffix in ("", "-wal", "-shm", ".partial"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    target.write_bytes(source.read_bytes())
    target.chmod(0o600)
    return target


def printed(tallies: Iterable[Tally], write: Callable[[str], object]) -> int:
    """Print the table, a line when it is known; the number of faults that were not survived."""
    write(padded("试验", 28) + "  次数  全部写入  一点没写  丢失或损坏")
    tried = lost = 0
    for one in tallies:
        tried, lost = tried + one.tried, lost + len(one.lost)
        write(f"{padded(one.fault, 28)}{one.tried:6}{one.all_there:10}{one.nothing_there:10}{len(one.lost):12}")
        for story in one.lost[:3]:
            write(f"    {story}")
    write(f"共 {tried} 次，丢失或损坏 {lost} 次")
    return lost
