"""The record of a defect (差错记录): what a developer needs to find it, and nothing of what the book holds.

Versions, the command line without its values, and the traceback with lines of code: no message of an exception and no
variable, for they may hold a name or a number. It lies beside the book, for its owner only; the newest ten are kept.
"""

import errno
import glob
import os
import platform
import re
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from traceback import extract_tb

from typer import Context
from typer.core import TyperCommand, TyperGroup

from partybuild_cli import __version__, effects
from partybuild_cli.cli import session
from partybuild_cli.cli.app import command
from partybuild_cli.cli.lazy import later
from partybuild_cli.errors import why
from partybuild_cli.store import driver
from partybuild_cli.store.driver import PLAIN

with later():
    from partybuild_cli.index import archive
    from partybuild_cli.records.base import present, registry
    from partybuild_cli.reports import folder, runs
    from partybuild_cli.store import chain, doctor, evidence

_KEPT = 10
#: So many frames of each end of a traceback say all; endless recursion has a thousand.
_FRAMES, _CHAIN = 30, 8
_HIDDEN = "***"
#: Values that speak of nobody: periods, and what kind of file is named.
_PERIOD = re.compile(r"\d{4}(Q[1-4]|H[12])|this|last")
_KIND_OF_FILE = re.compile(r"\.(xlsx|xlsm|xls|et|ods|csv|db|zip|toml|html)$")


def record(fault: BaseException, arguments: Sequence[str], book: Path) -> tuple[Path | None, str]:
    """Write it beside the book, else into the user's data folder: where it lies, or None and why it could not be."""
    from platformdirs import user_data_path

    text = "\n".join(_lines(fault, arguments)) + "\n"
    reason = ""
    own = user_data_path("partybuild", appauthor=False)
    for path in (book.parent, own):
        try:
            if path == own:
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
            return _put(path / f"{book.name}-crash-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}.txt", text), ""
        except OSError as refused:
            reason = reason or why(refused)
    return None, reason


def records_of(book: Path) -> list[Path]:
    return sorted(book.parent.glob(f"{glob.escape(book.name)}-crash-*.txt"))


def _put(path: Path, text: str) -> Path:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf8") as file:
            file.write(text)
    except OSError:
        path.unlink()
        raise
    book = path.with_name(path.name.rpartition("-crash-")[0])
    others = [other for other in records_of(book) if other != path]  # whatever the clock says, this one stays
    for old in others[: max(0, len(others) - _KEPT + 1)]:
        with suppress(OSError):
            old.unlink()
    return path


def _lines(fault: BaseException, arguments: Sequence[str]) -> Iterator[str]:
    yield "partybuild 差错记录：请交给维护者。其中没有姓名、号码和记录的内容。"
    yield f"时间：{datetime.now(UTC).isoformat(timespec='seconds')}"
    yield f"命令：{command_line(arguments)}"
    done = effects.so_far()
    numbers = [number for book in done.changes.values() for number in book]
    yield f"写入：变更 {numbers}，文件 {len(done.standing_files())} 个"
    yield f"程序：partybuild {__version__}，Python {sys.version.split()[0]}"
    yield f"数据库：SQLite {driver.module_of(PLAIN).sqlite_version}，结构版本 {len(driver.migrations())}"
    yield f"系统：{platform.platform()}，{sys.getfilesystemencoding()}"
    versions = []
    for line in requires("partybuild") or ():
        with suppress(PackageNotFoundError):
            name = re.split(r"[^\w.-]", line)[0]
            versions += [] if "dev" in line else [f"{name} {version(name)}"]
    yield f"软件包：{'，'.join(versions)}"
    chained: list[BaseException] = []
    cause: BaseException | None = fault
    while cause is not None and cause not in chained and len(chained) < _CHAIN:
        chained.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    for position, each in enumerate(reversed(chained)):
        yield ""
        kind = f"{type(each).__module__}.{type(each).__qualname__}".removeprefix("builtins.")
        code = errno.errorcode.get(each.errno or 0) if isinstance(each, OSError) else None
        code = code or getattr(getattr(each, "orig", each), "sqlite_errorname", None)
        yield f"{'随后' if position else '差错'}：{kind}{f' {code}' if code else ''}（内容可能涉及个人信息，不记）"
        frames = extract_tb(each.__traceback__)
        for at, frame in enumerate(frames):
            if at == _FRAMES < len(frames) - _FRAMES:
                yield f"  …… 其间 {len(frames) - 2 * _FRAMES} 层"
            if at < _FRAMES or at >= len(frames) - _FRAMES:
                file = _place(frame.filename)
                yield f"  {file or '…'}:{frame.lineno} {frame.name}"
                yield from [f"      {frame.line}"] if file else []


def _place(file: str) -> str:
    """A file of the program or of a library, without the folders above it, which bear the user's name; else nothing."""
    path, program = Path(file), Path(__file__).parents[1]
    if path.is_relative_to(program):
        return path.relative_to(program.parent).as_posix()
    libraries = (sysconfig.get_path(key) for key in ("purelib", "platlib", "stdlib"))
    inside = [path.relative_to(folder).as_posix() for folder in libraries if path.is_relative_to(folder)]
    return min(inside, key=len, default=file if file.startswith("<frozen ") else "")


def command_line(arguments: Sequence[str]) -> str:
    """The command line with its commands and options, and *** for every value that may speak of somebody."""
    here: TyperCommand | TyperGroup = command()
    words, flags = ["partybuild"], {"--help"}
    for word in arguments:
        flags |= {name for param in here.params for name in (*param.opts, *param.secondary_opts) if name[:1] == "-"}
        flag, equals, _ = word.partition("=")
        below = here.get_command(Context(here), word) if isinstance(here, TyperGroup) else None
        if flag in flags:
            words.append(f"{flag}={_HIDDEN}" if equals else flag)
        elif isinstance(below, TyperCommand | TyperGroup):
            here = below
            words.append(word)
        elif _PERIOD.fullmatch(word):
            words.append(word)
        else:
            kind = _KIND_OF_FILE.search(word)
            words.append(_HIDDEN + (kind[0] if kind else ""))
    return " ".join(words)


#: Checks that say of the content, not of the machine, that something is wrong with it.
_CONTENT = ("open", "integrity", "types", "numbers", "values", "archive", "history", "references", "orphans", "records")


def examine_all(book: Path, key_file: Path | None = None) -> "list[doctor.CheckedSide]":
    """Every check. NotFound, Unfit or Busy where there is no database at all."""
    folders = [Path(run.folder) / folder.MANIFEST for run in runs.read(book).good.values()]

    def rewritten(connection: "session.Connection") -> str | None:
        return chain.contradiction(connection, [*chain.backups(connection), *chain.archives(folders)])

    others: doctor.Others = {
        "values": ("内容可读", present.damage_of),
        "archive": ("公示存档和评分方案", archive.archive_damage),
        "evidence": ("佐证文件", partial(evidence.examine, called=registry.called)),
        "witness": ("日志与备份、归档一致", rewritten),
    }
    return doctor.examine(book, registry.shapes(), key_file, others, registry.called)


def damage(book: Path) -> str | None:
    """What is wrong with the content of a book, in words; None where it is sound, or there is none."""
    if not book.is_file():
        return None
    return next(
        (f"{side.name}：{side.wrong}" for side in examine_all(book) if side.wrong and side.id in _CONTENT), None
    )
