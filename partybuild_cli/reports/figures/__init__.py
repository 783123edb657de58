"""The figures that a branch quotes about itself (数据): value, unit, of what it is a share, what is counted, the records behind it.

What a figure is called and what it counts is data, in `figures.toml`.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from partybuild_cli.rules.facts import Facts
from partybuild_cli.rules.item import percent
from partybuild_cli.values import Count
from partybuild_cli.values.kind import Reference
from partybuild_cli.values.number import CountKind, plain_decimal
from partybuild_cli.values.text import shipped

#: Qualifiers that say at least, the strict ones first; at most; about.
_STRICTLY_MORE, _AT_LEAST = frozenset(">余多"), frozenset({"≥", "以上"})
_LESS = frozenset("<≤")
COUNT = CountKind()


#: Of which part each record is.
Parts = Iterable[str | None]


class Figure(NamedTuple):
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
        unit = self.unit if self.unit in ("%", "") else f" {self.unit}"
        if isinstance(self.value, Count):
            return f"{COUNT.text(self.value)}{unit}"
        shown = plain_decimal(self.value) if isinstance(self.value, Decimal) else str(self.value)
        return f"{self.of} = {shown}{self.unit}" if self.of else f"{shown}{unit}"

    @property
    def number(self) -> Decimal:
        return Decimal(self.value.value if isinstance(self.value, Count) else self.value)

    def document(self, opened: bool = False) -> dict[str, object]:
        """As `--json` prints it: decimals as text, hedged counts with their qualifier; opened, with every record."""
        value: object = self.value
        if isinstance(value, Decimal):
            value = plain_decimal(value)
        elif isinstance(value, Count):
            value = COUNT.json(value)
        return {
            **{"id": self.id, "name": self.name, "value": value, "unit": self.unit, "of": self.of},
            "definition": self.definition,
            "records": [record.document() for record in self.records] if opened else len(self.records),
        }


def counted(
    facts: Facts, id: str, records: Sequence[Reference], value: int | Decimal | Count | None = None, **words: str
) -> Figure:
    """A figure of the table, of which `words` fill the gaps; by default every record counts once."""
    family, _, name = id.partition(".")
    called, definition, *unit = shipped("reports/figures/figures.toml")[family][name]
    texts = {"as_of": str(facts.as_of), "more": "", **words}
    amount = len(records) if value is None else value
    id = id.replace("*", words.get("part", ""))
    return Figure(id, called.format(**texts), amount, unit[0] if unit else "人", definition.format(**texts), records)


def parted(
    facts: Facts, id: str, parts: Parts, records: Iterable[Reference], texts: Sequence[str] = (), least: int = 1
) -> Iterator[Figure]:
    """How many records are of each part (`parts` in step with `records`): those of `told` in that order, else as they come."""
    groups: dict[str, list[Reference]] = {part: [] for part in texts}
    for part, record in zip(parts, records, strict=True):
        if part is not None and (part in groups or not texts):
            groups.setdefault(part, []).append(record)
    yield from (counted(facts, id, mine, part=part) for part, mine in groups.items() if len(mine) >= least)


def share(facts: Facts, id: str, part: int, whole: int, records: Sequence[Reference], **words: str) -> list[Figure]:
    """A share of the table with both its numbers; none where there is nothing to be a share of."""
    said = counted(facts, id, records, 0, **words)
    return [said._replace(value=percent(part, whole), unit="%", of=f"{part}/{whole}")] if whole else []


def summed(parts: Iterable[Count]) -> Count:
    """Counts added up; a hedge of any part hedges the sum, and one that is shared is kept as it was written."""
    known = list(parts)
    hedges = {count.qualifier for count in known if count.qualifier}
    if len(hedges) < 2:
        hedge = next(iter(hedges), None)
    elif hedges <= _STRICTLY_MORE | _AT_LEAST:
        hedge = ">" if hedges & _STRICTLY_MORE else "≥"
    else:
        hedge = "<" if hedges <= _LESS else "约"
    return Count(sum(count.value for count in known), hedge)
