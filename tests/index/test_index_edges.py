"""Edges of a quarter: who came, went or moved, who is exempt, ties, few raters, two zones, half-up at .x5."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("first_edition")


def quarter_of(cli, name: str, *more: str) -> dict:
    return cli("index", "explain", name, "2026Q3", "--json", *more).json


def line(account: dict, key: str) -> dict:
    return next(one for one in account["indicators"] if one["id"] == key)


def meet(cli, day: str, *more: str) -> None:
    done = cli("meeting", "add", "--kind", "党课", "--on", day, "--topic", f"课{day}", "--all-present", *more)
    assert done.code == 0, done.err


def pay(cli) -> None:
    """Dues of everybody for the whole quarter, and nothing else: whatever can be scored is reached."""
    for name in ("张三", "李四", "王芳(003)", "王芳(004)"):
        for month in ("2026-07", "2026-08", "2026-09"):
            assert cli("dues", "add", "--member", name, "--month", month, "--paid", "10").code == 0


def rate(cli, tmp_path: Path, *rows: str) -> None:
    sheet = tmp_path / "评议.csv"
    sheet.write_text(
        "季度,评议方式,姓名,评议人,得分,理由\n" + "\n".join(f"2026Q3,{row}" for row in rows), encoding="utf8"
    )
    done = cli("import", sheet, "--ledger", "rating")
    assert done.code == 0, done.err


def test_joiner_and_leaver_owe_only_what_fell_due_while_they_were_there(branch) -> None:
    branch("member", "edit", "003", "--arrived-on", "2026-08-10")
    branch("member", "transfer", "004", "--to", "市一院", "--on", "2026-08-20")
    for day in ("2026-07-05", "2026-08-15", "2026-09-05"):
        meet(branch, day)
    for month in ("2026-07", "2026-08", "2026-09"):
        branch("dues", "add", "--member", "张三", "--month", month, "--paid", "10")
    values = {number: line(quarter_of(branch, number), "B1")["value"] for number in ("001", "003", "004")}
    assert values == {"001": "3/3", "003": "2/2", "004": "2/2"}
    dues = {number: line(quarter_of(branch, number), "B3")["value"] for number in ("001", "003", "004")}
    assert dues == {"001": "3/3", "003": "0/2", "004": "0/1"}
    assert {number: quarter_of(branch, number)["days"] for number in values} == {"001": 92, "003": 52, "004": 50}


def test_the_target_falls_due_by_the_days(branch) -> None:
    branch("member", "edit", "004", "--arrived-on", "2026-08-16")
    branch(*"study add --member 王芳(004) --studied-on 2026-09-01 --kind 集中学习 --topic 学 --hours 4".split())
    account = quarter_of(branch, "004")
    assert (line(account, "A1")["rule"], account["days"]) == ("10 分 × 实际 ÷ 目标 4，最多 10 分", 46)
    assert line(account, "A1")["raw"] == "10"


def test_a_transfer_within_the_book_stands_in_both_branches(branch) -> None:
    branch("branch", "add", "--name", "心内科党支部", "--kind", "党支部")
    branch("member", "transfer", "004", "--to", "心内科党支部", "--on", "2026-08-20")
    meet(branch, "2026-07-05", "--branch", "神经内科党支部")
    meet(branch, "2026-09-05", "--branch", "心内科党支部", "--absent", "004")
    old = quarter_of(branch, "004", "--branch", "神经内科党支部")
    new = quarter_of(branch, "004")
    assert (old["branch"], line(old, "B1")["value"], old["days"]) == ("神经内科党支部", "1/1", 50)
    assert (new["branch"], line(new, "B1")["value"], new["days"]) == ("心内科党支部", "0/1", 42)
    members = branch("index", "list", "2026Q3", "--json").json["members"]
    assert sorted(one["branch"] for one in members if one["staff_no"] == "004") == ["心内科党支部", "神经内科党支部"]


def test_exempt_and_suspended_are_listed_and_not_scored(branch) -> None:
    branch("member", "edit", "003", "--exempt-reason", "援外", "--correct")
    branch("member", "edit", "004", "--standing", "停止党籍", "--correct")
    members = {one["staff_no"]: one for one in branch("index", "list", "2026Q3", "--json").json["members"]}
    assert [(members[number]["score"], members[number]["rank"]) for number in ("003", "004")] == [(None, None)] * 2
    assert [members[number]["unscored"] for number in ("003", "004")] == ["免考核：援外", "停止党籍"]
    assert quarter_of(branch, "003")["indicators"] == []


def test_a_branch_without_any_dues_ledger_has_no_data_and_no_deduction(branch) -> None:
    meet(branch, "2026-07-05")
    account = quarter_of(branch, "001")
    assert (line(account, "B3")["state"], line(account, "B3")["points"]) == ("no_data", "0")
    assert account["adjustments"] == []
    assert "B3" in branch("index", "list", "2026Q3", "--json").json["members"][0]["no_data"]


def test_nothing_at_all_is_no_score(branch) -> None:
    account = quarter_of(branch, "001")
    assert (account["base"], account["score"], account["band"], account["rank"]) == (None, None, None, None)


def test_ties_share_a_rank(branch) -> None:
    meet(branch, "2026-07-05", "--absent", "张三")
    members = branch("index", "list", "2026Q3", "--json").json["members"]
    assert [one["rank"] for one in members] == [1, 1, 1, 4]
    assert members[3]["name"] == "张三"


def test_two_raters_count_and_one_of_three_does_not(branch, tmp_path: Path) -> None:
    meet(branch, "2026-07-05")
    rate(branch, tmp_path, "互评,张三,李四,80,", "互评,张三,王芳(003),91,", "互评,李四,张三,90,")
    assert quarter_of(branch, "张三")["parts"]["peer"] == "85.5"
    assert quarter_of(branch, "李四")["parts"]["peer"] is None


def test_weights_of_missing_parts_go_to_the_others_and_half_goes_up(branch, tmp_path: Path) -> None:
    pay(branch)
    # obj is 100; 0.2 × 85.25 + 0.5 × 100 over 0.7 = 95.785…
    rate(
        branch,
        tmp_path,
        "自评,张三,,85.25,",
        "自评,李四,,72.35,",
        "组织评定,李四,,72.35,事由",
        "组织评定,王芳(003),,86.25,事由",
    )
    scores = {number: quarter_of(branch, number)["score"] for number in ("001", "002", "003", "004")}
    assert scores == {"001": "95.8", "002": "72.4", "003": "86.3", "004": "100.0"}


def test_a_committee_far_from_the_records_owes_a_reason(branch, tmp_path: Path) -> None:
    pay(branch)
    rate(branch, tmp_path, "组织评定,张三,,94.9,", "组织评定,李四,,95,", "组织评定,王芳(003),,60,另有原因")
    said = branch("index", "compute", "2026Q3").err
    assert "张三的组织评定与记录得分相差超过 5 分，请补写理由" in said
    assert "李四" not in said
    assert "王芳" not in said


def test_peers_are_those_of_the_group(branch, tmp_path: Path) -> None:
    for number, group in (("001", "一组"), ("002", "一组"), ("003", "二组"), ("004", "二组")):
        branch("member", "edit", number, "--group", group, "--correct")
    meet(branch, "2026-07-05")
    rate(branch, tmp_path, "互评,张三,李四,80,", "互评,张三,王芳(003),100,")
    done = branch("index", "compute", "2026Q3")
    assert quarter_of(branch, "张三")["parts"]["peer"] == "80"
    assert "张三有 1 条互评不是由同党小组（支部）的其他党员作出，没有计入" in done.err


def test_a_member_of_two_zones_has_the_points_once(branch) -> None:
    for name in ("第一责任区", "第二责任区"):
        zone = ("zone", "add", "--name", name, "--ward", "病区", "--head", "李四", "--member", "张三")
        assert branch(*zone, "--quarter", "2026Q3", "--assessed", "合格").code == 0
    account = quarter_of(branch, "张三")
    assert (line(account, "E1")["value"], line(account, "E1")["raw"]) == ("2", "3")
    assert [record["title"] for record in line(account, "E1")["records"]] == [
        "责任区：第一责任区",
        "责任区：第二责任区",
    ]


def test_a_meeting_known_by_count_only_is_no_data_and_not_a_meeting_that_asked_nobody(branch) -> None:
    held = ("meeting", "add", "--kind", "主题党日", "--on", "2026-07-05", "--topic", "学习")
    assert branch(*held, "--due", "2", "--present", "1").code == 0
    assert line(quarter_of(branch, "张三"), "B2")["state"] == "no_data"
    assert branch("meeting", "remove", "1", "--yes").code == 0
    assert branch(*held, "--on-leave", "张三:值班").code == 0  # he is known to have been on leave, others were there
    assert line(quarter_of(branch, "张三"), "B2")["state"] == "not_applicable"


def test_one_matter_counts_once_whichever_ledgers_name_it(branch) -> None:
    meet(branch, "2026-07-05", "--absent", "张三")
    branch("conduct", "add", "--member", "张三", "--on", "2026-07-05", "--kind", "无故缺席")
    branch("task", "add", "--area", "业务", "--item", "任务甲", "--responsible", "张三", "--due-on", "2026-08-31")
    branch(
        "conduct", "add", "--member", "张三", "--on", "2026-09-05", "--kind", "任务逾期", "--basis", "任务甲没有完成"
    )
    branch("dues", "add", "--member", "张三", "--month", "2026-07", "--due", "10")
    branch("conduct", "add", "--member", "张三", "--on", "2026-07-31", "--kind", "党费逾期")
    values = {one["name"]: one["value"] for one in quarter_of(branch, "张三")["adjustments"]}
    assert values == {"无故缺席": "无故缺席×1", "党费逾期": "党费逾期×1", "任务逾期未销号": "任务逾期×1"}


def test_of_one_honour_the_highest_level_only(branch) -> None:
    for day, level in enumerate(("院级", "省部级", "市厅级"), start=1):
        honor = ("honor", "add", "--title", "优秀论文", "--winner", "张三", "--level", level, "--field", "科研")
        assert branch(*honor, "--awarded-on", f"2026-08-0{day}").code == 0
    assert line(quarter_of(branch, "张三"), "C4")["value"] == "省部级×1"


def test_leave_made_up_counts_and_leave_alone_is_not_due(branch) -> None:
    meet(branch, "2026-07-05", "--on-leave", "张三:值班", "--made-up", "张三")
    meet(branch, "2026-08-05", "--on-leave", "张三:手术")
    account = quarter_of(branch, "张三")
    assert line(account, "B1")["value"] == "1/1"
    assert [record["note"] for record in line(account, "B1")["records"]] == ["请假：值班，已补学", "请假：手术"]


@pytest.mark.parametrize(
    ("day", "counts"), [("2026-06", "0"), ("2026-07", "次×1"), ("2026-09", "次×1"), ("2026-10", "0")]
)
def test_a_record_known_to_the_month_counts_where_the_month_begins(branch, day: str, counts: str) -> None:
    meet(branch, "2026-07-05")
    for number, held in (("一", day), ("二", "2026-05-05")):
        branch("service", "add", "--kind", "义诊", "--on", held, "--title", f"义诊{number}", "--member", "张三")
    branch("service", "add", "--kind", "科普", "--on", "2026-08-08", "--title", "科普", "--member", "李四")
    assert line(quarter_of(branch, "张三"), "D2")["value"] == counts
