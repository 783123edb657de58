"""Days and periods as a clerk says them in a command (今天 上周五 10.15 上月 上半年), seen from the day on which it is said.

Only commands are read so: a workbook is opened on any day, and 今天 in it is no day.
"""

import re
from calendar import monthrange
from datetime import date, timedelta

from partybuild_cli.values.text import tight

_DAYS = {
    "大前天": -3,
    "前天": -2,
    "前日": -2,
    "昨天": -1,
    "昨日": -1,
    "今天": 0,
    "今日": 0,
    "明天": 1,
    "明日": 1,
    "后天": 2,
}
_WEEKS = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1}
_WEEKDAY = re.compile(r"(上上|[上本这下])个?(?:周|星期|礼拜)([一二三四五六日天])")
_OF_MONTH = re.compile(r"(上|本|这|下)个?月(\d{1,2})[日号]")
_NO_YEAR = re.compile(r"(\d{1,2})(?:月(\d{1,2})[日号]?|([./-])(\d{1,2}))")
_TURNS = {"上": -1, "本": 0, "这": 0, "下": 1}
_TURN = re.compile(r"([上本这下])(?:个?(月)份?|个?(季)度?)")
_YEARS = {"前年": -2, "去年": -1, "上年": -1, "今年": 0, "本年": 0, "明年": 1}
_YEAR = re.compile(r"(前年|去年|上年|今年|本年|明年)(度?|[上下]半年|第?[一二三四1-4]季度?|\d{1,2}月份?)")
_PART = re.compile(r"([上下])半年|(?:第?([一二三四1-4])季度?|[Qq]([1-4]))|(\d{1,2})月份?")
_NUMERALS = dict(zip("一二三四", "1234", strict=True))
#: A day without a year lies at most so far ahead (of a deadline: so far back), else it is of the other year.
_QUARTER = timedelta(days=92)


def meant_day(text: str, today: date, ahead: bool = False) -> str:
    """ISO text of the day, or month, that a clerk's word means; any other text as it is.

    A day without a year is of this year, or of the last where it were more than three months ahead; a deadline (`ahead`) is of
    the next where it were so far back.
    """
    word = tight(text)
    if word in _DAYS:
        return str(today + timedelta(days=_DAYS[word]))
    if found := _WEEKDAY.fullmatch(word):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=_WEEKS[found[1]])
        return str(monday + timedelta(days="一二三四五六日".index(found[2].replace("天", "日"))))
    if found := _OF_MONTH.fullmatch(word):
        month = _months_on(today, _TURNS[found[1]])
        return _day(month.year, month.month, int(found[2])) or text
    if found := _NO_YEAR.fullmatch(word):
        return _of_this_year(int(found[1]), int(found[2] or found[4]), today, ahead) or text
    period = meant_period(word, today)
    return period if re.fullmatch(r"\d{4}(-\d\d)?", period) else text


def meant_period(text: str, today: date) -> str:
    """The label of the period that a clerk's word means (2026-10, 2026Q3, 2026H1, 2026); any other text as it is."""
    word = tight(text)
    if found := _TURN.fullmatch(word):
        month = _months_on(today, _TURNS[found[1]] * (1 if found[2] else 3))
        return f"{month:%Y-%m}" if found[2] else f"{month.year}Q{(month.month + 2) // 3}"
    if found := _YEAR.fullmatch(word):
        year = today.year + _YEARS[found[1]]
        part = _PART.fullmatch(found[2])
        return (_labelled(year, part) or text) if part else str(year)
    if found := _PART.fullmatch(word):
        this = _labelled(today.year, found)
        begins = _begins(found)
        if this is None or not 1 <= begins <= 12:
            return text
        far = date(today.year, begins, 1) - today > _QUARTER
        return (_labelled(today.year - 1, found) or text) if far else this
    return text


def _labelled(year: int, part: re.Match[str]) -> str | None:
    """The label of a half-year, quarter or month of a year."""
    half, counted, digit, month = part.groups()
    if half:
        return f"{year}H{1 if half == '上' else 2}"
    if counted or digit:
        return f"{year}Q{digit or _NUMERALS.get(counted, counted)}"
    return f"{year}-{int(month):02d}" if 1 <= int(month) <= 12 else None


def _begins(part: re.Match[str]) -> int:
    """The month in which a half-year, quarter or month begins."""
    half, counted, digit, month = part.groups()
    if half:
        return 1 if half == "上" else 7
    if counted or digit:
        return int(digit or _NUMERALS.get(counted, counted)) * 3 - 2
    return int(month)


def _of_this_year(month: int, day: int, today: date, ahead: bool) -> str | None:
    """The day of the year that is meant; None where the calendar has none."""
    this = _day(today.year, month, day)
    away = (date.fromisoformat(this) - today) if this else timedelta()
    if ahead:
        return _day(today.year + 1, month, day) if away < -_QUARTER else this
    return _day(today.year - 1, month, day) if away > _QUARTER else this


def _day(year: int, month: int, day: int) -> str | None:
    if not (1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return str(date(year, month, day))


def _months_on(day: date, months: int) -> date:
    """The first day of the month so many months on."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
