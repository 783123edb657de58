"""The tree of organisations: what is asked of one branch, of a 党总支 or the 党委 is of what lies below it."""

import zipfile
from typing import Any

import pytest

from partybuild_cli.sheets.reading import read_book
from tests.conftest import Cli, Prepare, do

Q = "2026Q3"


@pytest.fixture
def tree(cli: Cli, prepared: Prepare) -> Cli:
    """院党委 over 内科总支 (甲, 乙) and 丙, which names nobody above; a member, a task, an honour, a decision, a pair each."""

    lines = ["init --branch 院党委 --kind 党委", "branch add --name 内科总支 --kind 党总支 --parent 院党委"]
    lines += [f"branch add --kind 党支部 --name {name}支部{' --parent 内科总支' * (name != '丙')}" for name in "甲乙丙"]
    for at, (who, branch) in enumerate((("张三", "甲支部"), ("李四", "乙支部"), ("王五", "丙支部"))):
        # The responsible one is of 甲 everywhere; the record itself says whose it is.
        lines += [
            f"member add --name {who} --branch {branch} --staff-no 00{at} --category 正式党员 --joined-on 2008-05",
            f"meeting add --branch {branch} --kind 党课 --on 2026-07-05 --topic 党课",
            f"task add --branch {branch} --item {branch}的事 --area 组织 --responsible 张三 --due-on 2026-08-31",
            f"honor add --branch {branch} --title 先进{at} --winner 张三 --level 院级 --on 2026-07-01",
            f"decision add --branch {branch} --item {branch}大事 --kind 重大事项决策 --on 2026-07-02",
            f"pairing add --branch {branch} --receiver 徒{at} --kind 师徒 --giver 张三 --started-on 2026-07-03",
        ]
    prepared("tree", lambda: do(cli, lines))
    return cli


def value(report: Any, id: str) -> Any:
    return next((one["value"] for one in report["figures"] if one["id"] == id), None)


@pytest.mark.parametrize(("asked", "count"), [("甲支部", 1), ("内科总支", 2), ("院党委", 3), ("丙支部", 1)])
def test_figures_are_of_what_lies_below(tree, asked, count):
    found = tree("report", Q, "--branch", asked, "--json").json
    ids = ("members.total", "task.items", "honor.count", "decision.count", "pairing.count", "meeting.count")
    values = {id: value(found, id) for id in ids if value(found, id) is not None}
    assert len(values) > 3
    assert set(values.values()) == {count}


def test_the_check_stands_side_by_side_and_adds_up_the_tree(tree):
    items = tree("check", Q, "--branch", "内科总支", "--json").json["items"]
    assert {one["branch"] for one in items} == {"甲支部", "乙支部"}
    rows = tree("check", Q, "--by-branch", "--json").json["organisations"]
    assert [(one["name"], one["branches"]) for one in rows] == [
        ("院党委", 3), ("内科总支", 2), ("甲支部", 1), ("乙支部", 1), ("丙支部", 1),
    ]  # fmt: skip
    by_name = {one["name"]: one for one in rows}
    assert by_name["内科总支"]["unmet"] == by_name["甲支部"]["unmet"] + by_name["乙支部"]["unmet"] > 0
    assert "丙支部" in tree("check", Q, "--by-branch").out
    assert tree("check", Q, "--branch", "丙支部", "--by-branch").code == 1


def test_the_report_stands_side_by_side(tree):
    found = tree("report", Q, "--by-branch", "--json").json
    assert [one["branch"] for one in found["branches"]] == ["内科总支", "甲支部", "乙支部", "丙支部"]
    assert [value(one, "members.total") for one in found["branches"]] == [2, 1, 1, 1]
    assert value(found, "members.total") == 3
    assert tree("report", Q, "members.total", "--by-branch").out.splitlines()[0].split("\t") == [
        "数据", "院党委", "内科总支", "甲支部", "乙支部", "丙支部",
    ]  # fmt: skip


def test_a_quarter_a_bundle_and_a_reminder_of_one_branch_hold_nothing_of_another(tree, tmp_path):
    assert tree("quarterly", Q, "--branch", "乙支", "--out", tmp_path / "归档").code == 0
    folder = tmp_path / "归档" / f"{Q}-乙支部"
    assert tree("quarterly", Q, "--branch", "乙支", "--out", tmp_path / "归档").code == 0
    assert tree("bundle", Q, "--branch", "内科总支", "--out", tmp_path / "总支.zip").code == 0
    zipfile.ZipFile(tmp_path / "总支.zip").extractall(tmp_path / "总支")
    for place, others in ((folder, ("甲支部", "丙支部")), (tmp_path / "总支", ("丙支部",))):
        said = {
            str(cell)
            for file in place.glob("*.xlsx")
            for sheet in read_book(file).sheets
            for row in sheet.rows
            for cell in row
        }
        assert not [cell for cell in said for other in others if other in cell]
        assert any("乙支部" in cell for cell in said)
    sheets = [sheet.name for sheet in read_book(tmp_path / "总支" / f"自查表{Q}.xlsx").sheets]
    assert "各支部" in sheets
    due = tree("remind", "--branch", "乙支部", "--json").json["items"]
    assert {one["branch"] for one in due} == {"乙支部"}
    assert [one["what"] for one in due if one["kind"] == "任务"] == ["乙支部的事"]
    assert tree("quarterly", Q, "--branch", "没有", "--out", tmp_path / "归档").code == 3


def test_lists_and_exports_of_an_organisation_hold_what_lies_below(tree):
    assert len(tree("member", "list", "--branch", "内科总支", "--json").json) == 2
    assert len(tree("task", "list", "--branch", "院党委", "--json").json) == 3
    assert len(tree("honor", "list", "--branch", "丙支部", "--json").json) == 1
