"""`member forget`: nothing of the person is left in any byte of the book or its backups; what counts stays."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from partybuild_cli.store import backup
from tests.conftest import Prepare, do

ID, PHONE = "119900199001010029", "15400002222"


@pytest.fixture
def leaver(branch: Any, prepared: Prepare, monkeypatch: pytest.MonkeyPatch) -> Any:
    """欧阳静 with records everywhere: attendance, service, study, talk, task, honor, development, and then she leaves."""

    lines = (
        f"member add --name 欧阳静 --staff-no K8888 --id-number {ID} --phone {PHONE} --category 正式党员 --joined-on 2015-07-01"
        " --gender 女 --note 家在外地",
        "meeting add --kind 支部党员大会 --on 2026-09-05 --topic 学习 --absent 欧阳静:产假 --lecturer 张三、欧阳静",
        "service add --kind 义诊 --on 2026-09-06 --title 进社区 --member 欧阳静:3 --hours 3",
        "study add --member 欧阳静 --on 2026-05-01 --topic 党章 --hours 2 --note 补学",
        "talk add --talker 张三 --subject 欧阳静 --on 2026-03-01 --content 想调动",
        "task add --area 组织 --item 补记录 --responsible 欧阳静 --due-on 2026-12-01",
        "honor add --title 优秀党员 --winner 欧阳静 --level 院级 --awarded-on 2026-07-01",
        "backup",
        "member edit 欧阳静 --department 欧阳静工作室",
        "member transfer 欧阳静 --to 外院党委 --on 2026-10-01",
    )

    def make() -> None:
        for line in lines:
            monkeypatch.setattr(sys, "argv", ["partybuild", *line.split()])
            do(branch, [line])

    prepared("leaver", make)
    return branch


def everything(book: Path) -> bytes:
    files = [book, *(book.with_name(book.name + end) for end in ("-wal", "-shm")), *backup.folder_of(book).glob("*")]
    return b"".join(path.read_bytes() for path in files if path.exists())


def counts(book: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(book)) as raw:
        tables = tuple("member meeting attendance service participation study talk task honor person".split())
        found: dict[str, Any] = {name: raw.execute(f"SELECT count(*) FROM {name}").fetchone() for name in tables}
        found["states"] = raw.execute("SELECT member_id, state FROM attendance ORDER BY 1").fetchall()
        found["hours"] = raw.execute("SELECT sum(hours) FROM participation").fetchone()
        found["studied"] = raw.execute("SELECT member_id, hours FROM study").fetchall()
        found["days"] = raw.execute("SELECT joined_on, left_on FROM member ORDER BY id").fetchall()
    return found


def test_nothing_of_the_person_is_left_and_the_counts_stay(leaver: Any, book_file: Path) -> None:
    before = counts(book_file)
    for word in ("欧阳静", ID, PHONE, "K8888", "产假", "家在外地", "想调动"):
        assert word.encode() in everything(book_file)
    done = leaver("member", "forget", "欧阳静", "--yes", "--json")
    assert done.code == 0, done.err
    assert done.json["mark"] == "已删除五"
    assert done.json["backups"] == len(backup.kept(book_file)) > 0
    assert "出席" in done.json["kept"]
    left = everything(book_file)
    for word in ("欧阳静", ID, PHONE, "K8888", "产假", "家在外地", "想调动"):
        assert word.encode() not in left, word
    assert counts(book_file) == before
    assert leaver("meeting", "show", "1", "--json").json["lecturer"] == "张三、已删除五"
    assert leaver("doctor").code == 0


def test_the_log_says_so_and_stays_whole(leaver: Any) -> None:
    changes = len(leaver("log", "--json").json)
    assert leaver("member", "forget", "K8888", "--yes").code == 0
    assert leaver("log", "verify").code == 0
    log = leaver("log", "--json").json
    assert len(log) == changes + 1
    assert log[0]["rows"]["erased"] >= 6
    named = {
        (one["ledger"], one["number"]) for one in leaver("log", "show", str(log[0]["change"]), "--json").json["records"]
    }
    assert {("member", 5), ("meeting", 1), ("study", 1), ("talk", 1), ("honor", 1), ("task", 1)} <= named
    assert leaver("log", "show", str(log[0]["change"])).code == 0
    assert leaver("doctor").code == 0, leaver("doctor").out


def test_every_backup_stays_sound(leaver: Any, book_file: Path) -> None:
    assert leaver("member", "forget", "欧阳静", "--yes").code == 0
    for path in backup.kept(book_file):
        assert backup.check(path) is None
        assert leaver("--db", str(path), "log", "verify").code == 0
    assert leaver("restore", str(backup.kept(book_file)[-1]), "--yes").code == 0
    assert "已删除五" in [one["name"] for one in leaver("member", "list", "--json").json]


def test_it_cannot_be_undone_nor_what_came_before_it(leaver: Any) -> None:
    assert leaver("member", "forget", "欧阳静", "--yes").code == 0
    log = leaver("log", "--json").json
    assert leaver("undo", str(log[0]["change"])).code == 3
    assert leaver("undo", str(log[1]["change"])).code == 3


def test_one_who_still_belongs_is_not_forgotten(branch: Any, book_file: Path) -> None:
    before = everything(book_file)
    done = branch("member", "forget", "张三", "--yes")
    assert done.code == 3
    assert "第十三条" in done.err
    assert everything(book_file) == before


def test_a_namesake_keeps_the_name(branch: Any) -> None:
    branch("meeting", "add", "--kind", "支部党员大会", "--on", "2026-09-05", "--topic", "学习", "--content", "王芳领学")
    assert branch("member", "transfer", "004", "--to", "外院", "--on", "2026-10-01").code == 0
    done = branch("member", "forget", "004", "--yes")
    assert done.code == 0
    assert "同名" in done.err
    assert branch("meeting", "show", "1", "--json").json["content"] == "王芳领学"
    assert [one["name"] for one in branch("member", "list", "--json").json] == ["张三", "李四", "王芳", "已删除四"]


def test_a_longer_name_that_holds_the_name_stays(branch: Any) -> None:
    branch("member", "add", "--name", "李四光", "--staff-no", "009", "--category", "正式党员")
    branch("task", "add", "--area", "组织", "--item", "整理", "--responsible", "李四光、李四", "--due-on", "2026-12-01",
           "--note", "李四光说，李四也说")  # fmt: skip
    branch("member", "transfer", "李四", "--to", "外院", "--on", "2026-10-01")
    done = branch("member", "forget", "李四", "--yes", "--json")
    task = branch("task", "show", "1", "--json").json
    assert (task["responsible"], task["note"]) == ("李四光、已删除二", "李四光说，李四也说")
    assert done.json["texts"] == [{"ledger": "task", "number": "1", "field": "note"}]


def test_an_altered_log_is_not_covered_up(leaver: Any, book_file: Path) -> None:
    with closing(sqlite3.connect(book_file)) as raw, raw:
        raw.execute("DROP TRIGGER change_row_is_final")
        raw.execute("UPDATE change_row SET after = '{}' WHERE change_id = 2")
    done = leaver("member", "forget", "欧阳静", "--yes")
    assert done.code == 3
    assert "第 2 条" in done.err


def test_history_opens_for_an_erasure_only(leaver: Any, book_file: Path) -> None:
    assert leaver("member", "forget", "欧阳静", "--yes").code == 0
    with closing(sqlite3.connect(book_file, isolation_level=None)) as raw:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            raw.execute("UPDATE change_row SET after = '{}'")
        raw.execute("INSERT INTO erasing VALUES (1)")
        for statement in ("UPDATE change SET at = 'x'", "UPDATE change_row SET number = 9", "DELETE FROM change_row"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute(statement)


def test_past_days_show_no_more_than_today(leaver: Any) -> None:
    from datetime import date

    assert leaver("member", "forget", "欧阳静", "--yes").code == 0
    told = leaver("member", "list", "--as-of", str(date.today()), "--json").json
    assert "欧阳静" not in json.dumps(told, ensure_ascii=False)


def test_scores_postings_and_objections_lose_the_name_and_keep_the_points(leaver: Any, book_file: Path) -> None:
    for command in (
        ("index", "compute", "2026Q3"),
        ("index", "publish", "2026Q3"),
        ("index", "object", "2026Q3", "--member", "欧阳静", "--by", "欧阳静", "--matter", "欧阳静认为学时少算"),
    ):
        done = leaver(*command)
        assert done.code == 0, (command, done.err)
    before = leaver("index", "list", "2026Q3", "--json").json["members"]
    assert leaver("member", "forget", "欧阳静", "--yes").code == 0
    assert "欧阳静".encode() not in everything(book_file)
    after = leaver("index", "list", "2026Q3", "--json").json["members"]
    assert [one["score"] for one in after] == [one["score"] for one in before]
    assert "已删除五" in [one["name"] for one in after]
    assert leaver("index", "explain", "张三", "2026Q3").code == 0
