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
    assert "「.」是一个文件夹" in branch("import", ".").err


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
