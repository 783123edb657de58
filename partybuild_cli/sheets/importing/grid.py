"""A sheet with its merged ranges at hand (网格): labels of a row, what a merged cell covers, values filled inside a merge."""

import re
from bisect import bisect_right
from collections.abc import Mapping

from partybuild_cli.sheets.importing.headings import IDENTITY_HEADING, Heading, label, month_of, quarter_of
from partybuild_cli.sheets.importing.returned import is_returned, without_problems
from partybuild_cli.sheets.importing.vocabulary import known
from partybuild_cli.sheets.importing.words import words_in
from partybuild_cli.sheets.reading import Merge, Sheet
from partybuild_cli.values.kind import Raw

Labels = dict[int, str]
_DAY = re.compile(r"(?:1[0-2]|0?[1-9])[月./-](?:3[01]|[12]\d|0?[1-9])日?")
#: Longer than this a text is prose and no heading.
_LONGEST = 30


class Grid:
    """Rows and columns of one sheet; rows are numbered from 1 as the spreadsheet program does, columns from 0.

    `shift` is 1 where a 问题 column stood before the first column and was taken off.
    """

    def __init__(self, sheet: Sheet, confirmed: Mapping[str, str] | None = None) -> None:
        self.shift = int(is_returned(sheet))
        sheet = without_problems(sheet) if self.shift else sheet
        self.sheet = sheet
        self.rows = sheet.rows
        self.width = max(map(len, sheet.rows), default=0)
        self.confirmed = confirmed or {}
        self._identity = self._identity_column()
        self._merges: dict[int, list[Merge]] = {}
        for merge in sorted(sheet.merges, key=_left):
            for row in range(merge.top, min(merge.bottom, merge.top + 6) + 1):
                self._merges.setdefault(row, []).append(merge)

    def row(self, number: int) -> list[Raw]:
        """The cells of a row, trimmed at its end; empty outside the sheet."""
        return self.rows[number - 1] if 0 < number <= len(self.rows) else []

    def covering(self, number: int, column: int) -> Merge | None:
        """The merged range that holds the cell, looked at over its first rows."""
        merges = self._merges.get(number, [])
        at = bisect_right(merges, column + 1, key=_left)
        return merges[at - 1] if at and merges[at - 1].right > column else None

    def _identity_column(self) -> int | None:
        """The hidden column of an exported sheet: a row that holds something there is a record, whatever its words."""
        texts = ((at, raw) for row in self.rows[:30] for at, raw in enumerate(row) if isinstance(raw, str))
        return next((at for at, raw in texts if label(raw) == IDENTITY_HEADING), None)

    def _exported(self, row: list[Raw]) -> bool:
        at = self._identity
        return at is not None and at < len(row) and row[at] is not None and label(row[at]) != IDENTITY_HEADING

    def labels(self, number: int) -> Labels:
        """The cells of a row that could be headings: column -> comparable form."""
        found: Labels = {}
        if self._exported(self.row(number)):
            return found
        for column, raw in enumerate(self.row(number)):
            word = label(raw) if raw is not None else ""
            if word and len(word) <= _LONGEST and ":" not in word[:-1]:
                found[column] = word
        return found

    def is_labels(self, number: int) -> bool:
        """Whether nearly every filled cell of the row could be a heading."""
        filled = sum(raw is not None for raw in self.row(number))
        return filled > 0 and len(self.labels(number)) * 5 >= filled * 4

    def hits(self, labels: Mapping[int, str], strict: bool = False) -> int:
        """How many columns of one ledger the labels name, for the ledger that they name most of; `strict`: to the letter."""
        tally = Tally(self.confirmed, strict)
        for word in labels.values():
            tally.add(word)
        return tally.hits

    def fills(self) -> dict[int, dict[int, Raw]]:
        """Values of cells merged downwards, for the rows below the first: row -> column -> value."""
        result: dict[int, dict[int, Raw]] = {}
        for merge in self.sheet.merges:
            row = self.row(merge.top)
            value = row[merge.left - 1] if merge.left <= len(row) else None
            if value is not None:
                for number in range(merge.top + 1, min(merge.bottom, len(self.rows)) + 1):
                    result.setdefault(number, {})[merge.left - 1] = value
        return result


class Tally:
    """Counts how many columns of one ledger some labels name (`hits`), for the ledger that they name most of."""

    def __init__(self, confirmed: Mapping[str, str], strict: bool = False) -> None:
        self.hits = 0
        self._confirmed = confirmed
        self._strict = strict
        self._found: dict[str, set[str]] = {}
        self._most = self._confirmations = self._days = 0
        self._roll = False

    def add(self, word: str) -> None:
        """Take one more label."""
        self._confirmations += word in self._confirmed
        self._days += bool(_DAY.match(word))
        self._roll = self._roll or (not self._strict and words_in(word) == ("人员",))  # names down, days across
        for ledger, key in known(word, self._strict):
            self._count(ledger, key)
        heading = Heading(0, word, (word,))
        said = month_of(heading) or quarter_of(heading)
        if said and (not self._strict or not said[2] or known(said[2])):  # 3月5日 is a value
            self._count("dues", word)
        self.hits = self._most + self._confirmations + (self._days if self._roll else 0)

    def _count(self, ledger: str, key: str) -> None:
        keys = self._found.setdefault(ledger, set())
        keys.add(key)
        self._most = max(self._most, len(keys))


def _left(merge: Merge) -> int:
    return merge.left
