"""A check claims what its records prove and nothing else: whole titles, whole names, days that have come, people told apart."""

from datetime import date, timedelta

import pytest

from partybuild_cli.rules.belonging import whole_names
from partybuild_cli.rules.board import heads_department, holds
from partybuild_cli.rules.check import check
from partybuild_cli.rules.item import Item, catalogue
from partybuild_cli.rules.participation import _covers
from partybuild_cli.store.engine import open_book
from partybuild_cli.values.people import check_digit
from partybuild_cli.values.period import period_of
from tests.conftest import do

BRANCH = "内科党支部"
TODAY = date(2026, 10, 1)


@pytest.fixture
def add(cli, prepared):

    def call(ledger, **cells):
        words = [word for key, value in cells.items() for word in (f"--{key.replace('_', '-')}", value)]
        done = cli(ledger, "add", *words)
        assert done.code == 0, done.err

    member = "member add --category 正式党员 --joined-on 2010-01-01 --full-on 2011-01-01"
    three = [f"{member} --name 党员{number} --staff-no 00{number}" for number in (1, 2, 3)]
    prepared("truth", lambda: do(cli, [f"init --branch {BRANCH}", *three]))
    return call


@pytest.fixture
def look(book_file):
    def call(item, period="2026Q3", today=TODAY, branch=None) -> Item:
        with open_book(book_file).reading() as connection:
            found = check(connection, period_of(period), today, branch or BRANCH, item)
        assert len(found) == 1
        return found[0]

    return call


@pytest.mark.parametrize(
    ("position", "heads"),
    [
        ("神经内科主任", True),
        ("护士长、党支部书记", True),
        ("主任医师 科主任", True),
        ("主任", True),
        ("前列腺外科主任", True),
        ("病原微生物科主任", True),
        ("副主任（主持工作）", True),
        ("主任助理", False),
        ("主任科员", False),
        ("一级主任科员", False),
        ("原主任", False),
        ("原神经内科主任", False),
        ("主任（已退休）", False),
        ("主任（至2024年）", False),
        ("科副主任", False),
        ("副科主任", False),
        ("主任医师", False),
        ("副主任护师", False),
        ("院长助理", False),
        (None, None),
    ],
)
def test_a_head_of_department_by_his_whole_title(position, heads):
    assert heads_department(position) is heads


@pytest.mark.parametrize(
    ("position", "leads"),
    [
        ("院长", True),
        ("副院长", True),
        ("院长兼党委副书记", True),
        ("院长助理", False),
        ("原院长", False),
        ("院长办公室主任", False),
        ("名誉院长", False),
    ],
)
def test_a_leading_member_by_his_whole_title(position, leads):
    assert holds(position, "leaders", deputies=True) is leads


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("神经内科党支部", ["神经内科党支部"]),
        ("内科党支部", ["内科党支部"]),
        ("内科党支部、神经内科党支部", ["神经内科党支部", "内科党支部"]),
        ("心血管内科党支部", []),
        ("市人民医院内科党支部", ["内科党支部"]),
        ("社区与内科党支部", ["内科党支部"]),
        ("张三", []),
    ],
)
def test_a_branch_is_named_by_its_whole_name(text, named):
    assert whole_names(text, ["内科党支部", "神经内科党支部"]) == named


@pytest.mark.parametrize(
    ("ward", "covered"),
    [
        ("神经内科一病区", ["神经内科"]),
        ("内科一病区", ["内科"]),
        ("神经内科", ["神经内科"]),
        ("骨科康复科", []),
        ("内科", ["内科"]),
        ("呼吸科二病区", ["二病区"]),
        ("呼吸科十二病区", []),
    ],
)
def test_a_ward_covers_the_department_of_its_whole_name(ward, covered):
    departments = ["内科", "神经内科", "骨科", "二病区"]
    assert [one for one in departments if _covers(ward, one, departments)] == covered


def test_an_honour_of_a_longer_name_is_not_credited_to_a_shorter(add, cli, look):
    for name in ("神经内科党支部", "外科党支部"):
        assert cli("branch", "add", "--name", name, "--kind", "党支部").code == 0
    add("honor", title="先进党支部", winner="神经内科党支部", level="院级", awarded_on="2026-08-01")
    assert look("E8").state == "无数据"
    assert look("E8", branch="神经内科党支部").figure == "院级1项"


def test_namesakes_among_candidates_are_told_apart(add, look):
    late = {"born_on": "1990-01", "applied_on": "2026-06-30", "talked_on": "2026-08-31"}
    add("development", name="周宁", branch=BRANCH, **late)
    other = {
        "born_on": "1991-02",
        "talked_on": "2026-07-10",
        "id_number": "11990019910201123" + check_digit("11990019910201123"),
    }
    add("development", name="周宁", branch=BRANCH, **{**late, **other})
    found = look("D6")
    assert found.state == "未达标"
    assert found.figure.startswith("2人，程序或时限有误1处：周宁(编号1)（党组织派人谈话逾期完成）")


