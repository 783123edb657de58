"""Workbooks that come back sorted, copied, out of date or typed over: no record ever takes another's facts, or an older value.

Each of these once got through with exit 0.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from contextlib import chdir
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from partybuild_cli.cli.run import run
from tests.conftest import Prepare

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CELLS = {"姓名": "name", "工号": "staff_no", "出生日期": "born_on", "公民身份号码": "id_number", "联系电话": "phone"}


@dataclass(frozen=True)
class Person:
    """An invented member; no two share a fact."""

    name: str
    staff_no: str
    born_on: str
    id_number: str
    phone: str

    @property
    def options(self) -> list[str]:
        return ["--name", self.name, "--staff-no", self.staff_no, "--born-on", self.born_on, "--id-number", self.id_number,
                "--phone", self.phone, "--category", "正式党员"]  # fmt: skip


def person(at: int) -> Person:
    """The `at`-th person."""
    born = f"{1961 + at:04}-{1 + at % 12:02}-{1 + at % 28:02}"
    body = f"119900{born.replace('-', '')}{at:03}"
    check = "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]
    name = "沈柳程唐曹袁韦乔"[at % 8] + "一二三四五六七八九十"[at % 10] + "川禾"[at // 10 % 2]
    return Person(name, f"Z{9000 + at}", born, body + check, f"1540{7000000 + 13 * at}")


class Desk:
    """A book with its commands, and the workbooks of its clerk."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.path = folder, folder / f"{name}.db"
        self.exports = 0

    def run(self, *words: object) -> int:
        return run(["--db", str(self.path), *map(str, words)])

    def do(self, *words: object) -> None:
        assert self.run(*words) == 0, words

    def found(self, *people: Person) -> "Desk":
        self.do("init", "--branch", "肾内科党支部")
        for one in people:
            self.do("member", "add", *one.options)
        return self

    def export(self, ledger: str = "member", *words: str) -> Path:
        self.exports += 1
        folder = self.folder / f"{self.path.stem}-{self.exports}"
        self.do("export", ledger, "--out", folder, *words)
        return next(folder.glob("*.xlsx"))

    def take(self, file: Path, *words: str) -> int:
        return self.run("import", file, "--yes", *words)


#: No two corrected workbooks have one name.
COPIES = count(1)


class Paper:
    """An exported ledger, open before a clerk."""

    def __init__(self, path: Path) -> None:
        self.path, self.book = path, load_workbook(path)
        self.sheet = self.book.worksheets[0]
        at, heads = next((row[0].row, row) for row in self.sheet.iter_rows() if "姓名" in [cell.value for cell in row]
                         or "主题" in [cell.value for cell in row])  # fmt: skip
        self.columns = {str(cell.value): cell.column for cell in heads if cell.value is not None}
        for merged in [one for one in self.sheet.merged_cells.ranges if one.min_row > at]:
            self.sheet.unmerge_cells(str(merged))  # rows are put in above it
        self.rows = [row for row in range(at + 1, self.sheet.max_row + 1) if self.hidden(row)]

    def hidden(self, row: int) -> Any:
        return self.sheet.cell(row, self.columns["系统标识（勿改）"]).value

    def visible(self) -> list[str]:
        return [heading for heading in self.columns if heading not in ("序号", "系统标识（勿改）")]

    def set(self, row: int, cells: dict[str, Any]) -> None:
        for heading, value in cells.items():
            if heading in self.columns:
                self.sheet.cell(row, self.columns[heading]).value = value

    def move(self, headings: Iterable[str], order: Callable[[list[Any]], list[Any]]) -> None:
        for heading in headings:
            cells = [self.sheet.cell(row, self.columns[heading]) for row in self.rows]
            for cell, value in zip(cells, order([cell.value for cell in cells]), strict=True):
                cell.value = value

    def save(self) -> Path:
        self.path = self.path.with_name(f"{self.path.stem}改{next(COPIES)}.xlsx")
        self.book.save(self.path)
        return self.path


@pytest.fixture
def desk(tmp_path: Path, prepared: Prepare) -> Callable[..., Desk]:
    def found(name: str, *people: Person) -> Desk:
        made = Desk(tmp_path, name)
        if any(tmp_path.iterdir()):
            return made.found(*people)
        prepared(f"desk {name} {people}", lambda: made.found(*people))
        return made

    return found


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def ask(one: Desk, *words: object) -> Any:
        capsys.readouterr()
        assert one.run(*words, "--json") in (0, 4)
        return json.loads(capsys.readouterr().out)

    return ask


