"""Books of yesterday: carried forward to today's shape they still say what they said, down to the last undo."""

import json
import sys
from pathlib import Path

import pytest

from tests.books.asked import answers_of, ask, books, opened
from tests.golden.stage import difference, say

_BOOKS = [pytest.param(book, id=book.stem) for book in books()]


@pytest.fixture(autouse=True)
def _sqlcipher(request: pytest.FixtureRequest) -> None:
    if "encrypted" in request.node.name:
        pytest.importorskip("sqlcipher3")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no TZ: the log would be on its own clock")
@pytest.mark.parametrize("book", _BOOKS)
def test_it_says_what_it_said(book: Path, tmp_path: Path) -> None:
    differs = difference(answers_of(book), ask(book, tmp_path))
    if differs:
        pytest.fail(differs, pytrace=False)


@pytest.mark.parametrize("book", _BOOKS)
def test_its_history_stands(book: Path, tmp_path: Path) -> None:
    """Whatever is accepted as an answer: nothing was altered, nothing is damaged, and the last change can be undone."""
    with opened(book, tmp_path):
        said = [say("doctor --json"), say("log verify --json")]
        changes = json.loads(say("log --json").out)
        last = next(one for one in changes if any(one["rows"].values()) and not one["rows"]["erased"])
        said += [say(f"undo {last['change']}"), say("doctor --json")]
    assert [(one.code, one.err) for one in said if not one.line.startswith("undo")] == [(0, "")] * 3
    assert json.loads(said[1].out)["altered"] is None
    assert said[2].code == 0, said[2].err
