"""Restores while others write: whoever was told that a record is kept finds it in the book, or in what a restore replaced."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from partybuild_cli.store import backup
from tests.faults.bench import Tally, complaints, run, succeed

#: One writer: adds members until its input ends, and prints the number of each that it was told is kept.
WRITER = """
import sys, threading
from contextlib import redirect_stdout
from itertools import count
from partybuild_cli.cli.run import run
book, name = sys.argv[1], sys.argv[2]
ended = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
for n in count():
    if ended.is_set():
        break
    number = f"{name}-{n}"
    with redirect_stdout(sys.stderr):
        code = run(["--db", book, "member", "add", "--name", f"党员{number}", "--staff-no", number, "--category", "正式党员"])
    print(number if code == 0 else f"退出码 {code}", flush=True)
"""


def try_restores(folder: Path, writers: int, times: int) -> Iterator[Tally]:
    """So many processes write while one backup is restored so many times."""
    book, source = folder / "restored.db", folder / "source.db"
    succeed(book, "init", "--branch", "神经内科党支部")
    succeed(book, "backup", str(source))
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(book), f"R{n}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, encoding="utf8")
        for n in range(writers)
    ]  # fmt: skip
    first = [process.stdout.readline().strip() for process in processes if process.stdout]  # all of them are at work
    restores = Tally(f"{writers} 个进程登记时恢复")
    for _ in range(times):
        done = run(book, "restore", str(source), "--yes")
        restores.ended(True if done.returncode == 0 else None, done.stderr)
    told = [*first, *(line for process in processes for line in process.communicate("")[0].split("\n") if line)]
    restores.lost += [f"恢复后：{wrong}" for wrong in complaints(book)]
    yield restores
    kept = Tally("恢复时登记的，都还在")
    there = {number for path in (book, *backup.kept(book)) for number in _numbers(path)}
    for number in told:
        kept.ended(True if number in there else None, f"{number} 说是登记了，哪里都没有")
    yield kept


def _numbers(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as raw:
        return [number for (number,) in raw.execute("SELECT staff_no FROM member")]