def backwards(values: list[Any]) -> list[Any]:
    return values[::-1]


FIVE = [person(at) for at in range(1, 6)]


@pytest.mark.parametrize(
    "headings", [["姓名"], ["工号"], ["出生日期"], ["公民身份号码"], ["联系电话"], ["姓名", "工号"], None]
)
@pytest.mark.parametrize("full", [(), ("--full",)])
def test_a_sheet_sorted_in_part_changes_nobody(desk: Any, said: Any, headings: list[str] | None, full: Any) -> None:
    book = desk("a", *FIVE)
    before = said(book, "member", "list")
    paper = Paper(book.export("member", *full))
    paper.move(headings or paper.visible(), backwards)
    book.take(paper.save())
    assert said(book, "member", "list") == before


def test_a_problem_names_both(desk: Any, said: Any) -> None:
    book = desk("a", *FIVE)
    paper = Paper(book.export())
    paper.move(paper.visible(), backwards)
    sheet = said(book, "import", paper.save())["files"][0]["sheets"][0]
    first = sheet["problems"][0]["message"]
    assert FIVE[0].name in first
    assert FIVE[4].name in first
    assert FIVE[0].id_number not in json.dumps(sheet, ensure_ascii=False)


@pytest.mark.parametrize("moved", [["姓名"], ["实缴"], ["姓名", "实缴"]])
def test_payments_stay_with_those_who_paid(desk: Any, said: Any, moved: list[str]) -> None:
    book = desk("a", *FIVE)
    for at, one in enumerate(FIVE):
        book.do("dues", "add", "--member", one.name, "--month", "2026-03", "--paid", 50 + at)
    before = said(book, "dues", "list")
    paper = Paper(book.export("dues"))
    paper.move(moved, backwards)
    book.take(paper.save())
    assert said(book, "dues", "list") == before


def test_topics_sorted_alone_change_no_meeting(desk: Any, said: Any) -> None:
    book = desk("a", *FIVE)
    for day in range(1, 5):
        book.do(*f"meeting add --kind 党课 --on 2026-04-0{day} --topic 第{day}讲 --place {day}号楼".split())
    before = said(book, "meeting", "list")
    for heading in ("主题", "地点", "时间"):
        paper = Paper(book.export("meeting"))
        paper.move([heading], backwards)
        book.take(paper.save())
        assert said(book, "meeting", "list") == before, heading


def test_whole_rows_may_be_sorted(desk: Any, said: Any) -> None:
    book = desk("a", *FIVE)
    paper = Paper(book.export())
    paper.move([*paper.visible(), "系统标识（勿改）"], backwards)
    paper.set(paper.rows[0], {"备注": "好"})
    assert book.take(paper.save()) == 0
    assert said(book, "log")[0]["rows"]["changed"] in (0, 1)


@pytest.mark.parametrize("blank", [("公民身份号码", "联系电话"), ()])
def test_a_newcomer_typed_over_a_leaver_is_not_him(desk: Any, said: Any, blank: tuple[str, ...]) -> None:
    book, new = desk("a", *FIVE), person(30)
    book.do("dues", "add", "--member", FIVE[1].name, "--month", "2026-03", "--paid", "50")
    before = said(book, "member", "list"), said(book, "dues", "list")
    paper = Paper(book.export())
    cells = {heading: getattr(new, key) for heading, key in CELLS.items()}
    paper.set(paper.rows[1], cells | dict.fromkeys(blank))
    assert book.take(paper.save()) == 4
    assert (said(book, "member", "list"), said(book, "dues", "list")) == before


def test_a_name_may_be_corrected(desk: Any, said: Any) -> None:
    book = desk("a", *FIVE)
    paper = Paper(book.export())
    paper.set(paper.rows[1], {"姓名": "沈二川新"})
    assert book.take(paper.save()) == 0
    assert said(book, "member", "list")[1]["name"] == "沈二川新"


def test_a_cell_that_became_true_is_read_like_any_other(desk: Any, said: Any) -> None:
    book = desk("a", *FIVE)
    paper = Paper(book.export())
    paper.set(paper.rows[1], {"科室": True})
    assert book.take(paper.save()) == 0
    assert [one.get("department") for one in said(book, "member", "list")].count("TRUE") == 1


