"""`menu`: the front door (菜单) for who never types: what is due, and numbered actions.

Each action is an ordinary command line. The command asks for what its line lacks and says the line that would have done
it; what a line must have from the start is asked here.

`demo` is the main job on sample ledgers, in a folder of its own (演示); it too runs ordinary command lines.
"""

import re
import sys
from contextlib import redirect_stderr
from datetime import date
from pathlib import Path
from shutil import which
from typing import Annotated

from typer import Exit
from typer.core import TyperArgument, TyperOption

from partybuild_cli.cli import screen
from partybuild_cli.cli.app import command
from partybuild_cli.cli.ask import LEAVE, EndOfInputError, Stop, agree, choose, prompt
from partybuild_cli.cli.commands.look import head
from partybuild_cli.cli.lazy import NEEDED, Commands, LazyGroup, Loaded, argument, called, flag, later
from partybuild_cli.cli.options import period_of
from partybuild_cli.cli.run import within
from partybuild_cli.cli.session import given_words, reading, shell_word
from partybuild_cli.demo import story
from partybuild_cli.demo.story import BOOK, CONTENTS, SOURCES, is_former, prepare
from partybuild_cli.errors import NotFound, UsageFault
from partybuild_cli.records.base.registry import captions, record

with later():
    from partybuild_cli.reports import remind as reminding
    from partybuild_cli.reports import status as mornings

app, demo_app = Commands(), Commands()
_DEMO = Path("partybuild-demo")
#: So many lines of what is due are shown; the rest is counted.
_DUE_SHOWN = 8
#: What a period is called among the arguments of commands.
_PERIODS = ("季度", "期间")
#: Where the help of an argument says that a number stands in a list, this quarter's is shown.
_LISTED = re.compile(r"partybuild (\w+) list")


#: What can be chosen, and the command line that it begins; a `…` in it is chosen too: a ledger, or one of the commands of a group.
ACTIONS = {
    "记一次会议": "meeting add",
    "记一次志愿服务": "service add",
    "收党费": "dues pay",
    "记学习学时": "study add",
    "记别的台账": "… add",
    "查台账": "… list",
    "导入 Excel 台账": "import --ask",
    "本月要办的事": "remind",
    "还欠什么": "check --lacking",
    "现在的情况": "status",
    "算先锋指数": "index compute",
    "看指数排名": "index list",
    "做季度材料": "quarterly",
    "出文档": "document …",
    "撤销上一步": "undo",
}
#: What these commands need is asked here; the others ask for themselves.
_ASKED_HERE = ("check", "index", "quarterly", "document")


@app.command(example="partybuild menu")
def menu() -> None:
    """菜单：看本月要办什么，按序号选一件事，一问一答办完；每次都写出同样效果的命令。"""
    if not screen.on_terminal():
        raise UsageFault(
            "菜单要在终端里一问一答，这里没有终端。请直接写命令，如 partybuild remind；用 partybuild --help 查看。"
        )
    before, last = given_words(), ""
    try:
        try:
            with reading() as connection:
                page, due = mornings.status(connection, date.today()), reminding.remind(connection, date.today())
        except NotFound as fault:  # one is made first
            screen.note(fault.sentence)
            within([*before, "init"])
        else:
            screen.say(*head(page))
            title, *lines = due.lines()
            screen.say(title, style="bold")
            shown = lines if len(lines) <= _DUE_SHOWN else lines[:_DUE_SHOWN]
            while shown and shown[-1].startswith(("【", "◆")):  # a heading of what is no longer shown
                shown.pop()
            screen.say(*(f"  {line}" for line in shown))
            if len(lines) > _DUE_SHOWN:
                screen.say(f"  …… 共 {len(due.items)} 项，全文见下面的“本月要办的事”")
        while True:
            screen.note("")
            again = f"直接回车再来一次“{last}”" if last else ""
            try:
                last = choose("要做什么", list(ACTIONS), needed=not last, back=LEAVE, otherwise=again) or last
            except Stop as stop:
                if stop.leaving:
                    raise
                screen.note("已经在菜单里了，离开请写 退出。")
            else:
                _do(ACTIONS[last], before)
    except (Stop, KeyboardInterrupt, EndOfInputError):
        screen.note("再见。")


