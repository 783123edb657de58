"""Golden answers: every command that shows something, over the demo, other layouts, a rich book and the example years."""

import sys

import pytest

from tests.golden.books import GOLDEN, Golden, stale
from tests.golden.stage import difference, scratch


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no TZ, and other separators in paths")
@pytest.mark.parametrize("book", GOLDEN, ids=lambda book: book.name)
def test_every_command_says_what_it_said(book: Golden) -> None:
    with scratch() as folder:
        answers = book.ask(folder)
    differing = [differs for file, now in answers.items() if (differs := difference(file, now))]
    differing += [f"{file}: nothing says this any more" for file in stale(book.name, answers)]
    if differing:
        pytest.fail("\n\n".join(differing), pytrace=False)
