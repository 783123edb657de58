"""Passwords and keys (密码、密钥): read from a file or typed unseen, never an argument, never shown."""

from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.cli import screen
from partybuild_cli.errors import NotFound, UsageFault
from partybuild_cli.store import key
from partybuild_cli.store.key import Key

if TYPE_CHECKING:
    from partybuild_cli.store.key import Key


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


def use_key(file: Path | None, may_ask: bool = True) -> None:
    """Let this command open encrypted files with the key in a file, else with one that is asked for when it is needed."""

    def the_key(path: Path) -> "Key":
        said = password_in(file)
        if said is None and may_ask and screen.on_terminal():
            said = _typed(f"{path.name} 的密钥")
        return key.Key(said) if said else key.nobody(path)

    key.use(key.KeyRing(the_key))


def new_key(file: Path | None, flag: str) -> "Key":
    """A key for a book to be encrypted: from a file, else asked for twice."""
    said = password_in(file)
    if said is not None:
        return Key(said)
    if not screen.on_terminal():
        raise UsageFault(f"没有终端可以询问密钥，请用 {flag} 指定密钥文件。没有改动任何内容。")
    screen.note("密钥丢了，记录就再也打不开，没有别的办法。请先把它记在安全的地方。")
    said = _typed("新密钥")
    if _typed("再输入一次") != said:
        raise UsageFault("两次输入的密钥不一样，没有改动任何内容，请重新运行。")
    return Key(said)


def _typed(question: str) -> str:
    """What somebody types without seeing it. UsageFault for nothing."""
    from partybuild_cli.store.engine import may_ask

    may_ask()
    try:
        said = getpass(f"{question}（输入时不显示）：").strip()
    except EOFError:
        raise UsageFault("输入已结束，没有写入任何内容。") from None
    if not said:
        raise UsageFault("密钥不能为空，没有改动任何内容，请重新运行。")
    return said
