"""`import`: ledgers as clerks keep them (导入台账): progress, questions, what was found, every problem with its place."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from partybuild_cli import effects
from partybuild_cli.cli import ask, screen
from partybuild_cli.cli.app import WORKBOOKS
from partybuild_cli.cli.ask import password_in, prompt
from partybuild_cli.cli.lazy import Commands, Place, Several, Text, argument, flag, later, option
from partybuild_cli.cli.options import AsJson, ledger_words
from partybuild_cli.cli.session import the_book
from partybuild_cli.errors import Busy, Unfit, UsageFault
from partybuild_cli.outputs import Shelf, refuse_taken
from partybuild_cli.records.base.registry import all_records, captions

with later():
    from partybuild_cli.index import touched
    from partybuild_cli.records.base import declare, row
    from partybuild_cli.sheets import importing, reading
    from partybuild_cli.sheets.amending import problems as bad_rows
    from partybuild_cli.sheets.amending import sample as samples
    from partybuild_cli.sheets.importing import jobs

app = Commands()
#: Said of a column that is none of the ledger's (`--map 表头=不用`).
_UNUSED = "不用"
#: So many problems or changes of one sheet are shown; the rest is counted.
_SHOWN = 200
#: How a problems workbook is named that comes back itself.
_RETURNED = re.compile(r"-问题(（\d+）)?$")
#: The words of a line, those in quotes whole.
_WORDS = re.compile(r"""\"[^\"]+\"|'[^']+'|\S+""")
#: So many rows are named of which the same is said; so many reasons for skipping rows; so many new records.
_ROWS_NAMED, _REASONS, _NEW_NAMED = 5, 4, 6


@app.command("import", example="partybuild import 花名册.xlsx")
def import_(
    files: Annotated[
        list[Path] | None,
        argument("文件…", "Excel、WPS、CSV 台账，或 Word 会议记录，可以一次写多个，也可以写整个文件夹"),
    ] = None,
    ledger: Annotated[Text, option("台账", "认不出时指明是哪种台账，如 meeting", autocompletion=ledger_words)] = None,
    dry_run: Annotated[bool, flag("--dry-run", "只看会有什么变化，不写入")] = False,
    skip_bad: Annotated[bool, flag("--skip-bad", "有问题的行留下，其余写入")] = False,
    map: Annotated[Several, option("表头=字段", "指明一列是什么，如 会议主旨=topic；可重复，下次自动记得")] = None,
    problems: Annotated[Place, option("文件", "把有问题的行写到这个工作簿，改好后可直接导入")] = None,
    add_only: Annotated[bool, flag("--add-only", "只添加新记录，不改已有的")] = False,
    fill_blank: Annotated[bool, flag("--fill-blank", "只补空白，不覆盖已有的值")] = False,
    erase_blank: Annotated[bool, flag("--erase-blank", "表中空白的单元格清掉已有的值")] = False,
    yes: Annotated[bool, flag("--yes", "改动很大时、读 Word 文档时不再询问")] = False,
    first: Annotated[bool, flag("--ask", "先给看读到了什么，问过再写入；没有终端时直接导入")] = False,
    rows: Annotated[bool, flag("--rows", "JSON 中列出读到的每一行")] = False,
    password_file: Annotated[Place, option("文件", "加密工作簿的密码，写在这个文件的第一行")] = None,
    sample: Annotated[
        Place, option("文件", "不导入，只做一份样本：版式照旧，人名、号码、文字全部换掉，可发给维护程序的人")
    ] = None,
    out: Annotated[Place, option("文件", "样本写到哪里，与 --sample 合用")] = None,
    json: AsJson = False,
) -> int:
    """导入已有的台账：自动认出台账、表头和每一列；有任何问题就一行也不写，并指出每个问题在哪里。"""
    if (sample and files) or (out and not sample):
        raise UsageFault("--sample 只做样本，不导入；--out 是样本的位置。请只写 --sample 文件 --out 文件。")
    password = password_in(password_file)
    if sample:
        shelf = Shelf(Path(), screen.note, spare=[sample])  # the name of the source may say whose it is
        path = _usable(out, "样本", "--out", [sample]) if out else shelf.place("样本.xlsx")
        count = samples.write_sample(sample, path, password, _today())
        done = "版式和表头照旧，人名、号码和文字都已换掉。发出前请打开看一遍。"
        screen.answer(json, {"file": str(path), "sheets": count}, f"样本已写到 {path}（{count} 张表）：{done}")
        return 0
    if add_only and fill_blank:
        raise UsageFault("--add-only 和 --fill-blank 只能用一个。")
    chosen, maps = _files_in(files or _ask_files()), _maps_of(map or [])
    options = importing.Options(
        ledger, maps, dry_run, skip_bad, "add_only" if add_only else "fill_blank" if fill_blank else "update", erase_blank,
        rows, yes, password=password,
    )  # fmt: skip
    report = _bring(chosen, options, problems, first, json, not files)
    declined = report.needs_yes and not dry_run
    return 4 if not report.written and (report.problem_count or declined) else 0


