"""What a command says of itself is true: exit code and sentence tell whether it was written, whatever becomes of its output.

The kinds: standard output or error on a full disk, closed, or read by nobody; Ctrl-C, a defect and a disk that refuses,
each after the commit and before it.
"""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from pathlib import Path

import pytest

from partybuild_cli import outputs
from partybuild_cli.cli import screen
from partybuild_cli.cli.run import run
from partybuild_cli.errors import Busy
from tests.faults.bench import command, complaints, content, roster

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /dev/full")

_ADD = ("member", "add", "--name", "赵甲", "--staff-no", "901", "--category", "正式党员")
_TWO = ("--member", "张三", "--base", "3000", "--month")
#: What the book has been through before the command: in one go, for every case starts from a copy of it.
_PAST = (
    ("init", "--branch", "神经内科党支部"),
    ("member", "add", "--name", "张三", "--staff-no", "001", "--category", "正式党员", "--joined-on", "2008-05"),
    ("member", "add", "--name", "李四", "--staff-no", "002", "--category", "正式党员", "--joined-on", "2009-05"),
    ("member", "add", "--name", "王五", "--staff-no", "003", "--category", "正式党员", "--joined-on", "2010-05"),
    ("member", "transfer", "王五", "--to", "外院党委", "--on", "2026-02-01"),
    ("dues", "add", *_TWO, "2026-01"),
    ("meeting", "add", "--kind", "支部党员大会", "--on", "2026-03-05", "--topic", "学习", "--absent", "李四"),
    ("task", "add", "--area", "组织", "--item", "补记录", "--responsible", "张三", "--due-on", "2026-12-01"),
    ("development", "add", "--name", "周宁", "--born-on", "1990-01-01", "--applied-on", "2023-01-10", "--activist-on", "2023-06-01",
     "--candidate-on", "2024-07-01", "--voted-on", "2025-06-15", "--votes", "应到5 实到5 赞成5", "--approved-on", "2025-08-01"),
    ("settings", "set", "least_coverage", "0"),
    ("index", "publish", "2026Q1", "--on", "2026-04-09"),
    ("index", "object", "2026Q1", "--by", "李四", "--matter", "漏了一次义诊", "--on", "2026-04-10", "--answer", "已补",
     "--answered-on", "2026-04-10"),
    ("index", "compute", "2026Q2"),
    ("backup", "past.db"),
    ("member", "edit", "001", "--note", "后来的"),
)  # fmt: skip
#: Every command that writes to the book; `{}` is the folder in which the case is played.
WRITES = {
    "member add": _ADD,
    "member add --json": (*_ADD, "--json"),
    "member edit": ("member", "edit", "001", "--note", "改过"),
    "member edit --json": ("member", "edit", "001", "--note", "改过", "--json"),
    "dues remove": ("dues", "remove", "1", "--yes"),
    "member transfer": ("member", "transfer", "李四", "--to", "外院党委", "--on", "2026-09-01"),
    "member forget": ("member", "forget", "003", "--yes"),
    "member forget --json": ("member", "forget", "003", "--yes", "--json"),
    "dues prepare": ("dues", "prepare", "2026-03"),
    "task open": ("task", "open", "--meeting", "1", "--responsible", "李四", "--item", "整改", "--due-on", "2026-12-01"),
    "task close": ("task", "close", "1", "--evidence", "照片", "--verified-by", "李四", "--on", "2026-09-01"),
    "development promote": ("development", "promote", "1"),
    "import": ("import", "{}/roster.csv"),
    "import --json": ("import", "{}/roster.csv", "--json"),
    "undo": ("undo", "14"),
    "undo --json": ("undo", "14", "--json"),
    "index compute": ("index", "compute", "2026Q2"),
    "index compute --json": ("index", "compute", "2026Q2", "--json"),
    "index publish": ("index", "publish", "2026Q2", "--out", "{}/posting"),
    "index revise": ("index", "revise", "2026Q1", "--reason", "补记", "--json"),
    "index object": ("index", "object", "2026Q1", "--by", "张三", "--matter", "少算一分"),
    "index lock": ("index", "lock", "2026Q1"),
    "quarterly": ("quarterly", "2026Q2", "--out", "{}/quarters"),
    "quarterly --json": ("quarterly", "2026Q2", "--out", "{}/quarters", "--json"),
    "restore": ("restore", "{}/past.db", "--yes"),
    "restore --json": ("restore", "{}/past.db", "--yes", "--json"),
    "export --full": ("export", "member", "--full", "--out", "{}/ledgers"),
}  # fmt: skip
SOME = ("member add", "dues remove", "member forget", "import", "undo", "index publish", "quarterly --json", "restore")
#: Every command that writes files, and leaves the records as they are.
FILES = {
    "export": ("export", "--out", "{}/ledgers"),
    "export --json": ("export", "--out", "{}/ledgers", "--json"),
    "template": ("template", "member", "meeting", "--out", "{}"),
    "report": ("report", "2026Q2", "--xlsx", "{}/report.xlsx", "--html", "{}/report.html", "--json"),
    "bundle": ("bundle", "2026Q2", "--out", "{}/bundle.zip"),
    "backup": ("backup",),
    "backup FILE": ("backup", "{}/copy.db", "--json"),
    "dues register": ("dues", "register", "2026", "--out", "{}/register.xlsx"),
    "index forms": ("index", "forms", "2026Q2", "--out", "{}"),
    "index annual": ("index", "annual", "2026", "--out", "{}/annual.xlsx"),
    "index explain": ("index", "explain", "张三", "2026Q2", "--out", "{}/explain.xlsx"),
    "index scheme new": ("index", "scheme", "new", "{}/own.toml"),
}
#: Commands that only look, or whose work comes to nothing.
LOOKS = {
    "member list": ("member", "list"),
    "member list --json": ("member", "list", "--json"),
    "status": ("status",),
    "check": ("check", "2026Q1"),
    "doctor": ("doctor",),
    "log": ("log",),
    "--help": ("--help",),
    "import --dry-run": ("import", "{}/roster.csv", "--dry-run"),
    "member edit with nothing new": ("member", "edit", "001", "--note", "后来的"),
}


