"""Days and periods as clerks say them in commands, seen from a fixed day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.values.period import Day, PeriodKind, meant_day, meant_period, parse_period

TODAY = date(2026, 11, 25)  # a Wednesday
DATES = st.dates(date(1950, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("今天", "2026-11-25"),
        ("昨天", "2026-11-24"),
        ("前天", "2026-11-23"),
        ("大前天", "2026-11-22"),
        ("明天", "2026-11-26"),
        ("上周五", "2026-11-20"),
        ("上个星期日", "2026-11-22"),
        ("本周一", "2026-11-23"),
        ("这周三", "2026-11-25"),
        ("下周二", "2026-12-01"),
        ("10.15", "2026-10-15"),
        ("１０．１５", "2026-10-15"),
        ("10月15日", "2026-10-15"),
        ("10 月 15 号", "2026-10-15"),
        ("10-15", "2026-10-15"),
        ("10/15", "2026-10-15"),
        ("12.31", "2026-12-31"),
        ("上月5日", "2026-10-05"),
        ("本月5号", "2026-11-05"),
        ("上月", "2026-10"),
        ("10月", "2026-10"),
        ("去年", "2025"),
        ("去年10月", "2025-10"),
        ("2026-09-05", "2026-09-05"),
        ("2.30", "2.30"),
        ("上月31日", "2026-10-31"),
        ("本月31日", "本月31日"),
        ("周五", "周五"),
        ("长期坚持", "长期坚持"),
        ("", ""),
    ],
)
def test_a_word_means_a_day(said, day):
    assert meant_day(said, TODAY) == day


@pytest.mark.parametrize(
    ("said", "today", "ahead", "day"),
    [
        ("12.28", date(2027, 1, 5), False, "2026-12-28"),
        ("12.28", date(2027, 1, 5), True, "2027-12-28"),
        ("3.5", TODAY, False, "2026-03-05"),
        ("3.5", TODAY, True, "2027-03-05"),
        ("10.15", TODAY, True, "2026-10-15"),
        ("2.29", date(2028, 3, 1), False, "2028-02-29"),
        ("2.29", date(2027, 3, 1), False, "2.29"),
    ],
)
def test_a_day_without_a_year_is_of_the_nearest_that_makes_sense(said, today, ahead, day):
    assert meant_day(said, today, ahead) == day


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("本月", "2026-11"),
        ("这个月", "2026-11"),
        ("上月", "2026-10"),
        ("上个月", "2026-10"),
        ("10月", "2026-10"),
        ("10月份", "2026-10"),
        ("12月", "2026-12"),
        ("本季度", "2026Q4"),
        ("上季度", "2026Q3"),
        ("三季度", "2026Q3"),
        ("第3季度", "2026Q3"),
        ("上半年", "2026H1"),
        ("下半年", "2026H2"),
        ("今年", "2026"),
        ("本年度", "2026"),
        ("去年下半年", "2025H2"),
        ("去年第四季度", "2025Q4"),
        ("this", "2026Q4"),
        ("last", "2026Q3"),
    ],
)
def test_a_word_means_a_period(said, label):
    assert parse_period(said, TODAY).label == label


def test_in_january_what_has_not_begun_is_of_last_year():
    assert [meant_period(one, date(2027, 1, 5)) for one in ("下半年", "12月", "四季度", "1月", "上月")] == [
        "2026H2",
        "2026-12",
        "2026Q4",
        "2027-01",
        "2026-12",
    ]


@pytest.mark.parametrize("said", ["13月", "五季度", "中半年", "上上月"])
def test_other_words_are_refused(said):
    with pytest.raises(UsageFault, match=r"看不懂.*。$"):
        parse_period(said, TODAY)


@pytest.mark.parametrize("said", ["今天", "昨天", "上周五", "10.15", "10月15日", "本月", "上月"])
def test_in_a_workbook_they_are_no_day_and_no_period(said):
    with pytest.raises(ValueProblem):
        Day().parse(said)
    with pytest.raises(ValueProblem):
        PeriodKind().parse(said)


@given(DATES, DATES, st.booleans())
def test_a_day_with_its_year_means_the_same_on_any_day(day, today, ahead):
    for text in (str(day), f"{day:%Y.%m.%d}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y-%m}"):
        assert meant_day(text, today, ahead) == text
        assert meant_period(text, today) == text


@given(DATES, st.integers(-272, 92))
def test_a_day_of_the_last_nine_months_is_found_again_without_its_year(today, distance):
    day = today + timedelta(days=distance)
    if day.year <= today.year and (day.month, day.day) != (2, 29):
        assert meant_day(f"{day.month}.{day.day}", today) == str(day)
        assert meant_day(f"{day.month}月{day.day}日", today) == str(day)


@given(DATES, st.sampled_from("一二三四五六日"))
def test_a_day_of_last_week_lies_in_last_week(today, weekday):
    found = date.fromisoformat(meant_day(f"上周{weekday}", today))
    assert found.weekday() == "一二三四五六日".index(weekday)
    assert (today - timedelta(days=today.weekday()) - found).days in range(1, 8)
