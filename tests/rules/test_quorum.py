"""Quorum and majority: the two kinds of half on both sides of their edges, and reading the 表决 cell."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partybuild_cli.rules.votes import Rule, rules, rules_of, verdict
from partybuild_cli.values.votes import FIGURES, Ballots, Vote, VoteKind, placed, read_votes
from tests.conftest import Cli


@pytest.mark.parametrize(
    ("kind", "due", "present", "yes"),
    [
        (rules()["ordinary"], 7, 4, 4),
        (rules()["admission"], 7, 4, 4),
        (rules()["ordinary"], 8, 4, 5),
        (rules()["admission"], 8, 5, 5),
        (rules()["committee"], 3, 2, None),
        (rules()["committee"], 4, 2, None),
        (rules()["election-2020"], 35, 28, 18),
        (rules()["election-1990"], 35, 29, 18),
        (rules()["election-2020"], 36, 29, 19),
        (rules()["election-1990"], 36, 29, 19),
    ],
)
def test_how_many_are_needed(kind: Rule, due: int, present: int, yes: int | None) -> None:
    assert verdict(kind, due, due, due).needed == (present, yes)
    assert verdict(kind, due, present, yes).passed is True
    assert verdict(kind, due, present - 1, yes).passed is False
    if yes is not None:
        assert verdict(kind, due, due, yes - 1).passed is False


def test_eight_due_with_four_present() -> None:
    ordinary, admission = (verdict(kind, 8, 4, 5) for kind in (rules()["ordinary"], rules()["admission"]))
    assert ordinary.quorate is True
    assert admission.quorate is False
    assert "应到8人，实到4人（至少5人）" in admission.sentence
    assert "会议无效" in admission.sentence


def test_unknown_figures_decide_nothing() -> None:
    assert verdict(rules()["ordinary"], None, 4, 4).needed is None
    assert verdict(rules()["ordinary"], 0, 0, 0).passed is None
    assert verdict(rules()["ordinary"], 8, None, 5).passed is None
    assert verdict(rules()["ordinary"], 8, 8, None).passed is None
    assert verdict(rules()["ordinary"], 8, 3, None).passed is False


@given(st.sampled_from(list(rules().values())), st.integers(1, 5000), st.integers(0, 5000))
def test_attendance_is_the_fraction_itself(kind: Rule, due: int, present: int) -> None:
    share = kind.present
    reached, asked = present * share.whole, due * share.part
    expected = reached >= asked if share.test == "以上" else reached > asked
    assert verdict(kind, due, present, due).quorate is expected


def test_elections_follow_the_rule_of_their_day() -> None:
    assert rules_of("选举", "支部党员大会", "2020-07-12") == [rules()["election-1990"]]
    assert rules_of("选举", "支部党员大会", "2020-07-13") == [rules()["election-2020"]]


@pytest.mark.parametrize(
    ("kind", "meeting", "rules"),
    [
        ("一般", "支部党员大会", [rules()["ordinary"]]),
        ("一般", "支委会", [rules()["committee"]]),
        ("转正", "支部党员大会", [rules()["admission"]]),
        ("延长预备期", "支部党员大会", [rules()["admission"]]),
        ("选举", "支委会", [rules()["election-2020"]]),
        (None, "支部党员大会", [rules()["ordinary"], rules()["admission"], rules()["election-2020"]]),
    ],
)
def test_a_vote_is_judged_by_its_kind(kind: str | None, meeting: str, rules: list[Rule]) -> None:
    assert list(rules_of(kind, meeting, "2026-07-02")) == rules


@pytest.mark.parametrize(
    ("text", "votes"),
    [
        (
            "应到30 实到28 赞成27 反对0 弃权1",
            [Vote(1, voters_due=30, voters_present=28, votes_for=27, votes_against=0, votes_abstained=1)],
        ),
        ("赞成27票、反对1票、弃权0票", [Vote(1, votes_for=27, votes_against=1, votes_abstained=0)]),
        ("同意 8 票；不同意 1 票", [Vote(1, votes_for=8, votes_against=1)]),
        (
            "应到会有表决权党员：９人，实到会8人，发出票8张，收回票8张，赞成8票，通过",
            [Vote(1, voters_due=9, voters_present=8, votes_for=8, ballots_given=8, ballots_returned=8)],
        ),
        ("实到7，赞成8（其中书面意见1）", [Vote(1, voters_present=7, votes_for=8, votes_written=1)]),
        ("赞成票数：5，废票1张", [Vote(1, votes_for=5, votes_spoilt=1)]),
        ("接收何思齐同志为中共预备党员：应到8，赞成5", [Vote(1, "接收预备党员", "何思齐", 8, votes_for=5)]),
        ("林清远按期转正：应到8，赞成5", [Vote(1, "转正", "林清远", 8, votes_for=5)]),
        (
            "接收预备党员（何思齐）：应到8，赞成5\n选举(书记)：应到8；赞成7",
            [Vote(1, "接收预备党员", "何思齐", 8, votes_for=5), Vote(2, "选举", "书记", 8, votes_for=7)],
        ),
        ("应到8，赞成5；应到8，赞成6", [Vote(1, voters_due=8, votes_for=5), Vote(2, voters_due=8, votes_for=6)]),
        ("党费使用：应到8，赞成5", [Vote(1, None, "党费使用", 8, votes_for=5)]),
    ],
)
def test_votes_are_read(text: str, votes: list[Vote]) -> None:
    assert read_votes(text) == Ballots(tuple(votes))


@pytest.mark.parametrize(
    "text",
    [
        "一致通过",
        "赞成多数",
        "赞成27票，缓议2票",
        "应到 30 28",
        "赞成5 赞成6",
        "赞成约27票",
        "赞成27.5",
        "赞成率90%，应到8",
    ],
)
def test_words_without_figures_stay_as_they_are(text: str) -> None:
    assert read_votes(text) == Ballots(unread=text)


def test_words_behind_the_figures_are_kept() -> None:
    read = read_votes("应到8，实到8，赞成8，大家鼓掌")
    assert (read.votes[0].votes_for, read.unread) == (8, "大家鼓掌")


@pytest.mark.parametrize(
    "text",
    ["应到5 实到6", "实到5 赞成4 反对2", "应到5 赞成6", "发出5 收回6", "实到5 赞成3 反对0 弃权1", "收回4 赞成4 反对1"],
)
def test_figures_that_contradict_each_other_are_found(text: str) -> None:
    assert len(read_votes(text).votes[0].faults()) == 1


_VOTES = st.builds(
    lambda kind, on, figures: Vote(0, kind, on, **figures),
    st.sampled_from([str(one) for one in VoteKind]),
    st.sampled_from([None, "何思齐", "何思齐(编号3)", "党费使用方案", "书记、副书记"]),
    st.dictionaries(st.sampled_from(list(FIGURES)), st.integers(0, 999), min_size=1),
)


@settings(deadline=None)
@given(st.lists(_VOTES, max_size=4), st.sampled_from(["", "一致通过", "大家鼓掌\n赞成约27票"]))
def test_what_a_cell_shows_is_read_back(votes: list[Vote], unread: str) -> None:
    ballots = Ballots(placed(votes), unread)
    assert read_votes(ballots.text()) == ballots


@settings(deadline=None)
@given(st.text(alphabet="应到实赞成同意不反对弃权票 0123456789，、；：（）接收转正", max_size=40))
def test_whatever_is_typed_is_read_to_the_same_when_it_is_shown_and_read_again(text: str) -> None:
    once = read_votes(text)
    assert read_votes(once.text()) == once


@pytest.mark.parametrize(
    ("of", "since", "there", "said"),
    [
        ("留党察看", "2026-01-01", True, "应到2人，实到2人"),  # he is there, and has no vote
        ("留党察看", "2026-01-01", False, "应到2人，实到2人"),
        ("中止权利", "2026-01-01", True, "应到2人，实到2人"),
        ("留党察看", "2026-10-01", True, "应到3人，实到3人"),  # not yet
        ("长期请假", "2026-01-01", True, "应到3人，实到3人"),
    ],
)
def test_who_may_not_vote_is_counted_neither_as_due_nor_as_present(
    branch: Cli, of: str, since: str, there: bool, said: str
) -> None:
    state = ("--member", "张三", "--kind", of, "--started-on", since)
    assert branch("tenure", "add", *state).code == 0
    came = ("--attendees", "003、004、张三") if there else ("--attendees", "003、004", "--absent", "张三:事假")
    meeting = ("--kind", "支部党员大会", "--on", "2026-09-10", "--topic", "预算", "--votes", "一般（预算）：赞成2")
    done = branch("meeting", "add", *meeting, *came)
    assert done.code == 0, done.err
    (item,) = branch("check", "2026Q3", "B9", "--records", "--json").json["items"]
    assert said in item["records"][0]["note"]
