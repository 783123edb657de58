"""`check`: every item from records, both sides of its edge, its JSON and its exit codes."""

from datetime import date

import pytest

from partybuild_cli.rules.check import check
from partybuild_cli.store.engine import open_book
from partybuild_cli.values.period import period_of

TODAY = date(2026, 10, 1)
BRANCH = "内科党支部"


@pytest.fixture
def add(cli):
    """A book with one branch, and a way to add to it."""
    assert cli("init", "--branch", BRANCH).code == 0

    def call(ledger, **cells):
        words = [word for key, value in cells.items() for word in (f"--{key.replace('_', '-')}", value)]
        done = cli(ledger, "add", *words)
        assert done.code == 0, done.err

    return call


@pytest.fixture
def item(book_file):
    """One item of the check of a period."""

    def call(wanted, period="2026Q3", today=TODAY):
        with open_book(book_file).reading() as connection:
            found = [one for one in check(connection, period_of(period), today) if one.id == wanted]
        assert len(found) == 1
        return found[0]

    return call


def _members(add, count, start=1, **cells):
    for number in range(start, start + count):
        first = {"joined_on": "2010-01-01", "full_on": "2011-01-01"} | cells
        add("member", name=f"党员{number:03d}", staff_no=f"{number:03d}", **{"category": "正式党员"} | first)


@pytest.mark.parametrize(("formal", "state"), [(6, "达标"), (7, "未达标")])
def test_a_committee_is_asked_from_seven_full_members(add, item, formal, state):
    _members(add, formal)
    assert item("B1").state == state


def test_probationary_members_do_not_make_seven(add, item):
    _members(add, 6)
    _members(add, 1, start=7, category="预备党员", joined_on="2026-06-01", full_on="无")
    assert item("B1").state == "达标"
    assert "党员7人，其中正式党员6人" in item("D1").figure


@pytest.mark.parametrize(("total", "state"), [(50, "达标"), (51, "未达标")])
def test_a_branch_has_normally_no_more_than_fifty_members(add, item, total, state):
    _members(add, total)
    assert item("D1").state == state


def test_a_quarter_without_assembly_is_owed_once_it_is_over(add, item):
    _members(add, 3)
    assert item("Z2", today=date(2026, 9, 30)).state == "不适用"
    assert item("Z2").state == "未达标"
    assert "2026Q3" in item("Z2").figure
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="专题")
    assert item("Z2").state == "达标"


def test_a_month_asks_for_the_quarter_that_it_ends(add, item):
    _members(add, 3)
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="专题")
    assert item("Z2", "2026-09").state == "达标"
    assert item("Z2", "2026-08").state == "达标"  # held early: nothing is owed yet


@pytest.mark.parametrize(
    ("today", "state", "remedy"),
    [
        (date(2026, 9, 19), "达标", False),
        (date(2026, 9, 20), "达标", True),
        (date(2027, 3, 20), "达标", True),
        (date(2027, 3, 21), "未达标", True),
    ],
)
def test_a_term_reminds_six_months_before_it_ends(add, cli, item, today, state, remedy):
    _members(add, 3)
    assert cli("branch", "edit", BRANCH, "--elected-on", "2024-03-20", "--term-years", "3").code == 0
    found = item("B2", "2026" if today.year == 2026 else "2027", today)
    assert (found.state, bool(found.remedy)) == (state, remedy)


@pytest.mark.parametrize(("months", "flagged"), [(5, False), (6, True)])
def test_six_months_without_dues_are_flagged(add, item, months, flagged):
    _members(add, 1)
    for month in range(1, 10):
        paid = "0" if month > 9 - months else "50"
        add("dues", member="党员001", month=f"2026-{month:02d}", due="50", paid=paid)
    found = item("D5")
    assert found.state == "未达标"
    assert ("连续六个月未缴：党员001" in found.figure) is flagged


