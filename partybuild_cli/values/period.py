"""Periods (期间): a year, half-year, quarter, month, or any run of days; and days and periods as kinds and as clerks say them.

What is seen from the day on which it is said (今天 上周五 10.15 上月 上半年) is read in commands only: in a workbook it is no day.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.values import day as days
from partybuild_cli.values.kind import Matter, NumberCell, Primitive, Raw, TextKind
from partybuild_cli.values.text import as_text, quoted, tight

FORMS = "2026、2026H1、2026Q3、2026-09、2026年第三季度、本月、上月、10月、本季度、上季度、上半年、今年、this、last 或 2026-01-01..2026-06-30"

_QUARTER = r"(\d{4})(?:年度?)?(?:Q([1-4])|第?([一二三四1-4])季度?)"
_HALF = r"(\d{4})(?:年度?)?(?:H([12])|([上下])半年)"
_YEAR = r"(\d{4})(?:年度?|全年)?"
_NUMERALS = {"一": "1", "二": "2", "三": "3", "四": "4", "上": "1", "下": "2"}


@dataclass(frozen=True)
class Period:
    """From `first` to `last`, both included; `label` is its canonical text."""

    first: date
    last: date
    label: str

    @property
    def bounds(self) -> tuple[str, str]:
        """The texts between which what begins within lies."""
        return text_bounds(self.first, self.last)


def parse_period(text: str, today: date) -> Period:
    """The period that an option names; `this` and `last` (本季度 上季度), 本月 and 上半年 are seen from today."""
    word = {"this": "本季度", "last": "上季度"}.get(tight(text).lower(), text)
    try:
        return period_of(read_period(meant_period(word, today)))
    except ValueProblem as problem:
        raise UsageFault(f"期间{quoted(text)}看不懂，可以写成：{FORMS}。") from problem


def refuse_future(period: Period, today: date) -> None:
    """UsageFault for a period of which no day has come."""
    if period.first > today:
        raise UsageFault(
            f"{period.label} 到 {period.first} 才开始，现在还没有可以看的记录。请写已经开始的期间，如 this、last。"
        )


def read_period(text: str) -> str:
    """The canonical label of the period: 2026, 2026H1, 2026Q3, 2026-09 or first..last."""
    word = tight(text).upper()
    for form, letter in ((_QUARTER, "Q"), (_HALF, "H")):
        if found := re.fullmatch(form, word):
            number = found[2] or _NUMERALS.get(found[3], found[3])
            return f"{days.iso_day(int(found[1]))}{letter}{number}"
    if found := re.fullmatch(_YEAR, word):
        return days.iso_day(int(found[1]))
    try:
        day = days.read_day(text)
    except ValueProblem as problem:
        raise ValueProblem(f"{quoted(text)}不是能识别的期间，请写成 2026Q3 或 2026年9月") from problem
    if len(day) == 10:
        raise ValueProblem(f"{quoted(text)}只是一天，这里要填年、季度或月份，如 2026Q3、2026年9月")
    return day


def period_of(label: str) -> Period:
    """The days of a canonical label."""
    if count := {"Q": 3, "H": 6}.get(label[4:5]):
        first = date(int(label[:4]), (int(label[5]) - 1) * count + 1, 1)
        return Period(first, days.last_date(str(days.add_months(first, count - 1))[:7]), label)
    return Period(days.first_date(label), days.last_date(label), label)


def before(period: Period) -> Period:
    """The period of the same length that ended when this one began."""
    if days.RANGE_MARK in period.label:
        last = period.first - timedelta(days=1)
        return period_of(f"{last - (period.last - period.first)}..{last}")
    length = len(months(period))
    start = days.add_months(period.first, -length)
    label = {12: str(start.year), 6: f"{start.year}H{1 + (start.month > 6)}", 3: quarter_of(start)}
    return period_of(label.get(length, f"{start:%Y-%m}"))


def text_bounds(first: date, last: date) -> tuple[str, str]:
    """The first text that begins within these days and the first behind it; a month or year lies where it begins."""
    lowest = str(first) if first.day > 1 else str(first)[:4] if first.month == 1 else str(first)[:7]
    return lowest, behind(last)


def behind(day: date) -> str:
    """The first text behind all that begins by a day, also a range and a whole month: `~` sorts behind digits and dots."""
    month = str(day)[:7]
    return f"{month}~" if day == days.last_date(month) else f"{day}~"


def quarter_of(day: date) -> str:
    """The quarter of a day: 2026Q3."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def spoken(period: Period) -> str:
    """A period as a title says it: 2026年第三季度, 2026年上半年, 2026年9月, else its two days."""
    year, kind, number = period.label[:4], period.label[4:5], period.label[5:6]
    if kind == "Q":
        return f"{year}年第{'一二三四'[int(number) - 1]}季度"
    if kind == "H":
        return f"{year}年{'上下'[int(number) - 1]}半年"
    return days.chinese_day(f"{period.first}..{period.last}" if days.RANGE_MARK in period.label else period.label)


