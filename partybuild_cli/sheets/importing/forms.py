"""Forms (表单): labels with their values beside or below, and items that add up to one answer, read as a sheet of one row."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from partybuild_cli.records.base.registry import all_records
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.headings import bare, known, label
from partybuild_cli.sheets.reading import Sheet
from partybuild_cli.values.kind import NumberCell, Raw
from partybuild_cli.values.text import clean, is_blank, normalise

FORM_REASON = "像是填写一个人或一件事的表单（标签和内容相间），不是一行一条的台账"
_PAIR = re.compile(r"([^\s::;；,，。]{2,9})\s*[::]\s*(.*?)(?=\s+[^\s::]{2,9}\s*[::]|[;；\n]|$)")
_LONGEST = 14
#: A form of more rows is none.
_ROWS = 60
#: Where the heading of a form of items stands.
_HEAD = 20


def labelled(lines: Sequence[Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Label and value of what a head says: 时间：2026年3月5日　主题：…, within a cell or over two."""
    for line in lines:
        for place, text in enumerate(line):
            plain = normalise(clean(text).replace("\u3000", "  "))
            for found in _PAIR.finditer(plain):
                value = found[2].strip() or ("" if place + 1 == len(line) else normalise(line[place + 1]))
                if value and ":" not in value[:8].replace("：", ":"):
                    yield label(found[1]), value


def form_sheet(grid: Grid) -> Sheet | None:
    """A form as a sheet of one row: its labels are the header, its values the row. None where it is no form."""
    if len(grid.rows) > _ROWS:
        return None
    pairs: dict[str, Raw] = {}
    first = 0
    columns = _label_columns(grid)
    for number in range(1, len(grid.rows) + 1):
        row = grid.row(number)
        words = _labels(row, columns)
        for column in columns - words.keys() if words else ():
            raw = _at(row, column)
            if isinstance(raw, str) and len(raw) <= _LONGEST and not is_blank(_at(row, column + 1)):
                words[column] = bare(label(raw))  # no field of ours, but it stands where labels stand
        for column, word in words.items():
            value = _value_of(grid, number, column, columns)
            if word not in pairs and not is_blank(value):
                pairs[word] = value
                first = first or number
    if len(pairs) < 3:
        return None
    return replace(grid.sheet, rows=[*grid.rows[: first - 1], list(pairs), list(pairs.values())], merges=[])


def _label_columns(grid: Grid) -> set[int]:
    """Where labels stand: not in a column behind one of them in which most cells are none (地点｜会议室 is a value)."""
    labels, filled = Counter[int](), Counter[int]()
    for row in grid.rows:
        labels.update(list(_labels(row)))
        filled.update(at for at, raw in enumerate(row) if not is_blank(raw))
    found: set[int] = set()
    for column in sorted(labels):
        if column - 1 not in found or labels[column] * 2 > filled[column]:
            found.add(column)
    return found


def _labels(row: Sequence[Raw], columns: Collection[int] | None = None) -> dict[int, str]:
    """The cells of a row that name a column of some ledger."""
    words = {column: label(raw).rstrip(":") for column, raw in enumerate(row) if isinstance(raw, str)}
    return {
        column: bare(word)
        for column, word in words.items()
        if word and len(word) <= _LONGEST and (columns is None or column in columns) and known(word)
    }


def _value_of(grid: Grid, number: int, column: int, columns: Collection[int]) -> Raw:
    """What is filled in for a label: the first filled cell to the right, unless it is a label too, else the cell below."""
    row, below = grid.row(number), grid.row(number + 1)
    labels = _labels(row, columns)
    filled = next((place for place in range(column + 1, len(row)) if row[place] is not None), None)
    beside = None if filled is None or filled in labels else row[filled]
    return _at(below, column) if is_blank(beside) and column not in _labels(below, columns) else beside


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
            head = [[raw for raw in line if isinstance(raw, str)] for line in sheet.rows[:at]]
            person = next((value for word, value in labelled(head) if word == "姓名"), None)
            items = [(str(_at(one, 0)), _at(one, answers), _number(_at(one, most))) for one in sheet.rows[at + 1 :]]
            total = _total([(name, raw, limit) for name, raw, limit in items if limit is not None])
            answer = record.columns[record.answer].heading
            return replace(sheet, rows=[*sheet.rows[:at], ["姓名", answer], [person, total]], merges=[])
    return sheet


def _total(items: Sequence[tuple[str, Raw, Decimal]]) -> str | None:
    given = [(name, _number(raw), most) for name, raw, most in items if not is_blank(raw)]
    wrong = [name for name, number, most in given if number is None or not 0 <= number <= most]
    if wrong:
        return f"{'、'.join(wrong)} 的打分不是 0 到满分之间的数字"
    return str(sum(number for _, number, _ in given if number is not None)) if given else None


def _at(row: Sequence[Raw], place: int) -> Raw:
    return row[place] if place < len(row) else None


def _number(raw: Raw) -> Decimal | None:
    """A plain number, also one that was typed as text."""
    value = raw.value if isinstance(raw, NumberCell) else raw
    try:
        plain = isinstance(value, int | float | str) and not isinstance(value, bool)
        return Decimal(str(value).strip()) if plain else None
    except InvalidOperation:
        return None