@pytest.mark.parametrize(
    ("kind", "due", "wrong"), [("临床", "120", True), ("退休", "120", False), ("退休", "240", True)]
)
def test_a_due_that_the_base_does_not_give_is_owed(add, item, kind, due, wrong):
    _members(add, 1, staff_kind=kind)
    add("dues", member="党员001", month="2026-07", base="12000", due=due, paid=due, paid_on="2026-07-10")
    found = item("D5", "2026-07")
    assert (found.state, "应缴与标准不符：党员001 2026-07" in found.figure) == ("未达标" if wrong else "达标", wrong)


def test_dues_unrecorded_are_unknown_and_exempt_months_are_not_owed(add, item):
    _members(add, 2)
    for month in ("2026-07", "2026-08", "2026-09"):
        add("dues", member="党员001", month=month, state="免缴")
    add("dues", member="党员002", month="2026-07", due="50", paid="50")
    add("dues", member="党员002", month="2026-08", due="50", paid="50")
    found = item("D5")
    assert found.state == "无数据"
    assert found.figure.startswith("应缴3人月，缴足2人月，按期2人月，无记录1人月：党员002 2026-09")


def test_quarterly_payment_is_late_only_after_the_quarter(add, cli, item):
    _members(add, 1)
    monthly = item("D5", "2026-07", date(2026, 9, 1))
    assert monthly.state == "无数据"
    assert cli("branch", "edit", BRANCH, "--dues-quarterly", "是").code == 0
    assert item("D5", "2026-07", date(2026, 9, 1)).state == "不适用"


@pytest.mark.parametrize(
    ("kind", "present", "yes", "state"),
    [
        ("一般", 4, 4, "未达标"),
        ("一般", 5, 5, "达标"),
        ("接收预备党员", 5, 5, "达标"),
        ("接收预备党员", 4, 4, "未达标"),
        ("接收预备党员", 8, 4, "未达标"),
        ("转正", 8, 5, "达标"),
        ("选举", 6, 6, "未达标"),
        ("选举", 7, 5, "达标"),
        ("选举", 7, 4, "未达标"),
    ],
)
def test_a_vote_of_eight_is_judged_by_its_kind(add, cli, item, kind, present, yes, state):
    _members(add, 8)
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="接收、转正、选举", attendees="全体党员")
    figures = ("--voters-due", 8, "--voters-present", present, "--votes-for", yes)
    assert cli("meeting", "vote", 1, "--vote-kind", kind, "--vote-on", "周宁", *figures).code == 0
    assert item("B9").state == state
    assert ("无效或未通过" in item("B9").figure) is (state == "未达标")


@pytest.mark.parametrize(
    ("votes", "state"),
    [
        ("应到8，实到8，赞成8", "达标"),  # by every rule
        ("应到8，实到3，赞成3", "未达标"),  # by none
        ("应到8，实到6，赞成5", "无数据"),  # no election, perhaps a resolution
        ("一般：应到8，实到6，赞成5", "达标"),
        ("应到9，实到8，赞成4", "未达标"),
        ("一般：应到7，实到7，赞成4", "无数据"),  # four of the seven typed, not of the eight on the roster
        ("一般：应到8，实到8，赞成5，反对5", "无数据"),
        ("大家都说好", "无数据"),
        ("一致通过", "达标"),
        ("一般：应到8，实到8，赞成8，大家鼓掌", "达标"),
        ("一般：应到8，实到8，赞成8；党费使用多数同意", "无数据"),
        ("一般：应到8，实到8，赞成8；党费使用一致同意", "达标"),
        ("未一致通过", "无数据"),
    ],
)
def test_a_kind_is_never_guessed_from_the_topic(add, item, votes, state):
    _members(add, 8)
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="接收周宁为预备党员", votes=votes, attendees="全体党员")
    assert item("B9").state == state


def test_a_vote_without_figures_is_judged_by_attendance(add, item):
    _members(add, 8)
    _members(add, 1, start=9, category="预备党员", joined_on="2026-06-01", full_on="无")
    absent = "、".join(f"党员{number:03d}" for number in range(4, 9))
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="讨论", votes="一致通过", absent=absent)
    assert item("B9").state == "未达标"  # three of eight full members; the probationary one has no vote


