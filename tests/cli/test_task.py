"""`task close`, `task remind`, and the states of a task."""

from datetime import date, timedelta

import pytest

from partybuild_cli.records.task import TaskState, own_verifier, task_state

TODAY = date(2026, 9, 30)


def _task(cli, item="换届报告", responsible="张三", due="2026-09-30", *more):
    done = cli(
        "task", "add", "--area", "组织建设", "--item", item, "--responsible", responsible, "--due-on", due, *more
    )
    assert done.code == 0, done.err


def _shown(cli, number=1):
    return cli("task", "show", number, "--json").json


def test_closing_needs_evidence_and_another_verifier(branch):
    _task(branch)
    refused = branch("task", "close", 1, "--evidence", "报告文稿", "--verified-by", "张三")
    assert refused.code == 4
    assert "张三" in refused.err
    assert "done_on" not in _shown(branch)
    done = branch("task", "close", 1, "--evidence", "报告文稿", "--verified-by", "王五", "--on", "2026-09-18")
    assert done.code == 0
    task = _shown(branch)
    assert (task["state"], task["done_on"], task["verified_by"]) == ("已销号", "2026-09-18", "王五")


def test_one_of_several_who_are_responsible_may_not_verify(branch):
    _task(branch, "专题教育", "张三、李四")
    assert branch("task", "close", 1, "--evidence", "签到表", "--verified-by", "李四").code == 4


def test_closing_twice_is_refused_and_a_missing_option_is_named(branch):
    _task(branch)
    assert branch("task", "close", 1, "--verified-by", "王五").code == 2
    assert branch("task", "close", 1, "--evidence", "照片", "--verified-by", "王五").code == 0
    again = branch("task", "close", 1, "--evidence", "照片", "--verified-by", "赵六")
    assert again.code == 4
    assert "没有重复销号" in again.err


def test_closing_keeps_the_day_that_the_task_has(branch):
    _task(branch, "专题教育", "张三", "2026-09-30", "--done-on", "2026-09-20")
    assert _shown(branch)["state"] == "待验收"
    assert branch("task", "close", 1, "--evidence", "照片", "--verified-by", "王五").code == 0
    assert _shown(branch)["done_on"] == "2026-09-20"


def test_a_task_that_does_not_exist_is_not_found(branch):
    assert branch("task", "close", 7, "--evidence", "照片", "--verified-by", "王五").code == 3


@pytest.mark.parametrize(
    ("task", "state"),
    [
        ({"due_on": "2026-09-30"}, "未启动"),
        ({"due_on": "2026-09-29"}, "逾期"),
        ({"due_on": "2026-09"}, "未启动"),
        ({"due_on": "2026-08"}, "逾期"),
        ({"due_on": "2026-10-01", "started_on": "2026-09-30"}, "进行中"),
        ({"due_on": "2026-10-01", "started_on": "2026-10-01"}, "未启动"),
        ({"due_on": "2026-10-01", "progress": "已启动"}, "进行中"),
        ({"due_on": "2026-09-01", "progress": "已启动"}, "逾期"),
        ({"due_on": "长期坚持"}, "长期坚持"),
        ({"due_on": "2026-09-01", "done_on": "2026-09-20"}, "待验收"),
        ({"due_on": "2026-09-01", "done_on": "2026-09-20", "evidence": "照片"}, "待验收"),
        ({"done_on": "2026-09-20", "evidence": "照片", "verified_by": "李四", "responsible": "张三"}, "已销号"),
        ({"done_on": "2026-09-20", "evidence": "照片", "verified_by": "张三", "responsible": "张三"}, "待验收"),
    ],
)
def test_states(task, state):
    assert task_state(task, TODAY) == TaskState(state)


