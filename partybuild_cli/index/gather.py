"""Asking the book for everything that a scheme measures (取数): one pass over each ledger for all indicators.

What was worked out for one member is kept, as members are much alike.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection

from partybuild_cli.index.entrants import Entrant
from partybuild_cli.index.measures.duties import kept_part, months_kept
from partybuild_cli.index.measures.source import Columns, Part, Place, Plan, Source, Standing, Sums, sums_of
from partybuild_cli.index.plans import Planner
from partybuild_cli.index.rules import NO_DATA, Items, Measured
from partybuild_cli.index.scheme import Adjustments, Indicator, Scheme
from partybuild_cli.index.stays import Scope

#: Ledgers that a branch keeps by records of its own, whoever took part.
_KEPT_BY_BRANCH = {"meeting": "held_on", "service": "held_on"}


#: All that a member's figures depend on: the number of his row in every source; then the standing of his months, the
#: answers that his branch has records for, and the figures that are looked up. Members of one signature are alike.
Signature = tuple[Any, ...]
_STANDING, _KEPT, _LOOKED_UP = -3, -2, -1


class Answer:
    """What one plan finds of each member; the same figure is always the same object.

    `known` holds what was worked out, by the part of a signature that `pick` takes.
    """

    __slots__ = ("_figures", "_places", "_plan", "_sums", "kept", "known", "pick")

    def __init__(
        self, plan: Plan, sums: Sequence[Sums], places: Sequence[tuple[int, Place]], kept: frozenset[int]
    ) -> None:
        self.kept = kept
        self.known: dict[Any, Measured] = {}
        monthly = any(part.month is not None for part in plan.parts)
        self.pick: Callable[[Signature], Any] = itemgetter(
            *dict.fromkeys(at for at, _ in places), *((len(sums),) if monthly else ())
        )
        self._plan = plan
        self._sums = sums
        self._places = places
        self._figures: dict[Measured, Measured] = {}

    def find(self, signature: Signature) -> Measured:
        """The figure of a member, whoever keeps the ledger; worked out once for all members alike."""
        key = self.pick(signature)
        known = self.known.get(key)
        if known is None:
            parts = tuple(place.of(self._sums[at].distinct[signature[at]]) for at, place in self._places)
            found = self._plan.finish(parts, signature[_STANDING])
            known = self.known[key] = self._figures.setdefault(found, found)
        return known


class Gathered:
    """What the book says about every member of a scope, by the measures of one scheme."""

    def __init__(self, connection: Connection, scope: Scope, scheme: Scheme) -> None:
        self._planner = planner = Planner(connection, scope.quarter, scheme)
        parts = _by_source(planner.plans())
        for place in range(3):
            one = kept_part(scope.quarter, place)
            parts.setdefault(one.source, []).append(one)
        columns = {source: Columns(group) for source, group in parts.items()}
        rows = {source: sums_of(connection, scope, source, asked) for source, asked in columns.items()}
        own = {ledger: _branches_of(connection, scope, ledger, day) for ledger, day in _KEPT_BY_BRANCH.items()}
        order = {source: place for place, source in enumerate(rows)}
        found = list(rows.values())
        self._numbers = [sums.numbers.get for sums in found]
        self._answers: dict[int, Answer] = {}
        keepers = {source: {branch for _, branch in sums.numbers} for source, sums in rows.items()}
        for plan in planner.plans():
            places = [(part.source, columns[part.source].places[part]) for part in plan.parts]
            kept = frozenset(_branches_with_records(plan, places, rows, keepers, own))
            at = [(order[source], place) for source, place in places]
            self._answers[id(plan)] = Answer(plan, found, at, kept)
        kept_parts = [kept_part(scope.quarter, place) for place in range(3)]
        register = kept_parts[0].source
        self._months = months_kept(rows[register], [columns[register].places[one] for one in kept_parts])
        self._kept: dict[int, frozenset[Answer]] = {}
        self._figures = list(planner.looked_up())
        self._lines: dict[tuple[int, frozenset[Answer]], list[tuple[str, Answer | int | None]]] = {}
        self._moving = {
            id(settings): [
                (item.name, self._answers[id(planner.plan(item))]) for item in settings.items if item.enabled
            ]
            for settings in (scheme.bonus, scheme.deduction)
        }

    def signature(self, entrant: Entrant) -> Signature:
        """All that the figures of a member depend on."""
        key, branch = entrant.key, entrant.branch
        standing = Standing(entrant.due_months, self._months.get(branch, ()))
        kept = self._kept.get(branch) or self._kept_by(branch)
        looked_up = tuple([one.of(entrant) for one in self._figures])
        return (*[get(key, 0) for get in self._numbers], standing, kept, looked_up)

    def measured(self, indicators: tuple[Indicator, ...], signature: Signature) -> dict[str, Measured]:
        """Every indicator of the members of a signature; no data where the branch keeps no such ledger."""
        found = {}
        for name, answer in self._line(indicators, signature[_KEPT]):
            if isinstance(answer, Answer):
                found[name] = answer.find(signature)
            else:
                found[name] = NO_DATA if answer is None else signature[_LOOKED_UP][answer]
        return found

    def adjustments(self, settings: Adjustments, signature: Signature) -> dict[str, Items]:
        """What the bonus or deduction items find, by the item's name; nothing is left out."""
        found = {}
        for name, answer in self._moving[id(settings)]:
            if items := answer.find(signature).items:
                found[name] = items
        return found

    def _kept_by(self, branch: int) -> frozenset[Answer]:
        kept = frozenset(answer for answer in self._answers.values() if branch in answer.kept)
        alike = next((one for one in self._kept.values() if one == kept), kept)
        self._kept[branch] = alike
        return alike

    def _line(
        self, indicators: tuple[Indicator, ...], kept: frozenset[Answer]
    ) -> list[tuple[str, Answer | int | None]]:
        """Who answers for each indicator, or the place of its figure among those looked up; nobody where there is no data."""
        key = (id(indicators), kept)
        if key not in self._lines:
            answers = [(one.id, self._answer(one)) for one in indicators]
            self._lines[key] = [
                (name, None if isinstance(answer, Answer) and answer not in kept else answer)
                for name, answer in answers
            ]
        return self._lines[key]

    def _answer(self, one: Indicator) -> Answer | int:
        figures = self._planner.figures(one)
        return self._answers[id(self._planner.plan(one))] if figures is None else self._figures.index(figures)


def _by_source(plans: Iterable[Plan]) -> dict[Source, list[Part]]:
    """Every source that is asked, with all parts that are taken of it."""
    parts: dict[Source, list[Part]] = {}
    for plan in plans:
        for source in plan.sources:
            parts.setdefault(source, [])
        for part in plan.parts:
            parts.setdefault(part.source, []).append(part)
    return parts


def _branches_with_records(
    plan: Plan,
    places: Sequence[tuple[Source, Place]],
    rows: Mapping[Source, Sums],
    keepers: Mapping[Source, set[int]],
    own: Mapping[str, set[int]],
) -> Iterable[int]:
    """The branches that keep the ledger: any record in one of its sources, or anything that another part found."""
    for source in plan.sources:
        yield from keepers[source]
        yield from own.get(source.ledger, ())
    for source, place in places:
        if source not in plan.sources:
            yield from (key[1] for key, row in rows[source].items() if place.of(row).done)


def _branches_of(connection: Connection, scope: Scope, ledger: str, day: str) -> set[int]:
    sql = f'SELECT DISTINCT branch_id FROM "{ledger}" WHERE {day} >= ? AND {day} < ?'
    return set(connection.exec_driver_sql(sql, scope.quarter.bounds).scalars())
