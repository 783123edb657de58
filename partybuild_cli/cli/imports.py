"""How an import meets the clerk (导入的屏幕): progress, questions, what was found, every problem with its place."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from partybuild_cli.cli import screen
from partybuild_cli.cli.ask import Stop, choose, confirm, prompt
from partybuild_cli.cli.telling import heading_of
from partybuild_cli.errors import Busy, Unfit, UsageFault
from partybuild_cli.outputs import Shelf, refuse_taken
from partybuild_cli.records.base.registry import all_records, captions

if TYPE_CHECKING:
    from partybuild_cli.records.base.row import Finding, Mode
    from partybuild_cli.sheets.importing import Agree, Ask, Options, Progress, Question, Report, SheetReport

#: Said of a column that is none of the ledger's (`--map 表头=不用`).
UNUSED = "不用"
#: So many problems or changes of one sheet are shown; the rest is counted.
_SHOWN = 200
#: How a problems workbook is named that comes back itself.
_RETURNED = re.compile(r"-问题(（\d+）)?$")
#: The endings of workbooks.
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv")
#: The words of a line, those in quotes whole.
_WORDS = re.compile(r"""\"[^\"]+\"|'[^']+'|\S+""")
#: So many rows are named of which the same is said.
_ROWS_NAMED = 5
#: So many reasons for skipping rows, and so many new records, are named.
_REASONS, _NEW_NAMED = 4, 6


def mode_of(add_only: bool, fill_blank: bool) -> "Mode":
    """The way in which rows meet what is kept."""
    if add_only and fill_blank:
        raise UsageFault("--add-only 和 --fill-blank 只能用一个。")
    return "add_only" if add_only else "fill_blank" if fill_blank else "update"


def maps_of(lines: Sequence[str]) -> dict[str, str]:
    """`表头=字段` options as a mapping."""
    pairs = [line.partition("=") for line in lines]
    wrong = [heading + mark + key for heading, mark, key in pairs if not heading.strip() or not key.strip()]
    if wrong:
        raise UsageFault(f"--map 要写成 表头=字段，如 会议主旨=topic；看不懂“{wrong[0]}”。")
    maps = {heading.strip(): key.strip() for heading, _, key in pairs}
    columns = [column for record in all_records() for column in record.columns.values()]
    fields = {column.key for column in columns}
    spoken = {word for column in columns for word in (column.heading, column.option)}
    for heading, key in maps.items():
        if key.lstrip("-").replace("-", "_") not in fields and key not in spoken and key != UNUSED:
            near = "、".join(get_close_matches(key, fields)) or "各台账的字段名见手册"
            raise UsageFault(f"--map {heading}={key}：没有叫“{key}”的字段，请改正（{near}）。")
    return maps


