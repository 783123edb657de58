"""Exact numbers with a unit (学时, 金额, 分数), stored as ten-thousandths, and counts that may be hedged (近400, 1.15万人次)."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.kind import HEDGED, WHOLE, Json, Kind, KindOf, NumberCell, Primitive, Raw
from partybuild_cli.values.text import EXACT, LOST_DIGITS, as_text, quoted, unspaced

STORED_PLACES = 4
MAGNITUDES: Mapping[str, int] = {"": 1, "十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}

_LARGEST = 10**12
_PLAIN = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,4})?", re.ASCII)
_WORDED = r"([+-]?)(?:(\d{1,3}(?:,\d{3})+|\d+)(\.\d*)?|(\.\d+))([百千万亿]?)(\D*)"
_QUALIFIED = re.compile(r"[约近超逾余多几数<>≤≥~]|将近|大概|以上|以下|左右|不足|不到|至少|至多")


@dataclass(frozen=True)
class Number(KindOf[Decimal]):
    """A decimal (数字) in the unit of its heading (万元) or one of the other words for it, shown with at least so many places."""

    matter = "number"
    unit: str = ""
    units: tuple[str, ...] = ()
    places: int = 0
    minimum: Decimal | None = Decimal(0)
    maximum: Decimal | None = None
    label = "数字"
    example = "2"
    how = "数字，可带单位"
    style = "number"
    sql = WHOLE
    adds_up = True

    def __post_init__(self) -> None:
        if self.places == 2:
            object.__setattr__(self, "style", "money")

    def parse(self, raw: Raw) -> Decimal | None:
        said = _said(raw, "数字")
        if said is None:
            return None
        if isinstance(said, str):
            return self.checked(Decimal(said) if _PLAIN.fullmatch(said) else self._of_text(said))
        if not isinstance(said, NumberCell):
            return self.checked(_exact(said))
        number = _exact(said.value)
        if "%" in said.shown:
            if self.unit != "%":
                raise ValueProblem(f"这里不应填百分数（{said.shown}），请填写{self._expected()}")
            number *= 100
        elif number != round(number, STORED_PLACES) and _PLAIN.fullmatch(said.shown):
            number = Decimal(said.shown)  # a formula left more decimals than fit
        return self.checked(number)

    def _of_text(self, text: str) -> Decimal:
        plain = unspaced(text).replace("−", "-")
        base = self.unit.lstrip("百千万亿")
        if (base == "小时" or "小时" in self.units) and (hours := _duration(plain)) is not None:
            return hours
        found = re.fullmatch(_WORDED, plain.removeprefix("¥") if base == "元" else plain)
        if _QUALIFIED.search(plain):
            raise ValueProblem(f"{quoted(text)}不是确数，请填写{self._expected()}，不写约、近、余等字")
        if found is None or found[6] not in ("", base, *self.units):
            raise ValueProblem(f"{quoted(text)}不是能识别的数字，请填写{self._expected()}")
        sign, whole, fraction, bare_fraction, magnitude, word = found.groups()
        number = Decimal(f"{sign}{(whole or '0').replace(',', '')}{fraction or bare_fraction or ''}")
        if not magnitude and not word:
            return number
        return number * MAGNITUDES[magnitude] / MAGNITUDES[self.unit[: len(self.unit) - len(base)]]

    def _expected(self) -> str:
        return f"以{self.unit}为单位的数字" if self.unit else "数字"

    def checked(self, number: Decimal) -> Decimal:
        """The number, if it is one that may stand there. ValueProblem where it is not."""
        if self.minimum is not None and number < self.minimum:
            raise ValueProblem(f"数字不能{f'小于{self.minimum}' if self.minimum else '是负数'}，请核对")
        if self.maximum is not None and number > self.maximum:
            raise ValueProblem(f"数字{plain_decimal(number)}超过了上限{self.maximum}，请核对数字和单位")
        if abs(number) >= _LARGEST:
            raise ValueProblem("数字太大，请核对单位和位数")
        if number != round(number, STORED_PLACES):
            raise ValueProblem(f"小数超过{STORED_PLACES}位，请按规定的位数四舍五入后填写")
        return number or Decimal(0)

    def encode(self, value: Decimal | None) -> tuple[Primitive, ...]:
        return (None if value is None else int(value.scaleb(STORED_PLACES)),)

    def decode(self, primitives: Sequence[Primitive]) -> Decimal | None:
        stored = primitives[0]
        return None if stored is None else Decimal(plain_decimal(Decimal(stored).scaleb(-STORED_PLACES)))

    def cell(self, value: Decimal) -> str | int | Decimal:
        return value

    def text(self, value: Decimal) -> str:
        shown = plain_decimal(value)
        return f"{value:.{self.places}f}" if len(shown.partition(".")[2]) < self.places else shown

    def json(self, value: Decimal) -> Json:
        return plain_decimal(value)


def _said(raw: Raw, wanted: str) -> str | int | float | NumberCell | None:
    """The number of a cell, or the text that says one; None for a blank. ValueProblem for yes, no and dates."""
    if isinstance(raw, bool):
        raise ValueProblem(f"这里应填{wanted}，不能填是或否，请改成数字")
    if isinstance(raw, int | float | NumberCell):
        return raw
    text = as_text(raw)
    if text is not None and not isinstance(raw, str):
        raise ValueProblem(f"这里应填{wanted}，单元格里却是日期 {text}，请改成数字")
    return text


def plain_decimal(number: Decimal) -> str:
    """The decimal in digits, without an exponent and without zeros at its end."""
    shown = f"{number:f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if shown == "-0" else shown


def _exact(number: int | float) -> Decimal:
    """The decimal that a person typed: of a float the shortest one, without the noise of 0.1 + 0.2."""
    if number != number or number in (math.inf, -math.inf):
        raise ValueProblem("单元格里不是有效的数字，请核对公式")
    if abs(number) >= EXACT:
        raise ValueProblem(LOST_DIGITS)
    return Decimal(number) if isinstance(number, int) else Decimal(repr(round(number, 10)))


_SPAN = r"(\d{1,2})[:时]([0-5]\d)分?(?:[-~至到]|--)+(\d{1,2})[:时]([0-5]\d)分?"
_DURATION = (
    r"(?:(?P<hours>\d{1,3})(?:个?小时|h|时)零?(?:(?P<rest>\d{1,2})(?:分钟?|min|m)?|半)"
    r"|(?P<minutes>\d{1,4}(?:\.\d+)?)(?:分钟?|min(?:ute)?s?)|(?P<clock>\d{1,2}):(?P<past>[0-5]\d)(?::00)?)"
)


def _duration(plain: str) -> Decimal | None:
    """The hours of 1小时30分, 1小时半, 90分钟, 1:30 and 14:00-17:30; 学时 are counted as hours, whatever says them."""
    if found := re.fullmatch(_DURATION, plain):
        rest = found["minutes"] or found["past"] or found["rest"] or "30"
        minutes = int(found["hours"] or found["clock"] or 0) * 60 + Decimal(rest)
    elif found := re.fullmatch(_SPAN, plain):
        first, last = (60 * int(hour) + int(minute) for hour, minute in (found.group(1, 2), found.group(3, 4)))
        if not first < last <= 24 * 60:
            return None
        minutes = Decimal(last - first)
    else:
        return None
    return (minutes / 60).quantize(Decimal("0.0001"))


#: How a number is hedged in front of it, each followed by what else means the same.
_HEDGES = (
    "约 大约 约为 ~;近 将近 接近;> 超 超过 逾 多于 大于;≥ >= ≧ 至少 不少于 不低于;"
    "< 不足 不到 少于 小于;≤ <= ≦ 至多 最多 不超过"
)
_BEFORE = {word: words.split()[0] for words in _HEDGES.split(";") for word in words.split()}
_AFTER = {"余": "余", "多": "多", "以上": "以上", "+": "以上", "左右": "左右", "以下": "≤", "以内": "≤"}
DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}


def _either(words: Mapping[str, str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_COUNT = (
    rf"(?P<before>{_either(_BEFORE)})?"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万亿]+)"
    rf"(?P<inner>[余多])?(?P<magnitude>(?<=[\d余多])(?:[十百千]?[万亿]|[十百千]))?(?P<after>{_either(_AFTER)})?"
    rf"(?P<unit>人次|场次|[人场次份件条名个户台例项期册篇位家])?(?P<last>{_either(_AFTER)})?"
)


@dataclass(frozen=True)
class Count:
    """A whole number, and how the source hedged it: 约 近 > ≥ < ≤ before it, 余 多 以上 左右 behind it."""

    value: int
    qualifier: str | None = None

    def __str__(self) -> str:
        sign = self.qualifier or ""
        rounded = sign.isalpha() and self.value and self.value % 10_000 == 0  # 近2万, as people round
        said = f"{self.value // 10_000}万" if rounded else str(self.value)
        return f"{said}{sign}" if sign in _AFTER else f"{sign}{said}"


@dataclass(frozen=True)
class CountKind(KindOf[Count]):
    """A count (数量), kept with its qualifier in a column of its own; `unit` may stand behind it (3年)."""

    matter = "count"
    label = "数量"
    adds_up = True
    example = "40"
    style = "center"
    unit: str = ""
    how = "整数；约数可写 300余、近400"
    sql = HEDGED

    def parse(self, raw: Raw) -> Count | None:
        said = _said(raw, "数量")
        if said is None:
            return None
        if not isinstance(said, str):
            number = said.value if isinstance(said, NumberCell) else said
            return _whole(Decimal(number), None, str(number))
        text = said.removesuffix(self.unit) or said
        if (found := re.fullmatch(_COUNT, unspaced(text))) is None:
            raise ValueProblem(f"{quoted(text)}不是能识别的数量，请填写数字，如 320、300余、约40、1.15万")
        word = found["number"]
        numeral = Decimal(word.replace(",", "")) if word[0].isdecimal() else chinese_numeral(word)
        if numeral is None:
            raise ValueProblem(f"{quoted(text)}里的中文数字看不准，请改用阿拉伯数字")
        hedges = [_BEFORE[found["before"]]] if found["before"] else []
        hedges += [_AFTER[found[place]] for place in ("inner", "after", "last") if found[place]]
        if len(hedges) > 1:
            raise ValueProblem(f"{quoted(text)}里约、近、余、以上这类字只能用一个，请留下准确的一个")
        magnitude = math.prod(MAGNITUDES[unit] for unit in found["magnitude"] or "")  # 十万 is 100000
        return _whole(numeral * magnitude, hedges[0] if hedges else None, text)

    def encode(self, value: Count | None) -> tuple[Primitive, ...]:
        return (None, None) if value is None else (value.value, value.qualifier)

    def decode(self, primitives: Sequence[Primitive]) -> Count | None:
        value, qualifier = primitives
        return None if value is None else Count(int(value), None if qualifier is None else str(qualifier))

    def cell(self, value: Count) -> str | int:
        return value.value if value.qualifier is None else str(value)

    def json(self, value: Count) -> Json:
        return value.value if value.qualifier is None else {"value": value.value, "qualifier": value.qualifier}


def chinese_numeral(word: str) -> Decimal | None:
    """The value of 十, 二十三, 两千 or 三万五千; None where the word is unclear (一百二) or no numeral."""
    for unit in "亿万":
        if unit in word:
            high, _, low = word.partition(unit)
            above, below = chinese_numeral(high or "一"), chinese_numeral(low or "零")
            return None if above is None or below is None or len(low) == 1 else above * MAGNITUDES[unit] + below
    total, lowest, rest = 0, 10**4, word
    while found := re.match("([一二两三四五六七八九]?)([千百十])", rest):
        unit_value = MAGNITUDES[found[2]]
        if unit_value >= lowest or (not found[1] and total and unit_value != 10):
            return None
        total, lowest = total + DIGITS.get(found[1], 1) * unit_value, unit_value
        rest = rest[found.end() :].lstrip("零〇")
    clear = len(rest) == 1 and rest in DIGITS and (lowest in (10, 10**4) or word[-2:-1] in "零〇")
    return Decimal(total + DIGITS.get(rest, 0)) if clear or not rest else None


def _whole(number: Decimal, qualifier: str | None, text: str) -> Count:
    if not number.is_finite():
        raise ValueProblem("单元格里不是有效的数字，请核对公式")
    if 0 <= number < _LARGEST and number == int(number):
        return Count(int(number), qualifier)
    too_large = "太大，请核对位数" if number >= _LARGEST else "不是整数，请改成整数"
    raise ValueProblem(quoted(text) + ("是负数，请改成零或正数" if number < 0 else too_large))


#: A number as it is kept, or one that its source hedged (近2万, 十余), which is not the number itself.
Figure: TypeAlias = Decimal | Count
_COUNTS = CountKind()


@dataclass(frozen=True)
class Estimate(KindOf[Figure]):
    """A number that may be hedged; the qualifier is kept in a column of its own."""

    number: Number
    label = Number.label
    example = Number.example
    how = "数字，可带单位；约数可写 600余、近2万"
    sql = HEDGED
    style = "number"
    adds_up = True

    @property
    def unit(self) -> str:
        return self.number.unit

    def parse(self, raw: Raw) -> Figure | None:
        hedged = isinstance(raw, str) and _QUALIFIED.search(unspaced(raw)) and _COUNTS.parse(raw)
        if not hedged or hedged.qualifier is None:
            return self.number.parse(raw)
        self.number.checked(Decimal(hedged.value))
        return hedged

    def encode(self, value: Figure | None) -> tuple[Primitive, ...]:
        number, hedge = (Decimal(value.value), value.qualifier) if isinstance(value, Count) else (value, None)
        return (*self.number.encode(number), hedge)

    def decode(self, primitives: Sequence[Primitive]) -> Figure | None:
        number = self.number.decode(primitives)
        return number if number is None or primitives[1] is None else Count(int(number), str(primitives[1]))

    def _of(self, value: Figure) -> Kind:
        return _COUNTS if isinstance(value, Count) else self.number

    def cell(self, value: Figure) -> str | int | Decimal:
        return self._of(value).cell(value)

    def text(self, value: Figure) -> str:
        return self._of(value).text(value)

    def json(self, value: Figure) -> Json:
        return self._of(value).json(value)
