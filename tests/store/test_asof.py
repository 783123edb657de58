"""Records as they stood at the end of a day, rebuilt from the history."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from partybuild_cli.errors import NotFound
from partybuild_cli.records.base.query import Wanted, fetch
from partybuild_cli.records.base.registry import record, shapes
from partybuild_cli.store import asof, history
from partybuild_cli.store.asof import differences
from partybuild_cli.store.engine import Book, open_book


class Clock(datetime):
    """A clock that a test sets."""

    at = datetime(2026, 1, 1, tzinfo=UTC)

    @classmethod
    def now(cls, tz: Any = None) -> "Clock":
        return cls.fromtimestamp(cls.at.timestamp(), tz)


@pytest.fixture
def year(branch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A book with a few changes on days of January 2100, after the branch was made today."""
    for module in (history, asof):
        monkeypatch.setattr(module, "datetime", Clock)

    def on(day: int, *arguments: str) -> None:
        Clock.at = datetime(2100, 1, day, 12, tzinfo=UTC)
        done = branch(*arguments)
        assert done.code == 0, done.err

    on(3, "member", "edit", "张三", "--department", "神经内科")
    on(5, "meeting", "add", "--kind", "支部党员大会", "--on", "2026-09-05", "--topic", "学习", "--absent", "李四:值班")
    on(7, "meeting", "edit", "1", "--absent", "张三:手术")
    on(9, "member", "edit", "张三", "--name", "张叁")
    on(11, "meeting", "remove", "1", "--yes")


def seen(book: Book, ledger: str, day: int, wanted: Wanted = Wanted()) -> list[Any]:
    kind = record(ledger)
    with book.reading() as connection:
        shapes = [record(name).shape for name in dict.fromkeys(("branch", "member", ledger))]
        asof.travel(connection, shapes, asof.last_change_on(connection, date(2100, 1, day)))
        return [one.values for one in fetch(connection, kind, wanted)]


def test_each_day_has_its_own_records(year: None, book_file: Path) -> None:
    book = open_book(book_file)
    assert [one.get("department") for one in seen(book, "member", 2)] == [None] * 4
    assert seen(book, "member", 3)[0]["department"] == "神经内科"
    assert seen(book, "meeting", 4) == []
    assert [person.name for person in seen(book, "meeting", 5)[0]["on_leave"]] == ["李四"]
    assert [person.name for person in seen(book, "meeting", 8)[0]["on_leave"]] == ["张三", "李四"]
    assert [person.name for person in seen(book, "meeting", 10)[0]["on_leave"]] == ["张叁", "李四"]
    assert seen(book, "meeting", 11) == []


def test_filters_ask_the_earlier_state(year: None, book_file: Path) -> None:
    book = open_book(book_file)
    assert len(seen(book, "meeting", 8, Wanted(members=("张三",)))) == 1
    assert len(seen(book, "member", 8, Wanted(branch="神经内科党支部"))) == 4


def test_the_book_itself_is_untouched(year: None, book_file: Path) -> None:
    book = open_book(book_file)
    assert seen(book, "member", 3)[0]["name"] == "张三"
    with book.reading() as connection:
        assert next(iter(fetch(connection, record("member")))).values["name"] == "张叁"
        assert differences(connection, shapes()) == []


def test_the_state_after_the_last_change_is_the_present_one(year: None, book_file: Path) -> None:
    with open_book(book_file).reading() as connection:
        last = connection.exec_driver_sql("SELECT max(id) FROM change").scalar_one()
        now = [(one.number, one.values) for one in fetch(connection, record("member"))]
        asof.travel(connection, [record("member").shape, record("branch").shape], last)
        assert [(one.number, one.values) for one in fetch(connection, record("member"))] == now


def test_list_show_and_export_take_a_day(branch: Any, tmp_path: Path) -> None:
    today = str(date.today())
    assert branch("member", "list", "--as-of", today, "--json").json == branch("member", "list", "--json").json
    assert branch("member", "show", "张三", "--as-of", today, "--json").json["name"] == "张三"
    assert branch("export", "member", "--as-of", today, "--out", str(tmp_path)).code == 0
    assert branch("log", "verify").code == 0


@pytest.mark.parametrize(("day", "code"), [("2026", 2), ("2026-13-01", 2), ("3000-01-01", 2), ("2001-01-01", 3)])
def test_a_day_that_will_not_do(branch: Any, day: str, code: int) -> None:
    done = branch("member", "list", "--as-of", day)
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("错误：")


@pytest.mark.parametrize("slip", ["2031-03-04", "2000-01-01"])
def test_a_clock_that_lied_once_dates_nothing_else(branch: Any, book_file: Path, slip: str) -> None:
    def on(moment: str, *arguments: object) -> Any:
        with time_machine.travel(f"{moment}T04:00:00Z", tick=False):
            return branch(*arguments)

    def department(day: str) -> str:
        found = on("2027-02-01", "member", "list", "--as-of", day, "--json")
        return next(one["department"] or "" for one in found.json if one["name"] == "张三")

    days = ["2027-01-03", "2027-01-05", slip, "2027-01-09", "2027-01-11"]
    said = [on(day, "member", "edit", "张三", "--department", f"第{at}科").err for at, day in enumerate(days)]
    assert "时钟" not in said[0] + said[1] + said[4]
    assert all("时钟" in one for one in said[2:4])  # on the first command after the jump, and after the one back
    assert [one["at"][:10] for one in branch("log", "--json").json[:5]] == days[::-1]
    assert [department(f"2027-01-{day:02}") for day in (4, 6, 9, 12)] == ["第0科", "第1科", "第3科", "第4科"]
    with pytest.raises(NotFound), open_book(book_file).reading() as connection:
        asof.last_change_on(connection, date(2001, 1, 1))


def test_a_last_change_of_tomorrow_is_in_the_book_today_and_every_command_says_so(branch: Any) -> None:
    with time_machine.travel("2031-03-04T04:00:00Z", tick=False):
        branch("member", "edit", "张三", "--department", "心内科")
    done = branch("member", "show", "张三", "--json")
    assert (done.json["department"], "时钟跳动过" in done.err) == ("心内科", True)
    today = date.today().isoformat()
    assert (
        next(one for one in branch("member", "list", "--as-of", today, "--json").json if one["name"] == "张三")[
            "department"
        ]
        == "心内科"
    )
    branch("member", "edit", "张三", "--department", "内科")
    assert "时钟" not in branch("status").err
