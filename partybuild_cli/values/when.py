"""The kinds of value that say when: day, period, quarter (日期 期间 季度)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.day import RANGE_MARK, agrees, dotted_day, finer, read_day
from partybuild_cli.values.kind import NumberCell, Primitive, Raw, Style, TextKind
from partybuild_cli.values.period import meant_day, meant_period, read_period
from partybuild_cli.values.text import as_text, quoted

_SERIAL_ORIGIN = date(1899, 12, 30)
_SERIALS = range(20000, 60001)


@dataclass(frozen=True)
class Day(TextKind):
    """A day, month or year as ISO text; where a range is allowed (起止日期), also `first..last`.

    `ahead` where it is a deadline, which may be as far ahead as it likes.
    """

    range_allowed: bool = False
    ahead: ClassVar[bool] = False
    label: ClassVar[str] = "日期"
    example: ClassVar[str] = "2026.09.05"
    style: ClassVar[Style] = "day"
    vague: ClassVar[bool] = True
    how: ClassVar[str] = "日期，如 2026.09.05；只知道月份就写 2026.09，不要补成 1 日"

    def parse(self, raw: Raw) -> str | None:
        if isinstance(raw, bool):
            raise ValueProblem("这里应填日期，不能填是或否")
        if isinstance(raw, int | float):
            return _of_number(raw)
        if isinstance(raw, NumberCell):
            return _of_shown_number(raw)
        text = as_text(raw)
        if text is None:
            return None
        if len(text) == 5 and text.isdecimal() and int(text) in _SERIALS:
            return _of_number(int(text))
        day = read_day(text)
        if RANGE_MARK in day and not self.range_allowed:
            raise ValueProblem(f"这里只能填一个日期，不能填起止日期（{day.replace(RANGE_MARK, ' 至 ')}）")
        return day

    def meant(self, said: str, today: date) -> str:
        return meant_day(said, today, self.ahead)

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


@dataclass(frozen=True)
class PeriodKind(TextKind):
    """A period (期间) kept as its canonical label."""

    label: ClassVar[str] = "期间"
    example: ClassVar[str] = "2026Q3"
    how: ClassVar[str] = "期间，如 2026Q3、2026-09、2026"

    def meant(self, said: str, today: date) -> str:
        return meant_period(said, today)

    def parse(self, raw: Raw) -> str | None:
        text = as_text(raw)
        return None if text is None else read_period(text)


@dataclass(frozen=True)
class QuarterKind(PeriodKind):
    """A quarter (季度) and nothing else: 2026Q3."""

    label: ClassVar[str] = "季度"
    how: ClassVar[str] = "季度，如 2026Q3 或 2026年第三季度"

    def parse(self, raw: Raw) -> str | None:
        period = super().parse(raw)
        if period is not None and period[4:5] != "Q":
            raise ValueProblem(f"{quoted(period)}不是季度，请写成 2026Q3 或 2026年第三季度")
        return period
