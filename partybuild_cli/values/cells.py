"""What a reader hands over for one cell of a sheet (单元格), before any kind of value has looked at it.

Whole numbers come as `int`, an empty cell as None. The three classes below carry what would be lost
otherwise: how a date is shown, how a number is shown, and that a formula failed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Shown: TypeAlias = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class DateCell:
    """A date cell (日期), and how much of it the number format lets a person see."""

    day: datetime
    shown: Shown


@dataclass(frozen=True, slots=True)
class NumberCell:
    """A number whose format changes what a person reads: 00042, 12.50, 85%."""

    value: int | float
    shown: str


@dataclass(frozen=True, slots=True)
class ErrorCell:
    """A formula that failed, such as #DIV/0! or #REF!."""

    code: str


Raw: TypeAlias = str | int | float | bool | DateCell | NumberCell | ErrorCell | None
