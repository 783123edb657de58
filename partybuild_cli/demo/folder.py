"""The folder of a demo (演示文件夹): made, recognised again, and cleared of what an earlier demo left in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

from partybuild_cli.errors import Busy, Unfit, why

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
_MARK = "partybuild 演示文件夹"
#: What an earlier demo leaves behind, the database's companions and backups included.
_OURS = (SOURCES, LEDGERS, ARCHIVE, BOOK, f"{BOOK}-wal", f"{BOOK}-shm", f"{BOOK}-backups")


def is_former(folder: Path) -> bool:
    """Whether an earlier demo made the folder. Unfit when it holds anything else, or is no folder."""
    if not folder.exists():
        return False
    if not folder.is_dir():
        raise Unfit(f"{folder} 是文件，不是文件夹，没有动它。请换一个文件夹：partybuild demo 文件夹。")
    with _refusals(folder):
        if _marked(folder / GUIDE):
            return True
        if any(folder.iterdir()):
            raise Unfit(f"{folder} 里有别的文件，不是演示文件夹，没有动它。请换一个文件夹：partybuild demo 文件夹。")
    return False


def _marked(guide: Path) -> bool:
    try:
        return guide.read_text(encoding="utf8").startswith(_MARK)
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def prepare(folder: Path) -> list[Path]:
    """Make the folder ready, without what an earlier demo made, and lay the sample ledgers into it; their paths.

    What the user has put there besides stays.
    """
    with _refusals(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _clear(folder)
        (folder / GUIDE).write_text(_guide(), encoding="utf8")
        (folder / SOURCES).mkdir()
        with as_file(files("partybuild_cli.demo") / "ledgers") as shipped:
            names = sorted(path.name for path in shipped.iterdir())
            return [Path(shutil.copyfile(shipped / name, folder / SOURCES / name)) for name in names]


def _guide() -> str:
    return "\n".join((_MARK, "", *(f"{name}　{words}" for name, words in CONTENTS.items()), ""))


def _clear(folder: Path) -> None:
    for path in (folder / name for name in _OURS):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _refusals(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise Busy(f"不能使用文件夹 {folder}（{why(fault)}）。请检查权限，或换一个文件夹。") from None
