"""Reading a day, month, year or range of days from what a clerk wrote (日期的各种写法).

Nothing is guessed: a text that may mean two days, or that leaves out the year, is a problem with its own
sentence.
"""

import re
from calendar import monthrange

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.text import normalise, quoted, unspaced

FIRST_YEAR, LAST_YEAR = 1900, 2100
RANGE_MARK = ".."

_DASHES = str.maketrans(dict.fromkeys("‐‒–—―−─", "-"))
_CLOCK = r"(?:(?:[01]?\d|2[0-4])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?|[时点](?:[0-5]?\d分?|半|整)?))"
_TIME = re.compile(
    r"(?:(?<=[日号])|(?<=\d)[T\s]+(?=[(星周上下中早晚]|\d{1,2}[:时点])|(?<=\d)(?=\())\s*"
    r"(?:\(?(?:星期|周)[一二三四五六日天]\)?)?\s*(?:[上下中]午|[早晚]上)?\s*"
    rf"(?:{_CLOCK}(?:\s*(?:[-~至到]|--)\s*{_CLOCK})?)?"
)
_PARTED = re.compile(r"(\d{4})([./-])(\d{1,2})(?:\2(\d{1,2}))?")
_CHINESE = re.compile(r"(\d{4})年(?:度$|(\d{1,2})月份?(?:(\d{1,2})[日号]?)?)?")
_COMPACT = re.compile(r"(\d{4})(?:(\d\d)(\d\d)?)?")
_DIGITS: dict[str, int] = dict(zip("〇零○一二三四五六七八九", (0, 0, 0, *range(1, 10)), strict=True))
_COUNTED = "([一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"
_WORDED = re.compile(rf"([一二][〇零○一二三四五六七八九]{{3}})年(?:{_COUNTED}月份?(?:{_COUNTED}[日号]?)?)?")
_STRONG_JOIN = re.compile(r"-{2,}|~+|至|到|\.\.")
_DAY_TAIL = re.compile(r"(?:(\d{1,2})[./月-])?(\d{1,2})[日号]?")
_MONTH_TAIL = re.compile(r"(\d{1,2})(?:月份?)?")
_SHORT_YEAR = re.compile(r"'?\d\d年.*|'?\d\d([./-])\d{1,2}\1\d{1,2}|(?:1[3-9]|[2-9]\d)[./-]\d{1,2}")
_NO_YEAR = re.compile(r"\d{1,2}月(?:\d{1,2}[日号]?)?.*|\d{1,2}[./-]\d{1,2}")
_HIDDEN = re.compile(r"[×xX*?○某_□]|年月")


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
    if not 1 <= day <= monthrange(year, month)[1]:
        raise ValueProblem(f"{year}年{month}月没有{day}日，请核对日期")
    return f"{year:04d}-{month:02d}-{day:02d}"


def read_day(text: str) -> str:
    """The day, month, year or range `first..last` that the text says."""
    if found := _PARTED.fullmatch(text):
        return _iso(found[1], found[3], found[4])
    plain = unspaced(_TIME.sub("", normalise(text).translate(_DASHES)))
    day = _single(plain) or _range(plain)
    if day is None:
        raise _not_a_day(plain, text)
    return day


def _single(plain: str) -> str | None:
    """One day, month or year; None when the text has another shape."""
    if found := _PARTED.fullmatch(plain):
        return _iso(found[1], found[3], found[4])
    if found := _CHINESE.fullmatch(plain) or _COMPACT.fullmatch(plain):
        if len(plain) == 6 and plain.isdigit() and not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise ValueProblem(f"{quoted(plain)}的年份只有两位或不完整，请写成四位年份，如 1985.03")
        return _iso(found[1], found[2], found[3])
    if found := _WORDED.fullmatch(plain):
        year = "".join(str(_DIGITS[digit]) for digit in found[1])
        return iso_day(int(year), *(_counted(word) for word in found.groups()[1:] if word))
    return None


def _counted(word: str) -> int:
    """九, 十二 or 三十一 as a number."""
    tens, ten, ones = word.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def _iso(*numbers: str | None) -> str:
    return iso_day(*(int(number) for number in numbers if number is not None))


def _range(plain: str) -> str | None:
    """A range `first..last`; None when no place to part the text gives two days."""
    for found in _STRONG_JOIN.finditer(plain):
        return _joined(plain[: found.start()], plain[found.end() :])
    # In 2021-06-15-17 any dash may be the one that parts; the precision of the two ends leaves only one.
    for found in re.finditer("-", plain):
        if (both := _joined(plain[: found.start()], plain[found.end() :])) is not None:
            return both
    return None


def _joined(head: str, tail: str) -> str | None:
    if not head or not tail:
        return None
    unit = "月" if "年" in head and "月" not in head and tail.rstrip("份").endswith("月") else ""
    first = _single(head + unit)
    last = first and (_single(tail) or _tail(first, tail))
    if not first or not last:
        return None
    # The later end may be less precise (2021.06.15-2021.07), so only the part that both have is compared.
    if last[: len(first)] < first[: len(last)]:
        raise ValueProblem(f"结束日期{last}早于开始日期{first}，请核对")
    return first if first == last else f"{first}{RANGE_MARK}{last}"


def _tail(first: str, tail: str) -> str | None:
    """The end of a range that leaves out what it shares with the beginning: 06.17, 15日, 12月."""
    year, month = int(first[:4]), int(first[5:7] or 0)
    if len(first) == 10 and (found := _DAY_TAIL.fullmatch(tail)):
        return iso_day(year, int(found[1] or month), int(found[2]))
    if len(first) == 7 and (found := _MONTH_TAIL.fullmatch(tail)):
        return iso_day(year, int(found[1]))
    return None


def _not_a_day(plain: str, text: str) -> ValueProblem:
    """Why the text is no day, in its own sentence."""
    shown = quoted(text)
    if _SHORT_YEAR.fullmatch(plain):
        return ValueProblem(f"{shown}的年份只有两位，请写成四位年份，如 1985.03")
    if _NO_YEAR.fullmatch(plain):
        return ValueProblem(f"{shown}没有写年份，请补上四位年份，如 2026-09-27")
    if _HIDDEN.search(plain):
        return ValueProblem(f"{shown}没有写全，请补上具体的年月日；日期不详的请留空")
    return ValueProblem(f"{shown}不是能识别的日期，请写成 2026-09-27、2026年9月27日、2026.09 或 2026")
