"""Headings by the words they are made of (表头用词): what is the same, what says nothing, what turns the meaning.

The words are data (`words.toml`). A heading is parted into known words, the longest first; two headings are near where the
same words are left once those that say nothing are put aside.
"""

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeAlias

from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.registry import ledgers, record
from partybuild_cli.sheets.importing.headings import bare
from partybuild_cli.values import Choice
from partybuild_cli.values.text import tight

#: What a word can turn the meaning of.
Matter: TypeAlias = Literal["day", "number", "people", "branch", "person"]
Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A word that turns the meaning of a heading, and what such a column holds instead."""

    matters: frozenset[str]
    means: str


@dataclass(frozen=True, slots=True)
class Company:
    """A word that means something else in the company of other headings."""

    word: str
    beside: Words
    without: Words
    means: str

    def holds(self, headings: Collection[str]) -> bool | None:
        """Whether the headings of a sheet make the word mean something else; None where they speak of both matters."""
        said = " ".join(headings)
        if any(word in said for word in self.without):
            return None if any(word in said for word in self.beside) else False
        return any(word in said for word in self.beside)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The table of words.

    Attributes:
        classes: word -> the word that stands for its class.
        parts: parts a heading into known words.
        joins: two words -> the one that they mean together.
        ending: what a column holds that says when something ended.
    """

    classes: dict[str, str]
    filler: frozenset[str]
    soft: frozenset[str]
    turns: dict[str, tuple[Turn, ...]]
    company: tuple[Company, ...]
    others: tuple[tuple[str, Words, bool], ...]
    outsiders: dict[str, str]
    foreign: dict[str, str]
    parts: re.Pattern[str]
    joins: dict[Words, str]
    ending: str


@cache
def lexicon() -> Lexicon:
    """The table, read once."""
    table: dict[str, Any] = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf8"))
    classes = {word: name for name, words in table["same"].items() for word in words}
    turns: dict[str, tuple[Turn, ...]] = {}
    for entry in table["turn"]:
        for word in entry["words"]:
            turns[word] = (*turns.get(word, ()), Turn(frozenset(entry["of"]), entry["means"]))
    filler = frozenset(table["filler"]["words"])
    known = sorted({*classes, *turns, *filler, *table["soft"]["words"]}, key=len, reverse=True)
    return Lexicon(
        classes,
        filler,
        frozenset(table["soft"]["words"]) | {classes.get(word, word) for word in table["soft"]["words"]},
        turns,
        tuple(
            Company(one["word"], tuple(one["with"]), tuple(one["without"]), one["means"]) for one in table["company"]
        ),
        tuple((one["name"], tuple(one["words"]), one.get("sure", False)) for one in table["other"]),
        {tight(word): name for name, words in table["outsiders"].items() for word in words},
        table["foreign"],
        re.compile("|".join(map(re.escape, known))),
        {tuple(pair.split()): word for pair, word in table["join"].items()},
        turns["结束"][0].means,
    )


def native(heading: str) -> str:
    """The Chinese of an English or pinyin heading; any other as it is."""
    if not heading.isascii():
        return heading
    return lexicon().foreign.get(re.sub(r"[\W_]+", "", heading).lower(), heading)


@cache
def words_in(heading: str) -> Words:
    """The known words of a heading and what stands between them, in their order; fillers are put aside."""
    table = lexicon()
    plain = bare(heading)
    words: list[str] = []
    at = 0
    for found in [*table.parts.finditer(plain), None]:
        between = plain[at : found.start() if found else None].strip("/_-、,.()（）·")
        if between:
            words.append(between)
        if found:
            at = found.end()
            word = table.classes.get(found[0], found[0])
            if found[0] not in table.filler and (not words or words[-1] != word):
                words.append(word)
    return _joined(words, table.joins)


def _joined(words: list[str], joins: dict[Words, str]) -> Words:
    joined: list[str] = []
    for word in words:
        one = joins.get((joined[-1], word)) if joined else None
        if one:
            joined[-1:] = one.split()
        else:
            joined.append(word)
    return tuple(joined)


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near a heading is to a declared one (0 to 1), and what the words that are left make of it, if they turn it."""

    share: float
    turned: str = ""


def alike(heading: str, declared: str, matter: Matter | None = None) -> float:
    """How near a heading is to a declared one."""
    return likeness(words_in(heading), words_in(declared), matter).share


def likeness(said: Words, wanted: Words, matter: Matter | None) -> Likeness:
    """How near the words of a heading are to those of a declared one; `matter` is what the field is about."""
    if not said or not wanted:
        return Likeness(0)
    if said == wanted:
        return Likeness(0.88)
    left = _left(said, wanted)
    if left is None:
        return Likeness(0)
    if turned := turned_by(left, matter):
        return Likeness(0, turned)
    if all(word in lexicon().soft for word in left):
        return Likeness(0.8)
    if any(word in lexicon().classes.values() or word in lexicon().turns for word in left):
        return Likeness(0.4)  # a further known word: another matter, unless somebody says that it is this one
    share = sum(map(len, wanted)) / sum(map(len, said))
    return Likeness(0.5 + share * 0.25)


def turned_by(words: Iterable[str], matter: Matter | None) -> str:
    """What makes the words beside a known heading mean something else; empty where nothing does."""
    for word in words:
        for turn in lexicon().turns.get(word, ()):
            if matter in turn.matters:
                return turn.means
    return ""


def turned(heading: str, matter: Matter) -> str:
    """The same, of a whole heading."""
    return turned_by(words_in(heading), matter)


def _left(said: Words, wanted: Words) -> list[str] | None:
    """The words beside the wanted ones; None where not all of those are said, in their order."""
    left, at = [], 0
    for word in said:
        if at < len(wanted) and word == wanted[at]:
            at += 1
        else:
            left.append(word)
    return left if at == len(wanted) else None


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