def _today() -> datetime:
    """The moment that a workbook says it was made at."""
    return datetime.combine(date.today(), time())


def _bring(
    files: list[Path], options: "importing.Options", path: Path | None, first: bool, json: bool, asked: bool
) -> "importing.Report":
    """Read, and write; shown and asked about in between, where the clerk wants to see (`first`) or Word documents are read."""
    place_of(files, path, options.dry_run)  # a place that cannot be used is told before anything is read
    talk = _Talk(json)
    words = not options.yes and any(map(reading.is_word, files))
    looked = not options.dry_run and (words or (first and not json and screen.on_terminal()))
    if looked:
        options = _looked_at(talk.bring(files, replace(options, dry_run=True)), options, words, json)
    line = ["import", *map(str, files), *(["--skip-bad"] if options.skip_bad else [])]
    if looked:
        effects.so_far().command = line  # the answers are part of it: the log shall have it whole
    report = talk.bring(files, options)
    written = place_of(files, path, options.dry_run, screen.note) if report.problem_count else None
    if written is not None:
        try:
            bad_rows.write_problems(written, report, _today())
        except (Busy, Unfit) as fault:  # a disk that refuses it then takes nothing back
            screen.note(f"问题工作簿没有写成：{fault.sentence}")
            written = None
    if json:
        screen.document({**report.document(), "problems_file": str(written) if written else None})
        return report
    if not looked:
        _show(report, options.dry_run)
    screen.say(_ending(report, options.dry_run))
    if written and not bad_rows.holds_all(report):
        some = f"行数很多：{written} 里是有问题的行（最多 {bad_rows.MOST_ROWS} 行），供查看"
        screen.say(f"{some}；请在原来的文件里改好，再导入原来的文件。")
    elif written:
        every = f"没有写入的行全部放进了 {written}（没有问题的也在内）"
        which = f"有问题的行已放进 {written}" if report.written else every
        screen.say(f"{which}：照“问题”一栏改好、保存，再导入这个文件即可。")
    if asked:
        ask.teach(line)
    return report


def _maps_of(lines: Sequence[str]) -> dict[str, str]:
    pairs = [(heading.strip(), key.strip()) for heading, _, key in (line.partition("=") for line in lines)]
    for line, pair in zip(lines, pairs, strict=True):
        if not all(pair):
            raise UsageFault(f"--map 要写成 表头=字段，如 会议主旨=topic；看不懂“{line}”。")
    columns = [column for record in all_records() for column in record.columns.values()]
    fields = {column.key for column in columns}
    spoken = {word for column in columns for word in (column.heading, column.option)} | {_UNUSED}
    for heading, key in pairs:
        if key.lstrip("-").replace("-", "_") not in fields and key not in spoken:
            near = "、".join(get_close_matches(key, fields)) or "各台账的字段名见手册"
            raise UsageFault(f"--map {heading}={key}：没有叫“{key}”的字段，请改正（{near}）。")
    return dict(pairs)


