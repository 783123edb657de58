"""A branch's name can never lead a file elsewhere."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.values.filename import file_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("神经内科党支部", "神经内科党支部"),
        ("../../etc", "etc"),
        ("内科/外科党支部", "内科-外科党支部"),
        ("CON", "_CON"),
        ("nul", "_nul"),
        ("...", "未命名"),
        ("", "未命名"),
        ("甲" * 200, "甲" * 60),
    ],
)
def test_examples(text: str, name: str) -> None:
    assert file_name(text) == name


@given(st.text())
def test_always_one_part_of_a_path(text: str) -> None:
    name = file_name(text)
    assert name == PurePosixPath(name).name == PureWindowsPath(name).name
    assert name not in (".", "..")
