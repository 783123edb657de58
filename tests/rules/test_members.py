"""Months that count, the hours of a year, the third for 优秀."""

from datetime import date

import pytest

from partybuild_cli.rules.facts import Window
from partybuild_cli.rules.members import excellent_cap, whole_months, yearly_hours

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


def test_more_hours_are_asked_of_the_committee_as_long_as_the_plan_held() -> None:
    assert [yearly_hours(committee, date(2023, 12, 31)) for committee in (True, False)] == [56, 32]
    assert [yearly_hours(committee, date(2024, 1, 1)) for committee in (True, False)] == [32, 32]
