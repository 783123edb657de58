"""`development promote` and `development steps`."""

from datetime import date, timedelta

import pytest

ID = "119900199001011234"


def _number(first17):
    from partybuild_cli.values.people import check_digit

    return first17 + check_digit(first17)


def _add(cli, *more):
    done = cli("development", "add", "--name", "周宁", "--branch", "神经内科党支部", *more)
    assert done.code == 0, done.err


@pytest.fixture
def admitted(branch):
    _add(
        branch, "--id-number", _number("11990019900101123"), "--staff-kind", "护理", "--department", "神经内科一病区",
        "--applied-on", "2023-01-10", "--activist-on", "2023-06-01", "--candidate-on", "2024-07-01",
        "--voted-on", "2025-06-15", "--votes", "应到3 实到3 赞成3", "--approved-on", "2025-08-01",
    )  # fmt: skip
    return branch


def test_a_probationary_member_enters_the_roster_without_typing_twice(admitted):
    done = admitted("development", "promote", 1, "--staff-no", "099")
    assert done.code == 0, done.err
    member = admitted("member", "show", "099", "--json", "--full").json
    assert {
        key: member[key] for key in ("name", "branch", "category", "joined_on", "born_on", "gender", "staff_kind")
    } == {
        "name": "周宁",
        "branch": "神经内科党支部",
        "category": "预备党员",
        "joined_on": "2025-06-15",
        "born_on": "1990-01-01",
        "gender": "男",
        "staff_kind": "护理",
    }
    assert "full_on" not in member


def test_full_membership_counts_from_the_end_of_probation_not_from_the_meeting(admitted):
    assert admitted("development", "promote", 1).code == 0
    dated = ("--full-applied-on", "2026-06-01", "--full-voted-on", "2026-06-25", "--full-approved-on", "2026-07-20")
    dated = (*dated, "--full-votes", "应到3 实到3 赞成3")
    assert admitted("development", "edit", 1, *dated).code == 0
    assert admitted("development", "promote", 1).code == 0
    member = admitted("member", "show", "周宁", "--json").json
    assert (member["category"], member["full_on"], member["joined_on"]) == ("正式党员", "2026-06-15", "2025-06-15")
    again = admitted("development", "promote", 1)
    assert again.code == 4
    assert "已经是正式党员" in again.err


def test_an_extended_probation_ends_later(admitted):
    moved = ("--candidate-on", "2024-05-01", "--voted-on", "2024-06-15", "--approved-on", "2024-08-01")
    dated = (*moved, "--extension-months", "6", "--full-voted-on", "2025-12-20", "--full-approved-on", "2026-01-05")
    dated = (*dated, "--full-votes", "应到3 实到3 赞成3")
    assert admitted("development", "edit", 1, *dated).code == 0
    assert admitted("development", "promote", 1).code == 0
    assert admitted("member", "show", "周宁", "--json").json["full_on"] == "2025-12-15"


def test_nobody_enters_without_a_vote_that_passed(branch):
    days = ("--applied-on", "2023-01-10", "--candidate-on", "2024-07-01", "--approved-on", "2026-07-01")
    _add(branch, "--voted-on", "2026-06-15", *days)
    done = branch("development", "promote", 1, "--staff-no", "099")
    assert (done.code, "没有周宁接收预备党员的表决记录" in done.err) == (4, True)
    meeting = ("--kind", "支部党员大会", "--on", "2026-06-15", "--topic", "党员大会", "--all-present")
    assert branch("meeting", "add", *meeting).code == 0
    vote = ("meeting", "vote", 1, "--voters-due", 3, "--voters-present", 3)
    for kind, name in (
        ("接收预备党员", "周明"),
        ("转正", "周宁"),
        ("一般", "周宁"),
    ):  # another one's, or of another kind
        assert branch(*vote, "--votes-for", 3, "--vote-kind", kind, "--vote-on", name).code == 0
        assert "没有周宁接收预备党员的表决记录" in branch("development", "promote", 1, "--staff-no", "099").err
    own = (*vote, "--vote-kind", "接收预备党员", "--vote-on", "周宁同志")
    assert branch(*own, "--votes-for", 1, "--votes-against", 2).code == 0
    done = branch("development", "promote", 1, "--staff-no", "099")
    assert (done.code, "赞成1票（至少2票）" in done.err) == (4, True)
    assert branch("member", "show", "099").code == 3
    assert branch(*own, "--votes-for", 2, "--votes-against", 1).code == 0
    assert branch("development", "promote", 1, "--staff-no", "099").code == 0


