"""Working days by the State Council's yearly arrangement of holidays (国务院办公厅节假日安排), which is data.

A year of which no arrangement is known counts Monday to Friday as working days, and the answer says so.
"""

import itertools
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from partybuild_cli.errors import Unfit
from partybuild_cli.index.scheme import Day, Section, Text, Whole, key_faults, parse_toml, read_text, validated

_LONGEST_HOLIDAY = 31
_SATURDAY = 5


class Holiday(Section):
    """One holiday: from first to last nobody works (放假), and on the days of `work` everybody does (调休上班)."""

    name: Text
    first: Day
    last: Day
    work: tuple[Day, ...] = ()


class HolidayYear(Section):
    """One year's arrangement; `source` is the notice that it was taken from."""

    year: Whole
    source: Text
    holidays: tuple[Holiday, ...] = ()

    @cached_property
    def off(self) -> frozenset[date]:
        """The days off (放假)."""
        lengths = ((holiday.first, (holiday.last - holiday.first).days + 1) for holiday in self.holidays)
        return frozenset(first + timedelta(days=passed) for first, days in lengths for passed in range(days))

    @cached_property
    def work(self) -> frozenset[date]:
        """The weekend days worked instead (调休上班)."""
        return frozenset(day for holiday in self.holidays for day in holiday.work)


class WorkingDays(NamedTuple):
    """Working days in order, and the years among them that have no arrangement."""

    days: tuple[date, ...]
    unknown_years: tuple[int, ...]

    @property
    def last(self) -> date:
        return self.days[-1]

    @property
    def warning(self) -> str | None:
        years = "、".join(map(str, self.unknown_years))
        return f"没有 {years} 年的节假日表，只按周一至周五推算工作日；请补上节假日文件后核对。" if years else None


class Calendar:
    """The arrangements that are known; a later one of the same year replaces the earlier (用户文件优先)."""

    def __init__(self, years: Iterable[HolidayYear]) -> None:
        self._years = {year.year: year for year in years}

    def works(self, day: date) -> bool:
        year = self._years.get(day.year)
        if year and (day in year.off or day in year.work):
            return day in year.work
        return day.weekday() < _SATURDAY

    def working_days_from(self, start: date, count: int) -> WorkingDays:
        """So many working days from a day on, that day counting where it is one (公示起始日计入)."""
        passing = (start + timedelta(days=passed) for passed in itertools.count())
        days = tuple(itertools.islice(filter(self.works, passing), count))
        unknown = tuple(year for year in range(start.year, days[-1].year + 1) if year not in self._years)
        return WorkingDays(days, unknown)


def calendar_with(own: Sequence[Path]) -> Calendar:
    """The calendar in use (节假日表): the arrangements that ship, and those of the unit's own files, which come first."""
    return Calendar([*built_in_years(), *(load_year(path) for path in own)])


@cache
def built_in_years() -> tuple[HolidayYear, ...]:
    """The arrangements that ship with the package."""
    folder = files("partybuild_cli.index") / "holidays"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(parse_year(entry.read_text(encoding="utf-8"), entry.name) for entry in found)


def load_year(path: Path) -> HolidayYear:
    """The arrangement in a file of the user's."""
    return parse_year(read_text(path), str(path))


def parse_year(text: str, file: str) -> HolidayYear:
    """The arrangement in a text; `file` is only named in complaints."""
    found = validated(HolidayYear, parse_toml(text, file), file)
    for at, holiday in enumerate(found.holidays, start=1):
        if not 0 <= (holiday.last - holiday.first).days < _LONGEST_HOLIDAY:
            wanted = f"应当在 first 当天或之后，且不超过 {_LONGEST_HOLIDAY} 天"
            raise key_faults(file, (f"holidays 第 {at} 项", "last", wanted))
    if strange := sorted(day for day in found.off | found.work if day.year != found.year):
        raise Unfit(f"“{file}”：{strange[0]} 不在 {found.year} 年内，跨年的假期请分写在两年的文件里。")
    if both := sorted(found.off & found.work):
        raise Unfit(f"“{file}”：{both[0]} 既写成放假又写成上班，请改正后再试。")
    if weekdays := sorted(day for day in found.work if day.weekday() < _SATURDAY):
        raise Unfit(f"“{file}”：{weekdays[0]} 本来就是周一至周五，不必写成调休上班，请核对日期。")
    if not found.off:
        raise Unfit(f"“{file}”没有写任何假期，请按国务院办公厅的安排补上。")
    return found
