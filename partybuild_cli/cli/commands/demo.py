"""`demo`: the main job on sample ledgers, in a folder of its own (演示)."""

import sys
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from partybuild_cli.cli import imports, screen
from partybuild_cli.cli.ask import confirm
from partybuild_cli.cli.commands.index import show, table
from partybuild_cli.cli.commands.quarterly import tell_kept
from partybuild_cli.cli.hints import shell_word
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.demo.folder import BOOK, CONTENTS, LEDGERS, SOURCES, is_former, prepare
from partybuild_cli.outputs import Shelf

if TYPE_CHECKING:
    from partybuild_cli.store.engine import Book

app = Commands()
_STEPS = 8


@app.command(example="partybuild demo 演示")
def demo(
    folder: Annotated[
        Path, Argument(metavar="[文件夹]", help="放演示文件的文件夹；不写则为当前目录下的 partybuild-demo")
    ] = Path("partybuild-demo"),
    again: Annotated[bool, Option("--again", help="文件夹里已有演示时，不再询问，重做一遍")] = False,
) -> None:
    """用样例台账把主要工作走一遍：导入、登记、算指数、导出；自建文件夹和数据库，不碰已有的数据。"""
    if is_former(folder) and not confirm(
        f"{folder} 里已有一次演示，要重做吗？原来的数据库会改名留着。", again, "--again"
    ):
        screen.say(f"没有改动 {folder}。")
        return
    ledgers = prepare(folder, screen.note)
    book = _fill(folder, ledgers)
    _rank(book)
    _write(book, folder)
    _ending(folder)


def _step(number: int, words: str) -> None:
    screen.say()
    screen.say(f"[{number}/{_STEPS}] {words}", "bold cyan")


def _fill(folder: Path, ledgers: list[Path]) -> "Book":
    """Steps 1 to 4: the book, the ledgers, a meeting, a service."""
    from partybuild_cli.demo import story
    from partybuild_cli.records.meeting import Meeting
    from partybuild_cli.records.service import Service

    _step(1, f"在 {folder} 新建数据库")
    book = story.found_book(folder)
    screen.say(f"第一个党支部：{story.BRANCH['name']}（相当于 partybuild init）")
    _step(2, f"导入 {len(ledgers)} 份样例台账（相当于 partybuild import 文件…）")
    with imports.talk(False) as (_, _, progress):
        report = story.read_ledgers(book, ledgers, progress)
    imports.show(report, False, None, f"{_called(folder)} undo")
    if not report.written:  # ledgers and program have parted: the problems shown above say where
        raise Exit(4)
    _step(3, "登记一次会议：只写谁没来，其余应到党员都记为出席")
    _same_as(story.as_command(Meeting, story.MEETING))
    held = story.hold_meeting(book).values
    screen.say(f"应到 {held['due'].value} 人，实到 {held['present'].value} 人，出勤率 {held['rate']}%")
    _step(4, "登记一次义诊：时长可以各人不同")
    _same_as(story.as_command(Service, story.SERVICE))
    done = story.do_service(book).values
    screen.say(f"参与 {done['turnout'].value} 人次，服务 {story.SERVICE['people_served']} 人次")
    return book


def _rank(book: "Book") -> None:
    """Steps 5 and 6: the ranking, and one score down to its records."""
    from partybuild_cli.demo import story

    _step(5, "计算 2026 年第三季度先锋指数")
    table(story.rank(book), {})
    _step(6, f"说明一名党员的得分：每一分出自哪条记录（partybuild index explain {story.EXPLAINED} {story.QUARTER}）")
    show(story.explain(book))


def _write(book: "Book", folder: Path) -> None:
    """Steps 7 and 8: the ledgers for an inspector, the quarter's folder."""
    from partybuild_cli.demo import story

    _step(7, "导出迎检台账（相当于 partybuild export）")
    shelf = Shelf(folder / LEDGERS, screen.note)
    paths = story.export(book, shelf, lambda caption, count: screen.say(f"{caption}：{count} 条") if count else None)
    screen.say(f"共 {len(paths)} 个工作簿")
    _step(8, "生成季度归档（相当于 partybuild quarterly，可交给定时任务）")
    done = story.archive(book, folder)
    tell_kept(done)
    screen.say(f"{done.folder}：{len(done.manifest['files'])} 个文件，附 SHA-256 清单")


def _same_as(words: list[str]) -> None:
    screen.say("相当于 partybuild " + " ".join(shell_word(word) for word in words))


def _ending(folder: Path) -> None:
    """Where everything lies, and what to try next."""
    from partybuild_cli.demo import story

    screen.say()
    screen.say("完成。各样东西在：", "bold green")
    for name, words in CONTENTS.items():
        screen.say(f"  {folder / name}　{words}")
    screen.say()
    screen.say("接着试试：", "bold green")
    for words in (
        "status",
        f"index explain 董思源 {story.QUARTER}",
        "meeting list --period 2026-09",
        f"import {shell_word(str(folder / SOURCES / '01_党组织和党员花名册.xlsx'))}",
        f"check {story.QUARTER}",
    ):
        screen.say(f"  {_called(folder)} {words}")


def _called(folder: Path) -> str:
    """The program on the demo's database: by name where the shell finds it, else as it was called just now."""
    program, found = shell_word(sys.argv[0]), which("partybuild")
    if Path(sys.argv[0]).name == "__main__.py":
        program = "python -m partybuild_cli"
    elif Path(sys.argv[0]).stem != "partybuild" or (found is not None and not _is_passing(Path(found))):
        program = "partybuild"
    return f"{program} --db {shell_word(str(folder / BOOK))}"


def _is_passing(program: Path) -> bool:
    """Whether a program lies in an environment that uvx or pipx made for this run: afterwards no shell finds it."""
    return bool({"uv", "pipx"} & {*program.parts}) and any("cache" in part for part in program.parts)
