"""The generated pages of the manual: every command with its options (命令一览) from the command tree, the page of each ledger
(台账说明) from its declaration, and English identifier and Chinese term side by side (术语对照) from names and docstrings.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import Enum
from importlib import import_module
from typing import Any

from generator.text import PACKAGE, page, source_of, table
from partybuild_cli.cli.app import Root, command
from partybuild_cli.index.measures import MEASURES
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import HOME
from partybuild_cli.records.base.registry import all_records, captions, ledgers
from partybuild_cli.rules.item import catalogue
from partybuild_cli.sheets.exporting import example_of
from partybuild_cli.values.text import Choice


def command_pages() -> dict[str, str]:
    """File -> text."""
    root = command()
    parts = ["每个命令后加 `--help` 也能看到同样的说明。用在所有命令前面的选项：", _options(root)]
    panel = ""
    for name, entry in Root.entries.items():
        if entry.panel != panel:
            panel = entry.panel
            parts.append(f"## {panel}")
            if panel == "台账":
                parts.append("每个台账都有登记 `add`、列出 `list`、查看 `show`、修改 `edit`、删除 `remove`。")
        parts.append(f"### {name}")
        parts += _ledger(name, entry.load()) if name in captions() else _describe(name, entry.load())
    return {"commands.md": page("命令一览", *parts)}


def _ledger(name: str, group: Any) -> list[str]:
    """One table for all verbs of a ledger, because most of their options are the same."""
    used: dict[str, list[str]] = {}
    parameters: dict[str, Any] = {}
    commands = {verb: group.get_command(None, verb) for verb in group.list_commands(None)}
    for verb, one in commands.items():
        for parameter in _parameters(one):
            label = _label(parameter)
            used.setdefault(label, []).append(verb)
            parameters.setdefault(label, parameter)
    lines = [
        [f"`{label}`", "、".join(f"`{verb}`" for verb in used[label]), _value(parameter), _meaning(parameter)]
        for label, parameter in parameters.items()
    ]
    verbs = table(["命令", "作用"], [[f"`{_usage(name, one)}`", one.help or ""] for one in commands.values()])
    return [f"[{captions()[name]}](ledgers/{name}.md)。", verbs, table(["选项", "用于", "值", "含义"], lines)]


def _describe(path: str, one: Any) -> Iterator[str]:
    yield one.help or ""
    yield f"`{_usage(path, one)}`" if not getattr(one, "commands", None) else f"`partybuild {path} …`"
    if _parameters(one):
        yield _options(one)
    if one.epilog and not getattr(one, "commands", None):
        yield f"例：`{one.epilog}`"
    for name, child in getattr(one, "commands", {}).items():
        yield f"#### {path} {name}"
        yield from _describe(f"{path} {name}", child)


def _usage(path: str, one: Any) -> str:
    places = [parameter for parameter in one.params if parameter.param_type_name == "argument"]
    shown = [_metavar(place) if place.required else f"[{_metavar(place).strip('[]…')}]" for place in places]
    full = path if path.endswith(str(one.name)) else f"{path} {one.name}"
    return " ".join(["partybuild", full, *shown])


def _parameters(one: Any) -> Sequence[Any]:
    return [parameter for parameter in one.params if not getattr(parameter, "hidden", False)]


def _options(one: Any) -> str:
    lines = [[f"`{_label(parameter)}`", _value(parameter), _meaning(parameter)] for parameter in _parameters(one)]
    return table(["选项", "值", "含义"], lines)


def _label(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return _metavar(parameter)
    return " ".join(one for one in parameter.opts if one.startswith("--"))


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name)


def _value(parameter: Any) -> str:
    if parameter.param_type_name == "argument" or getattr(parameter, "is_flag", False):
        return ""
    return parameter.metavar or ""


def _meaning(parameter: Any) -> str:
    said = (getattr(parameter, "help", "") or "").replace("[", "\\[")
    default = getattr(parameter, "default", None)
    shown = isinstance(default, str | int) and not isinstance(default, bool) and default != ""
    return f"{said}（不写就是 {default}）" if shown and parameter.show_default is not False else said


_HOME, _COMPUTED = "只用来区分同名的人", "自动算出，不用填；表中有这一列就核对"


def ledger_pages() -> dict[str, str]:
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


_CAPTION = re.compile(r'"""([\u4e00-\u9fff]+): ')
_TERM = re.compile(r"\(([\u4e00-\u9fff][\u4e00-\u9fff 、·/]*)\)")


def glossary_pages() -> dict[str, str]:
    """File -> text."""
    parts = ["程序里的英文名和中文说法的对照，供改程序或写脚本的人用。"]
    for title, headings, lines in (
        ("台账", ["英文", "中文", "依据或出处"], _ledgers()),
        ("列", ["英文", "中文", "在哪些台账"], _columns()),
        ("可选的词", ["英文", "中文", "在哪里", "依据或出处"], _choices()),
        ("先锋指数的数据项", ["英文", "含义"], ([facts.name, facts.definition] for facts in MEASURES.values())),
        ("自查项目", ["编号", "名称", "依据"], ([one.id, one.name, one.basis] for one in catalogue().values())),
        ("程序各部分", ["模块", "中文", "依据或出处"], _modules()),
    ):
        parts += [f"## {title}", table(headings, lines)]
    return {"glossary.md": page("术语对照", *parts)}


def _ledgers() -> Iterator[list[str]]:
    for record in all_records():
        module = import_module(record.__module__)
        yield [record.ledger, record.caption, source_of((module.__doc__ or "").splitlines()[0])]


def _columns() -> Iterator[list[str]]:
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in all_records():
        for column in record.columns.values():
            places[column.key, column.heading].append(record.ledger)
    for (key, heading), there in sorted(places.items()):
        yield [key, heading, "、".join(there)]


def _choices() -> Iterator[list[str]]:
    """The words of every choice, by the name of its member in the program."""
    for record in all_records():
        module = import_module(record.__module__)
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, Enum) and value.__module__ == module.__name__:
                for member in value:
                    yield [f"{name}.{member.name}", str(member.value), record.caption, source_of(value.__doc__ or "")]


def _modules() -> Iterator[list[str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")
        line = path.read_text(encoding="utf8").partition("\n")[0]
        caption = _CAPTION.match(line)
        found = caption or _TERM.search(line)
        if found:
            yield [name, found[1], source_of(line)]
