"""Headings as clerks write them (表头), brought to a form that can be compared.

A heading is keyed by its lowest line after NFKC without white space; a bracket that holds a unit or a remark, stars and 必填
are put aside only for comparing. Two lines alike are told apart by the group above them (工资固定收入/岗位工资).
"""

import re
from collections import Counter
from dataclasses import dataclass

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.kind import DateCell, Raw
from partybuild_cli.values.text import as_text, tight

#: The hidden column in which an exported sheet says which record a row came from.
IDENTITY_HEADING = "系统标识(勿改)"

_SERIAL = frozenset({"序号", "序", "号", "行号", "NO", "NO.", "顺序号", "项次"})
_MAYBE_SERIAL = frozenset({"编号"})
_BRACKET = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_REMARK = re.compile(r"[*※#&★▲]|必填|选填|参考模板")
_NUMBERED = re.compile(r"^(?:[QT]?\d{1,2}[.、:)]|[(\[]?[①-⑳][)\]]?|\(\d{1,2}\)|[一二三四五六七八九十]{1,2}、)")
_MONTH = re.compile(r"(?:(\d{4})年?[-./]?)?(?:(1[0-2]|0?[1-9])|(十[一二]?|[一二三四五六七八九]))月份?(?!\d)(.*)")
_QUARTER = re.compile(r"(?:(\d{4})年?)?第?(?:([1-4])|([一二三四]))季度?(.*)")
_NUMERALS = {word: place for place, word in enumerate("一二三四五六七八九", start=1)} | {
    "十": 10,
    "十一": 11,
    "十二": 12,
}


@dataclass(frozen=True, slots=True)
class Heading:
    """One column's heading.

    Attributes:
        column: the place of the column in the rows of the sheet, from 0.
        key: how the report names the column.
        lines: the lines of the heading from the top, groups first, in comparable form.
    """

    column: int
    key: str
    lines: tuple[str, ...]

    @property
    def lowest(self) -> str:
        """The line that names the column itself."""
        return self.lines[-1] if self.lines else ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the column may be called, the likeliest first: its own line, then with the groups above it."""
        own = self.lowest
        joined = ["".join(self.lines[at:]) for at in range(len(self.lines) - 2, -1, -1)]
        return tuple(dict.fromkeys(name for word in (own, *joined) for name in (word, bare(word)) if name))

    @property
    def unit(self) -> str:
        """The unit in brackets behind the heading: 万元, 小时; empty where there is none."""
        found = _BRACKET.findall(self.lowest)
        return found[-1][1:-1] if found else ""

    @property
    def is_serial(self) -> bool:
        """序号: counts the rows and is kept nowhere."""
        return bare(self.lowest).upper() in _SERIAL

    @property
    def may_be_serial(self) -> bool:
        """编号: the serial number or the number of a member; its values tell."""
        return bare(self.lowest) in _MAYBE_SERIAL

    @property
    def is_identity(self) -> bool:
        """Whether this is the hidden column of an exported sheet."""
        return self.lowest == IDENTITY_HEADING


def label(raw: Raw) -> str:
    """A cell as a heading: NFKC, no white space; empty where it cannot be one."""
    if isinstance(raw, str):
        try:
            return tight(raw)
        except ValueProblem:
            return ""
    if isinstance(raw, DateCell):
        return f"{raw.day.year}年{raw.day.month}月" if raw.shown == "month" else ""
    if isinstance(raw, int) and not isinstance(raw, bool) and 1900 <= raw <= 2100:
        return tight(as_text(raw) or "")
    return ""


def bare(word: str) -> str:
    """The heading without brackets, stars, 必填 and numbering."""
    plain = _NUMBERED.sub("", _REMARK.sub("", _BRACKET.sub("", word)))
    return plain.rstrip(":：、。") or word


def months_of(heading: Heading) -> tuple[int | None, int, int, str] | None:
    """Year (None where not said), first month, how many months, and the rest of the heading of a month or a quarter (2026年1月实缴,
    第一季度实缴); None where it is none."""
    own = bare(heading.lowest)
    for pattern, count in ((_MONTH, 1), (_QUARTER, 3)):
        for at, line in enumerate(reversed(heading.lines)):
            if found := pattern.fullmatch(bare(line)):
                number = int(found[2]) if found[2] else _NUMERALS[found[3]]
                rest = own if at else found[pattern.groups]
                return int(found[1]) if found[1] else None, count * (number - 1) + 1, count, rest
    return None


def letter(column: int) -> str:
    """The letter by which a spreadsheet program names the column (0 is A)."""
    name = ""
    number = column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def keyed(columns: list[tuple[int, tuple[str, ...]]]) -> list[Heading]:
    """Headings with the keys that tell them apart: by group where two are alike, by letter where nothing else helps."""
    lowest = Counter(lines[-1] for _, lines in columns if lines)
    grouped = Counter("/".join(lines[-2:]) for _, lines in columns if lines)
    headings = []
    for column, lines in columns:
        if not lines:
            key = letter(column)
        elif lowest[lines[-1]] == 1:
            key = lines[-1]
        elif len(lines) > 1 and grouped["/".join(lines[-2:])] == 1:
            key = "/".join(lines[-2:])
        else:
            key = f"{lines[-1]}({letter(column)})"
        headings.append(Heading(column, key, lines))
    return headings
