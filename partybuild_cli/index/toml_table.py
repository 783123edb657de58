"""Reading a TOML file strictly (方案、节假日文件): each value of the kind expected, and no key that nobody
knows.

TOML holds data only and cannot run anything. Every fault is one sentence that names the file and the line
or the key.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from partybuild_cli.errors import NotFound, Unfit, why

Made = TypeVar("Made")

LARGEST = Decimal(10000)
FINEST = -4


def read_text(path: Path) -> str:
    """The text of a file, which must be UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as fault:
        raise NotFound(f"找不到文件“{path}”，请检查路径。") from fault
    except UnicodeDecodeError as fault:
        raise Unfit(f"“{path}”不是 UTF-8 文本，请用 UTF-8 编码另存后再试。") from fault
    except OSError as fault:
        raise Unfit(f"“{path}”读不出来（{why(fault)}），请检查它是不是文件、有没有读取权限。") from fault


class Table:
    """One table of a TOML file; every value is taken once, and `end` complains of what nobody took."""

    def __init__(self, values: Mapping[str, object], file: str, where: str = "") -> None:
        self._left = dict(values)
        self.file = file
        self.where = where

    def fault(self, key: str, complaint: str) -> Unfit:
        place = f"{self.where}的" if self.where else ""
        shown = key if key.isprintable() else ascii(key)
        return Unfit(f"“{self.file}”：{place}“{shown}”{complaint}。请改正后再试。")

    def _take(self, key: str) -> object:
        if key not in self._left:
            raise self.fault(key, "没有填写")
        return self._left.pop(key)

    @property
    def left(self) -> tuple[str, ...]:
        return tuple(self._left)

    def peek(self, key: str) -> object:
        return self._left[key]

    def rest(self) -> dict[str, object]:
        """All that is left, as it is, for whoever reads it later."""
        return dict(self._left)

    def has(self, key: str) -> bool:
        return key in self._left

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self.fault(key, "应当是一行文字，写在引号里")
        return value.strip()

    def whole(self, key: str) -> int:
        value = self.number(key)
        if value != int(value):
            raise self.fault(key, "应当是整数")
        return int(value)

    def number(self, key: str) -> Decimal:
        return self._number(key, self._take(key))

    def optional_number(self, key: str) -> Decimal | None:
        return self.number(key) if self.has(key) else None

    def flag(self, key: str) -> bool:
        value = self._take(key)
        if not isinstance(value, bool):
            raise self.fault(key, "只能是 true 或 false")
        return value

    def day(self, key: str) -> date:
        return self._day(key, self._take(key))

    def days(self, key: str) -> list[date]:
        return [self._day(key, value) for value in self._list(key)]

    def words(self, key: str) -> tuple[str, ...]:
        values = self._list(key)
        words = [value.strip() for value in values if isinstance(value, str) and value.isprintable()]
        if len(words) != len(values) or not all(words):
            raise self.fault(key, '应当是一组文字，如 ["甲", "乙"]')
        return tuple(words)

    def numbers(self, key: str) -> dict[str, Decimal]:
        """A table of numbers by word; empty where the key is absent."""
        return {word: self._number(f"{key}.{word}", value) for word, value in self.mapping(key).items()}

    def pairs(self, key: str) -> tuple[tuple[Decimal, Decimal], ...]:
        return tuple(self._pair(key, value) for value in self._list(key))

    def ranges(self, key: str) -> dict[str, tuple[Decimal, Decimal]]:
        return {word: self._pair(f"{key}.{word}", value) for word, value in self.mapping(key).items()}

    def table(self, key: str) -> "Table":
        if not self.has(key):
            raise self.fault(key, "没有填写")
        return Table(self.mapping(key), self.file, self._inside(key))

    def tables(self, key: str) -> list["Table"]:
        found = []
        for place, value in enumerate(self._list(key), start=1):
            if not isinstance(value, dict):
                raise self.fault(key, f"的第 {place} 项应当是一节（[[{key}]]）")
            found.append(Table(value, self.file, f"{self._inside(key)}第 {place} 项"))
        return found

    def read(self, make: Callable[["Table"], Made]) -> Made:
        """What is made of the table, which must leave nothing of it."""
        made = make(self)
        self.end()
        return made

    def end(self) -> None:
        for key in self._left:
            raise self.fault(key, "是不认识的键，可能写错了字，也可能写错了地方")

    def _inside(self, key: str) -> str:
        return f"{self.where}·{key} " if self.where else f"{key} "

    def _list(self, key: str) -> list[object]:
        """A list; empty where the key is absent."""
        value = self._left.pop(key, [])
        if not isinstance(value, list):
            raise self.fault(key, "应当是一组值，写在方括号里")
        return value

    def mapping(self, key: str) -> dict[str, object]:
        """A table handed over as it is; empty where the key is absent."""
        value = self._left.pop(key, {})
        if not isinstance(value, dict):
            raise self.fault(key, "应当是一节或写在花括号里")
        for word in value:
            if not word.strip() or not word.isprintable():
                raise self.fault(key, "里有空的或带控制字符的键")
        return value

    def _number(self, key: str, value: object) -> Decimal:
        """A number of at most four places and of sane size: more is a slip, and would make exact sums
        unbounded.
        """
        if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", value, re.ASCII):
            value = Decimal(value)
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.fault(key, "应当是数字")
        number = Decimal(value)
        exponent = number.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < FINEST or not 0 <= number <= LARGEST:
            raise self.fault(key, f"应当在 0 到 {LARGEST} 之间，小数不超过四位")
        return number

    def _pair(self, key: str, value: object) -> tuple[Decimal, Decimal]:
        if not isinstance(value, list) or len(value) != 2:
            raise self.fault(key, "的每一项应当是两个数字，如 [95, 5]")
        return self._number(key, value[0]), self._number(key, value[1])

    def _day(self, key: str, value: object) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fault(key, "应当是日期，如 2026-01-01，不加引号")
        return value


def parse_toml(text: str, file: str) -> Table:
    """The top table of a TOML text; floats are read as decimals."""
    try:
        return Table(tomllib.loads(text, parse_float=Decimal), file)
    except RecursionError as fault:
        raise Unfit(f"“{file}”的括号套得太深，不像是方案或节假日文件。") from fault
    except (ValueError, ArithmeticError) as fault:
        at = re.search(r"at line (\d+), column (\d+)", str(fault))
        place = f"第 {at[1]} 行第 {at[2]} 列" if at else "某处（可能在文件末尾）"
        raise Unfit(f"“{file}”{place}不合 TOML 写法，请检查引号、方括号、等号和重复的键。") from fault
