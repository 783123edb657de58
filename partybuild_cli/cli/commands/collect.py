"""`collect`: branch books, or folders of their exports, into the committee's book (汇总支部的台账)."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

from typer import Argument, Exit, Option

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import required
from partybuild_cli.cli.complete import names
from partybuild_cli.cli.lazy import Commands
from partybuild_cli.cli.options import AsJson
from partybuild_cli.cli.secret import password_in
from partybuild_cli.cli.session import the_book, writing
from partybuild_cli.errors import UsageFault
from partybuild_cli.outputs import refuse_taken
from partybuild_cli.records.base.registry import captions
from partybuild_cli.store.key import Key

if TYPE_CHECKING:
    from partybuild_cli.records.base.row import Prefer
    from partybuild_cli.sheets.importing.collecting import Collected, Part

app = Commands()
#: So many problems of one branch are shown; `--json` has them all.
_SHOWN = 20


@app.command(example="partybuild collect 支部交来/内科.db")
def collect(
    files: Annotated[
        list[Path] | None,
        Argument(
            metavar="文件…", help="支部的数据库，或者放着它导出的台账的文件夹，可以一次写多个", show_default=False
        ),
    ] = None,
    prefer: Annotated[
        str | None,
        Option(metavar="哪边", help="两边都改过的以哪边为准：branch（支部）或 committee（党委）；不写则指出来，不写入"),
    ] = "",
    dry_run: Annotated[bool, Option("--dry-run", help="只看会有什么变化，不写入")] = False,
    key: Annotated[
        Path | None, Option("--branch-key", metavar="文件", help="支部加密数据库的密钥文件，与党委的不同时用")
    ] = None,
    back: Annotated[
        str | None,
        Option(
            metavar="党支部",
            help="不汇总，把党委改过、添过的做成一个工作簿，交给这个支部导入",
            autocompletion=names("branch"),
        ),
    ] = None,
    all: Annotated[
        bool, Option("--all", help="与 --back 合用：这个支部的全部记录，电脑丢了、恢复了旧备份时用")
    ] = False,
    full: Annotated[bool, Option("--full", help="与 --back 合用：身份证号、电话不打码（会记入日志）")] = False,
    out: Annotated[Path | None, Option("--out", metavar="文件", help="与 --back 合用：写到哪个工作簿")] = None,
    json: AsJson = False,
) -> None:
    """把各支部的数据库或导出的台账汇总到党委的数据库：支部改过的更新原来那条，不会重复；有问题的支部整个不写，其他照写。"""
    from partybuild_cli.sheets.importing.collecting import collect as bring

    if back is not None:
        _give_back(back, out, all, full, json)
        return
    if all or full or out is not None:
        raise UsageFault(
            "--out、--all、--full 要与 --back 合用，如 partybuild collect --back 内科党支部 --out 退回.xlsx。"
        )
    if not files:
        raise UsageFault("请写明支部交来的文件或文件夹，如 partybuild collect 支部交来。")
    if prefer not in ("", "branch", "committee"):
        raise UsageFault(f"--prefer 要写 branch（以支部为准）或 committee（以党委为准），不能写“{prefer}”。")
    said = password_in(key)
    with screen.Working(json) as working:
        done = bring(the_book(), files, cast("Prefer", prefer), dry_run, Key(said) if said else None, working)
    if json:
        screen.document(done.document())
    else:
        _show(done, dry_run)
    if any(part.failed for part in done.parts):
        raise Exit(4)


def _give_back(branch: str, out: Path | None, everything: bool, full: bool, json: bool) -> None:
    from partybuild_cli.sheets.exporting.files import write_back

    target = Path(required("--out", "写到哪个工作簿", str(out) if out else None))
    refuse_taken(target)
    with writing(always=full) as (connection, _):
        counts = write_back(connection, target, branch, full=full, everything=everything)
    if json:
        screen.document({"file": str(target) if counts else None, "records": counts})
    elif counts:
        told = "，".join(f"{caption} {count} 条" for caption, count in counts.items())
        screen.say(f"{target}：{told}。请支部运行 partybuild import {target.name}，再汇总。")
    else:
        screen.say(f"{branch}的记录与支部报来的一样，没有要退回的。要全部记录请加 --all。")


def _show(done: "Collected", dry_run: bool) -> None:
    for part in done.parts:
        _part(part)
    failed = [part.branch or str(part.place) for part in done.parts if part.failed]
    if failed:
        screen.say(f"{len(failed)} 个支部有问题，没有写入：{'、'.join(failed[:10])}。改好或商定后再汇总它们。", "red")
    if dry_run:
        screen.say("以上只是预演，没有写入。去掉 --dry-run 即写入。")
    elif done.change:
        screen.say(f"已写入，变更编号 {done.change}，可用 partybuild undo {done.change} 撤销。")
    elif done.written:
        screen.say("记录都已是最新，没有要写入的。")
    else:
        screen.say("没有写入任何内容。")


def _part(part: "Part") -> None:
    screen.say(f"{part.branch or '（不知道是哪个支部）'}　{part.place}", "bold")
    if part.refused:
        screen.say(f"  {part.refused}", "red")
    words = (("添加", "added"), ("修改", "changed"), ("未变", "unchanged"), ("有问题", "problem"))
    for ledger, counts in part.counts.items():
        told = "，".join(f"{word} {counts[key]}" for word, key in words if counts.get(key))
        if told:
            screen.say(f"  {captions()[ledger]}：{told}")
    for word, found, style in (("问题", part.problems, "red"), ("请核对", part.warnings, "")):
        lines = Counter(
            f"{captions()[ledger]}第 {row} {'号' if part.is_book else '行'}"
            f"{f' {one.column}' if one.column else ''}{f'“{one.value}”' if one.value else ''}：{one.message}"
            for ledger, row, one in found
        )
        for line in list(lines)[:_SHOWN]:
            screen.say(f"  {word}：{line}", style)
        if len(lines) > _SHOWN:
            screen.say(f"  {word}：还有 {len(lines) - _SHOWN} 处，用 --json 看全部")
    for ledger, numbers in part.missing.items():
        screen.say(
            f"  缺少：{captions()[ledger]} {len(numbers)} 条以前报来过，这次没有（编号 {_numbers(numbers)}），党委的照旧保留"
        )
    for ledger, numbers in part.removed.items():
        screen.say(
            f"  支部已删除：{captions()[ledger]}编号 {_numbers(numbers)}，党委的照旧保留；要删除用 partybuild {ledger} remove 编号"
        )


def _numbers(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:10])) + ("等" if len(numbers) > 10 else "")
