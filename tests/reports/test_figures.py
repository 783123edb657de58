"""The figures of a report: what they count, over what, and how a hedge survives addition."""

from decimal import Decimal
from types import SimpleNamespace
from typing import cast

import pytest

from partybuild_cli.reports.figures import Figure, share, summed
from partybuild_cli.rules.facts import Facts
from partybuild_cli.values import Count
from partybuild_cli.values.kind import Reference

BRANCH = "神经内科党支部"


@pytest.fixture
def figures(branch):
    """Figure by id, of the book that the test has filled."""

    def call(period="2026", *more):
        found = branch("report", period, "--json", *more)
        assert found.code == 0, found.err
        return {one["id"]: one for one in found.json["figures"]}

    return call


def _add(cli, ledger, **cells):
    words = [word for key, value in cells.items() for word in (f"--{key.replace('_', '-')}", value)]
    done = cli(ledger, "add", *words)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        ([], Count(0)),
        ([(3, None), (4, None)], Count(7)),
        ([(600, "余")], Count(600, "余")),
        ([(600, "余"), (100, None)], Count(700, "余")),
        ([(1000, ">"), (600, "余")], Count(1600, ">")),
        ([(1000, "≥"), (600, "以上")], Count(1600, "≥")),
        ([(1000, "≥"), (600, "余")], Count(1600, ">")),
        ([(400, "近"), (300, "近")], Count(700, "近")),
        ([(400, "近"), (300, "余")], Count(700, "约")),
        ([(10, "<"), (10, "≤")], Count(20, "<")),
        ([(10, "<"), (10, ">")], Count(20, "约")),
    ],
)
def test_hedges_add_up(parts, total):
    assert summed(Count(*part) for part in parts) == total


def test_a_share_prints_both_numbers_and_never_rounds_to_the_quoted_one():
    facts = cast(Facts, SimpleNamespace(as_of="2026-09-30"))
    (figure,) = share(facts, "task.closure_rate", 19, 22, [])
    assert (figure.value, figure.of, figure.text) == (Decimal("86.4"), "19/22", "19/22 = 86.4%")
    assert share(facts, "task.closure_rate", 0, 0, []) == []


@pytest.mark.parametrize(
    ("value", "unit", "text", "json"),
    [
        (12, "次", "12 次", 12),
        (Count(50000, ">"), "人次", ">50000 人次", {"value": 50000, "qualifier": ">"}),
        (Count(11500), "人次", "11500 人次", 11500),
        (Decimal("98.20"), "%", "98.2%", "98.2"),
    ],
)
def test_values_print_as_they_were_written(value, unit, text, json):
    figure = Figure("x", "名", value, unit, "口径", [Reference("service", 1, "2026-08-01", "甲")])
    assert figure.text == text
    assert figure.document() == {
        "id": "x", "name": "名", "value": json, "unit": unit, "of": None, "definition": "口径", "records": 1,
    }  # fmt: skip


def test_members_are_those_of_the_last_day(figures, branch):
    found = figures("2026")
    assert found["members.total"]["value"] == 4
    assert (found["members.formal"]["value"], found["members.probationary"]["value"]) == (3, 1)
    assert figures("2026Q1")["members.total"]["value"] == 3  # 李四 joined in May
    assert branch("member", "transfer", "张三", "--to", "外院", "--on", "2026-04-01").code == 0
    assert figures("2026Q1")["members.total"]["value"] == 3
    assert figures("2026Q2")["members.total"]["value"] == 3


def test_turnout_people_and_people_served_never_mix(figures, branch):
    _add(branch, "service", kind="义诊", on="2026-03-05", title="甲", member="张三", people_served=">1000", others="5")
    _add(
        branch, "service", kind="义诊", on="2026-04-05", title="乙", member="张三", people_served="500", place="东社区"
    )
    _add(branch, "service", kind="科普", on="2026-05-05", title="丙", member="李四", hours="2.5")
    found = figures()
    told = {key: found[f"service.{key}"]["value"] for key in ("count", "turnout", "people", "volunteers")}
    assert told == {"count": 3, "turnout": 3, "people": 2, "volunteers": 8}
    assert found["service.people_served"]["value"] == {"value": 1500, "qualifier": ">"}
    assert found["service.people_served"]["records"] == 2
    assert (found["service.hours"]["value"], found["service.hours"]["records"]) == ("2.5", 1)
    assert found["service.hours"]["definition"].endswith("；另有 2 人次没有记时长，未计入")
    assert "没有记时长" not in figures("2026-05")["service.hours"]["definition"]
    assert (found["service.participation_rate"]["value"], found["service.participation_rate"]["of"]) == ("50", "2/4")
    assert (found["service.count.义诊"]["value"], found["service.count.健康讲座"]["value"]) == (2, 0)
    assert figures("2026Q2")["service.count"]["value"] == 2


