"""What a command says, made exact and looked at for what cannot be meant (合不合情理): 今天, and a meeting in 2028.

A slip of the hand on the command line is refused before it is written. An imported ledger is not judged so: it may be odd, and
is then the unit's own record.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.draft import Draft
from partybuild_cli.records.base.kinds import MentionsKind
from partybuild_cli.records.base.roster import Roster
from partybuild_cli.values import CountKind, Number
from partybuild_cli.values.day import add_months, ends, first_date, last_date
from partybuild_cli.values.kind import Raw
from partybuild_cli.values.number import plain_decimal
from partybuild_cli.values.people import name_words
from partybuild_cli.values.period import Day
from partybuild_cli.values.text import tight

#: Of two days of one record the first cannot lie behind the second.
_IN_ORDER = (
    ("born_on", "joined_on"),
    ("born_on", "applied_on"),
    ("joined_on", "full_on"),
    ("founded_on", "elected_on"),
    ("started_on", "ended_on"),
    ("started_on", "done_on"),
    ("set_on", "removed_on"),
    ("met_on", "due_on"),
)
#: More than so much of a unit is a slip, whatever it is of.
_MOST: Mapping[str, int] = {"元": 1_000_000, "万元": 1_000_000, "小时": 1000, "学时": 1000, "月": 24, "年": 10}
_MOST_PEOPLE = 1_000_000
_HOURS_A_DAY = 24
_YEARLESS = re.compile(r"\D*\d{1,2}\D+(\d{1,2}\D?)?")


def exact(record: type[Record], cells: Mapping[str, Raw], roster: Roster, today: date) -> dict[str, Raw]:
    """The cells of a command, with its words for days and periods, and parts of branches' names, made exact."""
    return {
        key: _exact(record.columns[key], raw, roster, today) if isinstance(raw, str) else raw
        for key, raw in cells.items()
    }


def _exact(column: Column, said: str, roster: Roster, today: date) -> str:
    if column.kind.names != "branch":
        return column.kind.meant(said, today)
    try:
        return roster.branch_names[roster.branch_meant(tight(said))]
    except ValueProblem:
        return said  # told with the other problems of the record


def question(record: type[Record], draft: Draft, said: Mapping[str, Raw], roster: Roster, today: date) -> None:
    """Refuse what the command cannot mean; warn where a day without a year was taken to be of another one.

    An edit is asked only about what it speaks of.
    """
    for key, raw in said.items():
        value, column = draft.values.get(key), record.columns[key]
        yearless = isinstance(raw, str) and isinstance(column.kind, Day) and _YEARLESS.fullmatch(raw.strip())
        if yearless and value and str(value)[:4] != str(today.year):
            draft.warn(column, raw, f"“{raw}”记作 {value}，不对的请写上年份")
        if isinstance(column.kind, MentionsKind) and isinstance(raw, str):
            for word in name_words(raw):
                if not roster.known(word) and (near := roster.near(word)):
                    draft.warn(column, word, f"花名册中没有“{word}”，是不是{'、'.join(near[:3])}")
    asked = frozenset(record.columns) if draft.asked is None else draft.asked
    for keys, column, message in (*_days(record, draft, today), *_sizes(record, draft), *_hours(record, draft)):
        if not asked.isdisjoint(keys):
            draft.refuse(column, draft.values.get(column.key, ""), message)
    name = record.columns.get("name")
    if record.ledger == "branch" and name and str(draft.values.get("name", "汉")).isascii() and "name" in asked:
        draft.refuse(
            name, draft.values["name"], f"“{draft.values['name']}”不像党组织的名称，请写全称，如 神经内科党支部"
        )


_Doubt = tuple[tuple[str, ...], Column, str]


def _days(record: type[Record], draft: Draft, today: date) -> Iterator[_Doubt]:
    """Days that lie more than a year ahead though they are no deadline, and days in the wrong order."""
    days = {
        key: str(draft.values[key])
        for key, column in record.columns.items()
        if isinstance(column.kind, Day) and str(draft.values.get(key, ""))[:1].isdigit()
    }
    furthest = add_months(today, 12)
    for key, day in days.items():
        column = record.columns[key]
        if key not in ("due_on", "ended_on", "extended_until") and first_date(day) > furthest:
            yield (key,), column, f"{day} 在一年以后，请核对年份"
        elif key == "born_on" and first_date(day) > today:
            yield (key,), column, f"{day} 还没有到，请核对年份"
    for first, second in _IN_ORDER:
        if first in days and second in days and last_date(days[second]) < first_date(days[first]):
            earlier = record.columns[first].heading
            yield (
                (first, second),
                record.columns[second],
                f"{days[second]} 早于{earlier} {days[first]}，请核对这两个日期",
            )


def _sizes(record: type[Record], draft: Draft) -> Iterator[_Doubt]:
    """Amounts and counts that no branch has."""
    for key, column in record.columns.items():
        value = draft.values.get(key)
        if value is None or column.computed:
            continue
        if isinstance(column.kind, Number) and column.kind.unit in _MOST and value > _MOST[column.kind.unit]:
            yield (key,), column, f"{plain_decimal(value)} {column.kind.unit}太大了，请核对位数和单位"
        elif isinstance(column.kind, CountKind) and value.value > _MOST.get(column.kind.unit, _MOST_PEOPLE):
            yield (key,), column, f"{value.value} 太大了，请核对"


def _hours(record: type[Record], draft: Draft) -> Iterator[_Doubt]:
    """More hours than the days have, of the whole or of one member."""
    day = str(draft.values.get(record.date, ""))
    if "hours" not in record.columns or not day[:1].isdigit():
        return
    first, last = ends(day)
    most = _HOURS_A_DAY * ((last_date(last) - first_date(first)).days + 1)
    said, column = draft.values.get("hours"), record.columns["hours"]
    own = [Decimal(hours).scaleb(-4) for _, hours, *_ in draft.below.get("participation", ()) if hours]
    if said is not None and said > most:
        yield ("hours", record.date), column, f"{plain_decimal(said)} 多于这段时间的 {most} 小时，请核对"
    for hours in own:
        if hours > most:
            yield ("members", record.date), column, f"{plain_decimal(hours)} 多于这段时间的 {most} 小时，请核对"
