"""What a workbook is made of: pages, their columns and their rows (表页与栏目)."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple


class Link(NamedTuple):
    """A cell that leads to a row of another workbook of the same folder, or of this one where no file is named (超链接).

    Without a sheet it leads to a file that has none.
    """

    text: str | int
    file: str
    sheet: str = ""
    row: int = 1


Cell = str | int | Decimal | Link | None
Style = Literal["text", "number", "money", "day", "center"]

SERIAL_HEADING = "序号"
IDENTITY_HEADING = "系统标识（勿改）"
SIGNATURES = ("党支部书记（签字）：", "党务干事（签字）：", "年   月   日（支部章）")

_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f]")
_NAME_LIMIT = 31


class Field(NamedTuple):
    """One column. `width` None: worked out from what it holds; `prose`: roomy where blank."""

    heading: str
    style: Style = "text"
    width: float | None = None
    choices: tuple[str, ...] = ()
    note: str | None = None
    prose: bool = False


class Page(NamedTuple):
    """One sheet."""

    name: str
    title: str
    fields: Sequence[Field]
    rows: Iterable[Sequence[Cell]] = ()
    left: str = ""
    right: str = ""
    identities: Iterable[str] | None = None
    serial: bool = True  # whether the first column counts the rows (序号)
    totals: Sequence[Cell] | str | None = None
    remarks: Sequence[str] = ()
    footer: Sequence[str] = SIGNATURES
    opening: str = ""  # the sentences between title and table
    upright: bool = False  # printed in portrait, on one page where it is readable so
    still: int | None = None  # so many fields stay in view when one scrolls to the right, and the heading filters

    @property
    def first_row(self) -> int:
        """The row of the first record, as a spreadsheet numbers it: below title, unit and period, and heading."""
        return 3 + bool(self.opening) + bool(self.left or self.right)


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names that Excel accepts, no two alike even to one who does not mind capitals."""
    taken: set[str] = set()
    names: list[str] = []
    for name in wanted:
        legal = _shortened(_FORBIDDEN.sub("-", name).strip().strip("'"), "").strip("'") or "台账"
        if legal.casefold() == "history":  # Excel keeps this one for itself
            legal += "-"
        candidate, copy = legal, 2
        while candidate.casefold() in taken:
            candidate = _shortened(legal, f"（{copy}）")
            copy += 1
        taken.add(candidate.casefold())
        names.append(candidate)
    return names


def _shortened(name: str, suffix: str) -> str:
    """Excel counts UTF-16 units, of which a rare character (𠮷) takes two."""
    while len((name + suffix).encode("utf-16-le")) > 2 * _NAME_LIMIT:
        name = name[:-1]
    return name + suffix
