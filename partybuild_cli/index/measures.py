"""What a scheme measures (数据项): each measure with its shape, its definition, and what it counts of which records, as data.

The figure of a member is the sum of his tallies, and the records behind it are the rows that were summed: one declaration for
both, so that they can never disagree. What is declared in `measures.toml` may name, as every query of a roll may: :first and
:last day of the quarter, :begin and :end (texts that days of any precision are compared with), :quarter, :month_1 to :month_3,
:today and :this_month, :late_post, :late_zone, :late_pairing; and of the line that asks what `asked_of` gives.
"""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, literal_column

from partybuild_cli.index.numbers import SCALE
from partybuild_cli.index.scheme import Measurable
from partybuild_cli.records.dues import paid_late
from partybuild_cli.records.honor import HONOR_FIELDS
from partybuild_cli.records.meeting import MeetingKind
from partybuild_cli.records.service import SERVICE_KINDS
from partybuild_cli.records.study import COUNTED, StudyKind, in_both, learnt_there
from partybuild_cli.values.text import shipped

Shape = Literal["amount", "share", "flag", "items"]
_DECLARED = shipped("index/measures.toml")
#: The rules by which a scheme may turn what is measured into points.
RULES_OF_SHAPE: dict[Shape, list[str]] = _DECLARED["shapes"]
#: Stands for any word of a ledger's 类别.
ANY_KIND = ("*",)
#: Words that the records know, by the name under which a measure takes them.
_WORDS: dict[str, tuple[str, ...]] = {
    **{"any": ANY_KIND, "honor": HONOR_FIELDS, "service": SERVICE_KINDS},
    **{"meeting": tuple(MeetingKind), "study": tuple(StudyKind), "counted": COUNTED},
}


class Source(NamedTuple):
    """Records of one ledger within the quarter; `day`, `title`, `note`: SQL for what is named of each;
    `kept_by_branch`: the day of a ledger that a branch keeps by records of its own, whoever took part.
    """

    ledger: str
    joins: str
    day: str
    title: str
    note: str = "NULL"
    kept_by_branch: str = ""


class Tally(NamedTuple):
    """What a measure counts of a source: the records that meet `where`; each counts `done`, and `due` was owed. A tally
    counts under one `word`, which is then said of each record, or `by` a column; `per` makes one of each of the line's
    words. Of a tally that counts `once`, a word counts once however many records it has. `unit` is that of amounts in
    ten-thousandths.
    """

    source: Source
    where: str = "1 = 1"
    done: str = "1"
    due: str = "0"
    word: str = ""
    by: str = ""
    per: str = ""
    once: bool = False
    unit: str = ""


class OptionFacts(NamedTuple):
    """An option that a measure takes; there is no default in code, so a needed one must stand in the scheme."""

    name: str
    form: Literal["flag", "number", "count", "text", "words"]
    needed: bool


class Measure(NamedTuple):
    """A measure (数据项). A branch has data where it has any record in `kept`, or where a tally found something. `yields`
    are the words by which a measure of shape "items" counts, none meaning any word of the conduct ledger. `ledger` is
    where a word would be counted twice if two places of a scheme took it (一事不两计); no kinds mean all of it. `kinds` are
    the words of the ledger's 类别 that a scheme may name, none meaning that the measure takes no kinds, `usual` those of
    a line that names none. A measure without tallies is looked up. `unsaid` are records of which nobody wrote down whom
    they concern (按人数的会议): of whom nothing else is owed, there is no data.
    """

    name: str
    shape: Shape
    definition: str
    tallies: tuple[Tally, ...] = ()
    kept: tuple[Source, ...] = ()
    unsaid: Source | None = None
    yields: tuple[str, ...] = ()
    options: tuple[OptionFacts, ...] = ()
    ledger: str | None = None
    kinds: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()

    @property
    def by_words(self) -> bool:
        """Whether it claims the words that a line prices, and not the kinds that it names."""
        return self.ledger == "conduct" and self.shape == "items"

    def of(self, line: Measurable) -> Iterator[Tally]:
        """The tallies that a line asks for."""
        yield from (tally for tally in self.tallies if not tally.per and (not tally.word or tally.word in line.words))
        for per, words in (("words", line.words), ("granted", line.granted)):
            for word in words:
                yield from (tally._replace(word=word) for tally in self.tallies if tally.per == per)


