"""Months of dues (按月的党费): columns 1月…12月 and quarters, rows of several months. What each comes to is never guessed.

Three months' 90 yuan are three months of 30 only where the row says 30 too (每月应缴), or where each month's 应缴 adds up to it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.rows import Parser, shown
from partybuild_cli.sheets.importing.context import months_in
from partybuild_cli.sheets.importing.evidence import Samples, matter_of
from partybuild_cli.sheets.importing.headings import Heading, label, months_of
from partybuild_cli.sheets.importing.matched import Matched
from partybuild_cli.sheets.importing.words import alike, words_of
from partybuild_cli.values import Choice
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.text import Text, tight

Cells = dict[str, Raw]
#: One column of a row: its place, what it holds, the month that it is of.
Each = tuple[int, Raw, int]
_UNSAID = "这是几个月的数，表中没有写明每个月是多少；请加一列“每月应缴”，或者一个月一行填写，再导入"
_DUE = "due"
ANY = Column(Text(), "")
#: A column that says what one month comes to, beside one of several months.
_MONTHLY = re.compile(r"(?<![本当])月.*(?:应|缴|交|费|标准)|标准")
_OF_QUARTER = re.compile(r"本?季度?")


def columns_of_months(found: Matched, headings: Iterable[Heading]) -> None:
    """Twelve columns 1月…12月, each perhaps with 应缴 and 实缴 below it; one alone is no register of months."""
    default = found.record.months_of
    if not default:
        return
    places, quarters, bare = {}, set(), True
    for heading in headings:
        if said := months_of(heading):
            year, month, count, rest = said
            quarters |= {heading.column} if count > 1 else set()
            key = _month_field(found.record, rest) if rest else default
            if key:
                bare = bare and not rest
                places[heading.column] = (year or _year_above(heading), month, key)
    if len({month for _, month, _ in places.values()}) > 1 or quarters & places.keys():
        found.months, found.quarters, found.bare = places, quarters & places.keys(), bare


def _month_field(record: type[Record], rest: str) -> str:
    """The field that the words behind a month name; empty where they name none."""
    known = words_of(record.ledger).get(rest)
    if known:
        return known[0].key
    shares = {
        column.key: max(alike(rest, tight(own), matter_of(column)) for own in column.headings)
        for column in record.columns.values()
    }
    best = max(shares, key=lambda key: shares[key])
    return best if shares[best] >= 0.8 else ""


def _year_above(heading: Heading) -> int | None:
    """The year that a group above the months says (2026年缴纳党费金额)."""
    for line in heading.lines[:-1]:
        if line[:4].isdecimal() and line[4:5] in ("年", ""):
            return int(line[:4])
    return None


def several_months(found: Matched, headings: Sequence[Heading], samples: Samples | None) -> None:
    """A column of quarters or ranges of months is the month of each row; 季度实缴 beside it its payment, 每月应缴 what a month is."""
    record = found.record
    free = [one for one in headings if one.column not in {*found.keys, *found.numbers}]
    found.monthly = next((one.column for one in free if _MONTHLY.search(one.lowest)), None)
    spans = [one for one in free if samples and record.date not in found.found and _names_months(samples, one.column)]
    for heading in spans[:1]:
        found.keys[heading.column] = found.near[heading.key] = record.date
        for other in free:
            period = _OF_QUARTER.sub("", other.lowest)
            said = period != other.lowest and record.months_of not in found.found
            if said and _month_field(record, period) == record.months_of:
                found.keys[other.column] = found.near[other.key] = record.months_of


def _names_months(samples: Samples, place: int) -> bool:
    values = samples.values(place)
    return bool(values) and all(months_in(raw, "2000") for raw in values)


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

    def by_column(self, number: int, cells: Cells, months: Mapping[int, Raw], said_year: str | None) -> list[Draft]:
        """One draft for each month whose column holds something."""
        drafts: dict[tuple[int | None, int], Draft] = {}
        each, unclear = self._each(cells, months)
        shared, totals = self._totals(cells, each)
        for place, raw, month in each:
            year, _, key = self._matched.months[place]
            if isinstance(raw, str) and label(raw) in self._legend:
                raw = self._legend[label(raw)]
            of_month = {**shared, **dict.fromkeys((one for one, own in totals.items() if own), raw)}
            parsed = self._parsers[place].draft(number, self._of_month(key, raw, of_month))
            if place in unclear:
                parsed.refuse(self._headings[place], shown(months[place], ANY), _UNSAID)
            for one in (one for one, own in totals.items() if not own):
                parsed.refuse(self._names[one], shown(cells[one], ANY), _UNSAID)
            if key not in parsed.values and "state" not in parsed.values and not parsed.problems:
                continue
            if key not in parsed.values:
                self.take_in_full(parsed, key)
            if year := year or int(said_year or 0):
                parsed.values[self._record.date] = f"{year}-{month:02d}"
            earlier = drafts.setdefault((year, month), parsed)
            if earlier is not parsed:
                earlier.values |= parsed.values
                earlier.problems += parsed.problems
        return list(drafts.values())

    def by_row(self, number: int, cells: Cells, monthly: Raw, span: Sequence[str]) -> list[Draft]:
        """One draft for each month that the row names; one, with a problem, where it does not say what each comes to."""
        paid, date = self._record.months_of, self._record.date
        own = {**cells, _DUE: cells.get(_DUE) if monthly is None else monthly}
        third = self._part(cells.get(paid), own, len(span))
        if third is None:
            draft = self._parser.draft(number, {**cells, date: span[0]})
            place = paid if paid in cells else date
            draft.refuse(self._names.get(place, ""), shown(cells.get(place), ANY), _UNSAID)
            return [draft]
        return [self._parser.draft(number, {**own, date: month, paid: third}) for month in span]

    def take_in_full(self, draft: Draft, key: str = "") -> None:
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
        if isinstance(raw, str) and label(raw) in self._legend:
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

    def _of_month(self, key: str, raw: Raw, cells: Cells) -> dict[str, Any]:
        """The cells of one month; 免缴 in place of a number is a state of the month."""
        kind = self._record.columns["state"].kind
        state = isinstance(kind, Choice) and isinstance(raw, str) and label(raw) in kind.meanings
        return {**cells, "state" if state else key: raw}
