"""Names of files: a branch's name leads nowhere else, and no two branches share a file on any system."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partybuild_cli.outputs import alike, file_name, file_names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("神经内科党支部", "神经内科党支部"),
        ("../../etc", "etc"),
        ("内科/外科党支部", "内科-外科党支部"),
        ("CON", "_CON"),
        ("nul", "_nul"),
        ("aux.内科", "_aux.内科"),
        ("COM¹", "_COM¹"),
        ("康宁 . ", "康宁"),
        ("e\u0301", "é"),
        ("\ud800", "未命名"),
        ("...", "未命名"),
        ("", "未命名"),
        ("甲" * 200, "甲" * 60),
        ("𠮷" * 60, "𠮷" * 45),
    ],
)
def test_examples(text: str, name: str) -> None:
    assert file_name(text) == name


@given(st.text())
def test_always_one_part_of_a_path(text: str) -> None:
    name = file_name(text)
    assert name == PurePosixPath(name).name == PureWindowsPath(name).name
    assert name not in (".", "..")
    assert len(name.encode()) <= 181


@given(st.lists(st.text(alphabet="aAé.\u0301/: 支（2）", max_size=5), max_size=12))
def test_no_two_are_one_file_anywhere(texts: list[str]) -> None:
    names = file_names(dict(enumerate(texts)))
    assert list(names) == list(range(len(texts)))
    assert len({alike(name) for name in names.values()}) == len(texts)
    assert all(name == PureWindowsPath(name).name for name in names.values())


def test_who_was_first_keeps_the_plain_name() -> None:
    assert file_names({1: "内/外", 2: "内:外", 3: "心内", 4: "内|外"}) == {
        1: "内-外",
        2: "内-外（2）",
        3: "心内",
        4: "内-外（3）",
    }
