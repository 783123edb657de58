"""The report (数据报告): every figure of a period in its groups, for the terminal, JSON, Excel and the HTML page."""

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from partybuild_cli.errors import NotFound
from partybuild_cli.reports.figures import Figure, life, people, work
from partybuild_cli.rules.facts import Facts, load_facts
from partybuild_cli.values.period import Period, before

if TYPE_CHECKING:
    from sqlalchemy import Connection


class PeriodReport(NamedTuple):
    """The figures of a period, by the heading under which they stand; `parts`: the same of each organisation below."""

    unit: str
    period: Period
    as_of: date
    groups: dict[str, list[Figure]]
    parts: "Sequence[PeriodReport]" = ()

    @property
    def figures(self) -> list[Figure]:
        return [figure for group in self.groups.values() for figure in group]

    def document(self, opened: bool = False) -> dict[str, object]:
        """The JSON of `report`; opened, every figure lists the records behind it."""
        found: dict[str, object] = {
            "period": self.period.label,
            "figures": [figure.document(opened) for figure in self.figures],
        }
        beside = [{"branch": part.unit, **part.document(opened)} for part in self.parts]
        return {**found, "branches": beside} if beside else found

    def side_by_side(self) -> tuple[list[str], list[list[str]]]:
        """Headings and lines of a table with the organisations beside each other (并排): a line a figure."""
        every = [self, *self.parts]
        known = {figure.id: figure.name for part in every for figure in part.figures}
        texts = [{figure.id: figure.text for figure in part.figures} for part in every]
        return ["数据", *(part.unit for part in every)], [
            [name, *(part.get(id, "") for part in texts)] for id, name in known.items()
        ]

    def only(self, wanted: str) -> "PeriodReport":
        """One figure by its id or name, or all whose id begins with the word (`service`). NotFound where there is none."""
        exact = [figure.id for figure in self.figures if figure.id == wanted]
        near = [figure.id for figure in self.figures if wanted == figure.name or figure.id.startswith(f"{wanted}.")]
        if not (exact or near):
            known = get_close_matches(wanted, [figure.id for figure in self.figures], n=6, cutoff=0.5)
            known = known or list(dict.fromkeys(figure.id.partition(".")[0] for figure in self.figures))
            raise NotFound(
                f"{self.period.label} 没有“{wanted}”这项数据，可能本期没有这类记录。"
                f"请写这些里的一个：{'、'.join(known) or '（没有）'}。"
            )
        return self._of(set(exact or near))

    def _of(self, ids: set[str]) -> "PeriodReport":
        """These figures alone, of the parts too as far as they have them."""
        kept = {group: [figure for figure in found if figure.id in ids] for group, found in self.groups.items()}
        groups = {group: found for group, found in kept.items() if found}
        return self._replace(groups=groups, parts=[part._of(ids) for part in self.parts])


def report(
    connection: "Connection", period: Period, today: date, branch: str | None = None, *, beside: bool = False
) -> PeriodReport:
    """Work out every figure that the records hold; `beside` of each organisation below too. NotFound for no such branch."""
    facts = load_facts(connection, period, today, branch)
    found = _report(facts)
    return (
        found._replace(parts=[_report(part) for part in facts.parts]) if beside and len(facts.branches) > 1 else found
    )


def earlier(
    found: PeriodReport, connection: "Connection", branch: str | None = None, most: int = 3
) -> list[PeriodReport]:
    """The reports of the periods before, oldest first (趋势); a past in which nobody was a member is no past."""
    past: list[PeriodReport] = []
    period = found.period
    while len(past) < most:
        period = before(period)
        last = report(connection, period, found.as_of, branch)
        if not any(figure.id == "members.total" and figure.value for figure in last.figures):
            break
        past.append(last)
    return past[::-1]


def _report(facts: Facts) -> PeriodReport:
    chapters = {
        "党员队伍": people.figures,
        "组织生活": life.figures,
        "志愿服务": work.service,
        "作用发挥": work.figures,
    }
    groups = {name: list(figures(facts)) for name, figures in chapters.items()}
    unit = facts.unit or (facts.branches[0].name if len(facts.branches) == 1 else "")
    unit = unit or next(iter(facts.upper), f"{len(facts.branches)}个党支部")
    return PeriodReport(unit, facts.period, facts.as_of, {name: found for name, found in groups.items() if found})
