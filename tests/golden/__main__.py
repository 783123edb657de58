"""`python -m tests.golden [--accept] [NAME …]`: compare what every command says with what is kept, or keep what it says now.

Whoever accepts a difference says in the commit why it is right.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.books import asked
from tests.golden.stage import difference


def main() -> int:
    """Compare or accept; exit 1 where something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden")
    parser.add_argument("--accept", action="store_true", help="keep what is said now")
    parser.add_argument("names", nargs="*", help="only these books")
    wanted = parser.parse_args()
    differing = 0
    for file, answer in _every():
        if wanted.names and file.stem not in wanted.names:
            continue
        with TemporaryDirectory() as folder:
            now = answer(Path(folder))
        differs = difference(file, now)
        if differs:
            differing += 1
            print(differs)
        if differs and wanted.accept:
            file.write_text(now, encoding="utf8")
    return 0 if wanted.accept else int(differing > 0)


def _every() -> list[tuple[Path, Callable[[Path], str]]]:
    """Every file of answers, and how its answers are had in an empty folder."""
    return [(asked.answers_of(book), lambda folder, book=book: asked.ask(book, folder)) for book in asked.books()]


if __name__ == "__main__":
    sys.exit(main())
