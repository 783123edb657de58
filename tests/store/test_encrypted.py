"""Encrypted books: nobody reads them without the key, everything works with it, and no step between plain and encrypted
loses anything."""

import random
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from partybuild_cli import effects
from partybuild_cli.errors import Busy, Unfit
from partybuild_cli.store import backup, driver, engine, evidence, replace
from partybuild_cli.store.driver import PLAIN, Key
from partybuild_cli.store.engine import open_book
from tests.conftest import Prepare, do
from tests.faults.bench import complaints
from tests.faults.kills import older_book

NAME, ID, PHONE = "欧阳静", "119900199001010029", "15400002222"
WORDS = "密'钥\"😀 -- x'00'"
SECRETS = [one.encode() for one in (NAME, ID, PHONE)]


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A key that is stretched quickly; whoever asks gets it."""
    monkeypatch.setattr(driver, "ROUNDS", 2)
    hold(WORDS)
    yield
    hold(None)


def hold(words: str | None) -> None:
    """What whoever is asked for the key says; None: nobody can be asked."""
    effects.begin()
    effects.passphrase_of = lambda _: words


@pytest.fixture
def path(personal: Any, book_file: Path) -> Path:
    """A plain book with somebody in it and one backup."""
    hold(WORDS)  # commands before it had no key
    return book_file


@pytest.fixture
def personal(branch: Any, prepared: Prepare) -> Any:
    person = f"member add --name {NAME} --staff-no K8888 --id-number {ID} --phone {PHONE} --category 正式党员"
    prepared("encrypted", lambda: do(branch, [person, "backup"]))
    return branch


def relock(path: Path, words: str | None) -> replace.Relocked:
    return replace.relock(engine.open_book(path), None if words is None else Key(words), "partybuild encrypt")


def names(path: Path) -> list[str]:
    with closing(driver.connect(path)) as raw:
        return [name for (name,) in raw.execute("SELECT name FROM member ORDER BY id")]


def everything(book: Path) -> bytes:
    """Every byte of a book and of what lies beside it."""
    files = [*book.parent.glob(f"{book.name}*"), *book.parent.glob(f"{book.name}-*/**/*")]
    return b"".join(one.read_bytes() for one in files if one.is_file())


@pytest.mark.parametrize("encrypted", [True, False])
def test_no_byte_can_be_read(path: Path, encrypted: bool) -> None:
    """A name, an ID number, a phone: in the file, in the log of an open connection, in a backup, in nothing."""
    if encrypted:
        assert relock(path, WORDS).left == []
    with engine.open_book(path).writing() as connection:
        connection.exec_driver_sql("UPDATE member SET note = ?", (NAME * 9000,))
    with engine.open_book(path).reading() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM member").scalar()
        with engine.open_book(path).writing() as connection:
            connection.exec_driver_sql("UPDATE member SET department = ?", (f"{NAME}{ID}{PHONE}",))
        backup.back_up(path, "manual")
        log = path.with_name(f"{path.name}-wal").read_bytes()
        assert log
        seen = [secret in place for secret in SECRETS for place in (log, everything(path))]
    assert seen == [not encrypted] * len(seen)


@pytest.mark.parametrize("words", [WORDS, "简单", "a" * 500, "x'" + "00" * 48 + "'", "é", "\\n%s{}"])
def test_any_words_are_a_key_and_only_the_same_words(path: Path, words: str) -> None:
    before = names(path)
    relock(path, words)
    hold(words)
    assert names(path) == before
    for other in (words + "a", words[:-1] + "b", words.upper() + "b", "e\u0301"):
        hold(other)
        with pytest.raises(Unfit, match="密钥不对"):
            engine.open_book(path)


def test_other_programs_that_know_sqlcipher_open_it_with_the_same_words(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "ROUNDS", 256_000)
    relock(path, WORDS)
    with closing(driver.sqlcipher().connect(str(path))) as raw:
        raw.execute("PRAGMA key = '{}'".format(WORDS.replace("'", "''")))
        assert raw.execute("SELECT count(*) FROM member").fetchone() == (5,)


def test_a_key_is_never_shown() -> None:
    lock = Key(WORDS).lock(bytes(16))
    assert lock.secret
    for shown in (repr(Key(WORDS)), str(Key(WORDS)), repr(lock), str(lock)):
        assert WORDS not in shown
        assert lock.secret not in shown


def test_backups_go_along_and_those_that_cannot_are_named(path: Path) -> None:
    folder = backup.folder_of(path)
    (aside := folder / "book-damaged-2026-01-01-000000.db").write_bytes(b"SQLite format 3\0" + SECRETS[0])
    done = relock(path, WORDS)
    assert done.backups == backup.kept(path) != []
    assert done.left == [aside]
    aside.unlink()
    assert not any(secret in everything(path) for secret in SECRETS)
    hold(WORDS)
    assert relock(path, "新").left == []
    hold("新")
    assert [names(one) for one in (path, *backup.kept(path))] == [names(path)] * (len(backup.kept(path)) + 1)
    assert relock(path, None).left == []
    assert all(driver.is_plain(one) for one in (path, *backup.kept(path)))
    assert complaints(path) == []


def test_a_run_that_was_cut_short_is_run_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Backups were encrypted, the book was not."""

    def cut(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(replace, "_put_over", cut)
        with pytest.raises(KeyboardInterrupt):
            relock(path, WORDS)
    assert driver.is_plain(path)
    assert not any(driver.is_plain(one) for one in backup.kept(path))
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert list(path.parent.rglob(".partybuild-*")) == []
    hold(None)
    done = relock(path, WORDS)
    assert done.left == []
    assert len(done.backups) == 1


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = path.rename(tmp_path / "real.db")
    path.symlink_to(real)
    relock(path, WORDS)
    assert path.is_symlink()
    assert not driver.is_plain(real)


def test_what_was_plain_is_overwritten_and_whoever_waited_for_it_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that waits while the file is replaced must not write into the old one and believe that it is kept."""
    waiter = "\n".join(
        ("import sqlite3, sys", "raw = sqlite3.connect(sys.argv[1], timeout=20)", "print('waits', flush=True)",
         "raw.execute('UPDATE member SET note = 1')", "raw.commit()", "print('wrote')")
    )  # fmt: skip
    started: list[subprocess.Popen[str]] = []
    old = path.open("rb")
    note = replace._draft

    def meanwhile(*given: Any) -> Any:
        started.append(
            subprocess.Popen([sys.executable, "-c", waiter, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             encoding="utf8")
        )  # fmt: skip
        assert started[0].stdout
        assert started[0].stdout.readline() == "waits\n"
        sleep(0.3)
        return note(*given)

    monkeypatch.setattr(replace, "_draft", meanwhile)
    relock(path, WORDS)
    out, err = started[0].communicate()
    assert "wrote" not in out
    assert "not a database" in err
    assert set(old.read()) == {0}
    old.close()


def test_a_backup_for_which_there_is_no_room_is_not_called_damaged(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clerk would delete it. The book is as it was, and the command can be given again."""
    settle = backup.settle

    def full(partial: Path, target: Path) -> None:
        if target in backup.kept(path):
            raise OSError(28, "No space left on device")
        settle(partial, target)

    with monkeypatch.context() as patched:
        patched.setattr(backup, "settle", full)
        with pytest.raises(Busy, match="磁盘已满"):
            relock(path, WORDS)
    assert driver.is_plain(path)
    assert all(driver.is_plain(kept) for kept in backup.kept(path))
    assert relock(path, WORDS).left == []


def test_a_book_that_somebody_has_open_is_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT * FROM member').fetchone(); print('has', flush=True); input()"
    monkeypatch.setattr(engine, "PATIENCE", 200)
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as one:
        assert one.stdout
        one.stdout.readline()
        with pytest.raises(Busy, match="正被另一个程序使用"):
            relock(path, WORDS)
        one.communicate(b"\n")
    assert driver.is_plain(path)
    assert all(driver.is_plain(kept) for kept in backup.kept(path))
    assert complaints(path) == []


@pytest.mark.parametrize("damage", ["salt", "first page", "middle", "cut off", "noise"])
def test_damage_is_one_sentence(path: Path, damage: str) -> None:
    relock(path, WORDS)
    data = bytearray(path.read_bytes())
    place = {"salt": 3, "first page": 200, "middle": 40960}
    if damage in place:
        data[place[damage]] ^= 0xFF
    path.write_bytes(
        data[:-100] if damage == "cut off" else random.Random(1).randbytes(8192) if damage == "noise" else data
    )
    before = path.read_bytes()
    with pytest.raises(Unfit) as told, engine.open_book(path).reading() as connection:  # noqa: PT012
        for table in connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all():
            connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
    assert told.value.sentence.endswith("。")
    assert path.read_bytes() == before
    copied = backup.kept(path)[0]
    from partybuild_cli.store.replace import restore

    done = restore(path, copied, "partybuild restore")
    assert done.replaced is not None
    assert NAME in names(path)
    assert not driver.is_plain(path)


def test_a_last_page_written_in_part_is_mended_from_the_log(path: Path) -> None:
    """A full disk or a power cut while the log is folded in: what was committed is in the log."""
    relock(path, WORDS)
    with engine.open_book(path).reading() as reader:
        reader.exec_driver_sql("SELECT count(*) FROM member").scalar()
        with engine.open_book(path).writing() as connection:
            connection.exec_driver_sql("UPDATE member SET note = ?", ("长" * 9000,))
        log = path.with_name(f"{path.name}-wal").read_bytes()
    torn = path.with_name("torn.db")
    torn.write_bytes(path.read_bytes() + log[80:1000])
    assert driver.lock_of(torn) is PLAIN
    torn.with_name("torn.db-wal").write_bytes(log)
    with engine.open_book(torn).reading() as connection:
        assert connection.exec_driver_sql("SELECT length(note) FROM member").scalar() == 9000


RESTORES: dict[str, tuple[str | None, str | None, str, str | None]] = {
    # book under, backup under, given, the restored book under (None: refused)
    "both": ("甲", "甲", "甲", "甲"),
    "plain into encrypted": ("甲", None, "甲", "甲"),
    "plain into encrypted, wrong key": ("甲", None, "乙", None),
    "encrypted into plain": (None, "甲", "甲", None),
    "backup of an older key": ("甲", "乙", "甲", None),
    "older key given": ("甲", "乙", "乙", "乙"),
}


@pytest.mark.parametrize("case", RESTORES.values(), ids=RESTORES.keys())
def test_restore_never_makes_plain_what_was_encrypted(
    path: Path, tmp_path: Path, case: tuple[str | None, str | None, str, str | None]
) -> None:
    from partybuild_cli.store.replace import restore

    book_under, source_under, given, result = case
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    source = backup.copy(path, folder / "source.db").path
    for file, words in ((source, source_under), (path, book_under)):
        if words is not None:
            relock(file, words)
    before = path.read_bytes()
    hold(given)
    if result is None:
        with pytest.raises(Unfit, match="没有改动任何内容"):
            restore(path, source, "partybuild restore")
        assert path.read_bytes() == before
        return
    replaced = restore(path, source, "partybuild restore").replaced
    assert replaced is not None
    hold(result)
    assert NAME in names(path)
    assert backup.check(path) is None
    hold(book_under or "")
    assert NAME in names(replaced)


def test_restore_on_a_new_computer_needs_the_key(path: Path, tmp_path: Path) -> None:
    from partybuild_cli.store.replace import restore

    relock(path, WORDS)
    source = backup.copy(path, tmp_path / "usb.db").path
    fresh = tmp_path / "new" / "book.db"
    hold("错")
    with pytest.raises(Unfit, match="密钥不对"):
        restore(fresh, source, "partybuild restore")
    assert not fresh.exists()
    hold(WORDS)
    restore(fresh, source, "partybuild restore")
    assert NAME in names(fresh)
    assert not driver.is_plain(fresh)


def test_an_older_encrypted_book_is_backed_up_and_carried_forward(tmp_path: Path) -> None:
    plain, book = older_book(tmp_path / "plain.db", 3), tmp_path / "older.db"
    backup.copy(plain, book, PLAIN, driver.ring().new_lock(Key(WORDS)))
    opened = engine.open_book(book)
    (kept,) = backup.kept(book)
    assert kept.stem.endswith("-upgrade")
    assert not driver.is_plain(kept)
    with opened.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA user_version").scalar() == len(driver.migrations())
        assert connection.exec_driver_sql("SELECT count(*) FROM member").scalar() == 3


@pytest.mark.parametrize("encrypted", [True, False])
def test_what_locks_and_refuses_is_understood_of_both_drivers(path: Path, encrypted: bool) -> None:
    if encrypted:
        relock(path, WORDS)
    with engine.open_book(path).reading() as connection, pytest.raises(Busy, match="只读"), engine.faults(path):
        connection.exec_driver_sql("UPDATE member SET note = 1")
    module: Any = driver.module_of(driver.lock_of(path))
    for name, code, kind, said in (
        ("OperationalError", sqlite3.SQLITE_BUSY_SNAPSHOT, Busy, "正被另一个程序使用"),
        ("OperationalError", sqlite3.SQLITE_FULL, Busy, "磁盘已满"),
        ("OperationalError", sqlite3.SQLITE_IOERR_WRITE, Busy, "磁盘读写出错"),
        ("DatabaseError", sqlite3.SQLITE_CORRUPT, Unfit, "内容损坏"),
    ):
        fault = getattr(module, name)("in whatever words")
        fault.sqlite_errorcode = code
        with pytest.raises(kind, match=said), engine.faults(path):
            raise fault


@pytest.mark.parametrize("encrypted", [True, False])
def test_a_table_that_is_missing_is_damage_and_a_wrong_statement_is_none(path: Path, encrypted: bool) -> None:
    if encrypted:
        relock(path, WORDS)
    book = engine.open_book(path)
    with pytest.raises(Unfit, match="缺少应有的表或列"), book.reading() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    with pytest.raises(driver.errors("OperationalError")), book.reading() as connection:
        connection.exec_driver_sql("SELECT FROM")


def test_one_module_alone_opens_database_files() -> None:
    package = Path(driver.__file__).parents[1]
    wrong = re.compile(r"sqlite3\.connect|sqlite3\.\w*Error|sqlcipher3")
    found = {path.name for path in package.rglob("*.py") if wrong.search(path.read_text(encoding="utf8"))}
    assert found == {"driver.py"}


def test_a_plain_book_never_loads_sqlcipher(path: Path) -> None:
    script = "import sys; from partybuild_cli.cli.run import run; run(['member', 'list']); run(['undo']); print('sqlcipher3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf8", check=True)
    assert done.stdout.splitlines()[-1] == "False"