def test_sponsors_are_full_members_on_that_day(add, cli, look):
    case = {"born_on": "1990-01-01", "candidate_on": "2026-08-01", "sponsor": "党员1"}
    add("development", name="周宁", branch=BRANCH, **case)
    assert cli("development", "edit", 1, "--sponsor", "党员1", "--sponsor", "党员2").code == 0
    assert "不合要求" not in look("D6").figure
    assert cli("member", "edit", "党员2", "--full-on", "2026-08-02").code == 0
    assert "周宁（确定入党介绍人不合要求）" in look("D6").figure
    assert "党员2当时不是" in str(look("D6").records)


def test_a_training_of_no_hours_is_none(add, cli, look):
    assert cli("member", "edit", "党员1", "--party-post", "书记", "--correct").code == 0
    course = {"kind": "专题培训", "member": "党员1", "topic": "轮训"}
    add("study", studied_on="2025-05-01", hours="0", **course)
    assert look("B5", "2025", date(2026, 1, 1)).state == "未达标"
    add("study", studied_on="2025-05-02", hours="8", **course)
    assert look("B5", "2025", date(2026, 1, 1)).state == "达标"


def test_a_review_without_grades_is_unknown(add, look):
    add("meeting", kind="民主评议", on="2025-12-20", topic="评议")
    assert look("D3", "2025", date(2026, 1, 5)).state == "无数据"


def test_mechanisms_that_were_never_set_up_are_not_asked_for(add, look):
    for item, key in (("E1", "volunteering"), ("E3", "model_posts"), ("E6", "pairing"), ("E7", "posting")):
        assert (look(item).state, "登记第一条后开始自查" in look(item).figure) == ("不适用", True)
        assert f"partybuild settings set {key} 是" in look(item).remedy


def test_what_is_yet_to_come_does_not_count(add, look):
    today = date(2026, 9, 15)
    add("service", kind="义诊", on="2026-09-20", title="义诊", member="党员1")
    add("honor", title="先进", winner="党员1", level="院级", awarded_on="2026-09-20")
    add("decision", item="购置", kind="重大项目安排", met_on="2026-09-20")
    assert look("E1", today=today).state == "不适用"
    assert look("E2", today=today).state == look("E8", today=today).state == "无数据"
    assert look("E2").state == look("E8").state == "达标"


def test_an_approval_of_next_month_admits_nobody(add, cli):
    days = ("--applied-on", "2023-01-10", "--candidate-on", "2024-07-01", "--voted-on", "2025-06-15")
    candidate = ("development", "add", "--name", "周宁", "--branch", BRANCH, *days, "--approved-on")
    assert cli(*candidate, "2099-01-01").code == 4
    next_month = (date.today() + timedelta(days=31)).isoformat()
    assert cli(*candidate, next_month).code == 0
    done = cli("development", "promote", 1)
    assert done.code == 4
    assert next_month in done.err
    assert cli("member", "show", "周宁").code == 3


def test_dues_paid_late_are_not_paid_in_time(add, look):
    for member in ("党员1", "党员2", "党员3"):
        for month in ("07", "08", "09"):
            late = member == "党员3" and month == "07"
            add(
                "dues",
                member=member,
                month=f"2026-{month}",
                due="50",
                paid="50",
                paid_on="2026-08-02" if late else f"2026-{month}-20",
            )
    assert look("D5").figure == "应缴9人月，缴足9人月，按期8人月；逾期缴纳：党员3 2026-07"
    assert look("D5").state == "未达标"


def test_a_regulation_binds_from_its_first_day(add, look):
    assert look("Z2", "2018Q2").state == "不适用"
    assert "2018年10月28日起施行" in look("Z2", "2018Q2").figure
    assert look("Z2", "2019Q1").state == "未达标"


def test_every_item_opens(add, cli):
    found = cli("check", "2026Q3", "D5", "--records", "--json").json
    (item,) = found["items"]
    assert (item["id"], len(item["records"])) == ("D5", 9)
    assert item["records"][0] == {"ledger": "dues", "id": None, "day": "2026-07", "title": "党员1", "note": "没有记录"}
    assert item["figure"].partition("；")[0].count("党员") == 9
    assert "等9项" not in item["figure"]
    line = cli("check", "2026Q3", "D5")
    assert "等9项" in line.out
    assert "partybuild check 2026Q3 D5 --records" in line.out
    opened = cli("check", "2026Q3", "d5", "--records").out
    assert opened.count("没有记录") == 9
    assert cli("check", "2026Q3", "X9").code == 3


def test_every_item_of_a_check_names_ledgers_that_are_known(branch):
    assert branch("check", "2026Q3", "--records").code == 1


