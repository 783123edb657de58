"""Help and completion answer without SQL and without a workbook library; nothing a clerk sees is English."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

HEAVY = set("sqlmodel sqlalchemy openpyxl xlsxwriter xlrd docx docxtpl jinja2 lxml pandas numpy".split())
if not version("typer").startswith("0.29"):  # which loads pydantic itself
    HEAVY.add("pydantic")
SPY = "import sys, json; from partybuild_cli.cli.run import run; code = run(sys.argv[1:]); sys.stderr.write('\\n' + json.dumps([code, sorted(sys.modules)]))"


def loaded(*arguments: str, spy: str = SPY, **environment: str) -> tuple[Any, set[str], str]:
    done = subprocess.run(
        [sys.executable, "-c", spy, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
    )
    code, modules = json.loads(done.stderr.splitlines()[-1])
    return code, set(modules), done.stdout


def test_help_is_light():
    """One page after the other, in one process."""
    pages = ["--help", "--version", *(f"{name} --help" for name in "member dues document import check menu".split())]
    spy = SPY.replace("run(sys.argv[1:])", "[run(words.split()) for words in sys.argv[1:]]")
    codes, modules, _ = loaded(*pages, spy=spy)
    assert codes == [0] * len(pages)
    assert modules & HEAVY == set()


def test_the_morning_page_does_without_the_computing_of_the_index(branch, book_file):
    code, modules, _ = loaded("status", PARTYBUILD_DB=str(book_file))
    assert code == 0
    light = {f"partybuild_cli.index.{name}" for name in ("rounds", "quarter", "numbers")}
    assert {name for name in modules if name.startswith("partybuild_cli.index.")} == light


def complete(words: str, **environment: str) -> tuple[set[str], list[str]]:
    """What bash would be offered for the last word, and the libraries that it took."""
    script = SPY.replace("code = run(sys.argv[1:])", "code = 0\ntry:\n    run([])\nexcept SystemExit:\n    pass\n")
    done = subprocess.run(
        [sys.executable, "-c", script.replace("; from", "\nfrom").replace("; sys.stderr", "\nsys.stderr")],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
        env={
            **os.environ,
            **environment,
            "_PARTYBUILD_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        },
    )
    _, modules = json.loads(done.stderr.splitlines()[-1])
    return {name.partition(".")[0] for name in modules}, done.stdout.split()


def test_commands_complete(tmp_path: Path):
    modules, offered = complete("partybuild me")
    assert {"member", "meeting", "metric"} <= set(offered)
    assert not modules & HEAVY


def test_names_complete_without_sql(branch, book_file):
    modules, offered = complete("partybuild member show 王", PARTYBUILD_DB=str(book_file))
    assert offered == ["王芳", "王芳"]
    assert not modules & HEAVY
    assert complete("partybuild member list --branch 神", PARTYBUILD_DB=str(book_file))[1] == ["神经内科党支部"]
    assert complete("partybuild service add --kind 健", PARTYBUILD_DB=str(book_file))[1] == ["健康讲座"]


def test_completion_is_silent_without_a_book(tmp_path: Path):
    assert complete("partybuild member show 王", PARTYBUILD_DB=str(tmp_path / "none.db"))[1] == []


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's own folder, in bash."""
    monkeypatch.setattr("pathlib.Path.home", lambda: tmp_path)
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))
    return tmp_path


def test_completion_is_installed_in_chinese(cli, home: Path):
    done = cli("--install-completion")
    script = home / ".bash_completions" / "partybuild.sh"
    assert (done.code, done.err) == (0, "")
    assert done.out == "已为当前的 shell 装好命令补全。重新打开终端以后，按 Tab 键补全。\n"
    assert "_PARTYBUILD_COMPLETE=complete_bash" in script.read_text(encoding="utf8")
    assert cli("--show-completion").out.strip() == script.read_text(encoding="utf8").strip()


@pytest.mark.parametrize("option", ["--install-completion", "--show-completion"])
def test_completion_for_a_shell_that_nobody_knows(cli, home: Path, option: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("csh", "/bin/csh"))
    done = cli(option)
    assert (done.code, done.out) == (2, "")
    assert done.err == "错误：认不出这里是哪一种 shell，请在 bash、zsh、fish 或 PowerShell 里运行。\n"


def test_completion_that_cannot_be_written(cli, home: Path):
    (home / ".bash_completions").write_text("a file of hers", encoding="utf8")
    done = cli("--install-completion")
    assert (done.code, done.out, "--show-completion" in done.err) == (3, "", True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["member", "--help"],
        ["member", "add", "--help"],
        ["export", "--help"],
        ["meeting", "list", "--help"],
        ["import", "--help"],
        ["quarterly", "--help"],
        ["undo", "--help"],
    ],
)
def test_help_speaks_chinese(cli, arguments):
    page = cli(*arguments).out
    for word in (
        *("Usage", "Options", "Commands", "Show this", "Arguments", "default:", "required", "completion for"),
        *("OPTIONS", "COMMAND", "ARGS", "<str>", "<int>", "<path>"),
    ):
        assert word not in page


@pytest.mark.parametrize("command", ["compute", "list", "explain", "diff", "publish", "annual"])
def test_help_of_the_index_names_no_function(cli, command):
    assert "parse" not in cli("index", command, "--help").out
