"""Books of branches as they are: founded late, emptied, grown, paid late, posted too short; each check says what is so of them."""

import pytest

from partybuild_cli.rules.item import State
from tests.golden.stage import at
from tests.rules.conftest import BRANCH, Book, Look


def member(name: str, number: str, *more: str) -> str:
    """The command for a full member of many years."""
    words = f"member add --branch {BRANCH} --name {name} --staff-no {number} --category 正式党员 --joined-on 2009-07-01"
    return " ".join([words, "--full-on", "2010-07-01", *more])


THREE = [member(name, f"00{number}") for number, name in enumerate(("赵一", "钱二", "孙三"), start=1)]


@pytest.mark.parametrize(
    ("paid_on", "state", "said"),
    [
        ("2025-12-31", State.MET, "缴足1人月，按期1人月"),
        (
            "2026-01-15",
            State.UNMET,
            "缴足1人月，按期0人月；逾期缴纳：赵一 2025-12",
        ),  # known, and not a month without a record
        ("2026-04-15", State.UNMET, "未缴足1人月"),  # behind the day on which it is asked
    ],
)
def test_dues_paid_in_the_next_year_are_late_and_not_unrecorded(
    book: Book, look: Look, paid_on: str, state: State, said: str
) -> None:
    book(THREE[0], f"dues add --member 赵一 --month 2025-12 --due 50 --paid 50 --paid-on {paid_on}")
    (item,) = look("D5", "2025-12", "2026-03-01")
    assert item.state is state
    assert said in item.figure


def test_a_month_that_may_be_paid_with_the_quarter_is_not_owed_before_it_ends(book: Book, look: Look) -> None:
    book(THREE[0], f"branch edit {BRANCH} --dues-quarterly 是 --correct")
    book("dues add --member 赵一 --month 2025-10 --due 50 --paid 50 --paid-on 2025-12-15")
    assert look("D5", "2025-10", "2026-03-01")[0].state is State.NOT_APPLICABLE
    assert "应缴3人月，缴足1人月，按期1人月" in look("D5", "2025Q4", "2026-03-01")[0].figure


def test_six_months_unpaid_are_so_although_they_were_paid_afterwards(book: Book, look: Look) -> None:
    book(THREE[0], *(f"dues add --member 赵一 --month 2026-0{month} --due 50 --state 未缴" for month in range(1, 7)))
    book("dues edit 1 --paid 50 --paid-on 2026-07-20")
    (item,) = look("D5", "2026H1", "2026-07-25")
    assert "逾期缴纳：赵一 2026-01；连续六个月未缴：赵一" in item.figure
    assert "连续六个月未缴" not in look("D5", "2026-07", "2026-08-01")[0].figure


@pytest.mark.parametrize(
    ("founded_on", "missing"), [("2026-05-01", "0/2 个月"), ("2026-05-02", "0/1 个月"), ("2026-05", "0/1 个月")]
)
def test_nothing_is_owed_of_a_month_in_which_the_branch_may_not_have_been_there(
    book: Book, look: Look, founded_on: str, missing: str
) -> None:
    book(*THREE, f"branch edit {BRANCH} --founded-on {founded_on}")
    assert missing in look("Z3", "2026H1", "2026-11-01")[0].figure


def test_a_branch_that_everybody_has_left_owes_nothing_any_more(book: Book, look: Look) -> None:
    book(*THREE, "branch add --name 外科党支部")
    book(*(f"member transfer {name} --to 外科党支部 --on 2026-06-20" for name in ("赵一", "钱二", "孙三")))
    assert [item.branch for item in look("Z3", "2026Q3", "2026-11-01")] == ["外科党支部"]
    assert [item.branch for item in look("Z3", "2026Q2", "2026-11-01")] == [BRANCH, "外科党支部"]
    assert "0/5 个月" in look("Z3", "2026", "2027-01-05", BRANCH)[0].figure
    assert look("B2", "2026Q3", "2026-11-01", BRANCH)[0].branch == BRANCH  # who asks for it is answered


