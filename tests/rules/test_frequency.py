"""What each month, quarter and year owes, judged only once it is over."""

from datetime import date

import pytest

from partybuild_cli.rules.facts import Held, Window
from partybuild_cli.rules.frequency import coverage, elapsed_units, regular
from partybuild_cli.rules.item import Result, State
from partybuild_cli.values.votes import Ballots

Q3 = Window(date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1))
YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))


def look(kind: str, days: list[str], window: Window) -> Result:
    held = [Held(n, 1, kind, day, "专题", None, None, Ballots()) for n, day in enumerate(days)]
    return regular(kind, held, window)


def on(day: date, window: Window = Q3) -> Window:
    return Window(window.first, window.last, day)


def test_a_unit_is_owed_once_it_is_over() -> None:
    assert elapsed_units("month", on(date(2026, 9, 30))) == ["2026-07", "2026-08"]
    assert elapsed_units("month", Q3) == ["2026-07", "2026-08", "2026-09"]
    assert elapsed_units("quarter", on(date(2026, 9, 30))) == []
    assert elapsed_units("quarter", Q3) == ["2026Q3"]
    assert elapsed_units("year", Q3) == []
    assert elapsed_units("year", Window(date(2026, 10, 1), date(2026, 12, 31), date(2027, 1, 1))) == ["2026"]


def test_nothing_is_owed_before_the_branch_was_founded() -> None:
    since = Window(Q3.first, Q3.last, Q3.today, since=date(2026, 7, 2))
    assert elapsed_units("month", since) == ["2026-08", "2026-09"]
    assert elapsed_units("quarter", since) == []
    first_day = Window(Q3.first, Q3.last, Q3.today, since=Q3.first)
    assert elapsed_units("month", first_day) == ["2026-07", "2026-08", "2026-09"]


def test_a_quarter_without_an_assembly() -> None:
    assert look("支部党员大会", ["2026-09-30"], Q3).state is State.MET
    without = look("支部党员大会", ["2026-06-30"], Q3)
    assert (without.state, without.text()) == (State.UNMET, "0/1 个季度，缺2026Q3")
    assert look("支部党员大会", [], on(date(2026, 9, 30))).state is State.NOT_APPLICABLE


def test_months_of_theme_days() -> None:
    held = ["2026-07-05", "2026-07-25", "2026-09"]
    assert look("主题党日", held, Q3).text() == "2/3 个月，缺2026-08"
    assert look("主题党日", [*held, "2026-08-01"], Q3).state is State.MET


def test_a_day_known_to_the_year_leaves_the_question_open() -> None:
    assert coverage("month", ["2026", "2026-07-01"], Q3).unplaced == 1
    one_short = look("主题党日", ["2026-07-05", "2026-08-05", "2026"], Q3)
    assert one_short.state is State.NO_DATA
    assert look("主题党日", ["2026-07-05", "2026"], Q3).state is State.UNMET


@pytest.mark.parametrize(
    ("today", "state"), [(date(2026, 12, 31), State.NOT_APPLICABLE), (date(2027, 1, 1), State.UNMET)]
)
def test_the_yearly_meeting_is_owed_at_the_end_of_the_year(today: date, state: State) -> None:
    assert look("组织生活会", [], on(today, YEAR)).state is state
    assert look("组织生活会", ["2026-02-01"], on(today, YEAR)).state is State.MET
