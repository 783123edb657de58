"""What leaves the book and comes from others: ledgers (导出台账), blank ones (空白模板), cron's folder (定期导出), the zip for an
inspection (迎检资料包), and branch books into the committee's (汇总支部的台账).
"""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, cast

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import password_in, required
from partybuild_cli.cli.lazy import Commands, Place, Several, Text, argument, flag, later, option
from partybuild_cli.cli.options import BRANCHES, AsJson, InPeriod, OfBranch, ToFolder, begun, ledger_words
from partybuild_cli.cli.session import book_path, number_of, pasteable, reading, roster_of, the_book, writing
from partybuild_cli.errors import UsageFault
from partybuild_cli.index.quarter import parse_quarter
from partybuild_cli.outputs import Shelf, file_name, refuse_taken
from partybuild_cli.records.base.registry import captions, ledgers, record
from partybuild_cli.reports import runs
from partybuild_cli.store.driver import Key
from partybuild_cli.values.period import Period

with later():
    from partybuild_cli.records.base import query, row
    from partybuild_cli.reports import quarterly as quarterlies
    from partybuild_cli.sheets import exporting
    from partybuild_cli.sheets.amending import form
    from partybuild_cli.sheets.importing import collecting
    from partybuild_cli.store import engine

export_app, template_app, quarterly_app, bundle_app, collect_app = (Commands() for _ in range(5))
#: So many problems of one branch are shown; `--json` has them all.
_SHOWN = 20


@export_app.command(example="partybuild export member meeting --period 2026Q3 --out 迎检台账")
def export(
    ledger: Annotated[
        Several, argument("[台账]…", "要导出的台账，如 member meeting；不写则全部", autocompletion=ledger_words)
    ] = None,
    period: Annotated[Period | None, option("期间", "只导出这一期的，如 2026Q3、2026、last", parser=begun)] = None,
    branch: OfBranch = None,
    as_of: Annotated[Text, option("日期", "导出那一天结束时的记录，如 2026-09-05")] = None,
    into: Annotated[Place, option("文件", "填进上级发来的这张表（另存一份，原表不动），一次一种台账")] = None,
    out: ToFolder = Path(),
    one_file: Annotated[bool, flag("--one-file", "全部放进一个工作簿，一个台账一张表")] = False,
    full: Annotated[bool, flag("--full", "身份证号、电话不打码（会记入日志）")] = False,
    private: Annotated[bool, flag("--private", "包括不公开的内容，如谈话内容（会记入日志）")] = False,
    password_file: Annotated[Place, option("文件", "给工作簿加密码，密码写在这个文件的第一行")] = None,
    json: Annotated[bool, flag("--json", "以 JSON 输出文件清单")] = False,
) -> None:
    """导出迎检用的 Excel 台账；默认打码，改好再 import 可更新原记录。"""
    if into and len(ledger or ()) != 1:
        raise UsageFault("--into 一次填一种台账，请写明是哪一种，如 partybuild export member --into 上报表.xlsx。")
    if into and (one_file or password_file):
        raise UsageFault("--into 照原表填写，不能同时用 --one-file 或 --password-file。")
    with writing(always=full or private) as (connection, _):
        records, day = [record(name) for name in ledger or ledgers() if ledger or name != "rating"], date.today()
        if as_of:
            past = query.go_back(connection, as_of, records)
            for each in records:
                past.must_tell(each.ledger)
            day = past.day
        day = min(period.last, day) if period else day
        unit, password = exporting.unit_of(connection, branch, day), password_in(password_file)
        setting = exporting.Setting(unit, day, period=period, full=full, private=private)
        request = exporting.Request(records, setting, branch, one_file, password, leave_empty=not ledger)

        def tell(caption: str, count: int) -> None:
            if not json:
                screen.note(f"{caption}：{count} 条")

        shelf = Shelf(out, screen.note, spare=[into] if into else [])
        if into:
            done = form.fill_form(connection, into, shelf, request)
            paths = [done.path]
            tell(records[0].caption, done.rows)
            screen.note(*done.notes)
        else:
            paths = exporting.export_ledgers(connection, shelf, request, tell)
    files = list(map(str, paths))
    screen.answer(json, {"files": files, "full": full, "private": private}, *files)
    if full and not json:
        screen.note("文件含完整的身份证号和电话，请妥善保管；本次导出已记入日志。")


