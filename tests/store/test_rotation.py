"""Which backups stay: the latest, then the first of each hour, day, month and year, each occasion among its own."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partybuild_cli.store.backup import AUTOMATIC, FIRSTS, LATEST, Made, Occasion, name_of, read_names, superseded

DAWN = datetime(2024, 1, 1)
SMALL = (2, dict.fromkeys(FIRSTS, 2))


def copies(moments: Iterable[datetime], occasion: Occasion = "change") -> list[Made]:
    """Backups made one after another, whatever the clock said."""
    names = [
        name_of("book", moment.strftime("%Y-%m-%d-%H%M%S"), number, occasion)
        for number, moment in enumerate(moments, start=1)
    ]
    return read_names([Path(name) for name in names])


def stay(made: list[Made], rule: tuple[int, dict[int, int]] = (LATEST, FIRSTS)) -> list[Made]:
    gone = superseded(made, *rule)
    return [one for one in made if one not in gone]


def test_automatic_ones_are_fewer_the_older() -> None:
    made = copies(DAWN + timedelta(hours=6 * n) for n in range(4000))
    kept = [one.stamp for one in stay(made)]
    newest = DAWN + timedelta(hours=6 * 3999)
    assert newest == datetime(2026, 9, 26, 18)
    assert [stamp for stamp in kept if stamp < "2026-08-27"] == [
        "2024-01-01-000000", "2025-01-01-000000", "2025-10-01-000000", "2025-11-01-000000", "2025-12-01-000000",
        "2026-01-01-000000", "2026-02-01-000000", "2026-03-01-000000", "2026-04-01-000000", "2026-05-01-000000",
        "2026-06-01-000000", "2026-07-01-000000", "2026-08-01-000000",
    ]  # fmt: skip
    days = [stamp for stamp in kept if "2026-08-27" <= stamp < "2026-09-21"]
    assert days == [f"{datetime(2026, 8, 27) + timedelta(days=n):%Y-%m-%d}-000000" for n in range(25)]
    assert len([stamp for stamp in kept if stamp >= "2026-09-21"]) == 24


def test_a_run_in_one_minute_pushes_out_nothing_but_its_own() -> None:
    earlier = copies([DAWN, DAWN + timedelta(minutes=1)], "change")
    run = [Made(Path(f"quarter{n}"), "book", f"2024-01-01-0002{n:02}", 3 + n, "quarter") for n in range(30)]
    kept = stay([*earlier, *run])
    assert kept == [*earlier, run[0], *run[-10:]]


@pytest.mark.parametrize("occasion", ["manual", "restore", "damaged", "later"])
def test_what_a_person_asked_for_or_nobody_knows_is_never_let_go(occasion: Occasion) -> None:
    made = copies((DAWN for _ in range(200)), occasion)
    assert len(made) == 200
    assert superseded(made, 1, {}) == []


def test_files_of_other_names_are_no_backups() -> None:
    names = ["quarter-end.db", "book-damaged-2026-01-01-000000.db", "book-2026-01-01-000000-00001-change.db.partial",
             "book-2026-01-01-000000-00001-change (1).db", "book-2026-01-01-000000-00001-change.db-wal"]  # fmt: skip
    assert read_names([Path(name) for name in names]) == []


def test_those_of_an_older_version_came_first() -> None:
    names = [
        "book-2000-01-01-000000-00007-change.db",
        "book-2099-01-01-000000-3-undo.db",
        "book-2024-05-01-000000-change.db",
    ]
    assert [one.occasion for one in read_names([Path(name) for name in names])] == ["change", "undo", "change"]
    assert [one.number for one in read_names([Path(name) for name in names])] == [0, 0, 7]


@given(st.lists(st.integers(0, 40_000), max_size=40))
def test_under_an_honest_clock_letting_go_again_lets_go_of_nothing_more(hours: list[int]) -> None:
    kept = stay(copies(DAWN + timedelta(hours=n) for n in sorted(hours)), SMALL)
    assert superseded(kept, *SMALL) == []


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 400_000), st.sampled_from(AUTOMATIC)), max_size=60))
def test_whatever_the_clock_says_the_latest_stay_and_the_number_is_bounded(made: list[tuple[int, Occasion]]) -> None:
    """One after another, as they are made; each is there after it was made, and so is the one before it."""
    folder: list[Made] = []
    for number, (hour, occasion) in enumerate(made, start=1):
        stamp = (datetime(1999, 1, 1) + timedelta(hours=hour)).strftime("%Y-%m-%d-%H%M%S")
        folder += read_names([Path(name_of("book", stamp, number, occasion))])
        folder = stay(folder, SMALL)
        for kind in AUTOMATIC:
            mine = [one for one in folder if one.occasion == kind]
            made_so_far = [n for n, (_, what) in enumerate(made[:number], start=1) if what == kind]
            assert [one.number for one in mine][-2:] == made_so_far[-2:]
            assert len(mine) <= 2 + 4 * 2


def test_a_clock_that_starts_again_every_morning_leaves_the_first_of_every_morning() -> None:
    mornings = [datetime(2000, 1, 1) + timedelta(minutes=n) for _ in range(20) for n in range(5)]
    kept = [one.number for one in stay(copies(mornings))]
    assert kept == [*range(1, 91, 5), *range(91, 101)]
