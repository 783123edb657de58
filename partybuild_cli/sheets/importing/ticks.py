"""Who took part, as lists of people say it: registers of ticks (签到册), lists to sign (签到表), one row a participant.

In a register members stand down and meetings across, √ ○ △ where they meet; it is read as one meeting a row. What a mark means
the sheet says itself (√出席 ○请假 △缺席); a tick alone is presence, a word is what it says. A mark that nothing explains is never
guessed: the reason names it. Rows of one activity are joined into one record with its members.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import chain, pairwise, product
from typing import Any

from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.registry import record
from partybuild_cli.records.base.row import ParsedRow, PlannedRow
from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.context import choice_in
from partybuild_cli.sheets.importing.evidence import Samples
from partybuild_cli.sheets.importing.grid import lines_of
from partybuild_cli.sheets.importing.headings import Heading, bare, label, native, words_in
from partybuild_cli.sheets.importing.rowkinds import closes
from partybuild_cli.sheets.importing.table import Table
from partybuild_cli.sheets.reading import Sheet
from partybuild_cli.values import Choice
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.text import is_blank, tight

#: What such a table is called where it cannot be read, and what to do with it.
TICKS = "像是签到册（一人一行、一次一列打勾），看不出每次会议的类型和主题；请改成一次会议一行，写明时间、会议类型、主题和请假人员"
#: What is said of one that was read.
READ = "这是一张签到册（一人一行、一次会议一列），按一列一次会议读取；下面的行号按一次会议一行计"
#: What is said of a list whose blocks were read one below the other.
BLOCKS = "名单分成几栏并排，按一栏接一栏读取；下面的行号从第二栏起顺延"
_MARKS = "√✓✔☑○●△▲×✗✘☆★◎□■*"
_TICKS = (
    frozenset(_MARKS) | frozenset("YNyn") | {"是", "否", "到", "已到", "未到", "请假", "值班", "缺席", "迟到", "出席"}
)
_DAY = re.compile(r"(?:(?:19|20)\d\d[年./-])?(?<!\d)(?:1[0-2]|0?[1-9])[月./-](?:3[01]|[12]\d|0?[1-9])(?!\d)(?:日|号)?")
_SAYS = r"[”’」\"']?(?:表示|代表|为|是|即|[:：=\-—])*"
_BY_MARK = re.compile(rf"([{re.escape(_MARKS)}]){_SAYS}([\u4e00-\u9fff]{{1,5}})")
_BY_WORD = re.compile(rf"([\u4e00-\u9fff]{{1,5}}?)(?:的?[打用画划记标])?[:：“‘「\"']*([{re.escape(_MARKS)}])")
_PARTS = re.compile(r"[，,；;、（）()。]+")
#: What a word says of a member: the column that names him.
_ATTENDANCE = (
    ("补学人员", ("补学", "补课")),
    ("缺席人员", ("缺席", "缺勤", "未到", "未签", "没签", "未出席", "未参会", "不到", "旷会", "无故", "未参加", "没来")),
    ("请假人员", ("请假", "事假", "病假", "公假", "产假", "值班", "手术", "出差", "夜班", "急诊", "进修", "休假", "下乡")),
    ("出席人员", ("出席", "参加", "到会", "实到", "已到", "签到", "参会", "迟到", "早退", "到")),
)  # fmt: skip
#: Words of the heading of such a column in a list of names.
_SIGNED = frozenset({"出席", "签名", "签字"})
_CAME = _ATTENDANCE[-1][0]
_PLAIN_LEAVE = frozenset({"请假", "缺席", "未到", "缺勤"})


def legend(texts: Iterable[str]) -> dict[str, str]:
    """Mark -> word, as the sheet explains its marks (√表示已缴, 免缴打△); a mark explained twice in two ways is none."""
    found: dict[str, set[str]] = {}
    for part in (part for text in texts for part in _PARTS.split("".join(text.split()))):
        pairs = _BY_MARK.findall(part) or [(mark, word) for word, mark in _BY_WORD.findall(part)]
        for mark, word in pairs:
            found.setdefault(mark, set()).add(word)
    return {mark: words.pop() for mark, words in found.items() if len(words) == 1}


def texts_of(table: Table) -> list[str]:
    """Every text of the sheet in which marks may be explained: above, below and beside the table."""
    rows = table.grid.rows
    near = [*rows[: table.first], *rows[table.first :][-20:]]
    return [table.grid.sheet.name, *(raw for row in near for raw in row if isinstance(raw, str) and len(raw) > 2)]


def days_across(samples: Samples) -> list[Heading]:
    """The columns of days in a table of names and ticks; none where it is no such table."""
    days = [one for one in samples.table.headings if _DAY.search("".join(one.lines))]
    cells = [[tight(samples.text(raw)) for raw in samples.values(one.column)] for one in days]
    ticked = all(sum(word in _TICKS or bool(_means(word, {})[0]) for word in some) * 2 >= len(some) for some in cells)
    return days if len(days) > 1 and ticked else []


def meetings_of(table: Table, days: list[Heading]) -> Sheet | str:
    """The register as a sheet of one meeting a row, or why it cannot be read."""
    people = [one for one in table.headings if one.words == ("人员",)]
    topics = {one.column: bare(_DAY.sub("", "".join(one.lines))).strip("()[]【】:：-—/、 ") for one in days}
    first = table.first
    if len(people) == 1 and not any(topics.values()) and is_blank(_cell(table, first, people[0].column)):
        topics = {place: label(_cell(table, first, place)) for place in topics}  # the second line of the heading
        first += 1
    if len(people) != 1 or not all(topics.values()):
        return TICKS
    number = next((one.column for one in table.headings if "工号" in one.words), None)
    known = legend(texts_of(table))
    lists: dict[int, dict[str, list[str]]] = {one.column: {} for one in days}
    for at in range(first, table.last + 1):
        row, name = table.grid.row(at), _cell(table, at, people[0].column)
        cells = {one.column: row[one.column] for one in days if one.column < len(row) and not is_blank(row[one.column])}
        if not cells or closes(name) or all(isinstance(raw, int | float) for raw in cells.values()):
            continue
        for place, raw in cells.items():
            column, reason = _means(label(raw), known)
            if not column or not isinstance(name, str):
                return f"{TICKS[:5]}，第 {at} 行的“{label(raw) or raw}”没有说明是什么意思；请在表上写明，如“√出席 ○请假 △缺席”，再导入"
            own = _cell(table, at, number) if number is not None else None
            who = name.strip() + (f"({tight(str(own))})" if own is not None else "")
            lists[place].setdefault(column, []).append(f"{who}（{reason}）" if reason else who)
    return _sheet(table, days, topics, lists)


def below_each_other(table: Table) -> Sheet | None:
    """A list to sign in blocks beside each other (姓名 签名 姓名 签名), under one head, as one below the other; else None."""
    columns = [one.column for one in table.headings if one.column <= table.right]
    names = [one.lowest for one in table.headings if one.column <= table.right]
    width = next((at for at in range(2, len(names)) if names == names[:at] * (len(names) // at)), 0)
    if not table.head or not width:
        return None
    starts = [*columns[::width], table.right + 1]
    blocks = [[[None] * starts[0] + row[one:two] for row in table.grid.rows[table.first - 1 : table.last]]
              for one, two in pairwise(starts)]  # fmt: skip
    head = [row[: starts[1]] if at + 1 in table.header.rows else row for at, row in enumerate(table.grid.rows)]
    rows = [*head[: table.first - 1], *chain(*blocks), *table.grid.rows[table.last :]]
    return replace(table.grid.sheet, rows=rows, merges=[], hidden_rows=set())


def sign_column(table: Table, matched: Matched) -> tuple[int | None, list[str]]:
    """The column in which those who came are ticked, if there is one; and the headings of those that are all blank."""
    blank = []
    people = {matched.record.whom, *matched.record.gathers[:1]}
    listed = bool(table.head) or not people.isdisjoint(matched.keys.values())
    for column, lines in enumerate(lines_of(table.grid, table.header)) if listed else ():
        if lines and column not in matched.keys and _SIGNED & {*words_in(native(lines[-1]))}:
            rows = [table.grid.row(number) for number in range(table.first, table.last + 1)]
            marks = {label(row[column]) for row in rows if column < len(row)} - {""}
            if marks and all(mark in _TICKS or _means(mark, {})[0] for mark in marks):
                return column, []
            blank += [] if marks else [lines[-1]]
    return None, blank


def away(record: type[Record], mark: str, known: Mapping[str, str]) -> str:
    """Why a row of a list to sign is no record: it is of somebody who was away, and the ledger keeps no list of those."""
    if mark in ("", "否", "N", "n"):
        return "没有签到"
    column = _means(mark, known)[0]
    named = any(record.columns[key].heading[:2] == column[:2] for key in record.presence)
    return f"{mark}，没有参加" if column and column != _CAME and not named else ""


def take_mark(record: type[Record], draft: ParsedRow, mark: str, known: Mapping[str, str]) -> None:
    """What stands in that column of a row: who was away is named there and not among those who came."""
    column, reason = _means(mark, known)
    if not column:
        draft.refuse("", mark, "没有说明是什么意思；请写明到会、请假或缺席")
    people = record.gathers[0] if record.gathers else ""
    if people in draft.values and column and column != _CAME:
        key = next(key for key in record.presence if record.columns[key].heading[:2] == column[:2])
        draft.values[key] = draft.values.pop(people) + (f"（{reason}）" if reason else "")
        draft.numbers = {key: draft.numbers[people]} if people in draft.numbers else {}


def _sheet(
    table: Table, days: list[Heading], topics: Mapping[int, str], lists: Mapping[int, Mapping[str, list[str]]]
) -> Sheet:
    kind = record("meeting").columns["kind"].kind
    kinds = {place: choice_in(kind, text) if isinstance(kind, Choice) else None for place, text in topics.items()}
    columns = [column for column, _ in _ATTENDANCE if any(column in some for some in lists.values())]
    said = ["会议类型"] if any(kinds.values()) else []
    rows: list[list[Raw]] = [[*line] for line in table.preamble]
    rows.append(["时间", *said, "主题", *columns])
    for one in days:
        day = _DAY.findall("".join(one.lines))[0]
        names: list[Raw] = ["、".join(lists[one.column].get(column, ())) or None for column in columns]
        rows.append([day, *([kinds[one.column]] if said else []), topics[one.column], *names])
    return replace(table.grid.sheet, rows=rows, merges=[], hidden_rows=set())


def _cell(table: Table, row: int, place: int) -> Raw:
    cells = table.grid.row(row)
    return cells[place] if place < len(cells) else None


def _means(mark: str, known: Mapping[str, str]) -> tuple[str, str]:
    """The column of who got this mark, and the reason that it gives."""
    word = known.get(mark, mark)
    column = next((column for column, words in _ATTENDANCE if any(one in word for one in words)), "")
    if not column and mark in ("√", "✓", "✔", "☑", "是", "Y", "y"):
        return _CAME, ""
    bare_reason = re.sub(r"^(?:请假|缺席)[(:：]*|[)]+$", "", word)
    gives = column in ("请假人员", "缺席人员") and bare_reason and word not in _PLAIN_LEAVE
    return column, bare_reason if gives else ""


_SEVERAL = re.compile(r"[、，,；;\n]+")


def join_rows(record: type[Record], drafts: list[ParsedRow]) -> None:
    """Rows of one record, one row a participant, are one record with its members; what each did for himself stands by him."""
    if not record.gathers:
        return
    identity = [column.key for column in record.identity()]
    groups = defaultdict[tuple[Any, ...], list[ParsedRow]](list)
    for draft in drafts:
        names = [draft.values[key] for key in _lists(record) if key in draft.values]
        alone = len(names) == 1 and not _SEVERAL.search(names[0])
        if alone and draft.origin is None and record.date in draft.values:
            groups[tuple(draft.values.get(key) for key in identity)].append(draft)
    for rows in groups.values():
        if len(rows) > 1 and any(record.gathers[0] in draft.values for draft in rows):
            _join(rows, record.gathers[1], record)


def _lists(record: type[Record]) -> dict[str, None]:
    """The columns that name who took part, and who did not."""
    return dict.fromkeys((record.gathers[0], *record.presence)) if record.gathers else {}


def _join(rows: list[ParsedRow], own: str, record: type[Record]) -> None:
    amounts = [draft.values.get(own) for draft in rows]
    apart = len(set(amounts)) > 1
    first = rows[0]
    joined = dict(first.values)
    for key in _lists(record):
        names = []
        for draft, amount in zip(rows, amounts, strict=True):
            if key in draft.values:
                kind = record.columns[own].kind if apart and amount is not None else None
                unit = f"（{kind.text(amount)}{getattr(kind, 'unit', '')}）" if kind else ""
                names.append(f"{_marked(draft, key)}{unit}")
        joined |= {key: "、".join(names)} if names else {}
    if apart:
        joined.pop(own, None)
    first.values, first.numbers = joined, {}
    for draft in rows[1:]:
        draft.joins = first
        first.problems += draft.problems


def blame_rows(record: type[Record], drafts: list[PlannedRow]) -> None:
    """A problem of somebody named stands in the row that names him; the others of his activity say which one that is."""
    for draft in drafts:
        if (first := draft.joins) is not None:
            named = {str(draft.values[key]) for key in _lists(record) if key in draft.values}
            draft.problems += [one for one in first.problems if one.value in named]
            first.problems[:] = [one for one in first.problems if not any(one is own for own in draft.problems)]
    bad = {id(draft.joins or draft): draft.row for draft in reversed(drafts) if draft.problems}
    for draft in drafts:
        row = bad.get(id(draft.joins or draft), draft.row)
        if row != draft.row and not draft.problems and (draft.joins or id(draft) in bad):
            draft.refuse("", "", f"与第 {row} 行是同一次活动，那一行有问题")


def _marked(draft: ParsedRow, people: str) -> str:
    """The name with the 工号 beside it, which tells it from a namesake's."""
    name = str(draft.values[people])
    which, number = draft.numbers.get(people, ("", ""))
    return f"{name}({number})" if which == "staff_no" and number else name


def check_totals(record: type[Record], drafts: list[PlannedRow]) -> None:
    """Compare the stated sum of each member with the sum of the rows; a running sum, which changes, is left aside."""
    groups = defaultdict[Any, list[PlannedRow]](list)
    for draft in drafts if record.sums else ():
        groups[draft.values.get("branch"), draft.values.get("member")].append(draft)
    for (key, summed), rows in product(record.sums.items(), groups.values()):
        saying = [draft for draft in rows if key in draft.values]
        stated = {draft.values[key] for draft in saying}
        total = sum((draft.values[summed] for draft in rows if summed in draft.values), start=Decimal(0))
        if len(stated) == 1 and stated != {total} and not any(draft.problems for draft in rows):
            typed, right = plain_decimal(stated.pop()), plain_decimal(total)
            message = f"表中填 {typed}，按本表各行相加应为 {right}，请核对"
            saying[0].warn(record.columns[key], typed, message)