@template_app.command(example="partybuild template member meeting --out 模板")
def template(
    ledger: Annotated[
        Several, argument("台账…", "要哪些台账的模板，如 member meeting；不写则全部", autocompletion=ledger_words)
    ] = None,
    out: ToFolder = Path(),
    unit: Annotated[str, option("名称", "写在标题里的单位名称")] = "",
) -> None:
    """生成空白台账：表头与导出一致，带下拉选项、一行示例和填写说明；填好后用 import 导入。"""
    shelf = Shelf(out, screen.note)
    for kind in map(record, ledger or ledgers()):
        path = shelf.place(f"{kind.caption}模板.xlsx")
        exporting.write_blank(kind, path, unit)
        screen.say(str(path))


@quarterly_app.command(example="partybuild quarterly 2026Q3 --out 季度归档")
def quarterly(
    period: Annotated[str, argument("[期间]", "季度，如 2026Q3；定时任务用 last（上一季度）")] = "this",
    out: Annotated[Place, option("文件夹", "[必填] 放到哪个文件夹；其中按季度各建一个子文件夹")] = None,
    notify_file: Annotated[Place, option("文件", "没有成功时，把原因和从何时起写进这个文件；成功后它自动消失")] = None,
    branch: OfBranch = None,
    json: Annotated[bool, flag("--json", "以 JSON 输出清单")] = False,
) -> None:
    """导出一个季度的全部台账、指数和公示表；可反复运行，记录不变则文件一字节不变。用 last 时，以前漏下的季度一起补上。"""
    folder, path = Path(required("--out", "放到哪个文件夹", out)), book_path()
    with runs.recorded(path, period, notify_file, pasteable) as known:
        wanted = parse_quarter(period)
        book = the_book()
        whose = _whose(book, branch)
        late = runs.missed(path, folder, wanted) if period == "last" and whose is None else []
        for quarter in (wanted, *late):
            done = quarterlies.run_quarter(book, quarter, folder, None if json else screen.note, whose)
            if whose is None:  # one branch's folder does not stand for the quarter
                runs.succeeded(known, quarter.label, done.folder)
            beside = done.beside.items()
            screen.note(*(f"{name} 改过，或者是自己放的，原样留着；这次的写成 {new}。" for name, new in beside))
            if done.others:
                screen.note(f"文件夹里自己放的没有动：{'、'.join(done.others)}。")
            if quarter is wanted:
                asked = done
            else:
                screen.note(f"{quarter.label} 还没有归档，一起补上了。")
    kept, made_up = [*asked.beside, *asked.others], [other.label for other in late]
    document = {"folder": str(asked.folder), "changed": asked.changed, "kept": kept, "made_up": made_up}
    said = f"{asked.folder}：{len(asked.manifest['files'])} 个文件{'' if asked.changed else '，与上次完全相同'}"
    screen.answer(json, {**document, **asked.manifest}, said)


def _whose(book: "engine.Book", branch: str | None) -> str | None:
    """The full name of the branch that was asked for. NotFound where there is none."""
    if branch is None:
        return None
    with book.reading() as connection:
        return roster_of(connection).branch_names[number_of(connection, "branch", branch)]


@bundle_app.command(example="partybuild bundle 2026Q3")
def bundle(
    period: InPeriod,
    branch: OfBranch = None,
    out: Annotated[Place, option("文件", "写到哪个 zip 文件；不写则放在当前文件夹")] = None,
) -> None:
    """迎检资料包：一期的全部台账、公示表、自查表和数据报告，附一张可以点开的目录。"""
    whose = _whose(the_book(), branch)
    name = f"迎检资料{period.label}{f'-{file_name(whose)}' if whose else ''}.zip"
    target = screen.place(out, name)
    with reading() as connection:
        count = quarterlies.write_bundle(connection, period, target, screen.note, whose)
    screen.say(f"{target}：{count} 个文件，先打开其中的 00目录.xlsx。")


