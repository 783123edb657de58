"""A book of one branch, command lines run on it, and what an item of the check says of it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from partybuild_cli.rules.check import check
from partybuild_cli.rules.item import Item
from partybuild_cli.store.engine import open_book
from partybuild_cli.values.period import period_of
from tests.conftest import Cli, do

BRANCH = "内科党支部"
Book = Callable[..., None]
Look = Callable[..., list[Item]]


@pytest.fixture
def book(cli: Cli) -> Book:
    """Run command lines, each of which succeeds; the first made the book."""
    do(cli, [f"init --branch {BRANCH}"])
    return lambda *lines: do(cli, lines)


@pytest.fixture
def look(book_file: Path) -> Look:
    """What an item of the check says of a period on a day, branch by branch."""

    def call(item: str, period: str, today: str, branch: str | None = None) -> list[Item]:
        with open_book(book_file).reading() as connection:
            return check(connection, period_of(period), date.fromisoformat(today), branch, item)

    return call
