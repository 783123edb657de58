"""One figure (一个数据): its value, its unit, of what it is a share, what is counted, the records that it rests on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from partybuild_cli.rules.item import percent
from partybuild_cli.values import Count
from partybuild_cli.values.number import CountKind, plain_decimal
from partybuild_cli.values.reference import Reference

#: Qualifiers that say at least, the strict ones first; at most; about.
_STRICTLY_MORE, _AT_LEAST = frozenset(">余多"), frozenset({"≥", "以上"})
_LESS = frozenset("<≤")
_KIND = CountKind()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure; `of` spells a share out as `19/22`, `records` are those that stand behind it."""

    id: str
    name: str
    value: int | Decimal | Count
    unit: str
    definition: str
    records: Sequence[Reference]
    of: str | None = None

    @property
    def text(self) -> str:
        """The value as it is printed: 19/22 = 86.4%, >50000, 98.2%."""
        if isinstance(self.value, Count):
            return f"{_KIND.text(self.value)}{_beside(self.unit)}"
        shown = plain_decimal(self.value) if isinstance(self.value, Decimal) else str(self.value)
        return f"{self.of} = {shown}{self.unit}" if self.of else f"{shown}{_beside(self.unit)}"

    @property
    def number(self) -> Decimal:
        """The value alone, for a chart."""
        return Decimal(self.value.value if isinstance(self.value, Count) else self.value)

    def document(self, opened: bool = False) -> dict[str, Any]:
        """The figure as `--json` prints it: whole numbers plain, decimals as text, hedged counts with their qualifier.

        `records` says how many there are, or lists them where the figure is opened.
        """
        value: Any = self.value
        if isinstance(value, Decimal):
            value = plain_decimal(value)
        elif isinstance(value, Count):
            value = _KIND.json(value)
        return {
            "id": self.id,
            "name": self.name,
            "value": value,
            "unit": self.unit,
            "of": self.of,
            "definition": self.definition,
            "records": [one.document() for one in self.records] if opened else len(self.records),
        }


def _beside(unit: str) -> str:
    return unit if unit in ("%", "") else f" {unit}"


def counted(
    id: str, name: str, unit: str, definition: str, records: Sequence[Reference], value: int | None = None
) -> Figure:
    """A plain count; by default every record counts once."""
    return Figure(id, name, len(records) if value is None else value, unit, definition, records)


def rate(id: str, name: str, part: int, whole: int, definition: str, records: Sequence[Reference]) -> list[Figure]:
    """A share with both its numbers; none where there is nothing to be a share of."""
    return [Figure(id, name, percent(part, whole), "%", definition, records, f"{part}/{whole}")] if whole else []


def summed(parts: Iterable[tuple[int, str | None]]) -> Count:
    """Counts added up; a hedge of any part hedges the sum, and one that is shared is kept as it was written."""
    known = list(parts)
    hedges = {qualifier for _, qualifier in known if qualifier}
    return Count(sum(value for value, _ in known), _hedge(hedges))


def _hedge(hedges: set[str]) -> str | None:
    if len(hedges) < 2:
        return next(iter(hedges), None)
    if hedges <= _STRICTLY_MORE | _AT_LEAST:
        return ">" if hedges & _STRICTLY_MORE else "≥"
    if hedges <= _LESS:
        return "<"
    return "约"