def test_members_who_are_not_counted_lower_the_quorum(add, cli, item):
    _members(add, 8)
    reason = ("--excluded-reason", "年老体弱卧床不起", "--excluded-on", "2026-06-30")
    assert cli("member", "edit", "党员008", *reason).code == 0
    absent = "、".join(f"党员{number:03d}" for number in range(5, 9))
    vote = {"vote_kind": "接收预备党员", "vote_on": "周宁", "votes_for": "4"}
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="党员大会", absent=absent, **vote)
    assert item("B9").state == "达标"  # four of seven


def test_votes_of_the_development_ledger_count_too(add, item):
    _members(add, 3)
    add("development", name="周宁", branch=BRANCH, voted_on="2026-08-05", votes="应到8 实到4 赞成4")
    assert item("B9").state == "未达标"
    assert "周宁接收预备党员" in item("B9").figure


def test_several_votes_of_a_meeting_are_kept_shown_and_come_back_unchanged(add, cli, item, tmp_path):
    _members(add, 8)
    first = {"vote_kind": "接收预备党员", "vote_on": "周宁", "voters_due": "8人", "votes_for": "8票"}
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="大会", attendees="全体党员", **first)
    second = ("--vote-kind", "选举", "--vote-on", "书记", "--voters-due", 8, "--voters-present", 8)
    assert cli("meeting", "vote", 1, *second, "--votes-for", 3).code == 0
    assert cli("meeting", "vote", 1, *second, "--votes-for", 7).code == 0  # mended, not doubled
    votes = cli("meeting", "show", 1, "--json").json["votes"]
    assert [(one["vote_kind"], one["vote_on"], one["votes_for"]) for one in votes] == [
        ("接收预备党员", "周宁", 8),
        ("选举", "书记", 7),
    ]
    keys = ("vote_kind", "vote_on", "voters_due", "voters_present", "votes_for", "votes_against", "votes_abstained")
    assert (tuple(votes[0]), votes[0]["voters_present"]) == (keys, None)
    assert "选举（书记）：应到8，实到8，赞成7" in cli("meeting", "show", 1).out
    assert cli("export", "meeting", "--out", tmp_path / "out").code == 0
    [book] = (tmp_path / "out").glob("*.xlsx")
    rows = cli("import", book, "--dry-run", "--json").json["files"][0]["sheets"][0]["rows"]
    assert (rows["unchanged"], rows["changed"], rows["problem"]) == (1, 0, 0)
    assert cli("undo", "--yes").code == 0
    assert cli("meeting", "show", 1, "--json").json["votes"][1]["votes_for"] == 3
    assert cli("meeting", "edit", 1, "--clear", "votes").code == 0
    assert "votes" not in cli("meeting", "show", 1, "--json").json
    assert cli("doctor").code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--votes-for", "5"), "没有写表决种类"),
        (("--vote-kind", "表扬", "--votes-for", "5"), "不在可选的词里"),
        (("--vote-kind", "一般"), "没有写人数和票数"),
        (("--vote-kind", "一般", "--votes-for", "五六票"), "请写整数"),
        (("--vote-kind", "一般", "--voters-due", "5", "--voters-present", "6"), "实到6多于应到5"),
        (
            ("--vote-kind", "一般", "--voters-present", "5", "--votes-for", "4", "--votes-against", "2"),
            "合计6，多于实到5",
        ),
    ],
)
def test_a_vote_that_contradicts_itself_is_refused(add, cli, words, said):
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="大会")
    done = cli("meeting", "vote", 1, *words)
    assert (done.code, said in done.err) == (4, True)
    assert "votes" not in cli("meeting", "show", 1, "--json").json


def test_voters_beyond_those_who_came_are_said(add, cli, item):
    _members(add, 8)
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="大会", absent="党员001、党员002、党员003")
    done = cli("meeting", "vote", 1, "--vote-kind", "一般", "--voters-due", 8, "--voters-present", 7, "--votes-for", 6)
    assert (done.code, "多于本次会议实到5人" in done.err) == (0, True)
    assert "按出席名单为5人" in item("B9").figure


