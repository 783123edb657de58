"""Columns that only count the rows (序号): by their heading, or by values 1, 2, 3 … under 编号 or under no heading at all."""

from partybuild_cli.sheets.importing.columns import Matched
from partybuild_cli.sheets.importing.table import Table

_ENOUGH = 2


def mark_serials(table: Table, matched: Matched) -> None:
    """Take counting columns out of the fields: a 编号 1, 2, 3 is nobody's 工号."""
    for heading in table.headings:
        if (heading.may_be_serial or not heading.lines) and _counts(table, heading.column):
            matched.keys.pop(heading.column, None)
            matched.serial.add(heading.column)


def _counts(table: Table, column: int) -> bool:
    """Whether the column holds 1, 2, 3 … and nothing else, but for texts of rows that are no records."""
    expected = 1
    for row in table.grid.rows[table.first - 1 : table.last]:
        raw = row[column] if column < len(row) else None
        if raw is None or (isinstance(raw, str) and not raw.isdecimal()):
            continue
        if str(raw) != str(expected):
            return False
        expected += 1
    return expected > _ENOUGH
