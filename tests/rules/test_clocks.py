"""The clocks of membership on both sides of their edges: away, lost, lapsed, abroad, and told to mend his ways."""

from collections.abc import Callable
from datetime import date

import pytest

from partybuild_cli.rules.clocks import passed
from partybuild_cli.rules.item import Item, State
from tests.conftest import Cli, Prepare, do
from tests.rules.conftest import BRANCH, Book

Look = Callable[..., Item]


@pytest.fixture
def book(cli: Cli, prepared: Prepare) -> Book:
    """Run command lines, each of which succeeds, on a book with three members of many years."""
    member = f"member add --branch {BRANCH} --category 正式党员 --joined-on 2009-07-01 --full-on 2010-07-01"
    three = [f"{member} --name {name} --staff-no 00{at}" for at, name in enumerate(("赵一", "钱二", "孙三"), start=1)]
    prepared("three members", lambda: do(cli, [f"init --branch {BRANCH}", *three]))
    return lambda *lines: do(cli, lines)


@pytest.fixture
def look(look: Callable[..., list[Item]]) -> Look:
    """What an item says of a period on a day."""
    return lambda *asked: look(*asked)[0]


def meetings(*days: str, absent: str = "") -> list[str]:
    """主题党日 on these days, without somebody."""
    who = f"--absent {absent}" if absent else "--all-present"
    return [f"meeting add --branch {BRANCH} --kind 主题党日 --topic 学习 --on {day} {who}" for day in days]


def dues(month: str = "2025-06") -> list[str]:
    """What everybody paid for a month."""
    line = f"--month {month} --due 1 --paid 1 --paid-on {month}-10"
    return [f"dues add --member {name} {line}" for name in ("赵一", "钱二", "孙三")]


MONTHS = [f"2025-{month:02}-10" for month in range(1, 8)]


def test_away_and_lost_for_six_months() -> None:
    assert not passed("2026-01-05", "away", date(2026, 7, 4))
    assert passed("2026-01-05", "away", date(2026, 7, 5))
    assert not passed("2026-01", "away", date(2026, 7, 30))
    assert not passed("2026-07-10", "struck_off", date(2028, 7, 9))
    assert passed("2026-07-10", "struck_off", date(2028, 7, 10))


@pytest.mark.parametrize(
    ("today", "state"), [("2025-07-09", State.MET), ("2025-07-10", State.UNMET), ("2025-12-31", State.UNMET)]
)
def test_who_came_to_no_meeting_for_six_months(book: Book, look: Look, today: str, state: State) -> None:
    book(*dues(), *meetings(*MONTHS, absent="钱二"), *meetings("2025-12-20", absent="钱二"))
    found = look("D10", "2025", today)
    assert found.state is state
    assert ("钱二（2025-01-10起" in found.figure) == (state is State.UNMET)


@pytest.mark.parametrize(
    "line",
    [
        "meeting edit 4 --attended 钱二",
        "meeting edit 4 --on-leave 钱二:值班",
        "tenure add --member 钱二 --kind 长期请假 --value 病假 --started-on 2025-01-01",
        "member edit 钱二 --exempt-reason 身患重病 --correct",
        "member edit 钱二 --away-on 2025-06-01 --away-to 北京",
    ],
)
def test_a_meeting_or_a_reason_within_the_six_months_is_enough(book: Book, look: Look, line: str) -> None:
    book(*dues(), *meetings(*MONTHS, absent="钱二"), line)
    assert look("D10", "2025", "2025-07-20").state is State.MET


def test_of_whom_nobody_wrote_down_how_he_stood_is_unknown(book: Book, look: Look) -> None:
    held = f"meeting add --branch {BRANCH} --kind 主题党日 --topic 学习 --on 2025-03-10 --due 3 --present 2"
    book(*dues("2025-11"), held)
    found = look("D10", "2025", "2025-12-31")
    assert (found.state, found.figure.partition("；")[2]) == (
        State.NO_DATA,
        "六个月没有按姓名登记的到会情况：赵一、钱二、孙三",
    )


def test_of_whom_nobody_wrote_down_whether_he_paid_is_unknown(book: Book, look: Look) -> None:
    book(*meetings("2025-11-10"), *dues("2025-11")[1:])
    found = look("D10", "2025", "2025-12-31")
    assert (found.state, found.figure.partition("；")[2]) == (State.NO_DATA, "六个月没有党费记录：赵一")


@pytest.mark.parametrize(
    ("line", "state"),
    [
        ("task add --area 整改 --item 乙 --responsible 钱二 --due-on 2025-05-31", State.NO_DATA),
        ("task add --area 整改 --item 乙 --responsible 钱二 --due-on 2025-05-31 --done-on 2025-06-01", State.MET),
        ("service add --kind 义诊 --title 义诊 --on 2025-01-10 --member 钱二", State.NO_DATA),
        ("service add --kind 义诊 --title 义诊 --on 2025-01-11 --member 钱二", State.MET),
    ],
)
def test_who_did_nothing_that_he_was_to_do(book: Book, look: Look, line: str, state: State) -> None:
    book(
        *dues(), *meetings("2025-06-10"), "task add --area 整改 --item 甲 --responsible 钱二 --due-on 2025-01-10", line
    )
    assert look("D10", "2025", "2025-07-09").state is State.MET
    found = look("D10", "2025", "2025-07-10")
    assert (found.state, "钱二（2025-01-10到期的任务没有办）" in found.figure) == (state, state is State.NO_DATA)


