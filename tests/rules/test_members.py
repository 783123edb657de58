"""Study hours, talks by pair, the third for 优秀, roster, floating and lost members."""

from datetime import date
from decimal import Decimal

import pytest

from partybuild_cli.rules.frequency import Window, meeting_item
from partybuild_cli.rules.item import State
from partybuild_cli.rules.members import (
    Studied,
    away_item,
    away_long,
    excellent_cap,
    life_meeting_item,
    review_item,
    roster_item,
    struck_off_due,
    study_item,
    talks_item,
    whole_months,
)

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))


def test_hours_in_proportion_to_the_months() -> None:
    months = whole_months(YEAR.first, YEAR.last, arrived=date(2026, 7, 1))
    assert months == 6
    assert Studied("张三", None, months, committee=True).target == 28
    assert Studied("张三", None, 3).target == 8


@pytest.mark.parametrize(
    ("arrived", "left", "months"),
    [
        (None, None, 12),
        (date(2026, 7, 2), None, 5),
        (None, date(2026, 6, 30), 6),
        (None, date(2026, 6, 29), 5),
        (date(2026, 12, 2), None, 0),
    ],
)
def test_whole_months(arrived: date | None, left: date | None, months: int) -> None:
    assert whole_months(YEAR.first, YEAR.last, arrived, left) == months


@pytest.mark.parametrize(
    ("hours", "state"), [("32", State.MET), ("31.5", State.UNMET), ("0", State.UNMET), (None, State.NO_DATA)]
)
def test_study_hours(hours: str | None, state: State) -> None:
    assert study_item("甲支部", [Studied("张三", Decimal(hours) if hours else None, 12)]).state is state


def test_study_of_a_branch_names_who_is_short() -> None:
    found = study_item(
        "甲支部",
        [
            Studied("张三", Decimal("55.5"), 12, committee=True),
            Studied("李四", Decimal("40.0"), 12),
            Studied("王五", None, 12),
            Studied("新人", None, 0),
        ],
    )
    assert found.figure == "1/3 人达到；不足：张三（55.5学时）；无记录：王五"
    assert study_item("甲支部", [Studied("新人", None, 0)]).state is State.NOT_APPLICABLE


def test_talks_by_pair() -> None:
    board, others = ["书记", "委员"], ["甲", "乙"]
    every = [("书记", "委员"), ("书记", "甲"), ("乙", "委员"), ("甲", "乙")]
    assert talks_item("甲支部", board, others, every).state is State.MET
    for left_out in every:
        talks = [talk for talk in every if talk != left_out]
        assert talks_item("甲支部", board, others, talks).state is State.UNMET
    found = talks_item("甲支部", board, others, every[:2])
    assert found.figure == "支委之间1/1对，支委和党员1/2人，党员之间0/2人"


def test_talks_without_a_committee_or_with_one_member() -> None:
    assert talks_item("甲支部", [], ["甲"], []).state is State.NO_DATA
    assert talks_item("甲支部", ["书记"], ["甲"], [("甲", "书记")]).state is State.MET
    assert talks_item("甲支部", ["书记"], ["甲"], [("甲", "甲")]).state is State.UNMET


@pytest.mark.parametrize(("formal", "cap"), [(2, 0), (3, 1), (7, 2), (35, 11), (36, 12)])
def test_a_third_rounded_down(formal: int, cap: int) -> None:
    held = meeting_item("民主评议", "甲支部", ["2026-12-20"], YEAR)
    assert excellent_cap(formal) == cap
    assert review_item(held, formal, cap).state is State.MET
    assert review_item(held, formal, cap + 1).state is State.UNMET


def test_a_review_that_was_not_held() -> None:
    assert review_item(meeting_item("民主评议", "甲支部", [], YEAR), 30, 0).state is State.UNMET


def test_a_life_meeting_leaves_a_list() -> None:
    held = meeting_item("组织生活会", "甲支部", ["2026-12-20"], YEAR)
    assert life_meeting_item(held, 3).state is State.MET
    assert life_meeting_item(held, 0).state is State.NO_DATA
    assert life_meeting_item(meeting_item("组织生活会", "甲支部", [], YEAR), 3).state is State.UNMET


def test_away_and_lost_for_six_months() -> None:
    assert not away_long("2026-01-05", date(2026, 7, 4))
    assert away_long("2026-01-05", date(2026, 7, 5))
    assert not away_long("2026-01", date(2026, 7, 30))
    assert not struck_off_due("2026-07-10", date(2028, 7, 9))
    assert struck_off_due("2026-07-10", date(2028, 7, 10))
    assert away_item("甲支部", {}, {}, date(2026, 7, 5)).state is State.NOT_APPLICABLE
    assert away_item("甲支部", {"张三": "2026-05-01"}, {}, date(2026, 7, 5)).state is State.MET
    lost = away_item("甲支部", {}, {"张三": "2026-01-05"}, date(2026, 7, 5))
    assert lost.state is State.UNMET
    assert lost.figure == "流动0人，失联1人；已满六个月：张三（2026-01-05起失联）"


def test_roster() -> None:
    assert roster_item("甲支部", 0, [], []).state is State.NO_DATA
    assert roster_item("甲支部", 2, [], []).state is State.MET
    assert roster_item("甲支部", 2, ["张三"], []).state is State.NO_DATA
    both = roster_item("甲支部", 2, ["张三"], ["张三"])
    assert (both.state, both.figure) == (State.UNMET, "1/2 人完整；缺项：张三；身份证号校验不符：张三")
