"""Freezes books of today's format: `python -m tests.books.make`, run once with the version that is to be frozen.

Those that lie in `frozen/` were made by commit a9b5092 (schema 5), before history entries had a format number:

    plain-5.db        the whole story of tests/books/story.py
    encrypted-5.db    the same, encrypted with SQLCipher
    rare-5-py311.db   a few people whose names need rare characters, written by Python 3.11
    rare-5-py312.db   the same, written by Python 3.12, which sealed the same history otherwise

A book that is here is never made again: a later format is added under the number of its schema. Beside each book stands
what it said when it was frozen; `python -m tests.golden --accept` writes that anew where the program is to say something else.
"""

import sqlite3
import sys
from contextlib import closing

from partybuild_cli.store import driver
from tests.books import story
from tests.books.asked import FOLDER, PASSPHRASE, answers_of, ask
from tests.golden.stage import BOOK, at, must, scratch, stage


def main() -> int:
    """Make the books that this Python can make, and write down what they say."""
    schema, version = len(driver.migrations()), "py{}{}".format(*sys.version_info)
    FOLDER.mkdir(exist_ok=True)
    for name, tell in ((f"rare-{schema}-{version}", story.tell_rare), (f"plain-{schema}", story.tell)):
        if not (FOLDER / f"{name}.db").exists():
            _freeze(name, tell, encrypted=False)
    if not (FOLDER / f"encrypted-{schema}.db").exists():
        _freeze(f"encrypted-{schema}", story.tell, encrypted=True)
    return 0


def _freeze(name: str, tell: story.Story, encrypted: bool) -> None:
    target = FOLDER / f"{name}.db"
    with scratch() as folder, stage(folder):
        tell(folder)
        with closing(sqlite3.connect(BOOK)) as raw:
            raw.execute("VACUUM")
        if encrypted:
            (folder / "key").write_text(PASSPHRASE, encoding="utf8")
            with at("2026-10-20 18:00"):
                must("--key-file key encrypt")
        target.write_bytes((folder / BOOK).read_bytes())
    with scratch() as folder:
        answers_of(target).write_text(ask(target, folder), encoding="utf8", newline="")
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    sys.exit(main())
