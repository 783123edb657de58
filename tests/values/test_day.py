"""Days as clerks write them: every style of the table, and every sentence for what is no day."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.errors import ValueProblem
from partybuild_cli.values.day import add_months, agrees, chinese_day, dotted_day, finer, first_date, last_date
from partybuild_cli.values.kind import DateCell, NumberCell, Raw
from partybuild_cli.values.period import Day

DAY, RANGE = Day(), Day(range_allowed=True)
DATES = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1985.03", "1985-03"),
        ("1985-3", "1985-03"),
        ("1985/03", "1985-03"),
        ("1985年3月", "1985-03"),
        ("1985年3⽉", "1985-03"),
        ("二〇二六年九月五日", "2026-09-05"),
        ("一九八五年十月", "1985-10"),
        ("二○一二年十二月三十一日", "2012-12-31"),
        ("一九四九年十月二十日", "1949-10-20"),
        ("198503", "1985-03"),
        (198503, "1985-03"),
        (19850312, "1985-03-12"),
        ("２０２４．３．５", "2024-03-05"),
        ("2026年 9月 5日", "2026-09-05"),
        ("2026-09-05 14:30", "2026-09-05"),
        ("2026-09-05T08:00:00", "2026-09-05"),
        ("2026年9月5日（星期六）下午3点", "2026-09-05"),
        ("2026年9月5日14:30—16:00", "2026-09-05"),
        (1985, "1985"),
        ("1985年", "1985"),
        ("1980.1", "1980-01"),
        (1980.03, "1980-03"),
        (NumberCell(1980.1, "1980.10"), "1980-10"),
        (NumberCell(198503, "198503.00"), "1985-03"),
        (45000, "2023-03-15"),
        (45000.5, "2023-03-15"),
        (DateCell(datetime(2026, 9, 5, 14, 30), "day"), "2026-09-05"),
        (DateCell(datetime(2026, 9, 1), "month"), "2026-09"),
        (DateCell(datetime(2026, 1, 1), "year"), "2026"),
        ("——", None),
        (None, None),
    ],
)
def test_every_style_of_a_day(raw: Raw, expected: str | None) -> None:
    assert DAY.parse(raw) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021.06.15-06.17", "2021-06-15..2021-06-17"),
        ("2021.03.16-2021.07.16", "2021-03-16..2021-07-16"),
        ("2021.01-2021.12", "2021-01..2021-12"),
        ("2021.01—12", "2021-01..2021-12"),
        ("二〇二六年四月至二〇二六年六月", "2026-04..2026-06"),
        ("2026年4月13日至15日", "2026-04-13..2026-04-15"),
        ("2026年4月13－15日", "2026-04-13..2026-04-15"),
        ("2026年4-6月", "2026-04..2026-06"),
        ("2026.04.13-15", "2026-04-13..2026-04-15"),
        ("2026.04.13～04.15", "2026-04-13..2026-04-15"),
        ("2026-04-13-15", "2026-04-13..2026-04-15"),
        ("2026-04-13 09:00 到 2026-04-15 17:00", "2026-04-13..2026-04-15"),
        ("2021-2022", "2021..2022"),
        ("2026.04.13-04.13", "2026-04-13"),
        ("2021-06", "2021-06"),
    ],
)
def test_every_style_of_a_range(text: str, expected: str) -> None:
    assert RANGE.parse(text) == expected


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (1980.1, "10月"),
        (NumberCell(1980.1, "1980.1"), "看不出是几月"),
        ("85.03", "两位"),
        ("85年3月", "两位"),
        (850312, "两位"),
        ("9月27日", "没有写年份"),
        ("9.27", "没有写年份"),
        ("2023.×.×", "没有写全"),
        ("2026-02-30", "没有30日"),
        ("2026-13", "没有13月"),
        ("二零二六年二十月", "没有20月"),
        ("二〇二六年二月三十日", "没有30日"),
        ("九月五日", "不是能识别的日期"),
        (1899, "1900"),
        ("2026.1 2", "不是能识别的日期"),
        ("2026年底", "不是能识别的日期"),
        ("2026.04.13-15", "只能填一个日期"),
        (True, "是或否"),
        (float("nan"), "不是日期"),
    ],
)
def test_what_is_no_day_says_why(raw: Raw, said: str) -> None:
    with pytest.raises(ValueProblem, match=said):
        DAY.parse(raw)


def test_a_range_must_not_end_before_it_begins() -> None:
    with pytest.raises(ValueProblem, match="早于"):
        RANGE.parse("2026.4.20-4.10")


STYLES = ("%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d 08:30", "%Y 年 %m 月 %d 日")


@given(DATES, st.sampled_from(STYLES))
def test_a_day_survives_every_style(day: date, style: str) -> None:
    assert DAY.parse(day.strftime(style)) == day.isoformat()


@given(DATES, DATES, st.sampled_from([4, 7, 10]), st.sampled_from([chinese_day, dotted_day, str]))
def test_what_is_shown_reads_back(one: date, other: date, length: int, show: type[str]) -> None:
    first, last = (day.isoformat()[:length] for day in sorted((one, other)))
    day = first if first == last else f"{first}..{last}"
    assert RANGE.parse(show(day)) == day
    assert first_date(day) <= last_date(day)


def test_what_a_partial_day_may_mean() -> None:
    assert (first_date("2024-02"), last_date("2024-02")) == (date(2024, 2, 1), date(2024, 2, 29))
    assert (first_date("2024"), last_date("2024")) == (date(2024, 1, 1), date(2024, 12, 31))


def test_partial_days_agree_unless_they_contradict() -> None:
    assert agrees("1985-03", "1985-03-12")
    assert not agrees("1985-04", "1985-03-12")
    assert not agrees("2026-04-13", "2026-04-13..2026-04-15")
    assert finer("1985-03", "1985-03-12") == finer("1985-03-12", "1985-03") == "1985-03-12"


def test_months_clip_to_the_end_of_the_month() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2024, 3, 20), 36) == date(2027, 3, 20)
    assert add_months(date(2026, 1, 15), -1) == date(2025, 12, 15)