def test_nothing_is_told_of_a_ledger_that_has_no_record(figures):
    assert not [key for key in figures() if key.startswith(("service", "task", "honor", "dues", "study", "index"))]


def test_attendance_is_of_those_who_were_due(figures, branch):
    _add(branch, "meeting", kind="党课", on="2026-03-05", topic="甲", absent="张三")
    _add(branch, "meeting", kind="党课", on="2026-06-05", topic="乙", attendees="全体党员")
    found = figures()
    assert found["meeting.count.党课"]["value"] == 2
    assert found["meeting.attendance_rate"]["of"] == "6/7"  # three were due in March, four in June


def test_tasks_by_area_with_closure(figures, branch):
    closed = {"evidence": "照片", "verified_by": "王芳", "done_on": "2026-06-30"}
    _add(branch, "task", area="甲方面", item="一", responsible="张三", due_on="2026-06-30", **closed)
    _add(
        branch,
        "task",
        area="甲方面",
        item="二",
        responsible="张三",
        due_on="2026-06-30",
        **(closed | {"done_on": "2026-07-01"}),
    )
    _add(branch, "task", area="乙方面", item="三", responsible="张三", due_on="长期坚持")
    _add(branch, "task", area="丙方面", item="四", responsible="张三", due_on="2025-06-30")
    found = figures()
    assert (found["task.areas"]["value"], found["task.items"]["value"]) == (2, 3)
    assert found["task.area.甲方面"]["value"] == 2
    assert found["task.closure_rate"]["of"] == "2/3"
    assert found["task.on_time_rate"]["of"] == "1/2"
    assert figures("2026H1")["task.closure_rate"]["of"] == "1/3"  # on 30 June the second was not done yet


def test_decisions_honours_pairs_zones_and_metrics(figures, branch):
    kinds = {"kind": "重大项目安排", "met_on": "2026-03-01"}
    _add(branch, "decision", item="一", consultations="2", opinions="十余", **kinds)
    _add(branch, "decision", item="二", consultations="1", opinions="5", **kinds)
    for winner in ("张三", "李四"):
        _add(branch, "honor", title="优秀党员", winner=winner, level="院级", awarded_on="2026-07-01")
    _add(
        branch,
        "pairing",
        kind="师徒",
        giver="张三",
        receiver="李四",
        started_on="2026-01-01",
        visited_on="2026-02-01",
        content="带教",
    )
    _add(branch, "zone", name="一区", ward="一病区、二病区", head="张三")
    _add(branch, "metric", subject="神经内科", name="患者满意度", period="2026", actual="98.2", unit="%", target="95")
    _add(branch, "metric", subject="神经内科", name="筛查", period="2026", actual="104396", unit="人", target="100000")
    found = figures()
    assert (found["decision.count"]["value"], found["decision.consultations"]["value"]) == (2, 3)
    assert found["decision.opinions"]["value"] == {"value": 15, "qualifier": "余"}
    assert (
        found["honor.count.院级"]["value"],
        found["honor.winners"]["value"],
        found["honor.title.优秀党员"]["value"],
    ) == (2, 2, 2)
    assert found["pairing.visited_rate"]["of"] == "1/1"
    assert (found["zone.count"]["value"], found["zone.wards"]["value"]) == (1, 2)
    assert (found["metric.患者满意度"]["value"], found["metric.患者满意度"]["unit"]) == ("98.2", "%")
    assert "metric.患者满意度.rate" not in found
    assert (found["metric.筛查.rate"]["value"], found["metric.筛查.rate"]["of"]) == ("104.4", "104396/100000")
    assert "metric.筛查" not in figures("2026Q1")


