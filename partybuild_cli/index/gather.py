"""Asking the book for everything that a scheme measures (取数): one pass over each ledger for all indicators.

What was worked out for one member is kept, as members are much alike.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.entrants import Entrant, Key, Scope
from partybuild_cli.index.measures.duties import kept_part, months_kept
from partybuild_cli.index.measures.metric import Figures
from partybuild_cli.index.measures.source import Part, Plan, Source, Standing, Sum, sums_of
from partybuild_cli.index.plans import Planner
from partybuild_cli.index.rules import NO_DATA, Items, Measured
from partybuild_cli.index.scheme import Adjustments, Indicator, Scheme

Row = tuple[int, ...]
Rows = Mapping[Key, Row]
#: Ledgers that a branch keeps by records of its own, whoever took part.
_KEPT_BY_BRANCH = {"meeting": "held_on", "service": "held_on"}


class Pool:
    """The rows of one source, each distinct one under a number: to be the same is to have the same number."""

    def __init__(self, rows: Rows) -> None:
        numbers: dict[Row, int] = {(): 0}
        self.numbers = {key: numbers.setdefault(row, len(numbers)) for key, row in rows.items()}
        self.distinct = list(numbers)


class Answer:
    """What one plan finds of each member; the same figure is always the same object."""

    def __init__(
        self, plan: Plan, pools: Sequence[Pool], places: Sequence[tuple[int, int]], kept: frozenset[int]
    ) -> None:
        self.kept = kept
        self._plan = plan
        self._pools = pools
        self._places = places
        self._monthly = any(part.month is not None for part in plan.parts)
        self._known: dict[Any, Measured] = {}
        self._figures: dict[Measured, Measured] = {}
        self._pick: Callable[[Row], Any] = itemgetter(*dict.fromkeys(at for at, _ in places))

    def figure(self, numbers: Row, standing: Standing) -> Measured:
        """The figure of a member, by the numbers of his rows; the same whoever keeps the ledger."""
        key = (self._pick(numbers), standing) if self._monthly else self._pick(numbers)
        known = self._known.get(key)
        if known is None:
            found = self._plan.finish(self._sums(numbers), standing)
            known = self._known[key] = self._figures.setdefault(found, found)
        return known

    def _sums(self, numbers: Row) -> tuple[Sum, ...]:
        rows = [(self._pools[at].distinct[numbers[at]], column) for at, column in self._places]
        return tuple(Sum(row[column], row[column + 1]) if row else Sum(0, 0) for row, column in rows)


class Gathered:
    """What the book says about every member of a scope, by the measures of one scheme."""

    def __init__(self, connection: Connection, scope: Scope, scheme: Scheme) -> None:
        self._planner = planner = Planner(connection, scope.quarter, scheme)
        parts = _by_source(planner.plans())
        for place in range(3):
            one = kept_part(scope.quarter, place)
            parts.setdefault(one.source, []).append(one)
        rows = {source: sums_of(connection, scope, source, group) for source, group in parts.items()}
        own = {ledger: _branches_of(connection, scope, ledger, day) for ledger, day in _KEPT_BY_BRANCH.items()}
        order = {source: place for place, source in enumerate(rows)}
        pools = [Pool(found) for found in rows.values()]
        self._numbers = [pool.numbers.get for pool in pools]
        self._answers: dict[int, Answer] = {}
        for plan in planner.plans():
            places = [(rows[part.source], 2 * parts[part.source].index(part)) for part in plan.parts]
            kept = frozenset(_branches_with_records(plan, places, rows, own))
            at = [(order[part.source], column) for part, (_, column) in zip(plan.parts, places, strict=True)]
            self._answers[id(plan)] = Answer(plan, pools, at, kept)
        kept_parts = [kept_part(scope.quarter, place) for place in range(3)]
        register = kept_parts[0].source
        self._months = months_kept(rows[register], [2 * parts[register].index(one) for one in kept_parts])
        self._lines: dict[int, list[tuple[str, Answer | Figures]]] = {}
        self._moving = {
            id(settings): [
                (item.name, self._answers[id(planner.plan(item))]) for item in settings.items if item.enabled
            ]
            for settings in (scheme.bonus, scheme.deduction)
        }

    def numbers(self, entrant: Entrant) -> Row:
        """The rows of a member in every source, each by its number."""
        key = entrant.key
        return tuple([get(key, 0) for get in self._numbers])

    def standing(self, entrant: Entrant) -> Standing:
        """What a figure depends on besides records."""
        return Standing(entrant.due_months, self._months.get(entrant.branch, ()))

    def measured(
        self, indicators: tuple[Indicator, ...], entrant: Entrant, numbers: Row, standing: Standing
    ) -> dict[str, Measured]:
        """Every indicator of one member; no data where the branch keeps no such ledger."""
        branch = entrant.branch
        found = {}
        for name, answer in self._line(indicators):
            if isinstance(answer, Answer):
                found[name] = answer.figure(numbers, standing) if branch in answer.kept else NO_DATA
            else:
                found[name] = answer.of(entrant)
        return found

    def adjustments(self, settings: Adjustments, numbers: Row, standing: Standing) -> dict[str, Items]:
        """What the bonus or deduction items find of one member, by the item's name; nothing is left out."""
        found = {}
        for name, answer in self._moving[id(settings)]:
            items = answer.figure(numbers, standing).items
            if items:
                found[name] = items
        return found

    def _line(self, indicators: tuple[Indicator, ...]) -> list[tuple[str, Answer | Figures]]:
        line = self._lines.get(id(indicators))
        if line is None:
            line = self._lines[id(indicators)] = [(one.id, self._answer(one)) for one in indicators]
        return line

    def _answer(self, one: Indicator) -> Answer | Figures:
        figures = self._planner.figures(one)
        return self._answers[id(self._planner.plan(one))] if figures is None else figures


def _by_source(plans: Iterable[Plan]) -> dict[Source, list[Part]]:
    """Every source that is asked, with all parts that are taken of it."""
    parts: dict[Source, list[Part]] = {}
    for plan in plans:
        for source in plan.sources:
            parts.setdefault(source, [])
        for part in plan.parts:
            group = parts.setdefault(part.source, [])
            if part not in group:
                group.append(part)
    return parts


def _branches_with_records(
    plan: Plan, places: Sequence[tuple[Rows, int]], rows: Mapping[Source, Rows], own: Mapping[str, set[int]]
) -> Iterable[int]:
    """The branches that keep the ledger: any record in one of its sources, or anything that another part found."""
    for source in plan.sources:
        yield from (branch for _, branch in rows[source])
        yield from own.get(source.ledger, ())
    for part, (found, at) in zip(plan.parts, places, strict=True):
        if part.source not in plan.sources:
            yield from (key[1] for key, row in found.items() if row[at])


def _branches_of(connection: Connection, scope: Scope, ledger: str, day: str) -> set[int]:
    sql = f'SELECT DISTINCT branch_id FROM "{ledger}" WHERE {day} >= ? AND {day} < ?'
    return set(connection.exec_driver_sql(sql, scope.quarter.bounds).scalars())
