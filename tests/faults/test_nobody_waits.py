"""Nobody waits for a person: whatever a command asks, the book is free until the answer comes, and a dry run never takes it."""

import ast
import builtins
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import partybuild_cli
from partybuild_cli import effects
from partybuild_cli.cli import ask, run, screen
from partybuild_cli.sheets.importing import Options, Question, import_files
from partybuild_cli.store import driver, engine
from tests.conftest import Prepare

HEAD = "称呼,工号,人员类别,性别,入党时间,所在党支部\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(driver, "ROUNDS", 2)
    monkeypatch.setattr(engine, "PATIENCE", 200)
    yield
    effects.begin()


def is_free(book: Path) -> bool:
    """Whether another program may change the book at this moment, whole file and all."""
    with closing(sqlite3.connect(book, timeout=0, isolation_level=None)) as raw:
        try:
            raw.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            return False
        raw.execute("ROLLBACK")
        return True


@pytest.fixture
def typing(book_file: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[bool]]:
    """Somebody sits at a terminal and answers; whether the book was free at each question."""

    def types(*answers: str, encrypted: bool = False) -> list[bool]:
        left, free = list(answers), []

        def answer(question: str = "") -> str:
            free.append(encrypted or is_free(book_file))
            return left.pop(0)

        monkeypatch.setattr(screen, "on_terminal", lambda: True)
        monkeypatch.setattr(builtins, "input", answer)
        monkeypatch.setattr(ask, "getpass", answer)
        return free

    return types


@pytest.fixture
def busy_year(year: Any, prepared: Prepare, book_file: Path, tmp_path: Path) -> Any:
    """A book with something of everything, in the mode in which a reader keeps writers waiting too."""

    def make() -> None:
        for line in (
            ("member", "transfer", "004", "--to", "外院", "--on", "2026-09-30"),
            ("branch", "add", "--name", "心内科党支部", "--kind", "党支部"),
            ("task", "add", "--area", "党建", "--item", "整改", "--responsible", "张三", "--due-on", "2026-12-01"),
            ("index", "compute", "2026Q3"),
            ("index", "publish", "2026Q3", "--branch", "神经内科党支部"),
            ("backup", tmp_path / "carried.db"),
        ):
            assert (done := year(*line)).code == 0, (line, done.err)
        roster = "".join(f"党员{n},G{n:04},正式党员,2010-07-01,神经内科党支部,{{}}\n" for n in range(40))
        head = "姓名,工号,人员类别,入党时间,所在党支部,科室\n"
        (tmp_path / "before.csv").write_text(head + roster.format(*["一病区"] * 40), encoding="utf8")
        (tmp_path / "after.csv").write_text(head + roster.format(*["二病区"] * 40), encoding="utf8")
        (tmp_path / "asks.csv").write_text(HEAD + "甲一,T1,正式党员,女,2010-05,神经内科党支部\n", encoding="utf8")
        assert year("import", tmp_path / "before.csv").code == 0
        with closing(sqlite3.connect(book_file)) as raw:
            raw.execute("PRAGMA journal_mode = delete")

    prepared("busy_year", make)
    return year


#: Every command that asks, and what is typed.
ASKING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "add": (("member", "add"), ("赵六", "正式党员", "神经内科党支部", "006", "", "", "", "")),
    "dues pay": (("dues", "pay", "--branch", "神经内科党支部"), ("2026-08", "全体", "今天", "返回")),
    "locking": (("index", "lock", "2026Q3", "--branch", "神经内科党支部"), ("n",)),
    "remove": (("member", "remove", "张三"), ("n",)),
    "transfer": (("member", "transfer", "李四"), ("外院", "2026-09-01")),
    "forget": (("member", "forget", "004"), ("n",)),
    "task close": (("task", "close", "1"), ("照片", "李四")),
    "objection": (("index", "object", "2026Q3", "--branch", "神经内科党支部"), ("张三", "分数不对")),
    "revision": (("index", "revise", "2026Q3", "--branch", "神经内科党支部"), ("补记一次会议", "y")),
    "quarterly": (("quarterly", "2026Q3"), ("out",)),
    "dues register": (("dues", "register", "2026"), ("神经内科党支部",)),
    "import of a column": (("import", "asks.csv"), ("1",)),
    "import of a column, for a look": (("import", "asks.csv", "--dry-run"), ("1",)),
    "import that changes much": (("import", "after.csv"), ("y",)),
    "restore": (("restore", "carried.db"), ("y",)),
    "encrypt": (("encrypt",), ("红船", "红船")),
}


