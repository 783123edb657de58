"""The root help (总览): every command on one screen."""

import os
import sys
from collections.abc import Iterable, Mapping

from partybuild_cli.cli.lazy import Entry
from partybuild_cli.values.text import display_width, padded

_HEAD = """partybuild：公立医院党支部的台账本。一次录入，先锋指数、公示表、迎检台账随时生成。

用法：partybuild [--db 文件] 命令 …      每个命令后加 --help 看写法"""
_OPTIONS = """选项
  --db 文件  数据库；不写则用环境变量 PARTYBUILD_DB，再没有则用本机用户数据目录
  --key-file 文件  加密数据库的密钥文件；不写则用 PARTYBUILD_KEY_FILE，再没有则询问
  --version  版本号      --install-completion  安装命令补全      --help  这一页"""


def print_overview(entries: Mapping[str, Entry]) -> None:
    """Print the root help: panel by panel, short entries side by side."""
    print(_HEAD)
    panels: dict[str, list[tuple[str, str]]] = {}
    for name, entry in entries.items():
        panels.setdefault(entry.panel, []).append((name, entry.help.partition("：登记")[0]))
    for title, commands in panels.items():
        print(
            f"\n{_bold(title)}"
            + ("    每个台账都有 add 登记、list 列出、show 查看、edit 修改、remove 删除" if title == "台账" else "")
        )
        for line in _lines(commands, 3 if title == "台账" else 1):
            print(f"  {line}".rstrip())
    print(f"\n{_OPTIONS}")


def _lines(commands: list[tuple[str, str]], across: int) -> Iterable[str]:
    cells = [f"{name:<12}{text}" if across > 1 else f"{name:<11}{text}" for name, text in commands]
    width = max(display_width(cell) for cell in cells) + 2
    for at in range(0, len(cells), across):
        yield "".join(padded(cell, width) for cell in cells[at : at + across])


def _bold(text: str) -> str:
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return text if plain else f"\033[1m{text}\033[0m"
