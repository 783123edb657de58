"""Command lines named in sentences (提示里的命令): complete, so that they work when they are pasted."""

import re
from typing import Any

from typer._click.core import ParameterSource
from typer._click.globals import get_current_context

from partybuild_cli.cli import session

#: A command of ours in a sentence; the help of a command needs no book.
_COMMAND = re.compile(r"\bpartybuild (?=[a-z])(?![a-z ]*--help)")
_PLAIN_WORD = re.compile(r"[\w./\\:~+-]+")


def pasteable(sentence: str) -> str:
    """The sentence with its commands on the book of this command, where an option before the command chose it."""
    given = _given()
    return _COMMAND.sub(lambda found: found[0] + given, sentence) if given else sentence


def shell_word(text: str) -> str:
    """A word of a command line; in every shell, quotes keep one with a blank together."""
    return text if _PLAIN_WORD.fullmatch(text) else f'"{text}"'


def _given() -> str:
    """The options with a value that were typed before the command: `--db 文件 `. Those of the environment hold on."""
    context: Any = get_current_context(silent=True) or session.context()
    if context is None:
        return ""
    root = context.find_root()
    typed = [
        f"{option.opts[0]} {shell_word(str(root.params[option.name]))} "
        for option in root.command.params
        if option.name in root.params and root.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    ]
    return "".join(typed)
