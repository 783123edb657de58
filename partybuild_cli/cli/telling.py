"""How records are told (记录的显示): as a table, in blocks, in a few words, and as `--json` prints them."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from partybuild_cli.cli import screen

if TYPE_CHECKING:
    from partybuild_cli.records.base.context import View
    from partybuild_cli.records.base.declare import Record

#: What stands below a record, as a person calls it.
_BELOW = {
    "attendance": "出席情况",
    "headcount": "应到实到",
    "vote": "表决",
    "participation": "参加党员",
    "person": "涉及党员",
    "entry": "附记",
    "stay": "原支部",
    "span": "此前",
    "attachment": "佐证文件",
}
#: What a clerk should know who removes what was counted before.
OF_PAST = "它在已经结束的期间里算过，那些期间的自查、报告和没有公示的指数会跟着变；已公示的不变，要改用 partybuild index revise。"


def heading_of(record: "type[Record]", field: str) -> str:
    """The Chinese heading of a field that differs; an unknown column of the clerk's keeps its own."""
    if field in _BELOW:
        return _BELOW[field]
    return record.columns[field].heading if field in record.columns else field


def table(record: "type[Record]", found: "Iterable[View]", keys: list[str], full: bool) -> None:
    """The columns asked for, a line a record."""
    from partybuild_cli.records.base.present import as_text

    columns = [record.columns[key] for key in keys]
    lines = (
        [str(told.number), *(as_text(column, told.values.get(column.key), full) for column in columns)]
        for told in found
    )
    called = [column.heading for column in columns if (column.kind.names and not column.kind.many) or column.kind.words]
    headings = ["编号", *(column.heading for column in columns)]
    count = screen.rows(headings, lines, right=("编号",), unbroken=[*called, "姓名"])
    screen.note(f"共 {count} 条。" if count else f"{record.caption}中没有符合条件的记录。")


def blocks(record: "type[Record]", found: "Iterable[View]", full: bool) -> None:
    """Every field of every record on a terminal, which is too narrow for that many columns: a block each."""
    lines = []
    for told in found:
        lines += [f"编号 {told.number}", *screen.field_lines(_pairs(record, told, full, private=False))]
    screen.paged(lines)


def block(record: "type[Record]", told: "View", full: bool, private: bool, files: Sequence[str]) -> None:
    """One record with the names of the files that prove it."""
    attached = [("佐证文件", "、".join(files))] if files else []
    screen.fields([*_pairs(record, told, full, private), *attached], f"{record.caption} 编号 {told.number}")


def _pairs(record: "type[Record]", told: "View", full: bool, private: bool) -> list[tuple[str, str]]:
    from partybuild_cli.records.base.present import as_text

    columns = [one for key, one in record.columns.items() if key in told.values and (private or not one.private)]
    pairs = [(column.heading, as_text(column, told.values[column.key], full)) for column in columns]
    return [*pairs, *told.own_columns(full).items()]


def title(record: "type[Record]", told: "View") -> str:
    """The few words by which a person knows the record."""
    from partybuild_cli.records.base.present import as_text

    return " ".join(
        as_text(record.columns[k], told.values[k]) for k in record.brief[:4] if told.values.get(k) is not None
    )


def document(record: "type[Record]", told: "View", full: bool = False, private: bool = False) -> dict[str, object]:
    """A record as `--json` prints it: its number as `id`, fields by key, the clerk's own columns under `extras`."""
    from partybuild_cli.records.base.present import as_json

    values = {
        column.key: None if told.values[column.key] is None else as_json(column, told.values[column.key], full)
        for column in record.columns.values()
        if column.key in told.values and (private or not column.private)
    }
    return {"id": told.number, **values, **({"extras": told.own_columns(full)} if told.extras else {})}
