"""The page of each ledger (台账说明), from its declaration: columns, how to fill them, commands with an example."""

from importlib import import_module

from generator.text import page, source_of, table
from partybuild_cli.cli.app import command
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import HOME
from partybuild_cli.records.base.registry import all_records, ledgers
from partybuild_cli.sheets.exporting.files import example_of
from partybuild_cli.values.text import Choice

_HOME, _COMPUTED = "只用来区分同名的人", "自动算出，不用填；表中有这一列就核对"


def pages() -> dict[str, str]:
    """File -> text, one page a record type."""
    return {f"ledgers/{record.ledger}.md": _page(record) for record in all_records()} | {
        "ledgers/index.md": _contents()
    }


def _contents() -> str:
    lines = [
        [f"[{record.caption}]({record.ledger}.md)", f"`{record.ledger}`", "、".join(_headings(record, required=True))]
        for record in all_records()
    ]
    return page(
        "各台账说明", "每一种台账一页：有哪些列、怎么填、用什么命令登记。", table(["台账", "命令", "必填"], lines)
    )


def _page(record: type[Record]) -> str:
    law = source_of((import_module(record.__module__).__doc__ or "").splitlines()[0])
    parts = [f"命令里叫 `{record.ledger}`。{f'依据或出处：{law}。' if law else ''}", *_about(record)]
    parts += [
        "## 列",
        table(
            ["列标题", "选项", "值", "必填", "怎么填", "也认得的标题"],
            [_line(one, record.ledger in ledgers()) for one in record.columns.values()],
        ),
    ]
    if choices := [column for column in record.columns.values() if column.kind.words]:
        parts += ["## 可选的词", *(_words(column) for column in choices)]
    parts += ["## 命令", *_commands(record)]
    return page(record.caption, *parts)


def _headings(record: type[Record], *, required: bool = False, identity: bool = False) -> list[str]:
    return [
        column.heading
        for column in record.columns.values()
        if (column.required or not required) and (column.identity or not identity)
    ]


def _about(record: type[Record]) -> list[str]:
    lines = []
    if identity := _headings(record, identity=True):
        lines.append(f"- 这几项相同就是同一条记录，再导入时更新而不重复：{'、'.join(identity)}。")
    if context := [column.heading for column in record.columns.values() if column.context]:
        lines.append(f"- 可以只写在标题、工作表名或分组行里，不必每行都填：{'、'.join(context)}。")
    if record.split_by:
        lines.append(f"- “{record.columns[record.split_by].heading}”一格可以写几个名字，每个名字各成一条。")
    if record.months_of:
        lines.append("- 也读一年一行、1月至12月各一列的登记表，每个月各成一条。")
    for typed, summed in record.sums.items():
        lines.append(
            f"- “{record.columns[typed].heading}”是各行“{record.columns[summed].heading}”之和，只核对，不保存。"
        )
    if masked := [column.heading for column in record.columns.values() if column.mask]:
        lines.append(f"- 导出时打码：{'、'.join(masked)}。需要完整的，加 `--full`，会记入日志。")
    if private := [column.heading for column in record.columns.values() if column.private]:
        lines.append(f"- 不导出、不显示：{'、'.join(private)}。确需时加 `--private`，会记入日志。")
    return ["\n".join(lines)] if lines else []


def _line(column: Column, ledger: bool = True) -> list[str]:
    must = "必填" if column.required else "识别" if column.identity else ""
    option = "" if column.computed else f"`{column.flag if ledger else column.key}`"
    return [column.heading, option, column.kind.label, must, _how(column), "、".join(column.also)]


def _how(column: Column) -> str:
    parts = [column.help, _COMPUTED if column.computed else _HOME if column.kind == HOME else ""]
    shown = example_of(column)  # the template's; one that only repeats the heading stands in brackets there
    example = shown[1:-1] if shown.startswith("（") else shown
    if not column.computed and not column.kind.words and example != column.heading:
        parts.append(f"如 {example}" if example else "")
    return "；".join(part for part in parts if part)


def _words(column: Column) -> str:
    assert isinstance(column.kind, Choice)
    also: dict[str, list[str]] = {word: [] for word in dict.fromkeys(column.kind.meanings.values())}
    for said, word in column.kind.meanings.items():
        if said not in also and said != word:
            also[word].append(said)
    told = "、".join(word + (f"（也认得：{'、'.join(others)}）" if others else "") for word, others in also.items())
    return f"- {column.heading}：{told}"


def _commands(record: type[Record]) -> list[str]:
    name = record.ledger
    if name not in ledgers():
        return [f"```text\npartybuild {name}\npartybuild {name} set 名称 值\npartybuild {name} set 名称 --clear\n```"]
    lookup = f"partybuild template {name}\npartybuild import {record.caption}.xlsx\npartybuild export {name}"
    excel = f"用 Excel：先拿空白模板，填好导入，随时导出。\n\n```text\n{lookup}\n```"
    if name not in command().entries:
        return ["这种台账只通过工作簿登记。", excel]
    group = command().get_command(None, name)
    run = "\n".join(f"$ {group.get_command(None, verb).epilog}" for verb in group.entries)
    return [
        f"登记、列出、查看、修改、删除一条：\n\n<!-- world: example -->\n```console\n{run}\n```",
        excel,
        f"全部选项见[命令一览](../commands.md#{name})。",
    ]
