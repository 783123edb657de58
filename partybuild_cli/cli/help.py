"""Help pages (说明页): plain text, folded to the screen, so that a Chinese sentence is never cut off."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from typer.core import TyperArgument, TyperOption

from partybuild_cli.values.text import display_width, padded

if TYPE_CHECKING:
    from typer import Context

_HEAD = """partybuild：公立医院党支部的台账本。一次录入，先锋指数、公示表、迎检台账随时生成。

用法：partybuild [--db 文件] 命令 …      每个命令后加 --help 看写法"""
_OPTIONS = """选项
  --db 文件  数据库；不写则用环境变量 PARTYBUILD_DB，再没有则用本机用户数据目录
  --key-file 文件  加密数据库的密钥文件；不写则用 PARTYBUILD_KEY_FILE，再没有则询问
  --version  版本号      --install-completion  安装命令补全      --help  这一页"""
_VERBS = "    每个台账都有 add 登记、list 列出、show 查看、edit 修改、remove 删除"
_LEDGERS = "台账"
#: What stands before the meaning of what a command cannot do without.
NEEDED = "[必填]"
#: A longer name stands on a line of its own; and what never begins a line.
_NAME, _NEVER_FIRST = 30, "，。；：、）”？！"
_PIECES = re.compile(r"[!-~]+|\s+|.")


def overview(entries: Iterable[tuple[str, str, str]]) -> str:
    """The root help on one screen: panel by panel, ledgers three to a line. An entry is its name, line and panel."""
    panels: dict[str, list[tuple[str, str]]] = {}
    for name, help, panel in entries:
        panels.setdefault(panel, []).append((name, help.partition("：登记")[0]))
    parts = [_HEAD]
    for title, commands in panels.items():
        cells = [f"{name:<12}{text}" if title == _LEDGERS else f"{name:<11}{text}" for name, text in commands]
        across = 3 if title == _LEDGERS else 1
        width = max(map(display_width, cells)) + 2
        rows = ("".join(padded(cell, width) for cell in cells[at : at + across]) for at in range(0, len(cells), across))
        head = _bold(title) + (_VERBS if title == _LEDGERS else "")
        parts.append("\n".join([head, *(f"  {row}".rstrip() for row in rows)]))
    return "\n\n".join([*parts, _OPTIONS])


def page(
    context: "Context", about: str, params: Iterable[object], commands: Sequence[tuple[str, str]], example: str | None
) -> str:
    """The help of one command or group, which ends with an example that can be pasted."""
    options = [one for one in params if isinstance(one, TyperOption) and not one.hidden]
    places = [one for one in params if isinstance(one, TyperArgument) and not one.hidden]
    usage = [context.command_path, "[选项]", *(_place(one) for one in places), *(["命令 …"] if commands else [])]
    lines = [(_flags(one), _meaning(one)) for one in options]
    parts = [
        f"用法：{' '.join(usage)}",
        "\n".join(_folded(about, 0)),
        _section("参数", [(called(one), _meaning(one)) for one in places]),
        _section("选项", [*lines, ("--help", "显示这一页说明")]),
        _section("命令", commands),
        f"{_bold('例')}\n  {example}" if example else "",
    ]
    return "\n\n".join(part for part in parts if part)


def called(one: TyperArgument | TyperOption) -> str:
    """What an argument or option is called: its place in the command line, or its flag."""
    return one.opts[0] if isinstance(one, TyperOption) else (one.metavar or one.name or "").strip("[]")


def _place(one: TyperArgument) -> str:
    name = called(one)
    return name if one.required else f"[{name}]"


def _flags(one: TyperOption) -> str:
    """The flags and what stands behind them."""
    return ", ".join(one.opts) + ("" if one.is_flag or not one.metavar else f" {one.metavar}")


def _meaning(one: TyperArgument | TyperOption) -> str:
    """What it means, `[必填]` before it where nothing goes without it, and what is taken where it is not written."""
    said = (f"{NEEDED} " if one.required else "") + (one.help or "")
    if one.envvar:
        said += f" [环境变量：{one.envvar}]"
    plain = isinstance(one.default, str | int) and not isinstance(one.default, bool) and one.default != ""
    return f"{said} [默认：{one.default}]" if plain and one.show_default else said


def _section(title: str, lines: Sequence[tuple[str, str]]) -> str:
    if not lines:
        return ""
    width = min(_NAME, max(display_width(name) for name, _ in lines))
    shown = [_bold(title)]
    for name, text in lines:
        meant = _folded(text, width + 4)
        if display_width(name) > width:
            shown.append(f"  {name}")
        else:
            shown.append(f"  {padded(name, width)}  {meant.pop(0)}".rstrip())
        shown += [" " * (width + 4) + line for line in meant]
    return "\n".join(shown)


def _folded(text: str, indent: int) -> list[str]:
    """The lines of a text; it has no blanks to part it at, so it is parted between any two characters."""
    room = max(20, get_terminal_size().columns - indent - 1)
    lines = [""]
    for piece in _PIECES.findall(text):
        if display_width(lines[-1] + piece) > room and piece not in _NEVER_FIRST and lines[-1]:
            lines.append(piece.lstrip())
        else:
            lines[-1] += piece
    return lines


def _bold(text: str) -> str:
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return text if plain else f"\033[1m{text}\033[0m"
