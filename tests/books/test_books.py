"""Books of yesterday: carried forward to today's shape they still say what they said, down to the last undo."""

import json
import sys
from pathlib import Path

import pytest

from tests.books.asked import answers_of, ask, books, opened
from tests.golden.stage import difference, say, scratch


@pytest.fixture(autouse=True)
def _sqlcipher(request: pytest.FixtureRequest) -> None:
    if "encrypted" in request.node.name:
        pytest.importorskip("sqlcipher3")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no TZ: the log would be on its own clock")
@pytest.mark.parametrize("book", books(), ids=lambda book: book.stem)
def test_it_says_what_it_said(book: Path) -> None:
    with scratch() as folder:
        differs = difference(answers_of(book), ask(book, folder))
    if differs:
        pytest.fail(differs, pytrace=False)


@pytest.mark.parametrize("book", books(), ids=lambda book: book.stem)
def test_its_history_stands(book: Path, tmp_path: Path) -> None:
    """Whatever is accepted as an answer: nothing was altered, nothing is damaged, and the last change can be undone."""
    checks = ("doctor --json", "doctor --replay --json", "log verify --json")
    with opened(book, tmp_path):
        said = [say(line) for line in checks]
        changes = json.loads(say("log --json").out)
        last = next(one for one in changes if any(one["rows"].values()) and not one["rows"]["erased"])
        undone = say(f"undo {last['change']}")
        said += [say(line) for line in checks]
    assert [(one.line, one.code, one.err) for one in said] == [(line, 0, "") for line in (*checks, *checks)]
    assert undone.code == 0, undone.err
