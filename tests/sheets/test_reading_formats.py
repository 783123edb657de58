"""Number formats: what a person reads."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.sheets.reading.number_formats import built_in, format_of, number_cell, present, shown_number
from partybuild_cli.values.kind import DateCell, NumberCell


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (42, "00000", "00042"),
        (-42, "00000", "-00042"),
        (2.675, "0.00", "2.68"),
        (2.5, "0", "3"),
        (2.5, "0.0##", "2.5"),
        (2.0, "0.##", "2"),
        (1234567.5, "#,##0.0", "1,234,567.5"),
        (0.8567, "0.0%", "85.7%"),
        (28, '0"元"', "28元"),
        (12, r"\N\o\.000", "No.012"),
        (5, "[Red]0.0;[Blue]-0.0", "5.0"),
        (-5, "[Red]0.0;[Blue]-0.0", "-5.0"),
        (-5, "0.0_);(0.0)", "(5.0)"),
        (243.6, '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', "243.60"),
        (1234, "0.00E+00", None),
        (0.5, "# ?/?", None),
        (5, "[>3]0.0;0.00", None),
        (5, "[DBNum1]0", None),
        (5, ";;;", None),
        (19850312, "0000-00-00", None),
        (1e300, "0.00", None),
        (float("inf"), "0.00", None),
    ],
)
def test_shown_number(value: float, code: str, shown: str | None) -> None:
    assert shown_number(value, code) == shown


@pytest.mark.parametrize(
    ("code", "look"),
    [
        ("yyyy/m/d", "day"),
        ('yyyy"年"m"月"', "month"),
        ('[DBNum1][$-804]yyyy"年"m"月";@', "month"),
        ("mmm-yy", "month"),
        ("yyyy", "year"),
        ("h:mm AM/PM", "time"),
        ("[mm]:ss", "elapsed"),
        ("[h]:mm", "elapsed"),
        ("yyyy-mm-dd hh:mm", "day"),
        ("General", "number"),
        ("G/通用格式", "number"),
        ("0.00E+00", "number"),
        ('0"d"', "number"),
        ("aaaa", "day"),
    ],
)
def test_look(code: str, look: str) -> None:
    assert format_of(code).look == look


def test_chinese_built_in_formats() -> None:
    assert [built_in(number).look for number in (27, 31, 57, 58, 32, 9, 0)] == [
        *("month", "day", "month", "day", "time", "number", "number")
    ]


def test_serials_of_both_epochs() -> None:
    day = format_of("yyyy-mm-dd")
    assert present(46000, day) == DateCell(datetime(2025, 12, 9), "day")
    assert present(1, day) == DateCell(datetime(1900, 1, 1), "day")
    assert present(46000 - 1462, day, epoch_1904=True) == DateCell(datetime(2025, 12, 9), "day")
    assert present(-5, day) == -5
    assert present(3_000_000, day) == 3_000_000


@pytest.mark.parametrize(
    ("serial", "code", "epoch_1904", "seen"),
    [
        # A duration, in hours whatever the format counts, its seconds kept.
        (26 / 24, "[h]:mm", False, "26:00"),
        (26 / 24, "[mm]:ss", False, "26:00"),
        (0.1, "[h]:mm", False, "2:24"),
        (0, "[h]:mm", True, "0:00"),
        (90 / 86_400, "[mm]:ss", False, "0:01:30"),
        (0.99999, "[h]:mm:ss", False, "23:59:59"),
        (-0.5, "[h]:mm", True, "-12:00"),
        (2_958_466, "[h]:mm", False, 2_958_466),
        # A time of day stands before the first day; the calendar of 1904 begins with a day.
        (0.604166666666667, "h:mm", False, "14:30"),
        (0.604166666666667, "yyyy/m/d h:mm", False, "14:30"),
        (0, "yyyy-mm-dd", False, "00:00"),
        (0, "yyyy-mm-dd", True, DateCell(datetime(1904, 1, 1), "day")),
        (0.5, "yyyy/m", True, DateCell(datetime(1904, 1, 1, 12), "month")),
        # No day is before the calendar: programs show ####, and the number is left.
        (-1, "yyyy-mm-dd", False, -1),
        (-0.5, "h:mm", False, -0.5),
        # Weekdays are days.
        (46000, "aaaa", False, DateCell(datetime(2025, 12, 9), "day")),
    ],
)
def test_where_two_readers_disagreed(serial: float, code: str, epoch_1904: bool, seen: object) -> None:
    assert present(serial, format_of(code), epoch_1904) == seen


def test_only_a_difference_makes_a_number_cell() -> None:
    assert number_cell(1234.0, "1,234") == 1234
    assert number_cell(12.5, "12.50") == NumberCell(12.5, "12.50")


@given(st.floats(), st.text(alphabet='0#?.,;%-"元年mdyhs[]$_*\\E+@ ', max_size=12))
def test_no_format_and_no_number_makes_it_fail(value: float, code: str) -> None:
    assert present(value, format_of(code)) is not None


@given(st.integers(min_value=0, max_value=10**14), st.integers(min_value=0, max_value=4))
def test_fixed_places_read_back_as_the_value(value: int, places: int) -> None:
    shown = shown_number(value / 10**places, "0." + "0" * places)
    assert shown is not None
    assert float(shown) == pytest.approx(value / 10**places)