def test_a_branch_that_never_had_anybody_is_asked_all_the_same(book: Book, look: Look) -> None:
    assert look("Z3", "2026Q3", "2026-11-01")[0].state is State.UNMET
    assert look("D1", "2026Q3", "2026-11-01")[0].state is State.NO_DATA


def test_a_committee_meets_since_the_branch_has_seven_full_members(book: Book, look: Look) -> None:
    book(*(member(f"党员{name}", f"01{name}") for name in "甲乙丙丁戊己"))
    book(
        f"member add --branch {BRANCH} --name 庚七 --staff-no 017 --category 正式党员 --joined-on 2025-08-20 --full-on 2026-08-20"
    )
    assert look("B4", "2026-07", "2026-11-01")[0].state is State.NOT_APPLICABLE
    assert "0/1 个月，缺2026-09" in look("B4", "2026Q3", "2026-11-01")[0].figure


def test_a_group_meets_since_it_is_there(book: Book, look: Look) -> None:
    with at("2026-06-01 09:00"):
        book(*THREE)
    with at("2026-08-10 09:00"):
        book("member edit 赵一 --group 第一小组", "member edit 钱二 --group 第一小组")
    assert "第一小组 0/1 个月，缺2026-09" in look("Z7", "2026Q3", "2026-11-01")[0].figure


@pytest.mark.parametrize(
    ("today", "due_on", "said"),
    [
        ("2026-09-15", "2026-09-15", State.NOT_APPLICABLE),  # the day itself has not passed
        ("2026-09-16", "2026-09-15", State.UNMET),
        ("2026-09-15", "2026-09", State.NOT_APPLICABLE),  # nor has the month
        ("2026-10-01", "2026-09", State.UNMET),
    ],
)
def test_a_task_is_due_once_its_day_has_passed(book: Book, look: Look, today: str, due_on: str, said: State) -> None:
    book(*THREE, f"task add --area 整改 --item 一事 --responsible 赵一 --due-on {due_on}")
    assert look("E5", "2026Q3", today)[0].state is said


def test_a_post_stays_with_the_branch_in_which_it_was_borne(book: Book, look: Look) -> None:
    book(
        *THREE,
        "branch add --name 外科党支部",
        "post add --member 赵一 --place 门诊 --set-on 2026-01-01 --plate 1 --published 是",
    )
    book("post edit 1 --quarter 2026Q2 --assessed 合格", "member transfer 赵一 --to 外科党支部 --on 2026-08-15")
    assert [item.state for item in look("E3", "2026Q2", "2026-11-01")] == [State.MET, State.NOT_APPLICABLE]
    assert [item.state for item in look("E3", "2026Q3", "2026-11-01")] == [State.NOT_APPLICABLE, State.UNMET]


def test_whoever_was_away_is_away_from_the_branch_of_then(book: Book, look: Look) -> None:
    book(*THREE, "branch add --name 外科党支部", "member edit 赵一 --away-on 2026-01-05")
    book("member transfer 赵一 --to 外科党支部 --on 2026-08-15")
    assert [item.state for item in look("D8", "2026-07", "2026-11-01")] == [State.UNMET, State.NOT_APPLICABLE]
    assert [item.state for item in look("D8", "2026-09", "2026-11-01")] == [State.NOT_APPLICABLE, State.UNMET]


def _candidate(*words: str) -> str:
    days = "--born-on 1995-01-01 --applied-on 2024-09-01 --talked-on 2024-09-20 --activist-on 2025-03-10 --contact 赵一"
    return " ".join([f"development add --branch {BRANCH} --name 李想", days, *words])


@pytest.mark.parametrize(
    ("posted_on", "candidate_on", "fault"),
    [
        ("2026-06-01..2026-06-05", "2026-06-06", ""),
        ("2026-06-01..2026-06-05", "2026-06-05", "确定发展对象过早"),
        ("2026-06-01..2026-06-03", "2026-06-20", "确定发展对象不合要求"),  # three working days
        ("2026-06-05..2026-06-10", "2026-06-20", "确定发展对象不合要求"),  # four, with a weekend
        ("2026-06-01..2026-06-10", "2026-06-09", "确定发展对象过早"),  # it still hung
        ("2026-06-01", "2026-06-06", ""),  # how long it hung is not said
    ],
)
def test_a_posting_lasts_five_working_days_and_to_its_end(
    book: Book, look: Look, posted_on: str, candidate_on: str, fault: str
) -> None:
    sponsors = "--sponsor 赵一 --sponsor 钱二"
    book(*THREE, _candidate(f"--posted-on {posted_on} --candidate-on {candidate_on}", sponsors))
    (item,) = look("D6", "2026Q3", "2026-11-01")
    assert (fault in item.figure) is True
    assert item.state is (State.UNMET if fault else State.MET)


