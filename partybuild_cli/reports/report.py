"""The report (数据报告): every figure of a period in its groups, for the terminal, JSON, Excel and the HTML page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from partybuild_cli.errors import NotFound
from partybuild_cli.reports.figures import Figure, life, people, service, work
from partybuild_cli.rules.facts import Facts, load_facts, refuse_future
from partybuild_cli.values.period import Period, before

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period, by the heading under which they stand; `parts`: the same of each organisation below."""

    unit: str
    period: Period
    as_of: date
    groups: dict[str, list[Figure]]
    parts: "Sequence[Report]" = ()

    @property
    def figures(self) -> list[Figure]:
        """All of them, in order."""
        return [figure for group in self.groups.values() for figure in group]

    def document(self, opened: bool = False) -> dict[str, Any]:
        """The JSON of `report`; opened, every figure lists the records behind it."""
        found = {"period": self.period.label, "figures": [figure.document(opened) for figure in self.figures]}
        beside = [{"branch": one.unit, **one.document(opened)} for one in self.parts]
        return {**found, "branches": beside} if beside else found

    def side_by_side(self) -> tuple[list[str], list[list[str]]]:
        """Headings and lines of a table with the organisations beside each other (并排): a line a figure."""
        every = [self, *self.parts]
        known = {one.id: one.name for part in every for one in part.figures}
        texts = [{one.id: one.text for one in part.figures} for part in every]
        return ["数据", *(one.unit for one in every)], [
            [name, *(part.get(id, "") for part in texts)] for id, name in known.items()
        ]

    def only(self, wanted: str) -> "Report":
        """One figure by its id or name, or all whose id begins with the word (`service`). NotFound where there is none."""
        groups = {
            group: found
            for group, figures in self.groups.items()
            if (found := [one for one in figures if wanted in (one.id, one.name) or one.id.startswith(f"{wanted}.")])
        }
        exact = {
            group: found for group, figures in groups.items() if (found := [one for one in figures if one.id == wanted])
        }
        if not groups:
            known = "、".join(_near(wanted, self.figures)) or "（没有）"
            raise NotFound(
                f"{self.period.label} 没有“{wanted}”这项数据，可能本期没有这类记录。请写这些里的一个：{known}。"
            )
        return replace(self, groups=exact or groups, parts=[part.like(exact or groups) for part in self.parts])

    def like(self, groups: Mapping[str, Sequence[Figure]]) -> "Report":
        """The same figures of this report, as far as it has them."""
        ids = {one.id for found in groups.values() for one in found}
        return replace(
            self, groups={group: [one for one in found if one.id in ids] for group, found in self.groups.items()}
        )


def _near(wanted: str, figures: list[Figure]) -> list[str]:
    """The ids that look like a word, else the families there are."""
    near = get_close_matches(wanted, [one.id for one in figures], n=6, cutoff=0.5)
    return near or list(dict.fromkeys(one.id.partition(".")[0] for one in figures))


def report(
    connection: "Connection", period: Period, today: date, branch: str | None = None, *, beside: bool = False
) -> Report:
    """Work out every figure that the records hold; `beside` of each organisation below too. NotFound for no such branch."""
    refuse_future(period, today)
    field = load_facts(connection, period, today, branch)
    found = _report(field)
    return replace(found, parts=[_report(one) for one in field.parts]) if beside and len(field.branches) > 1 else found


def earlier(found: Report, connection: "Connection", branch: str | None = None, most: int = 3) -> list[Report]:
    """The reports of the periods before, oldest first (趋势); a past in which nobody was a member is no past."""
    past: list[Report] = []
    period = found.period
    while len(past) < most:
        period = before(period)
        one = report(connection, period, found.as_of, branch)
        if not any(figure.id == "members.total" and figure.value for figure in one.figures):
            break
        past.append(one)
    return past[::-1]


def _report(field: Facts) -> Report:
    groups = {
        "党员队伍": list(people.figures(field)),
        "组织生活": list(life.figures(field)),
        "志愿服务": list(service.figures(field)),
        "作用发挥": list(work.figures(field)),
    }
    return Report(_unit(field), field.period, field.as_of, {name: found for name, found in groups.items() if found})


def _unit(field: Facts) -> str:
    """Whose figures they are: what was asked for, else the one branch, else the organisation above, else how many branches."""
    if field.unit or len(field.branches) == 1:
        return field.unit or field.branches[0].name
    upper = [
        name for name, one in field.roster.branches.items() if field.roster.branch_kinds[one] in ("党委", "党总支")
    ]
    return upper[0] if upper else f"{len(field.branches)}个党支部"
