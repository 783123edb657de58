"""The measure `metric` (指标台账): a figure of the member himself, else of his department, else of his branch."""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import Connection

from partybuild_cli.index.entrants import Entrant
from partybuild_cli.index.measures.source import SCALE
from partybuild_cli.index.quarter import Quarter
from partybuild_cli.index.rules import NO_DATA, Measured
from partybuild_cli.values.text import tight


class Figure(NamedTuple):
    """One kept figure."""

    number: int
    subject: str
    period: str
    actual: int
    member: int | None


class Figures:
    """The figures of one name in a quarter; of the quarter itself, else the mean of its months (季度值，否则各月平均)."""

    def __init__(self, found: Iterable[Figure], quarter: Quarter, branches: dict[int, str]) -> None:
        self._by_subject: dict[str | int, list[Figure]] = {}
        self._branches = {number: tight(name) for number, name in branches.items()}
        for one in found:
            self._by_subject.setdefault(tight(one.subject) if one.member is None else one.member, []).append(one)
        for subject, figures in self._by_subject.items():
            whole = [one for one in figures if one.period == quarter.label]
            self._by_subject[subject] = whole or figures
        self._values = {subject: _mean(figures) for subject, figures in self._by_subject.items()}

    def of(self, entrant: Entrant) -> Measured:
        subject = self._subject(entrant)
        return NO_DATA if subject is None else self._values[subject]

    def behind(self, entrant: Entrant) -> list[Figure]:
        """The records that made the figure."""
        subject = self._subject(entrant)
        return [] if subject is None else self._by_subject[subject]

    def _subject(self, entrant: Entrant) -> str | int | None:
        wanted = (entrant.member, entrant.department, self._branches.get(entrant.branch))
        return next((one for one in wanted if one is not None and one in self._values), None)


def _mean(figures: list[Figure]) -> Measured:
    return Measured("scored", Fraction(sum(one.actual for one in figures), len(figures) * SCALE))


def load_figures(connection: Connection, quarter: Quarter, name: str, branches: dict[int, str]) -> Figures:
    """All figures of one name (患者满意度) in the quarter or in one of its months."""
    periods = (quarter.label, *quarter.months)
    sql = (
        "SELECT t.id, t.subject, t.period, t.actual, p.member_id FROM metric AS t"
        " LEFT JOIN person AS p ON p.ledger = 'metric' AND p.role = 'subject' AND p.record_id = t.id"
        f" WHERE t.name = ? AND t.period IN ({', '.join('?' * len(periods))}) ORDER BY t.period, t.id"
    )
    return Figures((Figure(*row) for row in connection.exec_driver_sql(sql, (name, *periods))), quarter, branches)
