"""Working days by the yearly arrangement of holidays."""

from datetime import date
from pathlib import Path

import pytest

from partybuild_cli.errors import NotFound, Unfit
from partybuild_cli.index.calendar import Calendar, built_in_years, load_year, parse_year

BUILT_IN = Calendar(built_in_years())
HEAD = 'year = 2027\nsource = "试"\n'
HOLIDAY = '[[holidays]]\nname = "元旦"\nfirst = 2027-01-01\nlast = 2027-01-03\n'


@pytest.mark.parametrize(
    ("start", "last"),
    [
        (date(2026, 6, 1), date(2026, 6, 5)),
        (date(2026, 9, 28), date(2026, 10, 9)),
        (date(2026, 9, 30), date(2026, 10, 12)),
        (date(2026, 9, 19), date(2026, 9, 24)),
        (date(2026, 2, 14), date(2026, 2, 27)),
        (date(2026, 2, 15), date(2026, 2, 28)),
        (date(2026, 5, 1), date(2026, 5, 11)),
        (date(2026, 1, 1), date(2026, 1, 8)),
    ],
)
def test_five_working_days_in_2026(start: date, last: date) -> None:
    found = BUILT_IN.working_days_from(start, 5)
    assert (found.last, len(found.days), found.warning) == (last, 5, None)


def test_2026_has_its_33_days_off_and_6_worked_weekends() -> None:
    (year,) = built_in_years()
    assert (year.year, len(year.off), len(year.work)) == (2026, 33, 6)


def test_a_year_without_a_table_goes_by_weekdays_and_says_so() -> None:
    found = BUILT_IN.working_days_from(date(2026, 12, 30), 5)
    assert found.last == date(2027, 1, 5)
    assert found.warning is not None
    assert "2027" in found.warning


def test_a_users_file_adds_a_year_and_overrules_one(tmp_path: Path) -> None:
    path = tmp_path / "2027.toml"
    path.write_text(HEAD + HOLIDAY, encoding="utf-8")
    found = Calendar([*built_in_years(), load_year(path)]).working_days_from(date(2026, 12, 30), 3)
    assert (found.last, found.unknown_years) == (date(2027, 1, 4), ())
    own = parse_year(
        'year = 2026\nsource = "试"\n[[holidays]]\nname = "院庆"\nfirst = 2026-06-01\nlast = 2026-06-01\n', "本院"
    )
    assert not Calendar([*built_in_years(), own]).works(date(2026, 6, 1))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (HEAD, "没有写任何假期"),
        (HEAD + HOLIDAY.replace("last = 2027-01-03", "last = 2026-12-31"), "当天或之后"),
        (HEAD + HOLIDAY.replace("last = 2027-01-03", "last = 2027-03-03"), "不超过"),
        (HEAD + HOLIDAY.replace("2027-01-03", '"2027-01-03"'), "应当是日期"),
        (HEAD + HOLIDAY.replace("2027-01-03", "2027-01-03T08:00:00"), "应当是日期"),
        (HEAD + HOLIDAY + "work = [2027-01-02]\n", "既写成放假又写成上班"),
        (HEAD + HOLIDAY + "work = [2027-01-05]\n", "不必写成调休上班"),
        (HEAD + HOLIDAY + "work = [2026-01-04]\n", "不在 2027 年内"),
        (HEAD + HOLIDAY + "wrok = [2027-01-09]\n", "“wrok”是不认识的键"),
        (HOLIDAY, "“year”没有填写"),
    ],
)
def test_a_faulty_table_is_refused_with_its_fault(text: str, complaint: str) -> None:
    with pytest.raises(Unfit) as caught:
        parse_year(text, "某年.toml")
    assert complaint in caught.value.sentence
    assert "某年.toml" in caught.value.sentence


def test_a_table_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        load_year(Path("没有.toml"))
