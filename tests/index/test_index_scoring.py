"""Scores: the worked example, redistribution, adjustments, parts, vetoes."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partybuild_cli.index.accounts import Account, live_account
from partybuild_cli.index.compute import Computed, Ranked
from partybuild_cli.index.numbers import tenth
from partybuild_cli.index.participants import Participant, Roll
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import Scheme
from partybuild_cli.index.schemes import built_in_schemes
from partybuild_cli.index.scoring import (
    NO_DATA,
    NOT_APPLICABLE,
    Grounds,
    Measured,
    Ratings,
    Score,
    composed,
    peer_mean,
    score_of,
)

EXAMPLE = {
    "A1": Measured("scored", Decimal(9)),
    "A2": Measured("scored", 3, 3),
    "A3": Measured("scored", items=(("领学", 1), ("交流发言", 1))),
    "A4": Measured("scored", 1, 1),
    "B1": Measured("scored", 5, 6),
    "B2": Measured("scored", 3, 3),
    "B3": Measured("scored", 3, 3),
    "B4": Measured("scored", 1),
    "B5": Measured("scored", 1, 1),
    "C1": Measured("scored", 3, 4),
    "C2": Measured("scored", Decimal(96)),
    "C3": Measured("scored", 0),
    "C4": Measured("scored", items=(("市厅级", 1),)),
    "D1": Measured("scored", items=(("次", 3),)),
    "D2": Measured("scored", items=(("次", 3), ("带队", 1))),
    "D3": Measured("scored", items=(("次", 1),)),
    "E1": Measured("scored", 1),
    "E2": Measured("scored", 1),
    "E3": Measured("scored", items=(("突击队", 1),)),
}


EXAMPLE_RATINGS = Ratings(own=Decimal(95), peer=(Decimal(88), Decimal(92)), peers=3)
EXAMPLE_CASE = Grounds(
    EXAMPLE,
    {"锦旗、表扬信": (("锦旗", 1),), "无故缺席": (("无故缺席", 1),), "任务逾期未销号": (("任务逾期", 1),)},
    ratings=EXAMPLE_RATINGS,
)


def built_in(scheme_id: str, version: int = 1) -> Scheme:
    return next(scheme for scheme in built_in_schemes() if scheme.key == f"{scheme_id}@{version}")


DEFAULT = built_in("默认方案")


def scored(
    case: Grounds,
    scheme: Scheme = DEFAULT,
    staff_kind: str | None = "临床",
    party_post: str | None = None,
    presence: Fraction = Fraction(1),
) -> Score:
    return score_of(scheme, case, staff_kind, party_post, presence)


def with_measured(**changes: Measured) -> Grounds:
    return EXAMPLE_CASE._replace(measured={**EXAMPLE, **changes})


SOMEBODY = Participant(
    *(1, 1, "神经内科党支部", "张三", "001", "正式党员", "临床", None, None, None, ""),
    days=92,
    presence=Fraction(1),
    stayed=True,
)


def account(score: Score) -> Account:
    computed = Computed(Roll(None, Quarter("2026Q3"), None, None, None, {}, []), score.scheme, score.scheme, {}, [])
    return live_account(computed, Ranked(SOMEBODY, score, 1))


def by_id(score: Score) -> dict[str, Any]:
    return {line["id"]: line for line in account(score).document()["indicators"]}


def summary(score: Score) -> dict[str, Any]:
    document = account(score).document()
    return {key: document[key] for key in ("score", "band", "base", "bonus", "deduction", "obj", "parts")}


def test_the_worked_example_comes_out_exactly() -> None:
    score = scored(EXAMPLE_CASE)
    assert [*score.dimensions.values()] == [18, 23, Fraction("19.5"), 16, 8]
    assert account(score).dimensions == {"A": "18", "B": "23", "C": "19.5", "D": "16", "E": "8"}
    assert account(score).posted_dimensions == {"A": "18.0", "B": "23.0", "C": "19.5", "D": "16.0", "E": "8.0"}
    assert summary(score) == {
        "score": "86.8",
        "band": "良",
        "base": "84.5",
        "bonus": "1",
        "deduction": "4",
        "obj": "81.5",
        "parts": {"self": "95", "peer": "90", "org": "81.5"},
    }


def test_the_worked_example_is_explained_line_by_line() -> None:
    shown = by_id(scored(EXAMPLE_CASE))
    assert shown["B1"] == {
        "id": "B1",
        "name": "三会一课出席",
        "dimension": "B",
        "raw": "10",
        "points": "10",
        "max": "12",
        "value": "5/6",
        "rule": "12 分 × 完成 ÷ 应完成",
        "state": "scored",
        "records": [],
        "worth": "12",
    }
    assert (shown["A1"]["value"], shown["A1"]["rule"]) == ("9", "10 分 × 实际 ÷ 目标 8，最多 10 分")
    assert (shown["D2"]["value"], shown["D2"]["points"]) == ("次×3、带队×1", "9")
    assert shown["D2"]["rule"] == "每项：次 3 分，带队 1 分；最多 9 分"
    assert shown["C2"]["rule"].startswith("达到 95 得 5 分，达到 90 得 4 分")
    assert shown["C3"]["rule"] == "5 分，每件减 2.5 分，减完为止"
    assert shown["E1"]["rule"] == "有即得 3 分"
    assert [(line.kind, line.name, line.value, line.points) for line in account(scored(EXAMPLE_CASE)).adjustments] == [
        ("加分", "锦旗、表扬信", "锦旗×1", "1"),
        ("扣分", "无故缺席", "无故缺席×1", "2"),
        ("扣分", "任务逾期未销号", "任务逾期×1", "2"),
    ]


def test_points_of_a_missing_indicator_go_to_the_others_of_its_dimension() -> None:
    score = scored(with_measured(E1=NOT_APPLICABLE))
    shown = by_id(score)
    # E2 has 3 and E3 2 of the 7 points that are left, which now weigh 10
    assert score.dimensions["E"] == Fraction(50, 7)
    assert (shown["E1"]["raw"], shown["E1"]["points"], shown["E1"]["max"]) == (None, "0", "0")
    assert (shown["E1"]["value"], shown["E1"]["state"]) == ("—", "not_applicable")
    assert Decimal(shown["E2"]["max"]) + Decimal(shown["E3"]["max"]) == 10


def test_points_of_a_missing_dimension_go_to_the_other_dimensions() -> None:
    score = scored(with_measured(D1=NO_DATA, D2=NO_DATA, D3=NOT_APPLICABLE))
    assert score.dimensions["D"] == 0
    assert score.dimensions["A"] == Fraction(18) * 100 / 80
    assert score.base == (Fraction("84.5") - 16) * 100 / 80
    assert sum(line.most for line in score.lines) == 100


def test_no_data_counts_as_nothing_earned_where_the_scheme_says_zero() -> None:
    case = with_measured(E1=NO_DATA, E2=NOT_APPLICABLE)
    assert scored(case).dimensions["E"] == Fraction(2) * 10 / 4
    strict = scored(case, DEFAULT.model_copy(update={"missing": "zero"}))
    assert strict.dimensions["E"] == Fraction(2) * 10 / 7
    assert by_id(strict)["E1"]["raw"] == "0"


def test_with_nothing_to_score_there_is_no_score_and_no_zero() -> None:
    nothing = Grounds(dict.fromkeys(EXAMPLE, NO_DATA))
    score = scored(nothing)
    assert (score.base, score.obj, score.score, score.band) == (None, None, None, None)
    assert summary(score)["base"] is None
    rated = scored(nothing._replace(ratings=Ratings(own=Decimal(90))))
    assert rated.score == Decimal("90.0")


def test_the_target_goes_by_post_and_by_presence() -> None:
    assert by_id(scored(EXAMPLE_CASE, party_post="组织委员"))["A1"]["raw"] == "6.4285"
    assert scored(EXAMPLE_CASE, party_post="党支部书记").lines[0].raw == Fraction(90, 14)
    assert scored(EXAMPLE_CASE, party_post="党小组长").lines[0].raw == 10
    half = scored(with_measured(A1=Measured("scored", 2)), presence=Fraction(1, 2))
    assert half.lines[0].raw == 5
    assert by_id(half)["A1"]["rule"] == "10 分 × 实际 ÷ 目标 4，最多 10 分"
    assert scored(EXAMPLE_CASE, presence=Fraction(0)).lines[0].raw is None


def test_a_profile_moves_points_inside_the_dimension() -> None:
    office = by_id(scored(EXAMPLE_CASE, staff_kind="行政后勤"))
    assert (office["D1"]["max"], office["D2"]["max"], office["D2"]["points"]) == ("13", "4", "4")
    assert by_id(scored(EXAMPLE_CASE, staff_kind=None))["D1"]["max"] == "8"


def test_bonus_and_deduction_are_capped() -> None:
    many = EXAMPLE_CASE._replace(
        moved={
            "荣誉": (("国家级", 3),),
            "锦旗、表扬信": (("锦旗", 2), ("表扬信", 4)),
            "推诿、谈话、批评、弄虚作假": (("推诿", 9),),
        }
    )
    score = scored(many)
    assert [(line.item.name, line.points) for line in score.moved if line.kind == "加分"] == [
        ("荣誉", 10),
        ("锦旗、表扬信", 3),
    ]
    assert (score.bonus, score.deduction, score.obj) == (10, 20, Fraction("74.5"))


def test_obj_stays_within_0_and_100() -> None:
    perfect = {**EXAMPLE, "B1": Measured("scored", 6, 6), "C1": Measured("scored", 4, 4)}
    top = scored(Grounds(perfect, moved={"荣誉": (("国家级", 2),)}))
    assert (top.base, top.obj) == (Fraction(89), Fraction(99))
    assert scored(Grounds(perfect, moved={"荣誉": (("国家级", 2),), "媒体报道": (("媒体报道", 5),)})).obj == 99
    empty = {key: Measured("scored", 0, 1) for key in EXAMPLE} | {"C3": Measured("scored", 9)}
    assert scored(Grounds(empty, moved={"无故缺席": (("无故缺席", 3),)})).obj == 0
    full = scored(Grounds({"A1": Measured("scored", 8)} | {k: NOT_APPLICABLE for k in EXAMPLE if k != "A1"},
                       moved={"荣誉": (("院级", 1),)}))  # fmt: skip
    assert (full.base, full.obj) == (100, 100)


def test_a_switched_off_deduction_costs_nothing() -> None:
    items = tuple(item.model_copy(update={"enabled": item.name != "无故缺席"}) for item in DEFAULT.deduction.items)
    lenient = DEFAULT.model_copy(update={"deduction": DEFAULT.deduction.model_copy(update={"items": items})})
    assert scored(EXAMPLE_CASE, lenient).deduction == 2


def test_points_granted_within_a_range_count_as_they_are() -> None:
    landa = built_in("兰大二院")
    measured = {one.id: NOT_APPLICABLE for one in landa.indicators} | {"F2": Measured("scored", 1)}
    case = Grounds(measured, moved={"群众公认的突出事迹": (("突出事迹", Decimal("2.5")),)})
    assert scored(case, landa).bonus == Fraction("2.5")


def test_a_veto_makes_the_quarter_0_and_hides_nothing() -> None:
    score = scored(EXAMPLE_CASE._replace(vetoes=("违法犯罪",)))
    assert (score.score, score.band, score.obj) == (Decimal("0.0"), "待改进", Fraction("81.5"))


def test_the_committee_score_stands_and_asks_for_a_reason_when_far_off() -> None:
    def rated(org: str) -> Score:
        return scored(EXAMPLE_CASE._replace(ratings=EXAMPLE_CASE.ratings._replace(org=Decimal(org))))

    assert rated("90").score == Decimal("91.0")
    assert [rated(org).reason_needed for org in ("76.5", "76.4", "86.5", "86.6")] == [False, True, False, True]
    assert not scored(EXAMPLE_CASE).reason_needed


def test_missing_parts_leave_their_weight_to_the_others() -> None:
    nobody = scored(EXAMPLE_CASE._replace(ratings=Ratings()))
    assert nobody.score == Decimal("81.5")
    assert summary(nobody)["parts"] == {"self": None, "peer": None, "org": "81.5"}
    only_self = scored(EXAMPLE_CASE._replace(ratings=Ratings(own=Decimal(95))))
    # (0.2 × 95 + 0.5 × 81.5) / 0.7 = 85.357…
    assert only_self.score == Decimal("85.4")


@pytest.mark.parametrize(
    ("scores", "peers", "mean"),
    [
        ([90, 80], 4, Fraction(85)),
        ([90, 80], 5, None),
        ([90, 80, 70, 60], 8, Fraction(75)),
        ([100, 90, 80, 70, 0], 5, Fraction(80)),
        ([100, 100, 90, 90, 90], 9, Fraction(280, 3)),
        ([90], 1, Fraction(90)),
        ([], 3, None),
        ([], 0, None),
    ],
)
def test_peers_mean(scores: list[int], peers: int, mean: Fraction | None) -> None:
    assert peer_mean([Decimal(score) for score in scores], peers, DEFAULT.peer) == mean


def test_the_presets_weigh_as_they_say() -> None:
    assert scored(EXAMPLE_CASE, built_in("仅记录")).score == Decimal("81.5")
    rated = EXAMPLE_CASE._replace(ratings=EXAMPLE_CASE.ratings._replace(masses=Decimal(80)))
    # 19 + 36 + 16 + 16.3
    assert scored(rated, built_in("20-40-20-20")).score == Decimal("87.3")


def test_halves_go_up_and_bands_look_at_the_posted_score() -> None:
    def posted(own: str) -> tuple[str, str | None]:
        score = scored(Grounds(dict.fromkeys(EXAMPLE, NO_DATA), ratings=Ratings(own=Decimal(own))))
        return str(score.score), score.band

    assert posted("89.95") == ("90.0", "优")
    assert posted("89.9499") == ("89.9", "良")
    assert posted("75") == ("75.0", "良")
    assert posted("74.94") == ("74.9", "中")
    assert posted("59.95") == ("60.0", "中")
    assert posted("59.9") == ("59.9", "待改进")


def test_a_word_without_a_price_earns_nothing_but_is_named() -> None:
    line = by_id(scored(with_measured(C4=Measured("scored", items=(("县级", 1), ("院级", 2))))))["C4"]
    assert (line["value"], line["points"]) == ("县级×1、院级×2", "2")


QUANTITY = st.integers(0, 40) | st.decimals(0, 40, places=2)


@st.composite
def measured_of(draw: st.DrawFn, rule: str, words: tuple[str, ...]) -> Measured:
    if state := draw(st.sampled_from([None, None, NO_DATA, NOT_APPLICABLE])):
        return state
    if rule == "share":
        due = draw(st.integers(1, 13))
        return Measured("scored", draw(st.integers(0, due)), due)
    if rule == "each":
        chosen = draw(st.lists(st.sampled_from(words), unique=True))
        return Measured("scored", items=tuple((word, draw(QUANTITY)) for word in chosen))
    return Measured("scored", draw(QUANTITY))


@st.composite
def any_score(draw: st.DrawFn) -> Score:
    scheme = draw(st.sampled_from(built_in_schemes())).model_copy(
        update={"missing": draw(st.sampled_from(["redistribute", "zero"]))}
    )
    kind = draw(st.sampled_from(["临床", "护理", "行政后勤", None]))
    measured = {one.id: draw(measured_of(one.rule, tuple(one.each))) for one in scheme.indicators_for(kind)}
    presence = draw(st.sampled_from([Fraction(1), Fraction(1, 3), Fraction(2, 3)]))
    ratings = Ratings(own=draw(st.none() | st.decimals(0, 100, places=1)))
    case = Grounds(measured, moved={"党费逾期": (("党费逾期", draw(st.integers(0, 3))),)}, ratings=ratings)
    return scored(case, scheme, kind, draw(st.sampled_from([None, "书记"])), presence)


@settings(max_examples=250, deadline=None)
@given(any_score())
def test_what_is_shown_adds_up_for_any_mix_of_states(score: Score) -> None:
    told = account(score)
    shown = told.indicators
    points = sum(Decimal(line.points) for line in shown)
    assert sum(line.points for line in score.lines) == (score.base or 0) == sum(score.dimensions.values())
    assert all(0 <= line.points <= line.most for line in score.lines)
    if score.base is None:
        assert points == 0
        return
    assert 0 <= score.base <= 100
    assert sum(line.most for line in score.lines) == 100 == sum(Decimal(line.max) for line in shown)
    assert points == Decimal(told.base or "")
    assert sum(map(Decimal, told.dimensions.values())) == points
    assert sum(map(Decimal, told.posted_dimensions.values())) == tenth(score.base) == tenth(Fraction(points))
    assert all(
        abs(Fraction(line.points) - exact.points) < Fraction(1, 10000)
        for line, exact in zip(shown, score.lines, strict=True)
    )


@settings(deadline=None)
@given(st.lists(st.none() | st.integers(0, 100), min_size=5, max_size=5))
def test_weights_of_the_parts_there_are_scaled_to_one(given_scores: list[int | None]) -> None:
    named = dict(zip(("self", "peer", "masses", "org", "obj"), given_scores, strict=True))
    scores = {key: None if number is None else Fraction(number) for key, number in named.items()}
    parts = built_in("20-40-20-20").parts
    there = [part for part in parts if scores[part.id] is not None]
    result = composed([(part.id, Fraction(part.weight)) for part in parts], scores)
    if not there:
        assert result is None
        return
    weights = sum(Fraction(part.weight) for part in there)
    assert result == sum(scores[part.id] * Fraction(part.weight) / weights for part in there)