@contextmanager
def talk(
    quiet: bool, answered: "list[tuple[Question, str | None]] | None" = None
) -> "Iterator[tuple[Ask | None, Agree, Progress | None]]":
    """Questions and progress at a terminal; nobody is asked elsewhere, nor twice, and cron's mail stays short."""
    before = [] if answered is None else answered
    with screen.Working(quiet) as working:

        def answer(question: "Question") -> str | None:
            known = [said for one, said in before if one == question] or [working.paused()(_answer)(question)]
            before.append((question, known[0]))
            return known[0]

        asks = not quiet and screen.on_terminal()
        yield answer if asks else None, working.paused()(_agree), working


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The workbooks that are named, and those in the folders that are (收回的评议表). Unfit where a folder has none."""
    found = []
    for path in paths:
        inside = [
            file
            for file in (sorted({*path.glob("*"), *path.glob("*/*")}) if path.is_dir() else ())
            if file.suffix.lower() in WORKBOOKS and not file.name.startswith(("~$", "."))
        ]
        if path.is_dir() and not inside:
            raise Unfit(f"文件夹 {path} 里没有工作簿，请核对是不是这个文件夹。")
        found += inside or [path]
    return found


def ask_files() -> list[Path]:
    """The files to be imported, where none were written: asked for on a terminal, into which they may be dragged."""
    if not screen.on_terminal():
        raise UsageFault("请写明要导入的文件，如 partybuild import 党员花名册.xlsx。")
    while True:
        said = prompt("要导入的文件（可以拖进来，几个之间空一格）")
        whole = Path(said.strip("\"'"))
        files = [whole] if whole.exists() else [Path(word.strip("\"'")) for word in _WORDS.findall(said)]
        missing = [str(file) for file in files if not file.exists()]
        if files and not missing:
            return files
        screen.note(f"没有文件 {'、'.join(missing)}，请核对路径。" if missing else "这一项必须填写。")


def looked_at(found: "Report", options: "Options", words: bool, quiet: bool) -> "Options":
    """The way in which it is to be written what was read, once the clerk has seen it. Stop where it is not to be.

    What Word documents say (`words`) is shown field by field, and asked about without a terminal too: UsageFault there.
    """
    if not quiet:
        show(found, None, None, "")
    rows = [sheet.counts for file in found.files for sheet in file.sheets if sheet.record is not None]
    if not any(one["added"] or one["changed"] for one in rows):
        return options
    if found.problem_count:
        if not screen.on_terminal():
            return options
        kept = "都不写，改好再来"
        if choose(f"有 {found.problem_count} 个问题", [kept, "先写没有问题的行"]) == kept:
            return options
        return replace(options, skip_bad=True)
    for file in found.files if words and not quiet else ():
        for sheet in file.sheets:
            _field_by_field(sheet)
    if not confirm("写入吗？", yes=False):
        raise Stop(leaving=False)
    return replace(options, yes=True)


def _field_by_field(sheet: "SheetReport") -> None:
    for draft in sheet.drafts if sheet.record is not None else ():
        if sheet.record is not None and draft.outcome in ("added", "changed"):
            columns = [one for one in sheet.record.columns.values() if draft.values.get(one.key) is not None]
            said = ((one.heading, draft.values[one.key], one.kind.text) for one in columns)
            pairs = [(heading, value if isinstance(value, str) else text(value)) for heading, value, text in said]
            deed = "添加" if draft.outcome == "added" else f"修改编号 {draft.number}"
            screen.fields([*pairs, *draft.extras.items()], f"{sheet.record.caption}：{deed}")


def _answer(question: "Question") -> str | None:
    screen.note(question.sentence)
    for place, (_, shown) in enumerate(question.choices, start=1):
        screen.note(f"  {place}. {shown}")
    while said := prompt("写序号，都不是就直接回车"):
        if said.isdecimal() and 0 < int(said) <= len(question.choices):
            return question.choices[int(said) - 1][0]
        screen.note("没有这个序号，请再写一次。")
    return None


def _usable(asked: Path, what: str, flag: str, spare: Sequence[Path]) -> Path:
    """A place that was asked for. Unfit or Busy where it cannot be used."""
    if not asked.absolute().parent.is_dir():
        raise Busy(f"没有文件夹 {asked.parent}，放不下{what}。请先建好文件夹，或用 {flag} 换一个位置。")
    refuse_taken(asked, spare=spare)
    return asked


def place_of(
    files: Sequence[Path], asked: Path | None, dry_run: bool, tell: Callable[[str], object] = lambda _: None
) -> Path | None:
    """Where bad rows would go, known before anything is written: the place that was asked for, else `<first file>-问题.xlsx`
    in the current folder; nowhere in a dry run, unless a place was asked for.

    `tell` is told of a file that stands where they would have gone.
    """
    if asked is not None:
        return _usable(asked, "问题工作簿", "--problems", files)
    name = f"{_RETURNED.sub('', files[0].stem)}-问题.xlsx"
    return None if dry_run else Shelf(Path(), tell, spare=files).place(name)


def make_sample(source: Path, asked: Path | None, password: str | None, json: bool) -> None:
    """A workbook with the layout of another, everybody and everything in it replaced."""
    from partybuild_cli.sheets.amending.sample import write_sample

    if asked is not None:
        place = _usable(asked, "样本", "--out", [source])
    else:
        place = Shelf(Path(), screen.note, spare=[source]).place("样本.xlsx")  # its own name may say whose it is
    count = write_sample(source, place, password, datetime.combine(date.today(), time()))
    if json:
        screen.document({"file": str(place), "sheets": count})
        return
    screen.say(f"样本已写到 {place}（{count} 张表）：版式和表头照旧，人名、号码和文字都已换掉。发出前请打开看一遍。")


def put_problems(report: "Report", files: Sequence[Path], asked: Path | None, dry_run: bool) -> Path | None:
    """Write the problems workbook, where there are problems. A disk that refuses it then takes nothing back."""
    place = place_of(files, asked, dry_run, screen.note) if report.problem_count else None
    if place is None:
        return None
    from partybuild_cli.sheets.amending.problems import write_problems

    try:
        write_problems(place, report, datetime.combine(date.today(), time()))
    except (Busy, Unfit) as fault:
        screen.note(f"问题工作簿没有写成：{fault.sentence}")
        return None
    return place


def show(report: "Report", dry_run: bool | None, problems: Path | None, undo: str, brief: bool = False) -> None:
    """What was found on every sheet, then every problem, then the outcome in one line, and where the bad rows are.

    `undo` is the command line that takes the import back, without its number; `dry_run` is None before it is decided,
    and `brief` where the sheets have been shown before.
    """
    for file in report.files if not brief else ():
        screen.say(file.path.name, "bold")
        for sentence in file.notes:
            screen.say(f"  {sentence}")
        for sheet in file.sheets:
            _sheet(sheet, dry_run is not False)
    if dry_run is not None:
        screen.say(_ending(report, dry_run, undo))
    if problems:
        screen.say(_where_bad_rows_are(report, problems))


def _where_bad_rows_are(report: "Report", problems: Path) -> str:
    from partybuild_cli.sheets.amending.problems import MOST_ROWS, holds_all

    if not holds_all(report):
        return (
            f"行数很多：{problems} 里是有问题的行（最多 {MOST_ROWS} 行），供查看；"
            "请在原来的文件里改好，再导入原来的文件。"
        )
    every = f"没有写入的行全部放进了 {problems}（没有问题的也在内）"
    which = f"有问题的行已放进 {problems}" if report.written else every
    return f"{which}：照“问题”一栏改好、保存，再导入这个文件即可。"


def _sheet(sheet: "SheetReport", dry_run: bool) -> None:
    name = "" if sheet.sheet == "*" else f"“{sheet.sheet}”"
    if sheet.record is None:
        screen.say(f"  {name}不是台账，没有导入：{sheet.reason}")
        return
    counts = sheet.counts
    words = (("添加", "added"), ("修改", "changed"), ("未变", "unchanged"), ("有问题", "problem"))
    told = "，".join(f"{word} {counts[key]}" for word, key in words if counts[key])
    rest = f"，跳过 {len(sheet.skipped)} 行（{_why_skipped(sheet)}）" if sheet.skipped else ""
    screen.say(f"  {name}{sheet.record.caption}：读到 {counts['read']} 条，{told or '没有记录'}{rest}")
    for sentence in (*sheet.notes, *_read_as(sheet)):
        if sentence:
            screen.say(f"    {sentence}")
    if sheet.extras:
        screen.say(f"    不认识的列原样保留：{'、'.join(sheet.extras)}")
    if dry_run:
        changes = [(draft.row, one) for draft in sheet.drafts for one in draft.changes]
        record = sheet.record
        _some(
            [
                f"第 {row} 行 {heading_of(record, one.field)}：{one.before or '（空）'} → {one.after or '（空）'}"
                for row, one in changes
            ],
            "变化",
        )
    _some(_folded(sheet.all_problems()), "问题")
    _some(_folded((draft.row, one) for draft in sheet.drafts for one in draft.warnings), "请核对")


def _why_skipped(sheet: "SheetReport") -> str:
    """The reasons, the commonest first."""
    reasons = Counter(reason for _, reason in sheet.skipped).most_common(_REASONS)
    return "、".join(f"{reason} {count}" for reason, count in reasons)


def _read_as(sheet: "SheetReport") -> "Iterator[str]":
    """What a clerk can check at a glance: what the title said, which column became what, who or what is new."""
    from partybuild_cli.sheets.importing.desk import record_name

    record = sheet.record
    assert record is not None
    columns = record.columns
    if sheet.context:
        told = {key: value for key, value in sheet.context.items() if key in columns and not columns[key].private}
        told = {key: value for key, value in told.items() if key not in sheet.assumed}
        said = "，".join(f"{columns[key].heading} {value}" for key, value in told.items())
        yield f"标题或表名写明：{said}" if said else ""
    renamed = [
        f"{heading}→{columns[key].heading}"
        for heading, key in sheet.columns.items()
        if key in columns and heading not in sheet.near and heading != columns[key].heading
    ]
    if renamed:
        yield f"栏目：{'，'.join(renamed)}"
    new = dict.fromkeys(
        record_name(record, draft) for draft in sheet.drafts if draft.outcome == "added" and not draft.problems
    )
    if new:
        more = f"等 {len(new)} 项" if len(new) > _NEW_NAMED else ""
        yield f"新增：{'、'.join(list(new)[:_NEW_NAMED])}{more}"


def _folded(found: "Iterable[tuple[int, Finding]]") -> list[str]:
    """A line for each thing that is said of a column, with the rows of which it is said and their value if it is one."""
    rows: dict[tuple[str, str], list[int]] = {}
    values: dict[tuple[str, str], set[str]] = {}
    for row, one in found:
        rows.setdefault((one.column, one.message), []).append(row)
        values.setdefault((one.column, one.message), set()).add(one.value)
    return [_told(_places(rows[said]), *said, values[said]) for said in rows]


def _told(where: str, column: str, message: str, values: set[str]) -> str:
    [value] = values if len(values) == 1 else [""]
    value = "" if message.startswith(f"“{value}”") else value  # once is enough
    return f"{where}{f' {column}' if column else ''}{f' “{value}”' if value else ''}：{message}"


def _places(rows: Sequence[int]) -> str:
    apart = list(dict.fromkeys(rows))
    if not apart[0]:
        return "整张表"
    rest = f"等 {len(apart)} 行" if len(apart) > _ROWS_NAMED else ""
    return f"第 {'、'.join(str(row) for row in apart[:_ROWS_NAMED])} 行{rest}"


def _some(lines: list[str], title: str) -> None:
    for line in lines[:_SHOWN]:
        screen.say(f"    {title}：{line}", "red" if title == "问题" else "")
    if len(lines) > _SHOWN:
        screen.say(f"    {title}：还有 {len(lines) - _SHOWN} 处，用 --json 看全部")


def _ending(report: "Report", dry_run: bool, undo: str) -> str:
    if report.written:
        kept = f"，变更编号 {report.change}，可用 {undo} {report.change} 撤销" if report.change else "，记录都已是最新"
        left = f"；{report.problem_count} 个问题所在的行没有写入" if report.problem_count else ""
        return f"已写入{kept}{left}。"
    if report.problem_count:
        return f"共 {report.problem_count} 个问题，一行也没有写入。改好后再导入，或加 --skip-bad 先写入没有问题的行。"
    return "以上只是预演，没有写入。去掉 --dry-run 即写入。" if dry_run else "没有写入。"


def _agree(large: dict[str, tuple[int, int]]) -> bool:
    """Ask before a large change."""
    parts = [f"{captions()[ledger]}已有 {kept} 条中的 {count} 条" for ledger, (count, kept) in large.items()]
    return confirm(f"这次导入会改动{'、'.join(parts)}，比例很大，可能选错了文件。", yes=False)
