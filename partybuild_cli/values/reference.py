"""A record that stands behind a figure, a check or a score (依据的记录): what `explain`, `check` and `report` open to."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reference:
    """One record and how it counted; or, with `id` None, what is missing. A person is a record of the ledger `member`."""

    ledger: str
    id: int | None
    day: str
    title: str
    note: str = ""

    def document(self) -> dict[str, Any]:
        """The record as `--json` prints it."""
        return asdict(self)