def test_study_dues_and_talks(figures, branch):
    _add(branch, "study", member="张三", studied_on="2026-03-01", topic="理论", hours="2.5")
    _add(branch, "study", member="李四", studied_on="2026-06-01", topic="理论", hours="4")
    _add(branch, "dues", member="张三", month="2026-03", due="10", paid="10")
    _add(branch, "talk", on="2026-03-01", talker="张三", subject="李四", content="不应出现的内容")
    found = figures("2026H1")
    assert (found["study.hours"]["value"], found["study.hours_per_member"]["value"]) == (
        "6.5",
        "1.6",
    )  # over the four who belong
    assert found["dues.paid"]["value"] == "10"
    assert (found["talk.count"]["value"], found["talk.people"]["value"]) == (1, 1)
    assert "不应出现的内容" not in branch("report", "2026H1").out


def test_one_branch_has_its_own_figures(figures, branch):
    assert branch("branch", "add", "--name", "外科党支部", "--kind", "党支部").code == 0
    _add(branch, "member", name="赵一", branch="外科党支部", staff_no="901", category="正式党员")
    _add(branch, "service", branch="外科党支部", kind="义诊", on="2026-03-05", title="甲", member="赵一")
    _add(branch, "task", area="甲方面", item="一", responsible="赵一", due_on="2026-06-30")
    _add(branch, "task", area="乙方面", item="二", responsible="张三", due_on="2026-06-30")
    whole, one = figures(), figures("2026", "--branch", "外科党支部")
    assert (whole["members.total"]["value"], one["members.total"]["value"]) == (5, 1)
    assert (whole["task.items"]["value"], one["task.items"]["value"]) == (2, 1)
    assert one["service.participation_rate"]["of"] == "1/1"
    assert "service.count" not in figures("2026", "--branch", BRANCH)


def test_a_figure_opens_to_every_record_with_names_and_days(year, figures):
    _add(year, "service", kind="义诊", on="2026-09-12", title="下乡", member="李四", people_served="近2万")
    (one,) = year("report", "2026Q3", "service.count.义诊", "--records", "--json").json["figures"]
    assert one["value"] == len(one["records"]) == 2
    assert [(record["ledger"], record["day"], record["title"]) for record in one["records"]] == [
        ("service", "2026-08-01", "进社区"),
        ("service", "2026-09-12", "下乡"),
    ]
    assert one["records"][1]["note"] == "义诊；李四；服务近2万人次"
    assert figures("2026Q3")["service.count.义诊"]["records"] == 2
    told = year("report", "2026Q3", "service.count.义诊", "--records").out
    assert "编号 1　2026-08-01　进社区" in told
    assert "李四" in told


def test_who_is_missing_is_named(year):
    (rate,) = year("report", "2026Q3", "service.participation_rate", "--records", "--json").json["figures"]
    assert {record["title"]: record["note"] for record in rate["records"]} == {
        "张三": "参加 1 次", "李四": "没有参加记录", "王芳(003)": "没有参加记录", "王芳(004)": "没有参加记录",
    }  # fmt: skip
    (came,) = year("report", "2026Q3", "出勤率", "--records", "--json").json["figures"]
    assert [record["note"] for record in came["records"]] == ["应到4，实到3；请假：张三"]


def test_every_figure_has_as_many_records_as_it_says(year):
    short = year("report", "2026Q3", "--json").json["figures"]
    opened = year("report", "2026Q3", "--json", "--records").json["figures"]
    assert [(one["id"], len(one["records"])) for one in opened] == [(one["id"], one["records"]) for one in short]


def test_a_word_names_a_family_and_an_unknown_one_is_refused_with_those_there_are(year):
    family = year("report", "2026Q3", "service", "--json").json["figures"]
    assert len(family) > 1
    assert all(one["id"].startswith("service.") for one in family)
    wrong = year("report", "2026Q3", "service.count.讲座")
    assert (wrong.code, wrong.out) == (3, "")
    assert "service.count.健康讲座" in wrong.err


