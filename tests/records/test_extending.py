"""A further record type is one file and a migration, a kind of value that is its own one class in it; nothing else is edited."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest

import partybuild_cli

PLEDGE = '''"""承诺践诺台账: what a member promised in a year, and whether it was kept (公开承诺)."""

from partybuild_cli.records.base.declare import Record, column
from partybuild_cli.records.base.kinds import DAY, MEMBER, TEXT, YES_NO


class Pledge(Record, table=True):
    """承诺践诺台账: one promise."""

    title_words = ("承诺",)
    brief = ("member", "promise", "kept")
    date = "made_on"

    member_id: int = column(MEMBER, "姓名", required=True, identity=True)
    made_on: str = column(DAY, "承诺日期", required=True, identity=True)
    promise: str = column(TEXT, "承诺事项", required=True, identity=True)
    kept: bool | None = column(YES_NO, "是否兑现")
'''
MIGRATION = """CREATE TABLE pledge (
    id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL REFERENCES member (id), made_on TEXT NOT NULL,
    promise TEXT NOT NULL, kept INTEGER, extras TEXT, uid TEXT UNIQUE
);
"""
WATCH = '''"""值守台账: who kept watch at a post of the hospital, and for how long (党员值守)."""

import re
from collections.abc import Mapping, Sequence

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import column, related
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.kinds import DAY, HOME, MEMBER, TEXT, YES_NO
from partybuild_cli.values.kind import KindOf, Primitive, Raw
from partybuild_cli.values.text import as_text, tight


class Lasting(KindOf[int]):
    """How long something took (时长), in whole minutes."""

    label = "时长"
    example = "1小时30分"
    how = "几小时几分，如 1小时30分"
    adds_up = True

    def parts(self, key: str) -> Mapping[str, str]:
        return {key: "INTEGER"}

    def parse(self, raw: Raw) -> int | None:
        text = as_text(raw)
        if text is None:
            return None
        found = re.fullmatch(r"(?=.)(?:(\\d+)小时)?(?:(\\d+)分钟?)?", tight(text))
        if found is None:
            raise ValueProblem(f"“{text}”看不出是多久，请写成 1小时30分")
        return 60 * int(found[1] or 0) + int(found[2] or 0)

    def encode(self, value: int | None) -> tuple[Primitive, ...]:
        return (value,)

    def decode(self, primitives: Sequence[Primitive]) -> int | None:
        return primitives[0]

    def text(self, value: int) -> str:
        return f"{value // 60}小时{value % 60}分" if value % 60 else f"{value // 60}小时"

    def json(self, value: int) -> int:
        return value


class Watch(Record, table=True):
    """值守台账: one member's watch."""

    title_words = ("值守",)
    brief = ("member", "kept_on", "lasted", "alone")
    date = "kept_on"

    branch = related(HOME, "所在党支部", context=True)
    member_id: int = column(MEMBER, "姓名", required=True, identity=True)
    kept_on: str = column(DAY, "值守日期", required=True, identity=True)
    place: str | None = column(TEXT, "值守地点")
    lasted: int = column(Lasting(), "值守时长", "值守多久", required=True, mark=2)
    alone: bool | None = column(YES_NO, "是否单独值守")
