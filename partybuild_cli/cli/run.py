"""Running the program (运行): its standard streams, and every way in which it can end, each with its sentence and exit code.

Both say whether anything was written (`effects`), and not what the command meant to do: codes 2 to 5 promise that nothing
was, so a command that fails after it has written ends with 1. A command does its work to the end, whatever becomes of the
streams: one that is closed, full, or read by nobody drops what is printed, and what was lost is told at the end.
"""

import errno
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO, cast

from typer import Abort

from partybuild_cli import effects
from partybuild_cli.cli import session
from partybuild_cli.cli.ask import Stop, passphrase_of
from partybuild_cli.cli.lazy import later
from partybuild_cli.cli.screen import UnheardError, note
from partybuild_cli.cli.session import shell_word
from partybuild_cli.errors import Busy, PartybuildError, Unfit, why

with later():
    from partybuild_cli.cli import app, crash

#: How a defect of ours ends (EX_SOFTWARE of sysexits.h): no code of the contract, because it is nobody's mistake to mend.
_DEFECT = 70
_DONE, _LACKING, _REFUSED = 0, 1, 5
#: What a refusal says of the whole command, and knows of its last step only.
_NOTHING = re.compile("[，。]?没有(写入|改动|撤销|抹除)任何内容")
#: So many files are named.
_NAMED = 3
#: What a pipe says when its reader has gone; Windows has another word for it.
_LEFT = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)
#: Characters that turn the direction of what stands around them: a terminal would show another text than there is.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Outlet:
    """A standard stream that never breaks the work of a command; `fault` is what it refused with first."""

    def __init__(self, stream: TextIO | None) -> None:
        self.fault: OSError | None = None
        self._closed = stream is None
        self._stream = stream or Path(os.devnull).open("w", encoding="utf8")  # noqa: SIM115

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Print, or drop it where that cannot be. To a terminal what turns its direction goes as an escape, as in JSON."""
        if self.fault is None:
            try:
                if self._closed:
                    raise OSError(errno.EBADF, os.strerror(errno.EBADF))
                if not text.isascii() and self._stream.isatty():
                    self._stream.write(_TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", text))
                else:
                    self._stream.write(text)
            except OSError as fault:
                self._lose(fault)
        return len(text)

    def flush(self) -> None:
        if self.fault is None:
            try:
                self._stream.flush()
            except OSError as fault:
                self._lose(fault)

    def _lose(self, fault: OSError) -> None:
        """Nothing more goes there, nor does what still waits in a buffer when the interpreter ends."""
        self.fault = fault
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


def speak_chinese(*streams: Outlet) -> None:
    """Print in the encoding that the reader has (GBK on a Chinese Windows), and in UTF-8 where that one knows no Chinese.

    What it cannot say is shown as an escape, so that printing never fails. PYTHONIOENCODING is the user's own choice.
    """
    said, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            encoding = stream.encoding
            if sys.platform == "win32" and not said and not stream.isatty():
                import ctypes

                page = ctypes.windll.kernel32.GetConsoleOutputCP()  # 0 where no console reads the pipe
                encoding = f"cp{page}" if page else encoding
            try:
                "党".encode(encoding)
            except (UnicodeError, LookupError):
                encoding = encoding if said else "utf-8"
            lenient = "backslashreplace" if errors in ("", "strict") else errors
            stream.reconfigure(encoding=encoding, errors=lenient)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code. A defect of ours is one sentence too; PARTYBUILD_DEBUG=1 shows its traceback."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    effects.begin()
    effects.waits, effects.passphrase_of = note, passphrase_of
    session.begin(None)
    before = sys.stdin, sys.stdout, sys.stderr
    if sys.stdin is None:  # a closed stream's number is taken, so that no file gets it
        sys.stdin = Path(os.devnull).open(encoding="utf8")  # noqa: SIM115
    out, error = Outlet(sys.stdout), Outlet(sys.stderr)
    sys.stdout, sys.stderr = cast("TextIO", out), cast("TextIO", error)
    speak_chinese(out, error)
    try:
        code, told = _ended(words)
        out.flush()
        return code if out.fault is None else _unheard(out, code, told)
    finally:
        error.flush()
        sys.stdin, sys.stdout, sys.stderr = before


def within(words: Sequence[str]) -> int:
    """Run a command line from within another (menu, demo); its exit code. What it did counts for both.

    Stop where somebody who was asked steps back.
    """
    outer, context = effects.so_far(), session.context()
    effects.begin(words)
    session.begin(None)
    try:
        return _ended(words, within=True)[0]
    finally:
        effects.resume(outer)
        session.begin(context)


def _ended(words: Sequence[str], within: bool = False) -> tuple[int, bool]:
    """How the command ended: the exit code, and whether standard error has said why; remarks are made here."""
    told = True
    try:
        ended = app.command().main(args=words, prog_name="partybuild", standalone_mode=False)
        code, told = ended if isinstance(ended, int) else _DONE, False
    except PartybuildError as fault:
        code = _refused(fault)
    except UnheardError:
        code, told = _DONE, False
    except (KeyboardInterrupt, Abort) as end:
        if within and isinstance(end, Stop):
            raise
        if sys.stderr.isatty():
            print(file=sys.stderr)  # behind the question that stands there
        done = _done()
        said = f"已中断。在此之前{done}。{_look()}" if done else "已中断，没有写入任何内容。"
        note(f"错误：{said}")
        code = 128 + signal.SIGINT
    except MemoryError:
        code = _refused(Busy("内存不够，没有做完。没有写入任何内容，请关掉别的程序，或把文件拆小，再运行一次。"))
    except OSError as fault:
        if fault.filename is None or Path(str(fault.filename)).is_relative_to(Path(__file__).parents[1]):
            code = _defect(fault, words)
        else:
            sentence = f"不能使用 {fault.filename}（{why(fault)}）。没有写入任何内容，请检查路径和权限，再运行一次。"
            code = _refused(Busy(sentence))
    except Exception as fault:
        code = _defect(fault, words)
    for remark in effects.so_far().remarks:
        note(f"注意：{remark}")
    return code, told


def _refused(fault: PartybuildError) -> int:
    done = _done()
    said = f"{_NOTHING.sub('', fault.sentence)}但在此之前{done}。{_look()}" if done else fault.sentence
    note(f"错误：{said}")
    return _LACKING if done else fault.exit_code


def _unheard(out: Outlet, code: int, told: bool) -> int:
    """The answer could not be printed, so standard error says what became of the work."""
    done = _done()
    if out.fault and out.fault.errno in _LEFT:  # nobody is left to tell, having read what he wanted (head, less)
        if done and not told:
            note(f"{done}。{_look()}")
        return code
    reason = f"结果没能显示（{why(out.fault)}）" if out.fault else ""
    if not told and done:
        note(f"注意：{done}，但{reason}。{_look()}")
    elif not told:
        note(f"错误：{reason}，没有改动任何记录。请检查输出到的文件或磁盘，再运行一次。")
    return code if code not in (_DONE, _LACKING) else _LACKING if done else _REFUSED


def _defect(fault: Exception, words: Sequence[str]) -> int:
    """A defect, unless the content of the book is damaged: then that is what is wrong, and no promise of ours."""
    if os.environ.get("PARTYBUILD_DEBUG"):
        raise fault
    last = fault.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = f"{Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last else "?"
    try:
        damage = crash.damage(session.book_path())
    except Exception:  # it can no longer be looked at, or never was there
        damage = None
    try:
        path, reason = crash.record(fault, words, session.book_path())
    except Exception as second:  # that the details could not be kept is no second defect
        path, reason = None, type(second).__name__
    done = _done()
    written = f"在此之前{done}。{_look()}" if done else "没有写入任何内容。"
    where = f"（{type(fault).__name__}，{place}）"
    text = f"数据库里有损坏的内容，这个命令做不下去{where}。{damage}。" if damage else f"程序自身出了差错{where}。"
    lost = f"详情没能记下来（{reason}），请把这一行和刚才的命令告诉维护者。"
    kept = f"详情记在 {path}，其中没有个人信息，请把这个文件交给维护者。"
    note(f"错误：{text}{written}{lost if path is None else kept}")
    return _DEFECT if not damage else _LACKING if done else Unfit.exit_code


def _done() -> str:
    """What stays of this run, in words; nothing where nothing does."""
    done = effects.so_far()
    numbers, files = [str(number) for book in done.changes.values() for number in book], done.standing_files()
    said = [f"已写入第 {'、'.join(numbers)} 次变更"] if numbers else []
    if files:
        more = f" 等 {len(files)} 个文件" if len(files) > _NAMED else ""
        unchanged = "" if numbers else "（记录没有改动）"
        said.append(f"已写出 {'、'.join(map(str, files[:_NAMED]))}{more}{unchanged}")
    return "，".join(said)


def _look() -> str:
    """What to do about it: nothing is to be done again, and the log shows what was written to the book."""
    for book, numbers in effects.so_far().changes.items():
        here = session.context() is not None and book == session.book_path()
        program = "partybuild" if here else f"partybuild --db {shell_word(str(book))}"
        return f"不要重做，用 {program} log{f' show {numbers[0]}' if len(numbers) == 1 else ''} 查看。"
    return ""
