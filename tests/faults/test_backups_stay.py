"""A backup that somebody relies on is still there: whatever the clock says, however many others are made after it."""

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from partybuild_cli.store import backup
from partybuild_cli.store.backup import Occasion


def at(moment: str) -> Any:
    return time_machine.travel(datetime.fromisoformat(moment).astimezone(), tick=False)


def made_by_hand(cli: Any) -> Path:
    done = cli("backup", "--json")
    assert done.code == 0, done.err
    return Path(done.json["file"])


def names(book: Path) -> list[str]:
    with closing(sqlite3.connect(book)) as raw:
        return [name for (name,) in raw.execute("SELECT name FROM member ORDER BY id")]


def test_a_dead_battery_does_not_make_the_newest_the_oldest(branch: Any, book_file: Path) -> None:
    earlier = []
    for month in range(1, 25):
        with at(f"{2023 + month // 13}-{(month - 1) % 12 + 1:02}-15 10:00:00"):
            earlier.append(made_by_hand(branch))
    with at("2000-01-01 00:03:00"):
        newest = made_by_hand(branch)
    assert all(path.exists() for path in [*earlier, newest])


@pytest.mark.parametrize(
    ("occasion", "then"),
    [("quarter", "2000-01-01 00:03:00"), ("change", "2099-12-31 23:59:59"), ("undo", "2025-06-01 08:00:00")],
)
def test_an_automatic_one_is_there_after_it_was_made(
    branch: Any, book_file: Path, occasion: Occasion, then: str
) -> None:
    for day in range(1, 29):
        with at(f"2025-05-{day:02} 10:00:00"):
            backup.back_up(book_file, occasion)
    for moment in (then, "2025-06-02 09:00:00", then):
        with at(moment):
            newest = backup.back_up(book_file, occasion).path
        assert newest.exists()
        assert backup.kept(book_file)[0] == newest


def test_a_run_of_automatic_ones_pushes_out_no_other(branch: Any, book_file: Path) -> None:
    with at("2026-07-01 08:00:00"):
        by_hand = made_by_hand(branch)
        others = [backup.back_up(book_file, occasion).path for occasion in ("change", "undo", "upgrade")]
        first = backup.back_up(book_file, "quarter").path
        for _ in range(25):
            newest = backup.back_up(book_file, "quarter").path
    assert all(path.exists() for path in [by_hand, *others, first, newest])
    assert len(backup.kept(book_file)) == 1 + 3 + 11


def test_looking_for_the_right_backup_loses_neither_one_made_by_hand_nor_what_was_replaced_first(
    branch: Any, book_file: Path, tmp_path: Path
) -> None:
    by_hand = made_by_hand(branch)
    carried = tmp_path / "carried.db"
    assert branch("backup", carried).code == 0
    assert branch("member", "add", "--name", "赵六", "--staff-no", "006", "--category", "正式党员").code == 0
    work = names(book_file)
    replaced = [Path(branch("restore", carried, "--yes", "--json").json["replaced"]) for _ in range(15)]
    assert by_hand.exists()
    assert len(set(replaced)) == 15
    assert all(path.exists() for path in replaced)
    assert names(replaced[0]) == work


def test_what_is_damaged_renamed_or_of_another_book_is_never_let_go(branch: Any, book_file: Path) -> None:
    def four() -> list[Path]:
        with at("2026-07-01 08:00:00"):
            return [backup.back_up(book_file, "change").path for _ in range(4)]

    first, damaged, renamed, foreign = four()
    damaged.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    mine = renamed.rename(renamed.with_name(f"年底的-{renamed.name}"))
    with closing(sqlite3.connect(foreign)) as raw, raw:
        raw.execute("UPDATE setting SET value = 'another' WHERE key = 'book'")
    later = [path for _ in range(4) for path in four()]
    assert not later[0].exists(), "this one can be read and is no longer kept, so the rule is at work"
    assert all(path.exists() for path in (first, damaged, mine, foreign))


def test_one_that_cannot_be_deleted_is_no_failure_of_the_new_one(
    branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at("2026-07-01 08:00:00"):
        for _ in range(11):
            backup.back_up(book_file, "quarter")
        unlink = Path.unlink

        def refuse(path: Path, missing_ok: bool = False) -> None:
            if path.suffix == ".db":
                raise PermissionError(13, "in use")
            unlink(path, missing_ok)

        monkeypatch.setattr(Path, "unlink", refuse)
        assert backup.back_up(book_file, "quarter").path.exists()
    assert len(backup.kept(book_file)) == 12


def test_how_much_room_they_take_is_said(branch: Any, book_file: Path) -> None:
    made_by_hand(branch)
    folder = backup.folder_of(book_file)
    shutil.copy(backup.kept(book_file)[0], folder / "年底.db")
    size = sum(path.stat().st_size for path in folder.iterdir())
    said = f"备份文件夹里有 2 个文件，共 {size / 2**20:.1f} MB"
    assert said in branch("status").out
    assert branch("status", "--json").json["backups"] == {"files": 2, "bytes": size}
    assert said in branch("backup", "--list").err
    listed = branch("backup", "--list", "--json").json
    assert [(Path(one["file"]).name, one["occasion"]) for one in listed][1:] == [("年底.db", None)]
    assert listed[0]["occasion"] == "manual"
    done = branch("backup", "--json").json
    assert done["folder"]["files"] == 3
    assert done["folder"]["bytes"] == size + done["bytes"]
