"""How a row meets the record that it means (更新方式)."""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["update", "add_only", "fill_blank"]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a row meets the record that it means (更新方式).

    Attributes:
        mode: `update` overwrites what differs; `add_only` leaves kept records alone; `fill_blank` fills only blanks.
        erase_blank: a blank cell of a column that the sheet has erases the kept value.
        columns: the columns that the sheet has (for `erase_blank`).
        as_typed: a coarser day replaces a finer one, because a person typed it about this record.
    """

    mode: Mode = "update"
    erase_blank: bool = False
    columns: frozenset[str] = frozenset()
    as_typed: bool = False
