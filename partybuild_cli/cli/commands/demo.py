"""`demo`: the main job on sample ledgers, in a folder of its own (演示)."""

import sys
from contextlib import redirect_stderr
from pathlib import Path
from shutil import which
from typing import Annotated

from typer import Exit

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import confirm
from partybuild_cli.cli.lazy import Commands, argument, flag
from partybuild_cli.cli.run import within
from partybuild_cli.cli.session import shell_word
from partybuild_cli.demo import story
from partybuild_cli.demo.folder import BOOK, CONTENTS, SOURCES, is_former, prepare

app = Commands()


@app.command(example="partybuild demo 演示")
def demo(
    folder: Annotated[Path, argument("[文件夹]", "放演示文件的文件夹；不写则为当前目录下的 partybuild-demo")] = Path(
        "partybuild-demo"
    ),
    again: Annotated[bool, flag("--again", "文件夹里已有演示时，不再询问，重做一遍")] = False,
) -> None:
    """用样例台账把主要工作走一遍：导入、登记、算指数、导出；自建文件夹和数据库，不碰已有的数据。"""
    if is_former(folder) and not confirm(
        f"{folder} 里已有一次演示，要重做吗？原来的数据库会改名留着。", again, "--again"
    ):
        screen.say(f"没有改动 {folder}。")
        return
    steps = story.steps(folder, prepare(folder, screen.note))
    for number, (words, lines) in enumerate(steps, start=1):
        screen.say()
        screen.say(f"[{number}/{len(steps)}] {words}", "bold cyan")
        for line in lines:
            screen.say("相当于 partybuild " + " ".join(map(shell_word, line)))
            with redirect_stderr(sys.stdout):  # its remarks belong to the story
                code = within(["--db", str(folder / BOOK), *line])
            if code:  # ledgers and program have parted, or the disk refused: it was said
                raise Exit(code)
    _ending(folder)


def _ending(folder: Path) -> None:
    """Where everything lies, and what to try next."""
    screen.say()
    screen.say("完成。各样东西在：", "bold green")
    for name, words in CONTENTS.items():
        screen.say(f"  {folder / name}　{words}")
    screen.say()
    screen.say("接着试试：", "bold green")
    for line in (
        "status",
        f"index explain 董思源 {story.QUARTER}",
        "meeting list --period 2026-09",
        f"import {shell_word(str(folder / SOURCES / '01_党组织和党员花名册.xlsx'))}",
        f"check {story.QUARTER}",
    ):
        screen.say(f"  {_called(folder)} {line}")


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
