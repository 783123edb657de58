"""Headings as clerks write them (表头), parted into known words, the longest first (`words.toml`): what is the same, says nothing,
or turns the meaning. A unit or a remark in brackets, stars and 必填 are put aside only for comparing.
"""

import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from itertools import accumulate
from typing import Any, Literal, NamedTuple, TypeAlias

from partybuild_cli.errors import ValueProblem
from partybuild_cli.records.base.column import Column
from partybuild_cli.records.base.declare import Record
from partybuild_cli.records.base.registry import ledgers, record
from partybuild_cli.sheets.reading import letters
from partybuild_cli.values.kind import DateCell, Raw
from partybuild_cli.values.number import chinese_numeral
from partybuild_cli.values.text import as_text, normalise, tight

#: The table of words, and the patterns of headings in it.
TABLE: dict[str, Any] = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf8"))
SAYS = {name: re.compile(pattern) for name, pattern in TABLE["heading"].items()}
IDENTITY_HEADING = "系统标识(勿改)"  # the hidden column in which an exported sheet says which record a row came from

#: Headings of a column that counts the rows and is kept nowhere.
SERIAL = frozenset({"序号", "序", "号", "行号", "NO", "NO.", "顺序号", "项次"})
Matter: TypeAlias = Literal["day", "number", "people", "branch", "person"]  # what a word can turn the meaning of
Words = tuple[str, ...]
Fields = frozenset[tuple[str, str]]  # ledgers and fields


class Heading(NamedTuple):
    column: int  # the place of the column in the rows of the sheet, from 0
    key: str  # how the report names it
    lines: tuple[str, ...]  # from the top, groups first, in comparable form

    @property
    def lowest(self) -> str:
        return self.lines[-1] if self.lines else ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the column may be called, the likeliest first: its own line, then with the groups above it."""
        joined = ["".join(self.lines[at:]) for at in range(len(self.lines) - 2, -1, -1)]
        return tuple(dict.fromkeys(name for word in (self.lowest, *joined) for name in (word, bare(word)) if name))

    @property
    def words(self) -> Words:
        """The known words of the column's own line, as Chinese."""
        return words_in(native(self.lowest))

    def speaks_of(self, word: str) -> bool:
        """Whether it is made of the word; what is no known word may stand within another (专家 in 义诊专家)."""
        return word in self.words or (word not in CLASSES.values() and word in self.lowest)


def label(raw: Raw) -> str:
    """A cell as a heading: NFKC, no white space; empty where it cannot be one."""
    if isinstance(raw, str):
        try:
            return tight(raw)
        except ValueProblem:
            return ""
    if isinstance(raw, DateCell):
        return f"{raw.day.year}年{raw.day.month}月" if raw.shown == "month" else ""
    if isinstance(raw, int) and not isinstance(raw, bool) and 1900 <= raw <= 2100:
        return tight(as_text(raw) or "")
    return ""


def bare(word: str) -> str:
    """The heading without brackets, stars, 必填 and numbering."""
    plain = SAYS["numbered"].sub("", SAYS["remark"].sub("", SAYS["bracket"].sub("", word)))
    return plain.rstrip(":：、。") or word


def months_of(heading: Heading) -> tuple[int | None, int, int, str] | None:
    """Year (None where not said), first month, how many months, and the rest of the heading of a month or a quarter (2026年1月实缴,
    第一季度实缴); None where it is none."""
    for name, count in (("month", 1), ("year_and_month", 1), ("quarter", 3)):
        for at, line in enumerate(reversed(heading.lines)):
            if found := SAYS[name].fullmatch(bare(line)):
                rest = bare(heading.lowest) if at else found[3]
                return int(found[1]) if found[1] else None, count * (numeral(found[2]) - 1) + 1, count, rest
    return None


def numeral(word: str) -> int:
    """12, 十二 or 廿一 as a number."""
    return int(word) if word.isdecimal() else int(chinese_numeral(word.replace("廿", "二十")) or 0)


