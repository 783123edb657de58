"""Days (日期) as ISO text, as precise as their source: reading them, and the little arithmetic that the regulations need."""

import re
from calendar import monthrange
from datetime import date

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.number import DIGITS, chinese_numeral
from partybuild_cli.values.text import normalise, quoted, unspaced

FIRST_YEAR, LAST_YEAR = 1900, 2100
RANGE_MARK = ".."


def ends(day: str) -> tuple[str, str]:
    """The first and the last end of a range; a single day is both."""
    first, _, last = day.partition(RANGE_MARK)
    return first, last or first


def first_date(day: str) -> date:
    """The first calendar day that the text may mean."""
    first = ends(day)[0]
    return date.fromisoformat(first + "-01-01"[len(first) - 4 :])


def last_date(day: str) -> date:
    """The last calendar day that the text may mean."""
    last = ends(day)[1]
    if len(last) == 10:
        return date.fromisoformat(last)
    year, month = int(last[:4]), int(last[5:7] or 12)
    return date(year, month, monthrange(year, month)[1])


def agrees(text: str, other: str) -> bool:
    """Whether neither day contradicts the other: 1985-03 and 1985-03-12 do not."""
    if RANGE_MARK in text and RANGE_MARK in other:
        return all(map(agrees, ends(text), ends(other)))
    return (text.startswith(other) or other.startswith(text)) and RANGE_MARK not in text + other


def finer(text: str, other: str) -> str:
    """The more precise of two days that agree; `one` when they are equally precise."""
    return other if len(other) > len(text) else text


def far_ahead(day: str, today: date) -> str | None:
    """What is wrong with a day that lies more than a year ahead and is no deadline: a slip; None where it does not."""
    return f"{day} 在一年以后，请核对年份" if first_date(day) > add_months(today, 12) else None


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
    return day.replace(RANGE_MARK, "~").replace("-", ".").replace("~", "-")


_DASHES = str.maketrans(dict.fromkeys("‐‒–—―−─", "-"))
_CLOCK = r"(?:(?:[01]?\d|2[0-4])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?|[时点](?:[0-5]?\d分?|半|整)?))"
_TIME = (
    r"(?:(?<=[日号])|(?<=\d)[T\s]+(?=[(星周上下中早晚]|\d{1,2}[:时点])|(?<=\d)(?=\())\s*"
    r"(?:\(?(?:星期|周)[一二三四五六日天]\)?)?\s*(?:[上下中]午|[早晚]上)?\s*"
    rf"(?:{_CLOCK}(?:\s*(?:[-~至到]|--)\s*{_CLOCK})?)?"
)
_HOURS = re.compile(rf"{_CLOCK}(?:\s*(?:[-~至到]|--)\s*{_CLOCK})?")
_PARTED = re.compile(r"(\d{4})([./-])(\d{1,2})(?:\2(\d{1,2}))?")
_CHINESE = r"(\d{4})年(?:度$|(\d{1,2})月份?(?:(\d{1,2})[日号]?)?)?"
_COMPACT = r"(\d{4})(?:(\d\d)(\d\d)?)?"
_COUNTED = "([一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_WORDED = rf"([一二][〇零○一二三四五六七八九]{{3}})年(?:{_COUNTED}月份?(?:{_COUNTED}[日号]?)?)?"
_STRONG_JOIN = r"-{2,}|~+|至|到|\.\."
_DAY_TAIL = r"(?:(\d{1,2})[./月-])?(\d{1,2})[日号]?"
_MONTH_TAIL = r"(\d{1,2})(?:月份?)?"
#: What is no day, and why.
_WRONG = {
    r"'?\d\d年.*|'?\d\d([./-])\d{1,2}\1\d{1,2}|(?:1[3-9]|[2-9]\d)[./-]\d{1,2}": (
        "的年份只有两位，请写成四位年份，如 1985.03"
    ),
    r"\d{1,2}月(?:\d{1,2}[日号]?)?.*|\d{1,2}[./-]\d{1,2}": "没有写年份，请补上四位年份，如 2026-09-27",
    r"(?s).*?(?:[×xX*?○某_□]|年月).*": "没有写全，请补上具体的年月日；日期不详的请留空",
    r"(?s).*": "不是能识别的日期，请写成 2026-09-27、2026年9月27日、2026.09 或 2026",
}


