"""From the rows of a table to drafts (逐行读取): cells by column, extras, months, several winners, what group rows say."""

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base import origin
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.kinds import TEXT, YEAR
from partybuild_cli.records.base.origin import Origin
from partybuild_cli.records.base.plan import Parser, home_of_named, shown
from partybuild_cli.records.base.row import ParsedRow
from partybuild_cli.sheets.importing import context, wording
from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.drafts import ANY, Cells, MonthReader, compare_rows
from partybuild_cli.sheets.importing.evidence import WRAPS, Samples, is_text, unwrapped
from partybuild_cli.sheets.importing.grid import cell_at
from partybuild_cli.sheets.importing.shapes import SignIn, legend
from partybuild_cli.sheets.importing.table import Table, group_name, says_how
from partybuild_cli.store.shape import derived_uid
from partybuild_cli.values import period
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.people import comes_back_masked, is_masked, mask_found
from partybuild_cli.values.text import as_text, is_blank, tight

_SEVERAL = re.compile(r"[、，,；;\n]+")
_UNREAD = "看不出来了哪些人、缺了哪些人；请写成“应到6人，实到5人，请假1人（李四）”这样，再导入"
_LOOKS, _ZEROS = wording.ROWS, (0, "0", "0.0", "0.00")
RECORD, TOTAL, SUBTOTAL, SIGNATURE, NOTE = "", "合计行", "小计行", "签名行", "说明行"
GROUP, EXAMPLE = "分组行", "示例行"
HEADER, TITLE, TAIL, HINT = "重复的表头", "重复的标题", "表尾的其他内容", "填写说明行"
SERIAL, ZEROS, UNANSWERED = "只有序号，没有内容", "只有 0，没有内容", "没有填写"
NO_MONTH = "没有填写任何月份"


class RowKinds:
    """What the rows below a header are (行的类别): records, totals, signatures, notes, groups.

    A row that fills its required columns is a record whatever its first word, so that a member called 合… is not lost.
    """

    def __init__(self, matched: Matched, table: Table) -> None:
        columns, keys = matched.record.columns, matched.keys.items()
        self._table, self._titles = table, {*table.titles}  # which a second page may repeat
        self._required = [at for at, key in keys if columns[key].required]
        # Columns that say nothing by themselves (serial numbers, what is worked out), and what a form leaves to be filled in.
        self._passive = matched.serial | {at for at, key in keys if columns[key].computed}
        self._answer = next((at for at, key in keys if key == matched.record.answer), None)
        # Whether a record has stood above, and below records a signature or a note: what follows and is no whole record is none.
        self._begun = self._ended = False

    def kind(self, number: int, filled: Mapping[int, Raw], inherited: Collection[int]) -> str:
        """Why the row is no record, by its own cells and the columns that a merged cell above fills."""
        first, raw = next(iter(filled.items()))
        if number in self._table.repeats:
            return HEADER
        if raw in self._titles:
            return TITLE
        merge = self._table.grid.covering(number, first)
        kind = self._kind(filled, inherited, wide=bool(merge and merge.right > merge.left))
        if kind in (SIGNATURE, NOTE):
            self._ended = self._begun
        elif not kind:
            self._begun, self._ended = True, False
        return kind

    def _kind(self, filled: Mapping[int, Raw], inherited: Collection[int], wide: bool) -> str:
        first = next(iter(filled))
        telling = {at: raw for at, raw in filled.items() if at not in self._passive} if self._passive else filled
        own, text = next(iter(telling), first), wording.label(filled[first])
        if text and _LOOKS["example"].fullmatch(text) and (first in self._passive or len(text) > 3):
            return EXAMPLE
        if not self._begun and says_how([*filled.values()]):
            return HINT
        if telling and not inherited and all(raw is not False and raw in _ZEROS for raw in telling.values()):
            return ZEROS
        total = SUBTOTAL if "小计" in text else TOTAL
        if any(map(_LOOKS["only_total"].fullmatch, {text, text if own == first else wording.label(filled[own])})):
            return total
        if len(filled) == 1 and len(text) > 12 and _LOOKS["note"].match(text):
            return NOTE
        lacking = [at for at in self._required if at not in inherited and is_blank(filled.get(at))]
        if self._required and not lacking:
            return SIGNATURE if ":" in text and _LOOKS["signature"].match(text) else RECORD
        for name, kind in (("signature", SIGNATURE), ("note", NOTE), ("total", total)) if text else ():
            if _LOOKS[name].match(text):
                return kind
        if len(filled) <= 2 and _LOOKS["numbered"].match(text):
            return NOTE if len(filled) == 1 and _LOOKS["several_items"].search(text) else GROUP
        # Alone in a row, and in no column of a record.
        if text and len(filled) == 1 and (wide or first in self._passive or _LOOKS["branch"].fullmatch(text)):
            return NOTE if _LOOKS["prose"].search(text) else GROUP
        if not telling:
            return SERIAL
        if lacking == [self._answer]:
            return UNANSWERED  # a row of a form that names somebody and got no answer (没有填写得分)
        return TAIL if self._ended else RECORD