def test_who_is_abroad_is_spoken_to_every_half_year(book: Book, look: Look) -> None:
    book("member edit 钱二 --away-on 2024-12-31 --away-to 美国访学", *meetings("2025-06-10", "2025-12-10"))
    found = look("D11", "2025", "2026-03-01")
    assert (found.state, found.figure) == (
        State.UNMET,
        "出国（境）1人；半年没有联系：钱二（2025-07-01至2025-12-31、2025-01-01至2025-06-30）",
    )
    assert look("D8", "2025", "2026-03-01").state is State.NOT_APPLICABLE  # his relation stays
    book(*(f"talk add --talker 赵一 --subject 钱二 --on {day}" for day in ("2025-06-30", "2025-07-01")))
    assert look("D11", "2025", "2026-03-01").state is State.MET
    assert look("D11", "2026Q1", "2026-12-01").state is State.UNMET  # October to March


def test_a_long_leave_abroad_counts_and_one_that_is_ordered_does_not(book: Book, look: Look) -> None:
    book("tenure add --member 钱二 --kind 长期请假 --value 援外 --started-on 2024-01-01")
    assert look("D11", "2025", "2026-03-01").state is State.NOT_APPLICABLE
    book("tenure add --member 孙三 --kind 长期请假 --value 出国进修 --started-on 2025-01-01 --ended-on 2025-10-31")
    assert look("D11", "2025Q3", "2026-03-01").figure == "出国（境）1人；半年没有联系：孙三（2025-04-01至2025-09-30）"
    assert look("D11", "2025Q4", "2026-03-01").state is State.NOT_APPLICABLE  # he was back


@pytest.mark.parametrize(("today", "state"), [("2020-12-31", State.MET), ("2021-01-01", State.UNMET)])
def test_membership_stops_after_more_than_five_years_abroad(book: Book, look: Look, today: str, state: State) -> None:
    book("member edit 钱二 --away-on 2015-12-31 --away-to 留学")
    book(*(f"talk add --talker 赵一 --subject 钱二 --on {day}" for day in ("2020-05-01", "2020-08-01", "2020-12-31")))
    assert look("D11", "2020" if today < "2021" else "2021", today).state is state


@pytest.mark.parametrize(
    ("days", "state", "said"),
    [
        ("--started-on 2025-03-01 --ended-on 2026-03-01", State.MET, "限期改正1人"),
        ("--started-on 2025-03-01 --ended-on 2026-03-02", State.UNMET, "超过一年：钱二（2025-03-01至2026-03-02）"),
        ("--started-on 2025-03-01", State.NO_DATA, "没有写起止日期：钱二"),
        ("--started-on 2024-03-01", State.UNMET, "超过一年：钱二（2024-03-01至）"),
    ],
)
def test_to_mend_his_ways_nobody_has_more_than_a_year(
    book: Book, look: Look, days: str, state: State, said: str
) -> None:
    book(f"tenure add --member 钱二 --kind 限期改正 {days}")
    found = look("D12", "2025", "2026-03-01")
    assert found.state is state
    assert said in found.figure


def test_who_was_found_wanting_has_something_recorded_of_it(book: Book, look: Look) -> None:
    assert look("D12", "2025", "2026-03-01").state is State.NOT_APPLICABLE
    book("review add --member 孙三 --year 2025 --grade 不合格")
    assert look("D12", "2025", "2026-03-01").figure == "限期改正0人；评为不合格，没有处置记录：孙三"
    book("tenure add --member 孙三 --kind 限期改正 --started-on 2025-12-20 --ended-on 2026-06-20")
    assert look("D12", "2025", "2026-03-01").state is State.MET


def test_the_secretary_speaks_to_whoever_was_disciplined(book: Book, look: Look) -> None:
    book(
        "member edit 赵一 --party-post 书记 --correct",
        "tenure add --member 钱二 --kind 留党察看 --started-on 2025-02-01",
    )
    book(
        "talk add --talker 赵一 --subject 孙三 --on 2025-03-01", "talk add --talker 孙三 --subject 钱二 --on 2025-03-02"
    )
    assert "受处分处置的党员和书记0/1人" in look("D4", "2025", "2026-03-01").figure
    book("talk add --talker 赵一 --subject 钱二 --on 2025-03-03")
    found = look("D4", "2025", "2026-03-01")
    assert (found.state, "受处分处置的党员和书记1/1人" in found.figure) == (State.MET, True)


@pytest.mark.parametrize(("day", "stale"), [("2025-07-31", False), ("2025-08-01", True)])
def test_dues_are_paid_up_for_six_months_at_most(book: Book, look: Look, day: str, stale: bool) -> None:
    book(f"dues add --member 赵一 --month 2025-01 --due 50 --paid 50 --paid-on {day}")
    assert ("补交超过六个月：赵一 2025-01" in look("D5", "2025", "2026-03-01").figure) is stale


def test_a_term_longer_than_the_regulation_is_to_be_looked_at(book: Book, look: Look) -> None:
    book(f"branch edit {BRANCH} --elected-on 2024-01-10 --term-years 5 --correct")
    found = look("B2", "2025", "2026-03-01")
    assert (found.state, "任期5年（规定3年，请核对）" in found.figure) == (State.NO_DATA, True)
