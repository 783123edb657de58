"""Shapes of sheets that are not one record a row and one value a column (表形), as the sheet that says the same in that shape.

Forms (表单): labels with their values beside or below, and items that add up to one answer. Columns that say one thing
together: 年｜月｜日, and the words of a choice with a tick under one of them (优秀｜合格｜基本合格).
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import partial

from partybuild_cli.records.base.registry import all_records
from partybuild_cli.sheets.importing.grid import Grid
from partybuild_cli.sheets.importing.headings import bare, choice_words, known, label
from partybuild_cli.sheets.reading import Sheet
from partybuild_cli.values import Choice
from partybuild_cli.values.kind import NumberCell, Raw
from partybuild_cli.values.text import clean, is_blank, normalise, tight

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
        if word
        and len(word) <= _LONGEST
        and (columns is None or column in columns)
        and known(word, word in choice_words())
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


#: Headings of the parts of a day, and what their cells may hold.
_PARTS = (
    ({"年", "年份", "年度"}, "年", 1900, 2100),
    ({"月", "月份"}, "月", 1, 12),
    ({"日", "号", "日期"}, "日", 1, 31),
)
_TICKED = frozenset("√✓✔☑")


def folded(sheet: Sheet) -> Sheet:
    """The sheet with what stands parted over columns in the first of them: days (年｜月｜日), ticked words of a choice."""
    for number, row in enumerate(sheet.rows[:_HEAD], start=1):
        words = [label(raw) for raw in row]
        at = 0
        while at < len(words):
            size, name, of_row = _parted(words[at:])
            if size:
                sheet = _fold(sheet, number, range(at, at + size), name, of_row)
            at += max(size, 1)
    return sheet


def _parted(words: Sequence[str]) -> tuple[int, str, Callable[[Sequence[Raw]], str | None]]:
    """How many headings from here say one thing together, what they are called, and how the cells of a row under them say it."""
    parts = [next((part for part in _PARTS if word in part[0]), None) for word in words[:3]]
    for first, last in ((0, 3), (1, 3), (0, 2)):
        if [*_PARTS[first:last]] == parts[: last - first]:
            return (
                last - first,
                "".join(part[1] for part in _PARTS[first:]) if last == 3 else "",
                partial(_day_of, _PARTS[first:last]),
            )
    for record in all_records() if words[0] in choice_words() else ():
        for column in record.columns.values():
            meanings = column.kind.meanings if isinstance(column.kind, Choice) else {}
            size = next((at for at, word in enumerate(words) if word not in meanings), len(words))
            if len({meanings[word] for word in words[:size]}) == size > 1:
                return size, column.heading, partial(_ticked, words[:size])
    return 0, "", _unread


def _fold(sheet: Sheet, number: int, places: range, name: str, of_row: Callable[[Sequence[Raw]], str | None]) -> Sheet:
    """The sheet with these columns folded, where a group stands over them or `name` says what they are, and most cells agree."""
    merged = [one for one in sheet.merges if one.top > number and one.left - 1 in places]
    fills = {
        (at, one.left - 1): _at(sheet.rows[one.top - 1], one.left - 1)
        for one in merged
        for at in range(one.top, one.bottom + 1)
    }
    cells = [
        [fills.get((at, place), _at(row, place)) for place in places] for at, row in enumerate(sheet.rows, start=1)
    ]
    said = {at: of_row(some) for at, some in enumerate(cells) if at >= number and not all(map(is_blank, some))}
    grouped = _is_grouped(sheet, number, places)
    if not (grouped or name) or sum(text is not None for text in said.values()) * 2 <= len(said):
        return sheet
    said = {
        at: "/".join(str(raw) for raw in cells[at] if not is_blank(raw)) if text is None else text
        for at, text in said.items()
    }
    said[number - 1] = None if grouped else name
    rows = [
        [
            *row[: places[0]],
            *[None] * (places[0] - len(row)),
            said.get(at),
            *[None] * (len(places) - 1),
            *row[places[-1] + 1 :],
        ]
        if at >= number - 1 and (at in said or len(row) > places[0])
        else row
        for at, row in enumerate(sheet.rows)
    ]
    merges = [replace(one, right=one.left) if one.bottom < number and one.left - 1 == places[0] and one.right - 1 in places else one
              for one in sheet.merges if one not in merged]  # fmt: skip
    return replace(sheet, rows=rows, merges=[one for one in merges if (one.top, one.left) != (one.bottom, one.right)])


def _is_grouped(sheet: Sheet, number: int, places: range) -> bool:
    """Whether a heading of their own stands over these columns: merged, or among others and before blanks."""
    above = sheet.rows[number - 2] if number > 1 else []
    merge = next(
        (one for one in sheet.merges if one.top <= number - 1 <= one.bottom and one.left - 1 == places[0]), None
    )
    if merge is not None:
        return merge.right - 1 == places[-1] and merge.bottom < number
    return (
        not is_blank(_at(above, places[0]))
        and all(is_blank(_at(above, at)) for at in places[1:])
        and sum(raw is not None for raw in above) > 1
    )


def _day_of(parts: Sequence[tuple[set[str], str, int, int]], cells: Sequence[Raw]) -> str | None:
    """2026年3月5日 of its parts, the last ones perhaps blank; None where a cell is no part of a day."""
    said = ""
    for (_, sign, least, most), raw in zip(parts, cells, strict=True):
        if is_blank(raw):
            continue
        number = _number(raw.strip().rstrip("年月日号份度") if isinstance(raw, str) else raw)
        if number is None or number != int(number) or not least <= number <= most:
            return None
        said += f"{number:.0f}{sign}"
    return said


def _ticked(words: Sequence[str], cells: Sequence[Raw]) -> str | None:
    """The word with the tick; None where there are several, or something else."""
    marked = [(word, raw) for word, raw in zip(words, cells, strict=True) if not is_blank(raw)]
    ticks = len(marked) == 1 and isinstance(marked[0][1], str) and tight(marked[0][1]) in _TICKED
    return marked[0][0] if ticks else None


def _unread(cells: Sequence[Raw]) -> None:
    return None
