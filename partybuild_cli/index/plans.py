"""From the lines of a scheme to the plans of their measures (测算方案): each distinct one made once."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.measures.metric import Figures, load_figures
from partybuild_cli.index.measures.registry import METRIC, PLANS
from partybuild_cli.index.measures.source import Asked, Plan
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.scheme import Adjustment, Indicator, Option, Scheme
from partybuild_cli.records.task import own_verifier


class _Spec(NamedTuple):
    """What makes two lines of a scheme ask the same."""

    measure: str
    kinds: tuple[str, ...]
    words: tuple[str, ...]
    ranges: tuple[tuple[str, tuple[Decimal, Decimal]], ...]
    options: tuple[tuple[str, Option], ...]


class Planner:
    """The plans of one scheme in one quarter."""

    def __init__(self, connection: Connection, quarter: Quarter, scheme: Scheme) -> None:
        self._connection = connection
        self._quarter = quarter
        self._self_verified = _self_verified(connection, quarter)
        self._plans: dict[_Spec, Plan] = {}
        self._figures: dict[str, Figures] = {}
        names = connection.exec_driver_sql("SELECT id, name FROM branch")
        self._branches: dict[int, str] = {row[0]: row[1] for row in names}
        for one in _everything(scheme):
            self.plan(one)
            if isinstance(one, Indicator):
                self.figures(one)

    def plans(self) -> Iterable[Plan]:
        """Every plan of the scheme."""
        return self._plans.values()

    def plan(self, one: Indicator | Adjustment) -> Plan | None:
        """How a line is measured; None where it is a figure of the metric ledger."""
        if one.measure == METRIC:
            return None
        spec = _spec(one)
        if spec not in self._plans:
            self._plans[spec] = PLANS[spec.measure](self._asked(spec))
        return self._plans[spec]

    def looked_up(self) -> Iterable[Figures]:
        """All figures that lines of the scheme look up."""
        return self._figures.values()

    def figures(self, one: Indicator) -> Figures | None:
        """The figures of a line that is looked up; None where it is measured."""
        if one.measure != METRIC:
            return None
        name = str(one.options["metric"])
        if name not in self._figures:
            self._figures[name] = load_figures(self._connection, self._quarter, name, self._branches)
        return self._figures[name]

    def _asked(self, spec: _Spec) -> Asked:
        return Asked(self._quarter, spec.kinds, spec.words, dict(spec.ranges), dict(spec.options), self._self_verified)


def _spec(one: Indicator | Adjustment) -> _Spec:
    ranges: Mapping[str, tuple[Decimal, Decimal]] = one.ranges if isinstance(one, Adjustment) else {}
    options: Mapping[str, Option] = one.options if isinstance(one, Indicator) else {}
    words = (*one.each, *ranges)
    return _Spec(one.measure, one.kinds, words, tuple(ranges.items()), tuple(options.items()))


def _everything(scheme: Scheme) -> Iterable[Indicator | Adjustment]:
    for indicators in (scheme.indicators, *(profile.indicators for profile in scheme.profiles)):
        yield from indicators
    yield from (item for item in (*scheme.bonus.items, *scheme.deduction.items) if item.enabled)


def _self_verified(connection: Connection, quarter: Quarter) -> tuple[int, ...]:
    """Tasks that fell due in the quarter and were verified by one who is responsible himself (自己验收自己)."""
    rows = connection.exec_driver_sql(
        "SELECT id, responsible, verified_by FROM task"
        " WHERE due_on >= ? AND due_on < ? AND verified_by IS NOT NULL ORDER BY id",
        quarter.bounds,
    )
    return tuple(
        number
        for number, responsible, verified_by in rows
        if own_verifier({"responsible": responsible, "verified_by": verified_by})
    )
