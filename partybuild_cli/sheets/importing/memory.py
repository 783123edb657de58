"""What the book remembers of the clerk's sheets (记住确认过的): headings that a person confirmed, places of unknown columns."""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from partybuild_cli.sheets.importing.headings import Heading
from partybuild_cli.sheets.importing.matched import UNUSED, Matched

#: Stands among the headings for the answer to which ledger the sheet is.
LEDGER = "(台账)"


def signature(headings: Sequence[Heading]) -> str:
    """The same for every sheet with the same headings in the same order."""
    return hashlib.sha256("\n".join(heading.key for heading in headings).encode()).hexdigest()[:32]


def recall(
    connection: Connection, headings: Sequence[Heading], open_ones: list[tuple[str, str, str]] | None = None
) -> dict[str, str]:
    """What was confirmed for such a sheet: heading -> field. `open_ones` gets what a refused import was told, which the
    import that goes by it makes its own."""
    mark = signature(headings)
    found = connection.exec_driver_sql("SELECT heading, field, change_id FROM heading_map WHERE signature = ?", (mark,))
    rows = [(name, key, change) for name, key, change in found.all()]
    if open_ones is not None:
        open_ones += [(mark, name, key) for name, key, change in rows if change is None]
    return {name: key for name, key, _ in rows}


def confirmed(headings: Sequence[Heading], matched: Matched, told: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    """What this command was told about the sheet's headings: signature, heading, field."""
    mark = signature(headings)
    for heading in headings:
        key = told.get(heading.key, told.get(heading.lowest))
        if key is not None and (key == UNUSED or heading.column in matched.keys):
            yield mark, heading.key, matched.keys.get(heading.column, UNUSED)
    if LEDGER in told:
        yield mark, LEDGER, matched.record.ledger


def keep(connection: Connection, learned: Sequence[tuple[str, str, str]], change: int | None) -> None:
    """Remember it, as taught by that entry of the history; an undo of the entry takes it back."""
    if learned:
        connection.exec_driver_sql(
            "INSERT OR REPLACE INTO heading_map (signature, heading, field, change_id) VALUES (?, ?, ?, ?)",
            [(*one, change) for one in learned],
        )


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
