"""The quarter's folder: the same bytes each time, whole or not at all, one run at a time."""

import hashlib
import json
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import time_machine
from filelock import FileLock
from openpyxl import load_workbook

from partybuild_cli.errors import Busy, Unfit
from partybuild_cli.reports.folder import MANIFEST, deliver
from partybuild_cli.store import backup, chain
from partybuild_cli.store.engine import open_book


def sums(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_same_records_same_bytes(year, tmp_path):
    first = year("quarterly", "2026Q3", "--out", tmp_path / "a", "--json").json
    second = year("quarterly", "2026Q3", "--out", tmp_path / "b", "--json").json
    assert sums(tmp_path / "a" / "2026Q3") == sums(tmp_path / "b" / "2026Q3")
    assert first["files"] == second["files"]
    again = year("quarterly", "2026Q3", "--out", tmp_path / "a")
    assert "与上次完全相同" in again.out


def test_the_manifest_names_every_file(year, tmp_path):
    year("quarterly", "2026Q3", "--out", tmp_path)
    folder = tmp_path / "2026Q3"
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf8"))
    found = sums(folder)
    assert {one["file"]: one["sha256"] for one in manifest["files"]} == {
        name: value for name, value in found.items() if name != MANIFEST
    }
    assert (manifest["period"], manifest["records"]["三会一课台账"]) == ("2026Q3", 1)


def test_only_the_owner_may_read(year, tmp_path):
    year("quarterly", "2026Q3", "--out", tmp_path / "out")
    folder = tmp_path / "out" / "2026Q3"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_new_records_make_a_new_folder(year, tmp_path):
    year("quarterly", "2026Q3", "--out", tmp_path)
    before = sums(tmp_path / "2026Q3")
    year("meeting", "add", "--kind", "党课", "--on", "2026-09-20", "--topic", "微党课")
    assert year("quarterly", "2026Q3", "--out", tmp_path).code == 0
    after = sums(tmp_path / "2026Q3")
    assert before["三会一课台账2026Q3.xlsx"] != after["三会一课台账2026Q3.xlsx"]
    assert before["党员花名册.xlsx"] == after["党员花名册.xlsx"]


def test_a_file_that_was_deleted_is_made_again(year, tmp_path):
    year("quarterly", "2026Q3", "--out", tmp_path)
    good = sums(tmp_path / "2026Q3")
    (tmp_path / "2026Q3" / "党员花名册.xlsx").unlink()
    assert year("quarterly", "2026Q3", "--out", tmp_path, "--json").json["changed"] is True
    assert sums(tmp_path / "2026Q3") == good


@pytest.mark.parametrize(
    ("arguments", "words"), [(["2026Q5"], "2026Q5"), (["2026-09"], "不是一个季度"), (["2026Q3"], "--out")]
)
def test_wrong_words(year, tmp_path, arguments, words):
    out = [] if words == "--out" else ["--out", tmp_path / "out"]
    done = year("quarterly", *arguments, *out)
    assert (done.code, words in done.err) == (2, True)


def test_a_folder_of_somebody_else_is_left_alone(year, tmp_path):
    (tmp_path / "2026Q3").mkdir()
    (tmp_path / "2026Q3" / "私人.txt").write_text("x")
    done = year("quarterly", "2026Q3", "--out", tmp_path)
    assert (done.code, "不是 partybuild 生成的" in done.err) == (3, True)
    assert (tmp_path / "2026Q3" / "私人.txt").read_text() == "x"


def test_two_runs_are_kept_apart(tmp_path):
    with FileLock(tmp_path / ".2026Q3.lock"), pytest.raises(Busy, match="另一个程序正在生成"):
        deliver(tmp_path / "2026Q3", lambda folder: {})


def test_a_failure_leaves_nothing(tmp_path):
    def fill(folder: Path) -> dict:
        (folder / "a.txt").write_text("x")
        raise Unfit("坏了")

    with pytest.raises(Unfit):
        deliver(tmp_path / "2026Q3", fill)
    assert not (tmp_path / "2026Q3").exists()


SLOW = """
import sys, time
from pathlib import Path
from partybuild_cli.reports.folder import deliver
def fill(folder):
    for number in range(200):
        (folder / f"{number}.txt").write_text("x" * 1000)
        print(number, flush=True)
        time.sleep(0.01)
    return {"period": "2026Q3"}
deliver(Path(sys.argv[1]) / "2026Q3", fill)
"""


def test_killed_half_way_there_is_no_half_folder(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while process.stdout.readline().strip() != "20":
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not (tmp_path / "2026Q3").exists()
    done = deliver(tmp_path / "2026Q3", lambda folder: {"period": "2026Q3"})
    assert sorted(path.name for path in done.folder.iterdir()) == [MANIFEST]


def on(moment: str):
    return time_machine.travel(moment, tick=False)


def test_a_failed_run_tells_a_person_and_status_and_the_next_makes_up_what_was_missed(year, tmp_path):
    out, notice = tmp_path / "归档", tmp_path / "没有成功.txt"

    def run():
        return year("quarterly", "last", "--out", out, "--notify-file", notice, "--json")

    with on("2026-10-01T06:30:00+08:00"):
        assert year("status", "--json").json["runs"] == {"last_good": None, "last_failed": None, "missing": []}
        assert run().code == 0
    (out / "2026Q4").write_text("something of somebody's")
    for moment in ("2027-01-01T06:30:00+08:00", "2027-01-02T06:30:00+08:00"):
        with on(moment):
            assert run().code == 3
    told = notice.read_text(encoding="utf8")
    assert all(words in told for words in ("没有成功：2026Q4", "从 2027-01-01 06:30 起", "2026Q3"))
    assert stat.S_IMODE(notice.stat().st_mode) == 0o600
    with on("2027-04-01T06:00:00+08:00"):
        runs = year("status", "--json").json["runs"]
        assert (runs["last_good"]["period"], runs["last_failed"]["over"], runs["missing"]) == (
            "2026Q3",
            False,
            ["2026Q4", "2027Q1"],
        )
        shown = year("status").out
        assert all(words in shown for words in ("最近成功", "最近失败", "没有归档的季度　2026Q4、2027Q1"))
        assert f"quarterly last --out {out}" in shown, "into the folder in which the others are"
    (out / "2026Q4").unlink()
    with on("2027-04-01T06:30:00+08:00"):
        done = run()
        assert (done.code, done.json["period"], done.json["made_up"]) == (0, "2027Q1", ["2026Q4"])
        assert (out / "2026Q4" / MANIFEST).exists()
        assert not notice.exists()
        runs = year("status", "--json").json["runs"]
        assert (runs["missing"], runs["last_failed"]["over"]) == ([], True)


def test_a_run_that_cannot_open_the_book_is_told_too(year, book_file, tmp_path):
    data = book_file.read_bytes()
    assert year("quarterly", "2026Q3", "--out", tmp_path / "out").code == 0
    data = book_file.read_bytes()
    book_file.write_bytes(data[:5000])
    last = ("quarterly", "last", "--out", tmp_path / "out", "--notify-file", tmp_path / "told.txt")
    assert year("--db", book_file, *last).code == 3
    told = (tmp_path / "told.txt").read_text(encoding="utf8")
    assert f"partybuild --db {book_file} restore" in told, "what is to be done can be typed as it stands"
    book_file.write_bytes(b"not a book")
    done = year(*last)
    assert done.code == 3
    assert "不是 partybuild 的数据库" in (tmp_path / "told.txt").read_text(encoding="utf8")
    book_file.write_bytes(data)
    assert "不是 partybuild 的数据库" in year("status", "--json").json["runs"]["last_failed"]["why"]


def test_a_run_on_a_book_that_is_not_there_leaves_nothing_to_the_next_book(cli, tmp_path):
    book, notice = tmp_path / "later.db", tmp_path / "没有成功.txt"
    assert cli("--db", book, "quarterly", "2026Q3", "--out", tmp_path / "out", "--notify-file", notice).code != 0
    assert "没有找到数据库" in notice.read_text(encoding="utf8")
    assert cli("--db", book, "init", "--branch", "外科党支部").code == 0
    assert cli("--db", book, "status", "--json").json["runs"] == {"last_good": None, "last_failed": None, "missing": []}


def test_a_notice_takes_the_place_of_nothing_else(year, tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("x")
    assert year("quarterly", "2026Q3", "--out", tmp_path / "out", "--notify-file", mine).code == 3
    assert mine.read_text() == "x"


def test_an_identical_run_makes_no_second_backup(year, book_file, tmp_path):
    def quarter_backups():
        return [one for one in backup.made(book_file) if one.occasion == "quarter"]

    for _ in range(3):
        assert year("quarterly", "2026Q3", "--out", tmp_path).code == 0
    assert len(quarter_backups()) == 1
    year("member", "edit", "张三", "--note", "x")
    year("quarterly", "2026Q3", "--out", tmp_path)
    assert len(quarter_backups()) == 2
    quarter_backups()[0].path.unlink()
    quarter_backups()[0].path.unlink()
    year("quarterly", "2026Q3", "--out", tmp_path)
    assert len(quarter_backups()) == 1


def reseal(book: Path, sql: str) -> None:
    """Somebody who knows the program alters an old entry and seals all that follow anew."""
    with closing(sqlite3.connect(book)) as raw:
        for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            raw.execute(f'DROP TRIGGER "{name}"')
        raw.execute(sql)
        raw.commit()
    with open_book(book).writing() as connection:
        chain.seal_again(connection)


ALTERED = "UPDATE change SET user = 'somebody' WHERE id = 3"


@pytest.mark.parametrize("keeper", ["backup", "archive"])
def test_a_history_sealed_anew_from_outside_is_told(year, book_file, tmp_path, keeper):
    year(*(["backup"] if keeper == "backup" else ["quarterly", "2026Q3", "--out", tmp_path / "out"]))
    if keeper == "archive":
        shutil.rmtree(backup.folder_of(book_file))
    year("member", "edit", "张三", "--note", "x")
    assert year("doctor").code == 0
    reseal(book_file, ALTERED)
    with open_book(book_file).reading() as connection:
        assert chain.verify(connection).altered is None
    wrong = [one for one in year("doctor", "--json").json["checks"] if not one["ok"]]
    assert [one["id"] for one in wrong] == ["witness"]
    assert "从第" in wrong[0]["message"]


def test_a_restore_and_an_erasure_are_no_forgery(year, book_file, tmp_path, monkeypatch):
    here = year

    def year(*words):
        monkeypatch.setattr(sys, "argv", ["partybuild", *map(str, words)])  # what stands in the log
        return here(*words)

    first = year("backup", "--json").json["file"]
    year("member", "edit", "张三", "--note", "x")
    year("quarterly", "2026Q3", "--out", tmp_path / "out")
    year("backup")
    assert year("restore", first, "--yes").code == 0
    for note in "abcd":
        year("member", "edit", "李四", "--note", note)
    year("backup")
    assert year("doctor").code == 0
    later = backup.kept(book_file)[1]
    assert year("restore", later, "--yes").code == 0
    assert year("doctor").code == 0
    year("quarterly", "2026Q3", "--out", tmp_path / "out")
    assert year("member", "transfer", "李四", "--to", "外院", "--on", "2026-10-01").code == 0
    assert year("backup").code == 0
    assert year("member", "forget", "李四", "--yes").code == 0
    year("member", "edit", "张三", "--note", "y")
    assert year("doctor").code == 0, year("doctor").out


def test_the_folder_says_what_the_commands_say(year, tmp_path):
    """September's dues are late when the quarter has ended, in the report as in the self-check beside it."""
    year(*"dues add --member 张三 --month 2026-09 --due 50 --paid 50 --paid-on 2026-09-10".split())
    assert year("quarterly", "2026Q3", "--out", tmp_path).code == 0
    told = {line["id"]: line["of"] for line in year("report", "2026Q3", "--json").json["figures"]}
    sheet = load_workbook(tmp_path / "2026Q3" / "数据报告2026Q3.xlsx").worksheets[0]
    kept = {row[2].value: str(row[3].value) for row in sheet.iter_rows()}
    assert kept["党费缴足率"].split(" = ")[0] == told["dues.paid_rate"]
    checked = [
        re.match("应缴([0-9]+)人月", line["figure"]) for line in year("check", "2026Q3", "D5", "--json").json["items"]
    ]
    assert sum(int(owed[1]) for owed in checked if owed) == int(told["dues.paid_rate"].split("/")[1])


@pytest.mark.parametrize(("book", "key"), [("数据报告2026Q3.xlsx", "义诊"), ("自查表2026Q3.xlsx", "神经内科党支部 E2")])
def test_a_figure_leads_to_the_rows_of_the_exported_ledger(year, tmp_path, book, key):
    """From the figure to its records, and from each of them to its row in the ledger beside."""
    year("service", "add", "--kind", "义诊", "--on", "2026-09-12", "--title", "下乡", "--member", "李四")
    assert year("quarterly", "2026Q3", "--out", tmp_path).code == 0
    folder = tmp_path / "2026Q3"
    first, behind = load_workbook(folder / book).worksheets[:2]
    opened = {cell.hyperlink.location for row in first.iter_rows() for cell in row if cell.hyperlink}
    mine = [row for row in behind.iter_rows(min_row=3) if str(row[0].value).startswith(key)]
    assert f"'依据记录'!A{mine[0][0].row}" in opened
    titles = []
    for row in mine:
        link = row[1].hyperlink
        sheet = load_workbook(folder / link.target)[link.location.split("!")[0].strip("'")]
        titles += [cell.value for cell in sheet[int(link.location.split("!A")[1])] if cell.value == row[4].value]
    assert titles == ["进社区", "下乡"]
