"""The year: mean, coefficient, proposal."""

from decimal import Decimal

from partybuild_cli.index.annual import NOT_PROPOSED, PROPOSED, TIED, UNGRADED, AnnualCase, QuarterResult, annual
from partybuild_cli.index.scheme_file import built_in_schemes

DEFAULT = built_in_schemes()[0]


def member(name: str, *scores: str, full: bool = True, vetoed: bool = False) -> AnnualCase:
    quarters = tuple(
        QuarterResult(f"2026Q{place}", Decimal(score), vetoed and place == 1)
        for place, score in enumerate(scores, start=1)
    )
    return AnnualCase(name, full, quarters)


def proposals(cases: list[AnnualCase], full_members: int) -> dict[str, str]:
    return {found.member: found.proposal for found in annual(cases, full_members, DEFAULT.annual)}


def test_the_mean_is_of_the_quarters_scored_and_needs_two() -> None:
    found = annual([member("甲", "86.8", "90.1"), member("乙", "99.0")], 2, DEFAULT.annual)
    assert [(one.index, one.rank) for one in found] == [(Decimal("88.5"), 1), (None, None)]
    assert (found[1].coefficient, found[1].pay_part) == (None, None)


def test_the_coefficient_is_a_part_of_ninety_and_never_over_one() -> None:
    found = annual(
        [member("甲", "81.0", "81.0"), member("乙", "90.0", "96.0"), member("丙", "86.8", "86.8")], 3, DEFAULT.annual
    )
    numbers = [(one.coefficient, one.pay_part) for one in found]
    assert numbers == [
        (Decimal("0.9"), Decimal("0.27")),
        (Decimal(1), Decimal("0.3")),
        (Decimal("0.9644"), Decimal("0.2893")),
    ]


def test_at_most_a_third_rounded_down_is_proposed() -> None:
    cases = [member(str(points), f"{points}.0", f"{points}.0") for points in (95, 94, 93, 92)]
    assert list(proposals(cases, 8).values()) == [PROPOSED, PROPOSED, NOT_PROPOSED, NOT_PROPOSED]
    assert list(proposals(cases, 9).values())[2] == PROPOSED
    assert set(proposals(cases, 2).values()) == {NOT_PROPOSED}


def test_a_weak_quarter_a_veto_and_probation_keep_one_from_the_proposal() -> None:
    cases = [
        member("弱", "99.0", "74.9"),
        member("否", "99.0", "98.0", vetoed=True),
        member("预", "99.0", "99.0", full=False),
        member("可", "75.0", "75.0"),
        member("少", "99.0"),
    ]
    assert proposals(cases, 12) == {
        "弱": NOT_PROPOSED,
        "否": NOT_PROPOSED,
        "预": UNGRADED,
        "可": PROPOSED,
        "少": NOT_PROPOSED,
    }


def test_those_level_at_the_last_seat_are_left_to_the_branch() -> None:
    cases = [member("甲", "95.0", "95.0"), member("乙", "94.0", "94.0"), member("丙", "94.0", "94.0")]
    assert proposals(cases, 6) == {"甲": PROPOSED, "乙": TIED, "丙": TIED}
    assert proposals(cases, 9) == {"甲": PROPOSED, "乙": PROPOSED, "丙": PROPOSED}
