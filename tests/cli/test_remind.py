"""`remind`: what is due this month, as a text and as JSON."""

import pytest
import time_machine

KEYS = {"kind", "branch", "who", "what", "due_on", "command"}


@pytest.fixture
def november(branch):
    with time_machine.travel("2026-11-25T10:00:00+08:00", tick=True):
        branch("branch", "edit", "神经内科党支部", "--elected-on", "2024-03-20")
        branch("task", "add", "--area", "整改", "--item", "整改台账", "--responsible", "张三", "--due-on", "2026-11-28")
        branch("task", "add", "--area", "整改", "--item", "明年的事", "--responsible", "张三", "--due-on", "2027-03-01")
        branch("meeting", "add", "--kind", "主题党日", "--on", "2026-11-05", "--topic", "学习")
        branch("dues", "add", "--member", "张三", "--month", "2026-10", "--due", "50", "--paid", "20")
        branch("member", "edit", "李四", "--away-on", "2026-05-28")
        yield branch


def _of(found, kind):
    return [one for one in found.json["items"] if one["kind"] == kind]


def test_a_month_tells_everything_that_is_due(november):
    found = november("remind", "--json")
    assert found.code == 0, found.err
    assert found.json["month"] == "2026-11"
    assert all(set(one) == KEYS and one["command"].startswith("partybuild ") for one in found.json["items"])
    assert [(one["who"], one["what"], one["due_on"]) for one in _of(found, "任务")] == [
        ("张三", "整改台账（未启动）", "2026-11-28")
    ]
    meetings = {one["what"]: one["due_on"] for one in _of(found, "会议")}
    assert meetings["2026年10月的主题党日还没有记录"] == "2026-10-31"
    assert "2026年11月的主题党日还没有记录" not in meetings
    assert "2026年12月的主题党日还没有记录" not in meetings
    assert meetings["2026年第四季度的支部党员大会还没有记录"] == "2026-12-31"
    [unpaid] = [one for one in _of(found, "党费") if "没有缴足" in one["what"]]
    assert unpaid["what"] == "2026年10月的党费没有缴足"
    assert (unpaid["who"], unpaid["due_on"]) == ("张三", "2026-10-31")
    assert "2026-10" not in [one["due_on"] for one in _of(found, "党费") if one["who"] == "张三"]
    assert [one["due_on"] for one in _of(found, "换届")] == ["2027-03-20"]
    assert "李四" in _of(found, "外出和失联")[0]["what"]
    assert _of(found, "谈心谈话")[0]["due_on"] == "2026-12-31"


def test_the_clocks_of_membership_are_told(november):
    november(*"tenure add --member 张三 --kind 限期改正 --started-on 2025-03-01 --ended-on 2026-12-31".split())
    november("member", "edit", "李四", "--away-on", "2026-01-05", "--away-to", "出国")
    found = november("remind", "--json")
    assert ["张三" in todo["what"] for todo in _of(found, "限期改正")] == [True]
    assert ["李四" in todo["what"] for todo in _of(found, "出国（境）党员")] == [True]
    assert _of(found, "外出和失联") == []


def test_the_text_is_plain_and_names_no_command(november):
    done = november("remind")
    first, *rest = done.out.splitlines()
    assert (done.code, first) == (0, "神经内科党支部2026年11月工作提醒（2026年11月25日）")
    assert "1. 张三：整改台账（未启动），2026年11月28日前" in rest
    assert "partybuild" not in done.out
    assert "\x1b" not in done.out


def test_a_telephone_number_in_a_task_is_masked(november):
    november(
        "task", "add", "--area", "整改", "--item", "联系 15400001234", "--responsible", "张三", "--due-on", "2026-11-29"
    )
    for words in ([], ["--json"]):
        assert "15400001234" not in november("remind", *words).out


def test_a_branch_is_asked_for_by_name(november):
    november("branch", "add", "--name", "外科党支部", "--kind", "党支部")
    assert {one["branch"] for one in november("remind", "--json", "--branch", "外科党支部").json["items"]} == {
        "外科党支部"
    }
    assert november("remind", "--branch", "没有的支部").code == 3


def test_an_empty_book_has_little_to_do(cli):
    assert cli("init", "--branch", "内科党支部").code == 0
    done = cli("remind")
    assert (done.code, "工作提醒" in done.out) == (0, True)
