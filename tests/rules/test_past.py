"""What is typed today leaves what the book said of a past year as it was: every kind of record, every column that holds for a time."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from partybuild_cli.cli.run import run
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.registry import all_records
from partybuild_cli.records.settings import Settings
from tests.conftest import Cli
from tests.golden.stage import at

BRANCH = "内科党支部"
TODAY = date(2026, 11, 25)
#: A book of two years, as it was kept: the day of the command, and the command.
YEARS = (
    ("2024-01-05", f"init --branch {BRANCH}"),
    ("2024-01-05", f"branch edit {BRANCH} --elected-on 2023-03-01 --term-years 3 --brand 心桥 --departments 内科"
     " --lectures-per-year 2 --dues-quarterly 否"),
    *(
        ("2024-01-05", f"member add --branch {BRANCH} --name {name} --staff-no {number} --category 正式党员 --joined-on 2009-07-01"
         f" --full-on 2010-07-01 --party-post {post} --group 第一小组 --staff-kind 临床 --position 内科主任 --title 医师"
         " --department 内科 --education 研究生 --degree 硕士 --standing 正常")
        for name, number, post in (("赵一", "001", "书记"), ("李四", "002", "组织委员"), ("孙三", "003", "普通党员"))
    ),
    ("2024-01-06", "settings set volunteering 是"), ("2024-01-06", "settings set model_posts 是"),
    ("2024-01-06", "settings set zones 是"), ("2024-01-06", "settings set pairing 是"),
    ("2024-01-06", "settings set posting 是"), ("2024-01-06", "settings set lectures_per_year 2"),
    ("2024-01-06", "settings set departments 内科、外科"), ("2024-01-06", "settings set least_coverage 5"),
    ("2024-01-06", "settings set org 绝对分"), ("2024-01-06", "settings set dues_rounding 分"),
    ("2024-01-06", "settings set reception_desk 党办"), ("2024-01-06", "settings set reception_phone 15400000000"),
    ("2024-01-06", "settings set opinion_box 门口"),
    ("2024-01-07", f"member add --branch {BRANCH} --name 郑七 --staff-no 007 --category 正式党员"),
    ("2024-02-01", "zone add --name 一区 --ward 一病区 --head 赵一"), ("2024-02-01", "post add --member 李四 --place 门诊"),
    ("2024-02-01", "pairing add --kind 师徒 --giver 赵一 --receiver 李四"),
    ("2024-02-01", "cultivation add --track 双带头人 --member 赵一"),
    ("2024-02-01", "tenure add --member 李四 --kind 学术任职 --value 委员 --level 省级"),
    ("2024-02-01", "task add --area 党建 --item 开门服务 --responsible 李四 --due-on 长期坚持"),
    ("2024-03-01", "development add --name 周五"),
    ("2025-03-11", f"meeting add --branch {BRANCH} --kind 支部党员大会 --on 2025-03-10 --topic 大会 --hours 2 --all-present"
     " --votes 一般（预算）：赞成3"),
    ("2025-03-11", f"service add --branch {BRANCH} --kind 义诊 --on 2025-03-11 --title 义诊 --member 李四 --hours 2"),
    ("2025-04-01", "study add --member 李四 --on 2025-04-01 --topic 轮训 --kind 专题培训 --hours 8"),
    ("2025-04-01", "dues add --member 李四 --month 2025-03 --due 30 --paid 30 --paid-on 2025-03-20"),
    ("2025-05-01", "talk add --talker 赵一 --subject 李四 --on 2025-05-01 --content 谈心"),
    ("2025-06-01", f"member add --branch {BRANCH} --name 王九 --staff-no 009 --category 正式党员 --arrived-on 2025-06-01"),
    ("2025-06-01", "decision add --item 采购 --kind 重大事项决策 --met-on 2025-06-01"),
    ("2025-07-01", "honor add --title 先进 --winner 李四 --level 院级 --awarded-on 2025-07-01"),
    ("2025-12-15", "dues add --member 李四 --month 2025-12 --base 5000 --due 25 --paid 25 --paid-on 2025-12-15"),
    ("2025-12-16", "zone edit 1 --quarter 2025Q4 --assessed 合格"),
    ("2025-12-16", "post edit 1 --quarter 2025Q4 --assessed 合格 --plate 甲 --published 是"),
    ("2025-12-16", "conduct add --member 李四 --on 2025-12-16 --kind 表扬信"),
    ("2025-12-20", "review add --member 李四 --year 2025 --grade 优秀"),
    ("2025-12-21", f"election add --branch {BRANCH} --on 2023-03-01 --term-years 3"),
    ("2025-12-21", "metric add --subject 内科 --name 满意度 --period 2025Q4 --actual 98 --unit %"),
    ("2026-10-08", "index compute 2026Q3"),
)  # fmt: skip
ASKED = (
    "check 2025",
    "check 2025 --json",
    "check 2025 --records",
    "report 2025 --json",
    f"report 2025 --branch {BRANCH}",
    "member list --as-of 2025-12-31 --json",
    "check 2025Q2",
    "report 2025Q2",
    "index list 2025Q4 --json",
    "index explain 002 2025Q4 --json",
    "index explain 001 2025Q4 --json",
    "index list 2025Q3 --json",
    "index annual 2025 --json",
)
#: What is asked after each change.
SOON = ("check 2025 --records", "report 2025 --json", "index list 2025Q4 --json")  # fmt: skip


@pytest.fixture(scope="session")
def years(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The book of two years, made once."""
    path = tmp_path_factory.mktemp("years") / "book.db"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PARTYBUILD_DB", str(path))
        for day, line in YEARS:
            with at(f"{day} 09:00"):
                assert run(line.split()) == 0, line
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()


