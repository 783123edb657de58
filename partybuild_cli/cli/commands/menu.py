"""`menu`: the front door (菜单) for who never types: what is due, and numbered actions.

Each action is an ordinary command line. The command asks for what its line lacks and says the line that would have done
it; what a line must have from the start is asked here.
"""

import re
from datetime import date
from typing import NamedTuple

from typer import Context
from typer.core import TyperArgument, TyperOption

from partybuild_cli.cli import screen
from partybuild_cli.cli.app import command
from partybuild_cli.cli.ask import LEAVE, EndOfInputError, Stop, choose, prompt
from partybuild_cli.cli.commands.look import head
from partybuild_cli.cli.lazy import NEEDED, Commands, LazyGroup, Loaded, called
from partybuild_cli.cli.options import period_of
from partybuild_cli.cli.run import within
from partybuild_cli.cli.session import given_words, reading, shell_word
from partybuild_cli.errors import NotFound, UsageFault
from partybuild_cli.records.base.registry import captions, record

app = Commands()
#: So many lines of what is due are shown; the rest is counted.
_DUE_SHOWN = 8
#: What a period is called among the arguments of commands.
_PERIODS = ("季度", "期间")
#: Where the help of an argument says that a number stands in a list, this quarter's is shown.
_LISTED = re.compile(r"partybuild (\w+) list")


class Action(NamedTuple):
    """What can be chosen: its words, and the command line that it begins.

    A `…` in the line is chosen: a ledger, or one of the commands of a group. With `asks` what the command needs is asked
    here; other commands ask for themselves.
    """

    label: str
    line: str
    asks: bool = False


ACTIONS = (
    Action("记一次会议", "meeting add"),
    Action("记一次志愿服务", "service add"),
    Action("收党费", "dues pay"),
    Action("记学习学时", "study add"),
    Action("记别的台账", "… add"),
    Action("查台账", "… list"),
    Action("导入 Excel 台账", "import --ask"),
    Action("本月要办的事", "remind"),
    Action("还欠什么", "check --lacking", asks=True),
    Action("现在的情况", "status"),
    Action("算先锋指数", "index compute", asks=True),
    Action("看指数排名", "index list", asks=True),
    Action("做季度材料", "quarterly", asks=True),
    Action("出文档", "document …", asks=True),
    Action("撤销上一步", "undo"),
)


@app.command(example="partybuild menu")
def menu() -> None:
    """菜单：看本月要办什么，按序号选一件事，一问一答办完；每次都写出同样效果的命令。"""
    if not screen.on_terminal():
        raise UsageFault(
            "菜单要在终端里一问一答，这里没有终端。请直接写命令，如 partybuild remind；用 partybuild --help 查看。"
        )
    before, known = given_words(), ["…", *command().list_commands(Context(command()))]
    actions = {one.label: one for one in ACTIONS if one.line.partition(" ")[0] in known}
    last = ""
    try:
        _see(before)
        while True:
            screen.note("")
            again = f"直接回车再来一次“{last}”" if last else ""
            try:
                last = choose("要做什么", list(actions), needed=not last, back=LEAVE, otherwise=again) or last
            except Stop as stop:
                if stop.leaving:
                    raise
                screen.note("已经在菜单里了，离开请写 退出。")
            else:
                _do(actions[last], before)
    except (Stop, KeyboardInterrupt, EndOfInputError):
        screen.note("再见。")


def _see(before: list[str]) -> None:
    """How the branch stands and what is due; where there is no book yet, one is made first."""
    from partybuild_cli.reports.remind import remind
    from partybuild_cli.reports.status import status

    try:
        with reading() as connection:
            page, due = status(connection, date.today()), remind(connection, date.today())
    except NotFound as fault:
        screen.note(fault.sentence)
        within([*before, "init"])
        return
    for line in head(page):
        screen.say(line)
    title, *lines = due.lines()
    screen.say(title, "bold")
    shown = lines if len(lines) <= _DUE_SHOWN else lines[:_DUE_SHOWN]
    while shown and shown[-1].startswith(("【", "◆")):  # a heading of what is no longer shown
        shown.pop()
    for line in shown:
        screen.say(f"  {line}")
    if len(lines) > _DUE_SHOWN:
        screen.say(f"  …… 共 {len(due.items)} 项，全文见下面的“本月要办的事”")


def _do(action: Action, before: list[str]) -> None:
    """Ask for what the line must have, run it, and say it. 返回 leads back to the menu."""
    try:
        words = _line(action, before)
        if len(words) > len(action.line.split()) or "…" in action.line:
            screen.note(f"命令：partybuild {' '.join(map(shell_word, words))}")
        within([*before, *words])
    except Stop as stop:
        if stop.leaving:
            raise
        screen.note("已返回，没有写入任何内容。")
    except KeyboardInterrupt:
        screen.note("\n已中断，没有写入任何内容。")


def _line(action: Action, before: list[str]) -> list[str]:
    """The words of an action, with what was chosen and asked."""
    here: Loaded | None = command()
    words: list[str] = []
    for word in action.line.split():
        if word == "…" and not words:
            ledgers = {caption: name for name, caption in captions().items() if record(name).command}
            word = ledgers[choose("哪个台账", list(ledgers))]
        elif word == "…" and isinstance(here, LazyGroup):
            known = {re.split("[：，。]", one.help or name)[0]: name for name, one in here.commands.items()}
            word = known[choose("哪一种", list(known))]
        words.append(word)
        if not word.startswith("-"):
            here = here.get_command(None, words[-1]) if isinstance(here, LazyGroup) else here
    for one in here.params if action.asks and here is not None else ():
        help = one.help or "" if isinstance(one, TyperArgument | TyperOption) else ""
        needed = NEEDED in help or one.required
        if isinstance(one, TyperArgument):
            if shown := _LISTED.search(help):
                within([*before, shown[1], "list", "--period", "this"])
            words += _said(called(one), f"{called(one)}（{help}）" if help else called(one), needed, one.nargs == -1)
        elif needed:
            words += [one.opts[0], *_said("", help.replace(NEEDED, "").strip(), needed)]
    return words


def _said(name: str, question: str, needed: bool, several: bool = False) -> list[str]:
    """The answer for one argument, which may be several words; a quarter or a period is chosen by number."""
    if name in _PERIODS:
        this, last = (period_of(word).label for word in ("this", "last"))
        chosen = choose(name, [f"本季度 {this}", f"上季度 {last}", "另一期"])
        if chosen != "另一期":
            return [chosen.partition(" ")[2]]
    while not (said := prompt(question)) and needed:
        screen.note("这一项必须填写。")
    return re.split(r"[、，,\s]+", said) if several and said else [said] if said else []
