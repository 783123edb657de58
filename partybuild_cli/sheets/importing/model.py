"""What a command asks of an import, and what it may ask back (导入的选项与提问)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from partybuild_cli.records.base.draft import Mode


@dataclass(slots=True)
class Options:
    """How to import.

    Attributes:
        ledger: the ledger that every table is, where the recogniser is overruled.
        maps: heading -> field key, where a heading is not known.
        dry_run: go the whole road on a copy of the book.
        skip_bad: write the good rows although there are problems.
        mode: `update`, `add_only` or `fill_blank`.
        erase_blank: a blank cell erases what is kept.
        with_rows: list what every row says.
        yes: agree beforehand to a change of many kept records.
        agreed: such a change that a person agreed to: by ledger how many records of how many, and no other.
        password: of encrypted workbooks.
    """

    ledger: str | None = None
    maps: dict[str, str] = field(default_factory=dict)
    dry_run: bool = False
    skip_bad: bool = False
    mode: Mode = "update"
    erase_blank: bool = False
    with_rows: bool = False
    yes: bool = False
    agreed: dict[str, tuple[int, int]] | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What only a person can say: which ledger a sheet is, which heading holds a column, what holds for the whole table.

    Attributes:
        about: `ledger`, `column` or `value`.
        sentence: the question in Chinese.
        choices: what may be answered (the value), and how each is shown.
    """

    about: str
    sentence: str
    choices: tuple[tuple[str, str], ...]


#: Answers a question with the value of a choice, or None for none of them.
Ask = Callable[[Question], str | None]
#: Whether a person agrees to a change of so many of the kept records of each ledger.
Agree = Callable[[dict[str, tuple[int, int]]], bool]
#: Told what is done, how much of it, and of how much.
Progress = Callable[[str, int, int], None]


def spoken_sheet(name: str) -> str:
    """A sheet as a sentence names it; the one of a CSV has no name."""
    return "这张表" if name == "*" else f"工作表“{name}”"
