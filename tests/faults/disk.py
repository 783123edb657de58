"""A disk that is full, or a file that may not grow, in the middle of a command; a clock that was set back."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.faults.bench import Tally, content, copy_book, judge, roster, run, succeed


def try_full_disk(folder: Path, steps: int = 20, only: tuple[str, ...] = (), rows: int = 1500) -> Iterator[Tally]:
    """Commands (`only` some of them) under a quota on the size of a file, from no room at all to enough."""
    small = folder / "quota.db"
    succeed(small, "init", "--branch", "神经内科党支部")
    succeed(small, "import", str(roster(folder / "quota-first.csv", 40)))
    sheet = roster(folder / "quota.csv", rows, first=1000)
    large = copy_book(small, folder / "quota-large.db")
    succeed(large, "import", str(sheet))
    cases = (
        ("import", small, ("import", str(sheet))),
        ("undo", large, ("undo", "--yes")),
        ("restore", small, ("restore", str(large), "--yes")),
        ("backup", small, ("backup",)),
        ("member edit", small, ("member", "edit", "G00001", "--note", "好" * 3000)),
    )
    for name, start, arguments in cases:
        if not only or name in only:
            yield _one(folder, f"磁盘写满：{name}", start, arguments, steps, large.stat().st_size)


def _one(folder: Path, title: str, start: Path, arguments: tuple[str, ...], steps: int, room: int) -> Tally:
    book, tally = folder / "full.db", Tally(title)
    _fresh(book, start)
    before = content(book)
    succeed(book, *arguments)
    after = content(book)
    for step in range(steps):
        _fresh(book, start)
        quota = room * 2 * step // steps
        done = run(book, *arguments, preexec_fn=_quota(quota))
        whole = judge(book, before, after)
        refused = done.returncode == 5 and done.stderr.startswith("错误：") and done.stderr.count("\n") == 1
        fine = done.returncode == 0 and (whole is True or before == after)
        story = f"{title}，限额 {quota}：退出码 {done.returncode}，{done.stderr[-200:]}"
        tally.ended(whole if fine or (refused and whole is not None) else None, story)
    return tally


def _fresh(book: Path, start: Path) -> None:
    shutil.rmtree(book.with_name(f"{book.name}-backups"), ignore_errors=True)
    copy_book(start, book)


def _quota(size: int) -> Callable[[], None]:
    import resource  # Windows has no such limit, and this trial is not made there

    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
