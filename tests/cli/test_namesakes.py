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
    assert whose(two) == ["周九(编号5)"] * 2


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