@pytest.mark.parametrize(("ended_on", "fit"), [("2026-07-01", False), ("2026-05-01", True), ("", False)])
def test_nobody_on_probation_within_the_party_vouches(book: Book, look: Look, ended_on: str, fit: bool) -> None:
    ended = f"--ended-on {ended_on}" if ended_on else ""
    book(*THREE, f"tenure add --member 钱二 --kind 留党察看 --started-on 2025-06-01 {ended}")
    sponsors = "--posted-on 2026-06-01..2026-06-05 --candidate-on 2026-06-08 --sponsor 赵一 --sponsor 钱二"
    book(_candidate(sponsors))
    (item,) = look("D6", "2026Q3", "2026-11-01")
    assert ("确定入党介绍人不合要求" not in item.figure) is fit


@pytest.mark.parametrize(
    ("posts", "said"),
    [
        (("书记", "副书记", ""), ""),
        (("书记", "书记", ""), "书记2人，应为1人"),
        (("书记", "原书记", ""), ""),
        (("书记", "副书记", "副书记兼组织委员"), "副书记2人，应为1人"),
        (("书记兼组织委员", "党支部副书记", "副书记"), "副书记2人，应为1人"),
    ],
)
def test_a_branch_has_one_secretary_and_one_deputy(book: Book, look: Look, posts: tuple[str, ...], said: str) -> None:
    book(*(f"{line} --party-post {post}" if post else line for line, post in zip(THREE, posts, strict=True)))
    (item,) = look("B1", "2026Q3", "2026-11-01")
    assert ("应为1人" in item.figure) is bool(said)
    assert said in item.figure


def test_a_probationary_member_is_given_no_grade(book: Book, look: Look) -> None:
    book(*THREE, f"member add --branch {BRANCH} --name 周新 --staff-no 010 --category 预备党员 --joined-on 2026-06-15")
    book("meeting add --kind 民主评议 --on 2026-12-01 --topic 评议 --all-present")
    book(*(f"review add --member {name} --year 2026 --grade 合格" for name in ("赵一", "钱二", "孙三")))
    assert look("D3", "2026", "2027-01-05")[0].state is State.MET
    book("review add --member 周新 --year 2026 --grade 合格")
    (item,) = look("D3", "2026", "2027-01-05")
    assert item.state is State.UNMET
    assert "预备党员不评定等次：周新" in item.figure


@pytest.mark.parametrize(
    ("set_on", "state"),
    [("2026-07-01", State.MET), ("2026-06-30", State.MET), ("2026-04-01", State.UNMET), ("2026-07", State.MET)],
)
def test_a_post_is_assessed_in_the_quarters_since_it_was_set(book: Book, look: Look, set_on: str, state: State) -> None:
    book(*THREE, f"post add --member 赵一 --place 门诊 --set-on {set_on} --plate 1 --published 是")
    book("post edit 1 --quarter 2026Q3 --assessed 合格")
    assert look("E3", "2026-01-01..2026-09-30", "2026-11-01")[0].state is state


def test_a_quarter_before_the_first_that_was_computed_is_not_asked_for_its_posting(book: Book, look: Look) -> None:
    with at("2026-10-08 09:00"):
        book(*THREE, "index compute 2026Q3", "index publish 2026Q3")
    assert look("E7", "2026-01-01..2026-09-30", "2026-11-01")[0].figure == "1/1 个季度"
    with at("2026-10-08 10:00"):
        book("settings set posting 是")
    assert look("E7", "2026-01-01..2026-09-30", "2026-11-01")[0].state is State.UNMET
