"""`init --encrypt` and `encrypt`: the key comes from a file or is asked for once, and everything works as on a plain book."""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli import effects
from partybuild_cli.cli import ask, screen
from partybuild_cli.demo import story
from partybuild_cli.demo.story import prepare
from partybuild_cli.records.base.editing import found
from partybuild_cli.store import driver, history, rows
from partybuild_cli.store.engine import open_book
from tests.cli.test_startup import complete

WORDS = "红船 'n\" 😀"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(driver, "ROUNDS", 2)
    yield
    effects.begin()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "密钥.txt"
    path.write_text(f"\ufeff{WORDS} \r\n第二行不算\n", encoding="utf8")  # as Notepad writes it
    path.chmod(0o600)
    return path


@pytest.fixture
def locked(cli: Any, key_file: Path) -> Callable[..., Any]:
    """Commands on an encrypted book, with its key."""

    def call(*words: object) -> Any:
        return cli("--key-file", key_file, *words)

    assert call("init", "--branch", "甲党支部", "--encrypt").code == 0
    assert call("member", "add", "--name", "欧阳静", "--staff-no", "1", "--category", "正式党员").code == 0
    return call


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Somebody sits at the terminal and types these keys; the questions that were asked."""

    def types(*answers: str) -> list[str]:
        left, asked = list(answers), []

        def answer(question: str) -> str:
            asked.append(question)
            return left.pop(0)

        monkeypatch.setattr(screen, "on_terminal", lambda: True)
        monkeypatch.setattr(ask, "getpass", answer)
        return asked

    return types


def refused(done: Any, code: int, words: str) -> None:
    assert done.code == code, done.err
    assert words in done.err
    assert done.err.startswith("错误：")
    assert done.err.endswith("。\n")
    assert done.err.count("\n") == 1
    assert WORDS not in done.err


def test_a_book_is_encrypted_from_its_first_byte(locked: Any, book_file: Path) -> None:
    assert not driver.is_plain(book_file)
    assert book_file.stat().st_mode & 0o777 == 0o600
    assert locked("member", "list", "--json").json[0]["name"] == "欧阳静"
    assert locked("doctor", "--json").json["encrypted"] is True
    assert "加密：已加密" in locked("doctor").out


def test_every_command_asks_once_and_only_where_it_must(locked: Any, cli: Any, typing: Any, tmp_path: Path) -> None:
    for words in (("member", "list"), ("member", "edit", "欧阳静", "--note", "a"), ("backup",), ("undo", "--yes"), ("doctor",),
                  ("quarterly", "2026Q3", "--out", tmp_path / "out"), ("export", "member", "--out", tmp_path)):  # fmt: skip
        asked = typing(f" {WORDS} ")
        done = cli(*words)
        assert done.code == 0, done.err
        assert asked == ["book.db 的密钥（输入时不显示）："]
    asked = typing()
    assert cli("--help").code == 0
    assert cli("member", "add", "--help").code == 0
    assert asked == []


def test_nobody_is_asked_where_nobody_sits(
    locked: Any, cli: Any, key_file: Path, monkeypatch: Any, tmp_path: Path
) -> None:
    for words in (("member", "list"), ("quarterly", "last", "--out", tmp_path), ("doctor",), ("backup",)):
        refused(cli(*words), 2, "PARTYBUILD_KEY_FILE")
    monkeypatch.setenv("PARTYBUILD_KEY_FILE", str(key_file))
    assert cli("quarterly", "2026Q3", "--out", tmp_path / "cron").code == 0


def test_a_wrong_key_changes_nothing(locked: Any, cli: Any, typing: Any, tmp_path: Path, book_file: Path) -> None:
    before = book_file.read_bytes()
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("错")
    for words in (("member", "list"), ("member", "add", "--name", "乙", "--staff-no", "2", "--category", "正式党员"), ("undo", "--yes"), ("encrypt", "--off", "--yes"), ("backup",),
                  ("member", "forget", "欧阳静", "--yes")):  # fmt: skip
        refused(cli("--key-file", wrong, *words), 3, "密钥不对")
    assert cli("--key-file", wrong, "doctor").code == 1
    typing("也错")
    refused(cli("member", "list"), 3, "密钥不对")
    assert book_file.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "不能读取密码或密钥文件"), (b"", "第一行是空的"), (b"  \nx", "第一行是空的"), (b"\xff\xfek\0", "UTF-8")],
)
def test_a_key_file_that_gives_no_key(locked: Any, cli: Any, tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "k"
    if content is not None:
        file.write_bytes(content)
    refused(cli("--key-file", file, "member", "list"), 3, words)
    refused(cli("--db", tmp_path / "new.db", "--key-file", file, "init", "--branch", "乙", "--encrypt"), 3, words)
    assert not (tmp_path / "new.db").exists()


def test_making_a_book_asks_twice(cli: Any, typing: Any, book_file: Path) -> None:
    typing("")
    refused_after_note(cli("init", "--branch", "甲党支部", "--encrypt"), 2, "密钥不能为空")
    typing(WORDS, "别的")
    refused_after_note(cli("init", "--branch", "甲党支部", "--encrypt"), 2, "两次输入的密钥不一样")
    assert not book_file.exists()
    assert len(asked := typing(WORDS, WORDS)) == 0
    assert cli("init", "--branch", "甲党支部", "--encrypt").code == 0
    assert len(asked) == 2
    assert not typing()
    refused(cli("init", "--branch", "甲党支部", "--encrypt"), 3, "已经存在")


def refused_after_note(done: Any, code: int, words: str) -> None:
    note, _, rest = done.err.partition("\n")
    assert "密钥丢了" in note
    done.__dict__["err"] = rest
    refused(done, code, words)


def test_making_one_without_terminal_needs_a_key_file(cli: Any, key_file: Path, book_file: Path) -> None:
    refused(cli("init", "--branch", "甲党支部", "--encrypt"), 2, "--key-file")
    assert not book_file.exists()
    done = cli("--key-file", key_file, "init", "--branch", "甲党支部")
    assert done.code == 0
    assert "没有加密" in done.err
    assert driver.is_plain(book_file)


def test_a_plain_book_is_encrypted_gets_another_key_and_is_plain_again(
    branch: Any, key_file: Path, tmp_path: Path, book_file: Path
) -> None:
    branch("backup")
    listed = branch("member", "list", "--json").json
    refused(branch("encrypt"), 2, "--key-file")
    done = branch("--key-file", key_file, "encrypt", "--json")
    assert done.json == {"file": str(book_file), "encrypted": True, "backups": 1, "left": []}
    other = tmp_path / "new.txt"
    other.write_text("换过的")
    refused(branch("--key-file", key_file, "encrypt"), 2, "--new-key-file")
    done = branch("--key-file", key_file, "encrypt", "--new-key-file", other)
    assert done.code == 0
    assert "连同 1 份备份" in done.out
    refused(branch("--key-file", key_file, "member", "list"), 3, "密钥不对")
    assert branch("--key-file", other, "member", "list", "--json").json == listed
    refused(branch("--key-file", other, "encrypt", "--off"), 2, "--yes")
    refused(branch("--key-file", other, "encrypt", "--off", "--new-key-file", other), 2, "--new-key-file")
    assert branch("--key-file", other, "encrypt", "--off", "--yes").code == 0
    assert driver.is_plain(book_file)
    assert branch("member", "list", "--json").json == listed
    assert branch("log", "verify").code == 0
    assert [one["rows"] for one in branch("log", "--json").json[:3]] == [
        {"added": 0, "changed": 0, "removed": 0, "erased": 0}
    ] * 3
    refused(branch("encrypt", "--off", "--yes"), 3, "没有加密")


def test_a_key_is_in_no_output_no_log_and_no_traceback(
    locked: Any, key_file: Path, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "".join(done.out + done.err for done in (locked("log", "--json"), locked("doctor"), locked("backup")))
    assert "红船" not in said
    words = [sys.executable, "-m", "partybuild_cli", "--key-file", str(key_file), "member", "list"]
    broken = "import sqlalchemy.engine.base as b; from partybuild_cli.store import driver; driver.ROUNDS = 2; b.Connection.exec_driver_sql = None; "
    broken += "import sys; from partybuild_cli.cli.run import run; run(sys.argv[1:])"
    monkeypatch.setenv("PARTYBUILD_DEBUG", "1")
    done = subprocess.run([sys.executable, "-c", broken, *words[3:]], capture_output=True, encoding="utf8", check=False)
    assert "Traceback" in done.stderr
    assert "红船" not in done.stderr
    salt = book_file.read_bytes()[:16]
    assert str(driver.Key(WORDS).lock(salt).secret)[2:20] not in done.stderr


def test_without_the_package_one_sentence_says_what_to_install(
    locked: Any, cli: Any, branch_free: Path, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlcipher3.dbapi2", None)
    words = "用 pip 安装 sqlcipher3"
    for command in (
        ("member", "list"),
        ("encrypt",),
        ("doctor",),
        ("backup",),
        ("init", "--branch", "甲", "--encrypt"),
    ):
        refused(locked(*command), 3, words)
    refused(cli("--db", branch_free, "--key-file", key_file, "init", "--branch", "甲", "--encrypt"), 3, words)
    assert not branch_free.exists()
    assert cli("--db", branch_free, "init", "--branch", "甲").code == 0
    assert cli("--db", branch_free, "member", "list").code == 0


@pytest.fixture
def branch_free(tmp_path: Path) -> Path:
    return tmp_path / "another.db"


def test_doctor_looks_at_the_key_file_and_at_plain_backups(locked: Any, key_file: Path, book_file: Path) -> None:
    key_file.chmod(0o640)
    done = locked("doctor")
    assert done.code == 1
    assert f"chmod go= {key_file}" in done.out
    key_file.chmod(0o600)
    assert locked("backup").code == 0
    assert locked("doctor").code == 0
    folder = book_file.with_name("book.db-backups")
    (folder / "old.db").write_bytes(b"SQLite format 3\0")
    (folder / "old.db").chmod(0o600)
    assert "old.db 没有加密" in locked("doctor").out


def test_names_complete_where_a_key_file_is_given_and_nobody_is_asked(
    locked: Any, key_file: Path, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "ROUNDS", 256_000)
    truly = book_file.with_name("true.db")
    effects.begin()
    found(truly, {"name": "乙党支部", "kind": "党支部", "parent": None}, driver.ring().new_lock(driver.Key(WORDS)))
    words = "partybuild member list --branch 乙"
    assert complete(words, PARTYBUILD_DB=str(truly))[1] == []
    assert complete(words, PARTYBUILD_DB=str(truly), PARTYBUILD_KEY_FILE=str(key_file))[1] == ["乙党支部"]
    assert complete(words, PARTYBUILD_DB=str(truly), PARTYBUILD_KEY_FILE="none.txt")[1] == []
    given = f"partybuild --db {truly} --key-file {key_file} member list --branch 乙"
    assert complete(given)[1] == ["乙党支部"]


def test_forgetting_reaches_every_encrypted_file(locked: Any, book_file: Path) -> None:
    assert locked("backup").code == 0
    assert locked("member", "transfer", "欧阳静", "--to", "外院党委", "--on", "2026-10-01").code == 0
    assert locked("member", "forget", "欧阳静", "--yes").code == 0
    assert locked("encrypt", "--off", "--yes").code == 0
    files = [book_file, *book_file.with_name("book.db-backups").glob("*")]
    assert len(files) >= 2
    assert not any("欧阳静".encode() in path.read_bytes() for path in files)


def test_ctrl_c_at_the_question(locked: Any, cli: Any, monkeypatch: pytest.MonkeyPatch, book_file: Path) -> None:
    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(screen, "on_terminal", lambda: True)
    monkeypatch.setattr(ask, "getpass", interrupt)
    done = cli("member", "list")
    assert done.code == 130
    assert "没有写入任何内容" in done.err


def test_the_demo_comes_out_the_same(cli: Any, key_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Import, meeting, service, index, quarter: an encrypted book gives what a plain one gives, to the byte."""
    monkeypatch.setattr(driver.secrets, "token_hex", lambda size: "ab" * size)  # two books of one name
    monkeypatch.setattr(history, "stamps", lambda connection: defaultdict(lambda: "00000000"))  # made at one moment
    told: dict[str, list[Any]] = {}
    for name in ("plain", "encrypted"):
        folder, numbers = tmp_path / name, count()
        monkeypatch.setattr(rows, "token_hex", lambda size, numbers=numbers: f"{next(numbers):0{2 * size}x}")
        folder.mkdir()
        monkeypatch.chdir(folder)  # the log names the files as they were typed
        ledgers = prepare(Path(), print)
        book = Path("partybuild.db")
        for step, lines in story.steps(Path(), ledgers):
            for line in lines:
                sealed = ["--encrypt"] if line[0] == "init" and name == "encrypted" else []
                done = cli("--key-file", key_file, "--db", book, *line, *sealed)
                assert done.code == 0, (step, done.err)
        manifest = json.loads((folder / "季度归档/2026Q3/manifest.json").read_text(encoding="utf8"))
        told[name] = [{key: value for key, value in manifest.items() if key not in ("history", "seal")}]  # of one book
        assert driver.is_plain(book) is (name == "plain")
        for words in (("member", "list", "--all"), ("dues", "list"), ("meeting", "list"), ("report", "2026Q3"), ("check", "2026Q3"),
                      ("index", "list", "2026Q3"), ("index", "annual", "2026"), ("development", "list")):  # fmt: skip
            done = cli("--key-file", key_file, "--db", book, *words, "--json")
            assert done.code in (0, 1), (words, done.err)
            told[name].append(done.json)
        with open_book(book).reading() as connection:
            told[name].append(connection.exec_driver_sql("SELECT count(*) FROM change").scalar())
    assert told["plain"] == told["encrypted"]