class _Talk(screen.Working):
    """Questions and progress at a terminal; nobody is asked elsewhere, nor twice, and cron's mail stays short."""

    def __init__(self, quiet: bool) -> None:
        super().__init__(quiet)
        self._asks, self._answers = not quiet and screen.on_terminal(), list[tuple[importing.Question, str | None]]()

    def bring(self, files: list[Path], options: "importing.Options") -> "importing.Report":
        ask_of = self._answer if self._asks else None
        with self:
            return importing.import_files(
                the_book(), files, options, ask=ask_of, agree=self._agree, progress=self, remark=touched.remark_of_past
            )

    def _answer(self, question: "importing.Question") -> str | None:
        for asked, answer in self._answers:
            if asked == question:
                return answer
        with self.paused():
            answer = self._chosen(question)
        self._answers.append((question, answer))
        return answer

    def _chosen(self, question: "importing.Question") -> str | None:
        choices = (f"  {at}. {shown}" for at, (_, shown) in enumerate(question.choices, start=1))
        screen.note(question.sentence, *choices)
        while said := prompt("写序号，都不是就直接回车"):
            if said.isdecimal() and 0 < int(said) <= len(question.choices):
                return question.choices[int(said) - 1][0]
            screen.note("没有这个序号，请再写一次。")
        return None

    def _agree(self, large: dict[str, tuple[int, int]]) -> bool:
        parts = [f"{captions()[ledger]}已有 {kept} 条中的 {count} 条" for ledger, (count, kept) in large.items()]
        with self.paused():
            return ask.confirm(f"这次导入会改动{'、'.join(parts)}，比例很大，可能选错了文件。", yes=False)


def _files_in(paths: Sequence[Path]) -> list[Path]:
    """The workbooks that are named, and those in the folders that are (收回的评议表). Unfit where a folder has none."""
    found: list[Path] = []
    for path in paths:
        within = sorted({*path.glob("*"), *path.glob("*/*")}) if path.is_dir() else ()
        inside = [
            other for other in within if other.suffix.lower() in WORKBOOKS and not other.name.startswith(("~$", "."))
        ]
        if path.is_dir() and not inside:
            raise Unfit(f"文件夹 {path} 里没有工作簿，请核对是不是这个文件夹。")
        found += inside or [path]
    return found


def _ask_files() -> list[Path]:
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


def _looked_at(
    found: "importing.Report", options: "importing.Options", words: bool, quiet: bool
) -> "importing.Options":
    """The way in which it is to be written what was read, once the clerk has seen it. Stop where it is not to be.

    What Word documents say (`words`) is shown field by field, and asked about without a terminal too: UsageFault there.
    """
    if not quiet:
        _show(found, dry_run=True)
    if not any(sheet.counts["added"] or sheet.counts["changed"] for sheet in found.sheets if sheet.record is not None):
        return options
    if found.problem_count:
        if not screen.on_terminal():
            return options
        kept = "都不写，改好再来"
        said = ask.choose(f"有 {found.problem_count} 个问题", [kept, "先写没有问题的行"])
        return options if said == kept else replace(options, skip_bad=True)
    seen = [sheet for sheet in found.sheets if words and not quiet]
    for record, draft in ((sheet.record, draft) for sheet in seen if sheet.record for draft in sheet.drafts):
        if draft.outcome in ("added", "changed"):
            known = ((each, draft.values.get(key)) for key, each in record.columns.items())
            columns = [(each.heading, value, each.kind.text) for each, value in known if value is not None]
            pairs = [(heading, value if isinstance(value, str) else text(value)) for heading, value, text in columns]
            deed = "添加" if draft.outcome == "added" else f"修改编号 {draft.number}"
            screen.fields([*pairs, *draft.extras.items()], f"{record.caption}：{deed}")
    if not ask.confirm("写入吗？", yes=False):
        raise ask.Stop(leaving=False)
    return replace(options, yes=True)


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


def _show(report: "importing.Report", dry_run: bool) -> None:
    for file in report.files:
        screen.say(file.path.name, style="bold")
        screen.say(*(f"  {sentence}" for sentence in file.notes))
        for sheet in file.sheets:
            name = "" if sheet.sheet == "*" else f"“{sheet.sheet}”"
            if sheet.record is None:
                screen.say(f"  {name}不是台账，没有导入：{sheet.reason}")
            else:
                _sheet(name, sheet, sheet.record, dry_run)