class Reading:
    """A table that was understood: its columns, and what its rows give, read as records of one ledger."""

    def __init__(
        self, samples: Samples, matched: Matched, year: str | None, title_months: Sequence[str], titled: dict[str, str]
    ) -> None:
        self.samples, self.matched, self._record = samples, matched, matched.record
        self.said: dict[str, Any] = {}  # values of columns that stand around the table
        self.drafts: list[ParsedRow] = []
        self.skipped: list[tuple[int, str]] = []  # the rows that are no records, and why
        self.texts: list[str] = []  # what stands in those
        self.extras: dict[str, None] = {}  # unknown headings in use
        self.grouped: dict[str, list[Any]] = {}  # values that group rows gave, by column key
        self.stood_in: dict[str, str] = {}  # fields that no column holds: whose value they have
        self.signing = SignIn(samples.table, matched)
        self._table = table = samples.table
        self._year, self._title_months, self._titled = year, title_months, titled
        self._headings = {heading.column: heading.key for heading in table.headings}
        names = {key: self._headings[at] for at, keys in matched.sentences.items() for key in keys}
        names |= {key: self._headings[at] for at, key in matched.keys.items()}
        self._parser = Parser(self._record, names)
        self._months = MonthReader(matched, self._headings, legend(table)) if self._record.months_of else None
        self._wanted = frozenset([*range(table.left, table.right + 1), *table.head]) - {matched.identity}
        self._undone = frozenset(wording.TABLE["undone"].get(self._record.ledger, ()))
        self._units = _foreign_units(matched, table.headings)
        self._days = {key: column.kind for key, column in self._record.columns.items() if column.kind.matter == "day"}
        # What the words of a category say of people who are no members; whether a bare 党员 may be either kind there.
        self._category = next((at for at, key in matched.keys.items() if key == self._record.outsiders), None)
        rows = table.grid.rows[table.first - 1 : table.last] if self._category is not None else []
        raws = {raw for row in rows if isinstance(raw := cell_at(row, self._category or 0), str)}
        self._outsiders = {raw: word for raw in raws if (word := wording.OUTSIDERS.get(wording.label(raw)))}
        self._unclear = any(word in raw for raw in raws for word in ("预备", "正式"))
        self._group_values: dict[str, Any] = {}
        self._group_year: str | None = None
        self._by_month: dict[tuple[str, ...], ParsedRow] = {}

    @property
    def unsaid(self) -> list[Column]:
        """Columns that a title may hold and somebody has to say, the branch even where a record may do without; nothing does."""
        record, roster, rows = self._record, self.samples.roster, [row.values for row in self.drafts]
        said = self.matched.found | self.said.keys() | self.grouped.keys()
        said |= {key for key in self.stood_in if all(key in row for row in rows)}
        if record.branch_from and any(home_of_named(record, row, roster) for row in rows):
            said.add("branch")
        needed = "branch" if record.branch_from and roster.branches else ""
        columns = record.columns.values() if rows else ()
        return [
            column
            for column in columns
            if column.context and (column.required or column.key == needed) and column.key not in said
        ]

    def read(self) -> None:
        """All rows from below the header to the table's end."""
        table, fills = self._table, self._table.grid.fills()
        kinds = RowKinds(self.matched, table)
        for number in range(table.first, table.last + 1):
            row = table.grid.row(number)
            filled: dict[int, Raw] = {
                at: raw
                for at, raw in enumerate(row)
                if raw is not None and at in self._wanted and not (type(raw) is str and raw.isspace())
            }
            if not filled:
                continue
            inherited = fills.get(number, {}) | table.head
            kind = kinds.kind(number, filled, inherited)
            if not kind and self._outsiders and self._category is not None and self._category not in inherited:
                raw = cell_at(row, self._category)  # of a staff list, which is about others too
                if raw in self._outsiders:
                    kind = f"{self._outsiders[str(raw)]}，不是党员"
                elif is_blank(raw):
                    kind = f"没有填写{self._headings[self._category]}，不按党员读取"
            kind = kind or self.signing.why_none(row)
            if kind and self._identity(row) is None:  # what we exported as a record is one, whatever its words
                self._skip(number, kind, filled)
            else:
                self._take(number, filled, inherited)
        compare_rows(table, self.matched, self.drafts)

    def _skip(self, number: int, kind: str, filled: Mapping[int, Raw]) -> None:
        self.skipped.append((number, kind))
        self.texts += [raw for raw in filled.values() if isinstance(raw, str)]
        if kind == GROUP:
            first = str(next(iter(filled.values())))
            self._group_year = str(context.year_in([first]) or "") or None
            text, held, record, said = group_name(first), self.matched.found, self._record, dict[str, Any]()
            around, columns = context.surroundings([[text]], ""), [*record.columns.values()]
            named = [column for column in columns if is_text(column) and tight(column.heading) in text]  # 第一党小组
            for column in [*named, *(own for own in columns if own.context)] if text else ():
                if not said and column.key not in held:
                    value = context.value_of(column, around, self.samples.roster, False)
                    value = text if value is None and is_text(column) else value
                    said |= {} if value is None else {column.key: value}
            if self._group_year and record.date not in held and not record.columns[record.date].required:
                said[record.date] = self._group_year  # an honour of 2025, and no day is said
            self._group_values = said
            for key, value in said.items():
                self.grouped.setdefault(key, []).append(value)

    def _take(self, number: int, filled: dict[int, Raw], inherited: Mapping[int, Raw]) -> None:
        matched, record = self.matched, self._record
        cells, extras, unread, months = dict[str, Raw](), dict[str, Raw](), dict[str, Raw](), dict[int, Raw]()
        merged = {column: raw for column, raw in inherited.items() if column in self._wanted}
        held, year = filled | merged, self._group_year or self._year
        if matched.years is not None:  # the row's own 年份 column
            with suppress(ValueProblem):
                year = YEAR.parse(held.get(matched.years)) or year
        numbers: dict[str, tuple[str, str]] = {}
        for column, raw in (*filled.items(), *merged.items()):
            if type(raw) is str and raw[:1] in WRAPS:
                raw = unwrapped(raw)
            if (key := matched.keys.get(column)) is not None:
                if key in self._days:
                    raw = context.since_1900(raw) if self._table.grid.sheet.epoch_1904 else raw
                    raw = context.with_year(self._days[key], raw, year)
                cells.setdefault(key, _with_unit(raw, self._units[column]) if column in self._units else raw)
            elif column in matched.months:
                months.setdefault(column, raw)
            elif column in matched.sentences:
                said = wording.attendance_in(record, raw)
                if said is None and isinstance(raw, str) and not re.search(r"\d", raw):
                    said = {record.presence[0]: raw}  # among sentences a list of names
                unread |= {self._headings[column]: raw} if said is None and not is_blank(raw) else {}
                for key, value in (said or {}).items():
                    cells.setdefault(key, value)
            elif column not in matched.serial:
                extras.setdefault(self._headings[column], raw)
                if column in matched.numbers:
                    key, which = matched.numbers[column]
                    numbers.setdefault(key, (which, tight(as_text(raw) or "")))
        came = self._identity(self._table.grid.row(number))
        about = record.one_each if came is None and not record.months_of else None
        named = cells.get(about.key) if about else None
        parts = [part.strip() for part in _SEVERAL.split(named) if part.strip()] if isinstance(named, str) else []
        # A row may be about several (荣誉, 学习: 张三、李四); their shares of one payment are not known.
        several = [{**cells, about.key: part} for part in parts] if about and len(parts) > 1 else [cells]
        drafts = [draft for row in several for draft in self._drafts(number, row, months, held, year)]
        self._put_extras(drafts, extras)
        for draft in drafts:
            draft.numbers = numbers
            if came is None and not draft.values.get("state"):
                self._refuse_undone(draft, held)
            for heading, raw in unread.items():
                draft.refuse(heading, shown(raw, ANY), _UNREAD)
            self._complete(draft, cells, held, year)
        if len(drafts) == 1 and came is not None:
            self._look(came, held)
            drafts[0].origin = came
        if not drafts:
            self.skipped.append((number, NO_MONTH))
        self.drafts += drafts

    def _complete(self, draft: ParsedRow, cells: Cells, held: Mapping[int, Raw], year: str | None) -> None:
        """What group rows, title, the column to sign and that of the end say of the record besides its own cells."""
        matched, record = self.matched, self._record
        for key, value in (*self._group_values.items(), *self._titled.items()):
            draft.values.setdefault(key, value)
        self.signing.take(self._table.grid.row(draft.row), draft)
        if matched.until is not None and not self._months:  # a column says when it ended: a range of days
            first, last = draft.values.get(record.date), self._day(held.get(matched.until), year)
            if first and last and last > first and ".." not in first + last and len(first) == len(last):
                draft.values[record.date] = f"{first}..{last}"
        if self._unclear and cells.get(record.outsiders) == "党员":
            sentence = "按“正式党员”读取；同一列里还分正式和预备，请核对"
            draft.warn(record.columns[record.outsiders], "党员", sentence)

    def _drafts(
        self, number: int, cells: Cells, months: Mapping[int, Raw], held: Mapping[int, Raw], year: str | None
    ) -> list[ParsedRow]:
        """The records of one row: one, or one for each month of which it speaks."""
        matched, record = self.matched, self._record
        if self._months and matched.months:
            measure = held.get(-1 if matched.measure is None else matched.measure)
            drafts = self._months.by_column(number, cells, months, self._group_year or self._year, measure)
            for draft in [] if matched.measure is None else drafts:  # two rows (应交, 实交) say one record of a month
                key = tuple(str(draft.values.get(name)) for name in ("branch", "member", record.date))
                first = self._by_month.setdefault(key, draft)
                if first is not draft:
                    draft.joins = first
                    first.values |= draft.values
                    first.problems += draft.problems
            return drafts
        if self._months:  # a range, a quarter or two columns name several months; else perhaps the title
            until, monthly = (held.get(-1 if at is None else at) for at in (matched.until, matched.monthly))
            span, said = self._title_months, cells.get(record.date)
            if record.date in cells or record.date in matched.found:
                begun, ended = self._day(said, year), self._day(until, year)
                both = begun and ended and begun < ended
                span = period.months(period.period_of(f"{begun}..{ended}")) if both else context.months_in(said, year)
            if span:
                return self._months.by_row(number, cells, monthly, span)
        draft = self._parser.parse(number, cells)
        if self._months and record.months_of not in matched.found:
            self._months.take_in_full(draft)
        return [draft]

    def _day(self, raw: Raw, year: str | None) -> str | None:
        with suppress(ValueProblem):
            return self._days[self._record.date].parse(context.with_year(self._days[self._record.date], raw, year))
        return None

    def _put_extras(self, drafts: list[ParsedRow], extras: Mapping[str, Raw]) -> None:
        """Keep what unknown columns hold; a formula that failed or looks like one is a problem there too."""
        for heading, raw in extras.items():
            try:
                text = TEXT.parse(raw)
            except ValueProblem as problem:
                for draft in drafts[:1]:
                    draft.refuse(heading, mask_found(heading, shown(raw, ANY)), problem.sentence)
                continue
            self.extras |= {heading: None} if text is not None else {}
            if text is not None and not comes_back_masked(heading, text):
                for draft in drafts:
                    draft.extras[heading] = text

    def _refuse_undone(self, draft: ParsedRow, held: Mapping[int, Raw]) -> None:
        """Refuse what a column that is no field's, or the remark, says was not done, or not yet (已取消, 未缴); 0 yuan is no payment."""
        if self._months and not draft.values.get(self._record.months_of):
            return
        for column, raw in held.items():
            said = wording.label(raw) if self.matched.keys.get(column, "note") == "note" else ""
            if said and {said, f"{wording.bare(self._headings.get(column, ''))}{said}"} & self._undone:
                message = (
                    f"“{said}”像是没有办成，或者是别的事，没有写入；不是的话请改这一格，是的话请删去这一行，再导入"
                )
                draft.refuse(self._headings[column], said, message)

    def _look(self, came: Origin, cells: Mapping[int, Raw]) -> None:
        """What of the row is not as it was exported."""
        for column, key in self.matched.keys.items():
            raw = cells.get(column)
            came.look(key, raw)
            if isinstance(raw, str) and is_masked(raw):
                came.hidden[key] = raw
        for column in cells.keys() - self.matched.keys.keys() - self.matched.serial:
            came.look(f"{origin.EXTRA}{self._headings[column]}", cells[column])

    def _identity(self, row: list[Raw]) -> Origin | None:
        """What the hidden column of an exported row says; earlier versions wrote the name of the book and a number."""
        at = self.matched.identity
        if at is None or at >= len(row):
            return None
        book, _, own = str(row[at]).partition("-")
        if own.isascii() and own.isdecimal():
            return Origin(derived_uid(book, self._record.ledger, int(own)))
        return origin.read(row[at])


