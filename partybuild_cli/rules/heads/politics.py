"""政治功能: first topics, meetings, hours of study, lectures, weighty decisions (Z1-Z7)."""

from collections.abc import Iterator
from decimal import Decimal

from partybuild_cli.rules.facts import Branch, Field
from partybuild_cli.rules.facts_deeds import Owners, by_owner, decisions
from partybuild_cli.rules.facts_meetings import Held, days_for, of_kind, window_of, within
from partybuild_cli.rules.facts_members import study_hours
from partybuild_cli.rules.frequency import first_topic_item, group_meetings_item, lectures_item, meeting_item
from partybuild_cli.rules.item import Item, ratio_item
from partybuild_cli.rules.members import Studied, study_item, whole_months
from partybuild_cli.values.day import first_date, last_date

#: The meetings that open with 第一议题.
_OPENING = ("支部党员大会", "支委会")
#: What a decision must say to be complete (决策记录要素).
_ELEMENTS = ("meeting", "due", "present", "votes", "outcome")


def items(field: Field, held: dict[int, list[Held]], owners: Owners) -> Iterator[Item]:
    """Z1 to Z7 of every branch."""
    hours = study_hours(field)
    for branch in field.branches:
        meetings = held.get(branch.number, [])
        window, here = window_of(field, branch), within(field, meetings)
        opening = [one for one in here if one.kind in _OPENING]
        said = [one.first_topic for one in opening]
        yield first_topic_item(branch.name, said.count(1), len(said), said.count(None))
        for kind in ("支部党员大会", "主题党日"):
            yield meeting_item(kind, branch.name, days_for(kind, meetings, window), window)
        yield study_item(branch.name, _studied(field, branch, hours))
        yield lectures_item(branch.name, len(of_kind(here, "党课")), window, branch.lectures_per_year)
        yield group_meetings_item(branch.name, _by_group(field, branch, meetings), window)
    decided = by_owner(decisions(field), lambda row: owners.of("decision", row["id"]))
    for name, rows in decided.items():
        complete = sum(all(row[key] is not None for key in _ELEMENTS) for row in rows)
        yield ratio_item("Z6", name, complete, len(rows), "项")


def _by_group(field: Field, branch: Branch, held: list[Held]) -> dict[str, list[str]]:
    """Each 党小组 of the branch with the days of its meetings."""
    days: dict[str, list[str]] = {seat.group: [] for seat in field.members(branch.number) if seat.group}
    for one in of_kind(held, "党小组会"):
        if one.group in days:
            days[one.group].append(one.day)
    return days


def _studied(field: Field, branch: Branch, hours: dict[int, Decimal]) -> Iterator[Studied]:
    """Every member's hours, in proportion to the whole months in the branch; who is exempt (第二十三条) is left out."""
    for seat in field.assessable(branch.number):
        arrived = first_date(seat.starts) if seat.starts else None
        left = last_date(seat.ends) if seat.ends else None
        months = whole_months(field.period.first, field.as_of, arrived, left)
        yield Studied(field.roster.shown(seat.member), hours.get(seat.member), months, seat.on_committee)