@pytest.mark.parametrize(
    ("posts", "state"),
    [(("书记", "组织委员", "宣传委员、纪检委员"), "未达标"), (("书记", "组织委员", "宣传委员", "纪检委员"), "达标")],
)
def test_committee_meetings_need_half_of_the_committee(add, item, posts, state):
    """Two of the committee are absent: of three that is too many, of four just half is left."""
    _members(add, 5)
    for number, post in enumerate(posts, start=6):
        _members(add, 1, start=number, party_post=post)
    for month in ("07", "08", "09"):
        add(
            "meeting",
            kind="支委会",
            on=f"2026-{month}-03",
            topic="议事",
            **({"absent": "党员006、党员007"} if month == "09" else {"attendees": "全体支委"}),
        )
    assert item("B1").state == "达标"
    assert item("B3").state == "达标"
    found = item("B4")
    assert (found.state, "2026-09-03" in found.figure) == (state, state == "未达标")


def test_a_post_that_nobody_holds_is_a_vacancy(add, item):
    _members(add, 6)
    _members(add, 1, start=7, party_post="副书记")
    assert item("B3").figure == "空缺：书记、组织委员、宣传委员、纪检委员"


@pytest.mark.parametrize(("hours", "state"), [("8", "达标"), ("7.9", "不适用")])
def test_study_hours_are_asked_in_proportion(add, item, hours, state):
    _members(add, 1)
    add("study", member="党员001", studied_on="2026-07-10", topic="理论", hours=hours)
    assert item("Z4").state == state


def test_meeting_hours_count_for_those_who_came(add, item):
    _members(add, 2)
    add("meeting", kind="专题学习", on="2026-08-05", topic="理论", hours="8", absent="党员002")
    found = item("Z4")
    assert found.state == "不适用"  # the year is not over
    assert "1/2 人达到按月折算的进度，全年期满后判定；无记录：党员002" in found.figure


def test_whoever_is_exempt_is_not_asked_for_hours_or_service(add, item):
    _members(add, 1)
    _members(add, 1, start=2, exempt_reason="年老体弱")
    add("study", member="党员001", studied_on="2026-07-10", topic="理论", hours="8")
    add("service", kind="义诊", on="2026-08-01", title="义诊", member="党员001")
    assert item("Z4").state == "达标"
    assert item("E1").figure == "1/1 人"


def test_nobody_knows_of_service_where_none_is_recorded(add, item):
    _members(add, 2)
    assert item("E1").state == "不适用"  # nobody has set it up
    add("service", kind="义诊", on="2026-04-01", title="义诊", member="党员001")
    assert item("E1").state == "无数据"
    assert item("E1", "2026Q1").state == "不适用"
    add("service", kind="义诊", on="2026-08-01", title="义诊", member="党员001")
    assert (item("E1").state, item("E1").figure) == ("未达标", "1/2 人")


def test_a_branch_whose_service_others_gave_has_a_share_of_none(add, cli, item):
    _members(add, 2)
    cli("branch", "add", "--name", "心内科党支部")
    member = ("--name", "外来者", "--staff-no", "901", "--category", "正式党员", "--joined-on", "2010")
    assert cli("member", "add", "--branch", "心内科党支部", *member).code == 0
    service = ("--kind", "义诊", "--on", "2026-08-01", "--title", "义诊", "--member", "外来者")
    found = cli("branch", "list", "--json").json
    assert cli("service", "add", "--branch", found[0]["name"], *service).code == 0
    items = cli("check", "2026Q3", "--json").json["items"]
    shares = {one["branch"]: (one["state"], one["figure"]) for one in items if one["id"] == "E1"}
    assert shares == {found[0]["name"]: ("未达标", "0/2 人"), "心内科党支部": ("达标", "1/1 人")}


MECHANISMS = {"volunteering": "E1", "model_posts": "E3", "zones": "E4", "pairing": "E6", "posting": "E7"}


@pytest.mark.parametrize(("key", "asked"), MECHANISMS.items())
def test_a_mechanism_is_asked_for_or_not_as_the_unit_has_decided(add, cli, item, key, asked):
    _members(add, 2)
    assert cli("settings", "set", key, "是").code == 0
    assert item(asked).state in ("未达标", "无数据")
    assert cli("settings", "set", key, "否").out.endswith("是 → 否\n")
    assert (item(asked).state, "本单位设置为否" in item(asked).figure) == ("不适用", True)
    assert cli("settings", "set", key, "--clear").code == 0
    assert (item(asked).state, cli("settings", "--json").json[key]) == ("不适用", None)


