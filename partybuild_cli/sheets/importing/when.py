"""Days, months and durations as a sheet leaves them incomplete (年月日): completed by what stands around them."""

import re

from partybuild_cli.records.base.kinds import MonthKind
from partybuild_cli.values import Day
from partybuild_cli.values.kind import NumberCell, Raw
from partybuild_cli.values.text import normalise

_CHINESE = {word: place for place, word in enumerate("一二三四五六七八九十", start=1)} | {"十一": 11, "十二": 12}
_TENS = {
    f"{tens}{'' if not ones else '一二三四五六七八九'[ones - 1]}": 10 * place + ones
    for place, tens in ((2, "二十"), (3, "三十"), (2, "廿"))
    for ones in range(10)
}
_CHINESE |= {f"十{word}": 10 + place for place, word in enumerate("一二三四五六七八九", start=1)} | _TENS
_CHINESE_DAY = re.compile(r"^(十[一二]?|[一二三四五六七八九])月([一二三四五六七八九十廿]{1,3})[日号]")
_MONTH_ONLY = re.compile(r"(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])\s*(?:月份?)?")
_MONTH_ALONE = re.compile(r"(1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?")
_MONTH_ENDING = re.compile(_MONTH_ALONE.pattern + r"(?:[底末]?(?:之?前)?)")
_WITHOUT_YEAR = re.compile(
    r"(1[0-2]|0?[1-9])\s*(?:月|[./-])\s*(3[01]|[12]\d|0?[1-9])\s*(?:[日号](?:.*)|(?=\D|$)(?!\s*[./]\d).*)"
)
_MONTHS_RANGE = re.compile(r"(1[0-2]|0?[1-9])\s*月?份?\s*[-~—–至到]+\s*(1[0-2]|0?[1-9])\s*月份?")
_QUARTER = re.compile(r"第?([一二三四1-4])季度?|Q([1-4])")
_OWN_YEAR = re.compile(r"((?:19|20)\d\d)\s*年?度?\s*[./-]?\s*")


def with_year(kind: Day, raw: Raw, year: str | None) -> Raw:
    """The cell with the year that it lacks; as it is where it says one, where none is known, or where it is ambiguous."""
    if year is None or raw is None:
        return raw
    if isinstance(kind, MonthKind):
        return _with_month(raw, year)
    if isinstance(raw, float):
        shown = repr(raw)
        return f"{year}.{shown}" if _plain_pair(shown) else raw
    if isinstance(raw, NumberCell) and _WITHOUT_YEAR.fullmatch(raw.shown.strip()):
        return f"{year}.{raw.shown.strip()}"
    if isinstance(raw, str) and not raw[:4].isdecimal():
        text = _CHINESE_DAY.sub(lambda found: f"{_number(found[1])}月{_number(found[2])}日", normalise(raw), count=1)
        if found := _WITHOUT_YEAR.fullmatch(text):
            rest = text[found.end(2) :].lstrip().lstrip("日号")
            return f"{year}年{found[1]}月{found[2]}日{rest}"
        if found := (_MONTH_ENDING if kind.ahead else _MONTH_ALONE).fullmatch(text):
            return f"{year}-{_number(found[1]):02d}"
    return raw


#: So many days lie between the two beginnings from which spreadsheets count.
_FROM_1904 = 1462


def since_1900(raw: Raw) -> Raw:
    """A bare serial of a workbook that counts from 1904, as one that counts from 1900."""
    value = raw.value if isinstance(raw, NumberCell) else raw
    serial = isinstance(value, int | float) and not isinstance(value, bool) and 18538 <= value < 60000
    return int(value) + _FROM_1904 if serial and isinstance(value, int | float) else raw


def _plain_pair(shown: str) -> bool:
    """Whether a number says a month and a day: 3.5, 4.16; 4.1, 4.2 and 4.3 may have been 4.10, 4.20 and 4.30."""
    month, _, day = shown.partition(".")
    return bool(_WITHOUT_YEAR.fullmatch(shown)) and (len(day) == 2 or int(day) > 3) and 0 < int(month) < 13


def _with_month(raw: Raw, year: str) -> Raw:
    if isinstance(raw, NumberCell):
        raw = raw.value
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw < 13:
        return f"{year}-{raw:02d}"
    if isinstance(raw, str) and (found := _MONTH_ONLY.fullmatch(normalise(raw))):
        return f"{year}-{_number(found[1]):02d}"
    return raw


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else _CHINESE.get(word, 0)


def months_in(raw: Raw, year: str | None) -> list[str]:
    """The months of a cell that names several or a quarter (1-3月, 2026年第一季度); none where it names another thing, or no year."""
    if not isinstance(raw, str):
        return []
    text = normalise(raw)
    if said := _OWN_YEAR.match(text):
        year, text = said[1], text[said.end() :]
    if found := _MONTHS_RANGE.fullmatch(text):
        first, last = int(found[1]), int(found[2])
    elif found := _QUARTER.fullmatch(text):
        last = 3 * _number(found[1] or found[2])
        first = last - 2
    else:
        return []
    return [f"{year}-{month:02d}" for month in range(first, last + 1)] if year else []
