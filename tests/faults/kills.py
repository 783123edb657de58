"""kill -9 at random moments of a command: the book holds all of what it did, or nothing."""

import hashlib
import json
import random
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from partybuild_cli.store import driver
from tests.faults.bench import Tally, command, complaints, content, copy_book, judge, roster, run, succeed


@dataclass(frozen=True)
class Scene:
    """A command and the book it works on, and the folder that it makes, if it makes one."""

    name: str
    start: Path
    arguments: tuple[str, ...]
    folder: Path | None = None


def scenes(folder: Path, rows: int) -> Iterator[Scene]:
    """Import, undo, restore, migration, quarterly and forgetting, each on a book of its own."""
    small = folder / "small.db"
    succeed(small, "init", "--branch", "神经内科党支部")
    succeed(small, "import", str(roster(folder / "first.csv", 40)))
    sheet = roster(folder / "second.csv", rows, first=1000)
    yield Scene("import", small, ("import", str(sheet)))
    large = copy_book(small, folder / "large.db")
    succeed(large, "import", str(sheet))
    yield Scene("undo", large, ("undo", "--yes"))
    yield Scene("restore", small, ("restore", str(large), "--yes"))
    yield Scene("migrate", older_book(folder / "older.db", rows), ("member", "list", "--json"))
    out = folder / "quarter"
    left = copy_book(large, folder / "left.db")
    succeed(left, "member", "transfer", "G00001", "--to", "外院党委", "--on", "2026-09-01")
    yield Scene("forget", left, ("member", "forget", "G00001", "--yes"))
    yield Scene("quarterly", small, ("quarterly", "2026Q3", "--out", str(out)), out / "2026Q3")


def try_kills(folder: Path, times: int, rows: int = 2000, seed: int = 1) -> Iterator[Tally]:
    """Kill each scene's command `times` times."""
    chance = random.Random(seed)
    for scene in scenes(folder, rows):
        tally = Tally(f"kill -9：{scene.name}")
        book = folder / "victim.db"
        before, after, lasts = _measure(scene, book)
        for turn in range(times):
            _clear(scene, book)
            # Much is written at the very end, so every second kill falls there.
            moment = chance.uniform(0.8 if turn % 2 else 0.1, 1.15) * lasts
            _kill(command(book, *scene.arguments), moment)
            tally.ended(_outcome(scene, book, before, after), f"{scene.name} 在 {moment:.3f} 秒时被杀，种子 {seed}")
        yield tally


def _outcome(scene: Scene, book: Path, before: object, after: object) -> bool | None:
    """All (True), nothing (False), or harm (None)."""
    if scene.name == "migrate":
        return _carried_forward(book, before, after)
    whole = judge(book, before, after)
    if scene.folder is None or whole is None:
        return whole
    return _delivered(scene.folder) if scene.folder.exists() else False


def _delivered(folder: Path) -> bool | None:
    """A quarter's folder that has its name is whole: every file as its manifest says."""
    kept = json.loads((folder / "manifest.json").read_text(encoding="utf8"))["files"]
    sums = {one["file"]: one["sha256"] for one in kept}
    found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sums}
    return True if sums and found == sums else None


def _measure(scene: Scene, book: Path) -> tuple[object, object, float]:
    """The book before and after the command, and how long it takes."""
    _clear(scene, book)
    before = content(book)
    start = monotonic()
    assert run(book, *scene.arguments).returncode == 0
    lasts = monotonic() - start
    after = content(book)
    assert after != before
    return before, after, lasts


def _clear(scene: Scene, book: Path) -> None:
    if scene.folder is not None:
        shutil.rmtree(scene.folder, ignore_errors=True)
    shutil.rmtree(book.with_name(f"{book.name}-backups"), ignore_errors=True)
    copy_book(scene.start, book)


def _kill(arguments: list[str], after: float) -> None:
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()


def older_book(path: Path, rows: int) -> Path:
    """A book of the first schema with its history, sealed as the versions of that time sealed it."""
    tables = {
        "branch": [{"name": "神经内科党支部"}],
        "member": [{"name": f"党员{n}", "branch_id": 1, "category": "正式党员"} for n in range(rows)],
    }
    head = (1, "2026-01-05T08:00:00+00:00", "clerk", "partybuild import", None)
    with closing(sqlite3.connect(path)) as raw, raw:
        raw.executescript(driver.migrations()[0].read_text(encoding="utf8"))
        done: list[tuple[object, ...]] = []
        for table, made in tables.items():
            for number, row in enumerate(made, start=1):
                names, marks = ", ".join(row), ", ".join("?" * (len(row) + 1))
                raw.execute(f"INSERT INTO {table} (id, {names}) VALUES ({marks})", (number, *row.values()))
                document = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
                done.append((1, len(done) + 1, table, number, "add", None, document))
            raw.execute("INSERT INTO counter VALUES (?, ?)", (table, len(made)))
        digest = hashlib.sha256()
        for one in (head, *done):
            digest.update(repr(one).encode())
        raw.execute("INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", (*head, digest.hexdigest()))
        raw.executemany("INSERT INTO change_row VALUES (?, ?, ?, ?, ?, ?, ?)", done)
        raw.executemany(
            "INSERT INTO setting VALUES (?, ?)",
            [("book", "0a1b2c3d"), ("secret", "00"), ("history_head", f"1:{digest.hexdigest()}")],
        )
        raw.execute("PRAGMA user_version = 1")
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA journal_mode = wal")
    path.chmod(0o600)
    return path


def _carried_forward(book: Path, before: object, after: object) -> bool | None:
    """An interrupted migration: the old book or the new one, and the next command finishes the work."""
    now = content(book)
    succeed(book, "member", "list", "--json")
    if complaints(book) or content(book) != after:
        return None
    return True if now == after else False if now == before else None
