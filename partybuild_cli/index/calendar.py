"""Working days by the State Council's yearly arrangement of holidays (国务院办公厅节假日安排), which is data.

A year of which no arrangement is known counts Monday to Friday as working days, and the answer says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path

from partybuild_cli.errors import Unfit
from partybuild_cli.index.toml_file import MISSING, UNKNOWN, is_line, key_fault, key_faults, parse_toml, read_text

LONGEST_HOLIDAY = 31
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Year:
    """One year's arrangement: days off (放假) and weekend days worked instead (调休上班)."""

    year: int
    off: frozenset[date]
    work: frozenset[date]


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Working days in order, and the years among them that have no arrangement."""

    days: tuple[date, ...]
    unknown_years: tuple[int, ...]

    @property
    def last(self) -> date:
        return self.days[-1]

    @property
    def warning(self) -> str | None:
        if not self.unknown_years:
            return None
        years = "、".join(map(str, self.unknown_years))
        return f"没有 {years} 年的节假日表，只按周一至周五推算工作日；请补上节假日文件后核对。"


class Calendar:
    """The arrangements that are known; a later one of the same year replaces the earlier (用户文件优先)."""

    def __init__(self, years: Iterable[Year]) -> None:
        self._years = {year.year: year for year in years}

    def knows(self, year: int) -> bool:
        return year in self._years

    def works(self, day: date) -> bool:
        year = self._years.get(day.year)
        if year and (day in year.off or day in year.work):
            return day in year.work
        return day.weekday() < SATURDAY

    def working_days_from(self, start: date, count: int) -> WorkingDays:
        """So many working days from a day on, that day counting where it is one (公示起始日计入)."""
        days: list[date] = []
        passed: set[int] = set()
        day = start
        while len(days) < count:
            passed.add(day.year)
            if self.works(day):
                days.append(day)
            day += timedelta(days=1)
        return WorkingDays(tuple(days), tuple(sorted(year for year in passed if not self.knows(year))))


def calendar_with(own: Sequence[Path]) -> Calendar:
    """The calendar in use (节假日表): the arrangements that ship, and those of the unit's own files, which come first."""
    return Calendar([*built_in_years(), *(load_year(path) for path in own)])


@cache
def built_in_years() -> tuple[Year, ...]:
    """The arrangements that ship with the package."""
    folder = files("partybuild_cli.index") / "holidays"
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return tuple(parse_year(entry.read_text(encoding="utf-8"), entry.name) for entry in found)


def load_year(path: Path) -> Year:
    """The arrangement in a file of the user's."""
    return parse_year(read_text(path), str(path))


def parse_year(text: str, file: str) -> Year:
    """The arrangement in a text; `file` is only named in complaints."""
    raw = parse_toml(text, file)
    _must_have(raw, ("year", "source"), ("holidays",), file, "")
    year, holidays = raw["year"], raw.get("holidays", [])
    if not isinstance(year, int) or isinstance(year, bool):
        raise key_fault(file, "", "year", "应当是整数")
    if not is_line(raw["source"]):
        raise key_fault(file, "", "source", "应当是一行文字，写在引号里")
    if not isinstance(holidays, list) or not all(isinstance(one, dict) for one in holidays):
        raise key_fault(file, "", "holidays", "的每一项应当是一节（[[holidays]]）")
    off: set[date] = set()
    work: set[date] = set()
    for at, one in enumerate(holidays, start=1):
        place = f"holidays 第 {at} 项"
        _must_have(one, ("name", "first", "last"), ("work",), file, place)
        off |= _days_off(one, file, place)
        worked = one.get("work", [])
        if not isinstance(worked, list):
            raise key_fault(file, place, "work", "应当是一组日期，写在方括号里")
        work |= {_day(value, file, place, "work") for value in worked}
    _must_agree(year, off, work, file)
    return Year(year, frozenset(off), frozenset(work))


def _must_have(raw: Mapping[str, object], needed: Sequence[str], allowed: Sequence[str], file: str, place: str) -> None:
    faults = [(place, key, UNKNOWN) for key in raw if key not in (*needed, *allowed)]
    faults += [(place, key, MISSING) for key in needed if key not in raw]
    if faults:
        raise key_faults(file, faults)


def _days_off(raw: dict[str, object], file: str, place: str) -> set[date]:
    if not is_line(raw["name"]):
        raise key_fault(file, place, "name", "应当是一行文字，写在引号里")
    first, last = _day(raw["first"], file, place, "first"), _day(raw["last"], file, place, "last")
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST_HOLIDAY:
        raise key_fault(file, place, "last", f"应当在 first 当天或之后，且不超过 {LONGEST_HOLIDAY} 天")
    return {first + timedelta(days=passed) for passed in range(length)}


def _day(value: object, file: str, place: str, key: str) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise key_fault(file, place, key, "应当是日期，如 2026-01-01，不加引号")
    return value


def _must_agree(year: int, off: set[date], work: set[date], file: str) -> None:
    if strange := sorted(day for day in off | work if day.year != year):
        raise Unfit(f"“{file}”：{strange[0]} 不在 {year} 年内，跨年的假期请分写在两年的文件里。")
    if both := sorted(off & work):
        raise Unfit(f"“{file}”：{both[0]} 既写成放假又写成上班，请改正后再试。")
    if weekdays := sorted(day for day in work if day.weekday() < SATURDAY):
        raise Unfit(f"“{file}”：{weekdays[0]} 本来就是周一至周五，不必写成调休上班，请核对日期。")
    if not off:
        raise Unfit(f"“{file}”没有写任何假期，请按国务院办公厅的安排补上。")