def test_hours_of_study_are_the_same_in_index_check_and_report(figures, branch):
    """网络自学 is no 集中学习, meetings count for who was there, the same event in two ledgers counts once."""
    held = ("meeting", "add", "--kind", "专题学习", "--hours", "2", "--all-present")
    for topic, on in (("学习党章", "2026-07-01"), ("学习条例", "2026-07-08")):
        assert branch(*held, "--topic", topic, "--on", on).code == 0
    for kind, on, topic, hours in (
        ("集中学习", "2026-07-01", "学习 党章", "2"),  # the meeting of that day
        ("集中学习", "2026-07-07..2026-07-09", "学习条例培训班", "6"),  # of which that meeting was a part
        ("网络自学", "2026-07-02", "平台学习", "20"),
        ("", "2026-07-03", "没有写类别", "1"),
    ):
        more = ("--kind", kind) if kind else ()
        added = branch(
            "study", "add", "--member", "张三", "--studied-on", on, "--topic", topic, "--hours", hours, *more
        )
        assert added.code == 0, added.err
    found = figures("2026Q3")
    assert found["study.hours"]["value"] == "21"  # 张三 9, the three others 4 each
    assert found["study.hours_per_member"]["value"] == "5.3"
    assert "张三（9学时）" not in branch("check", "2026Q3", "Z4").out
    records = branch("check", "2026Q3", "Z4", "--records").out
    assert "张三" in records
    assert "9学时，应有" in records
    assert branch("index", "compute", "2026Q3").code == 0
    lines = branch("index", "explain", "张三", "2026Q3", "--json").json["indicators"]
    assert next(one["value"] for one in lines if one["id"] == "A1") == "9"


@pytest.mark.parametrize(
    ("typed", "kept", "printed"),
    [
        ("600余", {"value": 600, "qualifier": "余"}, "600余 人次"),
        ("近2万", {"value": 20000, "qualifier": "近"}, "近2万 人次"),
        ("十余次", {"value": 10, "qualifier": "余"}, "10余 人次"),
        ("约98.2", None, ""),
        ("98.2", "98.2", "98.2 人次"),
    ],
)
def test_a_hedged_figure_is_entered_kept_and_printed(branch, figures, typed, kept, printed):
    words = ("--subject", BRANCH, "--name", "全科年会", "--period", "2026", "--unit", "人次")
    done = branch("metric", "add", *words, "--actual", typed)
    if kept is None:  # a fraction is no count that could be hedged
        assert done.code == 4
        return
    assert done.code == 0, done.err
    assert branch("metric", "list", "--json").json[0]["actual"] == kept
    assert printed in branch("report", "2026").out
    assert figures()["metric.全科年会"]["value"] == kept


def test_a_hedge_comes_back_from_the_sheet_and_is_a_change_of_its_own(branch, tmp_path):
    words = ("--subject", BRANCH, "--name", "签约群众", "--period", "2026")
    assert branch("metric", "add", *words, "--actual", "近2万").code == 0
    assert branch("export", "metric", "--out", tmp_path / "out").code == 0
    (sheet,) = branch("import", tmp_path / "out" / "指标台账.xlsx", "--json").json["files"][0]["sheets"]
    assert (sheet["rows"]["unchanged"], sheet["rows"]["changed"]) == (1, 0)
    assert "近2万 → 20000" in branch("metric", "edit", "1", "--actual", "20000").out
    assert branch("metric", "list", "--json").json[0]["actual"] == "20000"
    assert branch("undo", "--yes").code == 0
    assert branch("metric", "list", "--json").json[0]["actual"] == {"value": 20000, "qualifier": "近"}
    assert "近2万" in branch("metric", "list").out
    assert "近2万" in branch("report", "2026", "metric").out


