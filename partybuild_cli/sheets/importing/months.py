"""Rows that speak of several months of dues (按月的党费): one draft a month. What each comes to is never guessed.

Three months' 90 yuan are three months of 30 only where the row says 30 too (每月应缴), or where each month's 应缴 adds up to it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.plan import Parser, shown
from partybuild_cli.records.base.row import ParsedRow
from partybuild_cli.sheets.importing import wording
from partybuild_cli.sheets.importing.columns import Matched, month_field
from partybuild_cli.values import Choice
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.text import Text

Cells = dict[str, Raw]
#: One column of a row: its place, what it holds, the month that it is of.
Each = tuple[int, Raw, int]
_UNSAID = "这是几个月的数，表中没有写明每个月是多少；请加一列“每月应缴”，或者一个月一行填写，再导入"
_DUE = "due"
ANY = Column(Text(), "")


class MonthReader:
    """Makes drafts, one a month, of a row that speaks of several."""

    def __init__(self, matched: Matched, headings: Mapping[int, str], legend: Mapping[str, str]) -> None:
        self._matched, self._record = matched, matched.record
        self._headings = headings
        self._legend = legend
        self._names = {key: headings[place] for place, key in matched.keys.items()}
        self._parsers = {
            place: Parser(self._record, {**self._names, key: headings[place]})
            for place, (_, _, key) in matched.months.items()
        }
        self._parser = Parser(self._record, self._names)
        kind = self._record.columns["state"].kind
        self._states = kind.meanings if isinstance(kind, Choice) else {}

    def by_column(
        self, number: int, cells: Cells, months: Mapping[int, Raw], said_year: str | None, measure: Raw
    ) -> list[ParsedRow]:
        """One draft for each month whose column holds something, of the field that the row's `measure` names, if it has one."""
        drafts: dict[tuple[int | None, int], ParsedRow] = {}
        each, unclear = self._each(cells, months)
        shared, totals = self._totals(cells, each)
        for place, raw, month in each:
            year, _, key = self._matched.months[place]
            parser = self._parsers[place]
            if self._matched.measure is not None:
                key = month_field(self._record, wording.label(measure))
                parser = Parser(self._record, {**self._names, key: self._headings[place]})
            if isinstance(raw, str) and wording.label(raw) in self._legend:
                raw = self._legend[wording.label(raw)]
            of_month = {**shared, **dict.fromkeys((one for one, own in totals.items() if own), raw)}
            state = isinstance(raw, str) and wording.label(raw) in self._states  # 免缴 in place of a number
            parsed = parser.parse(number, {**of_month, "state" if state else key: raw})
            if place in unclear:
                parsed.refuse(self._headings[place], shown(months[place], ANY), _UNSAID)
            for one in (one for one, own in totals.items() if not own):
                parsed.refuse(self._names[one], shown(cells[one], ANY), _UNSAID)
            if key not in parsed.values and "state" not in parsed.values and not parsed.problems:
                continue
            if key not in parsed.values:
                self.take_in_full(parsed, key)
            if year := year or int((said_year or "0")[:4]):
                parsed.values[self._record.date] = f"{year}-{month:02d}"
            earlier = drafts.setdefault((year, month), parsed)
            if earlier is not parsed:
                earlier.values |= parsed.values
                earlier.problems += parsed.problems
        return list(drafts.values())

    def by_row(self, number: int, cells: Cells, monthly: Raw, span: Sequence[str]) -> list[ParsedRow]:
        """One draft for each month that the row names; one, with a problem, where it does not say what each comes to."""
        paid, date = self._record.months_of, self._record.date
        own = {**cells, _DUE: cells.get(_DUE) if monthly is None else monthly}
        third = self._part(cells.get(paid), own, len(span))
        if third is None:
            draft = self._parser.parse(number, {**cells, date: span[0]})
            place = paid if paid in cells else date
            draft.refuse(self._names.get(place, ""), shown(cells.get(place), ANY), _UNSAID)
            return [draft]
        return [self._parser.parse(number, {**own, date: month, paid: third}) for month in span]

    def take_in_full(self, draft: ParsedRow, key: str = "") -> None:
        """A word in the amount's stead says that what was due was paid (已缴)."""
        meant = self._record.in_full.get(draft.values.get("state", ""))
        if meant in draft.values:
            draft.values[key or self._record.months_of] = draft.values[meant]

    def _each(self, cells: Cells, months: Mapping[int, Raw]) -> tuple[list[Each], set[int]]:
        """The columns of the row from the left, a quarter's as three; and those of which nobody knows what a month is."""
        each: list[Each] = []
        unclear: set[int] = set()
        for place, raw in sorted(months.items()):
            month = self._matched.months[place][1]
            part = self._part(raw, cells, 3) if place in self._matched.quarters else raw
            unclear |= {place} if part is None else set()
            times = 3 if place in self._matched.quarters and part is not None else 1
            each += [(place, part, month + more) for more in range(times)]
        return each, unclear

    def _part(self, raw: Raw, cells: Cells, count: int) -> Raw:
        """What each of so many months comes to, where the row says it: the 应缴 of each, nothing, a mark for all; else None."""
        if isinstance(raw, str) and wording.label(raw) in self._legend:
            return raw
        due, paid = self._amount(cells.get(_DUE)), self._amount(raw)
        return cells[_DUE] if due is not None and paid == count * due else 0 if paid == 0 else None

    def _totals(self, cells: Cells, each: Sequence[Each]) -> tuple[Cells, dict[str, bool]]:
        """Cells that every month of the row shares; and amounts of the whole row: whether they are those of its months."""
        totals: dict[str, bool] = {}
        held = [self._matched.months[place][2] for place, _, _ in each]
        for key, other in ((self._record.months_of, _DUE), (_DUE, self._record.months_of)):
            total = self._amount(cells.get(key))
            parts = [self._amount(raw) for (_, raw, _), of in zip(each, held, strict=True) if of == other]
            known = [part for part in parts if part]
            if key in held or not total or not known or (key != _DUE and len(each) < 2):
                continue
            if key != _DUE:
                totals[key] = sum(known) == total
            elif total >= 2 * max(known):  # no month's 应缴, but that of several
                columns = [month for _, month, of in self._matched.months.values() if of == other]
                same = len(known) == len(parts) and len({*known}) == 1
                totals[key] = same and total in (sum(known), len(columns) * known[0])
        return {key: raw for key, raw in cells.items() if key not in totals}, totals

    def _amount(self, raw: Raw) -> Decimal | None:
        try:
            found: Decimal | None = self._record.columns[self._record.months_of].kind.parse(raw)
        except ValueProblem:
            return None
        return found