@pytest.fixture
def book(cli: Cli, years: bytes, book_file: Path) -> Iterator[Cli]:
    """The book of two years, today."""
    book_file.write_bytes(years)
    with at(f"{TODAY} 10:00"):
        yield cli


def told(cli: Cli, lines: Sequence[str] = ASKED) -> dict[str, str]:
    """What the book says of 2025."""
    return {line: cli(*line.split()).out for line in lines}


@pytest.fixture(scope="session")
def kept() -> dict[str, str]:
    return {}


@pytest.fixture
def said(book: Cli, kept: dict[str, str]) -> dict[str, str]:
    """What the book said of 2025 before anything was typed, asked once."""
    kept.update({} if kept else told(book))
    return kept


def word(column: Column, again: bool = False) -> str:
    """Something of today for a column; `again`: not what the book says already."""
    kind = type(column.kind).__name__
    days = {"Day": str(TODAY), "DayRange": str(TODAY), "MonthKind": "2026-11", "YearKind": "2026"}
    people = dict.fromkeys(("MemberKind", "AttendeesKind", "MentionsKind", "PeopleKind"), "孙三" if again else "李四")
    periods = dict.fromkeys(("QuarterKind", "PeriodKind"), "2026Q4")
    numbers = dict.fromkeys(("Number", "CountKind", "Estimate"), "4")
    known = {**days, **people, **periods, **numbers, "BranchKind": BRANCH, "YesNo": "否"}
    if kind == "Choice":
        return list(column.kind.words)[-1] if again else str(column.kind.example)  # type: ignore[attr-defined]
    return known.get(kind, f"{'又' if again else '今'}日{column.heading}")


#: What tells a new one apart, where the columns that must be said do not.
_MORE = {"member": ("--staff-no", "099")}


def added(record: type[Record]) -> list[str]:
    """The command that adds a record of that type with what must be said and no more."""
    words = [record.ledger, "add", *_MORE.get(record.ledger, ())]
    for column in record.columns.values():
        if column.required:
            said = "赵一" if column.key == "talker" else word(column)
            words += [f"--{column.option}" if column.option else column.flag, said]
    return words


def edited(record: type[Record], column: Column) -> list[str]:
    """The command that changes what holds for a time, of the first record of that type."""
    if record is Settings:
        return ["settings", "set", column.key, word(column, again=True)]
    return [record.ledger, "edit", "1", column.flag, word(column, again=True)]


def changes() -> list[list[str]]:
    """Every kind of change that today may bring, by the declarations of the records."""
    found = [added(record) for record in all_records() if record.command]
    dated = ((record, column) for record in all_records() for column in record.columns.values() if column.dated)
    return found + [edited(record, column) for record, column in dated]


def test_the_changes_are_of_every_type_and_of_every_dated_column() -> None:
    assert {words[0] for words in changes()} == {record.ledger for record in all_records() if record.command} | {
        "settings"
    }
    assert len(changes()) > 40


