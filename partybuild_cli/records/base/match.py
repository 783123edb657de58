"""Which kept record a row means (对上已有的记录), by identity."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.dated import Values
from partybuild_cli.records.base.row import ResolvedRow
from partybuild_cli.values.day import agrees
from partybuild_cli.values.text import tight


class Matcher:
    """Finds the kept record, or the earlier row of the same sheet, that a row means: never by a name alone, never by chance."""

    def __init__(self, columns: Iterable[Column], rows: Mapping[int, Values]) -> None:
        identity = [(part, column) for column in columns for part in column.parts]
        self._plain = [part for part, column in identity if not column.kind.vague]
        self._days = [part for part, column in identity if column.kind.vague]
        self._rows: dict[int, Values] = dict(rows)
        self._index: dict[str, dict[Hashable, list[int]]] = {}

    def find(self, row: ResolvedRow) -> int | None:
        """The number that the row means, None where it is new; a clash becomes a problem of the row."""
        if row.number in self._rows:
            return row.number
        found = self.alike(row.stored)
        if len(found) > 1:
            names = "、".join(map(str, found[:5]))
            message = f"与 {len(found)} 条已有记录（编号 {names}）都相符，不能确定是哪一条，请补全日期或工号"
            row.refuse("", "", message)
        return found[0] if found else None

    def remember(self, number: int, row: Values) -> None:
        """Let later rows of the sheet meet this one."""
        self._rows[number] = row
        for kind, index in self._index.items():
            if (key := self.kept_key(kind, row)) is not None:
                index.setdefault(key, []).append(number)

    def keys(self, row: Values) -> Iterator[tuple[str, Hashable | None]]:
        """The kinds of key under which a row is looked for, the strongest first, and its own of each."""
        yield "", self.kept_key("", row)

    def kept_key(self, kind: str, row: Values) -> Hashable | None:
        """The key of a kind under which a row is found; None where it has none."""
        return tuple(tight(one) if isinstance(one, str) else one for one in map(row.get, self._plain))

    def fits(self, row: Values, other: Values) -> bool:
        """Whether two rows of one key may be the same record: no day of the identity contradicts."""
        return all(
            row.get(part) is None or other.get(part) is None or agrees(row[part], other[part]) for part in self._days
        )

    def under(self, kind: str, key: Hashable | None) -> Sequence[int]:
        """The records that have a key, none where there is none; who has one is gathered when a kind is first asked for."""
        if key is None:
            return ()
        index = self._index.get(kind)
        if index is None:
            index = self._index[kind] = {}
            for number, row in self._rows.items():
                if (own := self.kept_key(kind, row)) is not None:
                    index.setdefault(own, []).append(number)
        return index.get(key, ())

    def alike(self, row: Values) -> list[int]:
        """The records that a row may mean; none where it is new."""
        for kind, key in self.keys(row):
            found = [number for number in self.under(kind, key) if self.fits(row, self._rows[number])]
            if len(found) > 1:
                exact = [n for n in found if all(row.get(part) == self._rows[n].get(part) for part in self._days)]
                found = list(dict.fromkeys(exact or found))
            if found:
                return found
        return []

    def twins(self, row: Values) -> list[int]:
        """The records, the row itself among them, that cannot stand beside it."""
        return self.alike(row)

    def bearer(self, row: ResolvedRow, column: Column) -> int | None:
        """Another kept record that is known by what the row says under a column, if there is one."""
        return next((n for n in self.alike(row.stored) if n != row.number and n > 0), None)
