"""Machines that are not as one expects: consoles in GBK, odd clocks and zones, old Pythons, pipes, second names, no sources."""

import ast
import ctypes
import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from partybuild_cli import __main__ as program
from partybuild_cli import effects, outputs
from partybuild_cli.cli.run import Outlet, speak_chinese
from partybuild_cli.errors import why
from partybuild_cli.records.base import registry
from partybuild_cli.store import driver, history

HOUSE = Path(program.__file__).parent
TURNED = "张三\u202e四李"


def spoken(*arguments: object, book: Path | None = None, **environment: str) -> "subprocess.CompletedProcess[bytes]":
    """The program as a process of its own, in an environment of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    words = [sys.executable, "-m", "partybuild_cli", *(("--db", str(book)) if book else ()), *map(str, arguments)]
    return subprocess.run(words, capture_output=True, env=kept | environment, check=False, stdin=subprocess.DEVNULL)


class Stream(io.TextIOWrapper):
    """A stream of some encoding, perhaps a terminal's."""

    def __init__(self, encoding: str, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors="strict")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def said(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("encoding", "page", "chosen", "expected"),
    [
        ("gbk", None, "", "党𠮷"), ("utf-8", "cp936", "", "党𠮷"), ("cp1252", "cp936", "", "党𠮷"),
        ("ascii", None, "", "党𠮷"), ("latin-1", None, "", "党𠮷"), ("utf-8", None, "", "党𠮷"), ("gbk", "cp936", "gbk", "党𠮷"),
    ],
)  # fmt: skip
def test_a_pipe_gets_what_its_reader_can_read(
    encoding: str, page: str | None, chosen: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = SimpleNamespace(GetConsoleOutputCP=lambda: int(page.removeprefix("cp")) if page else 0)
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=console), raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setenv("PYTHONIOENCODING", chosen)
    stream = Stream(encoding)
    speak_chinese(Outlet(stream))
    stream.write(expected)
    means = page or ("utf-8" if encoding in ("ascii", "latin-1") else encoding)
    assert stream.said() == expected.encode(means, "backslashreplace")


def test_the_users_own_encoding_is_honoured(branch: Any, book_file: Path) -> None:
    for encoding in ("gbk", "gb18030"):
        done = spoken("member", "list", book=book_file, PYTHONIOENCODING=encoding)
        assert (done.returncode, "张三" in done.stdout.decode(encoding)) == (0, True)
    told = spoken("member", "list", "--json", book=book_file, PYTHONIOENCODING="ascii").stdout.decode("ascii")
    assert json.loads(told)[0]["name"] == "张三"


def test_json_is_utf8_whatever_the_console_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    stream = Stream("gbk")
    monkeypatch.setattr(sys, "stdout", Outlet(stream))
    from partybuild_cli.cli import screen

    screen.document({"name": "𠮷"})
    assert json.loads(stream.said().decode("utf-8")) == {"name": "𠮷"}


