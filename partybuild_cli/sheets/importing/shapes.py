"""Shapes of sheets that are not one record a row and one value a column (表形), as the sheet that says the same in that shape:
forms (表单), one thing in several columns (年｜月｜日, ticked words of a choice), registers of ticks (签到册).
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import cycle, pairwise, takewhile

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.kinds import PeopleKind
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.records.base.registry import record as record_of
from partybuild_cli.records.base.row import ParsedRow
from partybuild_cli.sheets.importing import wording
from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.context import choice_in
from partybuild_cli.sheets.importing.evidence import Samples
from partybuild_cli.sheets.importing.grid import Grid, cell_at, lines_of
from partybuild_cli.sheets.importing.table import Table, closes, labelled
from partybuild_cli.sheets.reading import Sheet
from partybuild_cli.values import Number
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.text import is_blank, tight

_MARKS = wording.TABLE["ticks"]["marks"]
_SAYS = {name: re.compile(said.replace("MARKS", _MARKS)) for name, said in wording.TABLE["shape"].items()}
_LONGEST = 14
_ROWS = 60  # a form of more rows is none
_HEAD = 20  # where the heading of a form of items stands


def form_sheet(grid: Grid) -> Sheet | None:
    """A form as a sheet of one row: its labels are the header, its values the row. None where it is no form."""
    if len(grid.rows) > _ROWS:
        return None
    named = Counter(at for row in grid.rows for at in _labels(row))
    filled = Counter(at for row in grid.rows for at, raw in enumerate(row) if not is_blank(raw))
    columns = set[int]()
    for column in sorted(named):  # not behind a label where most cells are none (地点｜会议室 is a value)
        columns |= {column} if column - 1 not in columns or named[column] * 2 > filled[column] else set()
    pairs: dict[str, Raw] = {}
    first = 0
    for number, row in enumerate(grid.rows, start=1):
        labels, below = _labels(row, columns), grid.row(number + 1)
        words, labels_below = dict(labels), _labels(below, columns)
        for column in columns - words.keys() if words else ():
            raw = cell_at(row, column)
            if isinstance(raw, str) and len(raw) <= _LONGEST and not is_blank(cell_at(row, column + 1)):
                words[column] = wording.bare(wording.label(raw))  # no field of ours, but it stands where labels stand
        for column, word in words.items():
            # The first filled cell to the right, unless it is a label too, else the cell below.
            at = next((at for at in range(column + 1, len(row)) if row[at] is not None), -1)
            value = None if at < 0 or at in labels else row[at]
            if is_blank(value) and column not in labels_below:
                value = cell_at(below, column)
            if word not in pairs and not is_blank(value):
                pairs[word] = value
                first = first or number
    if len(pairs) < 3:
        return None
    return replace(grid.sheet, rows=[*grid.rows[: first - 1], list(pairs), list(pairs.values())], merges=[])


def _labels(row: Sequence[Raw], columns: Collection[int] | None = None) -> dict[int, str]:
    """The cells of a row that name a column of some ledger; among `columns`, but where they fill the row, with values below."""
    words = {column: wording.label(raw).rstrip(":") for column, raw in enumerate(row) if not is_blank(raw)}
    short = [(column, word) for column, word in words.items() if 0 < len(word) <= _LONGEST]
    named = {at: wording.bare(word) for at, word in short if wording.known(word, word in wording.choice_words())}
    whole = columns is None or 2 < len(named) == len(words)
    return named if whole else {column: word for column, word in named.items() if column in (columns or ())}


def added_up(sheet: Sheet) -> Sheet:
    """A form of one person whose answers to several items add up to one (逐项打分): as a sheet with his one row; any other as it is."""
    for record in all_records():
        for at, row in enumerate(sheet.rows[:_HEAD]) if record.added_up else ():
            words = [wording.label(raw) for raw in row]
            if not all(heading in words for heading in record.added_up):
                continue
            answers, most = (words.index(heading) for heading in record.added_up)
            head = [[raw for raw in line if isinstance(raw, str)] for line in sheet.rows[:at]]
            person = next((value for word, value in labelled(head) if word == "姓名"), None)
            items = [[cell_at(line, position) for position in (0, answers, most)] for line in sheet.rows[at + 1 :]]
            each = [(str(name), _number(raw), _number(limit)) for name, raw, limit in items if not is_blank(raw)]
            given = [(name, number, limit) for name, number, limit in each if limit is not None]
            wrong = [name for name, number, limit in given if number is None or not 0 <= number <= limit]
            added = str(sum(number for _, number, _ in given if number is not None)) if given else None
            total = f"{'、'.join(wrong)} 的打分不是 0 到满分之间的数字" if wrong else added
            answer = record.columns[record.answer].heading
            return replace(sheet, rows=[*sheet.rows[:at], ["姓名", answer], [person, total]], merges=[])
    return sheet


def _number(raw: Raw) -> Decimal | None:
    with suppress(ValueProblem):
        return Number().parse(raw)
    return None


#: Headings of the parts of a day, and what their cells may hold.
_PARTS = (("年 年份 年度", "年", 1900, 2100), ("月 月份", "月", 1, 12), ("日 号 日期", "日", 1, 31))
_OfRow = Callable[[Sequence[Raw]], str | None]


def folded(sheet: Sheet) -> Sheet:
    """The sheet with what stands parted over columns in the first of them: days (年｜月｜日), ticked words of a choice, people."""
    for number in range(1, len(sheet.rows[:_HEAD]) + 1):
        for at in range(len(sheet.rows[number - 1])):
            words = [wording.label(raw) for raw in sheet.rows[number - 1][at:]]
            for size, name, of_row in _parted(words) if words[0] else ():
                sheet = _fold(sheet, number, range(at, at + size), name, of_row)
    return sheet


def _parted(words: Sequence[str]) -> Iterator[tuple[int, str, _OfRow]]:
    """How many headings from here say one thing together, what they are called, and how the cells of a row under them say it."""
    for first, last in ((0, 3), (1, 3), (0, 2)):
        parts = _PARTS[first:last]
        if len(words) >= len(parts) and all(word in part[0].split() for word, part in zip(words, parts, strict=False)):
            yield len(parts), "".join(part[1] for part in parts) if last == 3 else "", partial(_day_of, parts)
            return
    found = _SAYS["first"].fullmatch(words[0])  # 培养联系人1｜培养联系人2
    if found and any(
        isinstance(record_of(text).columns[key].kind, PeopleKind) for text, key in wording.known(found[1])
    ):
        each = zip(words, ("1一", "2二", "3三", "4四"), strict=False)
        size = len([*takewhile(lambda pair: pair[0][:-1] == found[1] and pair[0][-1] in pair[1], each)])
        if size > 1:
            yield size, found[1], lambda cells: "、".join(str(raw) for raw in cells if not is_blank(raw))
    elif len(words) > 1 and _SAYS["why"].search(words[1]) and not _SAYS["why"].search(words[0]):  # 缺席党员｜缺席原因
        who, why = ({*wording.words_in(word)} for word in words[:2])
        lasts = any(sign in word for word in words for sign in ("开始", "结束", "起", "止", "天数"))  # 长期请假
        if who & {"请假", "缺席"} and why <= who and not lasts:
            yield 2, words[0], _with_reasons
    for record in all_records() if words[0] in wording.choice_words() else ():
        for column in record.columns.values():
            meanings = column.kind.meanings
            own = [*takewhile(meanings.__contains__, words)]
            if len({meanings[word] for word in own}) == len(own) > 1:
                yield len(own), column.heading, partial(_ticked, own)
                return


def _with_reasons(cells: Sequence[Raw]) -> str | None:
    """Each name with its reason; None where it is not certain whose a reason is."""
    who, why = ("" if is_blank(raw) else str(raw).strip() for raw in cells)
    names, reasons = _SAYS["listed"].split(who), _SAYS["listed"].split(why)
    if who in _TICKED:
        return None  # the row names whom it is about
    if who and (why in who or why in ("无", "/", "-", "—")):
        return who
    each = (f"{name}（{reason}）" for name, reason in zip(names, cycle(reasons), strict=False))
    return "、".join(each) if who and len(reasons) in (1, len(names)) else None


def _fold(sheet: Sheet, number: int, places: range, name: str, of_row: _OfRow) -> Sheet:
    """The sheet with these columns folded, where a group stands over them or `name` says what they are, and most cells agree."""
    first, behind, rows = places.start, places.stop, list(sheet.rows)
    own = [merge for merge in sheet.merges if merge.left - 1 in places]
    under = range(number, len(rows))
    below = [(merge, range(merge.top, min(merge.bottom, len(rows)))) for merge in own if merge.top > number]
    tops = {(at, merge.left - 1): merge.top - 1 for merge, covered in below for at in covered}
    each = {at: [cell_at(rows[tops.get((at, position), at)], position) for position in places] for at in under}
    cells = {at: some for at, some in each.items() if not all(map(is_blank, some))}
    said = {at: of_row(some) for at, some in cells.items()}
    # A heading of their own stands over these columns: merged, or among others and before blanks.
    above = rows[number - 2] if number > 1 else []
    blank = [is_blank(cell_at(above, position)) for position in places]
    grouped = not blank[0] and all(blank[1:]) and sum(raw is not None for raw in above) > 1
    for merge in [merge for merge in own if merge.left - 1 == first and merge.top < number <= merge.bottom + 1][:1]:
        grouped = (merge.right, merge.bottom) == (behind, number - 1)
    unread = sum(text is None for text in said.values()) * (len(said) if of_row is _with_reasons else 2)
    if not (grouped or name) or unread >= len(said):
        return sheet
    for at, text in {number - 1: None if grouped else name, **said}.items():
        text = text or "/".join(str(raw) for raw in cells.get(at, ()) if not is_blank(raw)) or None
        blanks = [None] * (behind - first - 1)
        rows[at] = [*(cell_at(rows[at], position) for position in range(first)), text, *blanks, *rows[at][behind:]]
    merges = [
        merge
        for merge in sheet.merges
        if merge.left - 1 not in places or (merge.top <= number and merge.top != merge.bottom)
    ]
    return replace(sheet, rows=rows, merges=merges)


def _day_of(parts: Sequence[tuple[str, str, int, int]], cells: Sequence[Raw]) -> str | None:
    """2026年3月5日 of its parts, some perhaps blank; None where a cell is no part of a day."""
    said = ""
    for (_, sign, least, most), raw in zip(parts, cells, strict=True):
        number = _number(raw.strip().rstrip("年月日号份度") if isinstance(raw, str) else raw)
        if is_blank(raw):
            continue
        if number is None or number != int(number) or not least <= number <= most:
            return None
        said += f"{number:.0f}{sign}"
    return said


def _ticked(words: Sequence[str], cells: Sequence[Raw]) -> str | None:
    """The word with the tick; None where there are several, or something else."""
    marked = [(word, raw) for word, raw in zip(words, cells, strict=True) if not is_blank(raw)]
    return marked[0][0] if len(marked) == 1 and wording.label(marked[0][1]) in _TICKED else None


#: What such a table is called where it cannot be read.
TICKS = "像是签到册（一人一行、一次一列打勾），看不出每次会议的类型和主题；请改成一次会议一行，写明时间、会议类型、主题和请假人员"
#: What is said of one that was read.
READ = "这是一张签到册（一人一行、一次会议一列），按一列一次会议读取；下面的行号按一次会议一行计"
#: What is said of a list whose blocks were read one below the other.
BLOCKS = "名单分成几栏并排，按一栏接一栏读取；下面的行号从第二栏起顺延"
_TICKED = frozenset(wording.TABLE["ticks"]["yes"])
_ATTENDANCE = wording.TABLE["attendance"]  # what a word says of a member: the column that names him
_TICKS = frozenset([*_MARKS, *wording.TABLE["ticks"]["words"]])
_CAME = "出席人员"
_PLAIN_LEAVE = frozenset({"请假", *_ATTENDANCE["缺席人员"]}) - {"无故"}


def legend(table: Table) -> dict[str, str]:
    """Mark -> word, as the sheet explains its marks (√表示已缴, 免缴打△) above, below or beside the table; a mark explained twice
    in two ways is none."""
    found: dict[str, set[str]] = {}
    near = [*table.grid.rows[: table.first], *table.grid.rows[table.first :][-20:]]
    texts = [table.grid.sheet.name, *(raw for row in near for raw in row if isinstance(raw, str) and len(raw) > 2)]
    for part in (part for text in texts for part in _SAYS["clauses"].split("".join(text.split()))):
        for mark, word in _SAYS["by_mark"].findall(part) or [pair[::-1] for pair in _SAYS["by_word"].findall(part)]:
            found.setdefault(mark, set()).add(word)
    return {mark: words.pop() for mark, words in found.items() if len(words) == 1}


def days_across(samples: Samples) -> list[wording.Heading]:
    """The columns of days in a table of names and ticks; none where it is no such table."""
    days = [heading for heading in samples.table.headings if _SAYS["day"].search("".join(heading.lines))]
    cells = [[tight(samples.text(raw)) for raw in samples.values(heading.column)] for heading in days]
    ticked = all(sum(word in _TICKS or bool(_means(word, {})[0]) for word in some) * 2 >= len(some) for some in cells)
    return days if len(days) > 1 and ticked else []


def meetings_of(table: Table, days: list[wording.Heading]) -> Sheet | str:
    """The register as a sheet of one meeting a row, or why it cannot be read."""
    first, people = table.first, [heading.column for heading in table.headings if heading.words == ("人员",)]
    names = {heading.column: "".join(heading.lines) for heading in days}
    topics = {at: wording.bare(_SAYS["day"].sub("", name)).strip("()[]【】:：-—/、 ") for at, name in names.items()}
    if len(people) == 1 and not any(topics.values()) and is_blank(cell_at(table.grid.row(first), people[0])):
        topics = {
            position: wording.label(cell_at(table.grid.row(first), position)) for position in topics
        }  # the second line
        first += 1
    if len(people) != 1 or not all(topics.values()):
        return TICKS
    number = next((heading.column for heading in table.headings if "工号" in heading.words), None)
    known = legend(table)
    lists: dict[int, dict[str, list[str]]] = {position: {} for position in topics}
    for at in range(first, table.last + 1):
        row, name = table.grid.row(at), cell_at(table.grid.row(at), people[0])
        cells = {position: row[position] for position in topics if not is_blank(cell_at(row, position))}
        if not cells or closes(name) or all(isinstance(raw, int | float) for raw in cells.values()):
            continue
        for position, raw in cells.items():
            column, reason = _means(wording.label(raw), known)
            if not column or not isinstance(name, str):
                return f"{TICKS[:5]}，第 {at} 行的“{wording.label(raw) or raw}”没有说明是什么意思；请在表上写明，如“√出席 ○请假 △缺席”，再导入"
            own = cell_at(row, number) if number is not None else None
            who = name.strip() + (f"({tight(str(own))})" if own is not None else "")
            lists[position].setdefault(column, []).append(f"{who}（{reason}）" if reason else who)
    kind = record_of("meeting").columns["kind"].kind
    kinds = {position: choice_in(kind, text) for position, text in topics.items()}
    columns = [column for column in _ATTENDANCE if any(column in some for some in lists.values())]
    said = ["会议类型"] if any(kinds.values()) else []
    rows: list[list[Raw]] = [[*line] for line in table.preamble]
    rows.append(["时间", *said, "主题", *columns])
    for position, name in names.items():
        listed: list[Raw] = ["、".join(lists[position].get(column, ())) or None for column in columns]
        rows.append([_SAYS["day"].findall(name)[0], *[kinds[position] for _ in said], topics[position], *listed])
    return replace(table.grid.sheet, rows=rows, merges=[], hidden_rows=set())


def below_each_other(table: Table) -> Sheet | None:
    """A list to sign in blocks beside each other (姓名 签名 姓名 签名), under one head, as one below the other; else None."""
    own = [heading for heading in table.headings if heading.column <= table.right]
    names = [heading.lowest for heading in own]
    width = next((size for size in range(2, len(names)) if names == names[:size] * (len(names) // size)), 0)
    if not table.head or not width:
        return None
    starts, rows = [*(heading.column for heading in own[::width]), table.right + 1], table.grid.rows
    block = rows[table.first - 1 : table.last]
    blocks = [[None] * starts[0] + row[start:two] for start, two in pairwise(starts) for row in block]
    head = [row[: starts[1]] if at + 1 in table.header else row for at, row in enumerate(rows[: table.first - 1])]
    return replace(table.grid.sheet, rows=[*head, *blocks, *rows[table.last :]], merges=[], hidden_rows=set())


class SignIn:
    """The column of a list in which those who came are ticked (`column`), and those beside it for who was away (请假, 缺席)."""

    def __init__(self, table: Table, matched: Matched) -> None:
        self._record, whom = matched.record, matched.record.whom
        self.column: int | None = None
        self.blank: list[str] = []  # headings of such columns in which nobody signed
        signs = {*wording.TABLE["ticks"]["signed" if table.head or whom in matched.keys.values() else "took_part"]}
        rows = table.grid.rows[table.first - 1 : table.last]
        named = [at for at, key in matched.keys.items() if key == (whom or "member")]
        for column, lines in enumerate(lines_of(table.grid, table.header)):
            if lines and column not in matched.keys and signs & {*wording.words_in(wording.native(lines[-1]))}:
                own = {wording.label(cell_at(row, at)) for row in rows for at in named}  # who signs writes his name
                marks = {wording.label(cell_at(row, column)) for row in rows} - {""}
                if marks and all(mark in _TICKS or mark in own or _means(mark, {})[0] for mark in marks):
                    self.column, self.blank = column, []
                    break
                self.blank += [] if marks else [lines[-1]]
        self._legend = legend(table) if self.column is not None else {}
        left = [heading for heading in table.headings if self.column is not None and heading.column not in matched.keys]
        self._aways = {heading.column: heading.lowest for heading in left if heading.words in (("请假",), ("缺席",))}
        matched.serial |= {self.column, *self._aways} if self.column is not None else set()

    def mark(self, row: Sequence[Raw]) -> str:
        """What stands in the column to sign; else, of columns beside it, the heading of that which is ticked."""
        mark = wording.label(cell_at(row, self.column)) if self.column is not None else ""
        return mark or next(
            (name for at, name in self._aways.items() if wording.label(cell_at(row, at)) in _TICKED), ""
        )

    def why_none(self, row: Sequence[Raw]) -> str:
        """Why a row is no record: it is of somebody who was away, and the ledger keeps no list of those."""
        if self.column is None or (mark := self.mark(row)) in ("", "N", "n"):
            return "" if self.column is None else "没有签到"
        column = _means(mark, self._legend)[0]
        listed = any(self._record.columns[key].heading[:2] == column[:2] for key in self._record.presence)
        return f"{mark}，没有参加" if column and column != _CAME and not listed else ""

    def take(self, row: Sequence[Raw], draft: ParsedRow) -> None:
        """Who was away is named there and not among those who came."""
        if self.column is None:
            return
        record, mark = self._record, self.mark(row)
        people = record.gathers[0] if record.gathers else ""
        signed = mark == draft.values.get(record.whom or "member")  # with his name
        column, reason = (_CAME, "") if signed else _means(mark, self._legend)
        if not column:
            draft.refuse("", mark, "没有说明是什么意思；请写明到会、请假或缺席")
        elif people in draft.values and column != _CAME:
            key = next(key for key in record.presence if record.columns[key].heading[:2] == column[:2])
            others = [draft.values.pop(own) for own in record.presence if own != people and own in draft.values]
            reason = reason or "、".join(others)  # a column of its own says why (未到原因)
            draft.values[key] = draft.values.pop(people) + (f"（{reason}）" if reason else "")
            draft.numbers = {key: draft.numbers[people]} if people in draft.numbers else {}


def _means(mark: str, known: Mapping[str, str]) -> tuple[str, str]:
    """The column of who got this mark, and the reason that it gives."""
    word = known.get(mark, mark)
    column = next((column for column, words in _ATTENDANCE.items() if any(other in word for other in words)), "")
    if not column and mark in _TICKED:
        return _CAME, ""
    bare_reason = _SAYS["around_reason"].sub("", word)
    gives = column in ("请假人员", "缺席人员") and bare_reason and word not in _PLAIN_LEAVE
    return column, bare_reason if gives else ""
