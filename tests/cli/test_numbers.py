"""What stands for a number on the command line and is none, or none that a database takes: not found, never a defect."""

from typing import Any

import pytest

HUGE = "9" * 20


@pytest.mark.parametrize(
    "command",
    [
        ("meeting", "show", HUGE),
        ("meeting", "edit", "²", "--note", "x"),
        ("task", "remove", HUGE, "--yes"),
        ("member", "show", "²"),
        ("member", "show", HUGE),
        ("branch", "show", HUGE),
        ("log", "show", HUGE),
        ("undo", HUGE),
        ("index", "object", "2026Q3", "--number", HUGE, "--answer", "已核对"),
    ],
)
def test_no_such_number_is_not_found(branch: Any, command: tuple[str, ...]) -> None:
    done = branch(*command)
    assert done.code == 3
    assert done.err.startswith("错误：")


def test_a_log_of_more_than_there_can_be_is_the_whole_log(branch: Any) -> None:
    assert len(branch("log", "--limit", HUGE, "--json").json) == 5
