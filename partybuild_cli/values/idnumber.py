"""Citizen identity numbers (公民身份号码) by GB 11643-1999: check digit, birth day and sex. No message holds a whole one."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import mul
from typing import ClassVar

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.day import iso_day
from partybuild_cli.values.kind import DateCell, NumberCell, Raw, TextKind
from partybuild_cli.values.mask import mask_id
from partybuild_cli.values.text import EXACT, as_text, tight

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
_FORM = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")


@dataclass(frozen=True)
class IdNumber(TextKind):
    """An identity number in 18 characters with a capital X; one of 15 digits is carried over."""

    label: ClassVar[str] = "公民身份号码"
    example: ClassVar[str] = "119900********0018"
    how: ClassVar[str] = "18 位，按文字填写，不能是科学计数"

    @property
    def mask(self) -> Callable[[str], str]:
        return mask_id

    def parse(self, raw: Raw) -> str | None:
        number = raw.value if isinstance(raw, NumberCell) else raw
        if isinstance(number, bool | DateCell):
            raise ValueProblem("这里应填公民身份号码，请把单元格设为文本后重新填写")
        if isinstance(number, float) or (isinstance(number, int) and number >= EXACT):
            raise ValueProblem("公民身份号码被存成了数字，末尾几位已丢失；请设为文本后重新填写")
        text = as_text(number)
        if text is None:
            return None
        return _checked(tight(text).lstrip("'").upper())


def _checked(number: str) -> str:
    if "*" in number:
        raise ValueProblem("公民身份号码被遮盖了一部分，请填写完整号码")
    if "E" in number and re.fullmatch(r"[\d.]+E[+-]?\d+", number):
        raise ValueProblem("公民身份号码变成了科学计数，末尾几位已丢失；请以文本重新填写完整号码")
    if not _FORM.fullmatch(number):
        raise ValueProblem(f"公民身份号码应为18位（末位可为X），这里是{len(number)}个字符，请核对")
    if len(number) == 15:
        number = f"{number[:6]}19{number[6:]}"
        number += check_digit(number)
    hint = f"{number[:3]}…{number[-2:]}"
    try:
        birth_day(number)
    except ValueProblem as problem:
        raise ValueProblem(f"公民身份号码（{hint}）里的出生日期不存在，请核对第7至14位") from problem
    if number[-1] != check_digit(number[:17]):
        raise ValueProblem(f"公民身份号码（{hint}）的校验码不对，可能有一位写错，请核对")
    return number


def check_digit(first17: str) -> str:
    """The last character that belongs to the first seventeen digits (ISO 7064 MOD 11-2)."""
    total = sum(map(mul, first17.encode(), _WEIGHTS)) - ord("0") * sum(_WEIGHTS)
    return _CHECK_DIGITS[total % 11]


def birth_day(number: str) -> str:
    """The birth day that the number says, as ISO text."""
    return iso_day(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def sex(number: str) -> str:
    """男 where the seventeenth digit is odd, else 女."""
    return "男" if int(number[16]) % 2 else "女"