@pytest.mark.parametrize("case", ASKING)
def test_the_book_is_free_while_a_person_thinks(busy_year: Any, typing: Any, case: str) -> None:
    line, answers = ASKING[case]
    free = typing(*answers)
    done = busy_year(*line)
    assert done.code == 0, done.err
    assert free == [True] * len(answers)


def test_the_key_is_asked_for_before_anything_is_begun(branch: Any, typing: Any, tmp_path: Path) -> None:
    secret_file = tmp_path / "key.txt"
    secret_file.write_text("红船", encoding="utf8")
    assert branch("backup").code == 0
    assert branch("--key-file", secret_file, "encrypt").code == 0
    for line in (("member", "list"), ("member", "edit", "001", "--note", "a"), ("undo", "--yes"), ("backup",), ("doctor",),
                 ("encrypt", "--off", "--yes")):  # fmt: skip
        typing("红船", encrypted=True)
        done = branch(*line)
        assert done.code == 0, (line, done.err)


def test_whoever_asks_within_a_transaction_is_a_defect(book: engine.Book, typing: Any) -> None:
    free = typing("a", "b", "c")
    for opened in (book.reading, book.writing, book.rehearsing):
        with opened():
            for question in (lambda: ask.prompt("甲"), lambda: ask.prompt("乙", unseen=True)):
                with pytest.raises(RuntimeError, match="a question within a transaction"):
                    question()
    assert free == []
    assert ask.prompt("甲") == "a"