class Lost(io.StringIO):
    """An output whose disk is full: little goes in, and what does not is noticed late, as a buffer does."""

    def __init__(self, room: int = 0) -> None:
        super().__init__()
        self.room = room

    def write(self, text: str) -> int:
        self.room -= len(text)
        if self.room < 0:
            raise OSError(28, "No space left on device")
        return len(text)


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a book that has a past, a backup of it, and a roster to import."""
    folder = tmp_path_factory.mktemp("past")
    roster(folder / "roster.csv", 3, first=500)
    before = Path.cwd()
    os.chdir(folder)
    try:
        for words in _PAST:
            with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()) as said:
                assert run(["--db", str(folder / "book.db"), *words]) == 0, (words, said.getvalue())
    finally:
        os.chdir(before)
    return folder


@pytest.fixture
def place(past: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, in which the case is played."""
    folder = tmp_path / "place"
    shutil.copytree(past, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("NO_COLOR", "1")
    return folder


def call(place: Path, words: tuple[str, ...], out: io.StringIO | None = None) -> tuple[int, str]:
    """Exit code and standard error of a command in this process, its standard output being `out`."""
    arguments = ["--db", str(place / "book.db"), *(word.format(place) for word in words)]
    with redirect_stdout(out or io.StringIO()), redirect_stderr(io.StringIO()) as said:
        return run(arguments), said.getvalue()


def shown(place: Path) -> dict[str, bytes]:
    """The clerk's files: everything but the book itself."""
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and not re.search(r"(^|/)(book\.db(-wal|-shm)?|\..*)$", str(path.relative_to(place)))
    }


def affirmed(said: str) -> bool:
    """Whether the last sentence says that it was written, and not also that it was not."""
    return "已写" in said and not re.search("没有(写入|改动|撤销|登记)", said.splitlines()[-1])


