"""Asking the book for everything that a scheme measures (取数): the figures of every member, or the records behind them."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.measures import MEASURES
from partybuild_cli.index.measures.declare import SCALE, Source, Tally
from partybuild_cli.index.measures.works import FIGURES, METRIC, NOTED
from partybuild_cli.index.numbers import plain
from partybuild_cli.index.participants import Key, Participant, Rows, asked, rows_of, stays
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import Adjustment, Measurable, Scheme
from partybuild_cli.index.scoring import NO_DATA, NOT_APPLICABLE, Items, Measured, share_of
from partybuild_cli.records.task import own_verifier
from partybuild_cli.values.day import add_months
from partybuild_cli.values.period import text_bounds
from partybuild_cli.values.reference import Reference
from partybuild_cli.values.text import tight


class Query:
    """Asks the sources of one quarter, of the whole book or of one branch.

    `late` are those who came so late that what they brought says nothing of what their branch keeps.
    """

    def __init__(
        self, connection: Connection, quarter: Quarter, branch: int | None = None, late: frozenset[Key] = frozenset()
    ) -> None:
        self._connection = connection
        self._quarter = quarter
        self._stays = stays(branch)
        self.late = late
        today = date.today()
        self._values = {**asked(connection, quarter, branch), "today": str(today), "this_month": f"{today:%Y-%m}"}
        tasks = self.select(
            "SELECT id, responsible, verified_by FROM task"
            " WHERE due_on >= :begin AND due_on < :end AND verified_by IS NOT NULL ORDER BY id"
        )
        self._values["self_verified"] = tuple(row.id for row in tasks if own_verifier(row._mapping))

    def select(self, sql: str, **values: object) -> Rows:
        """The rows of any query about the quarter."""
        return rows_of(self._connection, sql, self._values | values)

    def rows(self, source: Source, columns: str, more: str = "", **values: object) -> Rows:
        """Columns of the records of a source, with a condition or grouping behind it."""
        return self.select(f"SELECT {columns} FROM {self._stays} AS s {source.joins}{more}", **values)

    def tallied(self, line: Measurable, tally: Tally, columns: str, more: str, **values: object) -> Rows:
        """Columns of the records that a line of the scheme counts by a tally."""
        asked = {"kinds": line.kinds, "any_kind": int(not line.kinds), "words": line.words, "since": self.since(line)}
        return self.rows(tally.source, columns, f" AND ({tally.where}){more}", **asked, **tally.values, **values)

    def since(self, line: Measurable) -> str:
        """The beginning of the months that a line looks back."""
        months, last = line.option("months"), self._quarter.last
        return "" if months is None else text_bounds(add_months(last + timedelta(days=1), -int(str(months))), last)[0]

    def keepers(self, source: Source, since: str) -> set[int]:
        """The branches that keep a ledger: those with any record in the source, or with records of their own."""
        columns = "DISTINCT s.branch_id, s.member_id" if self.late else "DISTINCT s.branch_id, NULL"
        rows = self.rows(source, columns, since=since)
        found = {branch for branch, member in rows if (member, branch) not in self.late}
        if day := source.kept_by_branch:
            sql = f'SELECT DISTINCT branch_id FROM "{source.ledger}" WHERE {day} >= :begin AND {day} < :end'
            found.update(row[0] for row in self.select(sql))
        return found


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

    def __init__(self, query: Query, line: Measurable, kept: set[int]) -> None:
        measure = MEASURES[line.measure]
        self._shape = measure.shape
        self._kept = set(kept)
        self._holders_only = line.option("holders_only") is True
        self._sums: dict[Key, list[Sum]] = {}
        self._figures = _figures(query, line) if measure.tallies is None else None
        for tally in measure.tallies(line) if measure.tallies else ():
            word = tally.by or f"'{tally.word}'"
            done, due = (f"coalesce(sum({number}), 0)" for number in (tally.done, tally.due))
            columns = f"s.member_id, s.branch_id, {word}, {done}, {due}"
            rows = query.tallied(line, tally, columns, " GROUP BY 1, 2, 3")
            if tally.words:
                rows = sorted(rows, key=lambda row: tally.words.index(row[2]))
            for member, branch, said, counted, owed in rows:
                self._sums.setdefault((member, branch), []).append(Sum(tally, said, counted, owed))
                if counted and (member, branch) not in query.late:
                    self._kept.add(branch)

    def of(self, participant: Participant) -> Measured:
        """The figure of a member (测得值); no data where his branch keeps no such ledger."""
        if self._figures is not None:
            found = [one.actual for one in self._figures(participant)]
            return Measured("scored", Fraction(sum(found), len(found) * SCALE)) if found else NO_DATA
        sums = self._sums.get(participant.key, ())
        if self._holders_only and not sums:
            return NOT_APPLICABLE
        if participant.branch not in self._kept and not any(one.done for one in sums):
            return NO_DATA
        if self._shape == "share":
            counted = [(min(1, one.done), min(1, one.due)) if one.tally.once else (one.done, one.due) for one in sums]
            return share_of(sum(done for done, _ in counted), sum(due for _, due in counted))
        if self._shape == "items":
            return Measured("scored", items=self.items_of(participant))
        return Measured("scored", sum(one.natural for one in sums))

    def items_of(self, participant: Participant) -> Items:
        """How many of each word a line counts; a word of which there are none is not named."""
        found: dict[str, int | Fraction] = {}
        for one in self._sums.get(participant.key, ()):
            if one.done:
                found[one.word] = found.get(one.word, 0) + one.natural
        return tuple(found.items())


class _Figure(NamedTuple):
    """One kept figure; `whole` is that of the quarter itself."""

    number: int
    subject: str
    period: str
    actual: int
    member: int | None
    whole: bool


def _figures(query: Query, line: Measurable) -> Callable[[Participant], list[_Figure]]:
    """The figures that a line looks up, by whose they are; of the quarter itself, else of its months (季度值，否则各月平均)."""
    by_subject: dict[str | int, list[_Figure]] = {}
    for found in map(_Figure._make, query.select(FIGURES, name=line.option(METRIC))):
        by_subject.setdefault(tight(found.subject) if found.member is None else found.member, []).append(found)
    branches = {number: tight(name) for number, name in query.select("SELECT id, name FROM branch")}

    def behind(one: Participant) -> list[_Figure]:
        wanted = (one.member, one.department, branches.get(one.branch))
        mine = next((by_subject[key] for key in wanted if key is not None and key in by_subject), [])
        return [each for each in mine if each.whole] or mine

    return behind


def collect(query: Query, scheme: Scheme) -> dict[tuple[object, ...], Answer]:
    """Every question of a scheme answered, under any profile, but of items that are switched off."""
    lines = [line for line in scheme.lines if not isinstance(line, Adjustment) or line.enabled]
    keepers: dict[tuple[Source, str], set[int]] = {}
    answers: dict[tuple[object, ...], Answer] = {}
    for line in lines:
        if line.question not in answers:
            kept = [(source, query.since(line)) for source in MEASURES[line.measure].kept]
            for one in kept:
                if one not in keepers:
                    keepers[one] = query.keepers(*one)
            answers[line.question] = Answer(query, line, set().union(*(keepers[one] for one in kept)))
    return answers


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


def records_behind(query: Query, line: Measurable, participants: Sequence[Participant]) -> dict[Key, list[Reference]]:
    """The records of a line by member, each by its day; a record that counts in two ways is named once.

    Of one participant only his own are looked for.
    """
    tallies = MEASURES[line.measure].tallies
    if tallies is None:
        behind, metric = _figures(query, line), str(line.option(METRIC))
        return {
            one.key: [Reference("metric", it.number, it.period, it.subject, metric) for it in behind(one)]
            for one in participants
        }
    notes: dict[Key, dict[tuple[str, str, int, str], list[str]]] = {}
    more = f"{'' if len(participants) > 1 else ' AND s.member_id = :member'} ORDER BY 4, 3"
    for tally in tallies(line):
        source = tally.source
        columns = f"coalesce(t.id, 0), {source.day}, {source.title}, {source.note}, coalesce({tally.done}, 0)"
        for member, branch, number, day, title, note, done in query.tallied(
            line, tally, f"s.member_id, s.branch_id, {columns}", more, member=participants[0].member
        ):
            said = notes.setdefault((member, branch), {}).setdefault((day, source.ledger, number, title), [])
            said += [*(note or "").split("；"), *_amount(tally, done).split("；")]
    return {
        key: [
            Reference(ledger, number or None, day, title, "；".join(dict.fromkeys(filter(None, said))))
            for (day, ledger, number, title), said in sorted(found.items(), key=lambda one: one[0][:3])
        ]
        for key, found in notes.items()
    }


def _amount(tally: Tally, done: int) -> str:
    """What a record counted, in words: hours, how many times, a word of the scheme."""
    if tally.unit:
        return f"{plain(Fraction(done, SCALE))} {tally.unit}"
    if tally.source.ledger == "conduct":
        return f"{done} 次" if done > 1 else ""
    return tally.word
