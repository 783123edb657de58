"""Running the program (运行): every way in which it can end, each with its sentence and exit code."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from partybuild_cli.cli.chinese import usage_sentence
from partybuild_cli.errors import PartybuildError

#: How a defect of ours ends (EX_SOFTWARE of sysexits.h): no code of the contract, because it is nobody's mistake to mend.
_DEFECT = 70


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code. A defect of ours is one sentence too; PARTYBUILD_DEBUG=1 shows its traceback."""
    from typer._click.exceptions import ClickException, NoArgsIsHelpError

    from partybuild_cli.cli.app import command

    _speak_utf8()
    try:
        code = command().main(args=arguments, prog_name="partybuild", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except PartybuildError as fault:
        complain(fault.sentence)
        return fault.exit_code
    except NoArgsIsHelpError as fault:
        print(fault.ctx.get_help() if fault.ctx else "")
        return 2
    except ClickException as fault:
        complain(usage_sentence(fault))
        return 2
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit as ended:  # so Typer hides a broken pipe: as 1, which would say that something is owed
        if isinstance(ended.__context__, BrokenPipeError):
            return _nobody_reads()
        raise
    except (KeyboardInterrupt, _abort()):
        if sys.stderr.isatty():
            print(file=sys.stderr)  # behind the question that stands there
        complain("已中断，没有写入任何内容。")
        return 128 + signal.SIGINT
    except Exception as fault:
        return _defect(fault)


def _nobody_reads() -> int:
    """The reader (head, less) has gone: nobody is left to tell, and nothing is wrong."""
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _defect(fault: Exception) -> int:
    if os.environ.get("PARTYBUILD_DEBUG"):
        raise fault
    last = fault.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = f"{Path(last.tb_frame.f_code.co_filename).name}:{last.tb_lineno}" if last else "?"
    complain(
        f"程序自身出了差错（{type(fault).__name__}，{place}），没有写入任何内容。"
        "请把这一行和刚才的命令告诉维护者；设置环境变量 PARTYBUILD_DEBUG=1 再运行可看到详情。"
    )
    return _DEFECT


def complain(sentence: str) -> None:
    """One sentence on standard error."""
    print(f"错误：{sentence}", file=sys.stderr)


def _abort() -> type[BaseException]:
    from typer.exceptions import Abort

    return Abort


def _speak_utf8() -> None:
    """A console of another encoding still gets every character, if need be as \\u escapes."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            encoding = "utf-8" if os.name != "nt" or not stream.isatty() else None
            reconfigure(encoding=encoding, errors="backslashreplace")