def denied(said: str) -> bool:
    return bool(re.search("没有(写入|改动)", said)) and "已写" not in said


@pytest.mark.parametrize("name", WRITES)
def test_written_although_the_answer_is_lost(place: Path, name: str) -> None:
    before = content(place / "book.db")
    code, said = call(place, WRITES[name], Lost())
    assert content(place / "book.db") != before
    assert (code, affirmed(said)) == (1, True), said
    assert complaints(place / "book.db") == []
    number = content(place / "book.db")["changes"][0][0]
    assert f"第 {number} 次变更" in said


@pytest.mark.parametrize("name", FILES)
def test_files_are_written_although_the_answer_is_lost(place: Path, name: str) -> None:
    before = shown(place)
    code, said = call(place, FILES[name], Lost())
    new = shown(place).keys() - before.keys()
    assert new
    assert code == 1
    assert "已写出" in said
    assert "没有写入" not in said


@pytest.mark.parametrize("name", LOOKS)
def test_nothing_was_written_and_the_answer_is_lost(place: Path, name: str) -> None:
    before = content(place / "book.db")
    code, said = call(place, LOOKS[name], Lost())
    assert content(place / "book.db") == before
    assert (code, denied(said)) == (5, True), said


def test_a_refusal_stays_what_it_is(place: Path) -> None:
    (place / "bad.csv").write_text("姓名,工号,人员类别,入党时间\n孙丙,777,正式党员,某年\n", encoding="utf-8-sig")
    code, said = call(place, ("import", "{}/bad.csv"), Lost())
    assert code == 4
    assert re.search("已写出 .*问题.xlsx（记录没有改动），但结果没能显示", said)
    assert "重做" not in said
    code, said = call(place, ("member", "show", "nobody"), Lost())
    assert (code, said.count("\n")) == (3, 1)


def test_lost_after_a_part_was_read(place: Path) -> None:
    """A disk that fills up while the answer is printed."""
    code, said = call(place, ("member", "list", "--json"), Lost(room=100))
    assert (code, denied(said)) == (5, True)


def test_an_answer_that_arrives_says_nothing_more(place: Path) -> None:
    for name in ("member add", "import"):
        code, said = call(place, WRITES[name])
        assert (code, said) == (0, ""), name


# Real processes: closed streams, /dev/full, a reader that leaves.


def shell(place: Path, words: tuple[str, ...], behind: str) -> tuple[int, str]:
    """Exit code and standard error of a command with what a clerk types behind it."""
    line = command(place / "book.db", *(word.format(place) for word in words))
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$@" {behind}', "sh", *line],
        stdin=subprocess.DEVNULL, capture_output=True, encoding="utf8", cwd=place, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("name", "behind"), [("member add", ">/dev/full"), ("restore", ">/dev/full"), ("import --json", ">&-")]
)
def test_an_output_that_takes_nothing(place: Path, name: str, behind: str) -> None:
    before = content(place / "book.db")
    code, said = shell(place, WRITES[name], behind)
    assert content(place / "book.db") != before
    assert (code, affirmed(said)) == (1, True), said


def test_a_closed_error_output_too(place: Path) -> None:
    """Nobody can be told, so the exit code tells."""
    for number, behind in enumerate((">/dev/full 2>/dev/full", "<&- >&- 2>&-")):
        add = ("member", "add", "--name", f"钱{number}", "--staff-no", f"91{number}", "--category", "正式党员")
        before = content(place / "book.db")
        assert shell(place, add, behind) == (1, "")
        assert content(place / "book.db") != before
        assert shell(place, ("member", "list"), behind) == (5, "")
    assert complaints(place / "book.db") == []


def test_notes_that_cannot_be_told_change_nothing(place: Path) -> None:
    """Progress and warnings go to standard error; where nobody hears them the work is done all the same."""
    for number, behind in enumerate(("2>/dev/full", "2>&-")):
        code, said = shell(place, ("export", "--out", f"{{}}/out{number}"), behind)
        assert (code, said) == (0, "")
        assert len(list((place / f"out{number}").glob("*.xlsx"))) > 3


