"""What a sheet says outside its columns (表头以外的信息): branch, kind, quarter, year and 填报日期 in title, unit row and sheet name."""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, NamedTuple, TypeVar

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import DAY
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.sheets.importing import wording
from partybuild_cli.values.day import last_date
from partybuild_cli.values.kind import Kind, NumberCell, Raw
from partybuild_cli.values.period import months, period_of, read_period
from partybuild_cli.values.text import normalise, tight

Said = TypeVar("Said")
_SAYS = {name: re.compile(pattern) for name, pattern in wording.TABLE["around"].items()}


class Surroundings(NamedTuple):
    """The texts around a table: of the rows above it, the sheet's name, and of the rows above the first table, which speak for all."""

    lines: tuple[str, ...]
    sheet: str
    head: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Where a value may stand, the most telling first."""
        return (*self.lines, self.sheet)

    @property
    def year(self) -> int | None:
        return year_in(self.texts) or year_in(self.head)


def surroundings(preamble: Sequence[Sequence[str]], sheet: str, head: Sequence[Sequence[str]] = ()) -> Surroundings:
    above, first = (tuple(wording.label(text) for line in lines for text in line) for lines in (preamble, head))
    return Surroundings(above, wording.label(sheet), first)


def _first(say: Callable[[str], Said | None], texts: Iterable[str]) -> Said | None:
    """What the first of the texts says that says anything."""
    return next(filter(None, map(say, texts)), None)


def context_of(
    record: type[Record], held: set[str], around: Surroundings, roster: Roster, default: bool = True
) -> dict[str, Any]:
    """Values of columns that the sheet does not have. Without any word on the branch, by `default` the only one of the book."""
    columns = [column for key, column in record.columns.items() if column.context and key not in held]
    lone = bool(record.branch_from)
    context = {
        column.key: value_of(column, around, roster, default and (column.required or lone)) for column in columns
    }
    if "branch" not in record.columns and record.ledger != "branch":
        context["branch"] = branch_in(around, roster)
    return {key: value for key, value in context.items() if value is not None}


def value_of(column: Column, around: Surroundings, roster: Roster, default: bool) -> Any:
    """What texts say of a column; None where they say nothing."""
    kind = column.kind
    if kind.matter == "branch":
        only = roster.only_branch if default else None
        return branch_in(around, roster) or (roster.branch_names[only] if only is not None else None)
    if kind.matter == "rater":  # 评议人 above an anonymous form
        said = (line.partition(":")[::2] for line in around.lines)
        return next((kind.parse(value) for word, value in said if word in column.headings and value), None)
    if kind.words:
        return _first(partial(choice_in, kind), around.texts)
    if kind.signs == 4:
        return str(around.year) if around.year else None
    if kind.signs == 7 or kind.matter in ("period", "quarter"):
        quarter = None if kind.signs else quarter_in(around)
        return quarter or (None if kind.matter == "quarter" else month_in(around))
    if kind.matter == "text" and not kind.prose:  # 方面: 我为群众办实事 of 2026年“我为群众办实事”项目清单
        plain = (_SAYS["before_matter"].sub("", re.sub("[“”‘’\"'《》]", "", line)) for line in around.lines)
        return found[1] if (found := _first(_SAYS["of_list"].fullmatch, plain)) else None
    return None


def said_by(column: Column, value: Any, entry: dict[str, Any]) -> Any:
    """What another field's `value` says of the column: the entry's own word, a word of the choice in it, or the same."""
    kind, text = column.kind, tight(str(value))
    if value is None or "says" in entry:
        return entry.get("says") if value is not None else None
    if not kind.words:
        return kind.parse(str(value))
    name = _SAYS["activity"].sub("", text)
    at_end = (kind.meanings[word] for word in sorted(kind.meanings, key=len, reverse=True) if name.endswith(word))
    return next(at_end, None) or (choice_in(kind, text) if entry.get("some") else None)


def branch_in(around: Surroundings, roster: Roster) -> str | None:
    """The branch that the sheet is about: after 党支部名称：, else a known name in the texts, else the sheet's name."""
    if label := _first(_SAYS["branch_label"].fullmatch, around.lines):
        return known_branch(label[1], roster) or label[1]
    named = _first(lambda text: known_branch(text, roster), (*around.texts, *around.head))
    short = [name for name in real_branches(roster) if around.sheet and name.removesuffix("党支部") == around.sheet]
    return named or (short[0] if len(short) == 1 else None)


def known_branch(text: str, roster: Roster) -> str | None:
    """The one branch of the book whose name, or former name, the text holds; of 一支部 and 第一支部 the longer."""
    every = {name: roster.numbered(name) or 0 for name in (*roster.branches, *roster.borne) if name in text}
    found = [name for name, number in every.items() if roster.branch_kinds[number] in ("党支部", None)]
    longest = [name for name in found if not any(name != other and name in other for other in found)]
    return longest[0] if len(longest) == 1 else None


def real_branches(roster: Roster) -> list[str]:
    """The branches of the book, without the organisations above them."""
    return [name for name, number in roster.branches.items() if roster.branch_kinds[number] in ("党支部", None)]


def choice_in(kind: Kind, text: str) -> str | None:
    """The one meaning among the words of a choice that the text holds."""
    found: set[str] = set()
    for word, meaning in sorted(kind.meanings.items(), key=lambda pair: -len(pair[0])):
        if len(word) > 1 and word in text:
            found.add(meaning)
            text = text.replace(word, " ")
    return found.pop() if len(found) == 1 else None


