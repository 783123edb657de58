"""Every console block of the manual and the README runs, in order, and shows what the page says it shows."""

from pathlib import Path

import pytest
from console import pages
from generator.blocks import blocks, faults

ROOT = Path(__file__).parents[2]
PAGES = pages()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_blocks_run_and_show_what_the_page_says(page):
    assert list(faults(page.read_text(encoding="utf8"))) == []


def test_every_page_begins_its_world():
    """The first block of a page says in which world it runs; a later one may begin another."""
    assert [page.name for page in PAGES if "world" not in blocks(page.read_text(encoding="utf8"))[0].marks] == []


@pytest.mark.parametrize(
    ("shown", "sound"),
    [
        ("……\n已新建数据库 …，第一个党支部是神经内科党支部。\n……", True),
        ("……\n已新建数据库 …，第一个党支部是心内科党支部。\n……", False),
        ("已新建数据库 …", False),
    ],
)
def test_a_block_that_shows_something_else_is_a_fault(shown, sound):
    page = f"<!-- world: empty -->\n```console\n$ partybuild init --branch 神经内科党支部\n{shown}\n```\n"
    assert (list(faults(page)) == []) is sound


def test_a_block_that_ends_otherwise_is_a_fault():
    page = "<!-- world: example -->\n```console\n$ partybuild member show 王五\n```\n"
    assert "ended with 3, not 0" in next(iter(faults(page)))
    assert list(faults(page.replace("```console", "<!-- exit: 3 -->\n```console"))) == []
