"""作用发挥: service, posts, zones, tasks, pairs, postings, honours (E1-E8)."""

from collections.abc import Iterator

from partybuild_cli.rules.facts import Branch, Field
from partybuild_cli.rules.facts_deeds import (
    Owners,
    Post,
    Row,
    by_owner,
    closed_on_time,
    honors,
    pairs,
    participants,
    posted_quarters,
    posts,
    services,
    tasks_due,
    words_of,
    zones,
)
from partybuild_cli.rules.facts_meetings import window_of
from partybuild_cli.rules.frequency import elapsed_units
from partybuild_cli.rules.item import Item, State, counts_item, item, listed, ratio_item

#: The kinds of service that articles count (义诊 讲座 保障 走访).
_COUNTED = ("义诊", "健康讲座", "医疗保障", "上门走访")


def items(field: Field, owners: Owners) -> Iterator[Item]:
    """E1 to E8 of every branch, and of what belongs to none."""
    served, kinds, standing = participants(field), services(field), posts(field)
    fields = {"zone": by_owner(zones(field), lambda row: owners.of("zone", row["id"], branch=row["branch_id"]))}
    fields["task"] = by_owner(tasks_due(field), lambda row: owners.of("task", row["id"]))
    fields["pair"] = by_owner(
        pairs(field), lambda row: owners.of("pairing", row["id"], text=f"{row['giver']}、{row['receiver']}")
    )
    fields["honor"] = by_owner(honors(field), lambda row: owners.of("honor", row["id"], text=row["winner"]))
    posted = posted_quarters(field)
    for branch in field.branches:
        of_branch = kinds.get(branch.number, {})
        yield _participation(field, branch, served, held=bool(of_branch))
        counts = {kind: of_branch.get(kind, 0) for kind in _COUNTED} if of_branch else {}
        yield counts_item("E2", branch.name, counts, "次")
        yield _posts(field, branch, standing.get(branch.number, []))
        yield _zones(branch, fields["zone"].get(branch.name, []))
        yield _posted(field, branch, posted)
        yield _honors(branch, fields["honor"].get(branch.name, []))
    for name in {branch.name for branch in field.branches} | set(fields["task"]) | set(fields["pair"]):
        tasks, paired = fields["task"].get(name, []), fields["pair"].get(name, [])
        yield ratio_item("E5", name, sum(closed_on_time(task, field) for task in tasks), len(tasks), "项任务")
        yield ratio_item("E6", name, sum(bool(pair["visited"]) for pair in paired), len(paired), "对")


def _participation(field: Field, branch: Branch, served: dict[int, set[int]], *, held: bool) -> Item:
    """E1: 参与率 over members of whom service is asked; nothing is known where neither they nor the branch have any."""
    asked = {seat.member for seat in field.assessable(branch.number)}
    taking_part = served.get(branch.number)
    done = None if taking_part is None and not held else len(asked & (taking_part or set()))
    return ratio_item("E1", branch.name, done, len(asked), "人")


def _posts(field: Field, branch: Branch, standing: list[Post]) -> Item:
    """E3: with a plate, published, and assessed in every quarter of the period that has ended."""
    ended = elapsed_units("quarter", window_of(field, branch))
    fit = sum(post.plate and post.published and post.assessed.issuperset(ended) for post in standing)
    return ratio_item("E3", branch.name, fit, len(standing), "个示范岗")


def _zones(branch: Branch, found: list[Row]) -> Item:
    """E4: every department that the branch covers is a ward of some zone."""
    wards = [ward for row in found for ward in words_of(row["ward"])]
    departments = words_of(branch.departments)
    told = f"{len(found)}个责任区，{len(set(wards))}个病区"
    if not found:
        return item("E4", branch.name, State.NOT_APPLICABLE, "没有登记责任区")
    if not departments:
        return item("E4", branch.name, State.NO_DATA, f"{told}；支部没有登记覆盖科室，看不出是否全部覆盖")
    bare = [name for name in departments if not any(ward in name or name in ward for ward in wards)]
    figure = f"{told}；覆盖科室{len(departments) - len(bare)}/{len(departments)}"
    figure += f"，未覆盖：{listed(bare)}" if bare else ""
    return item("E4", branch.name, State.UNMET if bare else State.MET, figure)


def _posted(field: Field, branch: Branch, posted: dict[int, set[str]] | None) -> Item:
    """E7: quarters of the period that have ended and were posted; posting follows the quarter."""
    ended = elapsed_units("quarter", window_of(field, branch))
    done = None if posted is None else len(posted.get(branch.number, set()) & set(ended))
    return ratio_item("E7", branch.name, done if ended else 0, len(ended), "个季度")


def _honors(branch: Branch, found: list[Row]) -> Item:
    counts: dict[str, int] = {}
    for row in found:
        counts[row["level"]] = counts.get(row["level"], 0) + 1
    if branch.brand:
        counts[f"品牌“{branch.brand}”"] = 1
    return counts_item("E8", branch.name, counts, "项")
