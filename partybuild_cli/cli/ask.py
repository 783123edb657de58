"""Asking on a terminal for what was not given (询问); nobody is asked where there is no terminal.

Passwords and keys (密码、密钥) are read from a file or typed unseen, never an argument, never shown. Any other question
may be answered 返回, which leads to the one before, or 退出; nothing has been written by then.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from getpass import getpass
from pathlib import Path

from typer import Abort, Exit

from partybuild_cli.cli import screen, session
from partybuild_cli.cli.lazy import later
from partybuild_cli.errors import NotFound, UsageFault, ValueProblem

with later():
    from partybuild_cli.store import engine, history

BACK, LEAVE = "返回", "退出"


class Stop(Abort):
    """Who was asked does not go on: he steps back (返回), or leaves altogether (退出)."""

    def __init__(self, leaving: bool) -> None:
        super().__init__()
        self.leaving = leaving


class EndOfInputError(UsageFault):
    """Nobody is there any more to answer."""


def choose(
    heading: str,
    words: Sequence[str],
    needed: bool = True,
    parse: Callable[[str], object] | None = None,
    back: str = BACK,
    otherwise: str = "没有就直接回车",
) -> str:
    """One of the words, by its number, itself, or a part that only it has; empty where none is needed and none was chosen.

    `parse` knows other words for them. 0 is for `back`; `otherwise` says what Enter does.
    """
    screen.numbered(words)
    screen.note(f"  0. {back}")
    while True:
        said = prompt(f"{heading}（写序号{'' if needed else f'，{otherwise}'}）")
        if not said and not needed:
            return ""
        if said == "0":
            raise Stop(leaving=back == LEAVE)
        if said.isdecimal() and 1 <= int(said) <= len(words):
            return words[int(said) - 1]
        found = [word for word in words if said == word] or [word for word in words if said and said in word]
        with suppress(ValueProblem):
            found = found or [str(meant) for meant in [parse(said) if parse else None] if meant is not None]
        if len(found) == 1:
            return found[0]
        screen.note(f"“{said}”可能是{'、'.join(found[:4])}，请写序号。" if found else "没有这一个，请写前面的序号。")


def prompt(question: str, unseen: bool = False) -> str:
    """One answer, without surrounding blanks. UsageFault at the end of input, Stop for 返回 and 退出."""
    engine.may_ask()
    try:
        if unseen:
            said = getpass(f"{question}（输入时不显示）：").strip()
        else:
            print(f"{question}：", end="", file=sys.stderr, flush=True)  # standard output may lead elsewhere
            said = input().strip()
    except EOFError:
        raise EndOfInputError("输入已结束，没有写入任何内容。") from None
    if unseen and not said:
        raise UsageFault("密钥不能为空，没有改动任何内容，请重新运行。")
    if said in (BACK, LEAVE) and not unseen:
        raise Stop(leaving=said == LEAVE)
    return said


def confirm(question: str, yes: bool, flag: str = "--yes") -> bool:
    """Whether the clerk agrees; without a terminal the flag must have said so."""
    if yes:
        return True
    if not screen.on_terminal():
        raise UsageFault(f"{question}没有终端可以确认，请加 {flag}。没有写入任何内容。")
    return prompt(f"{question}确定请输入 y").lower() in ("y", "yes", "是")


def agree(question: str, yes: bool, otherwise: str, flag: str = "--yes") -> None:
    """Go on where the clerk agrees; elsewhere the command ends, having said that nothing was done."""
    if not confirm(question, yes, flag):
        screen.note(otherwise)
        raise Exit


def teach(line: Sequence[str]) -> None:
    """Say the line that would have done without the questions."""
    screen.note(f"下次可以写成一行：{history.clean_command(['partybuild', *line])}")


def required(flag: str, heading: str, value: object, understood: Callable[[str], object] = str) -> str:
    """A value that a command cannot do without: as given, else asked for on a terminal, until it is `understood`."""
    return all_required((flag, heading, value), understood=understood)[0]


def all_required(*values: tuple[str, str, object], understood: Callable[[str], object] = str) -> list[str]:
    """The values of flags, each with what it is called; without a terminal UsageFault names all that are missing."""
    missing = [f"{flag}（{heading}）" for flag, heading, value in values if not value]
    if missing and not screen.on_terminal():
        raise UsageFault(f"缺少选项 {'、'.join(missing)}。")
    return [str(value) if value else prompt_for(heading, understood) for _, heading, value in values]


def prompt_for(question: str, understood: Callable[[str], object], needed: bool = True) -> str:
    """An answer that is understood: what is wrong with another is said, and it is asked for again, without the hint."""
    while True:
        said = prompt(question)
        if not said and not needed:
            return ""
        try:
            if said:
                understood(said)
                return said
            screen.note("这一项必须填写。")
        except (ValueProblem, UsageFault) as fault:
            screen.note(f"{fault.sentence.rstrip('。')}。")
        question = question.partition("（")[0] or question


def password_in(file: Path | None) -> str | None:
    """The first line of a file, without surrounding blanks. NotFound when there is none."""
    if file is None:
        return None
    try:
        words = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise NotFound(f"不能读取密码或密钥文件 {file}。请检查路径；密码、密钥写在第一行，文件存为 UTF-8。") from None
    if not words or not words[0].strip():
        raise NotFound(f"密码或密钥文件 {file} 的第一行是空的，请写上密码或密钥。")
    return words[0].strip()


def passphrase_of(path: Path) -> str | None:
    """The key of an encrypted file: from the file that was named, else typed; nobody is asked while Tab completes."""
    said, context = password_in(session.key_file()), session.context()
    if said is None and screen.on_terminal() and not (context and context.resilient_parsing):
        return prompt(f"{path.name} 的密钥", unseen=True)
    return said


def new_passphrase(file: Path | None, flag: str) -> str:
    """The key of a book to be encrypted: from a file, else asked for twice."""
    said = password_in(file)
    if said is not None:
        return said
    if not screen.on_terminal():
        raise UsageFault(f"没有终端可以询问密钥，请用 {flag} 指定密钥文件。没有改动任何内容。")
    screen.note("密钥丢了，记录就再也打不开，没有别的办法。请先把它记在安全的地方。")
    said = prompt("新密钥", unseen=True)
    if prompt("再输入一次", unseen=True) != said:
        raise UsageFault("两次输入的密钥不一样，没有改动任何内容，请重新运行。")
    return said
