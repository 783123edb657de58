"""What was found of a table's columns (对上的栏目), and what is left open."""

from dataclasses import dataclass, field

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.values.text import tight

#: A column that a person has said to be none of the ledger's.
UNUSED = "不用"
#: So many candidates are offered for a column.
OFFERED = 8


@dataclass(frozen=True, slots=True)
class Doubt:
    """A field of which several columns, or one that nobody explains, may be the one.

    Attributes:
        candidates: headings of which the values parse.
        needed: the record cannot do without; else `why` says what the sheet seems to speak of.
    """

    column: Column
    candidates: tuple[str, ...]
    needed: bool
    why: str = ""


@dataclass(slots=True)
class Matched:
    """The columns of a table, found for one ledger.

    Attributes:
        keys: place of a column -> field key.
        months: place of a column -> (year where the heading says it, month, field key), for 1月…12月.
        bare: whether those headings name nothing but months, of which the title has to say what they hold.
        quarters: places among `months` whose column holds that month and the two after it.
        near: headings that were not known and were taken by likeness or by their values, with their field.
        serial: places of columns that only count the rows.
        numbers: place of a column that holds the 工号 or 身份证号 of somebody named -> (field that names him, which number).
        years: place of a 年份 column that completes days and months.
        monthly: place of a further column that says what each of several months comes to (每月应缴).
        until: place of a column that says when what happened ended.
        identity: place of the hidden column of an exported sheet.
        explained: place of a column that is kept as it is -> what it holds instead of a field.
        further: headings of a further column of a matter that has its column already.
    """

    record: type[Record]
    keys: dict[int, str] = field(default_factory=dict)
    months: dict[int, tuple[int | None, int, str]] = field(default_factory=dict)
    bare: bool = False
    quarters: set[int] = field(default_factory=set)
    near: dict[str, str] = field(default_factory=dict)
    serial: set[int] = field(default_factory=set)
    numbers: dict[int, tuple[str, str]] = field(default_factory=dict)
    years: int | None = None
    monthly: int | None = None
    until: int | None = None
    identity: int | None = None
    explained: dict[int, str] = field(default_factory=dict)
    further: dict[str, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)

    @property
    def found(self) -> set[str]:
        """Every field that some column holds."""
        held = set(self.keys.values()) | {key for _, _, key in self.months.values()}
        return held | ({self.record.date} if self.months else set())

    @property
    def missing(self) -> list[Column]:
        """Required columns that no column holds and no title may hold."""
        columns = self.record.columns.values()
        return [one for one in columns if one.required and not one.context and one.key not in self.found]


def field_named(record: type[Record], word: str) -> str | None:
    """The field that a person means: by its key, its option or its Chinese heading; None for none."""
    plain = tight(word).lstrip("-")
    key = plain.replace("-", "_")
    if key in record.columns:
        return key
    named = (one.key for one in record.columns.values() if plain in (one.option, tight(one.heading)))
    return next(named, None) if plain else None
