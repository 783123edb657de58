"""Every heading that some ledger answers to (表头词表), made from the declarations."""

from dataclasses import dataclass
from functools import cache

from partybuild_cli.records.base.declare import Column
from partybuild_cli.records.base.registry import ledgers, record
from partybuild_cli.sheets.importing.headings import bare
from partybuild_cli.values.text import tight


@dataclass(frozen=True, slots=True)
class Known:
    """A heading of a ledger: which column it means, and how common it is (0 is our own heading, then the synonyms)."""

    ledger: str
    key: str
    rank: int


@cache
def vocabulary() -> dict[str, tuple[Known, ...]]:
    """Heading in comparable form -> what it may mean."""
    words: dict[str, list[Known]] = {}
    for ledger in ledgers():
        for word, (column, rank) in words_of(ledger).items():
            words.setdefault(word, []).append(Known(ledger, column.key, rank))
    return {word: tuple(known) for word, known in words.items()}


@cache
def words_of(ledger: str) -> dict[str, tuple[Column, int]]:
    """Heading in comparable form -> column of the ledger and rank; of two columns the one it is commoner for."""
    words: dict[str, tuple[Column, int]] = {}
    for column in record(ledger).columns.values():
        for rank, heading in enumerate(column.headings):
            for word in (tight(heading), bare(tight(heading))):
                if word not in words or rank < words[word][1]:
                    words[word] = (column, rank)
    return words