def _sql(rule: Callable[..., ColumnElement[bool]], *columns: str) -> str:
    """A rule of a ledger, of columns that a query names."""
    return f"({rule(*map(literal_column, columns)).compile(compile_kwargs={'literal_binds': True})})"


_PIECES: dict[str, str] = _DECLARED["pieces"] | {
    "learnt_there": _sql(learnt_there, "a.state", "a.made_up"),
    "in_both": _sql(in_both, "a.member_id", "t.held_on", "t.topic"),
    "paid_late": _sql(paid_late, "t.month", "t.paid_on", "s.branch_id IN :by_quarter"),
}


def _written(text: Any) -> Any:
    """A text with the pieces that it names written out."""
    while isinstance(text, str) and (found := re.search(r"\{(\w+)([^{}]*)\}", text)):
        piece = _PIECES[found[1]].strip()
        for at, word in enumerate(found[2].split(), start=1):
            piece = piece.replace(f"${at}", word)
        text = text[: found.start()] + piece + text[found.end() :]
    return text


def _measure(name: str, facts: dict[str, Any]) -> Measure:
    tallies = (
        Tally(SOURCES[tally["source"]], **{key: _written(tally[key]) for key in tally if key != "source"})
        for tally in facts.get("tallies", ())
    )
    given = {key: said for key, said in facts.items() if key in ("yields", "kinds", "usual")}
    words: dict[str, Any] = {key: _WORDS[said] if isinstance(said, str) else tuple(said) for key, said in given.items()}
    return Measure(
        *(name, facts["shape"], facts["definition"], tuple(tallies)),
        kept=tuple(SOURCES[source] for source in facts.get("kept", ())),
        unsaid=SOURCES.get(facts.get("unsaid", "")),
        options=tuple(OptionFacts(*option) for option in facts.get("options", ())),
        ledger=facts.get("ledger"),
        **words,
    )


#: Every source, every query and every measure by its name.
SOURCES = {
    name: Source(**{key: _written(text) for key, text in facts.items()}) for name, facts in _DECLARED["sources"].items()
}
_PIECES |= {f"from_{name}": f"FROM ({{stays}}) AS s {source.joins}" for name, source in SOURCES.items()}
_PIECES["stays"] = _DECLARED["queries"]["stays"]
QUERIES: dict[str, str] = {name: _written(text) for name, text in _DECLARED["queries"].items()}
MEASURES = {name: _measure(name, facts) for name, facts in _DECLARED["measures"].items()}


def asked_of(line: Measurable, word: str = "") -> dict[str, object]:
    """What a query may name of a line: the options of its measure by name (:without has what is left out), :kinds (:any_kind is
    1 where it names none), :words and :priced, and of one :word the range within which the committee grants points.
    """
    measure, (low, high) = MEASURES[line.measure], line.granted.get(word, (Decimal(0), Decimal(0)))
    without = line.option("without") or ()
    options = {option.name: line.option(option.name) for option in measure.options}
    hours = {name: int(value * SCALE) for name, value in options.items() if isinstance(value, Decimal)}
    return {
        **{"kinds": line.kinds or measure.usual, "any_kind": int(not line.kinds), "words": line.words},
        **{"kinds_json": json.dumps(line.kinds), "without_json": json.dumps(without), "priced": tuple(line.each)},
        **{"word": word, "low": int(low * SCALE), "high": int(high * SCALE)},
        **options,
        **hours,
        "without": without,
    }