def running(period: Period, as_of: date) -> str:
    """What is said beside a day on which the period still runs."""
    return "（期间未结束）" if as_of < period.last else ""


def months(period: Period) -> list[str]:
    """Every month that the period touches: 2026-07, 2026-08, 2026-09."""
    first, last = (day.year * 12 + day.month - 1 for day in (period.first, period.last))
    return [f"{month // 12}-{month % 12 + 1:02d}" for month in range(first, last + 1)]


def quarters(period: Period) -> list[str]:
    """Every quarter that the period touches."""
    return list(dict.fromkeys(quarter_of(days.first_date(month)) for month in months(period)))


_DAYS = {
    "大前天": -3, "前天": -2, "前日": -2, "昨天": -1, "昨日": -1, "今天": 0, "今日": 0, "明天": 1, "明日": 1, "后天": 2,
}  # fmt: skip
_TURNS = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1}
_WEEKDAY = r"(上上|[上本这下])个?(?:周|星期|礼拜)([一二三四五六日天])"
_OF_MONTH = r"([上本这下])个?月(\d{1,2})[日号]"
_NO_YEAR = r"(\d{1,2})(?:月(\d{1,2})[日号]?|[./-](\d{1,2}))"
_TURN = r"([上本这下])个?(?:(月)份?|季度?)"
_PART = r"[上下]半年|第?[一二三四1-4]季度?|[Qq][1-4]|\d{1,2}月份?"
_YEARS = {"前年": -2, "去年": -1, "上年": -1, "今年": 0, "本年": 0, "明年": 1}
_OF_YEAR = rf"({'|'.join(_YEARS)})(度?|{_PART})"
#: What has no year lies at most so far ahead (of a deadline: so far back), else it is of the other year.
_NEAR = timedelta(days=92)


def meant_day(text: str, today: date, ahead: bool = False) -> str:
    """ISO text of the day, or month, that a clerk's word means (`ahead`: of a deadline); any other text as it is."""
    word = tight(text)
    if word in _DAYS:
        return str(today + timedelta(days=_DAYS[word]))
    if found := re.fullmatch(_WEEKDAY, word):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_TURNS[found[1]])
        return str(monday + timedelta(days="一二三四五六日".index(found[2].replace("天", "日"))))
    if found := re.fullmatch(_OF_MONTH, word):
        month = days.add_months(today.replace(day=1), _TURNS[found[1]])
        return _in_calendar(f"{month:%Y-%m}-{found[2]}") or text
    if found := re.fullmatch(_NO_YEAR, word):
        rest = f"-{found[1]}-{found[2] or found[3]}"
        this = _in_calendar(f"{today.year}{rest}")
        away = date.fromisoformat(this) - today if this else timedelta()
        turn = int(away < -_NEAR) if ahead else -int(away > _NEAR)
        return _in_calendar(f"{today.year + turn}{rest}") or text
    period = meant_period(word, today)
    return period if re.fullmatch(r"\d{4}(-\d\d)?", period) else text


def meant_period(text: str, today: date) -> str:
    """The label of the period that a clerk's word means (2026-10, 2026Q3, 2026H1, 2026); any other text as it is."""
    word = tight(text)
    if found := re.fullmatch(_TURN, word):
        month = days.add_months(today.replace(day=1), _TURNS[found[1]] * (1 if found[2] else 3))
        return f"{month:%Y-%m}" if found[2] else quarter_of(month)
    if found := re.fullmatch(_OF_YEAR, word):
        return _in_calendar(f"{today.year + _YEARS[found[1]]}年{found[2]}") or text
    this = _in_calendar(f"{today.year}年{word}") if re.fullmatch(_PART, word) else None
    if this and period_of(this).first - today > _NEAR:
        this = _in_calendar(f"{today.year - 1}年{word}")
    return this or text


def _in_calendar(text: str) -> str | None:
    """The day or period that the text says; None where the calendar has none."""
    try:
        return read_period(text) if "年" in text else days.read_day(text)
    except ValueProblem:
        return None