def test_two_copies_of_a_book_do_not_overwrite_each_other(desk: Any, said: Any) -> None:
    one, two = desk("a", FIVE[0]), Desk(Path.cwd(), "b")
    shutil.copy(one.path, two.path)
    one.do("member", "add", *FIVE[1].options)
    two.do("member", "add", *FIVE[2].options)
    assert two.take(one.export("member", "--full")) == 0
    assert [member["name"] for member in said(two, "member", "list")] == [p.name for p in (FIVE[0], FIVE[2], FIVE[1])]


def test_what_a_copy_still_says_is_left_and_the_clerk_is_told(desk: Any, said: Any) -> None:
    one, two = desk("a", FIVE[0]), Desk(Path.cwd(), "b")
    one.do("member", "edit", FIVE[0].name, "--department", "一病区")
    shutil.copy(one.path, two.path)
    two.do("study", "add", "--member", FIVE[0].name, "--on", "2026-05-08", "--topic", "读书班", "--hours", "2")
    two.do("member", "edit", FIVE[0].name, "--title", "主任医师")
    one.do("member", "edit", FIVE[0].name, "--department", "二病区")
    (warning,) = said(one, "import", two.export("member", "--full"))["files"][0]["sheets"][0]["warnings"]
    assert (warning["column"], warning["value"]) == ("科室", "一病区")
    assert "后来改成了“二病区”，没有改回去" in warning["message"]
    assert [(m["department"], m["title"]) for m in said(one, "member", "list")] == [("二病区", "主任医师")]


def test_a_record_keeps_its_identity_in_another_book(desk: Any, said: Any) -> None:
    """What a branch corrects is the record that the committee took from it, whatever the correction."""
    branch, committee = desk("a", *FIVE[:2]), desk("b")
    branch.do("study", "add", "--member", FIVE[0].name, "--on", "2026-05-08", "--topic", "读书班", "--hours", "2")
    for ledger in ("member", "study"):
        assert committee.take(branch.export(ledger, "--full")) == 0
    branch.do("study", "edit", "1", "--on", "2026-05-09", "--topic", "读书会")
    branch.do("member", "edit", FIVE[0].name, "--staff-no", "Z1")
    for ledger in ("study", "member"):
        assert committee.take(branch.export(ledger, "--full")) == 0
    assert [(one["studied_on"], one["topic"]) for one in said(committee, "study", "list")] == [("2026-05-09", "读书会")]
    assert [one["staff_no"] for one in said(committee, "member", "list")] == ["Z1", FIVE[1].staff_no]


def test_an_older_export_takes_nothing_back(desk: Any, said: Any) -> None:
    book = desk("a", *FIVE)
    book.do("meeting", "add", "--kind", "党课", "--on", "2026-04-01", "--topic", "第一讲", "--place", "一楼")
    old = [book.export(ledger, "--full") for ledger in ("member", "meeting")]
    book.do("meeting", "edit", "1", "--place", "二楼", "--on", "2026-04-02", "--absent", f"{FIVE[2].name}:值班")
    book.do("member", "edit", FIVE[0].name, "--phone", "15400000999")
    book.do("member", "edit", FIVE[1].name, "--name", "沈二川新")
    before = said(book, "member", "list", "--full"), said(book, "meeting", "show", "1")
    for words in ((), ("--erase-blank",)):
        for file in old:
            assert book.take(file, *words) == 0, said(book, "import", file, *words)
    assert (said(book, "member", "list", "--full"), said(book, "meeting", "show", "1")) == before


def test_two_clerks_with_one_export_both_come_in(desk: Any, said: Any) -> None:
    book = desk("a", *FIVE)
    mine = Paper(book.export())
    hers = Paper(mine.path)
    mine.set(mine.rows[0], {"人员类别": "预备党员"})
    hers.set(hers.rows[1], {"人员类别": "预备党员"})
    assert book.take(mine.save()) == 0
    assert book.take(hers.save()) == 0
    assert [one["category"] for one in said(book, "member", "list")][:3] == ["预备党员", "预备党员", "正式党员"]


def test_what_both_changed_is_a_problem_with_both_values(desk: Any, said: Any) -> None:
    book = desk("a", *FIVE)
    book.do("member", "edit", FIVE[0].name, "--department", "一病区")
    paper = Paper(book.export())
    paper.set(paper.rows[0], {"科室": "二病区"})
    book.do("member", "edit", FIVE[0].name, "--department", "三病区")
    (problem,) = said(book, "import", paper.save())["files"][0]["sheets"][0]["problems"]
    assert (problem["column"], problem["value"]) == ("科室", "二病区")
    assert "三病区" in problem["message"]
    paper.set(paper.rows[0], {"科室": "三病区"})
    assert book.take(paper.save()) == 0


