"""Killed at every step of a command that touches a file: run again, it ends as if nothing had been.

    python -m tests.faults.steps FOLDER [SCENE[:EVERY-SO-MANY] …]

A step is whatever Python does to a file of the scene (open it for writing, name, link or delete it, make or delete a folder),
a database that is opened, and a statement that ends a transaction or writes a file anew; before a file is opened, and when it
is there and still empty. One process that has loaded the program forks for each of them.
"""

import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from time import time_ns
from typing import Any

from partybuild_cli import effects
from partybuild_cli.cli.run import run
from partybuild_cli.store import driver
from tests.faults.bench import Tally, complaints, content, printed, roster

#: What changes a folder; `open` only where it writes.
_EVENTS = {
    "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate", "sqlite3.connect",
}  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_ENDS = ("COMMIT", "VACUUM", "PRAGMA wal_checkpoint", "PRAGMA journal_mode")
BOOK, BRANCH = "book.db", "神经内科党支部"
#: The one who is forgotten, and what he must not be readable by.
NAME, STAFF, ID = "贺子衿", "G00777", "119900199001010336"
PROOF = b"%PDF-1.4 " + NAME.encode()


@dataclass(frozen=True)
class Scene:
    """A command line, the lines that make its start, and whether the book that is left ends well, in words; None where it does."""

    name: str
    words: tuple[str, ...]
    before: tuple[str, ...] = ()
    ends: Callable[[Path], str | None] = lambda folder: None


def _told(*texts: str) -> tuple[str, ...]:
    return (f"init --branch {BRANCH}", "member add --name 张三 --staff-no G00001 --category 正式党员", *texts)


def _forgotten(folder: Path) -> str | None:
    """Nothing of the forgotten one stands in any file; what proves the records of others is whole."""
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in (".db", ".db-wal", ".json"):
            data = path.read_bytes()
            if any(word.encode() in data for word in (NAME, STAFF, ID)):
                return f"{path.name} 里还有他"
    return None


_PERSON = (
    f"member add --name {NAME} --staff-no {STAFF} --category 正式党员 --id-number {ID}",
    "meeting add --kind 党课 --on 2026-08-01 --topic 党课 --present 张三",
    f"talk add --talker 张三 --subject {NAME} --on 2026-08-02 --kind 关爱 --content 工作",
)
SCENES = (
    Scene("init", ("init", "--branch", BRANCH)),
    Scene("evidence", ("evidence", "add", "meeting", "1", "证.pdf"), _told(_PERSON[1])),
    Scene("evidence-remove", ("evidence", "remove", "meeting", "1", "证.pdf", "--erase", "--yes"),
          _told(_PERSON[1], "evidence add meeting 1 证.pdf"), lambda folder: _no_proof(folder)),
    Scene("undo", ("undo", "2", "--yes"), _told()),
    Scene("restore", ("restore", "其他.db", "--yes"), _told("backup 其他.db", "member edit 张三 --note 后来")),
    Scene("forget", ("member", "forget", STAFF, "--yes"),
          _told(*_PERSON, "evidence add meeting 1 证.pdf", "backup", f"member transfer {NAME} --to 外院 --on 2026-09-01", "backup"),
          _forgotten),
    Scene("import", ("import", "花名册.csv"), _told()),
    Scene("quarterly", ("quarterly", "2026Q3", "--out", "归档"), _told(*_PERSON), lambda folder: _not_whole(folder / "归档/2026Q3")),
    Scene("backup", ("backup", "另存.db"), _told(_PERSON[1], "evidence add meeting 1 证.pdf")),
)  # fmt: skip


def _not_whole(quarter: Path) -> str | None:
    """Every file of a quarter's folder is as its manifest says."""
    kept = json.loads((quarter / "manifest.json").read_text(encoding="utf8"))["files"]
    wrong = [one["file"] for one in kept if sha256((quarter / one["file"]).read_bytes()).hexdigest() != one["sha256"]]
    return f"不是清单里写的：{wrong}" if wrong or not kept else None


def _no_proof(folder: Path) -> str | None:
    left = [path.name for path in folder.rglob("*.pdf") if path.name != "证.pdf"]
    return f"佐证副本还在：{left}" if left else None


