"""Periods: every form, their days, quarters and months."""

from datetime import date

import pytest

from partybuild_cli.errors import UsageFault, ValueProblem
from partybuild_cli.values import PeriodKind, QuarterKind
from partybuild_cli.values.period import months, parse_period, period_of, quarter_of, quarters, spoken

TODAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("text", "label", "first", "last"),
    [
        ("2026", "2026", "2026-01-01", "2026-12-31"),
        ("2026年", "2026", "2026-01-01", "2026-12-31"),
        ("2026H1", "2026H1", "2026-01-01", "2026-06-30"),
        ("2026年下半年", "2026H2", "2026-07-01", "2026-12-31"),
        ("2026q3", "2026Q3", "2026-07-01", "2026-09-30"),
        ("2026年第三季度", "2026Q3", "2026-07-01", "2026-09-30"),
        ("2026年3季度", "2026Q3", "2026-07-01", "2026-09-30"),
        ("2026-09", "2026-09", "2026-09-01", "2026-09-30"),
        ("2026年9月", "2026-09", "2026-09-01", "2026-09-30"),
        ("this", "2026Q1", "2026-01-01", "2026-03-31"),
        ("last", "2025Q4", "2025-10-01", "2025-12-31"),
        ("2026-01-01..2026-06-30", "2026-01-01..2026-06-30", "2026-01-01", "2026-06-30"),
    ],
)
def test_every_form_of_a_period(text: str, label: str, first: str, last: str) -> None:
    period = parse_period(text, TODAY)
    assert (period.label, period.first.isoformat(), period.last.isoformat()) == (label, first, last)


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("2026Q3", "2026年第三季度"),
        ("2026H1", "2026年上半年"),
        ("2026-09", "2026年9月"),
        ("2026", "2026年"),
        ("2026-01-05..2026-06-30", "2026年1月5日至2026年6月30日"),
    ],
)
def test_a_title_says_a_period_in_words(label: str, words: str) -> None:
    assert spoken(period_of(label)) == words


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        ("2026", "2026Q1"),
        ("2026-07", "2026Q3"),
        ("2026-06-30..2026-07-02", "2026Q2"),
        ("2026-09..2026-10", "2026Q3"),
        ("2026-09-30", "2026Q3"),
        ("2026-10-01", "2026Q4"),
    ],
)
def test_a_day_lies_in_the_one_quarter_in_which_it_begins(day: str, quarter: str) -> None:
    labels = ["2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4", "2027Q1"]
    found = [label for label in labels for low, high in [period_of(label).bounds] if low <= day < high]
    assert found == [quarter]


def test_a_run_of_days_ends_with_its_last_day() -> None:
    low, high = period_of("2026-01-05..2026-06-15").bounds
    days = ["2026-01", "2026-01-05", "2026-06", "2026-06-15", "2026-06-15..2026-06-17", "2026-06-16"]
    assert [low <= day < high for day in days] == [False, True, True, True, True, False]


@pytest.mark.parametrize("text", ["2026Q5", "2026H3", "2026-13", "2026-09-05", "x", "", "2026-06..2026-01"])
def test_another_text_names_the_forms(text: str) -> None:
    with pytest.raises(UsageFault, match=r"2026Q3.*。$"):
        parse_period(text, TODAY)


def test_quarters_and_months_of_a_period() -> None:
    assert quarters(parse_period("2026H2", TODAY)) == ["2026Q3", "2026Q4"]
    assert months(parse_period("2025-12-15..2026-01-03", TODAY)) == ["2025-12", "2026-01"]
    quarter_ends = [quarter_of(date(2026, month, 1)) for month in (1, 3, 4, 12)]
    assert quarter_ends == ["2026Q1", "2026Q1", "2026Q2", "2026Q4"]


def test_kinds_of_period_keep_the_label() -> None:
    assert PeriodKind().parse(2026) == "2026"
    assert QuarterKind().parse("2026年第三季度") == "2026Q3"
    with pytest.raises(ValueProblem, match="不是季度"):
        QuarterKind().parse("2026年9月")
