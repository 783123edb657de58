"""How a measure is declared (数据项声明): its name, its shape, its definition, and what it counts of which records.

A source is the FROM and WHERE of a query over `s`, who belonged where in the quarter, and `t`, the ledger. A tally says
which of its records count how much. The figure of a member is the sum of his tallies, and the records behind it are the
rows that were summed: one declaration for both, so that they can never disagree.

What every query may name: :first and :last day of the quarter, :begin and :end (texts that days of any precision are
compared with), :quarter, :month_1 to :month_3, :today and :this_month, :late_post, :late_zone, :late_pairing (see `asked`), :since (the
beginning of the option `months`), and of the line that asks :kinds, :any_kind (1 where it names none) and :words.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from partybuild_cli.index.quarter import key_day
from partybuild_cli.index.scheme import Measurable

Shape = Literal["amount", "share", "flag", "items"]
#: The rules by which a scheme may turn what is measured into points.
RULES_OF_SHAPE: dict[Shape, tuple[str, ...]] = {
    "amount": ("ratio", "step", "minus"),
    "share": ("share",),
    "flag": ("flag",),
    "items": ("each",),
}
#: Stands for any word of a ledger's 类别.
ANY_KIND = ("*",)


class LedgerQuery(NamedTuple):
    """Records of one ledger within the quarter: `joins` follows `FROM stays AS s` and ends in its WHERE.

    `day`, `title` and `note` are SQL for what an explanation names of a record. The great ledgers are joined by CROSS
    JOIN, which keeps the order, members first. `kept_by_branch` is the day of a ledger that a branch keeps by records
    of its own, whoever took part.
    """

    ledger: str
    joins: str
    day: str
    title: str
    note: str = "NULL"
    kept_by_branch: str = ""


class Tally(NamedTuple):
    """What a measure counts of a source: the records that meet `where`; each counts `done`, and `due` was owed.

    A tally counts under one `word`, which is then said of each record, or `by` a column, in the order of `words`.
    Of a tally that counts `once`, a word counts once however many records it has. `unit` is that of amounts in
    ten-thousandths. `values` are bound in `where`, `done` and `due`.
    """

    source: LedgerQuery
    where: str = "1 = 1"
    done: str = "1"
    due: str = "0"
    word: str = ""
    by: str = ""
    words: tuple[str, ...] = ()
    once: bool = False
    unit: str = ""
    values: Mapping[str, object] = {}


Tallies = Callable[[Measurable], Sequence[Tally]]


class OptionFacts(NamedTuple):
    """An option that a measure takes; there is no default in code, so a needed one must stand in the scheme."""

    name: str
    form: Literal["flag", "number", "count", "text", "words"]
    needed: bool


LAPSE_COUNTS = OptionFacts("lapse_counts", "flag", True)


class Measure(NamedTuple):
    """A measure (数据项). A branch has data where it has any record in `kept`, or where a tally found something.

    `yields` are the words by which a measure of shape "items" counts, none meaning any word of the conduct ledger.
    `ledger` is where a word would be counted twice if two places of a scheme took it (一事不两计); no kinds mean all of it.
    `kinds` are the words of the ledger's 类别 that a scheme may name, none meaning that the measure takes no kinds. A
    measure without tallies is looked up. `unsaid` are records of which nobody wrote down whom they concern (按人数的会议):
    of whom nothing else is owed, there is no data.
    """

    name: str
    shape: Shape
    definition: str
    tallies: Tallies | None
    kept: tuple[LedgerQuery, ...] = ()
    unsaid: LedgerQuery | None = None
    yields: tuple[str, ...] = ()
    options: tuple[OptionFacts, ...] = ()
    ledger: str | None = None
    kinds: tuple[str, ...] = ()

    @property
    def by_words(self) -> bool:
        """Whether it claims the words that a line prices, and not the kinds that it names."""
        return self.ledger == "conduct" and self.shape == "items"


#: Every measure by its name.
MEASURES: dict[str, Measure] = {}


def measure(name: str, shape: Shape, definition: str, **facts: Any) -> Callable[[Tallies], Tallies]:
    """Declare the measure that a function tallies; `facts` are the other fields of Measure."""

    def declare(tallies: Tallies) -> Tallies:
        MEASURES[name] = Measure(name, shape, definition, tallies, **facts)
        return tallies

    return declare


def in_stay(day: str) -> str:
    """SQL: a day that is laid to a stay, as `key_day` makes it, lies within it."""
    return f"(s.whole OR ({day} >= s.starts AND {day} < s.ends))"


def within(column: str) -> str:
    """SQL: the day lies in the quarter and in the stay."""
    return f"{column} >= :begin AND {column} < :end AND {in_stay(key_day(column))}"


def counted(condition: str) -> str:
    """SQL: one where something holds, else none."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


#: SQL: the record is of a kind that the line names, or it names none.
OF_KINDS = "(:any_kind = 1 OR t.kind IN :kinds)"

#: The months of the quarter at whose end the member belonged to the branch: what falls due monthly was his duty there.
MONTHS = "(SELECT :month_1 AS month UNION ALL SELECT :month_2 UNION ALL SELECT :month_3)"
MONTH_IN_STAY = in_stay("(q.month || '-99')")
