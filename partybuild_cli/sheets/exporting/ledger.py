"""One ledger as one page (台账页): title, unit and date row, columns, rows with their hidden identities, totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from partybuild_cli.records.base.declare import Column, Record
from partybuild_cli.records.base.told import Told
from partybuild_cli.sheets.exporting.columns import cell_of, field_of, written
from partybuild_cli.sheets.writing import Cell, Field, Page
from partybuild_cli.values.day import chinese_day
from partybuild_cli.values.period import Period


@dataclass(frozen=True, slots=True)
class Setting:
    """What a page needs besides its records.

    Attributes:
        book: the book's own name, part of every hidden identity.
        unit: who reports, for the title and the unit row.
        as_of: the day of the report (填报日期); figures such as 党龄 count up to it.
        period: the period that the ledger covers, for the title.
        full: ID numbers and phones unmasked. private: with what is otherwise left out (谈话内容).
    """

    book: str
    unit: str
    as_of: date
    period: Period | None = None
    full: bool = False
    private: bool = False


def ledger_page(record: type[Record], told: Sequence[Told], setting: Setting) -> Page:
    """The page of a ledger. Columns that only the clerk knows (extras) stand before 备注, else at the end."""
    columns = [column for column in written(record, setting.private) if _wanted(record, column, told)]
    extras = list(dict.fromkeys(heading for one in told for heading in one.extras))
    at = next((place for place, column in enumerate(columns) if column.key == "note"), len(columns))
    fields = [field_of(column) for column in columns]
    fields[at:at] = [Field(heading) for heading in extras]

    def cells(one: Told) -> list[Cell]:
        row: list[Cell] = [cell_of(column, one.values.get(column.key), setting.full) for column in columns]
        row[at:at] = [one.extras.get(heading) for heading in extras]
        return row

    return Page(
        name=record.caption,
        title=title_of(record, setting),
        left=f"填报单位（盖章）：{setting.unit}",
        right=f"填报日期：{chinese_day(setting.as_of.isoformat())}",
        fields=fields,
        rows=(cells(one) for one in told),
        identities=(f"{setting.book}-{one.number}" for one in told),
        totals=record.totals_row(told),
    )


def _wanted(record: type[Record], column: Column, told: Sequence[Told]) -> bool:
    """Columns that nobody has filled only make a ledger too small to read; those that a reader looks for stay."""
    expected = column.required or column.identity or column.key in record.brief
    return expected or not told or any(column.key in one.values for one in told)


def title_of(record: type[Record], setting: Setting) -> str:
    """神经内科党支部2026年第三季度三会一课台账."""
    period = spoken(setting.period) if setting.period else ""
    return f"{setting.unit}{period}{record.caption}"


def spoken(period: Period) -> str:
    """A period as a title says it: 2026年第三季度, 2026年上半年, 2026年9月, else its two days."""
    label = period.label
    year = label[:4]
    if len(label) == 6 and label[4] == "Q":
        return f"{year}年第{'一二三四'[int(label[5]) - 1]}季度"
    if len(label) == 6 and label[4] == "H":
        return f"{year}年{'上下'[int(label[5]) - 1]}半年"
    if ".." in label:
        return f"{chinese_day(period.first.isoformat())}至{chinese_day(period.last.isoformat())}"
    return chinese_day(label)