def _sheet(name: str, sheet: "importing.SheetReport", record: "type[declare.Record]", dry_run: bool) -> None:
    """What a clerk can check at a glance: what the title said, which column became what, who or what is new; then every problem."""
    columns = record.columns
    reasons = Counter(reason for _, reason in sheet.skipped).most_common(_REASONS)
    why = "、".join(f"{reason} {count}" for reason, count in reasons)
    rest = f"，跳过 {len(sheet.skipped)} 行（{why}）" if sheet.skipped else ""
    outcomes = screen.counted(sheet.counts) or "没有记录"
    screen.say(f"  {name}{record.caption}：读到 {sheet.counts['read']} 条，{outcomes}{rest}")
    known = {key: columns[key] for key in sheet.context or () if key in columns and key not in sheet.assumed}
    title = [f"{column.heading} {sheet.context[key]}" for key, column in known.items() if not column.private]
    renamed = [
        f"{heading}→{columns[key].heading}"
        for heading, key in sheet.columns.items()
        if key in columns and heading not in sheet.near and heading != columns[key].heading
    ]
    added = (draft for draft in sheet.drafts if draft.outcome == "added" and not draft.problems)
    new = list(dict.fromkeys(jobs.record_name(record, draft) for draft in added))
    more = f"等 {len(new)} 项" if len(new) > _NEW_NAMED else ""
    glance = {
        "标题或表名写明": "，".join(title),
        "栏目": "，".join(renamed),
        "新增": "、".join(new[:_NEW_NAMED]) + more,
        "不认识的列原样保留": "、".join(sheet.extras),
    }
    screen.say(*(f"    {sentence}" for sentence in sheet.notes if sentence))
    screen.say(*(f"    {what}：{said}" for what, said in glance.items() if said))
    changes = [(draft.row, field) for draft in sheet.drafts for field in draft.changes if dry_run]
    screen.some("变化", [f"第 {row} 行 {screen.difference(record, field)}" for row, field in changes], _SHOWN)
    screen.some("问题", _folded(sheet.all_problems()), _SHOWN, style="red")
    screen.some("请核对", _folded((draft.row, warning) for draft in sheet.drafts for warning in draft.warnings), _SHOWN)


def _folded(found: "Iterable[tuple[int, row.Finding]]") -> list[str]:
    """A line for each thing that is said of a column, with the rows of which it is said and their value if it is one."""
    said: dict[tuple[str, str], tuple[dict[int, None], set[str]]] = {}
    for row, finding in found:
        rows, values = said.setdefault((finding.column, finding.message), ({}, set()))
        rows[row] = None
        values.add(finding.value)
    lines = []
    for (column, message), (rows, values) in said.items():
        value = min(values) if len(values) == 1 else ""
        shown = f" “{value}”" if value and not message.startswith(f"“{value}”") else ""  # once is enough
        more = f"等 {len(rows)} 行" if len(rows) > _ROWS_NAMED else ""
        where = f"第 {'、'.join(map(str, [*rows][:_ROWS_NAMED]))} 行{more}" if next(iter(rows)) else "整张表"
        lines.append(f"{where}{f' {column}' if column else ''}{shown}：{message}")
    return lines


def _ending(report: "importing.Report", dry_run: bool) -> str:
    number, problems = report.change, f"{count} 个问题" if (count := report.problem_count) else ""
    if report.written:
        drafts = (draft for sheet in report.sheets for draft in sheet.drafts)
        if problems and not any(draft.outcome and not draft.problems for draft in drafts):
            return f"共 {problems}，没有一行可以写入。改好后再导入。"
        kept = f"，变更编号 {number}，可用 partybuild undo {number} 撤销" if number else "，记录都已是最新"
        return f"已写入{kept}{f'；{problems}所在的行没有写入' if problems else ''}。"
    if problems:
        return f"共 {problems}，一行也没有写入。改好后再导入，或加 --skip-bad 先写入没有问题的行。"
    return "以上只是预演，没有写入。去掉 --dry-run 即写入。" if dry_run else "没有写入。"
