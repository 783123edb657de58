"""The six rules at their edges, exact numbers, ranks."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.index.numbers import cut, half_up, plain, ranks, spread, tenth, total
from partybuild_cli.index.scheme import Indicator
from partybuild_cli.index.scoring import NOT_APPLICABLE, Items, Measured, by_each, by_rule, share_of

pytestmark = pytest.mark.usefixtures("first_edition")


def points(rule: str, value: object = 0, due: object = 0, items: Items = (), **settings: object) -> Fraction:
    """What an indicator of ten points gives for a figure."""
    head = {"id": "X", "name": "试", "dimension": "A", "measure": "试", "rule": rule, "points": 10}
    one = Indicator.model_validate(head | settings)
    return by_rule(one, Measured("scored", value, due, items), Fraction(one.target or 0))


@pytest.mark.parametrize(
    ("value", "earned"), [(0, 0), (4, 5), (Decimal("7.9"), Fraction(79, 8)), (8, 10), (Decimal("8.1"), 10), (400, 10)]
)
def test_ratio_is_in_proportion_up_to_the_target(value: Decimal | int, earned: Fraction | int) -> None:
    assert points("ratio", value, target=8) == earned


def test_share_keeps_quarters_and_thirds() -> None:
    assert points("share", 3, 4) == Fraction("7.5")
    assert points("share", 1, 3) * 3 == 10
    assert (points("share", 0, 4), points("share", 4, 4), points("share", 5, 4)) == (0, 10, 10)


def test_a_share_of_nothing_due_does_not_apply() -> None:
    assert share_of(0, 0) == NOT_APPLICABLE
    assert share_of(0, 3) == Measured("scored", 0, 3)


def test_each_counts_by_word_and_stops_at_the_cap() -> None:
    prices = {"次": Fraction(3), "带队": Fraction(1)}
    cap = Fraction(9)
    assert by_each(cap, (), prices) == 0
    assert by_each(cap, (("次", 2), ("带队", 2)), prices) == 8
    assert by_each(cap, (("次", 3), ("带队", 1)), prices) == 9
    assert by_each(cap, (("次", Decimal("1.5")),), prices) == Fraction("4.5")
    assert by_each(cap, (("别的", 7),), prices) == 0
    assert points("each", items=(("次", 3), ("别的", 1)), each={"次": 3}) == 9


@pytest.mark.parametrize(
    ("value", "earned"), [("100", 5), ("95", 5), ("94.99", 4), ("90", 4), ("80", 1), ("79.9999", 0), ("0", 0)]
)
def test_a_step_is_reached_at_its_threshold(value: str, earned: int) -> None:
    assert points("step", Decimal(value), steps=[[95, 5], [90, 4], [80, 1]]) == earned


def test_flag_gives_all_or_none() -> None:
    assert [points("flag", count) for count in (0, 1, 2)] == [0, 10, 10]


def test_minus_ends_at_nothing() -> None:
    left = [points("minus", count, points=5, per=Decimal("2.5")) for count in (0, 1, 2, 3)]
    assert left == [5, Fraction("2.5"), 0, 0]


@pytest.mark.parametrize(
    ("number", "shown"), [("86.75", "86.8"), ("86.7499", "86.7"), ("86.85", "86.9"), ("0.05", "0.1"), ("85", "85.0")]
)
def test_a_score_rounds_its_halves_up(number: str, shown: str) -> None:
    assert str(tenth(Fraction(number))) == shown


@given(st.integers(0, 10**7))
def test_every_half_tenth_goes_up(tenths: int) -> None:
    assert tenth(Fraction(2 * tenths + 1, 20)) == Decimal(tenths + 1).scaleb(-1)


@given(st.fractions(0, 100, max_denominator=5000))
def test_a_cut_number_rounds_as_the_exact_one(number: Fraction) -> None:
    assert tenth(Fraction(cut(number))) == tenth(number)
    assert half_up(number, 4) - cut(number) in (0, Decimal("0.0001"))


def test_numbers_are_shown_without_idle_zeros() -> None:
    assert [plain(number) for number in (0, 18, Decimal("19.50"), Fraction(20, 3), Decimal("1E+2"))] == [
        "0",
        "18",
        "19.5",
        "6.6666",
        "100",
    ]


@given(st.lists(st.fractions(0, 30, max_denominator=1000), max_size=25), st.integers(0, 4))
def test_spread_numbers_add_up(numbers: list[Fraction], places: int) -> None:
    assert total(numbers) == sum(numbers)
    for whole in (cut(total(numbers), places), half_up(total(numbers), places)):
        shown = spread(numbers, whole, places)
        assert sum(shown) == whole
        assert all(
            abs(Fraction(one) - exact) < Fraction(1, 10**places) for one, exact in zip(shown, numbers, strict=True)
        )


def test_ties_share_a_rank() -> None:
    scores = [Decimal("80.0"), Decimal("90.0"), None, Decimal("85.0"), Decimal("85.0")]
    assert ranks(scores) == [4, 1, None, 2, 2]
    assert ranks([]) == []