@pytest.mark.parametrize(
    ("responsible", "verifier", "own"),
    [
        ("张三", "张三", True),
        ("张三、李四", "李 四", False),
        ("张三；李四", "李四", True),
        ("张三丰", "张三", False),
        ("张三", None, False),
    ],
)
def test_own_verifier(responsible, verifier, own):
    assert own_verifier({"responsible": responsible, "verified_by": verifier}) is own


def test_remind_lists_what_nears_its_day(branch):
    today = date.today()
    _task(branch, "将到期", "张三", today + timedelta(days=14))
    _task(branch, "还早", "张三", today + timedelta(days=15))
    _task(branch, "已逾期", "张三", today - timedelta(days=1))
    items = [one["item"] for one in branch("task", "remind", "--json").json]
    assert items == ["已逾期", "将到期"]
    assert len(branch("task", "remind", "--days", 20, "--json").json) == 3
    assert branch("task", "remind", "--days", "x").code == 2
    branch("branch", "add", "--name", "药学部党支部", "--kind", "党支部")
    branch(
        *f"task add --area 组织建设 --item 药学部的 --responsible 陈某 --due-on {today} --branch 药学部党支部".split()
    )
    theirs, ours = (branch("task", "remind", "--branch", one, "--json").json for one in ("药学部", "神经内科"))
    assert [one["item"] for one in theirs] == ["药学部的"]
    assert [one["item"] for one in ours] == items


def test_a_typed_state_that_the_days_do_not_bear_out_is_a_warning(branch):
    done = branch(
        "task", "add", "--area", "组织建设", "--item", "自验", "--responsible", "张三", "--due-on", "2020-01-01",
        "--done-on", "2020-01-01", "--evidence", "照片", "--verified-by", "张三",
    )  # fmt: skip
    assert done.code == 0
    assert "验收人就是责任人" in done.err


def test_a_decision_opens_a_task_and_each_names_the_other(branch):
    words = ("--item", "购置溶栓药", "--kind", "大额资金使用", "--met-on", "2026-08-01", "--progress", "已批复")
    assert branch("decision", "add", *words, "--responsible", "张三", "--due-on", "2026-12-31").code == 0
    done = branch("task", "open", "--decision", 1)
    assert done.code == 0, done.err
    task = _shown(branch)
    told = {key: task[key] for key in ("item", "area", "responsible", "due_on", "source")}
    assert told == {
        "item": "购置溶栓药",
        "area": "大额资金使用",
        "responsible": "张三",
        "due_on": "2026-12-31",
        "source": "三重一大第1号",
    }
    assert branch("decision", "show", 1, "--json").json["progress"] == "已批复；已立任务第1号"


def test_a_resolution_opens_a_task_once_somebody_is_responsible(branch):
    words = ("--kind", "支部党员大会", "--on", "2026-08-01", "--topic", "议事", "--resolution", "设党员示范岗")
    assert branch("meeting", "add", *words).code == 0
    refused = branch("task", "open", "--meeting", 1)
    assert refused.code == 4
    assert "责任人（--responsible）" in refused.err
    assert branch("task", "open", "--meeting", 1, "--responsible", "王五", "--due-on", "长期坚持").code == 0
    assert (_shown(branch)["item"], _shown(branch)["source"]) == ("设党员示范岗", "支部党员大会第1号")
    assert branch("meeting", "show", 1, "--json").json["note"] == "已立任务第1号"


def test_a_task_is_opened_from_one_place(branch):
    assert branch("task", "open").code == 2
    assert branch("task", "open", "--decision", 1, "--meeting", 1).code == 2
    assert branch("task", "open", "--decision", 1).code == 3


def test_what_is_to_be_done_next_month_cannot_be_closed_today(branch):
    _task(branch)
    coming = (date.today() + timedelta(days=31)).isoformat()
    refused = branch("task", "close", 1, "--evidence", "照片", "--verified-by", "王五", "--on", coming)
    assert refused.code == 4
    assert f"{coming} 还没有到" in refused.err
    assert "done_on" not in _shown(branch)