HIDDEN = "系统标识（勿改）"


@pytest.fixture
def year(tmp_path: Path, prepared: Prepare) -> Desk:
    """Five members with dues of two months, hours of study, a post each, and four meetings."""
    book = Desk(tmp_path, "a")

    def make() -> None:
        book.found(*FIVE)
        for at, one in enumerate(FIVE):
            for month in ("2026-05", "2026-06"):
                book.do("dues", "add", "--member", one.name, "--month", month, "--paid", 40 + at)
            book.do(
                "study",
                "add",
                "--member",
                one.name,
                "--on",
                f"2026-03-0{at + 1}",
                "--topic",
                f"第{at}课",
                "--hours",
                at + 1,
            )
            book.do("post", "add", "--member", one.name, "--place", f"岗{at}", "--duties", f"责{at}")
        for at in range(1, 5):
            book.do("meeting", "add", "--kind", "支部党员大会", "--on", f"2026-0{at}-10", "--topic", f"议题{at}")

    prepared("desk of a year", make)
    return book


def ledgers(book: Desk, said: Any) -> dict[str, Any]:
    return {one: said(book, one, "list") for one in ("member", "dues", "study", "post", "meeting")}


def down(paper: Paper, heading: str, values: Iterable[Any]) -> None:
    for row, value in zip(paper.rows, values, strict=False):
        paper.set(row, {heading: value})


def told(paper: Paper, heading: str) -> list[Any]:
    return [paper.sheet.cell(row, paper.columns[heading]).value for row in paper.rows]


def next_month(paper: Paper) -> None:
    down(paper, "月份", [str(one).replace("06", "07") for one in told(paper, "月份")])


def next_course(paper: Paper) -> None:
    for row in paper.rows:
        paper.set(row, {"学习时间": "2026-09-09", "学习内容": "九月的课", "学时": 3})


def behind_a_filter(paper: Paper) -> None:
    for row in paper.rows[1:]:
        paper.sheet.row_dimensions[row].hidden = True
    down(paper, "实缴", [99] * 10)


def on_a_hidden_sheet(paper: Paper) -> None:
    older = paper.book.copy_worksheet(paper.sheet)
    older.sheet_state = "hidden"
    for row in paper.rows:
        older.cell(row, paper.columns["实缴"]).value = 1


def merged(paper: Paper) -> None:
    letter = paper.sheet.cell(paper.rows[0], paper.columns["学时"]).column_letter
    paper.sheet.merge_cells(f"{letter}{paper.rows[0]}:{letter}{paper.rows[2]}")


def other_calendar(paper: Paper) -> None:
    down(paper, "学习时间", [f"2030-03-0{at}" for at in range(2, 7)])


def pushed_down(paper: Paper) -> None:
    down(paper, "学时", [7, *told(paper, "学时")])


def pulled_up(paper: Paper) -> None:
    down(paper, "职责", [*told(paper, "职责")[1:], None])


def exchanged(paper: Paper) -> None:
    places, duties = told(paper, "岗位"), told(paper, "职责")
    down(paper, "岗位", duties)
    down(paper, "职责", places)


def last_meeting_reused(paper: Paper) -> None:
    paper.set(paper.rows[-1], {"时间": "2026-09-10", "主题": "九月议题"})


def next_year(paper: Paper) -> None:
    down(paper, "学习时间", [f"2025-03-{at:02}" for at, _ in enumerate(paper.rows, 1)])


#: What was done to an exported ledger, and what is said of it.
UNMEANT: list[tuple[str, Callable[[Paper], None], str]] = [
    ("dues", next_month, "另一期"),
    ("study", next_course, "另起一行来写"),
    ("study", next_year, "另一期"),
    ("dues", behind_a_filter, "这一行是隐藏的"),
    ("dues", on_a_hidden_sheet, "这张工作表是隐藏的"),
    ("study", merged, "合并单元格盖住了"),
    ("study", other_calendar, "1904"),
    ("study", pushed_down, "单独排过序"),
    ("post", pulled_up, "单独排过序"),
    ("post", exchanged, "两列像是换了位置"),
    ("meeting", last_meeting_reused, "另起一行来写"),
]


