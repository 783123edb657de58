"""Committee, term and years, on both sides of each edge."""

from datetime import date

import pytest

from partybuild_cli.rules.board import Term, TermState, term, term_state, whole_years
from partybuild_cli.rules.frequency import committee_needed


def test_term_of_three_years() -> None:
    assert term(date(2024, 3, 20), 3) == Term(date(2027, 3, 20), date(2026, 9, 20), date(2028, 3, 20))


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 9, 19), TermState.RUNNING),
        (date(2026, 9, 20), TermState.REMINDER),
        (date(2027, 3, 20), TermState.REMINDER),
        (date(2027, 3, 21), TermState.EXPIRED),
        (date(2028, 3, 20), TermState.EXPIRED),
        (date(2028, 3, 21), TermState.BEYOND),
    ],
)
def test_term_state(today: date, state: TermState) -> None:
    assert term_state("2024-03-20", 3, today) is state


def test_a_month_leaves_the_term_open_at_its_edges_only() -> None:
    assert term_state("2024-03", 3, date(2026, 8, 1)) is TermState.RUNNING
    assert term_state("2024-03", 3, date(2027, 3, 10)) is TermState.UNKNOWN
    assert term_state("2024-03", 3, date(2027, 4, 1)) is TermState.EXPIRED


def test_whole_years_turn_on_the_day() -> None:
    assert whole_years(date(2010, 6, 15), date(2026, 6, 14)) == 15
    assert whole_years(date(2010, 6, 15), date(2026, 6, 15)) == 16
    assert whole_years(date(2024, 2, 29), date(2025, 2, 28)) == 1


def test_seven_full_members_have_a_committee() -> None:
    assert [committee_needed(formal) for formal in (6, 7)] == [False, True]
