"""Five years of a branch: what a clerk types and imports month by month, and whether the book is still as quick at the end.

The clock is turned on; the commands are those of the manual, in one process. The book after its first quarter, and the same
book after five years, then answer the same commands in turn.
"""

import contextlib
import io
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import time_machine

from partybuild_cli.cli.run import run
from tests.benchmarks.harness import PARTYBUILD, Ratio, Run, process

MEMBERS, YEARS, PAIRS, LIMIT = 40, range(2021, 2026), 7, 1.5
BRANCH, POSTS = "呼吸内科党支部", {0: "书记", 1: "组织委员", 2: "宣传委员"}
#: What is compared; undo takes back a note.
COMMANDS = {"status": ["status"], "member list": ["member", "list"], "undo": ["undo", "--yes"]}


def ratios() -> Iterator[Ratio]:
    """The figures of this file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = folder / "book.db"
        first, last = folder / "first.db", folder / "last.db"
        for year in YEARS:
            for month in range(1, 13):
                live_a_month(book, year, month)
                if (year, month) == (YEARS[0], 3):
                    shutil.copy(book, first)
        shutil.copy(book, last)
        backups = sorted(folder.glob("book.db-backups/*.db"))
        with contextlib.closing(sqlite3.connect(last)) as raw:
            changes, rows, letters = raw.execute(
                "SELECT (SELECT count(*) FROM change), count(*),"
                " sum(length(coalesce(before, '')) + length(coalesce(after, ''))) FROM change_row"
            ).fetchone()
        sizes = [
            f"数据库 {_mb(first)} → {_mb(last)}",
            f"日志 {changes} 次变更 {rows} 行，文字 {letters / 1e6:.1f} MB",
            f"备份 {len(backups)} 份 {_mb(*backups)}",
        ]
        for what, words in COMMANDS.items():
            runs: dict[Path, list[Run]] = {first: [], last: []}
            for _ in range(PAIRS):
                for path, found in runs.items():
                    found.append(_timed(path, words))
            yield Ratio(f"{what}，五年以后（{'，'.join(sizes)}）", runs[last], runs[first], "头一个季度以后", LIMIT)


def _timed(book: Path, words: list[str]) -> Run:
    """A command on a copy of a book, with a change that can be taken back."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(shutil.copy(book, name))
        process([*PARTYBUILD, "--db", str(copy), "member", "edit", "党员01", "--note", "好"])
        return process([*PARTYBUILD, "--db", str(copy), *words])


def _mb(*paths: Path) -> str:
    return f"{sum(path.stat().st_size for path in paths) / 1e6:.1f} MB"


def live_a_month(book: Path, year: int, month: int) -> None:
    """What a clerk does in a month; at the end of a quarter it is scored, posted and archived."""
    folder, day = book.parent, f"{year}-{month:02}"
    everybody = [f"党员{n:02}" for n in range(1, MEMBERS + 1)]
    kinds = ["支部委员会", "主题党日", *(["支部党员大会", "党课"] if month % 3 == 0 else [])]
    some = [word for n in range(8) for word in ("--member", everybody[(month * 5 + n) % MEMBERS])]
    with time_machine.travel(datetime(year, month, 28, 9), tick=False):
        if not book.exists():
            _typed(book, "init", "--branch", BRANCH)
            roster = [
                f"{one},G{n:03},正式党员,2008-07-01,{BRANCH},{POSTS.get(n, '')}" for n, one in enumerate(everybody)
            ]
            _imported(book, "花名册.csv", ["姓名,工号,人员类别,入党时间,所在党支部,党内职务", *roster])
        for n, kind in enumerate(kinds):
            whom = (
                ["--all-present"] if kind == "支部委员会" else ["--absent", f"{everybody[(month + n) % MEMBERS]}:值班"]
            )
            _typed(
                book, "meeting", "add", "--kind", kind, "--on", f"{day}-{5 + n:02}", "--topic", f"{day}{kind}", *whom
            )
        for n, kind in enumerate(("义诊", "健康讲座")):
            _typed(
                book,
                "service",
                "add",
                "--kind",
                kind,
                "--on",
                f"{day}-{12 + n}",
                "--title",
                f"{day}{kind}",
                "--hours",
                "3",
                *some,
            )
        _typed(book, "talk", "add", "--talker", everybody[0], "--subject", everybody[month], "--on", f"{day}-16")
        _typed(book, "task", "add", "--area", "整改", "--item", f"{day}排查", "--responsible", everybody[month])
        _typed(book, "member", "edit", everybody[month], "--note", f"{day}谈过话")
        dues = [f"{one},{day},30,30,{day}-20" for one in everybody]
        _imported(book, f"党费{day}.csv", ["姓名,月份,应缴金额,实缴金额,缴纳日期", *dues])
        study = [f"{one},{day}-15,理论学习{day},2" for one in everybody]
        _imported(book, f"学习{day}.csv", ["姓名,学习日期,学习主题,学时", *study])
        if month % 3 == 0:
            quarter = f"{year}Q{month // 3}"
            _typed(book, "index", "compute", quarter)
            _typed(book, "index", "publish", quarter, "--on", f"{day}-28", "--out", folder / "公示")
            _typed(book, "quarterly", quarter, "--out", folder / "归档")
            _typed(book, "backup")


def _imported(book: Path, name: str, lines: list[str]) -> None:
    path = book.with_name(name)
    path.write_text("\n".join(lines) + "\n", encoding="utf8")
    _typed(book, "import", path, "--yes")
    path.unlink()


def _typed(book: Path, *words: object) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.redirect_stderr(said):
        code = run(["--db", str(book), *map(str, words)])
    if code:
        raise RuntimeError(f"{words} ends with {code}: {said.getvalue()[-400:]}")
