"""`python -m tests.golden [--accept] [BOOK …]`: compare what every command says with what is kept, or keep what it says now.

Whoever accepts a difference says in the commit why it is right.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.books import asked
from tests.golden.books import GOLDEN, stale
from tests.golden.stage import difference, scratch


def main() -> int:
    """Compare or accept; exit 1 where something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden")
    parser.add_argument("--accept", action="store_true", help="keep what is said now")
    parser.add_argument("books", nargs="*", help="only these books")
    wanted = parser.parse_args()
    differing = 0
    for name, ask in _every():
        if wanted.books and name not in wanted.books:
            continue
        with scratch() as folder:
            answers = ask(folder)
        for file, now in answers.items():
            differs = difference(file, now)
            differing += bool(differs)
            if differs:
                print(differs)
            if differs and wanted.accept:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(now, encoding="utf8", newline="")
        for file in stale(name, answers):
            differing += 1
            print(f"{file}: nothing says this any more")
            if wanted.accept:
                file.unlink()
    return 0 if wanted.accept else int(differing > 0)


def _every() -> Iterator[tuple[str, Callable[[Path], dict[Path, str]]]]:
    """Every book, and how its answers are had in an empty folder."""
    yield from ((one.name, one.ask) for one in GOLDEN)
    yield from ((book.stem, partial(_ask_frozen, book)) for book in asked.books())


def _ask_frozen(book: Path, folder: Path) -> dict[Path, str]:
    return {asked.answers_of(book): asked.ask(book, folder)}


if __name__ == "__main__":
    sys.exit(main())
