"""Command lines named in sentences (提示里的命令): complete, so that they work when they are pasted.

`screen.say`, `screen.note` and the sentence of an error pass here; nobody else has to think of it.
"""

import re

from partybuild_cli.cli import session

#: A command of ours in a sentence; the help of a command needs no book.
_COMMAND = re.compile(r"\bpartybuild (?=[a-z])(?![a-z ]*--help)")
_PLAIN_WORD = re.compile(r"[\w./\\:~+-]+")


def pasteable(sentence: str) -> str:
    """The sentence with its commands on the book of this command, where an option before the command chose it."""
    if "partybuild " not in sentence:
        return sentence
    given = "".join(f"{shell_word(word)} " for word in given_words())
    return _COMMAND.sub(lambda found: found[0] + given, sentence) if given else sentence


def shell_word(text: str) -> str:
    """A word of a command line; in every shell, quotes keep one with a blank together."""
    return text if _PLAIN_WORD.fullmatch(text) else f'"{text}"'


def given_words() -> list[str]:
    """The options with a value that were typed before the command: `--db 文件`. Those of the environment hold on."""
    context = session.context()
    if context is None:
        return []
    root = context.find_root()
    typed = []
    for option in root.command.params:
        source = root.get_parameter_source(option.name or "")
        if source is not None and source.name == "COMMANDLINE" and option.name in root.params:
            typed += [option.opts[0], str(root.params[option.name])]
    return typed
