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


class Answer:
    """What one plan finds of each member."""

    def __init__(self, plan: Plan, places: Sequence[tuple[Rows, int]], kept: frozenset[int]) -> None:
        self._plan = plan
        self._places = places
        self._kept = kept
        self._monthly = any(part.month is not None for part in plan.parts)
        self._known: dict[Any, Measured] = {}
        columns: dict[int, tuple[Rows, list[int]]] = {}
        for rows, at in places:
            columns.setdefault(id(rows), (rows, []))[1].extend((at, at + 1))
        self._pickers: list[tuple[Rows, Callable[[Row], Any]]] = [
            (rows, itemgetter(*at)) for rows, at in columns.values()
        ]

    def of(self, entrant: Entrant, standing: Standing) -> Measured:
        """The figure; no data where the branch keeps no such ledger."""
        return self.figure(entrant, standing) if entrant.branch in self._kept else NO_DATA

    def figure(self, entrant: Entrant, standing: Standing) -> Measured:
        """The figure as the records say, whoever keeps the ledger."""
        key: Any = tuple(None if (row := rows.get(entrant.key)) is None else pick(row) for rows, pick in self._pickers)
        if self._monthly:
            key = (key, standing)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._plan.finish(self._sums(entrant), standing)
        return known

    def _sums(self, entrant: Entrant) -> tuple[Sum, ...]:
        found = [(rows.get(entrant.key), at) for rows, at in self._places]
        return tuple(Sum(0, 0) if row is None else Sum(row[at], row[at + 1]) for row, at in found)


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
        self._answers: dict[int, Answer] = {}
        for plan in planner.plans():
            places = [(rows[part.source], 2 * parts[part.source].index(part)) for part in plan.parts]
            kept = frozenset(_branches_with_records(plan, places, rows, own))
            self._answers[id(plan)] = Answer(plan, places, kept)
        kept_parts = [kept_part(scope.quarter, place) for place in range(3)]
        self._months = months_kept(rows[kept_parts[0].source], [2 * parts[one.source].index(one) for one in kept_parts])
        self._lines: dict[int, list[tuple[str, Answer | Figures]]] = {}

    def measured(self, indicators: tuple[Indicator, ...], entrant: Entrant) -> dict[str, Measured]:
        """Every indicator of one member."""
        standing = self._standing(entrant)
        return {
            name: answer.of(entrant, standing) if isinstance(answer, Answer) else answer.of(entrant)
            for name, answer in self._line(indicators)
        }

    def adjustments(self, settings: Adjustments, entrant: Entrant) -> dict[str, Items]:
        """What the bonus or deduction items find of one member, by the item's name; nothing is left out."""
        standing = self._standing(entrant)
        found = {}
        for item in settings.items:
            if item.enabled:
                measured = self._answers[id(self._planner.plan(item))].figure(entrant, standing)
                if measured.items:
                    found[item.name] = measured.items
        return found

    def _standing(self, entrant: Entrant) -> Standing:
        return Standing(entrant.due_months, self._months.get(entrant.branch, ()))

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