def _do(action: str, before: list[str]) -> None:
    """Ask for what the line must have, run it, and say it. 返回 leads back to the menu."""
    try:
        words = _line(action, before)
        if words != action.split():
            screen.note(f"命令：partybuild {' '.join(map(shell_word, words))}")
        within([*before, *words])
    except Stop as stop:
        if stop.leaving:
            raise
        screen.note("已返回，没有写入任何内容。")
    except KeyboardInterrupt:
        screen.note("\n已中断，没有写入任何内容。")


def _line(action: str, before: list[str]) -> list[str]:
    """The words of an action, with what was chosen and asked."""
    here: Loaded | None = command()
    words: list[str] = []
    for word in action.split():
        if word == "…" and not words:
            ledgers = {caption: name for name, caption in captions().items() if record(name).command}
            word = ledgers[choose("哪个台账", list(ledgers))]
        elif word == "…" and isinstance(here, LazyGroup):
            known = {re.split("[：，。]", command.help or name)[0]: name for name, command in here.commands.items()}
            word = known[choose("哪一种", list(known))]
        words.append(word)
        if not word.startswith("-"):
            here = here.get_command(None, words[-1]) if isinstance(here, LazyGroup) else here
    for param in here.params if words[0] in _ASKED_HERE and here is not None else ():
        help = param.help or "" if isinstance(param, TyperArgument | TyperOption) else ""
        needed = NEEDED in help or param.required
        if isinstance(param, TyperArgument):
            if shown := _LISTED.search(help):
                within([*before, shown[1], "list", "--period", "this"])
            words += _said(
                called(param), f"{called(param)}（{help}）" if help else called(param), needed, param.nargs == -1
            )
        elif needed:
            words += [param.opts[0], *_said("", help.replace(NEEDED, "").strip(), needed)]
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


@demo_app.command(example="partybuild demo 演示")
def demo(
    folder: Annotated[Path, argument("[文件夹]", "放演示文件的文件夹；不写则为当前目录下的 partybuild-demo")] = _DEMO,
    again: Annotated[bool, flag("--again", "文件夹里已有演示时，不再询问，重做一遍")] = False,
) -> None:
    """用样例台账把主要工作走一遍：导入、登记、算指数、导出；自建文件夹和数据库，不碰已有的数据。"""
    if is_former(folder):
        sure = f"{folder} 里已有一次演示，要重做吗？原来的数据库会改名留着。"
        agree(sure, again, f"没有改动 {folder}。", "--again")
    steps = story.steps(folder, prepare(folder, screen.note))
    for number, (words, lines) in enumerate(steps, start=1):
        screen.say("")
        screen.say(f"[{number}/{len(steps)}] {words}", style="bold cyan")
        for line in lines:
            screen.say("相当于 partybuild " + " ".join(map(shell_word, line)))
            with redirect_stderr(sys.stdout):  # its remarks belong to the story
                code = within(["--db", str(folder / BOOK), *line])
            if code:  # ledgers and program have parted, or the disk refused: it was said
                raise Exit(code)
    screen.say("")
    screen.say("完成。各样东西在：", style="bold green")
    screen.say(*(f"  {folder / name}　{words}" for name, words in CONTENTS.items()), "")
    screen.say("接着试试：", style="bold green")
    roster, program = shell_word(str(folder / SOURCES / "01_党组织和党员花名册.xlsx")), _called(folder)
    index, check = f"index explain 董思源 {story.QUARTER}", f"check {story.QUARTER}"
    further = ("status", index, "meeting list --period 2026-09", f"import {roster}", check)
    screen.say(*(f"  {program} {line}" for line in further))


def _called(folder: Path) -> str:
    """The program on the demo's database: by name where the shell finds it, else as it was called just now."""
    program, found = shell_word(sys.argv[0]), Path(which("partybuild") or "")
    # What uvx or pipx made for this run alone no shell finds afterwards.
    passing = bool({"uv", "pipx"} & {*found.parts}) and any("cache" in part for part in found.parts)
    if Path(sys.argv[0]).name == "__main__.py":
        program = "python -m partybuild_cli"
    elif Path(sys.argv[0]).stem != "partybuild" or (found.name and not passing):
        program = "partybuild"
    return f"{program} --db {shell_word(str(folder / BOOK))}"
