"""The front door: what is due, numbered actions, each an ordinary command with its questions."""

import os
import subprocess
import sys

import pytest

ROSTER = "姓名,工号,人员类别,入党时间\n赵六,006,正式党员,2010-05\n"


def _number(label):
    from partybuild_cli.cli.commands.menu import ACTIONS

    return str([*ACTIONS].index(label) + 1)


def test_off_a_terminal_it_says_one_sentence(branch):
    done = branch("menu")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "没有终端" in done.err


def test_a_record_is_made_by_numbers_and_the_line_is_said(branch, sitting):
    left = sitting(_number("记一次会议"), "4", "2026-10-12", "国庆党课", "张三（值班）", "", "", "", "退出")
    done = branch("menu")
    assert (done.code, left) == (0, []), done.err
    assert "神经内科党支部　党员 4 人" in done.out
    assert "工作提醒" in done.out
    line = "partybuild meeting add --kind 党课 --on 2026-10-12 --topic 国庆党课 --absent 张三（值班）"
    assert line in done.err
    assert branch("log", "--json").json[0]["command"] == line
    assert branch("meeting", "show", 1, "--json").json["present"] == 3


def test_enter_does_the_same_again_and_a_wrong_number_is_asked_again(branch, sitting):
    one = ("2026-10-0{}", "讲座", "2", "1")
    first, second = (["张三", one[0].format(day), *one[1:]] for day in (1, 2))
    left = sitting("99", "没有这个", "返回", _number("记学习学时"), *first, "", *second, "0")
    done = branch("menu")
    assert (done.code, left) == (0, []), done.err
    assert len(branch("study", "list", "--json").json) == 2
    assert "再来一次“记学习学时”" in done.err


@pytest.mark.parametrize("stops", [["返回", "返回"], ["^C"]])
def test_who_steps_back_or_interrupts_leaves_no_half_record_and_is_in_the_menu_again(branch, sitting, stops):
    left = sitting(_number("记一次志愿服务"), stops[0], _number("记一次会议"), "党课", *stops, "退出")
    done = branch("menu")
    assert (done.code, left) == (0, []), done.err
    assert done.err.count("没有写入任何内容") == 2
    assert branch("meeting", "list", "--json").json == branch("service", "list", "--json").json == []


def test_leaving_within_an_action_leaves_the_menu(branch, sitting):
    left = sitting(_number("记一次会议"), "党课", "退出")
    done = branch("menu")
    assert (done.code, left) == (0, [])
    assert branch("meeting", "list", "--json").json == []


def test_a_mistake_in_one_action_does_not_end_the_menu(branch, sitting):
    left = sitting(_number("看指数排名"), "另一期", "2019Q9", _number("看指数排名"), "2", "退出")
    done = branch("menu")
    assert (done.code, left) == (0, []), done.err
    assert "错误：" in done.err
    assert "命令：partybuild index list 20" in done.err


def test_every_action_is_a_command_with_its_questions(branch, sitting, tmp_path):
    (tmp_path / "新人.csv").write_text(ROSTER, encoding="utf8")
    branch("meeting", "add", "--kind", "党课", "--on", "今天", "--topic", "讲")
    left = sitting(
        *(_number("记别的台账"), "谈心", "10.1", "张三", "李四", ""),
        *(_number("查台账"), "谈心"),
        *(_number("导入 Excel 台账"), "没有.csv", "新人.csv", "y"),
        *(_number("还欠什么"), "1", ""),
        *(_number("算先锋指数"), "1"),
        *(_number("做季度材料"), "1", "归档"),
        *(_number("收党费"), "本月", "全体", "", "", "返回"),
        *(_number("撤销上一步"), "y"),
        *(_number("出文档"), "会议通知", "1"),
        "退出",
    )
    done = branch("menu")
    assert (done.code, left) == (0, []), done.err
    assert [one["subject"] for one in branch("talk", "list", "--json").json] == ["李四"]
    assert "赵六" not in [one["name"] for one in branch("member", "list", "--json").json]
    assert list((tmp_path / "归档").iterdir())
    assert len(list(tmp_path.glob("*.docx"))) == 1
    assert "partybuild import 新人.csv" in done.err


def test_the_book_that_was_chosen_is_that_of_every_action(branch, sitting, tmp_path):
    assert branch("--db", "别的.db", "init", "--branch", "药学部党支部").code == 0
    sitting(_number("记学习学时"), "返回", _number("查台账"), "花名册", "退出")
    done = branch("--db", "别的.db", "menu")
    assert "药学部党支部　党员 0 人" in done.out
    assert "张三" not in done.out


def test_without_a_book_one_is_made_first(cli, sitting):
    left = sitting("药学部党支部", "退出")
    done = cli("menu")
    assert (done.code, left) == (0, []), done.err
    assert "第一个党支部是药学部党支部" in done.out


def test_a_workbook_in_the_place_of_a_command_is_imported(branch, tmp_path):
    (tmp_path / "新人.csv").write_text(ROSTER, encoding="utf8")
    assert branch("新人.csv").code == 0
    assert "赵六" in [one["name"] for one in branch("member", "list", "--json").json]
    missing = branch("没有.xlsx")
    assert (missing.code, "没有.xlsx" in missing.err) == (3, True)
    assert "没有命令 memer" in branch("memer").err


@pytest.mark.parametrize(
    ("answers", "code", "written"), [(["y"], 0, True), (["n"], 130, False), (["返回"], 130, False)]
)
def test_on_a_terminal_it_is_shown_and_asked_about_before(branch, sitting, tmp_path, answers, code, written):
    (tmp_path / "新人.csv").write_text(ROSTER, encoding="utf8")
    left = sitting(*answers)
    done = branch("新人.csv")
    assert (done.code, left) == (code, []), done.err
    assert done.out.count("添加 1") == 1
    assert ("赵六" in [one["name"] for one in branch("member", "list", "--json").json]) is written


@pytest.mark.parametrize(("answer", "code", "written"), [("1", 4, False), ("2", 0, True)])
def test_with_problems_it_is_asked_what_to_do_with_them(branch, sitting, tmp_path, answer, code, written):
    (tmp_path / "新人.csv").write_text(ROSTER + "钱七,007,正式党员,去年春天\n", encoding="utf8")
    left = sitting(answer)
    done = branch("新人.csv")
    assert (done.code, left) == (code, []), done.err
    assert (tmp_path / "新人-问题.xlsx").exists()
    assert ("赵六" in [one["name"] for one in branch("member", "list", "--json").json]) is written


def test_a_console_of_gbk_without_colour_sees_and_says_chinese(branch):
    pty = pytest.importorskip("pty")
    mine, theirs = pty.openpty()
    words = [sys.executable, "-m", "partybuild_cli", "menu"]
    os.write(mine, "\n".join([_number("查台账"), "花名册", "退出", ""]).encode("gbk"))
    with subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "PYTHONIOENCODING": "gbk", "TERM": "dumb"}
    ) as running:
        os.close(theirs)
        shown = b""
        try:
            while part := os.read(mine, 4096):
                shown += part
        except OSError:  # the other end is closed
            pass
        assert running.wait() == 0
    os.close(mine)
    seen = shown.decode("gbk")
    for said in ("要做什么", "0. 退出", "李四", "再见"):
        assert said in seen
    assert "\\u" not in seen