def test_what_the_unit_decides_is_shown_logged_and_taken_back(add, cli):
    assert cli("settings", "set", "公示受理人", "党委办公室").out == "公示受理人：（未定） → 党委办公室\n"
    assert cli("settings", "set", "lectures-per-year", "8次").code == 0
    assert cli("settings", "show", "--json").json["lectures_per_year"] == "8"
    assert "党委办公室" in cli("settings").out
    last = cli("log", "--json").json[0]["change"]
    told = cli("log", "show", last, "--json").json["records"]
    assert told[0]["fields"] == [{"field": "党课计划", "before": None, "after": "8"}]
    assert cli("undo", last, "--yes").code == 0
    assert cli("settings", "--json").json["lectures_per_year"] is None
    assert cli("doctor").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nobody", "是"), 2),
        (("org",), 2),
        (("org", "绝对分", "--clear"), 2),
        (("org", "也许"), 4),
        (("least_coverage", "120"), 4),
    ],
)
def test_what_no_setting_is_or_can_be_is_refused(add, cli, words, code):
    done = cli("settings", "set", *words)
    assert (done.code, "--org" in done.err) == (code, False)
    assert set(cli("settings", "--json").json.values()) == {None}


def test_the_departments_of_the_unit_are_each_covered_by_a_branch(add, cli):
    _members(add, 1)
    assert cli("branch", "add", "--name", "心内科党支部", "--departments", "心内科").code == 0
    assert cli("settings", "set", "departments", "心内科、检验科").code == 0
    found = {one["branch"]: one for one in cli("check", "2026Q3", "--json").json["items"] if one["id"] == "E4"}
    assert "没有党支部：检验科" in found["（未对应党支部）"]["figure"]
    assert cli("branch", "edit", BRANCH, "--departments", "检验科").code == 0
    found = {one["branch"]: one for one in cli("check", "2026Q3", "--json").json["items"] if one["id"] == "E4"}
    assert found["（未对应党支部）"]["state"] == "达标"


def test_lectures_of_the_unit_hold_where_the_branch_has_said_nothing(add, cli, item):
    _members(add, 2)
    assert cli("settings", "set", "lectures_per_year", "8").code == 0
    assert item("Z5").figure == "0/2 次"
    assert cli("branch", "edit", BRANCH, "--lectures-per-year", "4").code == 0
    assert item("Z5").figure == "0/1 次"


def test_lectures_follow_the_branch_s_own_number(add, cli, item):
    _members(add, 2)
    add("meeting", kind="党课", on="2026-08-05", topic="党课")
    assert item("Z5").figure == "1/1 次"
    assert cli("branch", "edit", BRANCH, "--lectures-per-year", "8").code == 0
    assert (item("Z5").figure, item("Z5").state) == ("1/2 次", "未达标")


def test_first_topics_that_are_not_said_are_unknown(add, item):
    _members(add, 2)
    add("meeting", kind="支部党员大会", on="2026-08-05", topic="学习")
    assert item("Z1").state == "无数据"
    add("meeting", kind="支部党员大会", on="2026-08-06", topic="学习", first_topic="是")
    assert item("Z1").figure == "1/2 次，1次没有注明"
    add("meeting", kind="支部党员大会", on="2026-08-07", topic="学习", first_topic="否")
    assert item("Z1").state == "未达标"


def test_talks_cover_every_pair_in_a_year_that_is_over(add, item):
    _members(add, 1, party_post="书记")
    _members(add, 2, start=2)
    for pair in (("党员001", "党员002"), ("党员003", "党员001")):
        add("talk", on="2025-10-01", talker=pair[0], subject=pair[1])
    asked = [
        ("2025Q4", date(2025, 12, 31)),
        ("2025Q4", date(2026, 1, 1)),
        ("2025", date(2026, 1, 1)),
        ("2025Q3", TODAY),
    ]
    assert [item("D4", *one).state for one in asked] == ["不适用", "未达标", "未达标", "不适用"]
    add("talk", on="2025-12-01", talker="党员002", subject="党员003")
    assert [item("D4", *one).state for one in asked] == ["达标", "达标", "达标", "不适用"]
    assert item("D4", "2026Q3").state == "不适用"