def keyed(columns: list[tuple[int, tuple[str, ...]]]) -> list[Heading]:
    """Headings with the keys that tell them apart: by group where two are alike, by letter where nothing else helps."""
    counts = Counter(name for _, lines in columns for name in {"/".join(lines[-1:]), "/".join(lines[-2:])})
    headings = []
    for column, lines in columns:
        letter = letters(column + 1)
        names = ["/".join(lines[-1:]), "/".join(lines[-2:])] if lines else []
        own = [*(name for name in names if counts[name] == 1), f"{lines[-1]}({letter})" if lines else letter]
        headings.append(Heading(column, own[0], lines))
    return headings


#: Word -> the word that stands for its class.
CLASSES: dict[str, str] = {word: name for name, words in TABLE["same"].items() for word in words}
_COUNTS = frozenset[str](TABLE["counts"]["words"])
_FILLER, _SOFT = (frozenset[str](TABLE[name]["words"]) for name in ("filler", "soft"))
SOFT = _SOFT | {CLASSES.get(word, word) for word in _SOFT}
#: Word that turns the meaning -> matters, and what such a column holds instead.
_TURNS: dict[str, list[tuple[Words, str]]] = {}
for _entry in TABLE["turn"]:
    for _word in _entry["words"]:
        _TURNS.setdefault(_word, []).append((tuple(_entry["of"]), _entry["means"]))
ENDING = _TURNS["结束"][0][1]  # what a column holds that says when something ended
OF_OTHER_TIMES = _TURNS["合计"][0][1]  # what a column holds that says what came to another month or year
#: What a category says of people who are no members -> the word that is counted.
OUTSIDERS = {tight(word): name for name, words in TABLE["outsiders"].items() for word in words}
#: Word of a clause that counts who came -> headings of the number and of the names.
SENTENCE: dict[str, list[str]] = TABLE["sentence"]
#: What the first text of a row that is no record looks like.
ROWS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in TABLE["rows"].items()}
_JOINS: dict[Words, str] = {tuple(pair.split()): word for pair, word in TABLE["join"].items()}
#: Parts a heading into known words, the longest first.
_PARTS = re.compile("|".join(map(re.escape, sorted({*CLASSES, *_TURNS, *_FILLER, *_SOFT}, key=len, reverse=True))))


def native(heading: str) -> str:
    """The Chinese of an English or pinyin heading; any other as it is."""
    if not heading.isascii():
        return heading
    return str(TABLE["foreign"].get(re.sub(r"[\W_]+", "", heading).lower(), heading))


@cache
def words_in(heading: str) -> Words:
    """The known words of a heading and what stands between them, in their order; fillers are put aside."""
    plain, at = bare(heading), 0
    words: list[str] = []
    for found in [*_PARTS.finditer(plain), None]:
        between = plain[at : found.start() if found else None].strip("/_-、,.()（）·")
        words += [between] if between else []
        if found:
            at, word = found.end(), CLASSES.get(found[0], found[0])
            words += [word] if found[0] not in _FILLER and words[-1:] != [word] else []
    joined: list[str] = []
    for word in words:
        together = _JOINS.get((joined[-1], word)) if joined else None
        joined[-1 if together else len(joined) :] = together.split() if together else [word]
    return tuple(joined)


def alike(heading: str, declared: str, matter: Matter | None = None) -> float:
    """How near a heading is to a declared one, 0 to 1; `matter` is what the field is about."""
    return likeness(words_in(heading), words_in(declared), matter)[0]


def likeness(said: Words, wanted: Words, matter: Matter | None) -> tuple[float, str]:
    """How near the words of a heading are to those of a declared one, and what those beside them turn it into, if they do."""
    if said == wanted:
        return 0.88 if said else 0.0, ""
    if matter == "number":  # 应交金额 is 应交党费
        wanted = tuple(word for word in wanted if word not in SOFT) or wanted
    left, rest = list[str](), [*wanted]  # the words beside the wanted ones, all of which are said in their order
    for word in said:
        if rest[:1] == [word]:
            rest.pop(0)
        else:
            left.append(word)
    if rest or not wanted:
        return 0, ""
    if turned := turned_by(left, matter):
        return 0, turned
    if all(word in SOFT or (matter == "number" and word in _COUNTS) for word in left):
        return 0.8, ""
    if any(word in CLASSES.values() or word in _TURNS for word in left):
        return 0.4, ""  # a further known word: another matter, unless somebody says that it is this one
    return 0.5 + sum(map(len, wanted)) / sum(map(len, said)) * 0.25, ""


