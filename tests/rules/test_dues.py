"""Party dues: the published test vectors, late payment and the six-month flag."""

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column, literal, select

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.dues import Payer, due_amount, edition_on, overdue_since, paid_late, rates
from partybuild_cli.rules.dues import six_months_unpaid
from partybuild_cli.values.day import first_date

HALF_YEAR = {f"2026-{month:02d}" for month in range(1, 7)}


@pytest.mark.parametrize("edition", list(rates()["edition"]))
@pytest.mark.parametrize(
    ("base", "payer", "amount"),
    [
        ("3000.00", Payer.WAGE, "15.00"),
        ("3000.01", Payer.WAGE, "30.00"),
        ("5000.00", Payer.WAGE, "50.00"),
        ("5000.01", Payer.WAGE, "75.00"),
        ("10000.00", Payer.WAGE, "150.00"),
        ("10000.01", Payer.WAGE, "200.00"),
        ("60000", Payer.WAGE, "1200.00"),
        ("5000", Payer.RETIRED, "25.00"),
        ("5000.01", Payer.RETIRED, "50.00"),
        ("1", Payer.STUDENT, "0.20"),
    ],
)
def test_the_rate_holds_for_the_whole_base(base: str, payer: Payer, amount: str, edition: str) -> None:
    assert due_amount(Decimal(base), payer, edition).amount == Decimal(amount)


def test_half_a_fen_is_rounded_up() -> None:
    assert due_amount(Decimal("2001"), Payer.WAGE).amount == Decimal("10.01")
    assert str(due_amount(Decimal("2000.9"), Payer.WAGE).amount) == "10.00"


def test_more_than_a_thousand_asks_under_2017_only() -> None:
    assert due_amount(Decimal("50000"), Payer.WAGE).prompt == ""
    assert "1000元" in due_amount(Decimal("50000.50"), Payer.WAGE).prompt
    assert due_amount(Decimal("60000"), Payer.WAGE, "2008").prompt == ""


@pytest.mark.parametrize("base", [None, Decimal(0), Decimal(-1)])
def test_no_base_is_a_problem_and_not_nothing_due(base: Decimal | None) -> None:
    with pytest.raises(ValueProblem, match="基数"):
        due_amount(base, Payer.WAGE)
    assert due_amount(base, Payer.STUDENT).amount == Decimal("0.20")


def test_editions_begin_on_their_day() -> None:
    assert edition_on(date(2008, 3, 31)) is None
    assert edition_on(date(2008, 4, 1)) == "2008"
    assert edition_on(date(2017, 1, 1)) == "2017"


def test_a_month_is_late_from_the_next_month_or_quarter() -> None:
    assert overdue_since("2026-12") == date(2027, 1, 1)
    assert overdue_since("2026-01", quarterly=True) == date(2026, 4, 1)
    assert overdue_since("2026-03", quarterly=True) == date(2026, 4, 1)


@pytest.mark.parametrize(
    ("month", "paid_on", "by_quarter", "late"),
    [
        ("2026-01", "2026-01-31", False, False),
        ("2026-01", "2026-02-01", False, True),
        ("2026-01", "2026-02", False, True),
        ("2026-01", "2026-01", False, False),
        ("2026-01", "2026", False, False),
        ("2026-12", "2027-01-01", False, True),
        ("2026-01", None, False, False),
        ("2026-01", "2026-03-31", True, False),
        ("2026-01", "2026-04-01", True, True),
        ("2026-12", "2026-12-31", True, False),
    ],
)
def test_paid_late(month: str, paid_on: str | None, by_quarter: bool, late: bool) -> None:
    query = select(paid_late(column("month"), column("paid_on"), literal(by_quarter)))
    sql = f"{query.compile(compile_kwargs={'literal_binds': True})} FROM (SELECT ? AS month, ? AS paid_on)"
    with closing(sqlite3.connect(":memory:")) as raw:
        [said] = raw.execute(sql, (month, paid_on)).fetchone()
    assert bool(said) is late
    assert bool(paid_on and first_date(paid_on) >= overdue_since(month, quarterly=by_quarter)) is late


def test_six_months_unpaid_is_flagged_when_the_sixth_has_ended() -> None:
    assert not six_months_unpaid(HALF_YEAR, date(2026, 6, 30))
    assert six_months_unpaid(HALF_YEAR, date(2026, 7, 1))
    assert not six_months_unpaid(HALF_YEAR - {"2026-03"}, date(2026, 7, 1))


def test_the_run_crosses_a_new_year() -> None:
    across = {"2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"}
    assert six_months_unpaid(across, date(2026, 3, 10))
    assert not six_months_unpaid(across - {"2025-12"}, date(2026, 3, 10))


@given(st.decimals(min_value="0.01", max_value=100000, places=2))
def test_a_rate_is_between_half_a_percent_and_two(base: Decimal) -> None:
    due = due_amount(base, Payer.WAGE)
    assert due.rate is not None
    assert Decimal("0.005") <= due.rate <= Decimal("0.02")
    assert abs(due.amount - base * due.rate) <= Decimal("0.005")
