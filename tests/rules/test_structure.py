"""Size, committee, term and secretary, on both sides of each edge."""

from datetime import date

import pytest

from partybuild_cli.rules.item import State
from partybuild_cli.rules.structure import (
    Term,
    TermState,
    committee_item,
    committee_needed,
    double_leader_item,
    secretary_item,
    size_item,
    term,
    term_item,
    term_state,
    vacancy_item,
    whole_years,
)


@pytest.mark.parametrize(
    ("formal", "total", "state", "word"),
    [
        (2, 9, State.UNMET, "不足3人"),
        (3, 3, State.MET, "党员3人"),
        (40, 50, State.MET, "党员50人"),
        (40, 51, State.UNMET, "党总支"),
        (99, 99, State.UNMET, "党总支"),
        (99, 100, State.UNMET, "党委"),
    ],
)
def test_size(formal: int, total: int, state: State, word: str) -> None:
    found = size_item("甲支部", formal, total)
    assert found.state is state
    assert word in found.figure
    assert bool(found.remedy) is (state is State.UNMET)


def test_an_unknown_size_is_no_data() -> None:
    assert size_item("甲支部", None, 9).state is State.NO_DATA
    assert size_item("甲支部", 9, None).state is State.NO_DATA
    assert committee_item("甲支部", None, 0).state is State.NO_DATA


@pytest.mark.parametrize(
    ("formal", "committee", "state"),
    [
        (6, 0, State.MET),
        (6, 3, State.UNMET),
        (7, 0, State.UNMET),
        (7, 2, State.UNMET),
        (7, 3, State.MET),
        (30, 7, State.MET),
        (30, 8, State.UNMET),
    ],
)
def test_committee(formal: int, committee: int, state: State) -> None:
    assert committee_item("甲支部", formal, committee).state is state
    assert committee_needed(formal) is (formal >= 7)


def test_a_small_branch_has_a_secretary_alone() -> None:
    assert committee_item("甲支部", 6, 0).figure == "正式党员6人，委员0人，不设支部委员会"
    assert committee_item("甲支部", 6, 3).figure.endswith("不设支部委员会，只设书记（必要时设1名副书记）")


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
    assert term_item("甲支部", "2024-03", 3, date(2027, 3, 10)).state is State.NO_DATA


def test_term_of_a_branch() -> None:
    assert term_item("甲支部", None, 3, date(2026, 1, 1)).state is State.NO_DATA
    running = term_item("甲支部", "2024-03-20", None, date(2026, 1, 1))
    assert (running.state, running.remedy) == (State.MET, "")
    soon = term_item("甲支部", "2024-03-20", 3, date(2026, 10, 20))
    assert soon.state is State.MET
    assert "应准备换届" in soon.figure
    assert soon.remedy
    assert "2028-03-20" in term_item("甲支部", "2024-03-20", 3, date(2027, 3, 21)).figure
    assert "上限" in term_item("甲支部", "2024-03-20", 3, date(2028, 3, 21)).figure
    assert term_item("甲支部", "2024-03-20", 5, date(2028, 3, 21)).state is State.MET


def test_vacancies() -> None:
    assert vacancy_item("甲支部", []).state is State.MET
    assert vacancy_item("甲支部", ["组织委员"]).figure == "空缺：组织委员"
    assert vacancy_item("甲支部", ["组织委员"]).state is State.UNMET


@pytest.mark.parametrize(
    ("full_on", "trainings", "year_over", "state"),
    [
        (None, 1, True, State.NO_DATA),
        ("2025-11-01", 1, True, State.MET),
        ("2025-11-02", 1, True, State.UNMET),
        ("2025-11", 1, True, State.NO_DATA),
        ("2025", 1, True, State.NO_DATA),
        ("2010", 0, False, State.MET),
        ("2010", 0, True, State.UNMET),
    ],
)
def test_secretary(full_on: str | None, trainings: int, year_over: bool, state: State) -> None:
    assert secretary_item("甲支部", full_on, trainings, year_over, date(2026, 11, 1)).state is state


def test_double_leader() -> None:
    states = [double_leader_item("甲支部", answer).state for answer in (True, False, None)]
    assert states == [State.MET, State.UNMET, State.NO_DATA]


def test_whole_years_turn_on_the_day() -> None:
    assert whole_years(date(2010, 6, 15), date(2026, 6, 14)) == 15
    assert whole_years(date(2010, 6, 15), date(2026, 6, 15)) == 16
    assert whole_years(date(2024, 2, 29), date(2025, 2, 28)) == 1
