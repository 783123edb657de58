"""The year: mean, coefficient, proposal."""

from decimal import Decimal

from partybuild_cli.index.annual import NOT_PROPOSED, PROPOSED, TIED, UNGRADED, MemberYear, annual
from partybuild_cli.index.rounds import QuarterScore
from partybuild_cli.index.schemes import built_in_schemes

DEFAULT = built_in_schemes()[1]


def member(*scores: str, full: bool = True, vetoed: bool = False) -> MemberYear:
    return MemberYear(full, [QuarterScore(Decimal(score), vetoed and not place) for place, score in enumerate(scores)])


def proposals(cases: dict[str, MemberYear], full_members: int) -> dict[str, str]:
    found = annual(list(cases.values()), full_members, DEFAULT.annual)
    return {name: one.proposal for name, one in zip(cases, found, strict=True)}


def test_the_mean_is_of_the_quarters_scored_and_needs_two() -> None:
    found = annual([member("86.8", "90.1"), member("99.0")], 2, DEFAULT.annual)
    assert [(one.index, one.rank) for one in found] == [(Decimal("88.5"), 1), (None, None)]
    assert (found[1].coefficient, found[1].pay_part) == (None, None)


def test_the_coefficient_is_a_part_of_ninety_and_never_over_one() -> None:
    found = annual([member("81.0", "81.0"), member("90.0", "96.0"), member("86.8", "86.8")], 3, DEFAULT.annual)
    numbers = [(one.coefficient, one.pay_part) for one in found]
    assert numbers == [
        (Decimal("0.9"), Decimal("0.27")),
        (Decimal(1), Decimal("0.3")),
        (Decimal("0.9644"), Decimal("0.2893")),
    ]


def test_at_most_a_third_rounded_down_is_proposed() -> None:
    cases = {str(points): member(f"{points}.0", f"{points}.0") for points in (95, 94, 93, 92)}
    assert list(proposals(cases, 8).values()) == [PROPOSED, PROPOSED, NOT_PROPOSED, NOT_PROPOSED]
    assert list(proposals(cases, 9).values())[2] == PROPOSED
    assert set(proposals(cases, 2).values()) == {NOT_PROPOSED}


def test_a_weak_quarter_a_veto_and_probation_keep_one_from_the_proposal() -> None:
    cases = {
        "弱": member("99.0", "74.9"),
        "否": member("99.0", "98.0", vetoed=True),
        "预": member("99.0", "99.0", full=False),
        "可": member("75.0", "75.0"),
        "少": member("99.0"),
    }
    assert proposals(cases, 12) == {"弱": NOT_PROPOSED, "否": NOT_PROPOSED, "预": UNGRADED, "可": PROPOSED, "少": None}


def test_those_level_at_the_last_seat_are_left_to_the_branch() -> None:
    cases = {"甲": member("95.0", "95.0"), "乙": member("94.0", "94.0"), "丙": member("94.0", "94.0")}
    assert proposals(cases, 6) == {"甲": PROPOSED, "乙": TIED, "丙": TIED}
    assert proposals(cases, 9) == {"甲": PROPOSED, "乙": PROPOSED, "丙": PROPOSED}
