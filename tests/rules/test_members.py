"""Months that count, the hours of a year, the third for 优秀, floating and lost members."""

from datetime import date

import pytest

from partybuild_cli.rules.facts import Window
from partybuild_cli.rules.members import away_long, excellent_cap, struck_off_due, whole_months, yearly_hours

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("arrived", "left", "months"),
    [
        (None, None, 12),
        (date(2026, 7, 2), None, 5),
        (None, date(2026, 6, 30), 6),
        (None, date(2026, 6, 29), 5),
        (date(2026, 12, 2), None, 0),
    ],
)
def test_whole_months(arrived: date | None, left: date | None, months: int) -> None:
    assert whole_months(YEAR.first, YEAR.last, arrived, left) == months


@pytest.mark.parametrize(("formal", "cap"), [(2, 0), (3, 1), (7, 2), (35, 11), (36, 12)])
def test_a_third_rounded_down(formal: int, cap: int) -> None:
    assert excellent_cap(formal) == cap


def test_away_and_lost_for_six_months() -> None:
    assert not away_long("2026-01-05", date(2026, 7, 4))
    assert away_long("2026-01-05", date(2026, 7, 5))
    assert not away_long("2026-01", date(2026, 7, 30))
    assert not struck_off_due("2026-07-10", date(2028, 7, 9))
    assert struck_off_due("2026-07-10", date(2028, 7, 10))


def test_more_hours_are_asked_of_the_committee_as_long_as_the_plan_held() -> None:
    assert [yearly_hours(committee, date(2023, 12, 31)) for committee in (True, False)] == [56, 32]
    assert [yearly_hours(committee, date(2024, 1, 1)) for committee in (True, False)] == [32, 32]
