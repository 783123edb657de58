"""Quorum and majority: the two kinds of half on both sides of their edges, and reading the 表决 cell."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.errors import ValueProblem
from partybuild_cli.rules.votes import Needed, VoteKind, Votes, election_on, entitled, parse_votes, verdict, vote_rule


@pytest.mark.parametrize(
    ("kind", "due", "present", "yes"),
    [
        (VoteKind.ORDINARY, 7, 4, 4),
        (VoteKind.ADMISSION, 7, 4, 4),
        (VoteKind.ORDINARY, 8, 4, 5),
        (VoteKind.ADMISSION, 8, 5, 5),
        (VoteKind.COMMITTEE, 3, 2, None),
        (VoteKind.COMMITTEE, 4, 2, None),
        (VoteKind.ELECTION_2020, 35, 28, 18),
        (VoteKind.ELECTION_1990, 35, 29, 18),
        (VoteKind.ELECTION_2020, 36, 29, 19),
        (VoteKind.ELECTION_1990, 36, 29, 19),
    ],
)
def test_how_many_are_needed(kind: VoteKind, due: int, present: int, yes: int | None) -> None:
    assert verdict(kind, due, due, due).needed == Needed(present, yes)
    assert verdict(kind, due, present, yes).passed is True
    assert verdict(kind, due, present - 1, yes).passed is False
    if yes is not None:
        assert verdict(kind, due, due, yes - 1).passed is False


def test_eight_due_with_four_present() -> None:
    ordinary, admission = (verdict(kind, 8, 4, 5) for kind in (VoteKind.ORDINARY, VoteKind.ADMISSION))
    assert ordinary.quorate is True
    assert admission.quorate is False
    assert "应到8人，实到4人（至少5人）" in admission.sentence
    assert "会议无效" in admission.sentence


def test_unknown_figures_decide_nothing() -> None:
    assert verdict(VoteKind.ORDINARY, None, 4, 4).needed is None
    assert verdict(VoteKind.ORDINARY, 0, 0, 0).passed is None
    assert verdict(VoteKind.ORDINARY, 8, None, 5).passed is None
    assert verdict(VoteKind.ORDINARY, 8, 8, None).passed is None
    assert verdict(VoteKind.ORDINARY, 8, 3, None).passed is False


@given(st.sampled_from(list(VoteKind)), st.integers(1, 5000), st.integers(0, 5000))
def test_attendance_is_the_fraction_itself(kind: VoteKind, due: int, present: int) -> None:
    share = vote_rule(kind).present
    reached, asked = present * share.denominator, due * share.numerator
    expected = reached >= asked if share.inclusive else reached > asked
    assert verdict(kind, due, present, due).quorate is expected


def test_elections_follow_the_rule_of_their_day() -> None:
    assert election_on(date(2020, 7, 12)) is VoteKind.ELECTION_1990
    assert election_on(date(2020, 7, 13)) is VoteKind.ELECTION_2020


def test_who_is_due() -> None:
    assert entitled(35, suspended=1, excluded=2) == 32
    assert entitled(2, excluded=2) == 0
    with pytest.raises(ValueProblem, match="核对人数"):
        entitled(2, suspended=1, excluded=2)


@pytest.mark.parametrize(
    ("text", "votes"),
    [
        ("应到30 实到28 赞成27 反对0 弃权1", Votes(due=30, present=28, yes=27, against=0, abstained=1)),
        ("赞成27票、反对1票、弃权0票", Votes(yes=27, against=1, abstained=0)),
        ("同意 8 票；不同意 1 票", Votes(yes=8, against=1)),
        (
            "应到会有表决权党员：９人，实到会8人，发出票8张，收回票8张，赞成8票，通过",
            Votes(due=9, present=8, given=8, returned=8, yes=8),
        ),
        ("实到7，赞成8（其中书面意见1）", Votes(present=7, yes=8, written=1)),
        ("赞成票数：5，废票1张", Votes(yes=5, spoilt=1)),
    ],
)
def test_votes_are_read(text: str, votes: Votes) -> None:
    assert parse_votes(text) == votes


@pytest.mark.parametrize(
    "text",
    [
        "一致通过",
        "",
        "赞成多数",
        "赞成27票，缓议2票",
        "应到 30 28",
        "赞成5 赞成6",
        "赞成约27票",
        "应到5 实到6",
        "实到5 赞成4 反对2",
        "应到5 赞成6",
        "发出5 收回6",
        "赞成27.5",
    ],
)
def test_votes_that_cannot_be_understood(text: str) -> None:
    with pytest.raises(ValueProblem, match="表决"):
        parse_votes(text)


@given(st.text(alphabet="应到实赞成同意不反对弃权票 0123456789，、", max_size=30))
def test_nothing_else_is_raised(text: str) -> None:
    with suppress(ValueProblem):
        assert parse_votes(text) != Votes()
