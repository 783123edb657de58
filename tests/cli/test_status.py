"""`status`: one screen, as lines and as JSON."""

import json
from datetime import date

import pytest

from partybuild_cli.cli.run import run
from partybuild_cli.reports.status import status
from partybuild_cli.store.engine import open_book


@pytest.fixture
def book(tmp_path, monkeypatch, capsys):
    path = tmp_path / "book.db"
    monkeypatch.setenv("PARTYBUILD_DB", str(path))
    assert run(["init", "--branch", "内科党支部"]) == 0
    capsys.readouterr()
    return path


def _add(*words):
    assert run(list(words)) == 0


def _page(path, today):
    with open_book(path).reading() as connection:
        return status(connection, today)


def test_an_empty_book_asks_for_the_roster_first(book, capsys):
    assert run(["status", "--json"]) == 0
    page = json.loads(capsys.readouterr().out)
    assert page["branches"] == [{"name": "内科党支部", "members": 0, "formal": 0}]
    assert page["next"] == ["导入花名册：partybuild import 花名册.xlsx"]
    assert set(page) >= {"today", "quarter", "meetings", "service", "tasks", "last_backup"}


def test_a_quarter_says_what_is_done_what_is_late_and_what_is_to_come(book):
    for number in range(7):
        _add(
            "member",
            "add",
            "--name",
            f"党员{'一二三四五六七'[number]}",
            "--staff-no",
            f"00{number}",
            "--category",
            "正式党员",
        )
    _add("meeting", "add", "--kind", "主题党日", "--on", "2026-07-10", "--topic", "重温誓词")
    page = _page(book, date(2026, 9, 3))
    told = {one.kind: (one.done, one.asked, one.late, one.coming) for one in page.meetings}
    assert told["主题党日"] == (1, 3, ("2026-08",), ("2026-09",))
    assert told["支部党员大会"] == (0, 1, (), ("2026Q3",))
    assert told["支委会"] == (0, 3, ("2026-07", "2026-08"), ("2026-09",))
    assert "党小组会" not in told
    assert "组织生活会" not in told


def test_yearly_meetings_are_told_in_the_last_quarter_and_a_committee_only_from_seven(book):
    _add("member", "add", "--name", "党员甲", "--staff-no", "001", "--category", "正式党员", "--group", "一组")
    kinds = [one.kind for one in _page(book, date(2026, 10, 9)).meetings]
    assert kinds == ["支部党员大会", "主题党日", "党小组会", "组织生活会", "民主评议", "述职"]


@pytest.mark.parametrize(
    ("today", "state"),
    [
        (date(2026, 9, 15), None),
        (date(2026, 9, 16), "未启动"),
        (date(2026, 9, 30), "未启动"),
        (date(2026, 10, 1), "逾期"),
    ],
)
def test_a_task_is_near_from_two_weeks_before_its_day(book, today, state):
    _add("task", "add", "--area", "组织建设", "--item", "换届报告", "--responsible", "张三", "--due-on", "2026-09-30")
    states = [task.state for task in _page(book, today).tasks]
    assert states == ([] if state is None else [state])


def test_the_page_fits_one_screen_and_names_every_part(book, capsys):
    for number in range(12):
        _add(*f"task add --area 组织建设 --item 事项{number} --responsible 张三 --due-on 2020-01-01".split())
    capsys.readouterr()
    assert run(["status"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 40
    for part in ("本季度会议", "志愿服务", "任务", "先锋指数", "最近备份", "下一步"):
        assert any(line.startswith(part) for line in lines)
    assert "  …… 共 12 项" in lines


def test_an_unknown_branch_is_not_found(book, capsys):
    assert run(["status", "--branch", "外科党支部"]) == 3
    assert "外科党支部" in capsys.readouterr().err


def test_a_task_without_end_is_never_near(book):
    _add("task", "add", "--area", "组织建设", "--item", "学习", "--responsible", "张三", "--due-on", "长期坚持")
    assert _page(book, date(2026, 9, 1)).tasks == []


def test_the_index_is_told_by_its_latest_quarter(book, capsys):
    _add("member", "add", "--name", "党员甲", "--staff-no", "001", "--category", "正式党员")
    page = _page(book, date(2026, 10, 9))
    assert page.index is None
    assert "计算上季度先锋指数：partybuild index compute 2026Q3" in page.next
    _add("index", "compute", "2026Q3")
    page = _page(book, date(2026, 10, 9))
    assert page.document()["index"] == {"quarter": "2026Q3", "states": {"草稿": 1}}
    assert not any("index compute" in line for line in page.next)
    capsys.readouterr()
    assert run(["status"]) == 0
    assert "2026Q3：草稿 1 个支部" in capsys.readouterr().out
