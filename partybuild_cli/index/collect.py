"""Asking the book for everything that a scheme measures (取数): the figures of every member, or the records behind them."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.measures import MEASURES
from partybuild_cli.index.measures.conduct import FIGURES, METRIC, NOTED, Figures
from partybuild_cli.index.measures.declare import SCALE, Asked, Shape, Source, Tally, asked_by
from partybuild_cli.index.numbers import plain
from partybuild_cli.index.participants import Key, Participant, Rows, rows_of, stays
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import Measurable, Scheme
from partybuild_cli.index.scoring import NO_DATA, NOT_APPLICABLE, Items, Measured, share_of
from partybuild_cli.records.task import own_verifier
from partybuild_cli.values.day import add_months
from partybuild_cli.values.period import text_bounds
from partybuild_cli.values.reference import Reference


class Query:
    """Asks the sources of one quarter, of the whole book or of one branch.

    `late` are those who came so late that what they brought says nothing of what their branch keeps.
    """

    def __init__(
        self, connection: Connection, quarter: Quarter, branch: int | None = None, late: frozenset[Key] = frozenset()
    ) -> None:
        self._connection = connection
        self.late = late
        self._last = quarter.last
        begin, end = quarter.bounds
        self._stays = stays(branch)
        self._values: dict[str, object] = {
            "first": str(quarter.first),
            "last": str(quarter.last),
            "begin": begin,
            "end": end,
            "quarter": quarter.label,
            "branch": branch,
            "today": str(date.today()),
            "this_month": f"{date.today():%Y-%m}",
            **{f"month_{place}": month for place, month in enumerate(quarter.months, start=1)},
        }
        self._values["self_verified"] = self._self_verified()

    def select(self, sql: str, **values: object) -> Rows:
        """The rows of any query about the quarter."""
        return rows_of(self._connection, sql, self._values | values)

    def rows(self, source: Source, columns: str, more: str = "", **values: object) -> Rows:
        """Columns of the records of a source, with a condition or grouping behind it."""
        sql = f"SELECT {columns} FROM {{stays}} AS s {source.joins}{more}".replace("{stays}", self._stays)
        return self.select(sql, **values)

    def tallied(self, asked: Asked, tally: Tally, columns: str, more: str, **values: object) -> Rows:
        """Columns of the records that a line of the scheme counts by a tally."""
        line = {
            "kinds": asked.kinds,
            "any_kind": int(not asked.kinds),
            "words": asked.words,
            "since": self.since(asked),
        }
        return self.rows(tally.source, columns, f" AND ({tally.where}){more}", **line, **tally.values, **values)

    def since(self, asked: Asked) -> str:
        """The beginning of the months that a line looks back."""
        months, last = asked.option("months"), self._last
        return "" if months is None else text_bounds(add_months(last + timedelta(days=1), -int(str(months))), last)[0]

    def keepers(self, source: Source, since: str) -> set[int]:
        """The branches that keep a ledger: those with any record in the source, or with records of their own."""
        if self.late:
            pairs = self.rows(source, "DISTINCT s.branch_id, s.member_id", since=since)
            found = {branch for branch, member in pairs if (member, branch) not in self.late}
        else:
            found = {row[0] for row in self.rows(source, "DISTINCT s.branch_id", since=since)}
        if day := source.kept_by_branch:
            sql = f'SELECT DISTINCT branch_id FROM "{source.ledger}" WHERE {day} >= :begin AND {day} < :end'
            found.update(row[0] for row in self.select(sql))
        return found

    def _self_verified(self) -> tuple[int, ...]:
        """Tasks due in the quarter that were verified by one who is responsible himself (自己验收自己)."""
        sql = (
            "SELECT id, responsible, verified_by FROM task"
            " WHERE due_on >= :begin AND due_on < :end AND verified_by IS NOT NULL ORDER BY id"
        )
        return tuple(row.id for row in self.select(sql) if own_verifier(row._mapping))


class Sum(NamedTuple):
    """What a tally found of one member under one word."""

    tally: Tally
    word: str
    done: int
    due: int

    @property
    def natural(self) -> int | Fraction:
        return Fraction(self.done, SCALE) if self.tally.unit else self.done


class Answer:
    """What the book says of every member to one question of a scheme. `kept` are the branches that keep its ledgers."""

    def __init__(self, query: Query, asked: Asked, kept: set[int]) -> None:
        measure = MEASURES[asked.measure]
        self._shape = measure.shape
        self._kept = set(kept)
        self._holders_only = asked.option("holders_only") is True
        self._sums: dict[Key, list[Sum]] = {}
        self._figures: Figures | None = None
        if measure.tallies is None:
            self._figures = _figures(query, asked)
            return
        for tally in measure.tallies(asked):
            word = tally.by or f"'{tally.word}'"
            done, due = (f"coalesce(sum({number}), 0)" for number in (tally.done, tally.due))
            columns = f"s.member_id, s.branch_id, {word}, {done}, {due}"
            rows = query.tallied(asked, tally, columns, " GROUP BY 1, 2, 3")
            if tally.words:
                rows = sorted(rows, key=lambda row: tally.words.index(row[2]))
            for member, branch, said, counted, owed in rows:
                self._sums.setdefault((member, branch), []).append(Sum(tally, said, counted, owed))
                if counted and (member, branch) not in query.late:
                    self._kept.add(branch)

    def of(self, participant: Participant) -> Measured:
        """The figure of a member; no data where his branch keeps no such ledger."""
        if self._figures is not None:
            return self._figures.of(participant)
        if self._holders_only and participant.key not in self._sums:
            return NOT_APPLICABLE
        sums = self._sums.get(participant.key, ())
        if participant.branch not in self._kept and not any(one.done for one in sums):
            return NO_DATA
        return _figure(self._shape, sums)

    def items_of(self, participant: Participant) -> Items:
        """What a bonus or deduction item finds of a member."""
        return _items(self._sums.get(participant.key, ()))


def _figures(query: Query, asked: Asked) -> Figures:
    """The figures that a line looks up, by their name."""
    branches = {row[0]: row[1] for row in query.select("SELECT id, name FROM branch")}
    return Figures(query.select(FIGURES, name=asked.option(METRIC)), branches)


def _figure(shape: Shape, sums: Sequence[Sum]) -> Measured:
    """From the sums of a member's tallies to the figure of the measure (测得值)."""
    if shape == "share":
        counted = [(min(1, one.done), min(1, one.due)) if one.tally.once else (one.done, one.due) for one in sums]
        return share_of(sum(done for done, _ in counted), sum(due for _, due in counted))
    if shape == "items":
        return Measured("scored", items=_items(sums))
    return Measured("scored", sum(one.natural for one in sums))


