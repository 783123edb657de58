"""What each month, quarter and year owes, judged only once it is over."""

from datetime import date

import pytest

from partybuild_cli.rules.frequency import (
    Window,
    committee_meetings_item,
    coverage,
    elapsed_units,
    first_topic_item,
    group_meetings_item,
    lectures_item,
    meeting_item,
    owed_meetings,
)
from partybuild_cli.rules.item import State, catalogue

Q3 = Window(date(2026, 7, 1), date(2026, 9, 30), date(2026, 10, 1))
YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))


def on(day: date, window: Window = Q3) -> Window:
    return Window(window.first, window.last, day)


def test_every_kind_owed_has_a_check() -> None:
    assert {owed.check for owed in owed_meetings().values()} <= set(catalogue())


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
    assert meeting_item("支部党员大会", "甲支部", ["2026-09-30"], Q3).state is State.MET
    without = meeting_item("支部党员大会", "甲支部", ["2026-06-30"], Q3)
    assert (without.id, without.state, without.figure) == ("Z2", State.UNMET, "0/1 个季度，缺2026Q3")
    assert without.article == "《中国共产党支部工作条例（试行）》第十一条"
    assert without.remedy.startswith("召开后登记：partybuild meeting add --kind 支部党员大会")
    assert meeting_item("支部党员大会", "甲支部", [], on(date(2026, 9, 30))).state is State.NOT_APPLICABLE


def test_months_of_theme_days() -> None:
    held = ["2026-07-05", "2026-07-25", "2026-09"]
    assert meeting_item("主题党日", "甲支部", held, Q3).figure == "2/3 个月，缺2026-08"
    assert meeting_item("主题党日", "甲支部", [*held, "2026-08-01"], Q3).state is State.MET


def test_a_day_known_to_the_year_leaves_the_question_open() -> None:
    assert coverage("month", ["2026", "2026-07-01"], Q3).unplaced == 1
    one_short = meeting_item("主题党日", "甲支部", ["2026-07-05", "2026-08-05", "2026"], Q3)
    assert one_short.state is State.NO_DATA
    assert meeting_item("主题党日", "甲支部", ["2026-07-05", "2026"], Q3).state is State.UNMET


@pytest.mark.parametrize(
    ("today", "state"), [(date(2026, 12, 31), State.NOT_APPLICABLE), (date(2027, 1, 1), State.UNMET)]
)
def test_the_yearly_meeting_is_owed_at_the_end_of_the_year(today: date, state: State) -> None:
    assert meeting_item("组织生活会", "甲支部", [], on(today, YEAR)).state is state
    assert meeting_item("组织生活会", "甲支部", ["2026-02-01"], on(today, YEAR)).state is State.MET


def test_committee_meetings() -> None:
    held = ["2026-07-01", "2026-08-01", "2026-09-01"]
    assert committee_meetings_item("甲支部", False, [], [], Q3).state is State.NOT_APPLICABLE
    assert committee_meetings_item("甲支部", True, held, [], Q3).state is State.MET
    assert committee_meetings_item("甲支部", True, held[1:], [], Q3).state is State.UNMET
    few = committee_meetings_item("甲支部", True, held, ["2026-08-01"], Q3)
    assert (few.state, few.figure) == (State.UNMET, "3/3 个月；到会不足半数：2026-08-01")
    assert few.remedy


def test_each_group_meets_each_month() -> None:
    held = ["2026-07-01", "2026-08-01", "2026-09-01"]
    assert group_meetings_item("甲支部", {}, Q3).state is State.NOT_APPLICABLE
    assert group_meetings_item("甲支部", {"一组": held, "二组": held}, Q3).state is State.MET
    lacking = group_meetings_item("甲支部", {"一组": held, "二组": []}, Q3)
    assert (lacking.state, lacking.id) == (State.UNMET, "Z7")
    assert "二组 0/3 个月" in lacking.figure
    assert group_meetings_item("甲支部", {"一组": held}, on(date(2026, 7, 31))).state is State.NOT_APPLICABLE


def test_lectures_are_a_setting_in_step_with_the_year() -> None:
    assert lectures_item("甲支部", 1, Q3).state is State.MET
    assert lectures_item("甲支部", 0, Q3).state is State.UNMET
    assert "全国无统一数字" in lectures_item("甲支部", 0, Q3).article
    assert lectures_item("甲支部", 0, Q3, per_year=2).state is State.NOT_APPLICABLE
    assert lectures_item("甲支部", 1, YEAR, per_year=2).figure == "1/2 次"
    assert lectures_item("甲支部", 2, YEAR, per_year=2).state is State.MET
    assert lectures_item("甲支部", 3, YEAR, per_year=2).state is State.MET


def test_first_topic() -> None:
    assert first_topic_item("甲支部", 0, 0).state is State.NO_DATA
    assert first_topic_item("甲支部", 3, 4).state is State.UNMET
    assert first_topic_item("甲支部", 4, 4).state is State.MET
