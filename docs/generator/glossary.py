"""English identifier and Chinese term side by side (术语对照), from the names and docstrings of the program."""

import re
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from importlib import import_module

from generator.sentences import PACKAGE
from generator.text import page, source_of, table
from partybuild_cli.index.measures import MEASURES
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.rules.item import catalogue

_CAPTION = re.compile(r'"""([\u4e00-\u9fff]+): ')
_TERM = re.compile(r"\(([\u4e00-\u9fff][\u4e00-\u9fff 、·/]*)\)")


def pages() -> dict[str, str]:
    """File -> text."""
    parts = ["程序里的英文名和中文说法的对照，供改程序或写脚本的人用。"]
    for title, headings, lines in (
        ("台账", ["英文", "中文", "依据或出处"], _ledgers()),
        ("列", ["英文", "中文", "在哪些台账"], _columns()),
        ("可选的词", ["英文", "中文", "在哪里", "依据或出处"], _words()),
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
    for (key, heading), ledgers in sorted(places.items()):
        yield [key, heading, "、".join(ledgers)]


def _words() -> Iterator[list[str]]:
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
