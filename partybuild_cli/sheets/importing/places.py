"""Where unknown columns stand (原表中的位置): learned from the clerk's own sheets, so that an export puts them back there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.headings import Heading


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which known field an unknown column stood (empty: before all of them), and in which order."""

    after: str
    order: int


def learn(connection: Connection, matched: Matched, headings: Sequence[Heading], extras: Collection[str]) -> None:
    """Note the places of the unknown columns of a sheet; our own exports, which were ordered by us, teach nothing."""
    if matched.identity is not None or not extras:
        return
    after = ""
    rows = []
    for heading in headings:
        if heading.column in matched.keys:
            after = matched.keys[heading.column]
        elif heading.column in matched.months:
            after = matched.months[heading.column][2]
        elif heading.key in extras:
            rows.append((matched.record.ledger, heading.key, after, heading.column))
    connection.exec_driver_sql(
        "INSERT INTO extra_place (ledger, heading, after, place) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (ledger, heading) DO UPDATE SET after = excluded.after, place = excluded.place",
        rows,
    )


def known_places(connection: Connection, ledger: str) -> dict[str, Place]:
    """Heading -> place, of every unknown column that the ledger has met."""
    found = connection.exec_driver_sql(
        "SELECT heading, after, place FROM extra_place WHERE ledger = ? ORDER BY place, heading", (ledger,)
    )
    return {heading: Place(after, order) for heading, after, order in found}
