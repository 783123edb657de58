"""Which kept record a row means (对号入座): by hidden number, else by identity; never by a name alone, never by chance."""

from collections.abc import Iterable, Mapping

from partybuild_cli.records.base.column import Column, Row, Values
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.values.day import agrees
from partybuild_cli.values.text import tight


class Matcher:
    """Finds the kept record, or the earlier row of the same sheet, that a draft means."""

    def __init__(self, columns: Iterable[Column], rows: Mapping[int, Values]) -> None:
        identity = [(part, column) for column in columns for part in column.parts]
        self._plain = [part for part, column in identity if not column.kind.vague]
        self._days = [part for part, column in identity if column.kind.vague]
        self._index: dict[Row, list[int]] = {}
        self._rows: dict[int, Values] = dict(rows)
        for number, row in rows.items():
            self._enter(number, row)

    def find(self, draft: Draft) -> int | None:
        """The number that the draft means, None where it is new; a clash becomes a problem of the draft."""
        if draft.number in self._rows:
            return draft.number
        found = self.alike(draft.stored)
        if len(found) > 1:
            draft.refuse(
                "",
                "",
                f"与 {len(found)} 条已有记录（编号 {'、'.join(map(str, found[:5]))}）都相符，不能确定是哪一条，请补全日期或工号",
            )
        return found[0] if found else None

    def remember(self, number: int, row: Values) -> None:
        """Let later rows of the sheet meet this one."""
        self._rows[number] = row
        self._enter(number, row)

    def keys(self, row: Values) -> list[Row]:
        """The keys under which a row is found."""
        return [tuple(tight(one) if isinstance(one, str) else one for one in map(row.get, self._plain))]

    def fits(self, row: Values, other: Values) -> bool:
        """Whether two rows of one key may be the same record: no day of the identity contradicts."""
        return all(
            row.get(part) is None or other.get(part) is None or agrees(row[part], other[part]) for part in self._days
        )

    def kept_keys(self, row: Values) -> list[Row]:
        """The keys under which a row is kept."""
        return self.keys(row)

    def _enter(self, number: int, row: Values) -> None:
        for key in self.kept_keys(row):
            self._index.setdefault(key, []).append(number)

    def alike(self, row: Values) -> list[int]:
        """The records that a row may mean; none where it is new."""
        for key in self.keys(row):
            found = [number for number in self._index.get(key, ()) if self.fits(row, self._rows[number])]
            if len(found) > 1:
                exact = [n for n in found if all(row.get(part) == self._rows[n].get(part) for part in self._days)]
                found = list(dict.fromkeys(exact or found))
            if found:
                return found
        return []

    def twins(self, row: Values) -> list[int]:
        """The records, the row itself among them, that cannot stand beside it."""
        return self.alike(row)

    def bearer(self, draft: Draft, column: Column) -> int | None:
        """Another kept record that is known by what the draft says under a column, if there is one."""
        return next((n for n in self.alike(draft.stored) if n != draft.number and n > 0), None)