def test_notes_of_a_closed_error_output_are_not_in_the_answer(place: Path) -> None:
    line = command(place / "book.db", "member", "list", "--json")
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *line], capture_output=True, encoding="utf8", check=False
    )
    assert done.returncode == 0
    assert (done.stdout[0], done.stdout.rstrip()[-1]) == ("[", "]")


def test_a_closed_input_is_nobody_to_ask(place: Path) -> None:
    code, said = shell(place, _ADD, "<&-")
    assert (code, said) == (0, "")
    code, said = shell(place, ("member", "add", "--name", "钱乙"), "<&-")
    assert (code, said.startswith("错误：缺少选项")) == (2, True)


def test_a_reader_that_leaves_at_once_stops_no_work(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`demo | true` printed before its first step; it ended with 0 and had not made the book."""
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    code, said = shell(place, ("demo", "{}/demo"), "| true")
    assert (code, affirmed(said)) == (0, True), said
    assert (place / "demo" / "季度归档" / "2026Q3" / "manifest.json").exists()
    code, said = shell(place, ("export", "--out", "{}/ledgers"), "2>&1 | true")
    assert (code, len(list((place / "ledgers").glob("*.xlsx"))) > 3) == (0, True)


def test_a_reader_that_leaves_a_listing_is_no_fault(place: Path) -> None:
    assert shell(place, ("member", "list"), "| true") == (0, "")
    assert shell(place, ("log", "--json"), "| head -c 1 >/dev/null") == (0, "")


# In the middle: Ctrl-C, a defect, a disk that refuses.


def raising(fault: BaseException) -> Callable[..., None]:
    def strike(*_: object, **__: object) -> None:
        raise fault

    return strike


@pytest.mark.parametrize("name", SOME)
def test_a_defect_after_the_commit(place: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(place / "book.db")
    for verb in ("say", "document"):
        monkeypatch.setattr(screen, verb, raising(RuntimeError("张三")))
    code, said = call(place, WRITES[name])
    assert content(place / "book.db") != before
    assert (code, affirmed(said)) == (70, True), said


@pytest.mark.parametrize("name", SOME)
def test_ctrl_c_after_the_commit(place: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for verb in ("say", "document"):
        monkeypatch.setattr(screen, verb, raising(KeyboardInterrupt()))
    code, said = call(place, WRITES[name])
    assert (code, affirmed(said)) == (130, True), said


def test_ctrl_c_in_the_moment_of_the_commit(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either it came before and nothing is written, or the sentence knows of it: no moment lies between."""
    from sqlalchemy.engine import default

    commit = default.DefaultDialect.do_commit
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts behind itself ignore it

    def struck(self: default.DefaultDialect, raw: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        commit(self, raw)
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(default.DefaultDialect, "do_commit", struck)
    before = content(place / "book.db")
    code, said = call(place, _ADD)
    assert content(place / "book.db") != before
    assert (code, affirmed(said)) == (130, True), said


def test_ctrl_c_before_the_commit(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from partybuild_cli.records.base import editing

    monkeypatch.setattr(editing, "read_some", raising(KeyboardInterrupt()))
    before = content(place / "book.db")
    code, said = call(place, _ADD)
    assert content(place / "book.db") == before
    assert (code, denied(said)) == (130, True), said


def test_a_defect_before_the_commit(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from partybuild_cli.records.base import editing

    monkeypatch.setattr(editing, "read_some", raising(RuntimeError("张三")))
    before = content(place / "book.db")
    code, said = call(place, _ADD)
    assert content(place / "book.db") == before
    assert (code, denied(said)) == (70, True), said


def test_a_disk_that_refuses_after_the_commit(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence of the refusal says that nothing was written; the code of refusals says so too."""
    refusal = Busy("磁盘拒绝写入 book.db（磁盘已满）。没有写入任何内容，请检查磁盘空间和文件权限。")
    monkeypatch.setattr(screen, "document", raising(refusal))
    before = content(place / "book.db")
    code, said = call(place, WRITES["index compute --json"])
    assert content(place / "book.db") != before
    assert (code, affirmed(said)) == (1, True), said
    assert "磁盘已满" in said


def test_some_files_were_written_when_the_disk_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(beside: Path, path: Path) -> None:
        raise OSError(28, "No space left on device")

    link = os.link
    monkeypatch.setattr(os, "link", lambda made, path: (full if "三会一课" in path.name else link)(made, path))
    monkeypatch.setattr(outputs, "take_place", full)
    code, said = call(place, ("template", "member", "meeting", "--out", "{}"))
    assert (place / "党员花名册模板.xlsx").exists()
    assert code == 1
    assert "已写出" in said
    assert "党员花名册模板.xlsx" in said


def test_what_was_prepared_and_not_put_in_place_is_not_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A restore writes its entry into the copy before the copy takes the book's place."""
    from partybuild_cli.store import replace

    monkeypatch.setattr(replace, "_put", raising(OSError(28, "No space left on device")))
    before = content(place / "book.db")
    code, said = call(place, WRITES["restore"])
    assert content(place / "book.db") == before
    assert (code, denied(said)) == (5, True), said


def test_a_quarter_whose_folder_was_refused_says_what_was_computed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from partybuild_cli.reports import folder

    monkeypatch.setattr(folder, "_replace", raising(OSError(28, "No space left on device")))
    code, said = call(place, WRITES["quarterly"])
    assert code == 1
    assert "已写入" in said
    assert "已写出" not in said.splitlines()[-1], "the files lie in a folder that has no name yet"


def test_the_next_command_knows_nothing_of_the_last(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(place, _ADD)[0] == 0
    code, said = call(place, ("member", "list"), Lost())
    assert (code, denied(said)) == (5, True)


@pytest.fixture
def encrypting(place: Path) -> Path:
    pytest.importorskip("sqlcipher3")
    (place / "key.txt").write_text("红船精神永放光芒一九二一\n", encoding="utf8")
    (place / "key.txt").chmod(0o600)
    return place


def test_a_book_is_encrypted_although_the_answer_is_lost(encrypting: Path) -> None:
    code, said = call(encrypting, ("--key-file", "{}/key.txt", "encrypt"), Lost())
    assert not (encrypting / "book.db").read_bytes().startswith(b"SQLite")
    assert (code, affirmed(said)) == (1, True), said


def test_encrypting_that_did_not_come_about_is_not_written(encrypting: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from partybuild_cli.store import replace

    monkeypatch.setattr(replace, "_put_over", raising(OSError(28, "No space left on device")))
    code, said = call(encrypting, ("--key-file", "{}/key.txt", "encrypt"))
    assert (encrypting / "book.db").read_bytes().startswith(b"SQLite")
    assert (code, "第" in said) == (5, False), said


@pytest.mark.parametrize("words", [("init", "--branch", "心内科党支部"), ("demo", "{}/demo")])
def test_a_new_book_is_there_although_the_answer_is_lost(place: Path, words: tuple[str, ...]) -> None:
    (place / "book.db").unlink()
    code, said = call(place, words, Lost())
    assert (code, affirmed(said)) == (1, True), said
    assert (place / "book.db").exists() or (place / "demo" / "partybuild.db").exists()


def test_a_book_that_was_not_founded_is_not_written(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from partybuild_cli.records.base import editing

    monkeypatch.setattr(editing, "save", raising(Busy("磁盘拒绝写入 book.db（磁盘已满）。没有写入任何内容。")))
    (place / "book.db").unlink()
    code, said = call(place, ("init", "--branch", "心内科党支部"))
    with suppress(FileNotFoundError):
        raise AssertionError((place / "book.db").stat())
    assert (code, denied(said)) == (5, True)