'''
WATCHES = """CREATE TABLE watch (
    id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL REFERENCES member (id), kept_on TEXT NOT NULL, place TEXT,
    lasted INTEGER NOT NULL, alone INTEGER, extras TEXT, uid TEXT UNIQUE
);
"""
Run = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the program, to which the files and the migrations were added."""
    here = tmp_path_factory.mktemp("house")
    package = here / "partybuild_cli"
    shutil.copytree(Path(partybuild_cli.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for number, name, declared, table in ((9001, "pledge", PLEDGE, MIGRATION), (9002, "watch", WATCH, WATCHES)):
        (package / "records" / f"{name}.py").write_text(declared, encoding="utf8")
        (package / "store" / "migrations" / f"{number}_{name}.sql").write_text(table, encoding="utf8")
    return here


#: Runs each command line that it reads, as a process of its own would, and answers with exit code and what was said.
SERVER = """
import json, sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from partybuild_cli.cli.run import run
for line in sys.stdin:
    sys.argv[1:] = json.loads(line)
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = run(["--db", "book.db", *sys.argv[1:]])
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""


@pytest.fixture(scope="module")
def run(folder: Path) -> Iterator[Run]:
    """Run a command there; what it says, where it ends as `code` says."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], cwd=folder, encoding="utf8", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
    ) as server:  # fmt: skip
        assert server.stdin
        assert server.stdout

        def command(*arguments: str, code: int = 0) -> str:
            assert server.stdin
            assert server.stdout
            print(json.dumps(arguments), file=server.stdin, flush=True)
            ended, out, err = json.loads(server.stdout.readline())
            assert ended == code, err
            return str(out + err)

        prepare(command)
        yield command
        server.stdin.close()


def prepare(command: Run) -> None:
    """A branch with two members and a watch."""
    command("init", "--branch", "神经内科党支部")
    for name, number in (("张三", "001"), ("李四", "002")):
        command("member", "add", "--name", name, "--staff-no", number, "--category", "正式党员")
    command("watch", "add", "--member", "张三", "--on", "2026-01-09", "--lasted", "90分钟", "--alone", "是")


def cells(path: Path) -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]


def test_a_nineteenth_record_type_is_one_file_and_a_migration(run: Run, folder: Path):
    assert "承诺践诺" in run("--help")
    assert "编号 1" in run(
        "pledge", "add", "--member", "张三", "--on", "2026-01-09", "--promise", "每月义诊一次", "--kept", "是"
    )
    assert '"kept": true' in run("pledge", "list", "--json")
    run("template", "pledge")
    run("export", "pledge")
    assert "读到 1 条，未变 1" in run("import", "承诺践诺台账.xlsx", "--dry-run")
    assert (folder / "承诺践诺台账模板.xlsx").exists()


def test_help_and_table_and_json_know_a_kind_of_value_of_its_own(run: Run):
    assert "值守" in run("--help")
    assert "值守时长" in run("watch", "add", "--help")
    assert "1小时30分" in run("watch", "list")
    [one] = json.loads(run("watch", "list", "--json"))
    assert (one["member"], one["lasted"], one["alone"]) == ("张三", 90, True)
    assert "1小时30分" in run("watch", "show", "1")
    assert "张三" in run("watch", "list", "--where", "lasted=1小时30分")
    assert "张三" not in run("watch", "list", "--where", "lasted=2小时")
    assert "值守时长合计：90" in run("watch", "list", "--sum", "lasted")


def test_what_it_does_not_understand_is_refused(run: Run):
    said = run("watch", "add", "--member", "李四", "--on", "2026-01-09", "--lasted", "很久", code=4)
    assert "值守时长（--lasted）：“很久”看不出是多久，请写成 1小时30分" in said


def test_a_blank_sheet_shows_how_it_is_filled_in(run: Run, folder: Path):
    run("template", "watch")
    rows = cells(folder / "值守台账模板.xlsx")
    assert any("值守时长" in row and "姓名" in row for row in rows)
    assert any("1小时30分" in row for row in rows)


def test_a_clerks_sheet_comes_in_and_goes_out(run: Run, folder: Path):
    book = openpyxl.Workbook()
    for row in (
        ["值守登记表"],
        ["姓名", "值守日期", "值守多久"],
        ["李四", "2026.1.10", "2 小时"],
        ["李四", "2026.1.11", "久"],
    ):
        book.worksheets[0].append(row)
    book.save(folder / "值守.xlsx")
    assert "看不出是多久" in run("import", "值守.xlsx", code=4)
    run("import", "值守.xlsx", "--skip-bad")
    run("export", "watch")
    rows = cells(folder / "值守台账.xlsx")
    [heading] = [row for row in rows if "值守时长" in row]
    place = heading.index("值守时长")
    assert [row[place] for row in rows[rows.index(heading) + 1 :][:2]] == ["1小时30分", "2小时"]
    assert "读到 2 条，未变 2" in run("import", "值守台账.xlsx", "--dry-run")


def test_a_correction_is_told_by_the_log_and_taken_back(run: Run):
    run("watch", "edit", "1", "--lasted", "45分")
    said = run("log", "--json")
    assert "watch" in said
    assert json.loads(run("watch", "show", "1", "--json"))["lasted"] == 45
    run("undo", "--yes")
    assert json.loads(run("watch", "show", "1", "--json"))["lasted"] == 90
