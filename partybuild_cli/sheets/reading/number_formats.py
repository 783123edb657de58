"""Number formats (数字格式): whether a number is a date, and what a person reads in its cell (ECMA-376 part 1, 18.8.30-31).

A format that is beyond `shown_number` (fractions, conditions, Chinese numerals, exponents) leaves the plain value.
"""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from math import isfinite
from typing import Final, Literal, NamedTuple, TypeAlias

from partybuild_cli.values.kind import DateCell, NumberCell, Raw, Shown

Look: TypeAlias = Literal["day", "month", "year", "time", "elapsed", "number"]

_BUILT_IN: Final = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    **dict.fromkeys((14, 15, 16, 22, 28, 29, 30, 31, 51, 53, 54, 58), "yyyy/m/d"),
    **dict.fromkeys((17, 27, 36, 50, 52, 57), "yyyy/m"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), "h:mm"),
    **dict.fromkeys((37, 38), "#,##0;-#,##0"), **dict.fromkeys((39, 40), "#,##0.00;-#,##0.00"),
}  # fmt: skip
"""The formats that a file names by number alone; 27-36 and 50-58 as the Chinese edition understands them."""

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[([^\]]*)\]', re.DOTALL)
_PLACES = re.compile(r"[0#?,]*[0#?](?:\.[0#?]*)?|\.[0#?]+")
_CONDITION = re.compile(r"\[(?:DBNum|[<>=])")
_PLAIN = re.compile(r"[0#?,.%\s\-+()¥￥$/:、年月日元]*")
_MOST_SHOWN: Final = 1e15  # beyond this a cell has lost digits, and no format brings them back
_FIRST_LEAP_SERIAL: Final = 60
_LAST_SERIAL: Final = 2_958_466


class Format(NamedTuple):
    """One number format, and how it makes a number look."""

    code: str
    look: Look


def built_in(number: int) -> Format:
    return format_of(_BUILT_IN.get(number, "General"))


@cache
def format_of(code: str) -> Format:
    first = code.split(";", 1)[0]
    bare = _LITERAL.sub("", first).casefold().replace("am/pm", "h").replace("上午/下午", "h")
    marks = set(re.sub(r"e[+-]", "", bare))
    fits: dict[Look, object] = {
        "number": "general" in bare or "常规" in bare,
        "elapsed": re.search(r"\[(?:h+|m+|s+)\]", first, re.IGNORECASE),
        "time": marks & set("hs") and not marks & set("yed"),
        "day": marks & set("da"),
        "month": "m" in marks,
        "year": marks & set("ye"),
    }
    return Format(code, next((look for look, fit in fits.items() if fit), "number"))


def present(value: int | float, form: Format, epoch_1904: bool = False) -> Raw:
    """What stands in the cell for a person who looks at it."""
    if form.look == "number":
        shown = shown_number(value, form.code)
        return number_cell(value, shown) if shown is not None else whole(value)
    if form.look == "elapsed":
        if abs(value) >= _LAST_SERIAL:
            return whole(value)
        minutes, seconds = divmod(round(abs(value) * 86_400), 60)  # a duration (时长), in hours: 26:00
        sign, more = "-" if value < 0 else "", f":{seconds:02d}" if seconds else ""
        return f"{sign}{minutes // 60}:{minutes % 60:02d}{more}"
    if not 0 <= value < _LAST_SERIAL:
        return whole(value)
    start = datetime(1904, 1, 1) if epoch_1904 else datetime(1899, 12, 31 if value < _FIRST_LEAP_SERIAL else 30)
    try:
        moment = start + timedelta(seconds=round(value * 86_400))
    except OverflowError:
        return whole(value)
    if value < 1 and (form.look == "time" or not epoch_1904):
        # Before 1900-01-01 there is no day, which programs show as 1900-01-00.
        return moment.strftime("%H:%M:%S" if moment.second else "%H:%M")
    return dated(moment, "day" if form.look == "time" else form.look)


def number_of(text: str) -> int | float:
    """The number that a file writes; a ValueError where it is none."""
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return whole(number)


def whole(value: int | float) -> int | float:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def number_cell(value: int | float, shown: str) -> Raw:
    """A NumberCell where `shown` reads otherwise than the value; thousands separators are no difference."""
    plain = whole(value)
    return plain if shown.replace(",", "").strip() in (str(plain), "") else NumberCell(plain, shown.strip())


def dated(moment: datetime, shown: Shown = "day") -> DateCell:
    """A DateCell of a moment; serials carry noise below the second, so it is rounded away."""
    if moment.microsecond and moment.year < 9999:
        moment = (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    return DateCell(moment.replace(tzinfo=None), shown)


def shown_number(value: int | float, code: str) -> str | None:
    """The number as its format shows it, or None where the format is beyond us."""
    if not abs(value) < _MOST_SHOWN:
        return None
    sections = code.split(";")
    which = 1 if value < 0 else 2 if value == 0 else 0
    parts = _parts(sections[which] if which < len(sections) else sections[0])
    if parts is None:
        return None
    prefix, places, suffix, percent = parts
    sign = "-" if value < 0 and len(sections) == 1 else ""
    return f"{sign}{prefix}{_digits(Decimal(repr(abs(value))) * (100 if percent else 1), places)}{suffix}"


@cache
def _parts(section: str) -> tuple[str, str, str, bool] | None:
    """The text before the digits of one section of a format, their places, the text behind, and whether it is a percentage."""
    texts = iter([hit[1] or hit[2] or "" for hit in _LITERAL.finditer(section)])
    skeleton = _LITERAL.sub("\0", section)
    found = _PLACES.findall(skeleton)
    if _CONDITION.search(section) or not _PLAIN.fullmatch(skeleton.replace("\0", "")) or len(found) != 1:
        return None
    before, after = skeleton.split(found[0], 1)
    prefix, suffix = (re.sub("\0", lambda _: next(texts), part) for part in (before, after))
    return prefix, found[0], suffix, "%" in skeleton


def _digits(exact: Decimal, places: str) -> str:
    before, _, after = places.partition(".")
    zeros = len(before.replace(",", "").lstrip("#?"))
    head, _, tail = f"{exact.quantize(Decimal(1).scaleb(-len(after)), ROUND_HALF_UP):f}".partition(".")
    tail = tail[: max(len(tail.rstrip("0")), len(after.rstrip("#?")))]
    head = head.zfill(zeros) if zeros else head.lstrip("0")
    if "," in before and not before.endswith(",") and len(head) > zeros:
        head = f"{int(head):,}"
    return f"{head}.{tail}" if tail else head
