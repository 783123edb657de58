"""Counts (数量, 人次) with the qualifier that their source gave them: 近400, 300余人次, >1000."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.cells import NumberCell, Raw
from partybuild_cli.values.kind import Json, Kind, Primitive, Style
from partybuild_cli.values.number import MAGNITUDES
from partybuild_cli.values.text import as_text, quoted, unspaced

_LARGEST = 10**12
_BEFORE = {
    "约": "约", "大约": "约", "约为": "约", "~": "约", "近": "近", "将近": "近", "接近": "近",
    ">": ">", "超": ">", "超过": ">", "逾": ">", "多于": ">", "大于": ">",
    "≥": "≥", ">=": "≥", "≧": "≥", "至少": "≥", "不少于": "≥", "不低于": "≥",
    "<": "<", "不足": "<", "不到": "<", "少于": "<", "小于": "<",
    "≤": "≤", "<=": "≤", "≦": "≤", "至多": "≤", "最多": "≤", "不超过": "≤",
}  # fmt: skip
_AFTER = {"余": "余", "多": "多", "以上": "以上", "+": "以上", "左右": "左右", "以下": "≤", "以内": "≤"}
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = (
    "人次", "场次", "人", "场", "次", "份", "件", "条", "名", "个", "户", "台", "例", "项", "期", "册",
    "篇", "位", "家",
)  # fmt: skip


def _either(words: Mapping[str, str] | Sequence[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_COUNT = re.compile(
    rf"(?P<before>{_either(_BEFORE)})?"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千万亿]+)"
    rf"(?P<inner>[余多])?(?P<magnitude>(?<=[\d余多])(?:[十百千]?[万亿]|[十百千]))?(?P<after>{_either(_AFTER)})?"
    rf"(?P<unit>{_either(_UNITS)})?(?P<last>{_either(_AFTER)})?"
)


@dataclass(frozen=True)
class Count:
    """A whole number, and how the source hedged it: 约 近 > ≥ < ≤ before it, 余 多 以上 左右 behind it."""

    value: int
    qualifier: str | None = None


@dataclass(frozen=True)
class CountKind(Kind):
    """A count (数量), kept with its qualifier in a column of its own; `unit` may stand behind it (3年)."""

    label: ClassVar[str] = "数量"
    example: ClassVar[str] = "40"
    style: ClassVar[Style] = "center"
    unit: str = ""
    how: ClassVar[str] = "整数；约数可写 300余、近400"

    def parts(self, key: str) -> Mapping[str, str]:
        return {key: "INTEGER", f"{key}_qualifier": "TEXT"}

    def parse(self, raw: Raw) -> Count | None:
        if isinstance(raw, bool):
            raise ValueProblem("这里应填数量，不能填是或否")
        if isinstance(raw, NumberCell):
            raw = raw.value
        if isinstance(raw, int | float):
            return _whole(Decimal(raw), None, str(raw))
        text = as_text(raw)
        if text is None:
            return None
        if not isinstance(raw, str):
            raise ValueProblem(f"这里应填数量，单元格里却是日期 {text}，请改成数字")
        return _of_text(text.removesuffix(self.unit) or text)

    def encode(self, value: Count | None) -> tuple[Primitive, ...]:
        return (None, None) if value is None else (value.value, value.qualifier)

    def decode(self, primitives: Sequence[Primitive]) -> Count | None:
        value, qualifier = primitives
        return None if value is None else Count(int(value), None if qualifier is None else str(qualifier))

    def text(self, value: Count) -> str:
        if value.qualifier is None:
            return str(value.value)
        if value.qualifier in _AFTER:
            return f"{value.value}{value.qualifier}"
        return f"{value.qualifier}{value.value}"

    def cell(self, value: Count) -> str | int:
        return value.value if value.qualifier is None else self.text(value)

    def json(self, value: Count) -> Json:
        if value.qualifier is None:
            return value.value
        return {"value": value.value, "qualifier": value.qualifier}


def _of_text(text: str) -> Count:
    found = _COUNT.fullmatch(unspaced(text))
    if found is None:
        raise ValueProblem(f"{quoted(text)}不是能识别的数量，请填写数字，如 320、300余、约40、1.15万")
    number = _number(found["number"], text) * _magnitude(found["magnitude"] or "")
    said = [_BEFORE[found["before"]]] if found["before"] else []
    said += [_AFTER[found[place]] for place in ("inner", "after", "last") if found[place]]
    if len(said) > 1:
        raise ValueProblem(f"{quoted(text)}里约、近、余、以上这类字只能用一个，请留下准确的一个")
    return _whole(number, said[0] if said else None, text)


def _magnitude(word: str) -> int:
    """十万 is 100000."""
    product = 1
    for unit in word:
        product *= MAGNITUDES[unit]
    return product


def _number(word: str, text: str) -> Decimal:
    if word[0].isdecimal():
        return Decimal(word.replace(",", ""))
    value = chinese_numeral(word)
    if value is None:
        raise ValueProblem(f"{quoted(text)}里的中文数字看不准，请改用阿拉伯数字")
    return Decimal(value)


def chinese_numeral(word: str) -> int | None:
    """The value of 十, 二十三, 两千 or 三万五千; None where the word is unclear (一百二) or no numeral."""
    for unit in "亿万":
        if unit in word:
            high, _, low = word.partition(unit)
            above, below = chinese_numeral(high or "一"), chinese_numeral(low or "零")
            if above is None or below is None or len(low) == 1:
                return None
            return above * MAGNITUDES[unit] + below
    return _below_ten_thousand(word)


def _below_ten_thousand(word: str) -> int | None:
    total, lowest, rest = 0, 10**4, word
    while found := re.match("([一二两三四五六七八九]?)([千百十])", rest):
        unit = MAGNITUDES[found[2]]
        if unit >= lowest or (not found[1] and total and unit != 10):
            return None
        total, lowest = total + _DIGITS.get(found[1], 1) * unit, unit
        rest = rest[found.end() :].lstrip("零〇")
    if not rest:
        return total if word.strip("零〇") else 0
    gap = word[-2:-1] in "零〇"
    clear = len(rest) == 1 and rest in _DIGITS and (lowest in (10, 10**4) or gap)
    return total + _DIGITS[rest] if clear else None


def _whole(number: Decimal, qualifier: str | None, text: str) -> Count:
    if not number.is_finite():
        raise ValueProblem("单元格里不是有效的数字，请核对公式")
    if number < 0:
        raise ValueProblem(f"{quoted(text)}是负数，数量不能小于零")
    if number >= _LARGEST:
        raise ValueProblem(f"{quoted(text)}太大，请核对位数")
    if number != int(number):
        raise ValueProblem(f"{quoted(text)}不是整数，这里只能填整数")
    return Count(int(number), qualifier)