def _run(folder: Path, *words: str) -> int:
    """A command line in this process, without a word."""
    os.chdir(folder)
    with Path(os.devnull).open("w", encoding="utf8") as nothing, redirect_stdout(nothing), redirect_stderr(nothing):
        return run(["--db", BOOK, *words])


def _strike(folder: Path, at: int) -> None:
    """Kill this process at a step."""
    seen = count(1)

    def step() -> None:
        if next(seen) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def traced(statement: str) -> None:
        if statement.startswith(_ENDS):
            step()

    def connected(*given: Any, **settings: Any) -> sqlite3.Connection:
        raw = connect(*given, **settings)
        raw.set_trace_callback(traced)
        return raw

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event != "open" and event not in _EVENTS:
            return
        if not isinstance(given[0], str | os.PathLike) or not str(Path(given[0]).absolute()).startswith(str(folder)):
            return
        if event == "open":
            if not given[2] & _WRITES:
                return
            step()
            if next(seen) == at:
                os.close(os.open(given[0], given[2], 0o600))
                os.kill(os.getpid(), signal.SIGKILL)
            return
        step()

    connect, driver.connect = driver.connect, connected
    sys.addaudithook(hook)


def _in_child(work: Callable[[], object]) -> tuple[int, Any]:
    """What a forked process answers; how it ended, as `subprocess` says it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        effects._run = f"{os.getpid()}-{time_ns():x}"  # what is in the making bears the process that makes it
        told = json.dumps(work()).encode()
        os.write(writing, told)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), json.loads(told or b"null")


def _left(folder: Path) -> dict[str, Any] | None:
    """The records of the book; None where there is none."""
    if not (folder / BOOK).exists():
        return None
    return {table: rows for table, rows in content(folder / BOOK).items() if table != "changes"}


def _judged(scene: Scene, folder: Path, after: Any) -> list[str]:
    """What is wrong with what a killed run left, and with what the same words then make of it."""
    wrong = complaints(folder / BOOK) if (folder / BOOK).exists() else []
    again = _run(folder, *scene.words)
    if json.loads(json.dumps(_left(folder))) != after:
        wrong.append(f"再运行一次（退出码 {again}）以后，记录不是应有的样子")
    if again not in (0, 3):
        wrong.append(f"再运行一次，退出码 {again}")
    if code := _run(folder, "doctor"):
        wrong.append(f"doctor：{code}")
    wrong += [f"留下 {path.name}" for path in folder.rglob("*.partybuild-*")] + [scene.ends(folder) or ""]
    return [*filter(None, wrong)]


def try_steps(folder: Path, scene: Scene, stride: int = 1) -> Tally:
    """Kill the command at every step, or at every so many-eth."""
    tally, start, work = Tally(f"每一步 kill -9：{scene.name}"), folder / "start", folder / "work"
    start.mkdir(parents=True)
    (start / "证.pdf").write_bytes(PROOF)
    roster(start / "花名册.csv", 120, first=10)
    for line in scene.before:
        assert _in_child(lambda line=line: _run(start, *line.split())) == (0, 0), line  # type: ignore[misc]
    shutil.copytree(start, work)
    assert _in_child(lambda: _run(work, *scene.words)) == (0, 0), scene.words
    assert (told := scene.ends(work)) is None, told
    after = _in_child(lambda: _left(work))[1]
    for at in count(1 + stride // 2, stride):
        shutil.rmtree(work)
        shutil.copytree(start, work)

        def struck(at: int = at) -> int:
            _strike(work, at)
            return _run(work, *scene.words)

        if (ended := _in_child(struck)) != (-signal.SIGKILL, None):
            assert ended == (0, 0), (at, ended)
            return tally
        code, wrong = _in_child(lambda: _judged(scene, work, after))
        tally.ended(None if wrong or code else True, f"第 {at} 步：{'；'.join(wrong or [str(code)])}")
    return tally


def main(folder: str, *asked: str) -> int:
    """Try the scenes that are named, or all; 1 where one of them does not end well."""
    strides = {name: int(stride or 1) for name, _, stride in (word.partition(":") for word in asked)}
    chosen = [scene for scene in SCENES if scene.name in strides or not asked]
    tallies = (try_steps(Path(folder, scene.name), scene, strides.get(scene.name, 1)) for scene in chosen)
    return 1 if printed(tallies, partial(print, flush=True)) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