def test_tasks_are_closed_by_their_day(add, cli, item):
    _members(add, 2)
    for name, due in (
        ("甲", "2026-08-31"),
        ("乙", "2026-08-31"),
        ("丙", "2026-09-30"),
        ("丁", "2026-12-31"),
        ("戊", "长期坚持"),
    ):
        add("task", area="组织建设", item=name, responsible="党员001", due_on=due)
    closing = ("--evidence", "照片", "--verified-by", "党员002", "--on")
    assert cli("task", "close", 1, *closing, "2026-08-31").code == 0
    assert cli("task", "close", 2, *closing, "2026-09-01").code == 0
    assert item("E5").figure == "1/3 项任务"


def test_a_third_of_full_members_may_be_excellent(add, cli, item):
    _members(add, 7)
    for number in (1, 2):
        add("review", member=f"党员{number:03d}", year="2026", grade="优秀")
    add("meeting", kind="民主评议", on="2026-12-20", topic="评议")
    found = item("D3", "2026", date(2027, 1, 5))
    assert (found.state, "没有评定等次：党员003、党员004" in found.figure) == ("无数据", True)
    for number in range(4, 8):
        add("review", member=f"党员{number:03d}", year="2026", grade="合格")
    add("review", member="党员003", year="2026", grade="合格")
    assert item("D3", "2026", date(2027, 1, 5)).state == "达标"
    assert cli("review", "edit", 7, "--grade", "优秀").code == 0
    assert item("D3", "2026", date(2027, 1, 5)).state == "未达标"


def test_whoever_is_away_or_lost_for_six_months_is_flagged(add, cli, item):
    _members(add, 2)
    assert item("D8").state == "不适用"
    assert cli("member", "edit", "党员001", "--away-on", "2026-03-31", "--away-to", "外地").code == 0
    assert item("D8", today=date(2026, 9, 29)).state == "达标"
    assert item("D8", today=date(2026, 9, 30)).state == "未达标"
    assert cli("member", "edit", "党员002", "--lost-on", "2026-03-31").code == 0
    assert "流动1人，失联1人" in item("D8").figure


def test_development_out_of_time_is_told(add, item):
    _members(add, 3)
    add("development", name="周宁", branch=BRANCH, born_on="1990-01", applied_on="2026-06-30", talked_on="2026-07-30")
    assert item("D6").state == "达标"
    add("development", name="吴静", branch=BRANCH, born_on="1990-01", applied_on="2026-06-30", talked_on="2026-07-31")
    found = item("D6")
    assert found.state == "未达标"
    assert "吴静（党组织派人谈话逾期完成）" in found.figure


def test_the_share_of_clinical_staff_is_a_fraction(add, item):
    _members(add, 3)
    for name, kind in (("甲", "临床"), ("乙", "护理"), ("丙", "行政后勤")):
        add("development", name=f"周{name}", branch=BRANCH, voted_on="2026-08-05", staff_kind=kind)
    assert item("D7").figure == "临床医技护2/3 = 66.7%"


def test_posts_are_fit_with_plate_publication_and_assessment(add, item):
    _members(add, 2)
    add("post", member="党员001", place="门诊", plate="01", published="是", quarter="2026Q3", assessed="合格")
    add("post", member="党员002", place="病房", plate="02", published="是", quarter="2026Q2", assessed="合格")
    assert item("E3").figure == "1/2 个示范岗"


def test_zones_cover_the_departments_of_the_branch(add, cli, item):
    _members(add, 1)
    add("zone", name="第一责任区", ward="一病区", head="党员001")
    assert item("E4").state == "无数据"
    assert cli("branch", "edit", BRANCH, "--departments", "一病区、二病区").code == 0
    assert item("E4").state == "未达标"
    add("zone", name="第二责任区", ward="二病区", head="党员001")
    assert item("E4").state == "达标"