def test_new_staff_who_lack_the_integrity_course_are_named(branch):
    for name, number, day in (("赵一", "901", "2026-07-10"), ("钱二", "902", "2026-08"), ("孙三", "903", "2025-12-01")):
        words = ("--category", "正式党员", "--joined-on", "2010-07-01", "--arrived-on", day)
        assert branch("member", "add", "--name", name, "--staff-no", number, *words).code == 0
    course = ("--kind", "廉洁教育", "--topic", "新职工廉洁第一课", "--hours", "2")
    assert branch("study", "add", "--member", "赵一", "--studied-on", "2026-07-01", *course).code == 0  # before he came
    (figure,) = branch("report", "2026Q3", "study.integrity_new", "--records", "--json").json["figures"]
    assert figure["of"] == "0/2"
    assert branch("study", "add", "--member", "赵一", "--studied-on", "2026-07-20", *course).code == 0
    (figure,) = branch("report", "2026Q3", "study.integrity_new", "--records", "--json").json["figures"]
    assert figure["of"] == "1/2"
    assert {record["title"]: record["note"] for record in figure["records"]} == {
        "赵一": "新职工廉洁第一课", "钱二": "2026-08转入，还没有廉洁教育记录",
    }  # fmt: skip
    assert "study.integrity_new" not in {one["id"] for one in branch("report", "2026Q1", "--json").json["figures"]}


def test_whoever_was_promoted_is_asked_for_the_integrity_course_too(year):
    def promoted(period):
        found = {one["id"]: one for one in year("report", period, "--records", "--json").json["figures"]}
        return found.get("study.integrity_promoted")

    assert year("member", "edit", "张三", "--position", "主治医师", "--correct").code == 0
    assert promoted("2026Q3") is None
    assert year("member", "edit", "张三", "--position", "神经内科副主任", "--from", "2026-08-01").code == 0
    lacking = promoted("2026Q3")
    assert (lacking["of"], lacking["records"][0]["note"]) == ("0/1", "2026-08-01提职，还没有廉洁教育记录")
    course = ("--kind", "廉洁教育", "--topic", "任前廉洁谈话", "--hours", "1")
    assert year("study", "add", "--member", "张三", "--studied-on", "2026-08-20", *course).code == 0
    assert promoted("2026Q3")["of"] == "1/1"
    assert (
        year("member", "edit", "李四", "--position", "护士", "--from", "2026-09-01").code == 0
    )  # not known before: no promotion
    assert promoted("2026Q3")["of"] == "1/1"


def test_leaders_at_the_meetings_of_their_own_branch_are_listed_and_counted(year):
    assert year("member", "edit", "003", "--position", "副院长", "--correct").code == 0
    found = {one["id"]: one for one in year("report", "2026Q3", "life", "--records", "--json").json["figures"]}
    (meeting,) = found["life.double"]["records"]
    assert (meeting["day"], meeting["title"], meeting["note"]) == (
        "2026-09-05", "支部党员大会：第三季度党员大会", "王芳(003)",
    )  # fmt: skip
    assert found["life.double_share"]["of"] == "1/1"
    assert year("meeting", "edit", "1", "--absent", "003:出差").code == 0
    found = {one["id"]: one for one in year("report", "2026Q3", "life", "--records", "--json").json["figures"]}
    assert found["life.double_share"]["of"] == "0/1"
    assert found["life.double_share"]["records"][0]["note"] == "参加 0 次"


def test_academic_posts_are_counted_by_level_and_as_long_as_they_are_held(branch, figures):
    pytest.importorskip("partybuild_cli.records.tenure")
    for name, level, value, more in (
        ("张三", "国家级", "卒中学会委员", ()),
        ("张三", "国家级", "神经病学分会常委", ()),
        ("003", "省级", "康复学会副主任委员", ()),
        ("004", "省级", "护理学会委员", ("--ended-on", "2026-03-31")),
    ):
        words = ("--kind", "学术任职", "--level", level, "--value", value, "--started-on", "2025-01-01", *more)
        done = branch("tenure", "add", "--member", name, *words)
        assert done.code == 0, done.err
    found = figures("2026H1")
    assert {key: one["value"] for key, one in found.items() if key.startswith("members.academic")} == {
        "members.academic.国家级": 1, "members.academic.省级": 1,
    }  # fmt: skip
    assert figures("2026Q1")["members.academic.省级"]["value"] == 2
    (national,) = branch("report", "2026H1", "members.academic.国家级", "--records", "--json").json["figures"]
    assert [record["note"] for record in national["records"]] == ["卒中学会委员", "神经病学分会常委"]
