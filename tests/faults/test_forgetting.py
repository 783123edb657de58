"""One person is forgotten wholly, and nobody else: whoever ever stood in the book, wherever copies lie, however the run ends."""

import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.store import backup, driver, engine
from partybuild_cli.store import forget as erasing

NAME, STAFF, ID, PHONE = "欧阳静", "K8888", "119900199001010029", "15400002222"
WORDS = (NAME, STAFF, ID, PHONE)
PERSON = ("member", "add", "--name", NAME, "--staff-no", STAFF, "--id-number", ID, "--phone", PHONE, "--category",
          "正式党员", "--born-on", "1990-01-01")  # fmt: skip
GONE = ("member", "transfer", NAME, "--to", "外院党委", "--on", "2026-10-01")


@pytest.fixture
def told(branch: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Commands that must succeed, logged as they are typed."""

    def must(*arguments: object) -> Any:
        monkeypatch.setattr(sys, "argv", ["partybuild", *map(str, arguments)])
        done = branch(*arguments)
        assert done.code == 0, (arguments, done.err)
        return done

    return must


def legible(book: Path, *words: str) -> set[tuple[str, str]]:
    """In which files of the book's folder which words can be read."""
    files = [path for path in book.parent.rglob("*") if path.is_file()]
    return {(path.name, word) for path in files for word in words or WORDS if word.encode() in path.read_bytes()}


@pytest.mark.parametrize("word", [NAME, STAFF, "5", "编号5"])
def test_one_who_was_removed(told: Any, branch: Any, book_file: Path, word: str) -> None:
    told(*PERSON)
    told("dues", "add", "--member", NAME, "--month", "2026-09", "--paid", "12", "--note", "欧阳静补缴")
    told("dues", "remove", "1", "--yes")
    told("member", "remove", NAME, "--yes")
    done = told("member", "forget", word, "--yes", "--json")
    assert (done.json["member"], done.json["texts"], legible(book_file)) == (5, [], set())
    assert branch("doctor", "--json").code == 0
    assert branch("undo", "9").code == 3
    assert branch("member", "forget", NAME, "--yes").code == 3


def test_one_whose_import_was_undone(told: Any, branch: Any, book_file: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "elsewhere" / "误导入.csv"
    sheet.parent.mkdir()
    sheet.write_text(f"姓名,工号,公民身份号码,人员类别,{NAME}\n{NAME},{STAFF},{ID},正式党员,某事\n", encoding="utf8")
    told("import", sheet, "--yes")
    told("undo", branch("log", "--json").json[0]["change"])
    sheet.unlink()
    told("member", "forget", STAFF, "--yes")
    assert legible(book_file) == set()
    assert branch("doctor").code == 0


def test_others_keep_every_word(told: Any, branch: Any) -> None:
    """工号 2024 is a year, the name 文明 a word: neither is sought in anybody else's records."""
    told("member", "add", "--name", "文明", "--staff-no", "2024", "--category", "正式党员")
    told("pairing", "add", "--kind", "师徒", "--giver", "张三", "--receiver", "李四、文明", "--started-on", "2024-01-05",
         "--goal", "文明行医")  # fmt: skip
    told("meeting", "add", "--kind", "主题党日", "--on", "2024-09-05", "--topic", "精神文明建设推进会", "--content",
         "学习2024年工作要点", "--on-leave", "文明:病假")  # fmt: skip
    told(*"task add --area 精神文明建设 --item 创建文明科室(2024-2026) --responsible 李四 --due-on 2024".split())
    told("talk", "add", "--talker", "文明", "--subject", "张三", "--on", "2024-03-01", "--content", "张三的心事")
    told("zone", "add", "--name", "文明责任区", "--ward", "一病区", "--head", "文明", "--duties", "巡视")
    told("member", "edit", "张三", "--note", "2024年文明标兵")
    told("member", "transfer", "文明", "--to", "外院党支部", "--on", "2025-06-01")
    asked = [("pairing", "1"), ("meeting", "1"), ("task", "1"), ("zone", "1"), ("member", "张三"), ("member", "李四")]

    def others() -> dict[tuple[str, str], Any]:
        return {one: branch(one[0], "show", one[1], "--json").json for one in asked}

    before = others()
    told("meeting", "add", "--kind", "支部党员大会", "--on", "2024-10-08", "--topic", "总结", "--recorder", "李四")
    private = branch("talk", "show", "1", "--json").json.get("content")
    done = told("member", "forget", "2024", "--yes", "--json")
    after = others()
    assert after[asked[0]].pop("receiver") == "李四、已删除五"
    before[asked[0]].pop("receiver")
    assert [one["name"] for one in after[asked[1]].pop("on_leave")] == ["已删除五"]
    before[asked[1]].pop("on_leave")
    assert (after[asked[3]].pop("head"), before[asked[3]].pop("head")) == ("已删除五", "文明")
    assert after == before
    assert branch("talk", "show", "1", "--json").json.get("content") == private
    assert "--topic 总结 --recorder 李四" in branch("log").out  # he was there, and it does not name him
    seen = {(one["ledger"], one["field"]) for one in done.json["texts"]}
    assert {("meeting", "topic"), ("task", "area"), ("task", "item"), ("member", "note"), ("pairing", "goal")} <= seen
    assert branch("doctor").code == 0


def test_a_record_that_was_his_and_is_anothers(told: Any, branch: Any, book_file: Path) -> None:
    """What was said of another stays; what was said of him goes; and the history still leads to the records."""
    told(*PERSON)
    told("dues", "add", "--member", NAME, "--month", "2026-09", "--paid", "12", "--note", "只说过一次")
    told("dues", "edit", "1", "--member", "张三")
    told("dues", "add", "--member", "李四", "--month", "2026-08", "--paid", "9", "--note", "李四的事")
    told("dues", "edit", "2", "--member", NAME)
    told("dues", "edit", "2", "--member", "李四", "--paid", "8")
    told(*GONE)
    told("member", "forget", NAME, "--yes")
    assert [branch("dues", "show", number, "--json").json["note"] for number in ("1", "2")] == [
        "只说过一次",
        "李四的事",
    ]
    assert (branch("doctor").code, branch("doctor", "--replay").code, legible(book_file)) == (0, 0, set())


def test_who_presided_recorded_and_verified(told: Any, branch: Any, book_file: Path) -> None:
    """Cells that say who did something hold no link; a name that only he bears is his, a word that holds it is not."""
    told(*PERSON)
    told("meeting", "add", "--kind", "主题党日", "--on", "2026-03-05", "--topic", "学习", "--host", f"张三、{NAME}",
         "--recorder", "王芳")  # fmt: skip
    told("task", "add", "--area", "组织", "--item", "整理", "--responsible", "张三", "--leader", "李四办公室",
         "--due-on", "2026-12-01")  # fmt: skip
    told("task", "close", "1", "--evidence", "照片", "--verified-by", NAME)
    for known_by in (NAME, "李四", "004"):
        told("member", "transfer", known_by, "--to", "外院", "--on", "2026-10-01")
        told("member", "forget", known_by, "--yes")
    meeting, task = (branch(ledger, "show", "1", "--json").json for ledger in ("meeting", "task"))
    assert (meeting["host"], meeting["recorder"]) == ("张三、已删除五", "王芳")
    assert (task["leader"], task["verified_by"]) == ("李四办公室", "已删除五")
    assert legible(book_file) == set()
    assert (branch("doctor").code, branch("doctor", "--replay").code) == (0, 0)


def test_a_namesake_and_an_applicant_of_the_same_name_are_others(told: Any, branch: Any) -> None:
    told(*"development add --name 王芳 --branch 神经内科党支部 --applied-on 2026-03-01 --note 申请人".split())
    told(*"task add --area 组织 --item 整理 --responsible 王芳(003)、王芳(004) --due-on 2026-12-01".split())
    told("member", "transfer", "004", "--to", "外院", "--on", "2026-10-01")
    told("member", "forget", "004", "--yes")
    case = branch("development", "show", "1", "--json").json
    assert (case["name"], case["note"]) == ("王芳", "申请人")
    assert branch("task", "show", "1", "--json").json["responsible"] == "王芳(003)、已删除四"
    assert branch("member", "show", "003", "--json").json["name"] == "王芳"


def test_a_word_that_means_two_people_asks_for_the_number(told: Any, branch: Any, book_file: Path) -> None:
    told(*PERSON)
    told("member", "remove", NAME, "--yes")
    told("member", "add", "--name", NAME, "--staff-no", "K7777", "--category", "正式党员", "--born-on", "1981-02-03")
    done = branch("member", "forget", NAME, "--yes")
    assert (done.code, "编号5（已移除）、编号6（在册）" in done.err) == (3, True)
    told("member", "forget", "编号5", "--yes")
    assert {word for _, word in legible(book_file)} == {NAME}
    assert branch("member", "show", "6", "--json").json["name"] == NAME


def test_one_who_came_back_under_another_number_still_belongs(told: Any, branch: Any) -> None:
    told(*PERSON)
    told("member", "remove", NAME, "--yes")
    told(*PERSON[:4], "--staff-no", "K9999", *PERSON[6:])
    assert branch("member", "forget", STAFF, "--yes").code == 3


def test_the_applicant_whom_the_member_was(told: Any, book_file: Path) -> None:
    told(*f"development add --name {NAME} --id-number {ID} --branch 神经内科党支部 --applied-on 2020-03-01".split())
    told(*PERSON)
    told(*GONE)
    told("member", "forget", NAME, "--yes")
    assert legible(book_file) == set()


def test_copies_of_any_name_are_cleaned_and_a_damaged_one_is_named(told: Any, branch: Any, book_file: Path) -> None:
    told(*PERSON)
    told("backup")
    folder = backup.folder_of(book_file)
    (made,) = folder.glob("*.db")
    made.rename(folder / "季末.db")
    (folder / "旧.bak").write_bytes((folder / "季末.db").read_bytes())
    (folder / "记事.txt").write_text(f"{NAME}的记录", encoding="utf8")
    broken = bytearray((folder / "季末.db").read_bytes())
    broken[100:4000] = b"\xff" * 3900
    (folder / "book-damaged-2026-10-01-080000.db").write_bytes(broken)
    told("backup", book_file.with_name("带走.db"))
    book_file.with_name("坏了.db").write_bytes(broken)
    told("--db", book_file.with_name("别的支部.db"), "init", "--branch", "外院党委")
    told("--db", book_file.with_name("别的支部.db"), *PERSON)
    for path in folder.iterdir():
        path.chmod(0o600)
    told(*GONE)
    done = branch("member", "forget", STAFF, "--yes")
    left = {"坏了.db", "book-damaged-2026-10-01-080000.db", "记事.txt"}
    assert done.code == 1
    assert all(name in done.err for name in left)
    assert "没有写入" not in done.err
    assert {name for name, _ in legible(book_file)} == {*left, "别的支部.db"}  # where he is now, he stays
    again = branch("member", "forget", NAME, "--yes", "--json")  # the same person by another of his words
    assert (again.code, {Path(one).name for one in again.json["left"]}, again.json["change"]) == (1, left, None)
    for path in [*folder.iterdir(), *book_file.parent.iterdir()]:
        if path.name in {*left, "别的支部.db"}:
            path.unlink()
    assert branch("member", "forget", STAFF, "--yes").code == 0
    assert legible(book_file) == set()
    assert branch("member", "forget", STAFF, "--yes").code == 3  # nothing of him is kept to find him by
    assert branch("doctor").code == 0


def test_a_copy_in_use_is_named(told: Any, branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "PATIENCE", 50)
    told(*PERSON)
    told("backup")
    told(*GONE)
    (made,) = backup.folder_of(book_file).glob("*.db")
    with closing(sqlite3.connect(made, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = branch("member", "forget", STAFF, "--yes", "--json")
    assert (done.code, done.json["left"]) == (1, [str(made)])
    assert branch("member", "forget", STAFF, "--yes").code == 0
    assert legible(book_file) == set()


@pytest.fixture
def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """An SQLite that was built to leave deleted text where it was."""
    connect = driver.connect

    def careless(*arguments: Any, **options: Any) -> sqlite3.Connection:
        raw = connect(*arguments, **options)
        raw.execute("PRAGMA secure_delete = off")
        return raw

    monkeypatch.setattr(driver, "connect", careless)


@pytest.mark.usefixtures("careless")
def test_an_sqlite_that_leaves_what_is_deleted(told: Any, book_file: Path) -> None:
    told(*PERSON)
    told("backup")
    told(*GONE)
    told("member", "forget", STAFF, "--yes")
    assert legible(book_file) == set()


@pytest.mark.parametrize("step", ["compact", "legible", "settle_pending"])
def test_a_run_that_ended_half_way_is_finished_by_the_same_words(
    told: Any, branch: Any, book_file: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A disk that is full behind the first transaction: what is written is said to be, what is left is named."""
    told(*PERSON)
    told("backup")
    told(*GONE)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(engine.Book if step == "compact" else erasing, step, full)
        done = branch("member", "forget", STAFF, "--yes")
    assert (done.code, str(book_file) in done.err, "没有写入" in done.err) == (1, True, False)
    assert branch("member", "forget", STAFF, "--yes").code == 0
    assert legible(book_file) == set()
    assert branch("doctor").code == 0


def test_a_posting_keeps_everybody_else(told: Any, branch: Any, book_file: Path) -> None:
    told(*PERSON, "--joined-on", "2015-07-01")
    told("study", "add", "--member", NAME, "--on", "2026-08-01", "--topic", "党章", "--hours", "2")
    told("pairing", "add", "--kind", "师徒", "--giver", "张三", "--receiver", NAME, "--started-on", "2026-07-05",
         "--visited-on", "2026-08-05", "--content", "走访")  # fmt: skip
    for words in (("compute", "2026Q3"), ("publish", "2026Q3"),
                  ("object", "2026Q3", "--member", NAME, "--by", NAME, "--matter", f"{NAME}认为学时少算")):  # fmt: skip
        told("index", *words)
    told(*GONE)
    assert f"师徒：张三—{NAME}".encode() in book_file.read_bytes()
    before = {one["name"]: one for one in branch("index", "list", "2026Q3", "--json").json["members"]}
    told("member", "forget", NAME, "--yes")
    after = {one["name"]: one for one in branch("index", "list", "2026Q3", "--json").json["members"]}
    mine, left = before.pop(NAME), after.pop("已删除五")
    assert (after, left["score"]) == (before, mine["score"])
    assert legible(book_file) == set()
    assert "师徒：张三—已删除五".encode() in book_file.read_bytes()
    assert json.dumps(after, ensure_ascii=False).count("已删除") == 0
