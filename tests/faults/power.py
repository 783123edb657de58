"""A power cut: the write-ahead log ends anywhere. The book then holds every commit that was whole, and no other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.faults.bench import Tally, complaints, content, succeed

_HEADER, _FRAME = 32, 24


def try_power_cuts(folder: Path, commits: int = 6) -> Iterator[Tally]:
    """Cut the log at every page, in the middle of every page, and write rubbish where the last page was."""
    book = folder / "power.db"
    succeed(book, "init", "--branch", "神经内科党支部")
    data, log, states = _commit(book, commits)
    page = int.from_bytes(data[16:18], "big")
    frames = range(_HEADER, len(log) + 1, _FRAME + page)
    tally = Tally("断电：日志截断在每一页")
    for end in sorted({0, *frames, *(at - page // 2 for at in frames if at > _HEADER)}):
        whole = max((at for at in states if at <= end), default=0)
        _judge(tally, _laid(folder, data, log[:end]), states[whole], f"截断在 {end}")
    yield tally
    torn = Tally("断电：最后一页写坏")
    for end in frames[1:]:
        broken = bytearray(log[:end])
        broken[-page // 2 :] = b"\xa5" * (page // 2)
        whole = max((at for at in states if at < end), default=0)
        _judge(torn, _laid(folder, data, bytes(broken)), states[whole], f"第 {end} 字节前写坏")
    yield torn


def _commit(book: Path, commits: int) -> tuple[bytes, bytes, dict[int, object]]:
    """Commands whose log is kept: the book, the log, and what the book holds after so many bytes of the log."""
    log = book.with_name(f"{book.name}-wal")
    with closing(sqlite3.connect(book, isolation_level=None)) as guard:  # while one reads, the log is not folded in
        guard.execute("BEGIN")
        guard.execute("SELECT count(*) FROM member").fetchone()
        states: dict[int, object] = {0: content(book)}
        for n in range(commits):
            member = ("member", "add", "--name", f"党员{n}", "--staff-no", f"P{n}", "--category", "正式党员")
            succeed(book, *member)
            states[log.stat().st_size] = content(book)
        return book.read_bytes(), log.read_bytes(), states


def _laid(folder: Path, data: bytes, log: bytes) -> Path:
    """A book as it lies on the disk after the cut."""
    book = folder / "after.db"
    book.with_name("after.db-shm").unlink(missing_ok=True)
    for path, what in ((book, data), (book.with_name("after.db-wal"), log)):
        path.write_bytes(what)
        path.chmod(0o600)
    return book


def _judge(tally: Tally, book: Path, expected: object, story: str) -> None:
    wrong = complaints(book)
    same = content(book) == expected
    tally.ended(True if same and not wrong else None, f"{story}：{wrong or '内容不是最后一次完整提交'}")