#: Encrypts (or not any more) and is killed when a file is about to get its name, or has just got it: `MOMENT` of these.
_KILLED = """
import os, signal, sys
from pathlib import Path
from partybuild_cli import effects
from partybuild_cli.store import backup, driver, engine, replace
book, words, moment, off = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4] == "off"
driver.ROUNDS = 2
effects.passphrase_of = lambda _: words
settle, seen = backup.settle, []
def reached():
    seen.append(1)
    if len(seen) == moment:
        os.kill(os.getpid(), signal.SIGKILL)
def settling(partial, target):
    reached()
    settle(partial, target)
    reached()
backup.settle = settling
replace.relock(engine.open_book(book), None if off else driver.Key(words), "partybuild encrypt")
print("done")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize(
    ("way", "moment"), [*(("on", moment) for moment in range(1, 10)), *(("off", moment) for moment in (2, 5, 8, 9))]
)
def test_kill_at_any_moment_leaves_one_or_the_other(path: Path, way: str, moment: int) -> None:
    """Moments: the new book, a proof, a backup, the book's own name, each before and after; the last is never reached."""
    proof = f"%PDF-1.4 {NAME}".encode()
    with open_book(path).writing() as connection:
        evidence.put(connection, proof, "pdf")
    if way == "off":
        relock(path, WORDS)
    before, backups = names(path), backup.kept(path)
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(path), WORDS, str(moment), way], capture_output=True, encoding="utf8"
    )
    assert (done.returncode, done.stdout) == ((-signal.SIGKILL, "") if moment < 9 else (0, "done\n")), done.stderr
    assert driver.is_plain(path) is ((way == "off") if moment >= 8 else (way == "on"))
    assert way == "off" or driver.is_plain(path) or not any(secret in everything(path) for secret in SECRETS)
    with open_book(path).reading() as connection:
        name = f"{evidence.digest(proof)}.pdf"
        assert evidence.read(connection, evidence.Attached("meeting", 1, name, name[:-4], "pdf", 0)) == proof
    assert [names(one) for one in (path, *backups)] == [before] * (1 + len(backups))
    assert [one for one in complaints(path) if not one.startswith("加密")] == []
    assert not list(path.parent.rglob(".partybuild-*")), "what was in the making is swept"
    relock(path, WORDS)
    assert not any(secret in everything(path) for secret in SECRETS)
    assert complaints(path) == []
