"""The contract of the command line, where it was once not kept to the letter: exit codes, JSON, options that are not lost."""

import pytest

from partybuild_cli.cli.app import command
from partybuild_cli.records.base.registry import all_records

#: Of a period of which no day has come.
AHEAD = (
    "check 2099Q1", "report 2099", "index compute 2099Q1", "index list 2099Q1", "index explain 张三 2099Q1",
    "index forms 2099Q1 --out 表", "index annual 2099", "index publish 2099Q1", "index objections 2099Q1",
    "index diff 2026Q3 2099Q1", "quarterly 2099Q1 --out 归档", "bundle 2099Q1 --out 迎检.zip", "export --period 2099Q1 --out 台账",
    "document all 2099Q1", "document posting 2099Q1", "document summary 2099", "document duty-report 2099",
    "document member 张三 2099", "document member --all 2099", "dues arrears 2099Q1", "dues register 2099",
    "meeting list --period 2099Q1", "search 党 --period 2099",
)  # fmt: skip


@pytest.mark.parametrize("line", AHEAD)
def test_a_period_that_has_not_begun_is_no_command_line(year, tmp_path, line):
    last = year("log", "--json").json[0]["change"]
    done = year(*line.split())
    assert (done.code, "才开始" in done.err, "请写已经开始的期间" in done.err) == (2, True, True), done
    assert year("log", "--json").json[0]["change"] == last
    assert {path.name for path in tmp_path.iterdir()} <= {"book.db", "book.db-runs.json"}, "a run that failed is noted"


def test_a_list_may_look_ahead_where_something_lies_ahead(year):
    due = ("--area", "党建", "--item", "换届", "--responsible", "张三", "--due-on", "2099-03-01")
    assert year("task", "add", *due).code == 0
    found = year("task", "list", "--period", "2099Q1", "--json")
    assert (found.code, [one["item"] for one in found.json]) == (0, ["换届"])


@pytest.mark.parametrize(
    "words", ["settings --json show", "log --json show 1", "log --limit 5 show 1", "log --json verify"]
)
def test_an_option_before_a_command_of_a_group_is_not_lost(branch, words):
    done = branch(*words.split())
    assert (done.code, done.out, "请写在" in done.err) == (2, "", True)


def test_a_sample_is_one_document_too(branch, tmp_path):
    (tmp_path / "花名册.csv").write_text("姓名,人员类别,入党时间\n张三,正式党员,2008-05\n", encoding="utf8")
    made = branch("import", "--sample", "花名册.csv", "--out", "样本.xlsx", "--json")
    assert (made.code, made.json) == (0, {"file": "样本.xlsx", "sheets": 1})


@pytest.mark.parametrize("words", ["花名册.csv --sample 花名册.csv", "花名册.csv --out 样本.xlsx"])
def test_what_a_sample_takes_is_not_lost(branch, tmp_path, words):
    (tmp_path / "花名册.csv").write_text("姓名,人员类别,入党时间\n张三,正式党员,2008-05\n", encoding="utf8")
    done = branch("import", *words.split())
    assert (done.code, "--sample" in done.err, sorted(tmp_path.glob("样本*"))) == (2, True, [])


@pytest.mark.parametrize(
    ("line", "missing"), [("member transfer 张三", ("--to", "--on")), ("task close 1", ("--evidence", "--verified-by"))]
)
def test_without_a_terminal_every_missing_option_is_named(branch, line, missing):
    done = branch(*line.split())
    assert (done.code, [flag for flag in missing if flag not in done.err]) == (2, [])


def test_on_stands_for_the_own_day_of_a_record():
    """Of a task the day is when it is due, and persons have several."""
    root = command()
    without = {"member", "branch", "development", "task", "rating"}
    for record in all_records():
        if record.ledger != "rating" and record.date:
            group = root.get_command(None, record.ledger)
            flags = {flag for option in group.get_command(None, "add").params for flag in option.opts}
            assert ("--on" in flags) is (record.ledger not in without), record.ledger


def test_a_page_of_the_manual_says_nothing_to_its_makers(cli):
    titles = cli("manual").out
    assert "<!--" not in titles + cli("manual", "daily").out + cli("manual", "commands").out
    assert "commands\t命令一览" in titles


def test_nobody_is_where_no_branch_is(cli, book_file):
    assert cli("init", "--branch", "某医院党委", "--kind", "党委").code == 0
    done = cli("dues", "pay", "2026-10", "--all")
    assert (done.code, "没有党支部" in done.err) == (2, True), done.err


def test_a_name_that_will_not_do_is_asked_for_again(cli, sitting):
    left = sitting("member", "神经内科党支部")
    done = cli("init")
    assert (done.code, left, "不像党组织的名称" in done.err, "神经内科党支部" in done.out) == (0, [], True, True)


def test_a_blank_option_says_how_a_field_is_cleared(branch):
    done = branch("member", "edit", "张三", "--party-post", "")
    assert (done.code, "没有不同之处" in done.out, "--clear" in done.err) == (0, True, True)


@pytest.mark.parametrize(("colourless", "escapes"), [("1", False), ("", True)])
def test_no_color_is_honoured(year, monkeypatch, colourless, escapes):
    monkeypatch.setenv("NO_COLOR", colourless)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    shown = year("check", "2026Q3").out + year("member", "list").out
    assert ("\x1b[" in shown) is escapes