def quarter_in(around: Surroundings) -> str | None:
    """The quarter; its year may stand in another text than its number."""
    for text in around.texts:
        if found := _SAYS["quarter"].search(text):
            year = found[1] or year_in([text]) or around.year
            return read_period(f"{year}年第{found[2] or found[3]}季度") if year else None
    return None


def span_in(around: Surroundings) -> list[str]:
    """The several months that title, unit row or sheet name say, if they do."""
    for text in around.texts:
        if (found := _SAYS["span"].search(text)) and (year := year_in([text]) or around.year):
            return months_in(found[0], str(year))
    return []


def day_in(around: Surroundings) -> str | None:
    """The one whole day that title, unit row or sheet name say; the day on which the sheet was filled in does not count."""
    days = [day for text in around.texts if not _SAYS["as_of"].search(text) for day in _SAYS["whole_day"].findall(text)]
    found = {f"{year}-{int(month):02d}-{int(day):02d}" for year, month, day in days}
    return found.pop() if len(found) == 1 else None


def month_in(around: Surroundings) -> str | None:
    """The one month that title, unit row or sheet name say; a month of a whole day does not count."""
    whole, as_of = _SAYS["whole_day"], _SAYS["as_of"]
    texts = [as_of.sub(lambda said: "" if whole.search(said[0]) else said[0], text) for text in around.texts]
    found = {f"{said[0]}-{int(said[3]):02d}" for text in texts for said in _SAYS["month"].findall(text)}
    only = _SAYS["month_only"].fullmatch(around.sheet)  # the sheet 3月 of a title that says the year
    if not found and only and only[2] and (year := year_in(around.lines)):
        return f"{year}-{wording.numeral(only[1]):02d}"
    return found.pop() if len(found) == 1 else None


def year_in(texts: Sequence[str]) -> int | None:
    """The year that the first telling text says; none where that text says several."""
    years = _first(lambda text: {int(found[1]) for found in _SAYS["year"].finditer(text)}, texts)
    return years.pop() if years and len(years) == 1 else None


def as_of_in(around: Surroundings, endings: Sequence[str]) -> date | None:
    """The sheet's 填报日期 above or below the records, up to which 党龄 and 年龄 count; of a month its last day."""
    for found in filter(None, map(_SAYS["as_of"].search, (*around.lines, *endings))):
        with suppress(ValueProblem):
            if day := DAY.parse((found[1] or found[2]).split("至")[-1].rstrip(",;。)")):
                return last_date(day)
    return None


def with_year(kind: Kind, raw: Raw, said: str | None) -> Raw:
    """The cell with the year, or year and month, that it lacks and the sheet has `said`; as it is where it says one, where
    none is known, or where it is ambiguous."""
    value = raw.value if isinstance(raw, NumberCell) else raw
    if said is None or isinstance(value, bool) or not isinstance(value, int | float | str):
        return raw
    year, text = said[:4], value if isinstance(value, str) else f"{value:.15g}"
    if kind.signs == 7:
        found = _SAYS["month_only"].fullmatch(normalise(text))
        return f"{year}-{wording.numeral(found[1]):02d}" if found and not found[3] else raw
    if isinstance(raw, float):  # 3.5, 4.16; 4.1, 4.2 and 4.3 may have been 4.10, 4.20 and 4.30
        day = repr(raw).partition(".")[2]
        plain = _SAYS["without_year"].fullmatch(repr(raw))
        return f"{year}.{raw!r}" if plain and (len(day) == 2 or int(day) > 3) else raw
    if isinstance(raw, NumberCell) and _SAYS["without_year"].fullmatch(raw.shown.strip()):
        return f"{year}.{raw.shown.strip()}"
    if isinstance(raw, str) and not raw[:4].isdecimal():
        text = normalise(raw)
        if len(said) > 4 and (only := _SAYS["day_only"].fullmatch(text)):
            return f"{said}-{int(only[1]):02d}"
        if found := _SAYS["chinese_day"].match(text):
            text = f"{wording.numeral(found[1])}月{wording.numeral(found[2])}日{text[found.end() :]}"
        if found := _SAYS["without_year"].fullmatch(text):
            rest = text[found.end(2) :].lstrip().lstrip("日号")
            return f"{year}年{found[1]}月{found[2]}日{rest}"
        if (found := _SAYS["month_only"].fullmatch(text)) and found[2] and (kind.ahead or not found[3]):
            return f"{year}-{wording.numeral(found[1]):02d}"
    return raw


_FROM_1904 = 1462  # so many days lie between the two beginnings from which spreadsheets count


def since_1900(raw: Raw) -> Raw:
    """A bare serial of a workbook that counts from 1904, as one that counts from 1900."""
    value = raw.value if isinstance(raw, NumberCell) else raw
    return int(value) + _FROM_1904 if isinstance(value, int | float) and 18538 <= value < 60000 else raw


def months_in(raw: Raw, year: str | None) -> list[str]:
    """The months of a cell that names several (1-3月, 2026年第一季度, 上半年); none where it names another thing, or no year."""
    text = normalise(raw) if isinstance(raw, str) else ""
    if said := _SAYS["own_year"].match(text):
        year, text = said[1], text[said.end() :]
    if year and (found := _SAYS["months_range"].fullmatch(text)):
        return [f"{year}-{month:02d}" for month in range(int(found[1]), int(found[2]) + 1)]
    return months(period_of(read_period(f"{year}年{text}"))) if year and _SAYS["part"].fullmatch(text) else []