def _items(sums: Sequence[Sum]) -> Items:
    """How many of each word; a word of which there are none is not named."""
    found: dict[str, int | Fraction] = {}
    for one in sums:
        if one.done:
            found[one.word] = found.get(one.word, 0) + one.natural
    return tuple(found.items())


def collect(query: Query, scheme: Scheme) -> dict[Asked, Answer]:
    """Every line of a scheme answered, under any profile; lines that ask the same are answered once."""
    questions = dict.fromkeys(asked_by(line) for line in lines_of(scheme))
    kept = {asked: [(source, query.since(asked)) for source in MEASURES[asked.measure].kept] for asked in questions}
    keepers = {one: query.keepers(*one) for one in dict.fromkeys(one for sources in kept.values() for one in sources)}
    return {asked: Answer(query, asked, set().union(*(keepers[one] for one in kept[asked]))) for asked in questions}


def lines_of(scheme: Scheme) -> Iterator[Measurable]:
    """Every indicator, bonus and deduction item of a scheme, under any profile, but for items that are switched off."""
    for indicators in (scheme.indicators, *(profile.indicators for profile in scheme.profiles)):
        yield from indicators
    yield from (item for item in (*scheme.bonus.items, *scheme.deduction.items) if item.enabled)


def vetoes(query: Query, scheme: Scheme) -> dict[Key, tuple[str, ...]]:
    """一票否决 by member: matters with their document, day and who decided."""
    where = (
        " AND t.kind IN :vetoes AND t.basis IS NOT NULL AND t.decided_on IS NOT NULL AND t.decided_by IS NOT NULL"
        " ORDER BY t.id"
    )
    found: dict[Key, tuple[str, ...]] = {}
    for member, branch, kind in query.rows(NOTED, "s.member_id, s.branch_id, t.kind", where, vetoes=scheme.veto):
        found[member, branch] = (*found.get((member, branch), ()), kind)
    return found


def records_behind(query: Query, asked: Asked, participants: Sequence[Participant]) -> dict[Key, list[Reference]]:
    """The records of a line by member, each by its day; a record that counts in two ways is named once.

    Of one participant only his own are looked for.
    """
    tallies = MEASURES[asked.measure].tallies
    if tallies is None:
        figures = _figures(query, asked)
        return {
            one.key: [
                Reference("metric", each.number, each.period, each.subject, str(asked.option(METRIC)))
                for each in figures.behind(one)
            ]
            for one in participants
        }
    notes: dict[Key, dict[tuple[str, int, str, str], list[str]]] = {}
    for tally in tallies(asked):
        source = tally.source
        columns = (
            f"s.member_id, s.branch_id, coalesce(t.id, 0), {source.day}, {source.title}, {source.note},"
            f" coalesce({tally.done}, 0)"
        )
        only = "" if len(participants) > 1 else " AND s.member_id = :member"
        for member, branch, number, day, title, note, done in query.tallied(
            asked, tally, columns, f"{only} ORDER BY 4, 3", member=participants[0].member
        ):
            said = notes.setdefault((member, branch), {}).setdefault((source.ledger, number, day, title), [])
            said += [*(note or "").split("；"), *_amount(tally, done).split("；")]
    return {
        key: sorted(
            (
                Reference(ledger, number or None, day, title, "；".join(dict.fromkeys(filter(None, said))))
                for (ledger, number, day, title), said in found.items()
            ),
            key=lambda one: (one.day, one.ledger, one.id or 0),
        )
        for key, found in notes.items()
    }


def _amount(tally: Tally, done: int) -> str:
    """What a record counted, in words: hours, how many times, a word of the scheme."""
    if tally.unit:
        return f"{plain(Fraction(done, SCALE))} {tally.unit}"
    if tally.source.ledger == "conduct":
        return f"{done} 次" if done > 1 else ""
    return tally.word