def _foreign_units(matched: Matched, headings: list[wording.Heading]) -> dict[int, str]:
    """Columns whose heading names another unit than ours: 金额(元) where we keep 万元, 服务人次(万人次)."""
    units = {}
    for heading in [head for head in headings if head.column in matched.keys]:
        kind = matched.record.columns[matched.keys[heading.column]].kind
        unit = "".join(wording.SAYS["bracket"].findall(heading.lowest)[-1:])[1:-1]  # in brackets behind the heading
        if kind.matter == "count" and unit.startswith(("万", "千", "百")):
            units[heading.column] = unit
        elif kind.matter == "number" and kind.unit in ("小时", "学时") and "分钟" in heading.lowest:
            units[heading.column] = "分钟"
        elif kind.matter == "number" and kind.unit and unit and unit not in (kind.unit, *kind.units):
            ours = unit.endswith(kind.unit.lstrip("百千万亿")) or unit in ("分钟", "天", "元", "万元")
            units |= {heading.column: unit} if ours else {}
    return units


def _with_unit(raw: Raw, unit: str) -> Raw:
    """A bare number under a heading in another unit gets that unit, so that it is not read in ours."""
    bare = isinstance(raw, int | float) or (isinstance(raw, str) and raw.strip().replace(".", "", 1).isdecimal())
    return f"{raw}{unit}" if bare and not isinstance(raw, bool) else raw