@collect_app.command(example="partybuild collect 支部交来/内科.db")
def collect(
    files: Annotated[
        list[Path] | None, argument("文件…", "支部的数据库，或者放着它导出的台账的文件夹，可以一次写多个")
    ] = None,
    prefer: Annotated[
        Text, option("哪边", "两边都改过的以哪边为准：branch（支部）或 committee（党委）；不写则指出来，不写入")
    ] = "",
    dry_run: Annotated[bool, flag("--dry-run", "只看会有什么变化，不写入")] = False,
    key: Annotated[Place, option("文件", "支部加密数据库的密钥文件，与党委的不同时用", "--branch-key")] = None,
    back: Annotated[
        Text, option("党支部", "不汇总，把党委改过、添过的做成一个工作簿，交给这个支部导入", autocompletion=BRANCHES)
    ] = None,
    all: Annotated[bool, flag("--all", "与 --back 合用：这个支部的全部记录，电脑丢了、恢复了旧备份时用")] = False,
    full: Annotated[bool, flag("--full", "与 --back 合用：身份证号、电话不打码（会记入日志）")] = False,
    out: Annotated[Place, option("文件", "与 --back 合用：写到哪个工作簿")] = None,
    json: AsJson = False,
) -> int:
    """把各支部的数据库或导出的台账汇总到党委的数据库：支部改过的更新原来那条，不会重复；有问题的支部整个不写，其他照写。"""
    if back is not None:
        target = Path(required("--out", "写到哪个工作簿", out))
        refuse_taken(target)
        with writing(always=full) as (connection, _):
            counts = exporting.write_back(connection, target, back, full=full, everything=all)
        text = "，".join(f"{caption} {count} 条" for caption, count in counts.items())
        given = f"{target}：{text}。请支部用 import 把它导入自己的数据库，再汇总。"
        same = f"{back}的记录与支部报来的一样，没有要退回的。要全部记录请加 --all。"
        screen.answer(json, {"file": str(target) if counts else None, "records": counts}, given if counts else same)
        return 0
    if all or full or out is not None:
        example = "partybuild collect --back 内科党支部 --out 退回.xlsx"
        raise UsageFault(f"--out、--all、--full 要与 --back 合用，如 {example}。")
    if not files:
        raise UsageFault("请写明支部交来的文件或文件夹，如 partybuild collect 支部交来。")
    if prefer not in ("", "branch", "committee"):
        raise UsageFault(f"--prefer 要写 branch（以支部为准）或 committee（以党委为准），不能写“{prefer}”。")
    said = password_in(key)
    with screen.Working(json) as working:
        done = collecting.collect(
            the_book(), files, cast("row.Prefer", prefer), dry_run, Key(said) if said else None, working
        )
    failed = [part.branch or str(part.place) for part in done.parts if part.failed]
    code = 4 if failed else 0
    if json:
        screen.document(done.document())
        return code
    for part in done.parts:
        _tell_part(part)
    if failed:
        which = f"{len(failed)} 个支部有问题，没有写入：{'、'.join(failed[:10])}。"
        screen.say(f"{which}改好或商定后再汇总它们。", style="red")
    if dry_run:
        screen.say("以上只是预演，没有写入。去掉 --dry-run 即写入。")
    elif done.change:
        screen.say(f"已写入，变更编号 {done.change}，可用 partybuild undo {done.change} 撤销。")
    else:
        screen.say("记录都已是最新，没有要写入的。" if done.written else "没有写入任何内容。")
    return code


def _tell_part(part: "collecting.Part") -> None:
    screen.say(f"{part.branch or '（不知道是哪个支部）'}　{part.place}", style="bold")
    if part.refused:
        screen.say(f"  {part.refused}", style="red")
    for ledger, counts in part.counts.items():
        if text := screen.counted(counts):
            screen.say(f"  {captions()[ledger]}：{text}")
    for word, found, style in (("问题", part.problems, "red"), ("请核对", part.warnings, "")):
        lines = Counter(
            f"{captions()[ledger]}第 {row} {'号' if part.is_book else '行'}"
            f"{f' {finding.column}' if finding.column else ''}{f'“{finding.value}”' if finding.value else ''}：{finding.message}"
            for ledger, row, finding in found
        )
        screen.some(word, list(lines), _SHOWN, indent=2, style=style)
    missing = "  缺少：{caption} {count} 条以前报来过，这次没有（编号 {which}），党委的照旧保留"
    removed = "  支部已删除：{caption}编号 {which}，党委的照旧保留；要删除用 partybuild {ledger} remove 编号"
    for says, by_ledger in ((missing, part.missing), (removed, part.removed)):
        for ledger, numbers in by_ledger.items():
            which = f"{'、'.join(map(str, numbers[:10]))}{'等' if len(numbers) > 10 else ''}"
            screen.say(says.format(caption=captions()[ledger], count=len(numbers), which=which, ledger=ledger))
