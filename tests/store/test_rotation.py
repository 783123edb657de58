"""Which backups stay: the newest, and beyond them the newest of each month."""

from datetime import date, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partybuild_cli.store.backup import Rotation, superseded


def copies(*days: date) -> list[Path]:
    return [Path(f"book-{day}-120000-change.db") for day in sorted(set(days), reverse=True)]


def test_few_are_all_kept() -> None:
    assert superseded(copies(*(date(2026, 1, day) for day in range(1, 11))), Rotation()) == []


def test_older_ones_stay_one_a_month_for_a_year() -> None:
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(1000)]
    made = copies(*days)
    gone = set(superseded(made, Rotation()))
    stay = [path.name[5:15] for path in made if path not in gone]
    assert stay[:10] == [str(day) for day in sorted(days, reverse=True)[:10]]
    assert stay[10:] == [
        "2026-08-31", "2026-07-31", "2026-06-30", "2026-05-31", "2026-04-30", "2026-03-31",
        "2026-02-28", "2026-01-31", "2025-12-31", "2025-11-30", "2025-10-31",
    ]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=40), st.integers(1, 5), st.integers(0, 5))
def test_letting_go_again_lets_go_of_nothing_more(days: list[date], latest: int, months: int) -> None:
    made, rule = copies(*days), Rotation(latest, months)
    stay = [path for path in made if path not in superseded(made, rule)]
    assert superseded(stay, rule) == []
    assert stay[:latest] == made[:latest]
    assert len(stay) <= latest + months
