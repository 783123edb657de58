"""Asking on a terminal for what was not given (询问); nobody is asked where there is no terminal."""

import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from partybuild_cli.cli import screen
from partybuild_cli.errors import UsageFault, ValueProblem

if TYPE_CHECKING:
    from partybuild_cli.records.base.column import Column
    from partybuild_cli.records.base.declare import Record


def fill_in(record: "type[Record]", cells: Mapping[str, Any], branches: Callable[[], Sequence[str]]) -> dict[str, Any]:
    """The cells with every required one: asked for on a terminal, else UsageFault names the missing options.

    `branches` names the branches of the book; which one is meant is asked only where there are several. A member is also
    asked for what tells namesakes apart.
    """
    filled = dict(cells)
    missing = [column for column in record.columns.values() if must_say(column) and filled.get(column.key) is None]
    if missing and not screen.on_terminal():
        names = "、".join(f"{column.flag}（{column.heading}）" for column in missing)
        raise UsageFault(f"缺少选项 {names}。用 partybuild {record.ledger} add --help 查看写法。")
    if missing:
        branches()  # a book that does not open says so before anything is typed in vain
    for column in missing:
        filled[column.key] = _ask(column)
    if screen.on_terminal():
        _ask_where_and_who(record, filled, branches)
    return filled


def must_say(column: "Column") -> bool:
    """Whether a command cannot do without the column: no title speaks for it, only its branch may go without saying."""
    return column.required and column.key != "branch"


def _ask_where_and_who(record: "type[Record]", filled: dict[str, Any], branches: Callable[[], Sequence[str]]) -> None:
    branch = record.columns.get("branch")
    if branch is not None and branch.required and "branch" not in filled and len(names := branches()) > 1:
        filled["branch"] = _choose(branch, names)
    telling = [column for column in record.identity() if column.key in ("staff_no", "id_number")]
    if record.ledger == "member" and not any(filled.get(key) for key in ("staff_no", "id_number", "born_on")):
        filled[telling[0].key] = _ask(telling[0])


def _choose(column: "Column", names: Sequence[str]) -> str:
    for place, name in enumerate(names, start=1):
        screen.note(f"  {place}. {name}")
    while True:
        said = prompt(f"{column.heading}（写序号或名称）")
        if said in names:
            return said
        if said.isdigit() and 1 <= int(said) <= len(names):
            return names[int(said) - 1]
        screen.note("没有这一个，请再写一次。")


def _ask(column: "Column") -> str:
    words = "、".join(getattr(column.kind, "words", ()))
    while True:
        hint = words or column.kind.label
        said = prompt(column.heading if hint in (column.heading, "文字") else f"{column.heading}（{hint}）")
        try:
            if column.kind.parse(column.kind.meant(said, date.today())) is not None:
                return said
            screen.note("这一项必须填写。")
        except ValueProblem as problem:
            screen.note(f"{problem.sentence}。")


def prompt(question: str) -> str:
    """One answer, without surrounding blanks. UsageFault at the end of input."""
    from partybuild_cli.store.engine import may_ask

    may_ask()
    try:
        print(f"{question}：", end="", file=sys.stderr, flush=True)  # standard output may lead elsewhere
        return input().strip()
    except EOFError:
        raise UsageFault("输入已结束，没有写入任何内容。") from None


def confirm(question: str, yes: bool, flag: str = "--yes") -> bool:
    """Whether the clerk agrees; without a terminal the flag must have said so."""
    if yes:
        return True
    if not screen.on_terminal():
        raise UsageFault(f"{question}没有终端可以确认，请加 {flag}。没有写入任何内容。")
    return prompt(f"{question}确定请输入 y").lower() in ("y", "yes", "是")


def required(flag: str, heading: str, value: str | None) -> str:
    """A value that a command cannot do without: as given, else asked for on a terminal."""
    if value:
        return value
    if not screen.on_terminal():
        raise UsageFault(f"缺少选项 {flag}（{heading}）。")
    return prompt(heading)
