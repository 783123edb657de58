"""Headings that a person has confirmed, remembered by the sheet's heading signature (记住确认过的对应关系)."""

import hashlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.headings import Heading

#: Stands among the headings for the answer to which ledger the sheet is.
LEDGER = "(台账)"


def signature(headings: Sequence[Heading]) -> str:
    """The same for every sheet with the same headings in the same order."""
    return hashlib.sha256("\n".join(heading.key for heading in headings).encode()).hexdigest()[:32]


def recall(connection: Connection, headings: Sequence[Heading]) -> dict[str, str]:
    """What was confirmed for such a sheet: heading -> field."""
    found = connection.exec_driver_sql(
        "SELECT heading, field FROM heading_map WHERE signature = ?", (signature(headings),)
    )
    return {name: key for name, key in found.all()}  # noqa: C416  (rows are no plain tuples to a type checker)


def keep(connection: Connection, headings: Sequence[Heading], matched: Matched, told: Mapping[str, str]) -> None:
    """Remember what this command was told about the sheet's headings."""
    names = {heading.key for heading in headings}
    confirmed = {name: key for name, key in told.items() if name in names and key in matched.found}
    if LEDGER in told:
        confirmed[LEDGER] = matched.record.ledger
    if confirmed:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO heading_map (signature, heading, field) VALUES (?, ?, ?)",
            [(signature(headings), name, key) for name, key in confirmed.items()],
        )
