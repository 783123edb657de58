"""Which records a period holds: by day, by a month or year known no closer, and by a quarter or half-year of their own."""

import pytest


@pytest.mark.parametrize(
    ("period", "held"),
    [
        ("2026Q3", {"2026Q3", "2026H2", "2026-09"}),
        ("2026Q1", {"2026", "2026H1"}),
        ("2026-09", {"2026-09"}),
        ("2026H2", {"2026Q3", "2026H2", "2026-09", "2026Q4"}),
        ("2026", {"2026", "2026H1", "2026Q3", "2026H2", "2026-09", "2026Q4"}),
        ("2025", set()),
    ],
)
def test_figures_of_a_period_belong_where_it_begins(branch, period, held):
    for of in ("2026", "2026H1", "2026Q3", "2026H2", "2026-09", "2026Q4"):
        added = branch("metric", "add", "--subject", "科室", "--name", "满意度", "--period", of, "--actual", "96")
        assert added.code == 0, added.err
    listed = branch("metric", "list", "--period", period, "--json").json
    assert {one["period"] for one in listed} == held


@pytest.mark.parametrize(
    ("period", "held"),
    [
        ("2026-09-10..2026-09-30", {"2026-09-10", "2026-09-30"}),
        ("2026-09", {"2026-09", "2026-09-09", "2026-09-10", "2026-09-30"}),
        ("2026Q3", {"2026-09", "2026-09-09", "2026-09-10", "2026-09-30"}),
    ],
)
def test_days_belong_where_they_fall(branch, period, held):
    for day in ("2026-09", "2026-09-09", "2026-09-10", "2026-09-30", "2026-10-01"):
        added = branch("meeting", "add", "--kind", "专题学习", "--held-on", day, "--topic", f"学习 {day}")
        assert added.code == 0, added.err
    listed = branch("meeting", "list", "--period", period, "--json").json
    assert {one["held_on"] for one in listed} == held