_SERIAL_ORIGIN = date(1899, 12, 30)
_SERIALS = range(20000, 60001)


@dataclass(frozen=True)
class Day(TextKind):
    """A day, month or year as ISO text; where a range is allowed (起止日期), also `first..last`.

    `ahead` where it is a deadline, which may be as far ahead as it likes.
    """

    matter = "day"
    range_allowed: bool = False
    ahead = False
    signs = 10  # how much of it is kept: 7 of a month, 4 of a year
    label = "日期"
    example = "2026.09.05"
    style = "day"
    vague = True
    how = "日期，如 2026.09.05；只知道月份就写 2026.09，不要补成 1 日"

    def parse(self, raw: Raw) -> str | None:
        if isinstance(raw, bool):
            raise ValueProblem("这里应填日期，不能填是或否，请改成日期，如 2026-09-05")
        if isinstance(raw, NumberCell) and raw.value % 1:  # says a month only when its format shows both digits of it
            shown = raw.shown.strip()
            if len(shown) != 7:
                raise ValueProblem(f"数字 {shown} 看不出是几月，请改成文本，如 1980年10月")
            return days.read_day(shown)
        number = raw.value if isinstance(raw, NumberCell) else raw
        if isinstance(number, int | float):
            return _of_number(number)
        text = as_text(raw)
        if text is None:
            return None
        if len(text) == 5 and text.isdecimal() and int(text) in _SERIALS:
            return _of_number(int(text))
        day = days.read_day(text)
        if days.RANGE_MARK in day and not self.range_allowed:
            raise ValueProblem(f"这里只能填一个日期，请只填起止日期（{day.replace(days.RANGE_MARK, ' 至 ')}）的第一天")
        if self.signs == 7 and len(day) < 7:
            raise ValueProblem("只有年份，没有月份：请写到月，如 2026-09")
        return day if self.range_allowed else day[: self.signs]

    def meant(self, said: str, today: date) -> str:
        return meant_day(said, today, self.ahead)

    def cell(self, value: str) -> str:
        return days.dotted_day(value)

    def same(self, text: str, other: str) -> bool:
        return days.agrees(text, other) if text[:1].isdigit() and other[:1].isdigit() else text == other

    def differs(self, new: Primitive, old: Primitive, as_typed: bool) -> bool:
        """Of two days that do not contradict each other the days.finer stays."""
        day, was = str(new), str(old or "")
        if not (day[:1].isdigit() and was[:1].isdigit()):
            return True
        return not days.agrees(day, was) or (day != was if as_typed else days.finer(day, was) != was)


def whole_day(said: str) -> date:
    """The day that the word of a command means, which must say it to the day. ValueProblem for anything else."""
    day = Day().parse(meant_day(said, date.today(), ahead=False))
    if day is None or len(day) < 10:
        raise ValueProblem(f"{quoted(said)}要写到日，如 2026-09-05")
    return date.fromisoformat(day)


def _of_number(number: int | float) -> str:
    """A bare number: 19850312, 198503, 1985, a serial of the 1900 system, or 1985.03."""
    if _SERIALS.start <= number < _SERIALS.stop:
        return (_SERIAL_ORIGIN + timedelta(days=int(number))).isoformat()
    if number != number or abs(number) > 99999999:
        raise ValueProblem("这个数字不是日期，请写成 2026-09-27 或 2026年9月")
    if number == int(number):
        return days.read_day(str(int(number)))
    shown = repr(number)
    if shown.endswith(".1"):
        raise ValueProblem(f"数字 {shown} 可能是1月，也可能是10月，请改成文本，如 {shown[:-2]}年1月")
    return days.read_day(shown)


class PeriodKind(TextKind):
    """A period (期间) kept as its canonical label."""

    matter: Matter = "period"
    label = "期间"
    example = "2026Q3"
    how = "期间，如 2026Q3、2026-09、2026"

    def meant(self, said: str, today: date) -> str:
        return meant_period(said, today)

    def parse(self, raw: Raw) -> str | None:
        text = as_text(raw)
        return None if text is None else read_period(text)


class QuarterKind(PeriodKind):
    """A quarter (季度) and nothing else: 2026Q3."""

    matter = "quarter"
    label = "季度"
    how = "季度，如 2026Q3 或 2026年第三季度"

    def parse(self, raw: Raw) -> str | None:
        period = super().parse(raw)
        if period is not None and period[4:5] != "Q":
            raise ValueProblem(f"{quoted(period)}不是季度，请写成 2026Q3 或 2026年第三季度")
        return period