@pytest.mark.parametrize(("ledger", "act", "words"), UNMEANT, ids=[act.__name__ for _, act, _ in UNMEANT])
def test_what_nobody_meant_is_a_problem(
    year: Desk, said: Any, capsys: Any, ledger: str, act: Callable[[Paper], None], words: str
) -> None:
    before = ledgers(year, said)
    paper = Paper(year.export(ledger))
    act(paper)
    assert year.take(paper.save()) == 4
    assert words in capsys.readouterr().out
    assert ledgers(year, said) == before


@pytest.mark.parametrize(("hidden", "full"), [(True, ()), (True, ("--full",)), (False, ()), (False, ("--full",))])
def test_a_row_copied_for_a_newcomer_gives_him_nothing_of_another(
    desk: Any, said: Any, hidden: bool, full: tuple[str, ...]
) -> None:
    book, new = desk("a", *FIVE), person(7)
    paper = Paper(book.export("member", *full))
    place = paper.rows[-1] + 1
    paper.sheet.insert_rows(place)
    for heading, column in paper.columns.items():
        if hidden or heading != HIDDEN:
            paper.sheet.cell(place, column).value = paper.sheet.cell(paper.rows[0], column).value
    paper.set(place, {"姓名": new.name, "工号": new.staff_no})
    assert book.take(paper.save()) == 4
    assert [one["name"] for one in said(book, "member", "list")] == [one.name for one in FIVE]
    paper.set(place, {"公民身份号码": None, "出生日期": new.born_on, "联系电话": new.phone})
    assert book.take(paper.save()) == 0
    assert owners(said(book, "member", "show", new.name, "--full").values()) == {7}


def test_what_was_removed_does_not_come_back_with_an_older_export(year: Desk, said: Any, capsys: Any) -> None:
    old = year.export("dues")
    year.do("dues", "remove", "1", "--yes")
    before = ledgers(year, said)
    assert year.take(Paper(old).save()) == 4
    assert "已经从数据库里去掉了" in capsys.readouterr().out
    assert ledgers(year, said) == before
    year.do("dues", "add", "--member", FIVE[0].name, "--month", "2026-05", "--paid", 40)
    assert year.take(Paper(old).save()) == 0, "it was typed again"


def test_a_sheet_of_the_clerks_own_that_was_sorted_in_part_is_a_problem(year: Desk, said: Any) -> None:
    before = ledgers(year, said)
    paper = Paper(year.export("dues"))
    for row in paper.rows:
        paper.sheet.cell(row, paper.columns[HIDDEN]).value = None
    paper.move(["实缴"], backwards)
    assert year.take(paper.save()) == 4
    assert ledgers(year, said) == before


def test_an_emptied_cell_is_said_to_have_changed_nothing(year: Desk, said: Any, capsys: Any) -> None:
    paper = Paper(year.export("post"))
    paper.set(paper.rows[0], {"职责": None})
    before = ledgers(year, said)
    assert year.take(paper.save()) == 0
    assert "这一格清空了，原来的内容没有清掉" in capsys.readouterr().out
    assert ledgers(year, said) == before
    assert year.take(paper.save(), "--erase-blank") == 0
    assert said(year, "post", "list")[0].get("duties") is None


def test_masked_numbers_of_new_members_are_said_to_be_missing(desk: Any, capsys: Any) -> None:
    export = desk("a", *FIVE).export()
    assert desk("b").take(export) == 0
    assert "打码的，没有存下来" in capsys.readouterr().out


@pytest.mark.parametrize("column", ["工号", "编号"])
@pytest.mark.parametrize("numbers", [["1", "2", "3"], ["001", "002", "003"], ["A-1", "A-2", "A-3"], ["2", "3", "4"]])
def test_an_equal_staff_number_is_not_the_same_person(desk: Any, said: Any, column: str, numbers: list[str]) -> None:
    book = desk("a")
    book.do("branch", "add", "--name", "外科党支部", "--kind", "党支部")
    people = [person(at) for at in range(1, 7)]
    codes = []
    for branch, some in (("肾内科党支部", people[:3]), ("外科党支部", people[3:])):
        file = Path(f"{branch}.csv")
        rows = [
            f"{mark},{p.name},{p.id_number},{p.born_on},正式党员,{branch}"
            for mark, p in zip(numbers, some, strict=True)
        ]
        file.write_text(
            "\n".join([f"{column},姓名,公民身份号码,出生日期,人员类别,所在党支部", *rows]), encoding="utf-8-sig"
        )
        codes.append(book.take(file))
    names = {one["id_number"]: one["name"] for one in said(book, "member", "list", "--full")}
    assert codes[0] == 0
    assert [names.get(one.id_number) for one in people[:3]] == [one.name for one in people[:3]]