def test_pairs_need_a_visit_in_the_period(add, item):
    _members(add, 2)
    add(
        "pairing",
        kind="师徒",
        giver="党员001",
        receiver="党员002",
        started_on="2026-01-01",
        visited_on="2026-06-30",
        content="带教",
    )
    assert item("E6").figure == "0/1 对"
    assert item("E6", "2026Q2").figure == "1/1 对"


def test_decisions_are_complete_or_not(add, item):
    _members(add, 1)
    whole = {"meeting": "党委会", "due": "9", "present": "9", "votes": "赞成9", "outcome": "通过"}
    add("decision", item="设备购置", kind="重大项目安排", met_on="2026-08-01", **whole)
    add("decision", item="人员任免", kind="重要人事任免", met_on="2026-08-01")
    assert item("Z6").figure == "1/2 项"


def test_an_incomplete_roster_is_unknown_not_wrong(add, item):
    _members(add, 1)
    assert (item("D9").state, item("D9").figure) == (
        "无数据",
        "0/1 人完整；缺项：党员001（性别、民族、公民身份号码、出生日期、学历、科室、联系电话）",
    )


def test_json_and_exit_codes(branch):
    found = branch("check", "2026Q3", "--json")
    assert found.code == 1
    assert found.json["period"] == "2026Q3"
    assert all(list(one) == ["id", "branch", "state", "figure", "article", "remedy"] for one in found.json["items"])
    assert {one["state"] for one in found.json["items"]} <= {"达标", "未达标", "无数据", "不适用"}
    lacking = branch("check", "2026Q3", "--lacking", "--json").json["items"]
    assert {one["state"] for one in lacking} == {"未达标", "无数据"}
    assert all(one["remedy"] for one in lacking)


def test_nothing_owed_exits_zero(add, cli):
    _members(add, 3)
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="专题")
    assert cli("check", "2026Q3", "Z2", "--json").code == 0
    assert cli("check", "2026Q2", "Z2", "--json").code == 1
    assert cli("check", "2090Q1").code == 2


def test_lines_name_article_and_remedy(branch):
    said = branch("check", "2026Q3")
    assert "未达标 Z2 支部党员大会每季度召开" in said.out
    assert "依据：《中国共产党支部工作条例（试行）》第十一条" in said.out
    assert "怎么办：召开后登记：partybuild meeting add --kind 支部党员大会" in said.out


def test_a_branch_that_is_none_is_not_found(branch):
    assert branch("check", "2026Q3", "--branch", "外科党支部").code == 3
    assert branch("branch", "add", "--name", "医院党委", "--kind", "党委").code == 0
    assert branch("check", "2026Q3", "--branch", "医院党委").code == 1, "told by the branches below it"
    assert branch("branch", "add", "--name", "别院党总支", "--kind", "党总支").code == 0
    assert "下面没有党支部" in branch("check", "2026Q3", "--branch", "别院党总支").err
    assert branch("check", "2026Q5").code == 2


def test_records_of_two_branches_are_told_apart(branch):
    assert branch("branch", "add", "--name", "外科党支部", "--kind", "党支部").code == 0
    for name, home, number in (("赵一", "外科党支部", "901"),):
        assert (
            branch(
                "member", "add", "--name", name, "--branch", home, "--staff-no", number, "--category", "正式党员"
            ).code
            == 0
        )
    for item, who in (("甲", "张三"), ("乙", "赵一"), ("丙", "外聘顾问")):
        assert branch(
            "task", "add", "--area", "方面", "--item", item, "--responsible", who, "--due-on", "2026-08-01"
        ).code == 0  # fmt: skip
    items = branch("check", "2026Q3", "--json").json["items"]
    tasks = {one["branch"]: one["figure"] for one in items if one["id"] == "E5"}
    assert tasks == {"神经内科党支部": "0/1 项任务", "外科党支部": "0/1 项任务", "（未对应党支部）": "0/1 项任务"}
    one = branch("check", "2026Q3", "--branch", "外科党支部", "--json").json["items"]
    assert {found["branch"] for found in one} == {"外科党支部"}
