"""The report (数据报告): every figure of a period in its groups, for the terminal, JSON, Excel and the HTML page."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from partybuild_cli.errors import NotFound
from partybuild_cli.reports.figures import Figure, life, people, service, work
from partybuild_cli.rules.facts import Facts, load_facts, refuse_future
from partybuild_cli.values.period import Period

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period, by the heading under which they stand."""

    unit: str
    period: Period
    as_of: date
    groups: dict[str, list[Figure]]

    @property
    def figures(self) -> list[Figure]:
        """All of them, in order."""
        return [figure for group in self.groups.values() for figure in group]

    def document(self, opened: bool = False) -> dict[str, Any]:
        """The JSON of `report`; opened, every figure lists the records behind it."""
        return {"period": self.period.label, "figures": [figure.document(opened) for figure in self.figures]}

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
            known = "、".join(one.id for one in self.figures) or "（没有）"
            raise NotFound(
                f"{self.period.label} 没有“{wanted}”这项数据，可能本期没有这类记录。请写这些里的一个：{known}。"
            )
        return replace(self, groups=exact or groups)


def report(connection: "Connection", period: Period, today: date, branch: str | None = None) -> Report:
    """Work out every figure that the records hold. NotFound when the branch asked for is none."""
    refuse_future(period, today)
    field = load_facts(connection, period, today, branch)
    groups = {
        "党员队伍": list(people.figures(field)),
        "组织生活": list(life.figures(field)),
        "志愿服务": list(service.figures(field)),
        "作用发挥": list(work.figures(field)),
    }
    return Report(_unit(field), period, field.as_of, {name: found for name, found in groups.items() if found})


def _unit(field: Facts) -> str:
    """Whose figures they are: the one branch, else the organisation above, else how many branches."""
    if len(field.branches) == 1:
        return field.branches[0].name
    upper = [
        name for name, one in field.roster.branches.items() if field.roster.branch_kinds[one] in ("党委", "党总支")
    ]
    return upper[0] if upper else f"{len(field.branches)}个党支部"
