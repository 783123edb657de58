"""The roster answers the same whatever it was asked before."""

from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Connection

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base import roster as roster_module
from partybuild_cli.records.base.roster import Roster, load_roster
from partybuild_cli.store.engine import create_book
from partybuild_cli.values.text import near_name

MEMBERS = (
    "(1, 1, '张三', '001', NULL, '2010-07-01', NULL, '正式党员'), (2, 1, '王芳', '002', '2020-01-01', '2010-07-01', NULL, '正式党员'),"
    " (3, 2, '王芳', '003', NULL, NULL, '2026-03', '正式党员'), (4, 2, '李四', NULL, '2026-05-01', '2010-07-01', NULL, '正式党员')"
)


@pytest.fixture
def connection(tmp_path: Path):
    with create_book(tmp_path / "book.db").writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO branch (id, name, kind) VALUES (1, '甲', '党支部'), (2, '乙', '党支部')"
        )
        connection.exec_driver_sql(
            f"INSERT INTO member (id, branch_id, name, staff_no, arrived_on, joined_on, left_on, category) VALUES {MEMBERS}"
        )
        connection.exec_driver_sql(
            "INSERT INTO stay (member_id, branch_id, arrived_on, left_on) VALUES (4, 1, NULL, '2026-05-01')"
        )
        yield connection


def said(roster: Roster, name: str, *where: object) -> object:
    try:
        return roster.member(name, *where)  # type: ignore[arg-type]
    except ValueProblem as problem:
        return problem.sentence


QUESTIONS = {
    "belonging": lambda one: [[seat.member for seat in one.belonging(b, d)] for b in (1, 2) for d in ("2026-03-15", "2026-05-01")],
    "home": lambda one: [one.home(n) for n in range(6)],
    "shown": lambda one: [one.shown(n) for n in range(6)],
    "known": lambda one: [one.known(w) for w in ("张三", "001", "王芳#003", "王芳#009", "赵六", "")],
    "member": lambda one: [said(one, w, 2, "2026-01-01") for w in ("张三", "003", "王芳", "王芳(002)", "李四(001)", "赵六")],
    "beside": lambda one: [said(one, w, None, None, "003") for w in ("王芳", "张三")],
    "people": lambda one: one.people("张三、王芳（002）李 四（值班）"),
    "why": lambda one: [one.why_not_due(n, 1, "2026-06-01", "党课") for n in range(1, 5)],
    "memberships": lambda one: one.memberships,
    "members": lambda one: sorted(one.members),
}  # fmt: skip


def answers(roster: Roster) -> dict[str, object]:
    return {name: ask(roster) for name, ask in QUESTIONS.items()}


@pytest.mark.parametrize("first", QUESTIONS)
def test_what_was_asked_before_changes_nothing(connection: Connection, first: str) -> None:
    whole = load_roster(connection)
    assert len(whole.members) == 4
    roster = load_roster(connection)
    QUESTIONS[first](roster)
    assert answers(roster) == answers(whole)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("张三(001)", 1),
        ("张三（值班）", 1),
        ("张三(999)", "没有工号是 999 的党员。请核对“张三”后面的工号"),
        ("张三(002)", "工号 002 是王芳，不是“张三”。请核对这一行的姓名和工号"),
    ],
)
def test_a_number_behind_a_name_is_somebodys(connection: Connection, written: str, means: object) -> None:
    assert said(load_roster(connection), written) == means


def test_a_slip_is_found_without_looking_at_every_name(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["".join(signs) for signs in product("赵钱孙", "一二三四五六", ["七", "八", "九十", ""])]
    rows = [(number, name) for number, name in enumerate(names, start=10)]
    sql = "INSERT INTO member (id, branch_id, name, category) VALUES (?, 1, ?, '正式党员')"
    connection.exec_driver_sql(sql, rows)
    roster, looked = load_roster(connection), []

    def near(said: str, name: str) -> bool:
        looked.append(name)
        return near_name(said, name)

    monkeypatch.setattr(roster_module, "near_name", near)
    for slip in "赵一七 周一七 赵零七 赵一零 赵七 一七 赵一九 赵一九十多 周一九十 赵一十 赵".split():
        looked.clear()
        assert roster.near(slip) == [name for name in ["张三", "王芳", "李四", *names] if near_name(slip, name)], slip
        assert len(looked) < len(names), slip
