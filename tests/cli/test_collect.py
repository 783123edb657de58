"""`collect`: a hospital of one committee and its branches; what each corrects arrives, and nothing doubles or is lost."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from tests.conftest import Cli, Outcome, Prepare

LEDGERS = ("member", "meeting", "service", "study", "dues", "honor", "pairing")
MOVER = ("member", "add", "--name", "赵甲", "--staff-no", "K1", "--category", "正式党员", "--born-on", "1961-02-02")


class Books:
    """Books in one folder: `books("甲", "member", "list")` runs a command on one of them."""

    def __init__(self, cli: Cli, folder: Path) -> None:
        self.cli, self.folder = cli, folder

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.db"

    def __call__(self, name: str, *words: object) -> Outcome:
        return self.cli("--db", self.file(name), *words)

    def do(self, name: str, *words: object) -> Outcome:
        done = self(name, *words)
        assert done.code == 0, done.err + done.out
        return done

    def init(self, name: str, branch: str, kind: str = "党支部") -> None:
        self.do(name, "init", "--branch", branch, "--kind", kind)

    def export(self, name: str, to: str, *words: object) -> Path:
        self.do(name, "export", *words, "--full", "--out", self.folder / to)
        return self.folder / to

    def collect(self, *given: object, code: int = 0) -> Any:
        done = self("党委", "collect", *given, "--json")
        assert done.code == code, done.err + done.out
        return done.json

    def records(self, name: str, ledger: str) -> list[dict[str, Any]]:
        return list(self.do(name, ledger, "list", "--json", "--full").json)

    def counts(self, *names: str) -> dict[str, int]:
        return {ledger: sum(len(self.records(name, ledger)) for name in names) for ledger in LEDGERS}

    def where(self, who: str, name: str = "党委") -> list[tuple[str, str | None, str | None]]:
        return [
            (m["branch"], m.get("arrived_on"), m.get("left_on"))
            for m in self.records(name, "member")
            if m["name"] == who
        ]


@pytest.fixture
def books(cli: Cli, tmp_path: Path, prepared: Prepare) -> Books:
    """甲 and 乙 with three members each, meetings, service, study, dues, an honour; and a committee that has nothing yet."""
    found = Books(cli, tmp_path)

    def make() -> None:
        found.init("党委", "某医院党委", "党委")
        for name, people in (("甲", "赵甲 钱乙 孙丙"), ("乙", "李丁 周戊 吴己")):
            found.init(name, f"{name}党支部")
            for at, who in enumerate(people.split(), 1 if name == "甲" else 4):
                words = ("--staff-no", f"K{at}", "--category", "正式党员", "--born-on", f"196{at}-02-02")
                found.do(name, "member", "add", "--name", who, *words)
            one = people.split()[0]
            found.do(
                *f"{name} meeting add --kind 支部党员大会 --on 2025-05-06 --topic 五月大会 --absent {one}:值班".split()
            )
            found.do(*f"{name} service add --kind 义诊 --on 2025-05-07 --title 社区 --member {one} --hours 3".split())
            found.do(name, "study", "add", "--member", one, "--on", "2025-05-08", "--topic", "读书班", "--hours", "2")
            found.do(name, "dues", "add", "--member", one, "--month", "2025-05", "--paid", "20")
            found.do(
                name, "honor", "add", "--title", "优秀党员", "--winner", one, "--level", "院级", "--on", "2025-06-30"
            )

    prepared("collect", make)
    return found


Way = Callable[[Books, str], Path]
WAYS: list[Way] = [
    lambda books, name: books.file(name),
    lambda books, name: books.export(name, f"{name}-{len(list(books.folder.iterdir()))}"),
]


@pytest.fixture(params=WAYS, ids=["books", "exports"])
def way(request: pytest.FixtureRequest) -> Way:
    """How a branch hands in its year."""
    found: Way = request.param
    return found


def test_corrections_on_both_sides_arrive_and_nothing_doubles(books, way):
    """The same file twice changes nothing; a day, a title, a 工号 corrected update; what the committee corrected stays."""
    first = books.collect(way(books, "甲"), way(books, "乙"))
    assert [(one["branch"], one["written"]) for one in first["branches"]] == [("甲党支部", True), ("乙党支部", True)]
    assert books.counts("党委") == books.counts("甲", "乙")
    assert books.collect(way(books, "甲"), way(books, "甲"), way(books, "乙"))["change"] is None
    books.do("甲", "meeting", "edit", "1", "--on", "2025-05-13")
    books.do("甲", "service", "edit", "1", "--title", "社区义诊活动")
    books.do("甲", "study", "edit", "1", "--on", "2025-05-09", "--topic", "读书会")
    books.do("甲", "member", "edit", "钱乙", "--staff-no", "K9999")
    books.do("党委", "member", "edit", "孙丙", "--title", "主任医师")
    books.do("党委", "meeting", "edit", "1", "--place", "五楼")
    done = books.collect(way(books, "甲"), way(books, "乙"))
    assert books.counts("党委") == books.counts("甲", "乙")
    assert {ledger: one["changed"] for ledger, one in done["branches"][0]["ledgers"].items() if one["changed"]} == {
        "member": 1, "meeting": 1, "service": 1, "study": 1,
    }  # fmt: skip
    meeting = books.do("党委", "meeting", "show", "1", "--json").json
    assert (meeting["held_on"], meeting["place"], meeting["due"]) == ("2025-05-13", "五楼", 3)
    members = {one["name"]: one for one in books.records("党委", "member")}
    assert (members["钱乙"]["staff_no"], members["孙丙"]["title"]) == ("K9999", "主任医师")
    assert books.collect(way(books, "甲"), way(books, "乙"))["change"] is None


def test_what_both_sides_changed_is_a_problem_with_both_values(books, way):
    books.collect(way(books, "甲"), way(books, "乙"))
    books.do("甲", "service", "edit", "1", "--title", "社区义诊")
    books.do("党委", "service", "edit", "1", "--title", "街道义诊")
    books.do("乙", "service", "edit", "1", "--title", "乙的义诊")
    done = books.collect(way(books, "甲"), way(books, "乙"), code=4)
    [problem] = done["branches"][0]["problems"]
    assert problem["value"] == "社区义诊"
    assert "街道义诊" in problem["message"]
    assert "--prefer" in problem["message"]
    titles = [one["title"] for one in books.records("党委", "service")]
    assert titles == ["街道义诊", "乙的义诊"]
    books.collect(way(books, "甲"), "--prefer", "committee")
    assert books.collect(way(books, "甲"))["change"] is None
    assert books.records("党委", "service")[0]["title"] == "街道义诊"
    books.do("甲", "service", "edit", "1", "--title", "进社区")
    books.collect(way(books, "甲"), "--prefer", "branch")
    assert books.records("党委", "service")[0]["title"] == "进社区"


@pytest.mark.parametrize("order", ["甲乙", "乙甲"])
@pytest.mark.parametrize("recorded", [False, True])
def test_a_transfer_is_one_person_with_two_stays(books, way, order, recorded):
    books.collect(way(books, "甲"), way(books, "乙"))
    before = way(books, "甲")
    old = copyfile(before, books.folder / "old.db") if before.is_file() else before
    books.do("甲", "member", "transfer", "赵甲", "--to", "乙党支部", "--on", "2025-06-01")
    books.do("乙", *MOVER, "--arrived-on", "2025-06-01", "--title", "副主任医师")
    if recorded:
        books.do("党委", "member", "transfer", "赵甲", "--to", "乙党支部", "--on", "2025-06-01")
    books.collect(*(way(books, name) for name in order))
    assert books.where("赵甲") == [("乙党支部", "2025-06-01", None)]
    assert [one.get("title") for one in books.records("党委", "member") if one["name"] == "赵甲"] == ["副主任医师"]
    books.collect(old)
    assert books.where("赵甲") == [("乙党支部", "2025-06-01", None)]
    meeting = books.do("党委", "meeting", "show", "1", "--json").json
    assert [one["name"] for one in meeting["on_leave"]] == ["赵甲"]


def test_who_is_transferred_twice_and_back_stands_where_he_is(books, way):
    books.collect(way(books, "甲"), way(books, "乙"))
    books.do("甲", "member", "transfer", "赵甲", "--to", "乙党支部", "--on", "2025-06-01")
    books.do("乙", *MOVER, "--arrived-on", "2025-06-01")
    books.do("乙", "member", "transfer", "赵甲", "--to", "甲党支部", "--on", "2025-09-01")
    books.do("甲", "member", "transfer", "赵甲", "--to", "甲党支部", "--on", "2025-09-01")
    books.collect(way(books, "乙"), way(books, "甲"))
    assert books.where("赵甲") == [("甲党支部", "2025-09-01", None)]
    books.do("甲", "member", "transfer", "赵甲", "--to", "市第一医院", "--on", "2025-11-01")
    books.collect(way(books, "甲"), way(books, "乙"))
    assert books.where("赵甲") == [("甲党支部", "2025-09-01", "2025-11-01")]
    assert books.collect(way(books, "甲"), way(books, "乙"))["change"] is None


def test_a_branch_that_has_not_heard_of_the_move_does_not_take_him_back(books, way):
    books.collect(way(books, "甲"))
    books.do("乙", *MOVER, "--arrived-on", "2025-06-01")
    said = books.collect(way(books, "乙"))["branches"][0]["warnings"]
    assert any("甲党支部还没有登记转出" in one["message"] for one in said)
    books.do("甲", "member", "edit", "赵甲", "--phone", "15400000001")
    books.collect(way(books, "甲"))
    assert books.where("赵甲") == [("乙党支部", "2025-06-01", None)]
    books.do("甲", "member", "transfer", "赵甲", "--to", "乙党支部", "--on", "2025-06-10")
    done = books.collect(way(books, "甲"), code=4)
    assert "2025-06-10" in done["branches"][0]["problems"][0]["message"]


def test_namesakes_in_two_branches_stay_two(books, way):
    books.do(*"乙 member add --name 赵甲 --staff-no K77 --category 正式党员 --born-on 1980-03-04".split())
    books.do("乙", "study", "add", "--member", "赵甲", "--on", "2025-05-08", "--topic", "读书班", "--hours", "2")
    books.collect(way(books, "甲"), way(books, "乙"))
    assert books.counts("党委") == books.counts("甲", "乙")
    assert sorted(books.where("赵甲")) == [("乙党支部", None, None), ("甲党支部", None, None)]
    assert books.collect(way(books, "乙"), way(books, "甲"))["change"] is None


def test_a_renamed_branch_is_the_same_branch(books, way):
    books.collect(way(books, "甲"), way(books, "乙"))
    books.do("甲", "branch", "edit", "1", "--name", "甲乙联合党支部")
    books.do("甲", "study", "add", "--member", "孙丙", "--on", "2025-07-08", "--topic", "新的", "--hours", "1")
    books.collect(way(books, "甲"))
    assert {one["name"] for one in books.records("党委", "branch")} == {"某医院党委", "甲乙联合党支部", "乙党支部"}
    books.do("党委", "branch", "edit", "甲乙联合党支部", "--name", "第一党支部")
    books.do("甲", "study", "add", "--member", "孙丙", "--on", "2025-08-08", "--topic", "又一个", "--hours", "1")
    books.collect(way(books, "甲"))
    assert {one["branch"] for one in books.records("党委", "member")} == {"第一党支部", "乙党支部"}
    assert books.counts("党委") == books.counts("甲", "乙")


def test_a_branch_restored_from_an_old_backup_takes_nothing_back(books, way):
    books.collect(way(books, "甲"), way(books, "乙"))
    old = copyfile(books.file("甲"), books.folder / "backup.db")
    books.do("甲", "service", "edit", "1", "--title", "社区义诊活动")
    books.do("甲", "study", "add", "--member", "孙丙", "--on", "2025-07-08", "--topic", "后来的", "--hours", "1")
    books.collect(way(books, "甲"))
    books.do("甲", "restore", old, "--yes")
    [part] = books.collect(way(books, "甲"))["branches"]
    assert part["missing"] == {"study": [3]}
    assert any("旧备份" in one["message"] for one in part["warnings"])
    assert books.records("党委", "service")[0]["title"] == "社区义诊活动"
    books.do("甲", "study", "add", "--member", "孙丙", "--on", "2025-07-08", "--topic", "后来的", "--hours", "1")
    books.do("甲", "service", "edit", "1", "--place", "广场")
    books.collect(way(books, "甲"))
    assert len(books.records("党委", "study")) == 3
    books.do("甲", "study", "edit", "2", "--on", "2025-07-09")
    books.collect(way(books, "甲"))
    assert [one["studied_on"] for one in books.records("党委", "study")].count("2025-07-09") == 1
    assert len(books.records("党委", "study")) == 3


def test_a_collect_is_undone_whole_and_can_be_done_again(books, way):
    books.collect(way(books, "甲"))
    books.do("甲", "service", "edit", "1", "--title", "社区义诊活动")
    change = books.collect(way(books, "甲"), way(books, "乙"))["change"]
    books.do("党委", "undo", change, "--yes")
    assert books.counts("党委") == {**books.counts("甲"), "pairing": 0}
    assert books.records("党委", "service")[0]["title"] == "社区"
    books.collect(way(books, "甲"), way(books, "乙"))
    assert books.records("党委", "service")[0]["title"] == "社区义诊活动"
    assert books.counts("党委") == books.counts("甲", "乙")


def test_corrections_go_back_to_the_branch_and_what_it_changed_itself_is_told(books, way):
    books.collect(way(books, "甲"), way(books, "乙"))
    books.do("党委", "member", "edit", "孙丙", "--title", "主任医师")
    books.do("党委", "service", "edit", "1", "--title", "街道义诊")
    books.do(*"党委 honor add --title 先进个人 --winner 钱乙 --level 院级 --on 2025-08-01 --branch 甲党支部".split())
    books.do("党委", "branch", "edit", "甲党支部", "--brand", "先锋")
    workbook = books.folder / "退回.xlsx"
    said = books.do("党委", "collect", "--back", "甲党支部", "--out", workbook, "--json").json
    assert said["records"] == {"党组织": 1, "党员花名册": 1, "志愿服务台账": 1, "荣誉台账": 1}
    books.do("甲", "service", "edit", "1", "--title", "社区义诊")
    refused = books("甲", "import", workbook, "--yes")
    assert refused.code == 4
    assert "街道义诊" in refused.out + refused.err
    books.do("甲", "service", "edit", "1", "--title", "社区")
    books.do("甲", "import", workbook, "--yes")
    assert books.records("甲", "service")[0]["title"] == "街道义诊"
    assert books.records("甲", "branch")[0]["brand"] == "先锋"
    assert books.counts("甲")["honor"] == 2
    assert books.counts("甲")["member"] == 3
    books.collect(way(books, "甲"))
    assert books.counts("党委") == books.counts("甲", "乙")
    assert "没有要退回的" in books.do("党委", "collect", "--back", "甲党支部", "--out", books.folder / "又.xlsx").out


def test_a_lost_computer_does_not_cost_a_branch_its_year(books, way):
    books.collect(way(books, "甲"), way(books, "乙"))
    before = {ledger: books.records("甲", ledger) for ledger in LEDGERS}
    books.file("甲").unlink()
    told = books.do("党委", "collect", "--back", "甲党支部", "--all", "--full", "--out", books.folder / "全部.xlsx")
    assert "--db" not in told.out  # it goes into the branch's book, not into that of this command
    books.init("甲", "甲党支部")
    books.do("甲", "import", books.folder / "全部.xlsx", "--yes")
    assert {ledger: books.records("甲", ledger) for ledger in LEDGERS} == before
    books.do("甲", "study", "edit", "1", "--on", "2025-05-10")
    books.collect(way(books, "甲"))
    assert books.counts("党委") == books.counts("甲", "乙")
    assert books.records("党委", "study")[1]["studied_on"] == "2025-05-10"


def test_the_committees_own_book_is_refused_and_so_is_what_is_none(books, tmp_path):
    books.collect(books.file("甲"))
    assert books("党委", "collect", books.file("党委")).code == 3
    copyfile(books.file("党委"), tmp_path / "copy.db")
    done = books.collect(tmp_path / "copy.db", books.file("乙"), code=4)
    assert [one["written"] for one in done["branches"]] == [False, True]
    assert "党委自己" in done["branches"][0]["refused"]
    (tmp_path / "空").mkdir()
    for given in (tmp_path / "空", tmp_path / "没有.db", Path(__file__)):
        assert books("党委", "collect", given).code == 3
    assert books("党委", "collect").code == 2
    assert books("党委", "collect", books.file("甲"), "--prefer", "两边").code == 2


def test_an_older_book_is_read_and_stays_as_it_is(books, tmp_path):
    old = copyfile(Path(__file__).parent.parent / "books" / "frozen" / "plain-5.db", tmp_path / "旧.db")
    before = old.read_bytes()
    [part] = books.collect(old)["branches"]
    assert old.read_bytes() == before
    assert part["ledgers"]["member"]["added"] == books.counts("党委")["member"] > 0
    assert books.collect(old)["change"] is None
    for ledger in ("member", "meeting", "service", "dues"):
        assert books.records("党委", ledger) == books.records("旧", ledger), ledger


def test_an_encrypted_book_wants_its_own_key(books, tmp_path):
    pytest.importorskip("sqlcipher3")
    for name in ("甲", "错"):
        (tmp_path / f"{name}.key").write_text(f"钥匙{name}", encoding="utf8")
    books.do("甲", "encrypt", "--new-key-file", tmp_path / "甲.key")
    refused = books("党委", "collect", books.file("甲"))
    assert refused.code == 2
    assert "--branch-key" in refused.err
    assert books.collect(books.file("甲"), "--branch-key", tmp_path / "错.key", code=4)["branches"][0]["refused"]
    books.collect(books.file("甲"), books.file("乙"), "--branch-key", tmp_path / "甲.key")
    assert len(books.records("党委", "member")) == 6


def test_what_two_branches_record_alike_is_one_of_each(books, way):
    for name in "甲乙":
        books.do(name, "decision", "add", "--item", "年度预算", "--kind", "重大事项决策", "--on", "2025-03-01")
        books.do(
            name, "honor", "add", "--title", "先进科室", "--winner", "心内科", "--level", "院级", "--on", "2025-03-01"
        )
    for _ in ("first", "again"):
        books.collect(way(books, "甲"), way(books, "乙"))
        found = books.records("党委", "decision") + [
            one for one in books.records("党委", "honor") if one["winner"] == "心内科"
        ]
        assert [one["branch"] for one in found] == ["甲党支部", "乙党支部"] * 2


def test_a_post_holds_from_the_day_that_the_branch_says(books):
    books.do("甲", "member", "edit", "赵甲", "--party-post", "组织委员", "--from", "2025-02-01")
    books.collect(books.file("甲"), books.file("乙"))
    books.do("甲", "member", "edit", "赵甲", "--party-post", "书记", "--from", "2025-04-01")
    books.collect(books.file("甲"))
    for name in ("党委", "甲"):
        for day in ("2025-01-15", "2025-03-15"):
            words = ("--kind", "支委会", "--on", day, "--topic", "支委会", "--branch", "甲党支部")
            books.do(name, "meeting", "add", *words, "--all-present")
    came = [
        [one.get("attendees") for one in books.records(name, "meeting") if one["kind"] == "支委会"]
        for name in ("党委", "甲")
    ]
    assert came[0] == came[1]
    assert [bool(one) for one in came[0]] == [False, True]
    books.do("甲", "member", "transfer", "赵甲", "--to", "乙党支部", "--on", "2025-06-01")
    books.do("乙", *MOVER, "--arrived-on", "2025-06-01")
    books.collect(books.file("乙"), books.file("甲"))
    assert "party_post" not in books.do("党委", "member", "show", "赵甲", "--json").json


def test_who_is_preferred_is_so_today_whoever_said_the_later_day(books):
    books.collect(books.file("甲"), books.file("乙"))
    books.do("甲", "member", "edit", "赵甲", "--name", "赵新", "--party-post", "书记", "--from", "2025-03-01")
    books.do("党委", "member", "edit", "赵甲", "--name", "赵别", "--party-post", "委员", "--from", "2025-03-03")
    books.collect(books.file("甲"), "--prefer", "branch")
    found = books.do("党委", "member", "show", "K1", "--json").json
    assert (found["name"], found["party_post"]) == ("赵新", "书记")
    assert books.collect(books.file("甲"))["change"] is None


def test_two_branches_of_one_name_are_told_apart(books, way):
    books.do("乙", "branch", "edit", "1", "--name", "甲党支部")
    books.collect(way(books, "甲"))
    done = books.collect(way(books, "乙"), code=4)
    assert "同名" in done["branches"][0]["refused"]
    assert books.counts("党委") == books.counts("甲")
    books.do("乙", "branch", "edit", "1", "--name", "乙党支部")
    books.collect(way(books, "乙"))
    assert books.counts("党委") == books.counts("甲", "乙")


def test_a_book_that_was_copied_for_another_branch_does_not_take_its_place(books, tmp_path):
    copyfile(books.file("甲"), tmp_path / "丙.db")
    books.do("甲", "member", "edit", "钱乙", "--title", "主治医师")
    books.do("甲", "branch", "edit", "1", "--brand", "一心")
    books.collect(books.file("甲"))
    books.do("丙", "branch", "edit", "1", "--name", "丙党支部")
    [part] = books.collect(books.file("丙"), code=4)["branches"]
    assert any("复制" in one["message"] for one in part["problems"])
    assert books.counts("党委") == books.counts("甲")


def test_who_was_forgotten_does_not_come_back(books, way):
    books.do("甲", "member", "transfer", "赵甲", "--to", "市第一医院", "--on", "2025-10-01")
    books.collect(way(books, "甲"))
    books.do("党委", "member", "forget", "赵甲", "--yes")
    books.do("甲", "service", "edit", "1", "--title", "社区义诊活动")
    books.collect(way(books, "甲"))
    assert "赵甲" not in str(
        [books.records("党委", ledger) for ledger in ("member", "meeting", "service", "study", "dues")]
    )
    assert books.records("党委", "service")[0]["title"] == "社区义诊活动"
    assert books.counts("党委") == {**books.counts("甲")}


def test_at_a_terminal_it_is_seen_which_branch_is_being_collected(books, monkeypatch):
    seen: list[str] = []
    monkeypatch.setattr("partybuild_cli.cli.screen.on_terminal", lambda: True)
    monkeypatch.setattr("rich.status.Status.update", lambda self, words: seen.append(words))
    assert books("党委", "collect", books.file("甲"), books.file("乙"), "--json").code == 0
    assert seen == []
    assert books("党委", "collect", books.file("甲"), books.file("乙"), "--dry-run").code == 0
    assert seen == ["汇总 甲.db（1/2）", "汇总 乙.db（2/2）"]