def test_a_vote_that_names_two_of_one_name_admits_neither(branch):
    days = ("--applied-on", "2023-01-10", "--candidate-on", "2024-07-01", "--approved-on", "2026-07-01")
    for year in (1990, 1991):
        _add(branch, "--voted-on", "2026-06-15", "--id-number", _number(f"119900{year}0101123"), *days)
    vote = ("--vote-kind", "接收预备党员", "--voters-due", 3, "--voters-present", 3, "--votes-for", 3)
    meeting = ("--kind", "支部党员大会", "--on", "2026-06-15", "--topic", "大会", "--vote-on", "周宁")
    assert branch("meeting", "add", *meeting, *vote).code == 0
    assert branch("development", "promote", 1, "--staff-no", "098").code == 4
    assert branch("meeting", "vote", 1, "--vote-on", "周宁（编号2）", *vote).code == 0
    assert branch("development", "promote", 1, "--staff-no", "098").code == 4
    assert branch("development", "promote", 2, "--staff-no", "099").code == 0


def test_a_vote_typed_with_the_step_must_have_passed(branch):
    days = ("--applied-on", "2023-01-10", "--candidate-on", "2024-07-01", "--approved-on", "2026-07-01")
    _add(branch, "--voted-on", "2026-06-15", *days, "--votes", "应到8 实到4 赞成4")
    assert "到会人数不足" in branch("development", "promote", 1, "--staff-no", "099").err
    assert branch("development", "edit", 1, "--votes", "一致通过").code == 0
    assert branch("development", "promote", 1, "--staff-no", "099").code == 4
    assert branch("development", "edit", 1, "--votes", "应到8 实到8 赞成5 反对3").code == 0
    assert branch("development", "promote", 1, "--staff-no", "099").code == 0


@pytest.mark.parametrize("months", ["5", "13"])
def test_an_extension_is_six_to_twelve_months(admitted, months):
    assert admitted("development", "edit", 1, "--extension-months", months).code == 4


def test_whoever_is_not_admitted_yet_stays_out(branch):
    _add(branch, "--applied-on", "2025-01-10", "--voted-on", "2026-06-15")
    done = branch("development", "promote", 1)
    assert done.code == 4
    assert "入党申请人" in done.err
    assert branch("member", "show", "周宁").code == 3


def test_the_stage_is_worked_out(admitted):
    assert admitted("development", "show", 1, "--json").json["stage"] == "预备党员"


def test_steps_tell_days_and_articles(admitted):
    steps = {one["step"]: one for one in admitted("development", "steps", 1, "--json").json}
    assert len(steps) == 25
    assert steps[3]["state"] == "已完成"
    assert steps[7]["earliest"] == "2024-06-01"
    assert "第十三条" in steps[7]["article"]
    assert steps[13]["state"] == "缺记录"
    assert admitted("development", "steps", 1, "--edition", "1999").code == 2
    assert admitted("development", "steps", 9).code == 3


def test_an_approval_of_next_month_is_no_stage_yet(cli):
    assert cli("init", "--branch", "内科党支部").code == 0
    day = str(date.today() + timedelta(days=20))
    days = ("--applied-on", "2024-01-10", "--activist-on", "2024-06-01", "--candidate-on", "2025-07-01")
    voted = ("--voted-on", str(date.today()), "--approved-on", day)
    assert cli("development", "add", "--name", "何思齐", *days, *voted).code == 0
    told = cli("development", "show", "1", "--json").json
    assert (told["stage"], told["approved_on"]) == ("发展对象", day)