def test_nothing_that_is_typed_today_changes_what_was_said_of_a_past_year(book: Cli, said: dict[str, str]) -> None:
    assert "一病区" in said["check 2025 --records"]
    for few in (changes()[first : first + 8] for first in range(0, len(changes()), 8)):
        for words in few:
            done = book(*words)
            assert done.code == 0, (words, done.err)
        soon = told(book, SOON)
        assert {line for line, now in soon.items() if said[line] != now} == set(), few
    assert told(book) == said
    assert book("doctor", "--replay").code == 0


#: What says that a past answer changes.
OVER = "涉及已经结束的期间"


def editable(record: type[Record]) -> tuple[list[list[str]], list[list[str]]]:
    """The edits of the first record of that type, column by column: to another value, and to none."""
    edit = [record.ledger, "edit", {"member": "李四", "branch": BRANCH}.get(record.ledger, "1")]
    columns = [one for one in record.columns.values() if not one.computed or one.entry or one.kind.names == "member"]
    flags = [(f"--{one.option}" if one.option else one.flag, word(one, again=True)) for one in columns]
    return [[*edit, *flag] for flag in flags], [[*edit, "--clear", one.key] for one in columns]


@pytest.mark.parametrize("record", [one for one in all_records() if one.command], ids=lambda one: one.ledger)
def test_whatever_is_edited_today_leaves_the_past_or_says_that_it_does_not(
    record: type[Record], book: Cli, book_file: Path, said: dict[str, str]
) -> None:
    """One edit at a time; those that say nothing of the past are then made together, and it is as it was."""

    def silent(words: Sequence[str]) -> bool:
        done = book(*words)
        codes.append(done.code)
        return done.code == 0 and OVER not in done.err

    codes: list[int] = []
    base = book_file.read_bytes()

    def anew() -> None:
        book_file.with_name("book.db-wal").unlink(missing_ok=True)
        book_file.write_bytes(base)

    for edits in editable(record):
        quiet = []
        for words in edits:
            if silent(words):
                quiet.append(words)
            anew()
        together = [words for words in quiet if silent(words)]
        soon = told(book, SOON)
        assert soon == {line: said[line] for line in SOON}, together
        assert together == quiet
        anew()
    assert 0 in codes


#: What changes something by other commands than those of all ledgers, and what it says of the past, where it touches it.
OTHERS = (
    ("member transfer 李四 --to 外院党委 --on 2026-11-20", False),
    ("member transfer 李四 --to 外院党委 --on 2025-11-20", True),
    ("meeting vote 1 --vote-kind 一般 --vote-on 预算 --voters-due 3 --voters-present 3 --votes-for 3", True),
    ("task close 1 --evidence 照片 --verified-by 孙三 --on 2026-11-20", False),
    ("task open --decision 1 --responsible 孙三 --due-on 2026-12-20", False),
    ("task open --decision 1 --responsible 孙三 --due-on 2025-12-20", True),
    ("dues pay 2026-11 --member 李四", False),
    ("dues prepare 2026-11", False),
    ("dues add --member 赵一 --month 2025-12 --base 5000 --due 25 --paid 25 --paid-on 2026-11-25", False),
    ("dues add --member 赵一 --month 2025-12 --base 5000 --due 25 --paid 25 --paid-on 2025-12-25", True),
    ("dues add --member 赵一 --month 2025-12 --base 5000 --due 25 --paid 25", True),
    ("evidence add study 1 {file}", False),
    ("settings set reception_desk 今日", False),
    ("member edit 李四 --party-post 书记 --from 2025-06-01", True),
    ("member edit 李四 --party-post 书记 --correct", True),
    ("member edit 李四 --phone 15400000001", False),
    ("member edit 李四 --away-on 2026-11-01 --away-to 深圳", False),
    ("member edit 李四 --away-on 2025-03-01 --away-to 深圳", True),
    ("post edit 1 --quarter 2025Q3 --assessed 合格", True),
    ("post edit 1 --quarter 2026Q4 --assessed 合格", False),
    ("post edit 1 --removed-on 2026-11-20", False),
    ("zone edit 1 --member 孙三", False),
    (f"meeting add --branch {BRANCH} --kind 党课 --on 2025-08-08 --topic 讲课 --all-present", True),
    (f"meeting add --branch {BRANCH} --kind 党课 --on 2026-11-08 --topic 讲课 --all-present", False),
    (f"member add --branch {BRANCH} --name 周九 --staff-no 010 --category 正式党员 --joined-on 2009-07-01", True),
    (f"member add --branch {BRANCH} --name 周九 --staff-no 010 --category 正式党员 --joined-on 2009-07-01"
     " --arrived-on 2026-11-20", False),
    ("import {sheet}", True),
    ("undo 23 --yes", True),
    ("member add --name 李四 --staff-no 098 --category 正式党员", False),
    ("development promote 2 --staff-no 097", False),
)  # fmt: skip
#: Acts on a quarter itself, what only reads, and what is about the file.
NOT_ASKED = {
    f"{group} {verb}"
    for group, verbs in {
        "index": "compute discard publish object revise lock forms annual diff explain list objections scheme schemes",
        "member": "forget",
        "meeting": "confirm",
        "dues": "arrears rate register",
        "task": "remind",
        "post": "card page",
        "development": "steps",
        "evidence": "list remove",
        "log": "show verify",
        "settings": "show",
    }.items()
    for verb in verbs.split()
}


