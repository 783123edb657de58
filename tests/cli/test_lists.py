"""Lists: what is asked for by kind, group, field and text; sums; a pager where there is somebody to turn its pages."""

import sys

import pytest

from partybuild_cli.cli import screen
from tests.conftest import do


@pytest.fixture
def busy(year, prepared):
    """The year with groups, a second service with hours of their own, and studies."""
    lines = [f"member edit {name} --group 第一党小组 --correct" for name in ("张三", "003")]
    lines += ["member edit 004 --group 第二党小组 --correct --department 神经内科一病区 --phone 15400000003"]
    words = "--kind 健康讲座 --on 2026-09-09 --title 卒中讲座 --hours 2 --place 示教室 --people-served 40"
    lines += [f"service add {words} --member 张三:5 --member 李四"]
    for day, hours in (("2026-08-01", "2"), ("2026-09-01", "3.5")):
        lines += [f"study add --member 张三、004 --on {day} --topic 党章 --hours {hours}"]
    prepared("busy", lambda: do(year, lines))
    return year


def _numbers(cli, *words):
    done = cli(*words, "--json")
    assert done.code == 0, done.err
    return [one["id"] for one in done.json]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        (["service", "list", "--kind", "义诊"], [1]),
        (["service", "list", "--kind", "讲座"], [2]),
        (["meeting", "list", "--kind", "党员大会"], [1]),
        (["member", "list", "--group", "第一党小组"], [1, 3]),
        (["member", "list", "--group", "二"], [4]),
        (["study", "list", "--group", "第二党小组"], [2, 4]),
        (["study", "list", "--member", "张三、004", "--period", "2026-09"], [3, 4]),
        (["service", "list", "--group", "第二党小组"], []),
        (["service", "list", "--where", "place=示教室"], [2]),
        (["service", "list", "--where", "地点=示教"], [2]),
        (["service", "list", "--where", "地点="], [1]),
        (["service", "list", "--where", "kind!=义诊"], [2]),
        (["service", "list", "--where", "hours=2"], [2]),
        (["service", "list", "--where", "hours=5"], []),
        (["service", "list", "--where", "on=2026-09"], [2]),
        (["service", "list", "--where", "members=李四"], [2]),
        (["service", "list", "--where", "时长(小时)=3", "--where", "title=社区"], [1]),
        (["member", "list", "--where", "department=神经内科"], [4]),
        (["member", "list", "--where", "phone=15400000003"], [4]),
        (["member", "list", "--search", "一病区"], [4]),
        (["meeting", "list", "--search", "值班"], [1]),
    ],
)
def test_what_is_asked_for_is_listed(busy, words, numbers):
    assert _numbers(busy, *words) == numbers


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["service", "list", "--kind", "唱歌"], 2, "类别：“唱歌”不在可选的词里"),
        (["service", "list", "--where", "地点"], 2, "--where 要写成 字段=值"),
        (["service", "list", "--where", "天气=晴"], 2, "held_on（日期）"),
        (["service", "list", "--where", "hours=很久"], 2, "时长(小时)：“很久”不是能识别的数字"),
        (["talk", "list", "--where", "content=家"], 2, "看不懂"),
        (["study", "list", "--group", "第九"], 3, "没有叫“第九”的党小组，有：第一党小组、第二党小组"),
        (["study", "list", "--sum", "topic"], 2, "hours（学时）"),
        (["study", "list", "--member", "张三、赵六"], 3, "花名册中没有“赵六”"),
        (["search", " "], 2, "没有写要找什么"),
    ],
)
def test_what_cannot_be_asked_for_is_told(busy, words, code, said):
    done = busy(*words)
    assert (done.code, said in done.err) == (code, True), done.err


@pytest.mark.parametrize(
    ("words", "sum"),
    [
        (["study", "list", "--sum", "hours"], "学时合计：11学时（4 条）"),
        (["study", "list", "--member", "张三", "--sum", "学时"], "学时合计：5.5学时（2 条）"),
        (["service", "list", "--sum", "people-served"], "服务人次合计：40（1 条，另有 1 条没有填）"),
        (["service", "list", "--sum", "hours"], "时长(小时)合计：5小时（2 条）"),
        (["service", "list", "--member", "张三", "--sum", "hours"], "时长(小时)合计：8小时（2 条）"),
        (["service", "list", "--member", "李四", "--sum", "hours", "--sum", "turnout"], "参与人次合计：2（1 条）"),
    ],
)
def test_a_field_is_added_up_and_what_nobody_wrote_is_no_zero(busy, words, sum):
    assert sum in busy(*words).out.splitlines()
    assert sum in busy(*words, "--json").err


def test_a_text_is_found_in_every_ledger_but_not_in_what_is_private(busy):
    busy("talk", "add", "--on", "2026-09-01", "--talker", "张三", "--subject", "李四", "--content", "卒中")
    found = busy("search", "张三", "--json").json
    assert {(one["ledger"], one["id"]) for one in found} == {
        ("member", 1), ("meeting", 1), ("service", 1), ("service", 2), ("study", 1), ("study", 3), ("talk", 1),
    }  # fmt: skip
    assert [one["ledger"] for one in busy("search", "卒中", "--json").json] == ["service"]
    assert "志愿服务台账\t2\t2026-09-09" in busy("search", "卒中", "--period", "2026Q3", "--branch", "神经").out
    assert "所有台账里都没有“李逵”" in busy("search", "李逵").err


@pytest.mark.parametrize(("lines", "sits", "turned"), [(5, True, False), (60, True, True), (60, False, False)])
def test_what_is_too_long_for_the_screen_goes_through_a_pager(monkeypatch, capsys, lines, sits, turned):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"isatty": lambda self: sits})())
    pages = []
    monkeypatch.setattr("pydoc.pager", pages.append)
    assert screen.rows(["编号", "姓名"], [[str(n), "张三"] for n in range(lines)]) == lines
    printed = capsys.readouterr().out
    assert (len(pages), "张三" in printed) == (int(turned), not turned)
    if turned:
        assert pages[0].count("张三") == lines
        assert "\x1b" not in pages[0]


def test_a_name_is_never_broken_at_80(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    names = ["阿卜杜热西提·买买提(0042)", "青榆医院神经内科第一党支部", "很长很长的主题" * 4, "2026-09-09"]
    screen.rows(["姓名", "党支部", "主题", "日期"], [names], unbroken=("姓名", "党支部"))
    page = capsys.readouterr().out
    assert all(name in page for name in (*names[:2], names[3]))


def test_what_is_the_same_in_every_line_of_a_table_too_wide_is_said_once(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    lines = [[str(n), "青榆医院神经内科第一党支部", "很长很长的主题" * 6, "2026-09-09"] for n in (1, 2)]
    screen.rows(["编号", "党支部", "主题", "日期"], lines, unbroken=("党支部",))
    page = capsys.readouterr().out
    assert page.startswith("党支部：青榆医院神经内科第一党支部\n")
    assert page.count("神经内科") == 1
    screen.rows(["编号", "党支部"], [line[:2] for line in lines], unbroken=("党支部",))
    assert capsys.readouterr().out.count("神经内科") == 2