def test_two_places_alone_read_what_a_person_types() -> None:
    found = set()
    for path in Path(partybuild_cli.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
            called = node.func if isinstance(node, ast.Call) else None
            name = (
                called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
            )
            if name in ("input", "getpass") or (isinstance(called, ast.Attribute) and name == "prompt"):
                found.add(path.name)
    assert found == {"ask.py"}


def test_a_dry_run_says_the_same_while_another_program_writes(branch: Any, book_file: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "姓名,工号,人员类别,入党时间,科室\n张三,001,正式党员,2008-05,一病区\n新来,009,正式党员,2010-05,\n坏,010,不知道,,\n",
        encoding="utf8",
    )
    expected = branch("import", "a.csv", "--dry-run", "--json", "--rows")
    assert expected.code == 4
    before = dump(book_file)
    with closing(sqlite3.connect(book_file, isolation_level=None)) as raw:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("UPDATE member SET note = '正在写'")
        done = branch("import", "a.csv", "--dry-run", "--json", "--rows")
        raw.execute("ROLLBACK")
    assert (done.code, done.json) == (4, expected.json)
    assert dump(book_file) == before
    real = branch("import", "a.csv", "--skip-bad", "--json", "--rows")
    assert real.json["files"] == expected.json["files"]


def test_a_dry_run_of_an_encrypted_book(branch: Any, book_file: Path, tmp_path: Path) -> None:
    secret_file = tmp_path / "key.txt"
    secret_file.write_text("红船", encoding="utf8")
    assert branch("--key-file", secret_file, "encrypt").code == 0
    (tmp_path / "a.csv").write_text("姓名,工号,人员类别,入党时间\n新来,009,正式党员,2010-05\n", encoding="utf8")
    before = book_file.read_bytes()
    done = branch("--key-file", secret_file, "import", "a.csv", "--dry-run", "--json")
    assert done.code == 0, done.err
    assert done.json["files"][0]["sheets"][0]["rows"]["added"] == 1
    assert not done.json["written"]
    assert book_file.read_bytes() == before


def test_what_others_write_while_a_person_thinks_counts(book: engine.Book, branch: Any, tmp_path: Path) -> None:
    """The clerk is asked for a column; meanwhile somebody else adds the very member of the sheet."""
    (tmp_path / "a.csv").write_text(HEAD + "新来,009,正式党员,女,2010-05,神经内科党支部\n", encoding="utf8")

    def answer(question: Question) -> str:
        added = branch("member", "add", "--name", "新来", "--staff-no", "009", "--category", "正式党员", "--branch",
                       "神经内科党支部", "--joined-on", "2010-05")  # fmt: skip
        assert added.code == 0, added.err
        return "称呼"

    report = import_files(book, [tmp_path / "a.csv"], Options(), ask=answer)
    (sheet,) = report.files[0].sheets
    assert (sheet.counts["added"], sheet.counts["changed"]) == (0, 1)
    assert report.written
    assert len([one for one in branch("member", "list", "--json").json if one["name"] == "新来"]) == 1


def test_a_question_that_somebody_else_has_answered_meanwhile_is_not_asked_again(
    book: engine.Book, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text(HEAD + "甲一,T1,正式党员,女,2010-05,神经内科党支部\n", encoding="utf8")
    (tmp_path / "b.csv").write_text(HEAD + "乙二,T2,正式党员,女,2010-05,神经内科党支部\n", encoding="utf8")
    asked: list[str] = []

    def answer(question: Question) -> str:
        asked.append(question.sentence)
        if len(asked) == 1:
            import_files(book, [tmp_path / "b.csv"], Options(maps={"称呼": "name"}))
        return "称呼"

    assert import_files(book, [tmp_path / "a.csv"], Options(), ask=answer).written
    assert len(asked) == 1


def test_each_file_is_asked_about_on_its_own(book: engine.Book, tmp_path: Path) -> None:
    """Two sheets of one name and layout: the answer to the first is not the answer to the second."""
    (tmp_path / "a.csv").write_text(HEAD + "甲一,T1,正式党员,女,2010-05,神经内科党支部\n", encoding="utf8")
    (tmp_path / "b.csv").write_text(HEAD + "乙二,T2,正式党员,女,2010-05,神经内科党支部\n", encoding="utf8")
    answers = iter([None, "称呼"])
    report = import_files(
        book, [tmp_path / "a.csv", tmp_path / "b.csv"], Options(skip_bad=True), ask=lambda _: next(answers)
    )
    assert [sheet.counts["added"] for file in report.files for sheet in file.sheets] == [0, 1]
    assert next(answers, "asked for both") == "asked for both"


def test_who_agreed_to_a_large_change_agreed_to_no_larger_one(book: engine.Book, branch: Any, tmp_path: Path) -> None:
    head = "姓名,工号,人员类别,入党时间,科室\n"

    def roster(name: str, count: int, department: str) -> Path:
        rows = "".join(f"党员{n},G{n:04},正式党员,2010-07-01,{department}\n" for n in range(count))
        (tmp_path / name).write_text(head + rows, encoding="utf8")
        return tmp_path / name

    import_files(book, [roster("a.csv", 20, "一病区")], Options())
    asked: list[dict[str, tuple[int, int]]] = []

    def agree(large: dict[str, tuple[int, int]]) -> bool:
        asked.append(large)
        if len(asked) == 1:
            import_files(book, [roster("b.csv", 25, "三病区")], Options(yes=True))
        return True

    assert import_files(book, [roster("c.csv", 25, "二病区")], Options(), agree=agree).written
    assert [one["member"][0] for one in asked] == [20, 25]


def dump(book: Path) -> list[str]:
    with closing(sqlite3.connect(book)) as raw:
        return list(raw.iterdump())


#: Holds the write lock of a book until a line comes.
_HOLDS = (
    "import sqlite3, sys; raw = sqlite3.connect(sys.argv[1], isolation_level=None); raw.execute('BEGIN IMMEDIATE');"
    " print('held', flush=True); sys.stdin.readline(); raw.execute('ROLLBACK'); raw.close()"
)


@pytest.mark.parametrize(
    "words",
    [
        ("member", "edit", "张三", "--note", "等到了"),
        ("restore", "手工.db", "--yes"),
        ("--key-file", "密钥.txt", "encrypt"),
        ("backup", "又一份.db"),
    ],
)
def test_who_waits_for_another_program_is_told_so(
    branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """It is told while the other still writes: here that is what makes the other one stop."""
    assert branch("backup", "手工.db").code == 0
    Path("密钥.txt").write_text("红船精神", encoding="utf8")
    monkeypatch.setattr(driver, "ROUNDS", 2)
    monkeypatch.setattr(engine, "SILENCE", 1)
    monkeypatch.setattr(engine, "PATIENCE", 30_000)
    told: list[str] = []
    with subprocess.Popen([sys.executable, "-c", _HOLDS, book_file], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline()

        def end(sentence: str) -> None:
            told.append(sentence)
            if other.poll() is None:
                other.communicate("\n")

        monkeypatch.setattr(run, "note", end)
        assert branch(*words).code == 0
    assert told[0] == "book.db 正被另一个程序使用，正在等它用完（最多 30 秒）…"
