"""Typer's own words in Chinese (框架用语): panel titles, usage line, and every complaint about a command line."""

import re
from collections.abc import Iterable
from typing import Any

#: What Typer's parser says, as patterns, and what we say instead.
_COMPLAINTS = (
    (r"No such option: (?P<a>\S+)", "没有选项 {a}"),
    (r"No such command '(?P<a>.*)'", "没有命令 {a}"),
    (r"Got unexpected extra arguments? \((?P<a>.*)\)", "多出了参数 {a}"),
    (r"Option '(?P<a>.*)' requires an argument", "选项 {a} 后面要有值"),
    (r"Option '(?P<a>.*)' requires (?P<b>\d+) arguments", "选项 {a} 后面要有 {b} 个值"),
    (r"Option '(?P<a>.*)' does not take a value", "选项 {a} 后面不能有值"),
    (r"Missing command", "还没有写要做什么"),
    (r"Missing argument '(?P<a>.*)'", "缺少参数 {a}"),
    (r"Missing option '(?P<a>.*)'", "缺少选项 {a}"),
    (r"Invalid value for '?(?P<a>[^:']*)'?: (?P<b>.*)", "{a} 的值不对：{b}"),
)
_DETAILS = (
    (r"'(?P<a>.*)' is not a valid (integer|int)( range)?\.?", "“{a}”不是整数"),
    (r"'(?P<a>.*)' is not one of (?P<b>.*?)\.?", "“{a}”不在可选值 {b} 之中"),
    (r"(Path|File|Directory) '(?P<a>.*)' does not exist\.?", "没有找到 {a}"),
    (r"(?P<a>.*) is not in the range (?P<b>.*?)\.?", "{a} 不在 {b} 范围内"),
)


#: Words of the usage line.
_USAGE = {"[OPTIONS]": "[选项]", "COMMAND [ARGS]...": "命令 …"}
#: Kinds of argument, as the help page of a command names them.
_TYPES = {"str": "文字", "int": "整数", "path": "文件", "file": "文件", "directory": "文件夹"}


def usage_pieces(pieces: Iterable[str]) -> str:
    """What stands behind the command in the usage line."""
    return " ".join(_USAGE.get(piece, piece) for piece in pieces)


def usage_sentence(fault: Any) -> str:
    """A complaint of Typer's as one Chinese sentence that ends with what to type for help."""
    path = fault.ctx.command_path if getattr(fault, "ctx", None) else "partybuild"
    said = fault.format_message().replace("\n", " ").strip()
    hint = ""
    near = re.search(r"\s*\(?(?:Did you mean|Possible options:)\s*(?P<names>.*?)[?)]*\.?$", said)
    if near:
        names = near["names"].replace("'", "").replace(", ", "、").replace(" or ", " 或 ")
        said, hint = said[: near.start()], f"（是不是 {names}）"
    return f"{_translated(said, _COMPLAINTS).rstrip('。')}{hint}。用 {path} --help 查看写法。"


def _translated(said: str, patterns: tuple[tuple[str, str], ...]) -> str:
    for pattern, ours in patterns:
        found = re.fullmatch(pattern + r"\.?", said)
        if found:
            parts = {name: _translated(value, _DETAILS) for name, value in found.groupdict().items()}
            return ours.format(**parts)
    return said


def teach_typer(params: Iterable[Any]) -> None:
    """Put Chinese titles on the panels of the help pages, and Chinese words for the kinds of a command's parameters."""
    from rich.text import Text
    from typer import rich_utils

    # A Chinese sentence has no blanks to part it at: it is broken anywhere rather than cut off.
    vars(rich_utils)["Columns"] = Text(" ", overflow="fold").join
    for one in params:
        one.type.name = _TYPES.get(one.type.name, one.type.name)

    rich_utils.ARGUMENTS_PANEL_TITLE = "参数"
    rich_utils.OPTIONS_PANEL_TITLE = "选项"
    rich_utils.COMMANDS_PANEL_TITLE = "命令"
    rich_utils.ERRORS_PANEL_TITLE = "错误"
    rich_utils.DEFAULT_STRING = "[默认：{}]"
    rich_utils.ENVVAR_STRING = "[环境变量：{}]"
    rich_utils.REQUIRED_LONG_STRING = "[必填]"