def owners(values: Iterable[Any]) -> set[int]:
    """Whose facts stand in a record."""
    whose = {str(fact): at for at in range(40) for fact in vars(person(at)).values()}
    return {whose[str(value)] for value in values if str(value) in whose}


class Story:
    """Two books, the workbooks that came out of them, and what clerks and machines do to both."""

    def __init__(self, folder: Path) -> None:
        self.books = [Desk(folder, name).found(person(at), person(at + 1)) for at, name in enumerate("ab")]
        self.files = [self.books[0].export(), self.books[1].export("member", "--full")]
        self.people = (person(at) for at in range(4, 40))
        self.saved = folder / "saved.db"

    def paper(self, at: int) -> Paper:
        return Paper(self.files[at % len(self.files)])

    def typed(self) -> dict[str, str]:
        new = next(self.people)
        return {heading: getattr(new, key) for heading, key in CELLS.items()}

    def add(self, book: int, _: int) -> None:
        self.books[book].run("member", "add", *next(self.people).options)  # where the branch itself was undone: none

    def export(self, book: int, at: int) -> None:
        file = self.books[book].export("member", *(["--full"] if at % 2 else []))
        if Paper(file).rows:  # none where everybody was undone
            self.files.append(file)

    def take(self, book: int, at: int) -> None:
        self.books[book].take(self.files[at % len(self.files)])

    def take_the_good(self, book: int, at: int) -> None:
        self.books[book].take(self.files[at % len(self.files)], "--skip-bad")

    def copy(self, book: int, _: int) -> None:
        mine, others = self.books[book], self.books[1 - book]
        for suffix in ("-wal", "-shm"):
            Path(f"{others.path}{suffix}").unlink(missing_ok=True)
        shutil.copy(mine.path, others.path)

    def back_up(self, book: int, _: int) -> None:
        self.saved.unlink(missing_ok=True)
        self.books[book].do("backup", self.saved)

    def restore(self, book: int, _: int) -> None:
        if self.saved.exists():
            self.books[book].do("restore", self.saved, "--yes")

    def undo(self, book: int, _: int) -> None:
        self.books[book].run("undo", "--yes")

    def sort_what_is_seen(self, _: int, at: int) -> None:
        paper = self.paper(at)
        paper.move(paper.visible(), backwards)
        self.files.append(paper.save())

    def sort_one_column(self, book: int, at: int) -> None:
        paper = self.paper(at)
        paper.move([paper.visible()[(at + book) % len(paper.visible())]], backwards)
        self.files.append(paper.save())

    def type_over(self, book: int, at: int) -> None:
        paper = self.paper(at)
        paper.set(paper.rows[(at + book) % len(paper.rows)], self.typed())
        self.files.append(paper.save())

    def copy_a_row(self, book: int, at: int) -> None:
        paper = self.paper(at)
        row, new = paper.rows[(at + book) % len(paper.rows)], paper.rows[-1] + 1
        paper.sheet.insert_rows(new)
        for column in paper.columns.values():
            paper.sheet.cell(new, column).value = paper.sheet.cell(row, column).value
        paper.set(new, self.typed())
        self.files.append(paper.save())

    def correct(self, book: int, at: int) -> None:
        paper = self.paper(at)
        paper.set(paper.rows[(at + book) % len(paper.rows)], {"人员类别": "预备党员"})
        self.files.append(paper.save())


ACTS = [Story.add, Story.export, Story.take, Story.take_the_good, Story.copy, Story.back_up, Story.restore, Story.undo,
        Story.sort_what_is_seen, Story.sort_one_column, Story.type_over, Story.copy_a_row, Story.correct]  # fmt: skip


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 1), st.integers(0, 9)), min_size=6, max_size=14))
def test_no_record_ever_holds_the_facts_of_two(tmp_path_factory: Any, capsys: Any, acts: list[Any]) -> None:
    """Any two books, any sequence of export, sort, edit, copy, restore and import on either."""
    with chdir(tmp_path_factory.mktemp("acts")):
        story = Story(Path.cwd())
        for act, book, at in acts:
            act(story, book, at)
            for one in story.books:
                capsys.readouterr()
                one.do("member", "list", "--full", "--all", "--json")
                for member in json.loads(capsys.readouterr().out):
                    assert len(owners(member.values())) == 1, member
