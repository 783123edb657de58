"""Every heading that some ledger answers to (表头词表), made from the declarations; and what words it is made of."""

from functools import cache

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.registry import ledgers, record
from partybuild_cli.sheets.importing.headings import bare
from partybuild_cli.sheets.importing.words import Words, lexicon, native, words_in
from partybuild_cli.values import Choice
from partybuild_cli.values.text import tight

#: Ledgers and fields.
Fields = frozenset[tuple[str, str]]


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


@cache
def declared_words(ledger: str) -> list[tuple[Column, Words, frozenset[str]]]:
    """What the headings of each column are made of, each once."""
    found = dict.fromkeys(
        (column, words_in(tight(heading))) for column in record(ledger).columns.values() for heading in column.headings
    )
    return [(column, words, frozenset(words)) for column, words in found if words]


@cache
def vocabulary() -> dict[str, Fields]:
    """Heading in comparable form -> what it may mean."""
    words: dict[str, set[tuple[str, str]]] = {}
    for ledger in ledgers():
        for word, (column, _) in words_of(ledger).items():
            words.setdefault(word, set()).add((ledger, column.key))
    return {word: frozenset(known) for word, known in words.items()}


@cache
def known(word: str, strict: bool = False) -> Fields:
    """The ledgers and fields that a heading may name, by itself or by the words it is made of; `strict`: by itself."""
    name = native(word)
    found = vocabulary().get(name) or vocabulary().get(bare(name))
    return found or (frozenset() if strict else _by_words().get(_telling(name), frozenset()))


def speaks_of_a_record(word: str) -> bool:
    """Whether a label in a head names what a record cannot do without, or what makes it one: 时间, 主题, 学时; no branch."""
    for ledger, key in known(word):
        one = record(ledger)
        column = one.columns[key]
        if (column.required or key in one.marks) and not column.context and column.mask is None:
            return True
    return False


@cache
def choice_words() -> frozenset[str]:
    """The words of every choice of every ledger."""
    columns = (column for ledger in ledgers() for column in record(ledger).columns.values())
    return frozenset(word for one in columns if isinstance(one.kind, Choice) for word in one.kind.meanings)


@cache
def _by_words() -> dict[Words, Fields]:
    """What the declared headings mean, by the words that they are made of."""
    found: dict[Words, Fields] = {}
    for word, fields in vocabulary().items():
        for key in (words_in(word), _telling(word)):
            found[key] = found.get(key, frozenset()) | fields
    return found


def _telling(word: str) -> Words:
    """The words of a heading without those that leave its meaning as it is, unless there are no others."""
    words = words_in(word)
    return tuple(one for one in words if one not in lexicon().soft) or words
