"""Which backups stay (备份的保留): all that a person asked for, all that a restore replaced; of the others, fewer the older.

A name like `book-2026-09-05-120000-00042-change.db` says when, the how-manieth and for what. The number alone gives the order,
for a clock may lie. A file of any other name is no backup of this rule's making.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from typing import Literal

#: What a backup was made for, or before.
Occasion = Literal["manual", "change", "undo", "restore", "upgrade", "quarter"]
#: Those that thin out; each occasion among its own, so that a run of one never pushes out another.
AUTOMATIC: tuple[Occasion, ...] = ("change", "undo", "upgrade", "quarter")

_NAME = re.compile(r"(?P<stem>.+)-(?P<stamp>\d{4}-\d\d-\d\d-\d{6})(?:-(?P<number>\d+))?-(?P<occasion>[a-z]+)\.db")
#: A shorter number stands in names of an older version: it told apart what was made within one second.
_DIGITS = 5


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many of an occasion stay: the latest, and the first of each of the last hours, days, months, years."""

    latest: int = 10
    hours: int = 24
    days: int = 31
    months: int = 12
    years: int = 10


#: What the manual promises.
RULE = Rotation()


@dataclass(frozen=True, slots=True)
class Made:
    """What the name of a backup says: of which book, when on this machine's clock, the how-manieth, for what."""

    path: Path
    stem: str
    stamp: str
    number: int
    occasion: str

    @property
    def order(self) -> tuple[int, str, str]:
        """Backups in the order in which they were made; those without a number came before."""
        return self.number, self.stamp, self.path.name


def name_of(stem: str, stamp: str, number: int, occasion: Occasion) -> str:
    """The file name of a backup."""
    return f"{stem}-{stamp}-{number:0{_DIGITS}}-{occasion}.db"


def read_names(paths: Sequence[Path]) -> list[Made]:
    """The backups among files, in the order in which they were made."""
    return sorted((made for path in paths if (made := _read_name(path))), key=lambda made: made.order)


def _read_name(path: Path) -> Made | None:
    found = _NAME.fullmatch(path.name)
    if found is None:
        return None
    digits = found["number"] or ""
    return Made(path, found["stem"], found["stamp"], int(digits) if len(digits) >= _DIGITS else 0, found["occasion"])


def superseded(made: Sequence[Made], rotation: Rotation = RULE) -> list[Made]:
    """Which of a book's backups, given in the order of their making, the rule lets go of."""
    dropped = []
    for occasion in AUTOMATIC:
        mine = [one for one in made if one.occasion == occasion]
        stay = set(mine[-rotation.latest :] if rotation.latest else ())
        # how much of the stamp says the hour, the day, the month, the year
        lengths = {13: rotation.hours, 10: rotation.days, 7: rotation.months, 4: rotation.years}
        for length, count in lengths.items():
            stay.update(list(_firsts(mine, length))[-count:] if count else ())
        dropped += [one for one in mine if one not in stay]
    return dropped


def _firsts(made: Sequence[Made], length: int) -> Iterator[Made]:
    """The first of each hour, day, month or year. Where the clock went back, what follows is another time, whatever it says."""
    backs = accumulate((one.stamp < before.stamp for before, one in pairwise(made)), initial=0)
    times = ((back, one.stamp[:length]) for back, one in zip(backs, made, strict=False))
    for _, same in groupby(zip(times, made, strict=False), key=lambda pair: pair[0]):
        yield next(same)[1]
