"""What every frozen book is asked, and how its answers are kept: log, past, ledgers, and the whole history taken back."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from unittest import mock

from tests.golden.stage import BOOK, Said, at, say, stage

FOLDER = Path(__file__).parent / "frozen"
#: The day on which the books are asked, after all that is told in them.
TODAY = "2026-10-21 09:00"
LEDGERS = (
    "branch", "member", "meeting", "service", "study", "dues", "development", "talk", "task", "decision", "honor",
    "pairing", "post", "zone", "cultivation", "conduct", "metric", "review",
)  # fmt: skip
_PAST = ("2026-07-01", "2026-07-08", "2026-08-03", "2026-08-20", "2026-09-01", "2026-10-09", "2026-10-20")
#: Ledgers whose records have rows below them, or that moved from branch to branch.
_CHANGING = ("member", "meeting", "service", "honor")
#: The passphrase of the encrypted book; the people in it are invented.
PASSPHRASE = "合谷 足三里 三阴交"


def books() -> list[Path]:
    """The frozen books."""
    return sorted(FOLDER.glob("*.db"))


def answers_of(book: Path) -> Path:
    """The file that says what a book said."""
    return book.with_suffix(".txt")


@contextmanager
def opened(book: Path, folder: Path) -> Iterator[None]:
    """A copy of a book on a stage of its own, on the day after its story, carried forward to what the program is now."""
    copy = Path(shutil.copyfile(book, folder / BOOK))
    copy.chmod(0o600)
    (folder / "key").write_text(PASSPHRASE, encoding="utf8")
    (folder / "key").chmod(0o600)
    stretched = cache(hashlib.pbkdf2_hmac)  # the same key for every command; SQLCipher's rounds take long
    with stage(folder), at(TODAY), mock.patch.object(hashlib, "pbkdf2_hmac", stretched):
        if book.stem.startswith("encrypted"):
            os.environ["PARTYBUILD_KEY_FILE"] = "key"
        say("branch list")
        yield


def ask(book: Path, folder: Path) -> str:
    """All that a book answers, as it is kept."""
    with opened(book, folder):
        return "\n".join(said.text() for said in _answers(briefly=book.stem.startswith("encrypted")))


def _answers(briefly: bool) -> Iterator[Said]:
    """`briefly` leaves out what another book with the same content is asked."""
    last = json.loads(say("log --limit 1 --json").out)[0]["change"]
    yield say("log --limit 200 --json")
    yield from (say(f"log show {number} --json") for number in range(1, last + 1))
    yield say("log verify --json")
    yield say("doctor --json")
    yield from (
        say(f"{ledger} list --as-of {day} --json") for day in _PAST for ledger in _CHANGING[: 2 if briefly else 4]
    )
    yield from (say(f"{ledger} list --json") for ledger in LEDGERS)
    if briefly:
        yield say(f"undo {last - 1} --json")
        return
    yield say("log --limit 200")
    yield from (say(f"log show {number}") for number in range(1, last + 1))
    yield from (say(f"{ledger} list") for ledger in LEDGERS)
    yield say("index list 2026Q3 --json")
    yield say("index objections 2026Q3 --json")
    yield from (say(f"undo {number} --json") for number in range(last, 0, -1))
    yield say("log verify --json")
    yield say("doctor --json")
    yield from (say(f"{ledger} list --json") for ledger in LEDGERS)
