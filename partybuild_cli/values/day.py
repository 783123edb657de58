"""Days (日期) kept as precise as their source, and the little arithmetic that the regulations need."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.cells import DateCell, ErrorCell, NumberCell, Raw, Shown
from partybuild_cli.values.dayread import FIRST_YEAR, LAST_YEAR, RANGE_MARK, iso_day, read_day
from partybuild_cli.values.kind import Kind, Primitive, Style
from partybuild_cli.values.meant import meant_day
from partybuild_cli.values.text import as_text, error_problem

_PRECISION: dict[int, Shown] = {4: "year", 7: "month", 10: "day"}
_LENGTH: dict[Shown, int] = {shown: length for length, shown in _PRECISION.items()}
_SERIAL_ORIGIN = date(1899, 12, 30)
_SERIALS = range(20000, 60001)


@dataclass(frozen=True)
class Day(Kind):
    """A day, month or year as ISO text; where a range is allowed (起止日期), also `first..last`.

    `ahead` where it is a deadline, which may be as far ahead as it likes.
    """

    range_allowed: bool = False
    ahead: ClassVar[bool] = False
    label: ClassVar[str] = "日期"
    example: ClassVar[str] = "2026.09.05"
    style: ClassVar[Style] = "day"
    as_it_is: ClassVar[bool] = True
    vague: ClassVar[bool] = True
    how: ClassVar[str] = "日期，如 2026.09.05；只知道月份就写 2026.09，不要补成 1 日"

    def parse(self, raw: Raw) -> str | None:
        if isinstance(raw, DateCell):
            return _of_date_cell(raw)
        if isinstance(raw, bool):
            raise ValueProblem("这里应填日期，不能填是或否")
        if isinstance(raw, int | float):
            return _of_number(raw)
        if isinstance(raw, NumberCell):
            return _of_shown_number(raw)
        if isinstance(raw, ErrorCell):
            raise error_problem(raw)
        text = as_text(raw)
        return None if text is None else self._of_text(text)

    def meant(self, said: str, today: date) -> str:
        return meant_day(said, today, self.ahead)

    def _of_text(self, text: str) -> str:
        if len(text) == 5 and text.isdecimal() and int(text) in _SERIALS:
            return _of_number(int(text))
        day = read_day(text)
        if RANGE_MARK in day and not self.range_allowed:
            raise ValueProblem(f"这里只能填一个日期，不能填起止日期（{day.replace(RANGE_MARK, ' 至 ')}）")
        return day

    def cell(self, value: str) -> str:
        return dotted_day(value) if value[:1].isdigit() else value

    def same(self, one: str, other: str) -> bool:
        return agrees(one, other) if one[:1].isdigit() and other[:1].isdigit() else one == other

    def differs(self, new: Primitive, old: Primitive, as_typed: bool) -> bool:
        """Of two days that do not contradict each other the finer stays."""
        day, was = str(new), str(old or "")
        if not (day[:1].isdigit() and was[:1].isdigit()):
            return True
        return not agrees(day, was) or (day != was if as_typed else finer(day, was) != was)


def _of_date_cell(cell: DateCell) -> str:
    """What the number format of a date cell shows; a time of day is left aside."""
    day = cell.day
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        iso_day(day.year)
    return day.date().isoformat()[: _LENGTH[cell.shown]]


def _of_number(number: int | float) -> str:
    """A bare number: 19850312, 198503, 1985, a serial of the 1900 system, or 1985.03."""
    if _SERIALS.start <= number < _SERIALS.stop:
        return (_SERIAL_ORIGIN + timedelta(days=int(number))).isoformat()
    if number != number or abs(number) > 99999999:
        raise ValueProblem("这个数字不是日期，请写成 2026-09-27 或 2026年9月")
    if number == int(number):
        return read_day(str(int(number)))
    shown = repr(number)
    if shown.endswith(".1"):
        raise ValueProblem(f"数字 {shown} 可能是1月，也可能是10月，请改成文本，如 {shown[:-2]}年1月")
    return read_day(shown)


def _of_shown_number(cell: NumberCell) -> str:
    """A number with decimals says a month only when its format shows both digits of it (1980.10)."""
    if isinstance(cell.value, int) or not cell.value % 1:
        return _of_number(cell.value)
    shown = cell.shown.strip()
    if len(shown) != 7:
        raise ValueProblem(f"数字 {shown} 看不出是几月，请改成文本，如 1980年10月")
    return read_day(shown)


def ends(day: str) -> tuple[str, str]:
    """The first and the last end of a range; a single day is both."""
    first, _, last = day.partition(RANGE_MARK)
    return first, last or first


def precision(day: str) -> Shown:
    """How precise the day is: day, month or year; of a range, its beginning."""
    return _PRECISION[len(ends(day)[0])]


def first_date(day: str) -> date:
    """The first calendar day that the text may mean."""
    return date.fromisoformat(ends(day)[0] + {4: "-01-01", 7: "-01", 10: ""}[len(ends(day)[0])])


def last_date(day: str) -> date:
    """The last calendar day that the text may mean."""
    last = ends(day)[1]
    if len(last) == 10:
        return date.fromisoformat(last)
    year, month = int(last[:4]), int(last[5:7] or 12)
    return date(year, month, monthrange(year, month)[1])


def agrees(one: str, other: str) -> bool:
    """Whether neither day contradicts the other: 1985-03 and 1985-03-12 do not."""
    if (RANGE_MARK in one) != (RANGE_MARK in other):
        return False
    pairs = zip(ends(one), ends(other), strict=True)
    return all(a.startswith(b) or b.startswith(a) for a, b in pairs)


def finer(one: str, other: str) -> str:
    """The more precise of two days that agree; `one` when they are equally precise."""
    return other if len(other) > len(one) else one


def add_months(day: date, months: int) -> date:
    """The same day `months` later (earlier, if negative), clipped: 31 January + 1 is the end of February."""
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def chinese_day(day: str) -> str:
    """2026年9月5日, 2026年9月 or 2026年; a range with 至."""
    return "至".join(
        "".join(f"{int(number)}{unit}" for number, unit in zip(end.split("-"), "年月日", strict=False))
        for end in day.split(RANGE_MARK)
    )


def dotted_day(day: str) -> str:
    """2026.09.05, 2026.09 or 2026; a range with a dash."""
    return "-".join(end.replace("-", ".") for end in day.split(RANGE_MARK))