def test_a_period_that_runs_says_so(add, cli):
    assert "期间未结束" in cli("check", "this").out
    assert cli("check", "this", "--json").json["as_of"] == str(date.today())
    assert "期间未结束" not in cli("check", "2026Q1").out
    assert "期间未结束" in cli("report", "this").out
    assert cli("check", "2090").code == cli("report", "2090").code == 2


_SAMPLES = {
    "编号": "1", "姓名": "党员1", "日期": "2026-08-01", "主题": "专题", "课题": "专题", "主讲人": "党员1", "内容": "理论",
    "学时": "8", "会议": "党委会", "应到": "9", "实到": "9", "表决": "赞成9", "决定": "通过", "党小组": "一组", "选举日期": "2026-08-01",
    "职务": "副书记", "转正日期": "2011-01-01", "行政职务": "主任", "年度": "2025", "等次": "合格", "谈话人": "党员1",
    "谈话对象": "党员2", "月份": "2026-07", "金额": "50", "去向": "外院", "民族": "汉族", "学历": "大学本科", "牌号": "01",
    "活动": "义诊", "责任区": "一区", "病区": "一病区", "佐证": "照片", "验收人": "党员2", "荣誉名称": "先进", "获得者": "党员1",
    "级别": "院级", "品牌": "暖心", "赞成": "8", "事项": "经费",
}  # fmt: skip


@pytest.fixture
def full(add, cli):
    """A book in which each remedy has something to work on."""
    add("meeting", kind="支部党员大会", on="2026-07-02", topic="专题")
    add("decision", item="购置", kind="重大项目安排", met_on="2026-07-02")
    add("dues", member="党员1", month="2026-07", due="50")
    add("development", name="周宁", branch=BRANCH, applied_on="2026-07-01")
    add("post", member="党员1", place="门诊")
    add("pairing", kind="师徒", giver="党员1", receiver="党员2")
    add("task", area="组织建设", item="旧事项", responsible="党员1", due_on="2026-08-31")
    assert cli("index", "compute", "2026Q3").code == 0
    return cli


@pytest.mark.parametrize("id", list(catalogue()))
def test_each_remedy_is_a_command_that_works(full, id):
    remedy = catalogue()[id].remedy.format(branch=BRANCH, quarter="2026Q3")
    commands = remedy.split("partybuild ")[1:]
    assert commands or id == "D1"
    for command in commands:
        words = command.split("；")[0].split("，")[0].rstrip("；。）").split()
        month = {"月份": "2026-08"} if id == "D5" else {}
        done = full(*({**_SAMPLES, **month}.get(word, word) for word in words))
        assert done.code == 0, (words, done.err)


_FIELDS = {
    "性别": "男", "民族": "汉族", "公民身份号码": "11990019900101123", "出生日期": "1990-01-01", "学历": "大学本科", "入党日期": "2010-01-01",
    "科室": "内科", "联系电话": "15400000001", "转正日期": "2011-01-01",
}  # fmt: skip


def test_each_remedy_of_a_bare_book_is_a_command_that_works(add, cli):
    number = _FIELDS["公民身份号码"]
    fields = _FIELDS | {"公民身份号码": number + check_digit(number)}
    items = cli("check", "2026Q3", "--json").json["items"]
    own = [one["remedy"] for one in items if one["id"] == "D9" or "settings set" in one["remedy"]]
    assert len(own) == 6
    for remedy in own:
        words = remedy.split("partybuild ")[1].split()
        done = cli(*(fields.get(word, word) for word in words))
        assert done.code == 0, (words, done.err)


def test_an_incomplete_roster_names_who_lacks_what_and_how_to_fill_it(add, look):
    found = look("D9")
    assert "党员1（性别、民族、公民身份号码、" in found.figure
    assert "partybuild member edit 党员1 --gender 性别 --ethnicity 民族" in found.remedy


@pytest.mark.parametrize(
    ("post", "vacant"),
    [
        ("组织委员", False),
        ("书记兼组织委员", False),
        ("原组织委员", True),
        ("组织委员（离任）", True),
        ("拟任组织委员", True),
    ],
)
def test_a_post_held_no_longer_fills_no_seat_of_the_committee(add, look, post, vacant):
    for number in range(4, 8):
        add("member", name=f"党员{number}", staff_no=str(number), category="正式党员", joined_on="2010", full_on="2011")
    add("member", name="党员8", staff_no="8", category="正式党员", joined_on="2010", full_on="2011", party_post=post)
    assert ("组织委员" in look("B3").figure) is vacant


def test_committee_meetings_whose_attendance_nobody_knows_prove_nothing(add, look):
    for number in range(4, 9):
        add(
            "member", name=f"党员{number}", staff_no=str(number), category="正式党员", joined_on="2010", full_on="2011",
            party_post="委员",
        )  # fmt: skip
    for month in ("07", "08", "09"):
        add("meeting", kind="支委会", on=f"2026-{month}-03", topic="例会")
    assert (look("B4").state, "没有登记到会人数：2026-07-03" in look("B4").figure) == ("无数据", True)
