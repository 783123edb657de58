"""Forms of items that add up to one answer (逐项打分): one person's points for each, read as his one row."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from partybuild_cli.records.base.registry import all_records
from partybuild_cli.sheets.importing.headings import label
from partybuild_cli.sheets.importing.table import labelled
from partybuild_cli.sheets.reading import Sheet
from partybuild_cli.values.kind import NumberCell, Raw
from partybuild_cli.values.text import is_blank

#: Where the heading of a form of items stands.
_HEAD = 20


def added_up(sheet: Sheet) -> Sheet:
    """A form of one person whose answers to several items add up to one (逐项打分): as a sheet with his one row.

    Any other sheet as it is. An answer that cannot be added, or is above the most, stands in the row and is told there.
    """
    for record in all_records():
        for at, row in enumerate(sheet.rows[:_HEAD]) if record.added_up else ():
            words = [label(raw) for raw in row]
            if not all(heading in words for heading in record.added_up):
                continue
            answers, most = (words.index(heading) for heading in record.added_up)
            person = next((value for word, value in labelled(_texts(sheet.rows[:at])) if word == "姓名"), None)
            items = [one for one in sheet.rows[at + 1 :] if _number(_at(one, most)) is not None]
            total = _total([(str(one[0]), _at(one, answers), _number(_at(one, most))) for one in items])
            answer = record.columns[record.answer].heading
            rows: list[list[Raw]] = [*sheet.rows[:at], ["姓名", answer], [person, total]]
            return Sheet(sheet.name, rows, hidden=sheet.hidden)
    return sheet


def _total(items: Sequence[tuple[str, Raw, Decimal | None]]) -> str | None:
    given = [(name, raw, _number(raw), most) for name, raw, most in items if not is_blank(raw)]
    wrong = [name for name, _, number, most in given if number is None or most is None or not 0 <= number <= most]
    if wrong:
        return f"{'、'.join(wrong)} 的打分不是 0 到满分之间的数字"
    return str(sum(number for _, _, number, _ in given if number is not None)) if given else None


def _texts(rows: Sequence[Sequence[Raw]]) -> list[list[str]]:
    return [[raw for raw in row if isinstance(raw, str)] for row in rows]


def _at(row: Sequence[Raw], place: int) -> Raw:
    return row[place] if place < len(row) else None


def _number(raw: Raw) -> Decimal | None:
    """A plain number, also one that was typed as text."""
    value = raw.value if isinstance(raw, NumberCell) else raw
    try:
        return (
            None if isinstance(value, bool) or not isinstance(value, int | float | str) else Decimal(str(value).strip())
        )
    except InvalidOperation:
        return None