def turned_by(words: Iterable[str], matter: Matter | None) -> str:
    """What makes the words beside a known heading mean something else; empty where nothing does."""
    turns = (turn for word in words for turn in _TURNS.get(word, ()))
    return next((means for matters, means in turns if (matter or "text") in matters), "")


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
    pairs = ((column, tight(heading)) for column in record(ledger).columns.values() for heading in column.headings)
    found = dict.fromkeys((column, words_in(heading)) for column, heading in pairs)
    return [(column, words, frozenset(words)) for column, words in found if words]


@cache
def vocabulary() -> dict[str, Fields]:
    """Heading in comparable form -> what it may mean."""
    words = defaultdict[str, Fields](frozenset)
    for ledger in ledgers():
        for word, (column, _) in words_of(ledger).items():
            words[word] |= {(ledger, column.key)}
    return words


@cache
def known(word: str, strict: bool = False) -> Fields:
    """The ledgers and fields that a heading may name, by itself or by the words it is made of; `strict`: by itself."""
    name = native(word)
    found = vocabulary().get(name) or vocabulary().get(bare(name))
    return found or (frozenset() if strict else _by_words().get(telling(name), frozenset()))


@cache
def _by_words() -> dict[Words, Fields]:
    """What the declared headings mean, by the words that they are made of."""
    found = defaultdict[Words, Fields](frozenset)
    for word, fields in vocabulary().items():
        found[words_in(word)] |= fields
        found[telling(word)] |= fields
    return found


def telling(word: str) -> Words:
    """The words of a heading without those that leave its meaning as it is, unless there are no others."""
    words = words_in(word)
    firm = tuple(other for other in words if other not in SOFT)
    return firm or tuple(other for other in words if other in TABLE["same"]) or words


def speaks_of_a_record(word: str) -> bool:
    """Whether a label in a head names what a record cannot do without, or what makes it one: 时间, 主题, 学时; no branch."""
    fields = [(record(ledger), key) for ledger, key in known(word)]
    columns = [(record.columns[key], key in record.marks) for record, key in fields]
    return any((column.required or marks) and not column.context and column.mask is None for column, marks in columns)


@cache
def choice_words() -> frozenset[str]:
    """The words of every choice of every ledger."""
    columns = (column for ledger in ledgers() for column in record(ledger).columns.values())
    return frozenset(word for column in columns for word in column.kind.meanings)


_CLAUSE = re.compile(
    rf"[\s,;。、和其中]*({'|'.join(SENTENCE)})会?(?:的?(?:党员|人员|人数|数))*[\s::共]*(\d{{1,3}})\s*[人名]?\s*"
)
_ASIDE = ("含", "其中", "包括", "有")  # what a bracket behind a number begins with that says nothing of who came


def attendance_in(record: type[Record], raw: Raw) -> dict[str, Raw] | None:
    """What a sentence that counts who came says (应到6人，实到5人，缺席1人（李四因公）), by field; None where it is none."""
    rest, found = normalise(raw).rstrip("。;, ") if isinstance(raw, str) else "", dict[str, Raw]()
    while rest:
        if (clause := _CLAUSE.match(rest)) is None:
            away = SAYS["away"].match(rest) if found else None
            meant = words_of(record.ledger).get(SENTENCE[away[3]][-1]) if away else None
            if not away or meant is None or meant[0].key in found:
                return None
            found[meant[0].key], rest = away[1] + away[2] + away[3], rest[away.end() :]
            continue
        rest, names = rest[clause.end() :], ""
        if rest[:1] in ("(", ":"):  # names up to the end of the bracket, or of the part
            depths = accumulate({"(": 1, ")": -1}.get(sign, 0) for sign in rest)
            ends = (at for at, depth in enumerate(depths) if not depth and at and (rest[0] == "(" or rest[at] in ";。"))
            end = next(ends, len(rest))
            names, rest = rest[1:end].strip(), rest[end:].removeprefix(")")
        both: tuple[Raw, Raw] = (int(clause[2]), names)
        for heading, value in zip(SENTENCE[clause[1]], both, strict=False):
            column = words_of(record.ledger).get(heading)
            if column and value != "" and not str(value).startswith(_ASIDE):
                found[column[0].key] = value
    return found or None
