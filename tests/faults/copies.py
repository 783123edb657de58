"""A book that is copied while it is in use: `backup` gives a sound copy; a bare copy of the file is sound or refused."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.faults.bench import Tally, complaints, content, run, succeed
from tests.faults.writers import WRITER


def try_copies(folder: Path, times: int = 20) -> Iterator[Tally]:
    """Copy while another process writes."""
    book = folder / "busy.db"
    succeed(book, "init", "--branch", "神经内科党支部")
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(book), "B", "100000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        proper, bare = Tally("使用中：partybuild backup"), Tally("使用中：直接复制文件")
        for n in range(times):
            _back_up(proper, book, folder / f"proper{n}.db")
            _copy(bare, book, folder / f"bare{n}.db")
        yield proper
        yield bare
    finally:
        writer.kill()
        writer.wait()
    last = Tally("使用中被杀之后")
    last.ended(None if complaints(book) else True, "doctor 不通过")
    yield last


def _back_up(tally: Tally, book: Path, target: Path) -> None:
    done = run(book, "backup", str(target))
    wrong = complaints(target) if done.returncode == 0 else [done.stderr]
    tally.ended(None if wrong else True, str(wrong))


def _copy(tally: Tally, book: Path, target: Path) -> None:
    """What a clerk does with the mouse: the database alone, without its log."""
    target.write_bytes(book.read_bytes())
    target.chmod(0o600)
    done = run(target, "doctor")
    refused = done.returncode in (1, 3) and "Traceback" not in done.stderr + done.stdout
    tally.ended(True if done.returncode == 0 and content(target) else False if refused else None, done.stderr)