def test_every_command_that_can_change_a_record_is_among_those_that_are_tried() -> None:
    text = (Path(__file__).parents[2] / "docs/commands.md").read_text(encoding="utf8")
    named = {f"{one} {two}" for one, two in re.findall(r"`partybuild ([a-z]+) ([a-z]+)", text)}
    verbs = {one for one in named if one.split()[1] in ("add", "edit", "list", "show", "remove")}
    tried = {" ".join(line.split()[:2]) for line, _ in OTHERS}
    reads = {one for one in named if one.split()[0] in ("document", "export", "manual", "template")}
    assert named - verbs - tried - NOT_ASKED - reads == set()


@pytest.mark.parametrize(("line", "past"), OTHERS)
def test_a_command_of_today_leaves_the_past_or_says_that_it_does_not(
    book: Cli, said: dict[str, str], tmp_path: Path, line: str, past: bool
) -> None:
    (tmp_path / "通知.pdf").write_bytes(b"%PDF-1.4\n")
    text = "姓名,工号,学习时间,学习内容,学时\n孙三,003,2025-05-05,党章,4\n"
    (tmp_path / "学时.csv").write_text(text, encoding="utf8")
    if "promote" in line:
        days = (
            "--applied-on 2024-01-01 --voted-on 2026-11-20 --approved-on 2026-11-21 --votes 应到3人，实到3人，赞成3票"
        )
        assert book("development", "add", "--name", "吴十", "--branch", BRANCH, *days.split()).code == 0
        said = told(book)
    done = book(*line.format(file=tmp_path / "通知.pdf", sheet=tmp_path / "学时.csv").split())
    assert done.code == 0, done.err
    assert (OVER in done.err) is past, done.err
    assert past or told(book) == said


def test_a_score_of_the_past_counts_no_post_zone_or_pair_of_today(book: Cli) -> None:
    scored = ("index compute 2025Q4 --json", "index explain 002 2025Q4 --json")
    before = told(book, scored)
    for words in changes():
        if words[:2] in (["post", "add"], ["zone", "add"], ["pairing", "add"]):
            assert book(*words).code == 0
    assert told(book, scored) == before
    assert book("post", "edit", "2", "--quarter", "2025Q4", "--assessed", "合格").code == 0
    assert told(book, scored) != before


def test_an_undated_record_counts_of_the_past_where_an_entry_proves_it(book: Cli, said: dict[str, str]) -> None:
    assert book("zone", "add", "--name", "二区", "--ward", "二病区", "--head", "李四").code == 0
    assert told(book) == said
    assert book("zone", "edit", "2", "--quarter", "2025Q4", "--assessed", "合格").code == 0
    assert "二病区" in told(book)["check 2025 --records"]
    assert "二病区" not in told(book)["check 2025Q2"]


def test_a_book_that_is_younger_than_the_year_tells_of_it_all_the_same(cli: Cli) -> None:
    with at("2026-01-10 09:00"):
        assert cli("init", "--branch", BRANCH).code == 0
        joined = ("--staff-no", "001", "--category", "正式党员", "--joined-on", "2009-07-01")
        assert cli("member", "add", "--branch", BRANCH, "--name", "赵一", *joined).code == 0
        assert cli("zone", "add", "--name", "一区", "--ward", "一病区", "--head", "赵一").code == 0
        assert "1个责任区，1个病区" in cli("check", "2025", "E4").out


def test_a_decision_that_is_changed_is_said_to_hold_from_today(cli: Cli) -> None:
    assert cli("init", "--branch", BRANCH).code == 0
    assert "从今天起算" not in cli("settings", "set", "zones", "是").err
    assert "从今天起算" in cli("settings", "set", "zones", "否").err
    assert "从今天起算" not in cli("settings", "set", "reception_desk", "党办").err


