"""The demo (演示): its folder, made, recognised again and made ready for another one without losing anything, and the command lines
by which a clerk goes through a quarter (`story.toml`).
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import as_file, files
from pathlib import Path
from shlex import split
from typing import Any

from partybuild_cli import effects
from partybuild_cli.errors import Busy, Unfit, why
from partybuild_cli.outputs import numbered
from partybuild_cli.values.text import shipped

BOOK, SOURCES, LEDGERS, ARCHIVE = "partybuild.db", "台账原件", "迎检台账", "季度归档"
#: Says what lies where; its first line marks the folder as ours.
GUIDE = "演示说明.txt"
CONTENTS = {
    SOURCES: "样例台账，像各支部交上来的那样，用 Excel 或 WPS 打开看看；人员、事件都是虚构的",
    BOOK: "数据库：导入的记录，加上演示中登记的一次会议和一次义诊",
    LEDGERS: "从数据库导出的台账，可直接打印",
    ARCHIVE: "2026 年第三季度的一整套文件",
    GUIDE: "以上各项的说明；整个文件夹可以删除，不影响其他数据库",
}
QUARTER = "2026Q3"
_MARK = "partybuild 演示文件夹"
_COMPANIONS = ("-wal", "-shm", "-journal", "")


def is_former(folder: Path) -> bool:
    """Whether an earlier demo made the folder. Unfit when it holds anything else, or is no folder."""
    if not folder.exists():
        return False
    if not folder.is_dir():
        raise Unfit(f"{folder} 是文件，不是文件夹，没有动它。请换一个文件夹：partybuild demo 文件夹。")
    with _refusals(folder):
        with suppress(FileNotFoundError, UnicodeDecodeError):
            if (folder / GUIDE).read_text(encoding="utf8").startswith(_MARK):
                return True
        if any(folder.iterdir()):
            raise Unfit(f"{folder} 里有别的文件，不是演示文件夹，没有动它。请换一个文件夹：partybuild demo 文件夹。")
    return False


def prepare(folder: Path, tell: Callable[[str], object]) -> list[Path]:
    """Make the folder ready and lay the sample ledgers into it; their paths.

    The book of an earlier demo gets another name, and so does a sample ledger where a person has changed it.
    """
    with _refusals(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (aside := _put_aside(folder / BOOK)) is not None:
            tell(f"上次演示的数据库改名为 {aside.name}。")
        if not (folder / GUIDE).exists():
            lines = (_MARK, "", *(f"{name}　{words}" for name, words in CONTENTS.items()), "")
            (folder / GUIDE).write_text("\n".join(lines), encoding="utf8")
            effects.wrote(folder / GUIDE)
        (folder / SOURCES).mkdir(exist_ok=True)
        with as_file(files("partybuild_cli.demo") / "ledgers") as samples:
            return [_laid(sample, folder / SOURCES / sample.name) for sample in sorted(samples.iterdir())]


def _put_aside(book: Path) -> Path | None:
    """Give a book another name, its companions with it; None where there is none."""
    parts = [(part, suffix) for suffix in _COMPANIONS if os.path.lexists(part := book.with_name(book.name + suffix))]
    aside = next(path for path in numbered(book) if not os.path.lexists(path))
    for part, suffix in parts:  # companions first: a book must never meet the log of another
        part.rename(aside.with_name(aside.name + suffix))
    return aside if parts else None


def _laid(source: Path, wanted: Path) -> Path:
    """A copy of a file under the wanted name, numbered where something else has that."""
    content = source.read_bytes()
    for path in numbered(wanted):
        if not os.path.lexists(path):
            path.write_bytes(content)
            effects.wrote(path)
            break
        if path.is_file() and path.read_bytes() == content:
            break
    return path


@contextmanager
def _refusals(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise Busy(f"不能使用文件夹 {folder}（{why(fault)}）。请检查权限，或换一个文件夹。") from None


def steps(folder: Path, ledgers: list[Path]) -> list[tuple[str, list[list[str]]]]:
    """Each step: what it does, and its command lines."""
    document: dict[str, Any] = {
        "folder": folder,
        "sources": folder / SOURCES,
        "ledgers": folder / LEDGERS,
        "archive": folder / ARCHIVE,
    }
    document |= {"quarter": QUARTER, "count": len(ledgers)}
    return [
        (step["does"].format(**document), [[word.format(**document) for word in split(line)] for line in step["lines"]])
        for step in shipped("demo/story.toml")["steps"]
    ]