def test_no_terminal_is_told_to_turn_its_direction(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, file = Stream("utf-8", terminal=True), Stream("utf-8")
    for stream in (terminal, file):
        Outlet(stream).write(TURNED)
    assert (terminal.said().decode(), file.said().decode()) == ("张三\\u202e四李", TURNED)
    assert "\u202e" not in branch("member", "show", TURNED).err


def test_look_alike_names_are_one(branch: Any) -> None:
    for mark in ("\ufe0f", "\u3164", "\U000e0100", "\u034f", "\uffa0"):
        assert branch("member", "show", f"张{mark}三", "--json").json["name"] == "张三"
        assert branch(
            "member", "add", "--name", f"赵{mark}六", "--staff-no", f"9{ord(mark)}", "--category", "正式党员"
        ).code in (0, 4)
    names = {one["name"] for one in branch("member", "list", "--json").json}
    assert names == {"张三", "李四", "王芳", "赵六"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
def test_a_pipe_is_no_book(cli: Any, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    for command in (["status"], ["doctor"], ["backup"]):
        done = cli("--db", tmp_path / "pipe.db", *command)
        assert (done.code, "管道或设备" in done.err) == (3, True), command
    assert "管道或设备" in cli("restore", tmp_path / "pipe.db", "--yes").err
    assert cli("--db", tmp_path / "pipe.db", "init", "--branch", "甲党支部").code == 3


def test_a_book_with_a_second_name_is_refused_and_doctor_says_so(branch: Any, book_file: Path) -> None:
    os.link(book_file, book_file.with_name("同一个.db"))
    for command in (["status"], ["member", "edit", "张三", "--note", "x"], ["backup"]):
        done = branch(*command)
        assert (done.code, "硬链接" in done.err) == (3, True), command
    checks = {one["id"]: one["ok"] for one in branch("doctor", "--json").json["checks"]}
    assert checks["names"] is False
    book_file.with_name("同一个.db").unlink()
    assert branch("status").code == 0


def test_a_book_that_nobody_may_read_has_a_sentence(
    branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, **more: Any) -> Any:
        raise PermissionError(13, "denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "stat", refuse)
        done = branch("status")
    assert (done.code, "没有权限" in done.err) == (5, True)


#: Commands with the name of a file or folder of the clerk's.
NAMING = [
    "import {}", "import bad.csv --problems {}", "export member --into {}", "export member --out {}", "restore {} --yes", "backup {}",
    "collect {}", "demo {}", "bundle 2026Q3 --out {}", "quarterly 2026Q3 --out {}", "report 2026Q3 --xlsx {}", "manual --html {}",
    "index scheme check {}", "evidence add meeting 1 {}", "--db {} status", "--key-file {} encrypt", "template member --out {}",
]  # fmt: skip


@pytest.mark.parametrize("line", NAMING)
def test_a_place_that_cannot_be_used_is_no_defect(
    year: Any, tmp_path: Path, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file where a folder should be, and a folder that nobody may enter; also one that may not be read itself."""
    (tmp_path / "a file").write_text("hers", encoding="utf8")
    (tmp_path / "bad.csv").write_text("姓名,人员类别\n周七,在编\n", encoding="utf8")
    stat, access = os.stat, os.access

    def refuse(path: Any, *given: Any, **more: Any) -> os.stat_result:
        if "locked/" in os.fspath(path):
            raise PermissionError(13, "denied", os.fspath(path))
        return stat(path, *given, **more)

    monkeypatch.setattr(
        os, "access", lambda path, mode, **more: "locked" not in str(path) and access(path, mode, **more)
    )
    monkeypatch.setattr(os, "stat", refuse)
    for place in ("a file/x", "locked/x", f"{'长' * 120}"):
        done = year(*(word.format(place) for word in line.split(" ")))
        assert done.code in (2, 3, 4, 5), (place, done.err)
        assert done.err
        assert " is not " not in done.err


@pytest.mark.skipif(os.name == "nt", reason="the words are those of a POSIX shell")
def test_closed_streams_and_odd_zones(branch: Any, book_file: Path) -> None:
    words = f'"{sys.executable}" -m partybuild_cli --db "{book_file}" status'
    for closed in ("<&- >&-", "<&- 2>&-"):
        done = subprocess.run(["sh", "-c", f"{words} {closed}"], capture_output=True, check=False)
        assert done.returncode in (0, 1, 5)
    for zone in ("A-24:59:59", "/etc/passwd"):
        done = spoken("log", book=book_file, TZ=zone)
        assert done.returncode == 0, done.stderr.decode()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has a zone of its own")
def test_a_machine_on_utc_keeps_the_day_of_china(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    program._keep_chinese_time()
    assert time.localtime(1798756200).tm_mday == 1  # 2026-12-31 22:30 UTC
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    program._keep_chinese_time()
    assert os.environ["TZ"] == "America/New_York"
    monkeypatch.undo()
    time.tzset()


def test_a_year_that_no_program_can_count_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def beyond(*_: object) -> Any:
        raise OverflowError("timestamp too large")

    monkeypatch.setattr(time, "localtime", beyond)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert (ended.value.code, "校准时钟" in capsys.readouterr().err) == (5, True)


def test_an_old_python_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("__init__.py", "__main__.py"):
        ast.parse((HOUSE / name).read_text(encoding="utf8"), feature_version=(3, 6))
    monkeypatch.setattr(sys, "version_info", (3, 8, 1))
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 3
    assert "3.11" in capsys.readouterr().err


@pytest.mark.parametrize("begun", [False, True])
def test_ctrl_c_before_and_behind_the_work(
    begun: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def struck(*_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr("partybuild_cli.cli.run.run" if begun else "gc.set_threshold", struck)
    monkeypatch.setattr(program, "_keep_chinese_time", lambda: None)
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert ended.value.code == 128 + signal.SIGINT
    assert ("没有写入任何内容" in capsys.readouterr().err) is not begun


def test_a_build_without_sources_keeps_its_ledgers_or_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    captions = registry.captions()
    monkeypatch.setattr(Path, "open", lambda *_, **__: (_ for _ in ()).throw(FileNotFoundError()))
    registry.captions.cache_clear()
    assert registry.captions() == captions
    monkeypatch.setattr(registry, "_FOLDER", tmp_path)
    monkeypatch.setattr(driver, "_FOLDER", tmp_path)
    for function in (registry.ledgers, driver.migrations):
        with pytest.raises(RuntimeError, match="missing from this build"):
            function.__wrapped__()  # type: ignore[attr-defined]


def test_a_user_without_a_name_is_no_defect(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for fault in (KeyError("uid"), OSError(), ImportError("no module named pwd")):

        def nobody(fault: Exception = fault) -> str:
            raise fault

        monkeypatch.setattr(history.getpass, "getuser", nobody)
        assert branch("member", "edit", "张三", "--note", type(fault).__name__).code == 0
    assert branch("log", "--json").json[0]["user"] == "?"


@pytest.mark.parametrize("name", ["a?b.db", 'dd"', "归档*"])
def test_names_that_windows_has_not_are_called_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = OSError(22, "Invalid argument", f"D:\\{name}")
    assert "不允许的字符" in why(fault)
    monkeypatch.setattr("partybuild_cli.errors.os.name", "nt")
    assert "Windows 的文件名里不能有" in why(fault)


KILLED = """
import os, signal, sys
from partybuild_cli.cli.run import run
from partybuild_cli import outputs
from partybuild_cli.sheets.writing import book as saving
at, seen = int(sys.argv[1]), []
before = saving.put if at % 2 else outputs.workshop
def strike(*arguments):
    seen.append(0)
    if len(seen) > at // 2:
        given = arguments[1] if at % 2 else None
        if given is None:
            with before(*arguments) as scratch:
                (scratch / "row").write_text("PLAIN")
                os.kill(os.getpid(), signal.SIGKILL)
        def write(beside):
            given(beside)
            os.kill(os.getpid(), signal.SIGKILL)
        return before(arguments[0], write, *arguments[2:])
    return before(*arguments)
setattr(saving if at % 2 else outputs, "put" if at % 2 else "workshop", strike)
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell which processes there are: leavings go by age")
@pytest.mark.parametrize(
    ("at", "command"),
    [(0, ["export"]), (3, ["export"]), (1, ["quarterly", "2026Q3"]), (4, ["bundle", "2026Q3"])], ids=str,
)  # fmt: skip
def test_what_a_killed_run_left_is_cleared_away_by_the_next(
    year: Any, book_file: Path, tmp_path: Path, command: list[str], at: int
) -> None:
    scratch, out = tmp_path / "tmp", tmp_path / "别处" / "out"
    scratch.mkdir()
    out.parent.mkdir()
    words = [*command, "--out", str(out / "b.zip" if command[0] == "bundle" else out)]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(at), "--db", str(book_file), *words],
        env={**os.environ, "TMPDIR": str(scratch)}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert list(scratch.iterdir()) == []
    assert list(tmp_path.rglob(".partybuild-*")) != []
    assert year("doctor" if at % 2 else "status").code == 0
    assert list(tmp_path.rglob(".partybuild-*")) == []
    assert year(*words).code == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell which processes there are: leavings go by age")
def test_what_another_process_makes_now_is_left_alone(branch: Any, book_file: Path, tmp_path: Path) -> None:
    with outputs.workshop(tmp_path / "x") as mine:
        living = tmp_path / mine.name.replace(f"-{os.getpid()}-", f"-{os.getppid()}-")
        dead = tmp_path / mine.name.replace(f"-{os.getpid()}-", "-999999999-")
        elsewhere = tmp_path / mine.name.replace(effects._machine, "ffffff")
        for one in (living, dead, elsewhere):
            one.mkdir()
        assert branch("status").code == 0
        assert [one.exists() for one in (mine, living, dead, elsewhere)] == [True, True, False, True]
    assert not mine.exists()


def test_a_program_that_has_a_file_open_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, tries, replace = tmp_path / "made", [], Path.replace
    made.write_text("x")

    def held(path: Path, target: Path) -> Path:
        tries.append(path)
        if len(tries) < 3:
            raise PermissionError(13, "used by another process", str(path), None, str(target))
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", held)
    monkeypatch.setattr(outputs, "_PAUSES", (0.0, 0.0, 0.0))
    outputs.take_place(made, tmp_path / "target")
    assert (len(tries), (tmp_path / "target").read_text()) == (3, "x")


@pytest.mark.parametrize("at", range(4))
def test_a_quarter_whose_files_are_open_is_refused_and_completed_later(
    year: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """On Windows a workbook that is open cannot be replaced, nor a folder with one in it be renamed."""
    assert at == 0 or year("quarterly", "2026Q3", "--out", tmp_path / "out").code == 0
    year("meeting", "add", "--kind", "党课", "--on", "2026-09-20", "--topic", "微党课")
    seen, take = [], outputs.take_place

    def held(made: Path, target: Path) -> None:
        seen.append(target)
        if len(seen) > at // 2:
            raise PermissionError(13, "used by another process", str(made), None, str(target))
        take(made, target)

    with monkeypatch.context() as patched:
        patched.setattr("partybuild_cli.reports.folder.take_place", held)
        done = year("quarterly", "2026Q3", "--out", tmp_path / "out")
    assert done.code in (1, 5)
    assert "可能有工作簿正开着" in done.err
    assert list(tmp_path.rglob(".partybuild-*")) == []
    assert year("quarterly", "2026Q3", "--out", tmp_path / "out").code == 0
    assert year("quarterly", "2026Q3", "--out", tmp_path / "new").code == 0
    left, new = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "2026Q3").iterdir()} for name in ("out", "new")
    )
    assert left == new


#: What the manual of Linux lists for open, write, fsync, rename, link and mkdir.
OF_FILES = (
    "EACCES EAGAIN EBADF EBUSY EDQUOT EEXIST EFBIG EINVAL EIO EISDIR ELOOP EMFILE EMLINK ENAMETOOLONG ENFILE ENODEV ENOENT ENOMEM"
    " ENOSPC ENOTDIR ENOTEMPTY ENXIO EOPNOTSUPP EPERM EROFS ESTALE ETXTBSY EXDEV"
)


@pytest.mark.parametrize("name", [name for name in OF_FILES.split() if hasattr(errno, name)])
def test_what_a_disk_says_is_told_in_chinese(name: str) -> None:
    assert "English" not in why(OSError(getattr(errno, name), "some English", "x"))


@pytest.mark.parametrize(
    ("code", "told"), [(21, "没有接好"), (32, "正被别的程序打开"), (53, "网络盘"), (112, "磁盘已满")]
)
def test_windows_says_more_than_that_something_is_not_allowed(code: int, told: str) -> None:
    fault = PermissionError(13, "The device is not ready", "E:\\支部.db")
    fault.winerror = code  # type: ignore[attr-defined]
    assert told in why(fault)


def test_too_little_memory_is_no_defect(branch: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> Any:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(history, "save", full)
        patch.setattr("partybuild_cli.records.base.editing.save", full)
        patch.setattr("partybuild_cli.cli.session.save", full, raising=False)
        done = branch("member", "edit", "张三", "--note", "x")
    assert (done.code, done.err.count("\n")) == (5, 1)
    assert "内存不够" in done.err
    assert "没有写入任何内容" in done.err
    assert branch("doctor").code == 0


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there every name is text")
def test_names_that_an_old_windows_wrote(branch: Any, tmp_path: Path) -> None:
    name = os.fsdecode("花名册.csv".encode("gbk"))
    (tmp_path / "台账").mkdir()
    (tmp_path / "台账" / name).write_text("姓名,工号,人员类别\n赵六,006,正式党员\n", encoding="utf8")
    done = branch("import", tmp_path / "台账")
    assert done.code == 0, done.err
    assert "花名册.csv" in done.out + done.err
    folder = tmp_path / os.fsdecode("导出".encode("gbk"))
    for words in (("export", "member"), ("quarterly", "2026Q3"), ("bundle", "2026Q3"), ("member", "list")):
        done = branch(
            *words, *(() if "list" in words else ("--out", folder / "x.zip" if "bundle" in words else folder))
        )
        assert done.code == 0, done.err
    (tmp_path / os.fsdecode("支部".encode("gbk"))).mkdir()
    assert branch("backup", tmp_path / os.fsdecode(b"\xbb.db")).code == 0
    for words in (("init", "--branch", "内科"), ("restore", tmp_path / "book.db")):
        refused = branch("--db", tmp_path / os.fsdecode("支部".encode("gbk")) / "a.db", *words)
        assert (refused.code, refused.err.count("\n")) == (3, 1)
        assert "请先给它改名" in refused.err
    assert not list(tmp_path.glob("*crash*"))


def test_a_stick_that_is_not_there_is_said(cli: Any, tmp_path: Path) -> None:
    done = cli("--db", tmp_path / "U盘" / "a.db", "member", "list")
    assert done.code == 3
    assert "请先接好" in done.err
    assert "init" not in done.err


@pytest.mark.parametrize("folder", ["OneDrive - 医院", "坚果云", "WPS云盘", "share"])
def test_a_book_where_it_would_be_damaged_is_told(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\n//server/x {tmp_path}/share cifs rw 0 0\n", encoding="utf8")
    monkeypatch.setattr(driver, "_MOUNTS", mounts)
    book = tmp_path / folder / "支部" / "a.db"
    done = cli("--db", book, "init", "--branch", "内科党支部")
    assert (done.code, "请把数据库移到" in done.err) == (0, True)
    found = {check["id"]: check["message"] for check in cli("--db", book, "doctor", "--json").json["checks"]}
    assert "备份可以放在那里" in found["space"]
    assert cli("--db", tmp_path / "本机" / "a.db", "init", "--branch", "内科党支部").err == ""