def test_the_dues_of_an_old_month_are_those_of_the_kind_of_work_that_he_then_had(cli: Cli) -> None:
    with at("2026-01-10 09:00"):
        assert cli("init", "--branch", BRANCH).code == 0
        who = ("--staff-no", "001", "--category", "正式党员", "--joined-on", "2009-07-01", "--staff-kind", "临床")
        assert cli("member", "add", "--branch", BRANCH, "--name", "赵一", *who).code == 0
        assert cli("dues", "add", "--member", "赵一", "--month", "2026-01", "--base", "5000", "--due", "50").code == 0
    with at("2026-11-25 09:00"):
        assert cli("member", "edit", "赵一", "--staff-kind", "退休", "--from", "2026-09-01").code == 0
        assert "应缴与标准不符" not in cli("check", "2026", "D5").out
        assert "应缴：50 → 90" in cli("dues", "edit", "1", "--base", "6000").out.replace(".00", "")
        assert "应缴与标准不符" not in cli("check", "2026", "D5").out


@pytest.mark.parametrize(
    ("line", "past"),
    [
        ("member remove 王九 --yes", True), ("study remove 1 --yes", True), ("dues remove 1 --yes", True),
        ("service remove 1 --yes", True), ("meeting remove 1 --yes", True), ("zone remove 1 --yes", True),
        ("review remove 1 --yes", True), ("metric remove 1 --yes", True), ("undo 23", True),
        ("talk remove 2 --yes", False), ("post remove 2 --yes", False), ("undo --yes", False),
    ],
)  # fmt: skip
def test_a_removal_says_whether_it_changes_what_is_said_of_a_period_that_is_over(
    book: Cli, line: str, past: bool
) -> None:
    assert book("talk", "add", "--talker", "赵一", "--subject", "李四", "--on", "2026-11-25").code == 0
    assert book("post", "add", "--member", "孙三", "--place", "急诊").code == 0
    done = book(*line.split())
    assert done.code == 0, done.err
    assert (OVER in done.err) is past


def test_what_is_posted_stays_to_the_byte_whatever_is_removed_renamed_or_decided_anew(
    book: Cli, tmp_path: Path
) -> None:
    with at("2026-01-12 09:00"):
        assert book("index", "compute", "2025Q4").code == 0
        assert book("index", "publish", "2025Q4", "--yes", "--out", tmp_path / "then").code == 0
    shown = told(book, ("index list 2025Q4 --json", "index explain 002 2025Q4 --json"))
    lines = (
        "settings set reception_desk 今日", "study remove 1 --yes", "zone remove 1 --yes",
        "dues remove 2 --yes", f"branch edit {BRANCH} --name 内科一支部",
    )  # fmt: skip
    for line in lines:
        assert book(*line.split()).code == 0, line
    assert told(book, tuple(shown)) == shown
    assert book("index", "publish", "2025Q4", "--yes", "--out", tmp_path / "now").code == 0
    then, now = ([(one.name, one.read_bytes()) for one in (tmp_path / when).iterdir()] for when in ("then", "now"))
    assert then == now


def test_an_organisation_that_is_renamed_is_found_by_both_names_and_told_by_that_of_the_time(
    book: Cli, tmp_path: Path
) -> None:
    assert book("branch", "add", "--name", "医院党委", "--kind", "党委").code == 0
    assert book("branch", "edit", BRANCH, "--parent", "医院党委").code == 0
    assert book("branch", "edit", BRANCH, "--name", "老年医学科党支部").code == 0
    assert book("branch", "edit", "医院党委", "--name", "总医院党委").code == 0
    for name in (BRANCH, "老年医学科党支部"):
        assert BRANCH in book("check", "2025Q2", "--branch", name).out
        assert "老年医学科党支部" in book("check", "this", "--branch", name).out
    assert "老年医学科党支部" in book("check", "this", "--branch", "总医院党委").out
    sheet = tmp_path / "花名册.csv"
    sheet.write_text(f"姓名,工号,所在党支部,人员类别\n李四,002,{BRANCH},正式党员\n", encoding="utf8")
    assert book("import", sheet, "--yes").code == 0
    assert [one["name"] for one in book("branch", "list", "--json").json] == ["总医院党委", "老年医学科党支部"]
    assert book("branch", "edit", "老年医学科党支部", "--name", "内科一支部", "--correct").code == 0
    assert "老年医学科党支部" not in book("check", "2025Q2").out
