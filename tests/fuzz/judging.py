"""One mutated workbook through the whole import, and what may not happen: a defect, a hang, a write that is not whole."""

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

from partybuild_cli.cli.run import run
from partybuild_cli.records.base.registry import ledgers
from tests.fuzz.mutations import mutated

LONGEST = 10.0
ROADS = (
    [],
    ["--skip-bad"],
    ["--dry-run"],
    ["--skip-bad", "--rows"],
    ["--skip-bad", "--fill-blank"],
    ["--yes", "--erase-blank"],
)


def make_book(folder: Path) -> Path:
    """A book with one branch and four members, two of one name."""
    path = folder / "whole.db"
    _run(path, "init", "--branch", "神经内科党支部")
    for name, number, post in (
        ("张三", "001", "书记"),
        ("李四", "002", "组织委员"),
        ("王芳", "003", ""),
        ("王芳", "004", ""),
    ):
        extra = ["--party-post", post] if post else []
        line = ["--name", name, "--staff-no", number, "--category", "正式党员", "--joined-on", "2008-05", *extra]
        assert _run(path, "member", "add", *line)[0] == 0
    return path


def try_one(seed: int, whole: Path, folder: Path) -> tuple[str, list[str]]:
    """How the import of one mutated workbook ended, and what is wrong with that."""
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "book.db"
    shutil.copy(whole, book)
    name, content = mutated(seed)
    (folder / name).write_bytes(content)
    before = _content(book)
    options = ROADS[seed % len(ROADS)]
    started = time.process_time()
    with _inside(folder):
        code, out, err = _run(book, "import", name, *options, "--json")
        wrong = _judge(code, out, err, before, book)
        if not wrong and code in (0, 4) and (place := json.loads(out)["problems_file"]):
            again, _, said = _run(book, "import", place, "--dry-run", "--json")
            wrong = [f"problems workbook: {again} {said}"] if again not in (0, 3, 4) else []
    if time.process_time() - started > LONGEST:
        wrong.append(f"took {time.process_time() - started:.0f} s")
    for path in folder.iterdir():
        path.unlink()
    return {0: "written", 3: "refused", 4: "problems"}.get(code, f"exit {code}"), wrong


def _judge(code: int, out: str, err: str, before: dict[str, list[Any]], book: Path) -> list[str]:
    if code not in (0, 3, 4) or "Traceback" in err or "差错" in err:
        return [f"exit {code}: {err.strip()}"]
    after = _content(book)
    report = json.loads(out) if code != 3 else {"written": False, "files": []}
    if not report["written"]:
        return [] if after == before else ["nothing was to be written, and something was"]
    rows = [sheet["rows"] for file in report["files"] for sheet in file["sheets"] if sheet["ledger"]]
    added = sum(row["added"] for row in rows)
    more = sum(len(after[ledger]) - len(before[ledger]) for ledger in ledgers())
    return [] if added == more else [f"{added} records added by the report, {more} in the book"]


def _content(book: Path) -> dict[str, list[Any]]:
    with closing(sqlite3.connect(book)) as connection:
        return {
            table: connection.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()
            for table in [*ledgers(), "person", "entry", "attendance", "participation", "change"]
        }


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    former = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(former)


def _run(book: Path, *line: str) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(["--db", str(book), *line])
    return code, out.getvalue(), err.getvalue()