def iso_day(year: int, month: int | None = None, day: int | None = None) -> str:
    """ISO text as precise as what is given; a day that the calendar does not have is a problem."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueProblem(f"年份{year}不在{FIRST_YEAR}—{LAST_YEAR}之间，请核对")
    if month is None:
        return f"{year:04d}"
    if not 1 <= month <= 12:
        raise ValueProblem(f"没有{month}月，请核对月份")
    if day is None:
        return f"{year:04d}-{month:02d}"
    if day < 1 or (day > 28 and day > monthrange(year, month)[1]):
        raise ValueProblem(f"{year}年{month}月没有{day}日，请核对日期")
    return f"{year:04d}-{month:02d}-{day:02d}"


def only_hours(text: str) -> bool:
    """Whether a text says hours of some day and no day: 8:30-11:30."""
    return bool(_HOURS.fullmatch(normalise(text).translate(_DASHES)))


def read_day(text: str) -> str:
    """The day, month, year or range `first..last` that the text says."""
    if found := _PARTED.fullmatch(text):
        return _iso(found[1], found[3], found[4])
    plain = unspaced(re.sub(_TIME, "", normalise(text).translate(_DASHES)))
    if day := _single(plain):
        return day
    # In 2021-06-15-17 any dash may be the one that parts; the precision of the two ends leaves only one.
    join = re.search(_STRONG_JOIN, plain)
    for at, end in [join.span()] if join else ((at, at + 1) for at, sign in enumerate(plain) if sign == "-"):
        if both := _joined(plain[:at], plain[end:]):
            return both
    if found := re.fullmatch(r"(\d{1,2})(?:月份?|[./-](?=\d))(?:(\d{1,2})[日号]?)?", plain):
        month, number = int(found[1]), int(found[2] or 1)
        if "月" in plain and not 1 <= month <= 12:
            raise ValueProblem(f"没有{month}月，请核对月份")
        if 1 <= month <= 12 and not 1 <= number <= monthrange(2024, month)[1]:  # not of any year
            raise ValueProblem(f"{month}月没有{number}日，请核对日期")
    raise ValueProblem(quoted(text) + next(why for shape, why in _WRONG.items() if re.fullmatch(shape, plain)))


def _single(plain: str) -> str | None:
    """One day, month or year; None when the text has another shape."""
    if found := _PARTED.fullmatch(plain):
        return _iso(found[1], found[3], found[4])
    if found := re.fullmatch(_CHINESE, plain) or re.fullmatch(_COMPACT, plain):
        if len(plain) == 6 and plain.isdigit() and not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise ValueProblem(f"{quoted(plain)}的年份只有两位或不完整，请写成四位年份，如 1985.03")
        return _iso(found[1], found[2], found[3])
    if found := re.fullmatch(_WORDED, plain):
        year = "".join(str(DIGITS[digit]) for digit in found[1])
        return iso_day(int(year), *(int(chinese_numeral(word) or 0) for word in found.groups()[1:] if word))
    return None


def _iso(*numbers: str | None) -> str:
    return iso_day(*(int(number) for number in numbers if number is not None))


def _joined(head: str, tail: str) -> str | None:
    """A range `first..last`, whose end may leave out what it shares with the beginning: 06.17, 15日, 12月."""
    unit = "月" if "年" in head and "月" not in head and tail.rstrip("份").endswith("月") else ""
    first = _single(head + unit)
    last = _single(tail) if first else None
    if first and not last and (found := re.fullmatch({7: _MONTH_TAIL, 10: _DAY_TAIL}.get(len(first), "(?!)"), tail)):
        last = _iso(first[:4], *([found[1] or first[5:7], found[2]] if len(first) == 10 else [found[1]]))
    if not first or not last:
        return None
    # The later end may be less precise (2021.06.15-2021.07), so only the part that both have is compared.
    if last[: len(first)] < first[: len(last)]:
        raise ValueProblem(f"结束日期{last}早于开始日期{first}，请核对")
    return first if first == last else f"{first}{RANGE_MARK}{last}"
