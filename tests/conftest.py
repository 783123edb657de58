"""What many tests share: a command line in process, and a small branch."""

import gc
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import Engine

from partybuild_cli.cli.app import command
from partybuild_cli.cli.lazy import ChineseCommand
from partybuild_cli.cli.run import run
from partybuild_cli.errors import PartybuildError, UsageFault, ValueProblem
from partybuild_cli.index import schemes
from partybuild_cli.records.base.registry import captions, record
from partybuild_cli.store import driver, engine
from partybuild_cli.store.engine import Book, open_book


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory, where there is room: a book waits for the disk with each command, and that takes longest.

    What one process has compiled the next one takes as it is, also where the machine is told to leave no bytecode beside
    the sources: it was half of what each process of the program and a third of what each worker of the tests cost.
    """
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(sys.prefix, "bytecode"))
        sys.dont_write_bytecode, sys.pycache_prefix = False, os.environ["PYTHONPYCACHEPREFIX"]
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**32 and "TMPDIR" not in os.environ:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))


def pytest_collection_finish() -> None:
    """Look for garbage as seldom as the program does, and not among what was imported: that took a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(300_000, 50, 50)


settings.register_profile("unhurried", deadline=None)  # a busy machine is no fault
settings.load_profile("unhurried")
os.environ["TZ"] = "CST-8"  # as the program has it on a machine on UTC, so that tests and processes have one day
if hasattr(time, "tzset"):
    time.tzset()


@dataclass(frozen=True)
class Outcome:
    """How one command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture(scope="session", autouse=True)
def carried_forward_once() -> Iterator[None]:
    """What all migrations make of an empty book is made once; every other new book begins as a copy of that."""
    real, made = engine.carry_forward, dict[tuple[Path, ...], bytes]()

    def quick(way: Engine, path: Path, keep: bool) -> None:
        empty = not keep and path.stat().st_size == 4096 and path.read_bytes().startswith(b"SQLite format 3")
        if empty and driver.migrations() in made:
            path.write_bytes(made[driver.migrations()])
        real(way, path, keep)
        if empty and not path.with_name(f"{path.name}-wal").exists():
            made.setdefault(driver.migrations(), path.read_bytes())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engine, "carry_forward", quick)
        yield


@pytest.fixture
def book_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands of this test keep their book, and leave what they leave in the current folder."""
    path = tmp_path / "book.db"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    monkeypatch.setenv("PARTYBUILD_DB", str(path))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)  # what a command writes beside the clerk stays in the test's own folder
    return path


@pytest.fixture
def cli(book_file: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process; nobody sits at a terminal."""

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = run([str(one) for one in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def first_edition(monkeypatch: pytest.MonkeyPatch) -> None:
    """New rounds are computed by 默认方案@1, whose numbers the test tells of."""
    monkeypatch.setattr(schemes, "DEFAULT", "默认方案@1")


@pytest.fixture
def sitting(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Somebody sits at the terminal and types these answers; those that nobody asked for are left. `^C` interrupts."""

    def sit(*answers: str) -> list[str]:
        left = [*answers]

        def read() -> str:
            said = left.pop(0)
            if said == "^C":
                raise KeyboardInterrupt
            return said

        monkeypatch.setattr("partybuild_cli.cli.screen.on_terminal", lambda: True)
        monkeypatch.setattr("builtins.input", read)
        return left

    return sit


@pytest.fixture
def understood(book_file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], bool]:
    """Whether the parser takes the words of a command line, and each word of a choice is one; nothing runs."""

    def instead(_: ChineseCommand, context: Any) -> None:
        ledger, verb = [*context.command_path.split(), "", ""][1:3]
        columns = record(ledger).columns if ledger in captions() and verb in ("add", "edit") else {}
        for key, value in context.params.items():
            if value and key in columns and columns[key].kind.words:
                columns[key].kind.parse(value)

    def asked(words: list[str]) -> bool:
        try:
            return not command().main(args=words, prog_name="partybuild", standalone_mode=False)
        except (UsageFault, ValueProblem):
            return False
        except PartybuildError:  # a group that does something by itself finds no book
            return True

    monkeypatch.setattr(ChineseCommand, "invoke", instead)
    return asked


#: A book with 神经内科党支部 and four members, of whom 李四 joined on 2026-05-22; the last two are namesakes.
BRANCH = (
    "init --branch 神经内科党支部",
    "member add --name 张三 --staff-no 001 --category 正式党员 --joined-on 2008-05 --party-post 书记",
    "member add --name 李四 --staff-no 002 --category 预备党员 --joined-on 2026-05-22",
    "member add --name 王芳 --staff-no 003 --category 正式党员 --joined-on 2010-07-01 --party-post 组织委员",
    "member add --name 王芳 --staff-no 004 --category 正式党员 --joined-on 2012-07-01",
)
#: A meeting and a service in 2026Q3, and a lecture after it.
YEAR = (
    "meeting add --kind 支部党员大会 --on 2026-09-05 --topic 第三季度党员大会 --absent 张三:值班",
    "service add --kind 义诊 --on 2026-08-01 --title 进社区 --member 张三 --hours 3",
    "meeting add --kind 党课 --on 2026-10-05 --topic 国庆党课",
)


@pytest.fixture(scope="session")
def prepared_folders() -> dict[str, tuple[Path, Any]]:
    return {}


Prepare = Callable[[str, Callable[[], object]], Any]


@pytest.fixture
def prepared(
    book_file: Path, prepared_folders: dict[str, tuple[Path, Any]], tmp_path_factory: pytest.TempPathFactory
) -> Prepare:
    """Let a function make what the test's folder begins with, once a session; later tests find a copy, and what it gave."""

    def prepare(name: str, make: Callable[[], object]) -> Any:
        if name not in prepared_folders:
            given, folder = make(), tmp_path_factory.mktemp("prepared") / "folder"
            shutil.copytree(book_file.parent, folder)
            prepared_folders[name] = folder, given
        folder, given = prepared_folders[name]
        shutil.copytree(folder, book_file.parent, dirs_exist_ok=True)
        return given

    return prepare


def do(cli: Cli, lines: Iterable[str]) -> None:
    """Run lines that each succeed."""
    for line in lines:
        done = cli(*line.split())
        assert done.code == 0, (line, done.err)


@pytest.fixture
def branch(cli: Cli, book_file: Path, prepared: Prepare) -> Cli:
    """The book of BRANCH, where there is not that of `year` already."""
    if not book_file.exists():
        prepared("branch", lambda: do(cli, BRANCH))
    return cli


@pytest.fixture
def year(cli: Cli, prepared: Prepare) -> Cli:
    """The same branch with what YEAR adds."""
    prepared("year", lambda: do(cli, BRANCH + YEAR))
    return cli


@pytest.fixture
def book(branch: Cli, book_file: Path) -> Book:
    """The same book, opened."""
    return open_book(book_file)
