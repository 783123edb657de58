"""Namesakes of whom one has no 工号: nobody is ever taken for the other, by an edit, a workbook or a wrong 工号."""

from pathlib import Path
from typing import Any

import pytest

HERE = ("--branch", "神经内科党支部")


@pytest.fixture
def two(branch: Any) -> Any:
    """周九 of the surgeons, without 工号, is in the records of the neurologists; then these get a 周九 of their own."""
    branch("branch", "add", "--name", "外科党支部", "--kind", "党支部")
    one = ("member", "add", "--name", "周九", "--category", "正式党员")
    assert branch(*one, "--branch", "外科党支部", "--born-on", "1980-01-01").code == 0
    branch("dues", "add", "--member", "周九", "--month", "2026-08", "--paid", "3")
    branch("service", "add", *HERE, "--kind", "义诊", "--on", "2026-08-01", "--title", "进社区", "--member", "周九")
    assert branch(*one, *HERE, "--staff-no", "077").code == 0
    return branch


def whose(cli: Any) -> list[str]:
    people = [one["name"] for one in cli("service", "list", "--json").json[0]["members"]]
    return [*people, cli("dues", "list", "--json").json[0]["member"]]


def test_editing_something_else_leaves_the_person_alone(two: Any) -> None:
    assert two("dues", "edit", "1", "--note", "现金").out.startswith("备注：")
    assert two("service", "edit", "1", "--note", "雨").out.startswith("备注：")
    assert whose(two) == ["周九", {"name": "周九", "id": 5}]


def test_an_export_means_the_same_people(two: Any, tmp_path: Path) -> None:
    assert two("export", "service", "dues", "--out", "out").code == 0
    done = two("import", *sorted(map(str, (tmp_path / "out").glob("*.xlsx"))), "--json")
    assert [one["rows"]["unchanged"] for file in done.json["files"] for one in file["sheets"]] == [1, 1]


def test_who_is_meant_is_asked_with_words_that_are_understood(two: Any) -> None:
    done = two("member", "show", "周九")
    assert done.code == 3
    assert "周九(077)、周九(编号5)" in done.err
    assert two("member", "show", "周九(编号5)", "--json").json["id"] == 5


@pytest.mark.parametrize("name", ["张三(002)", "张三(编号2)"])
def test_the_number_of_another_behind_a_name_is_a_problem(branch: Any, name: str) -> None:
    done = branch("dues", "add", "--member", name, "--month", "2026-08", "--paid", "3")
    assert done.code == 4
    assert "是李四，不是“张三”" in done.err


def test_a_name_within_a_longer_name_is_nobodys(branch: Any, tmp_path: Path) -> None:
    """A text keeps what was typed; the number behind a namesake who came later is shown, and is no change of the text."""
    member = ("member", "add", "--category", "正式党员", "--joined-on", "2009-01-01")
    branch(*member, "--name", "张三丰", "--staff-no", "021")
    task = ("task", "add", "--area", "党建", "--item", "甲", "--due-on", "2026-12-01")
    assert branch(*task, "--responsible", "张三丰、张三").code == 0
    branch(*member, "--name", "张三", "--staff-no", "022")
    assert branch("task", "list", "--json").json[0]["responsible"] == "张三丰、张三(001)"
    assert branch("task", "edit", "1", "--note", "急").out.startswith("备注：（空） → 急\n已修改")
    assert branch("export", "task", "--out", "out").code == 0
    done = branch("import", str(tmp_path / "out" / "任务清单台账.xlsx"), "--json").json
    assert done["files"][0]["sheets"][0]["rows"]["unchanged"] == 1
    assert branch("task", "edit", "1", "--responsible", "张三丰、张三(022)").code == 0
    assert len(branch("task", "list", "--member", "022", "--json").json) == 1


def test_a_number_typed_behind_a_name_stands_once(branch: Any) -> None:
    branch("honor", "add", "--title", "先进", "--winner", "张三(编号1)", "--level", "院级")
    branch("member", "add", "--name", "张三", "--staff-no", "022", "--category", "正式党员")
    assert branch("honor", "list", "--json").json[0]["winner"] == "张三(编号1)"
    assert branch("honor", "edit", "1", "--number", "文1").code == 0
