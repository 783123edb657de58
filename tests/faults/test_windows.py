"""No command deletes or replaces a file that it has open itself: on Windows it could not."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli import effects
from partybuild_cli.store import backup, driver
from tests.faults.windows import OPEN_FILES, windows

pytestmark = pytest.mark.skipif(not OPEN_FILES.exists(), reason="this system does not list open files")
SOUND = b"SQLite format 3\0"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(driver, "ROUNDS", 2)
    yield
    effects.begin()


@pytest.fixture
def there(branch: Any) -> Iterator[Any]:
    """A branch's book on Windows; nothing may be refused."""
    with windows() as refused:
        yield branch
    assert refused == []


def key_file(path: Path, words: str = "红船") -> Path:
    path.write_text(words, encoding="utf8")
    path.chmod(0o600)
    return path


def names(book: Path) -> list[str]:
    with closing(sqlite3.connect(book)) as raw:
        return [name for (name,) in raw.execute("SELECT name FROM member ORDER BY id")]


def test_the_trial_refuses_what_windows_refuses(book_file: Path) -> None:
    book_file.write_bytes(b"")
    other = book_file.with_name("other")
    other.write_bytes(b"")
    with windows() as refused, closing(sqlite3.connect(book_file)):
        for deed in (book_file.unlink, lambda: book_file.replace(other), lambda: other.replace(book_file)):
            with pytest.raises(PermissionError):
                deed()
        other.unlink()
    assert len(refused) == 3


def header(book: Path) -> None:
    book.write_bytes(SOUND + b"\xff" * 5000)


def pages(book: Path) -> None:
    data = bytearray(book.read_bytes())
    for at in range(8192, len(data), 4096):
        data[at : at + 400] = b"\x5a" * 400
    book.write_bytes(data)


def cut_off(book: Path) -> None:
    book.write_bytes(book.read_bytes()[:9000])


def no_book(book: Path) -> None:
    book.write_bytes(b"\xa5" * 8192)


def dangling(book: Path) -> None:
    with closing(sqlite3.connect(book)) as raw, raw:
        raw.execute("UPDATE member SET branch_id = 77")


@pytest.mark.parametrize("hurt", [header, pages, cut_off, no_book, dangling])
def test_a_damaged_book_is_restored(there: Any, book_file: Path, hurt: Callable[[Path], None]) -> None:
    saved = there("backup", "--json").json["file"]
    hurt(book_file)
    as_it_was = book_file.read_bytes()
    done = there("restore", saved, "--yes", "--json")
    assert done.code == 0, done.err
    assert len(names(book_file)) == 4
    assert Path(done.json["replaced"]).read_bytes() == as_it_was
    assert there("doctor").code == 0


def test_a_sound_book_is_restored_and_so_is_one_that_is_gone(there: Any, book_file: Path) -> None:
    saved = there("backup", "--json").json["file"]
    assert there("restore", saved, "--yes").code == 0
    book_file.unlink()
    assert there("restore", saved).code == 0
    assert len(names(book_file)) == 4


def test_a_backup_that_is_no_good_is_refused(there: Any, tmp_path: Path) -> None:
    for hurt in (header, pages, cut_off, no_book, dangling):
        bad = tmp_path / f"{hurt.__name__}.db"
        assert there("backup", bad).code == 0
        hurt(bad)
        assert there("restore", bad, "--yes").code == 3
        bad.unlink()
    assert not list(tmp_path.rglob(".partybuild-*"))


def test_encrypting_leaves_no_plain_backup_behind(there: Any, book_file: Path, tmp_path: Path) -> None:
    secret = key_file(tmp_path / "key.txt")
    folder = backup.folder_of(book_file)
    for _ in range(2):
        assert there("backup").code == 0
    backup.kept(book_file)[0].rename(folder / "年底.db")
    done = there("--key-file", secret, "encrypt", "--json")
    assert done.code == 0, done.err
    assert (done.json["backups"], done.json["left"]) == (2, [])
    assert not any(driver.is_plain(path) for path in [book_file, *folder.iterdir()])
    assert there("--key-file", secret, "restore", folder / "年底.db", "--yes").code == 0

    other = key_file(tmp_path / "other.txt", "换过的")
    assert there("--key-file", secret, "encrypt", "--new-key-file", other).code == 0
    assert there("--key-file", other, "backup").code == 0
    assert there("--key-file", other, "encrypt", "--off", "--yes").code == 0
    assert all(driver.is_plain(path) for path in [book_file, *folder.iterdir()])
    assert there("doctor").code == 0


def test_what_cannot_be_encrypted_is_named_and_is_no_success(there: Any, book_file: Path, tmp_path: Path) -> None:
    secret = key_file(tmp_path / "key.txt")
    assert there("backup").code == 0
    saved = backup.kept(book_file)[0]
    pages(book_file)
    assert there("restore", saved, "--yes").code == 0
    with closing(sqlite3.connect(backup.folder_of(book_file) / "photos.db")) as raw:
        raw.execute("CREATE TABLE photo (id INTEGER)")
    left = [*backup.folder_of(book_file).glob("*damaged*"), backup.folder_of(book_file) / "photos.db"]
    done = there("--key-file", secret, "encrypt")
    assert done.code == 1
    assert len(left) >= 2
    assert all(path.name in done.err for path in left)
    assert driver.is_plain(left[-1])
    assert not driver.is_plain(book_file)


def test_a_copy_that_fails_leaves_nothing_behind(
    there: Any, book_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full in the middle of writing the encrypted copy: the original error is told, and no part stays."""
    secret = key_file(tmp_path / "key.txt")

    def full(raw: Any) -> Any:
        fault = driver.sqlcipher().OperationalError("database or disk is full")
        fault.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise fault

    monkeypatch.setattr(driver, "count_rows", full)
    done = there("--key-file", secret, "encrypt")
    assert done.code == 5
    assert "磁盘已满" in done.err
    assert not list(tmp_path.rglob(".partybuild-*"))
    monkeypatch.undo()
    assert driver.is_plain(book_file)


def test_everyday_commands(there: Any, book_file: Path, tmp_path: Path) -> None:
    roster = tmp_path / "花名册.csv"
    rows = "".join(f"党员{n},G{n:04},正式党员,2010-07-01,神经内科党支部\n" for n in range(120))
    roster.write_text(f"姓名,工号,人员类别,入党时间,所在党支部\n{rows}", encoding="utf8")
    bad = tmp_path / "bad.csv"
    bad.write_text("姓名,工号,人员类别,入党时间\n甲,1,无此类别,2010-05\n", encoding="utf8")
    words: list[tuple[object, ...]] = [
        ("import", roster), ("undo", "--yes"), ("export", "--out", tmp_path / "out"), ("template", "member", "--out", tmp_path),
        ("quarterly", "2026Q3", "--out", tmp_path / "q"), ("quarterly", "2026Q3", "--out", tmp_path / "q"),
        ("report", "2026Q3", "--html", tmp_path / "report.html"), ("bundle", "2026Q3", "--out", tmp_path / "b.zip"),
        ("index", "compute", "2026Q3"), ("member", "transfer", "001", "--to", "外院", "--on", "2026-09-01"),
        ("backup",), ("member", "forget", "001", "--yes"), ("doctor",),
    ]  # fmt: skip
    for line in words:
        done = there(*line)
        assert done.code == 0, (line, done.err)
    assert there("import", bad).code == 4
