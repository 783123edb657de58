"""Slips of a clerk's hand on the command line, and a reader that goes away."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["improt", "x.xlsx"], "没有命令 improt（是不是 import"),
        (["membr", "list"], "没有命令 membr（是不是 member"),
        (["member", "lst"], "没有命令 lst（是不是 list"),
        (["member", "list", "--brnach", "x"], "没有选项 --brnach（是不是 --branch"),
    ],
)
def test_a_slip_is_told_what_it_may_have_meant(cli, words, near):
    done = cli(*words)
    assert done.code == 2
    assert near in done.err
    assert "'" not in done.err


def test_a_field_that_no_ledger_has_is_refused_before_anything_is_read(branch):
    done = branch("import", "没有.xlsx", "--map", "姓名=nmae")
    assert (done.code, "没有叫“nmae”的字段" in done.err, "name" in done.err) == (2, True, True)


def test_the_folder_itself_is_called_by_something(branch):
    assert "文件夹 . 里没有工作簿" in branch("import", ".").err


def test_a_backup_that_is_not_there_is_missed_before_anybody_is_asked(branch):
    done = branch("restore", "没有.db")
    assert (done.code, "没有找到备份文件 没有.db" in done.err) == (3, True)


@pytest.mark.parametrize("words", [["member", "list"], ["member", "list", "--json"], ["--help"], ["member", "--help"]])
def test_a_reader_that_goes_away_is_no_fault(branch, words):
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "partybuild_cli", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_without_a_word_the_help_is_printed_once_and_all_is_well(cli):
    done = cli()
    assert (done.code, done.err, done.out.count("用法：")) == (0, "", 1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("talk", "add", "--on", "9.31", "--talker", "张三", "--subject", "李四"), "9月没有31日"),
        (("dues", "pay", "13月", "--all"), "没有13月"),
        (("dues", "pay", "2026-08", "--all", "--on", "2.30"), "2月没有30日"),
        (("dues", "pay", "--month", "2026-08", "--all"), "没有选项 --month，月份不用选项，请直接写"),
    ],
)
def test_a_day_that_no_calendar_has_is_told_for_what_it_is(branch, words, said):
    """A year is not what it lacks, nor is an argument an option."""
    done = branch(*words)
    assert done.code in (2, 4)
    assert said in done.err
    assert "没有写年份" not in done.err


def test_a_value_that_says_nothing_does_not_clear_and_how_to_is_said(branch):
    assert branch("member", "edit", "张三", "--staff-no", "A01").code == 0
    done = branch("member", "edit", "张三", "--staff-no", "无")
    assert (done.code, "--clear staff-no" in done.err) == (0, True)
    assert branch("member", "show", "张三", "--json").json["staff_no"] == "A01"


LECTURE = ("study", "add", "--on", "2026-09-01", "--topic", "党的历史", "--hours", "2")


def test_several_people_of_one_command_get_a_record_each(branch):
    added = branch(*LECTURE, "--member", "张三", "--member", "李四", "--json").json
    assert [one["member"] if isinstance(one["member"], str) else one["member"]["name"] for one in added] == [
        "张三",
        "李四",
    ]
    assert len(branch("study", "list", "--member", "张三", "--member", "李四", "--json").json) == 2
    assert len(branch("study", "list", "--member", "李四", "--json").json) == 1


def test_of_several_people_one_who_is_unknown_leaves_nothing_written(branch):
    assert branch(*LECTURE, "--member", "张三", "--member", "赵六").code == 4
    assert branch("study", "list", "--json").json == []


@pytest.mark.parametrize(
    "words",
    [
        (*LECTURE, "--member", "张三", "--topic", "又一个"),
        (*LECTURE, "--member", "张三", "--studied-on=2026-09-02"),
        ("study", "edit", "1", "--member", "张三", "--member", "李四"),
        ("--db", "a.db", "--db", "b.db", "status"),
        ("export", "--period", "2026Q3", "--period", "2026Q4"),
    ],
)
def test_an_option_that_takes_one_value_is_written_once(branch, words):
    done = branch(*words)
    assert (done.code, "只能写一个值" in done.err, done.err.count("\n")) == (2, True, 1)
    assert branch("study", "list", "--json").json == []


def test_a_value_that_looks_like_an_option_is_a_value(branch):
    assert branch(*LECTURE, "--member", "张三", "--note", "--topic").code == 0
    assert branch("study", "show", "1", "--json").json["note"] == "--topic"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["member", "list", "--branch"], "选项 --branch 后面要有值"),
        (["member", "list", "--json=1"], "选项 --json 后面不能有值"),
        (["check", "2026Q3", "Z1", "又一个"], "多出了参数 又一个"),
        (["--db", "a.db"], "还没有写要做什么"),
        (["log", "show", "第一条"], "编号 的值不对：“第一条”不是整数"),
        (["log", "--limit", "0"], "--limit 的值不对：0 太小"),
    ],
)
def test_every_complaint_is_one_chinese_sentence(branch, words, said):
    done = branch(*words)
    assert (done.code, said in done.err, done.err.count("\n")) == (2, True, 1)


def test_required_is_marked_where_it_is_required_and_nowhere_else(cli):
    assert "[必填] 学习内容" in cli("study", "add", "--help").out
    assert "[必填]" not in cli("study", "edit", "--help").out.partition("选项\n")[2]
    assert "[必填] 编号" in cli("study", "edit", "--help").out


def test_printing_help_leaves_the_parameters_as_they_are(cli):
    before = cli("log", "--help").out
    assert cli("log", "--help").out == before
    assert cli("study", "list", "--help").code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["member", "transfer", "张三", "--to", "市第一医院", "--on", "2099-01-01"],
        ["dues", "prepare", "2099-01"],
        ["dues", "pay", "2099-01", "--member", "张三", "--paid", "10"],
        ["dues", "pay", "2026-01", "--member", "张三", "--paid", "10", "--on", "2099-01-12"],
        ["index", "publish", "2026Q1", "--on", "2099-01-01", "--yes"],
        ["index", "object", "2026Q1", "--by", "李四", "--matter", "少记", "--on", "2099-01-01"],
        ["member", "edit", "张三", "--joined-on", "2099-01-01"],
    ],
)
def test_a_day_of_another_century_is_a_slip_whatever_the_command(branch, words):
    done = branch(*words)
    assert (done.code in (2, 4), "在一年以后，请核对年份" in done.err) == (True, True)
    assert not any("2099" in one["command"] for one in branch("log", "--json").json)


def test_an_edit_of_nothing_says_what_is_missing(branch):
    done = branch("member", "edit", "张三")
    assert (done.code, "没有写要改什么" in done.err, "member edit --help" in done.err) == (2, True, True)


def test_a_word_without_its_option_is_told_which_may_be_meant(branch):
    assert "是不是 --name 王五" in branch("member", "add", "王五").err
    assert "是不是 --kind 党课" in branch("meeting", "add", "党课").err
    assert "是不是" not in branch("member", "list", "张三").err


def test_the_beginning_of_a_name_is_enough_for_a_hint(branch):
    assert "张三" in branch("member", "show", "张").err
    assert "是不是" not in branch("member", "show", "丁").err


def test_an_option_that_is_wrong_is_told_before_anything_is_asked(branch, monkeypatch):
    monkeypatch.setattr("partybuild_cli.cli.screen.on_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", lambda: pytest.fail("somebody was asked"))
    done = branch("service", "add", "--member", "没有人")
    assert (done.code, "花名册中没有“没有人”" in done.err) == (2, True)
    done = branch("service", "add", "--kind", "义诊二", "--member", "张三")
    assert (done.code, "类别（--kind）" in done.err) == (2, True)


def test_the_first_page_fits_a_narrow_terminal(cli):
    from partybuild_cli.values.text import display_width

    assert max(map(display_width, cli("--help").out.splitlines())) <= 80


def test_an_option_that_turns_out_wrong_can_be_corrected_like_an_answer(branch, monkeypatch):
    asked: list[str] = []

    def prompt(question: str) -> str:
        asked.append(question)
        said = {"改哪一项": "", "日期": "2026-01-05", "活动": "卒中义诊"}
        return next((answer for start, answer in said.items() if question.startswith(start)), "")

    monkeypatch.setattr("partybuild_cli.cli.screen.on_terminal", lambda: True)
    monkeypatch.setattr("partybuild_cli.cli.ask.prompt", prompt)
    done = branch("service", "add", "--kind", "义诊", "--on", "2099-01-01", "--member", "张三")
    assert (done.code, any(one.startswith("改哪一项") for one in asked)) == (0, True), asked
    assert branch("service", "list", "--json").json[0]["held_on"] == "2026-01-05"
